//! What a proof proves is what the verifier is told.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use zkiln::field::small::{BabyBear, SmallField};
use zkiln::poly::Columns;
use zkiln::stark::air::{Air, Builder, Program, Shape};

use super::{Ready, not_valid, stark};

const FAST: [&str; 2] = ["--preset", "fast"];

#[test]
fn proofs_of_something_else_are_not_valid() {
    let ready = Ready::fibonacci("16");
    ready.prove(&FAST).done();
    ready.verify(&["--preset", "fast", "--rows", "16"]).done();
    for rows in ["1", "8", "32", "2^20"] {
        let run = ready.verify(&["--preset", "fast", "--rows", rows]);
        not_valid(&run, "2^4 rows");
    }
    // Another preset has another number of rounds or other codewords.
    not_valid(&ready.verify(&["--rows", "16"]), "");

    let (program, proof) = (ready.file("program.zair"), ready.file("proof.bin"));
    let options = |public: &'static str| ["--rows", "16", "--preset", "fast", "--public", public];
    let verify = |public| stark("verify", &[&program, &proof], &options(public));
    verify("0,1,987").done();
    verify(" 0, 1, 987").done();
    for public in ["0,1,988", "1,0,987", "0,1,0", "987,1,0"] {
        not_valid(&verify(public), "");
    }
    // Other constraints on as many columns and public values.
    let other = Ready::new(&["fibonacci", "--field", "babybear"]);
    let run = ready.verify_with(
        &other.file("program.zair"),
        &proof,
        &options("0,1,987")[..4],
    );
    assert_ne!(run.code, 0, "{run:?}");
    // The hash decides what a proof's bytes mean.
    let run = ready.verify(&["--rows", "16", "--preset", "fast", "--hash", "poseidon2"]);
    assert_ne!(run.code, 0, "{run:?}");

    let run = ready.verify(&["--preset", "fast", "--rows", "32", "--json"]);
    assert_eq!(run.code, 1);
    let result = &run.json()["result"];
    assert_eq!(result["valid"], false);
    assert!(
        result["reason"].as_str().unwrap().contains("rows"),
        "{result}"
    );
}

#[test]
fn public_values_are_decimals_below_the_modulus() {
    let ready = Ready::fibonacci("16");
    ready.prove(&FAST).done();
    let (program, proof) = (ready.file("program.zair"), ready.file("proof.bin"));
    let verify = |options: &[&str]| {
        let options = [&["--rows", "16", "--preset", "fast"], options].concat();
        stark("verify", &[&program, &proof], &options)
    };
    for (public, reason) in [
        ("", "0 values, where the program reads 3"),
        ("0,1", "2 values"),
        ("0,1,987,0", "4 values"),
        (
            "0,1,2130707420",
            "value 2: \"2130707420\" is no decimal below 2130706433",
        ),
        ("0,1,18446744073709551616", "no decimal"),
        ("0,1,+987", "no decimal"),
        ("0,1,-1", "no decimal"),
        ("0,1,0987", "no decimal"),
        ("0,1,0x3db", "no decimal"),
        ("0,1,", "value 2: \"\""),
        ("0,1,9 87", "no decimal"),
    ] {
        verify(&["--public", public]).refused(reason);
    }
    verify(&[]).refused("0 values, where the program reads 3");
    verify(&["--public", "0,1,987", "--public-file", "public.json"]).refused("cannot be used with");

    let dir = TempDir::new().unwrap();
    let list = dir.path().join("list.json");
    let verify_list = |text: &str| {
        fs::write(&list, text).unwrap();
        verify(&["--public-file", list.to_str().unwrap()])
    };
    verify_list("[0, \"1\", 987]").done();
    for text in [
        "",
        "[",
        "{}",
        "[0, 1, 987",
        "[0, 1, -1]",
        "[0, 1, 9.5]",
        "[0, 1, null]",
        "[0, 1, [987]]",
        "[0, 1, 18446744073709551616]",
        "[0, 1, 987] 1",
    ] {
        verify_list(text).refused("list.json: public values: ");
    }
    verify_list("[0, 1, \"+987\"]").refused("list.json: value 2");
    verify_list("[0, 1]").refused("list.json: 2 values");
    // So many that a stack could end.
    verify_list(&"[".repeat(100_000)).refused("list.json");
}

/// A column that is the sum of a preprocessed and a periodic one.
struct Sum;

impl<F: SmallField> Air<F> for Sum {
    fn shape(&self) -> Shape<F> {
        Shape {
            width: 1,
            preprocessed_width: 1,
            periodic: vec![vec![F::from(3), F::from(5)]],
            ..Shape::default()
        }
    }

    fn eval<'a>(&self, builder: &Builder<'a, F>) {
        let sum = builder.preprocessed(0) + builder.periodic(0);
        builder.assert_eq(builder.main(0), sum);
    }
}

#[test]
fn preprocessed_columns_are_the_verifiers() {
    let dir = TempDir::new().unwrap();
    let file = |name: &str| dir.path().join(name);
    let save = |name: &str, values: Vec<u64>| {
        let rows = values.len();
        let values = values.into_iter().map(BabyBear::from).collect();
        let columns = Columns::new(values, rows).unwrap();
        columns
            .write_npy(&mut fs::File::create(file(name)).unwrap())
            .unwrap();
    };
    let program = Program::<BabyBear>::new(&Sum).unwrap();
    fs::write(file("program"), program.to_bytes()).unwrap();
    save("fixed", (0..8).map(|i| i * i).collect());
    save("other", (0..8).map(|i| i * i + 1).collect());
    save("short", vec![0; 4]);
    save(
        "trace",
        (0..8).map(|i| i * i + [3, 5][i as usize % 2]).collect(),
    );

    let path = |name: &str| file(name).to_str().unwrap().to_owned();
    let (fixed, other, short) = (path("fixed"), path("other"), path("short"));
    let proof = path("proof");
    let prove = |columns: &[&str]| {
        let options = [columns, &FAST, &["-o", &proof]].concat();
        stark("prove", &[&file("program"), &file("trace")], &options)
    };
    prove(&[]).refused("no preprocessed columns, where the constraints read 1");
    prove(&["--preprocessed", &short]).refused("preprocessed columns of 1 columns and 4 rows");
    prove(&["--preprocessed", &other]).refused("constraint 0 does not hold in row 0");
    assert!(!file("proof").exists());
    prove(&["--preprocessed", &fixed]).done();

    let verify = |columns: &[&str]| {
        let options = [columns, &FAST, &["--rows", "8"]].concat();
        stark("verify", &[&file("program"), Path::new(&proof)], &options)
    };
    verify(&["--preprocessed", &fixed]).done();
    not_valid(&verify(&["--preprocessed", &other]), "");
    verify(&["--preprocessed", &short]).refused("of 1 columns and 4 rows");
    verify(&[]).refused("no preprocessed columns, where the constraints read 1");
    // And none where no constraint reads any.
    let ready = Ready::fibonacci("8");
    let run = ready.prove(&["--preset", "fast", "--preprocessed", &fixed]);
    run.refused("preprocessed columns of 1 columns and 8 rows, not of 0");
}
