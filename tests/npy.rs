//! Traces as NumPy's files: those that NumPy wrote, and those that are none.

use zkiln::field::Field;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::poly::Columns;
use zkiln::stark::air::Fibonacci;
use zkiln::{Error, Fault};

/// Fibonacci's numbers from 0 and 1 on in eight rows of two, by NumPy 2.4.6.
const ROWS_U32: &[u8] = include_bytes!("data/stark/fibonacci_rows_u32.npy");
const COLUMNS_U64: &[u8] = include_bytes!("data/stark/fibonacci_columns_u64.npy");

fn fibonacci<F: SmallField>() -> Columns<F> {
    Fibonacci.trace(F::ZERO, F::ONE, 3).expect("a trace").0
}

fn written<F: SmallField>(matrix: &Columns<F>) -> Vec<u8> {
    let mut bytes = Vec::new();
    matrix.write_npy(&mut bytes).expect("memory");
    bytes
}

/// A file of this dictionary and these values.
fn file(dictionary: &str, values: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((dictionary.len() as u16 + 1).to_le_bytes());
    bytes.extend(dictionary.as_bytes());
    bytes.push(b'\n');
    bytes.extend(values);
    bytes
}

#[test]
fn files_of_numpy_are_read() {
    fn test<F: SmallField>() {
        for bytes in [ROWS_U32, COLUMNS_U64] {
            assert_eq!(Columns::<F>::from_npy(bytes, "numpy").unwrap(), fibonacci());
        }
    }
    test::<KoalaBear>();
    test::<BabyBear>();
    test::<Goldilocks>();
}

/// NumPy writes an array in Fortran's order with the same bytes.
#[test]
fn files_are_written_as_numpy_does() {
    assert_eq!(written(&fibonacci::<Goldilocks>()), COLUMNS_U64);
    let bytes = written(&fibonacci::<KoalaBear>());
    let header = String::from_utf8_lossy(&bytes[10..128]);
    assert!(header.starts_with("{'descr': '<u4', 'fortran_order': True, 'shape': (8, 2), }  "));
    assert!(header.ends_with(" \n"));
    assert_eq!(bytes[128 + 4 * 8..128 + 4 * 9], 1u32.to_le_bytes());
}

/// Of all shapes around those that threads divide, in both orders, against reading value by value.
#[test]
fn matrices_come_back() {
    fn test<F: SmallField>() {
        for (rows, columns) in [
            (1, 1),
            (3, 2),
            (64, 1),
            (1, 40),
            (8, 33),
            (100, 16),
            (5, 17),
        ] {
            let value =
                |row: usize, column: usize| (row * 7919 + column * 104_729) as u64 % F::MODULUS;
            let mut values = Vec::new();
            for column in 0..columns {
                values.extend((0..rows).map(|row| F::from(value(row, column))));
            }
            let matrix = Columns::new(values, rows).unwrap();
            assert_eq!(Columns::from_npy(&written(&matrix), "own").unwrap(), matrix);
            for (descr, size) in [("<u4", 4), ("<u8", 8)] {
                let mut values = Vec::new();
                for row in 0..rows {
                    for column in 0..columns {
                        values.extend(&value(row, column).to_le_bytes()[..size]);
                    }
                }
                let dictionary = format!(
                    "{{'descr': '{descr}', 'fortran_order': False, 'shape': ({rows}, {columns}), }}"
                );
                let read = Columns::<F>::from_npy(&file(&dictionary, &values), "rows").unwrap();
                assert_eq!(read, matrix, "{rows} rows of {columns}");
            }
        }
    }
    test::<KoalaBear>();
    test::<Goldilocks>();
}

/// Other libraries order and space the dictionary in other ways.
#[test]
fn dictionaries_may_be_spelled_in_other_ways() {
    let values = [5u32, 6].map(u32::to_le_bytes).concat();
    for dictionary in [
        "{'descr': '<u4', 'fortran_order': False, 'shape': (2, 1)}",
        "{'shape':(2,1),'fortran_order':False,'descr':'<u4'}",
        "{ \"shape\" : ( 2 , 1 , ) , \"descr\" : \"<u4\" , \"fortran_order\" : False , }  ",
    ] {
        let read = Columns::<KoalaBear>::from_npy(&file(dictionary, &values), "spelled").unwrap();
        assert_eq!(read.values(), [5, 6].map(KoalaBear::from));
    }
}

#[test]
fn what_is_wrong_is_named() {
    let refused =
        |dictionary: &str, values: &[u8], fault: Fault, reason: &str| {
            match Columns::<KoalaBear>::from_npy(&file(dictionary, values), "trace.npy") {
                Err(error @ Error::Malformed { .. }) => {
                    assert_eq!(error.fault(), Some(fault), "{error}");
                    let text = error.to_string();
                    assert!(
                        text.starts_with("trace.npy: ") && text.contains(reason),
                        "{text}"
                    );
                    assert!(text.len() < 200, "{text}");
                }
                other => panic!("{dictionary}: {other:?}"),
            }
        };
    let header = |descr: &str, shape: &str| {
        format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}")
    };
    for descr in [
        "'<i8'", "'<f4'", "'>u4'", "'|u1'", "'<u2'", "'=u4'", "'<u16'", "''",
    ] {
        refused(
            &header(descr, "(1, 1)"),
            &[0; 8],
            Fault::Value,
            "values of type",
        );
    }
    let long = format!("'{}'", "u".repeat(60_000));
    refused(
        &header(&long, "(1, 1)"),
        &[0; 8],
        Fault::Value,
        "values of type",
    );
    refused(
        &header("[('a', '<u4')]", "(1, 1)"),
        &[0; 4],
        Fault::Syntax,
        "a string is due",
    );
    for shape in ["()", "(2,)", "(2, 1, 1)"] {
        refused(&header("'<u4'", shape), &[0; 8], Fault::Count, "dimensions");
    }
    for shape in ["(0, 1)", "(1, 0)", "(0, 18446744073709551615)"] {
        refused(
            &header("'<u4'", shape),
            &[],
            Fault::Count,
            "a matrix of nothing",
        );
    }
    for shape in [
        "(-1, 1)", "(1.0, 1)", "(01, 1)", "(0x1, 1)", "(1 1)", "(,)", "1, 1", "(1L, 1)",
    ] {
        refused(&header("'<u4'", shape), &[0; 4], Fault::Syntax, " is due");
    }
    refused(
        &header("'<u4'", "(99999999999999999999, 1)"),
        &[],
        Fault::Count,
        "20 digits",
    );
    // Products beyond all memory, and just beyond a word.
    for shape in [
        "(4294967296, 4294967296)",
        "(18446744073709551615, 1)",
        "(4611686018427387904, 4)",
    ] {
        refused(
            &header("'<u4'", shape),
            &[0; 64],
            Fault::Truncated,
            "64 bytes for",
        );
    }
    refused(
        &header("'<u4'", "(4, 1)"),
        &[0; 15],
        Fault::Truncated,
        "15 bytes for 4 rows",
    );
    refused(
        &header("'<u4'", "(4, 1)"),
        &[0; 17],
        Fault::TrailingBytes,
        "17 bytes for 4 rows",
    );
    for (dictionary, fault) in [
        ("", Fault::Syntax),
        ("{", Fault::Syntax),
        ("{}", Fault::SectionMissing),
        ("{'descr': '<u4', 'shape': (1, 1)}", Fault::SectionMissing),
        (
            "{'descr': '<u4', 'fortran_order': False}",
            Fault::SectionMissing,
        ),
        ("{'descr': '<u4', 'descr': '<u4', }", Fault::SectionRepeated),
        ("{'descr': '<u4', 'other': 1}", Fault::Value),
        ("{'descr': '<u4' 'shape': (1, 1)}", Fault::Syntax),
        (
            "{'descr': '<u4', 'fortran_order': 0, 'shape': (1, 1)}",
            Fault::Syntax,
        ),
        (
            "{'descr': '<\\u4', 'fortran_order': False, 'shape': (1, 1)}",
            Fault::Syntax,
        ),
        (
            "{'descr': '<u4', 'fortran_order': False, 'shape': (1, 1)} x",
            Fault::Syntax,
        ),
        (
            "{'descr': '<u4', 'fortran_order': False, 'shape': (1, 1)}}",
            Fault::Syntax,
        ),
        (
            "\u{e9}{'descr': '<u4', 'fortran_order': False, 'shape': (1, 1)}",
            Fault::Syntax,
        ),
    ] {
        refused(dictionary, &[0; 4], fault, "header: ");
    }
}

#[test]
fn values_are_canonical() {
    fn refused<F: SmallField>(word: u64, descr: &str, size: usize) {
        // The second of two columns, in the third of four rows.
        let mut values = vec![0; 8 * size];
        values[5 * size..6 * size].copy_from_slice(&word.to_le_bytes()[..size]);
        let dictionary = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (4, 2)}}");
        let error = Columns::<F>::from_npy(&file(&dictionary, &values), "values").unwrap_err();
        assert_eq!(error.fault(), Some(Fault::NotCanonical), "{error}");
        assert_eq!(
            error.to_string(),
            format!(
                "values: values: {word} in row 2, column 1 is not below the modulus {}",
                F::MODULUS
            )
        );
    }
    for word in [KoalaBear::MODULUS, u64::from(u32::MAX)] {
        refused::<KoalaBear>(word, "<u4", 4);
        refused::<KoalaBear>(word, "<u8", 8);
    }
    // Which cut to 32 bits would be fine.
    refused::<BabyBear>(1 << 32, "<u8", 8);
    refused::<Goldilocks>(Goldilocks::MODULUS, "<u8", 8);
    refused::<Goldilocks>(u64::MAX, "<u8", 8);
    // Of several the first column's is named.
    let values = [u32::MAX; 40].map(u32::to_le_bytes).concat();
    let dictionary = "{'descr': '<u4', 'fortran_order': True, 'shape': (1, 40)}";
    let error = Columns::<KoalaBear>::from_npy(&file(dictionary, &values), "all").unwrap_err();
    assert!(error.to_string().contains("row 0, column 0 "), "{error}");
}

/// Cut off anywhere it is refused, and so it is with any byte of the header changed.
#[test]
fn every_byte_of_the_header_counts() {
    for good in [ROWS_U32, COLUMNS_U64] {
        for len in 0..good.len() {
            let error = Columns::<KoalaBear>::from_npy(&good[..len], "short").unwrap_err();
            assert!(error.fault().is_some(), "{len}: {error}");
        }
        for place in 0..128 {
            for mask in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
                let mut bytes = good.to_vec();
                bytes[place] ^= mask;
                let read = Columns::<KoalaBear>::from_npy(&bytes, "changed");
                assert!(read.is_err(), "byte {place} ^ {mask:#x}");
            }
        }
    }
    assert_eq!(
        Columns::<KoalaBear>::from_npy(b"PK\x03\x04", "archive.npz")
            .unwrap_err()
            .fault(),
        Some(Fault::Magic)
    );
    let mut newer = ROWS_U32.to_vec();
    newer[6] = 2;
    let error = Columns::<KoalaBear>::from_npy(&newer, "newer").unwrap_err();
    assert_eq!(error.fault(), Some(Fault::Version));
}

/// Elements are canonical integers in the file whatever they are in memory.
#[test]
fn elements_are_not_written_in_montgomery_form() {
    let matrix = Columns::new(vec![KoalaBear::ONE, -KoalaBear::ONE], 2).unwrap();
    let bytes = written(&matrix);
    let last = KoalaBear::MODULUS as u32 - 1;
    assert_eq!(bytes[128..], [1, last].map(u32::to_le_bytes).concat());
}
