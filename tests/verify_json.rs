//! The JSON files: what snarkjs writes comes out byte for byte, and everything else is refused.

mod common;

use common::{CIRCUITS, Trapdoor, data, fixture, outside_the_subgroup, text};
use zkiln::curve::{G1Affine, G2Affine};
use zkiln::field::{Field, Fq, Fq2, Fr, Int, PrimeField};
use zkiln::groth16::{Proof, PublicInputs, VerifyingKey};
use zkiln::{Error, Fault, Result};

#[test]
fn files_of_snarkjs_are_written_byte_for_byte() {
    for circuit in CIRCUITS {
        let (key, public, proof) = fixture(circuit);
        let file = |name: &str| text(format!("{circuit}/{name}"));
        assert_eq!(key.to_json(), file("verification_key.json"));
        assert_eq!(public.to_json(), file("public.json"));
        assert_eq!(proof.to_json(), file("proof.json"));
    }
    let name = "multiplier/no_contribution_vkey.json";
    assert_eq!(
        VerifyingKey::open(data(name)).unwrap().to_json(),
        text(name)
    );
}

#[test]
fn edges_are_written_as_snarkjs_does() {
    assert_eq!(PublicInputs::default().to_json(), "[]");
    assert!(PublicInputs::from_json("[]", "test").unwrap().is_empty());
    let edges = PublicInputs(vec![Fr::ZERO, Fr::ONE, -Fr::ONE]);
    let json = format!("[\n \"0\",\n \"1\",\n \"{}\"\n]", -Fr::ONE);
    assert_eq!(edges.to_json(), json);
    assert_eq!(PublicInputs::from_json(&json, "test").unwrap(), edges);

    let key = Trapdoor::random(0).key();
    assert_eq!(
        VerifyingKey::from_json(&key.to_json(), "test").unwrap(),
        key
    );

    let proof = Proof {
        a: G1Affine::INFINITY,
        b: G2Affine::INFINITY,
        c: G1Affine::INFINITY,
    };
    let compact: String = proof.to_json().split_whitespace().collect();
    assert!(compact.contains(r#""pi_a":["0","1","0"],"pi_b":[["0","0"],["1","0"],["0","0"]]"#));
}

/// rapidsnark sorts the fields, leaves the curve out and writes no white space.
#[test]
fn other_writers_are_read() {
    let (key, public, proof) = fixture("range");
    let value: serde_json::Value = serde_json::from_str(&proof.to_json()).unwrap();
    let mut value = value.as_object().unwrap().clone();
    value.remove("curve");
    let sorted = serde_json::to_string(&value).unwrap();
    assert_eq!(Proof::from_json(&sorted, "test").unwrap(), proof);
    let renamed = proof.to_json().replace("bn128", "bn254");
    assert_eq!(Proof::from_json(&renamed, "test").unwrap(), proof);
    let extended = proof
        .to_json()
        .replacen('{', r#"{"comment":{"by":[1,null,"\u00e9"]},"#, 1);
    assert_eq!(Proof::from_json(&extended, "test").unwrap(), proof);
    let spaced = format!("\r\n\t {} \n", public.to_json());
    assert_eq!(PublicInputs::from_json(&spaced, "test").unwrap(), public);
    let mut value: serde_json::Value = serde_json::from_str(&key.to_json()).unwrap();
    value["vk_alphabeta_12"] = "whatever".into();
    assert_eq!(
        VerifyingKey::from_json(&value.to_string(), "test").unwrap(),
        key
    );
    value.as_object_mut().unwrap().remove("vk_alphabeta_12");
    assert_eq!(
        VerifyingKey::from_json(&value.to_string(), "test").unwrap(),
        key
    );
}

#[track_caller]
fn check<T: core::fmt::Debug>(result: Result<T>, section: &str, fault: Fault) {
    match result {
        Err(Error::Malformed {
            origin,
            section: s,
            fault: f,
            reason,
        }) => {
            assert_eq!((s.as_str(), f), (section, fault), "{reason}");
            assert_eq!(origin, "test");
            assert!(!reason.is_empty() && reason.len() < 400, "{}", reason.len());
        }
        other => panic!("{section}, {fault:?}: {other:?}"),
    }
}

fn plus<F: PrimeField<Canonical = Int<4>>>(value: &F) -> String {
    let mut limbs = value.to_canonical().0;
    let mut carry = 0;
    for (limb, m) in limbs.iter_mut().zip(F::MODULUS.0) {
        let sum = u128::from(*limb) + u128::from(m) + carry;
        *limb = sum as u64;
        carry = sum >> 64;
    }
    Int(limbs).to_string()
}

/// Notations of a number that are not its decimal digits, or not those of a canonical value.
fn bad_numbers<F: PrimeField<Canonical = Int<4>>>(value: &F) -> Vec<(String, Fault)> {
    let bits = value.to_canonical().0;
    let hex = format!(
        "0x{:x}{:016x}{:016x}{:016x}",
        bits[3], bits[2], bits[1], bits[0]
    );
    let mut bad: Vec<(String, Fault)> = [
        format!("\"0{value}\""),
        format!("\"+{value}\""),
        format!("\"-{value}\""),
        format!("\" {value}\""),
        format!("\"{value} \""),
        format!("\"{value}n\""),
        format!("\"{value}.0\""),
        format!("\"{value}e0\""),
        format!("\"{hex}\""),
        "\"\"".into(),
        "\"00\"".into(),
        "\"-0\"".into(),
        "\"\u{0661}\"".into(), // a digit, of another script
        format!("{value}"),
        "1".into(),
        "null".into(),
        "true".into(),
        "{}".into(),
        format!("[\"{value}\"]"),
        // Legal JSON for a string of digits, which no writer of numbers makes.
        format!("\"\\u003{value}\""),
    ]
    .into_iter()
    .map(|text| (text, Fault::Syntax))
    .collect();
    for text in [
        plus(value),
        F::MODULUS.to_string(),
        "9".repeat(77),
        "9".repeat(30_000),
    ] {
        bad.push((format!("\"{text}\""), Fault::NotCanonical));
    }
    bad
}

#[test]
fn numbers_are_canonical_decimals() {
    let (key, public, proof) = fixture("full_domain");
    for (section, value) in [
        ("pi_a[0]", proof.a.x),
        ("pi_a[1]", proof.a.y),
        ("pi_b[0][0]", proof.b.x.c0),
        ("pi_b[0][1]", proof.b.x.c1),
        ("pi_b[1][0]", proof.b.y.c0),
        ("pi_b[1][1]", proof.b.y.c1),
        ("pi_c[0]", proof.c.x),
        ("pi_c[1]", proof.c.y),
    ] {
        for (bad, fault) in bad_numbers(&value) {
            let json = proof.to_json().replacen(&format!("\"{value}\""), &bad, 1);
            check(Proof::from_json(&json, "test"), section, fault);
        }
    }
    for (section, value) in [
        ("vk_alpha_1[0]", key.alpha_g1.x),
        ("vk_beta_2[1][0]", key.beta_g2.y.c0),
        ("vk_delta_2[0][1]", key.delta_g2.x.c1),
        ("IC[3][1]", key.ic[3].y),
    ] {
        for (bad, fault) in bad_numbers(&value) {
            let json = key.to_json().replacen(&format!("\"{value}\""), &bad, 1);
            check(VerifyingKey::from_json(&json, "test"), section, fault);
        }
    }
    for (i, value) in public.iter().enumerate() {
        for (bad, fault) in bad_numbers(value) {
            let json = public.to_json().replacen(&format!("\"{value}\""), &bad, 1);
            check(
                PublicInputs::from_json(&json, "test"),
                &format!("[{i}]"),
                fault,
            );
        }
    }
}

fn compact(json: &str) -> String {
    json.split_whitespace().collect()
}

#[test]
fn points_are_affine_members_of_their_groups() {
    let (_, _, proof) = fixture("range");
    let json = compact(&proof.to_json());
    let (a, b) = (proof.a, proof.b);
    let g1 = |x: Fq, y: Fq, z: &str| format!(r#"["{x}","{y}",{z}]"#);
    let old_a = g1(a.x, a.y, "\"1\"");
    let with_a = |new: String| {
        assert!(json.contains(&old_a));
        Proof::from_json(&json.replacen(&old_a, &new, 1), "test")
    };
    check(
        with_a(g1(Fq::ZERO, Fq::ONE, "\"0\"")),
        "pi_a",
        Fault::Infinity,
    );
    check(
        with_a(g1(Fq::ZERO, Fq::ZERO, "\"1\"")),
        "pi_a",
        Fault::NotOnCurve,
    );
    check(with_a(g1(a.y, a.x, "\"1\"")), "pi_a", Fault::NotOnCurve);
    // The same point in other coordinates: snarkjs takes it.
    let two = Fq::from(2);
    let jacobian = g1(a.x * two.square(), a.y * two.square() * two, "\"2\"");
    check(with_a(jacobian), "pi_a[2]", Fault::Value);
    check(with_a(g1(a.x, a.y, "\"01\"")), "pi_a[2]", Fault::Value);
    check(with_a(g1(a.x, a.y, "1")), "pi_a[2]", Fault::Syntax);

    let g2 = |x: Fq2, y: Fq2, z: &str| {
        format!(r#"[["{}","{}"],["{}","{}"],{z}]"#, x.c0, x.c1, y.c0, y.c1)
    };
    let affine = r#"["1","0"]"#;
    let old_b = g2(b.x, b.y, affine);
    let with_b = |new: String| {
        assert!(json.contains(&old_b));
        Proof::from_json(&json.replacen(&old_b, &new, 1), "test")
    };
    let swapped = |e: Fq2| Fq2::new(e.c1, e.c0);
    check(
        with_b(g2(swapped(b.x), swapped(b.y), affine)),
        "pi_b",
        Fault::NotOnCurve,
    );
    check(
        with_b(g2(Fq2::ZERO, Fq2::ONE, r#"["0","0"]"#)),
        "pi_b",
        Fault::Infinity,
    );
    check(
        with_b(g2(Fq2::ZERO, Fq2::ZERO, affine)),
        "pi_b",
        Fault::NotOnCurve,
    );
    check(
        with_b(g2(b.x, b.y, r#"["1","1"]"#)),
        "pi_b[2][1]",
        Fault::Value,
    );
    check(
        with_b(g2(b.x, b.y, r#"["2","0"]"#)),
        "pi_b[2][0]",
        Fault::Value,
    );
    check(
        with_b(g2(b.x, b.y, r#"["0","1"]"#)),
        "pi_b[2][0]",
        Fault::Value,
    );
    let outside = outside_the_subgroup();
    check(
        with_b(g2(outside.x, outside.y, affine)),
        "pi_b",
        Fault::NotInSubgroup,
    );
}

#[test]
fn shapes_are_exact() {
    let (_, public, proof) = fixture("range");
    let json = compact(&proof.to_json());
    let a = format!(r#"["{}","{}","1"]"#, proof.a.x, proof.a.y);
    let with_a = |new: &str| Proof::from_json(&json.replacen(&a, new, 1), "test");
    let (x, y) = (proof.a.x, proof.a.y);
    for bad in [
        "[]".to_owned(),
        format!(r#"["{x}","{y}"]"#),
        format!(r#"["{x}","{y}","1","1"]"#),
        format!(r#"["{x}","{y}","1",[]]"#),
        format!("[{a}]"),
        format!("\"{x}\""),
        format!(r#"{{"x":"{x}","y":"{y}","z":"1"}}"#),
        "null".into(),
        "7".into(),
    ] {
        match with_a(&bad) {
            Err(Error::Malformed { section, fault, .. }) => {
                assert!(section.starts_with("pi_a"), "{bad}: {section}");
                assert_eq!(fault, Fault::Syntax, "{bad}");
            }
            other => panic!("{bad}: {other:?}"),
        }
    }
    let read = |json: &str| Proof::from_json(json, "test");
    for name in ["pi_a", "pi_b", "pi_c", "protocol"] {
        let missing = json.replacen(&format!("\"{name}\""), "\"other\"", 1);
        check(read(&missing), "document", Fault::Syntax);
    }
    // Which of two would be read depends on the reader.
    for (name, value) in [
        ("pi_a", &*a),
        ("protocol", "\"groth16\""),
        ("curve", "\"bn128\""),
    ] {
        let repeated = json.replacen('{', &format!("{{\"{name}\":{value},"), 1);
        check(read(&repeated), "document", Fault::Syntax);
    }
    let repeated = json.replacen('{', &format!("{{\"\\u0070i_a\":{a},"), 1);
    check(read(&repeated), "document", Fault::Syntax);

    for bad in [
        "",
        " ",
        "[]",
        "null",
        "1",
        "\"\"",
        "x",
        "\u{feff}{}",
        "{\"pi_a\":[NaN]}",
    ] {
        assert_eq!(read(bad).unwrap_err().code(), 2, "{bad:?}");
    }
    // serde would read a list of the fields' values in order.
    let values = json
        .replace("\"pi_a\":", "")
        .replace("\"pi_b\":", "")
        .replace("\"pi_c\":", "");
    let values = values
        .replace("\"protocol\":", "")
        .replace("\"curve\":", "");
    let list = format!("[{}]", &values[1..values.len() - 1]);
    check(read(&list), "document", Fault::Syntax);
    check(
        read(&format!("{json}{json}")),
        "document",
        Fault::TrailingBytes,
    );
    check(read(&format!("{json},")), "document", Fault::TrailingBytes);
    for end in 0..json.len() {
        let error = read(&json[..end]).unwrap_err();
        assert!(
            matches!(error.fault(), Some(Fault::Truncated | Fault::Syntax)),
            "{error}"
        );
    }
    let public = compact(&public.to_json());
    for bad in [
        format!("{{\"0\":{public}}}"),
        format!("[{public}]"),
        public.replace('"', ""),
    ] {
        assert_eq!(
            PublicInputs::from_json(&bad, "test").unwrap_err().fault(),
            Some(Fault::Syntax)
        );
    }
}

#[test]
fn protocol_and_curve_are_known() {
    let (key, _, proof) = fixture("range");
    let proof = |from: &str, to: &str| {
        Proof::from_json(&compact(&proof.to_json()).replacen(from, to, 1), "test")
    };
    let key = |from: &str, to: &str| {
        VerifyingKey::from_json(&compact(&key.to_json()).replacen(from, to, 1), "test")
    };
    for other in ["plonk", "fflonk", "Groth16", "groth16 ", ""] {
        check(proof("groth16", other), "protocol", Fault::Version);
        check(key("groth16", other), "protocol", Fault::Version);
    }
    for other in ["bls12381", "BN128", "bn128 ", ""] {
        check(proof("bn128", other), "curve", Fault::WrongField);
        check(key("bn128", other), "curve", Fault::WrongField);
    }
    check(proof("\"groth16\"", "10"), "protocol", Fault::Syntax);
    for other in ["0", "2", "4", "18446744073709551615"] {
        check(
            key("\"nPublic\":3", &format!("\"nPublic\":{other}")),
            "IC",
            Fault::Count,
        );
    }
    for other in ["-3", "3.0", "\"3\"", "18446744073709551616", "null"] {
        check(
            key("\"nPublic\":3", &format!("\"nPublic\":{other}")),
            "nPublic",
            Fault::Syntax,
        );
    }
    let text = compact(&fixture("range").0.to_json());
    let (first, _) = text.rsplit_once("\"IC\"").unwrap();
    let empty = format!("{first}\"IC\":[]}}");
    check(VerifyingKey::from_json(&empty, "test"), "IC", Fault::Count);
}

/// Depth and length: none may overflow the stack, take long or take memory.
#[test]
fn nesting_and_size_are_limited() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}0{}", open.repeat(30_000), close.repeat(30_000));
        for text in [&deep[..], &open.repeat(30_000)] {
            assert_eq!(Proof::from_json(text, "test").unwrap_err().code(), 2);
            assert_eq!(PublicInputs::from_json(text, "test").unwrap_err().code(), 2);
            assert_eq!(VerifyingKey::from_json(text, "test").unwrap_err().code(), 2);
            // Where unknown fields are skipped.
            let (_, _, proof) = fixture("range");
            let text = proof
                .to_json()
                .replacen('{', &format!("{{\"a\":{},", &text[..100]), 1);
            assert_eq!(Proof::from_json(&text, "test").unwrap_err().code(), 2);
        }
    }
    let long = format!("{{\"a\":\"{}\"}}", "a".repeat(1 << 16));
    check(Proof::from_json(&long, "test"), "document", Fault::Count);
    let long = " ".repeat((32 << 20) + 1);
    check(
        PublicInputs::from_json(&long, "test"),
        "document",
        Fault::Count,
    );
    // What is quoted in a message is cut.
    let name = "\u{1f525}".repeat(5000);
    let text = fixture("range").2.to_json().replace("groth16", &name);
    check(Proof::from_json(&text, "test"), "protocol", Fault::Version);
    let text = format!("{{\"pi_a\":\"{name}\"}}");
    check(Proof::from_json(&text, "test"), "pi_a", Fault::Syntax);
}

#[test]
fn files_that_cannot_be_read_are_errors() {
    let missing = data("no such file");
    assert!(matches!(Proof::open(&missing), Err(Error::Io { path, .. }) if path == missing));
    assert!(matches!(
        VerifyingKey::open(data("")),
        Err(Error::Io { .. })
    ));
    let binary = data("multiplier/witness.wtns");
    let error = PublicInputs::open(&binary).unwrap_err();
    assert_eq!(error.fault(), Some(Fault::Syntax));
    assert!(
        error.to_string().starts_with(&binary.display().to_string()),
        "{error}"
    );
}
