//! The header says what the source says: cbindgen makes it of the source, and it is laid out here as one would by
//! hand. `ZKILN_WRITE=1 cargo test -p zkiln-c --test header` writes it.

use std::path::Path;

/// As wide as a line may be.
const WIDTH: usize = 118;

fn generated() -> String {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(package.join("cbindgen.toml")).unwrap();
    let builder = cbindgen::Builder::new().with_config(config);
    let bindings = builder.with_crate(package).generate().unwrap();
    let mut header = Vec::new();
    bindings.write(&mut header);
    laid_out(&String::from_utf8(header).unwrap())
}

/// Constants of one kind without blank lines between them, and functions in as few lines as they take.
fn laid_out(header: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut text = header.trim_start().lines().peekable();
    while let Some(line) = text.next() {
        if line.is_empty() && lines.last().is_some_and(String::is_empty) {
            continue;
        }
        if !line.starts_with("ZKILN_API") {
            lines.push(line.to_owned());
            continue;
        }
        let mut function = line.to_owned();
        while !function.ends_with(';') {
            function.push(' ');
            function.push_str(text.next().unwrap().trim_start());
        }
        lines.extend(filled(&function));
    }
    let kind = |line: &str| {
        let name = line.strip_prefix("#define ZKILN_")?;
        Some(name.split(['_', ' ']).next()?.to_owned())
    };
    let mut kept = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let before = kept.last().and_then(|line: &&String| kind(line));
        let next = lines[i..].iter().find_map(|line| kind(line));
        let is_comment = lines.get(i + 1).is_some_and(|line| line.starts_with("//"));
        if line.is_empty() && is_comment && before.is_some() && before == next {
            continue;
        }
        kept.push(line);
    }
    kept.iter().map(|line| format!("{line}\n")).collect()
}

/// A declaration, with as many arguments in a line as fit.
fn filled(function: &str) -> Vec<String> {
    let (head, arguments) = function.split_once('(').unwrap();
    let indent = head.len() + 1;
    let mut lines = vec![format!("{head}(")];
    for argument in arguments.split_inclusive(", ") {
        let line = lines.last_mut().unwrap();
        if line.len() > indent && line.len() + argument.trim_end().len() > WIDTH {
            line.truncate(line.trim_end().len());
            lines.push(" ".repeat(indent) + argument);
        } else {
            line.push_str(argument);
        }
    }
    lines
}

#[test]
fn the_header_is_that_of_the_source() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/zkiln.h");
    let generated = generated();
    if std::env::var_os("ZKILN_WRITE").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    let difference = committed
        .lines()
        .zip(generated.lines())
        .position(|(a, b)| a != b);
    if let Some(line) = difference {
        let (is, should_be) = (committed.lines().nth(line), generated.lines().nth(line));
        panic!(
            "line {} of zkiln.h is\n{}\nand would be\n{}",
            line + 1,
            is.unwrap(),
            should_be.unwrap()
        );
    }
    assert_eq!(committed.lines().count(), generated.lines().count());
    let longest = committed.lines().map(str::len).max();
    assert!(longest <= Some(WIDTH), "a line of {longest:?}");
}
