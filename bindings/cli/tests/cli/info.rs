//! `zkiln info`, help and usage.

use std::path::Path;
use std::process::Command;

use crate::run::{data, keys, run, zkiln};

#[test]
fn the_machine() {
    let value = zkiln(["info", "--json", "--threads", "2"]).done().json();
    let result = &value["result"];
    assert_eq!(
        keys(result),
        [
            "architecture",
            "backend",
            "emulator",
            "features",
            "gpus",
            "processor",
            "threads",
            "version"
        ]
    );
    assert_eq!(result["threads"], 2);
    assert_eq!(result["version"], env!("CARGO_PKG_VERSION"));
    assert!(zkiln(["info"]).done().stdout.contains("backend"));
}

#[test]
fn a_key() {
    let key = data("range", "circuit.zkey");
    let value = zkiln([Path::new("info"), &key, Path::new("--json")])
        .done()
        .json();
    let described = &value["result"]["key"];
    assert_eq!(
        keys(described),
        [
            "bytes",
            "circuit_hash",
            "coefficients",
            "contributions",
            "domain_size",
            "path",
            "points",
            "public_inputs",
            "verification_key_sha256",
            "weakness",
            "wires",
        ]
    );
    assert_eq!(described["coefficients"], 9604);
    assert_eq!(described["wires"], 2624);
    assert!(described["weakness"].is_null());
    let names: Vec<_> = described["contributions"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    assert_eq!(names.len(), 3);
    assert_eq!(names[0]["name"], "zkiln fixture 1");
    assert_eq!(names[2]["kind"], "beacon");
    let text = zkiln([Path::new("info"), &key]).done().stdout;
    assert!(text.contains("\"zkiln fixture 2\""));
    assert!(text.contains("B1 2.4 %"));
}

#[test]
fn a_weak_key_is_called_insecure() {
    let key = data("multiplier", "no_contribution.zkey");
    assert!(
        zkiln([Path::new("info"), &key])
            .done()
            .stdout
            .contains("INSECURE: ")
    );
    let value = zkiln([Path::new("info"), &key, Path::new("--json")])
        .done()
        .json();
    assert!(value["result"]["key"]["weakness"].is_string());
}

#[test]
fn what_is_no_key_is_refused() {
    zkiln([Path::new("info"), &data("range", "witness.wtns")]).refused("witness.wtns");
    zkiln(["info", "/does/not/exist"]).refused("/does/not/exist");
    zkiln(["info", "/"]).refused("is a directory");
    if cfg!(unix) {
        zkiln(["info", "/dev/zero"]).refused("not a regular file");
    }
}

#[test]
fn usage_errors_exit_with_2() {
    for args in [
        &[][..],
        &["prove"],
        &["prove", "a", "b"],
        &["prove", "a", "b", "c"],
        &["prove", "a", "b", "c", "d", "-o", "e"],
        &["verify", "a"],
        &["frobnicate"],
        &["info", "--threads", "0"],
        &["info", "--threads", "1000000"],
        &["export"],
    ] {
        zkiln(args).refused("--help");
        let run = zkiln(args.iter().chain(&["--json"]));
        assert_eq!(run.code, 2, "{run:?}");
        let value = run.json();
        assert!(value["command"].is_null());
        assert_eq!(value["error"]["kind"], "argument");
        assert_eq!(value["error"]["code"], 8);
    }
}

#[test]
fn help_exits_with_0() {
    for args in [
        &["--help"][..],
        &["help", "prove"],
        &["verify", "-h"],
        &["--version"],
    ] {
        assert_ne!(zkiln(args).done().stdout, "");
    }
}

#[test]
#[cfg(unix)]
fn stdout_that_is_closed_or_full() {
    let shell = |script: &str| {
        let key = data("range", "circuit.zkey");
        let mut command = Command::new("sh");
        command
            .args(["-c", script, env!("CARGO_BIN_EXE_zkiln")])
            .arg(key);
        run(&mut command)
    };
    let cut = shell("{ \"$0\" export solidity \"$1\"; echo $? >&2; } | true");
    assert_eq!(cut.stderr, "0\n", "{cut:?}");
    if Path::new("/dev/full").exists() {
        let full = shell("\"$0\" export solidity \"$1\" > /dev/full");
        assert_eq!(full.code, 2);
        assert!(
            full.stderr.starts_with("zkiln: standard output: "),
            "{full:?}"
        );
    }
}
