//! Sparse matrices against the definition.

use zkiln::field::{Fr, PrimeField};
use zkiln::poly::SparseMatrix;

/// Numbers that look random and are the same in every run.
fn numbers() -> impl FnMut(u64) -> u64 {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}

#[test]
fn products_agree_with_the_definition() {
    for (rows, columns, count) in [
        (0, 0, 0),
        (1, 1, 1),
        (5, 3, 0),
        (1, 700, 900),
        (1000, 1, 999),
        (513, 700, 20_000),
    ] {
        let mut number = numbers();
        let palette: Vec<Fr> = [
            Fr::ONE,
            -Fr::ONE,
            Fr::ZERO,
            Fr::from(2),
            Fr::random().unwrap(),
        ]
        .into();
        let entries: Vec<(u32, u32, Fr)> = (0..count)
            .map(|i| {
                let value = if i % 7 == 0 {
                    Fr::from(number(1 << 30))
                } else {
                    palette[number(5) as usize]
                };
                (
                    number(rows as u64) as u32,
                    number(columns as u64) as u32,
                    value,
                )
            })
            .collect();
        let vector: Vec<Fr> = (0..columns).map(|_| Fr::random().unwrap()).collect();
        let mut expected = vec![Fr::ZERO; rows];
        for &(row, column, value) in &entries {
            expected[row as usize] += value * vector[column as usize];
        }
        // By entries, by rows with a table that has values twice, and as the transpose of the transpose.
        let table: Vec<Fr> = entries.iter().map(|entry| entry.2).collect();
        let mut by_rows = vec![Vec::new(); rows];
        for (place, &(row, column, _)) in entries.iter().enumerate() {
            by_rows[row as usize].push((column, place as u32));
        }
        let by_rows = SparseMatrix::from_rows(columns, &table, by_rows.into_iter()).unwrap();
        let matrix =
            SparseMatrix::from_entries(rows, columns, entries.iter().copied().map(Ok)).unwrap();
        let transposed = matrix.transposed();
        for matrix in [&matrix, &by_rows, &transposed.transposed()] {
            assert_eq!(
                (matrix.rows(), matrix.columns(), matrix.len()),
                (rows, columns, count)
            );
            let mut product = vec![Fr::ONE; rows];
            matrix.mul_vec(&vector, &mut product).unwrap();
            assert_eq!(product, expected);
        }
        let vector: Vec<Fr> = (0..rows).map(|_| Fr::random().unwrap()).collect();
        let mut expected = vec![Fr::ZERO; columns];
        for &(row, column, value) in &entries {
            expected[column as usize] += value * vector[row as usize];
        }
        let mut product = vec![Fr::ONE; columns];
        transposed.mul_vec(&vector, &mut product).unwrap();
        assert_eq!(product, expected);
    }
}

/// Rows that are empty, long, or of one kind of entry only, with the largest elements.
#[test]
fn products_of_unusual_rows_agree_with_the_definition() {
    let columns = 700;
    let table = [Fr::ONE, -Fr::ONE, Fr::ZERO, -Fr::from(2), Fr::from(3)];
    let mut number = numbers();
    // Of each kind of entry, and of all, rows of any length; and nothing for two tasks in the middle.
    let mut rows: Vec<Vec<(u32, u32)>> = vec![Vec::new(); 3];
    for len in (0..70).chain([1000, 0, 255, 256, 257]) {
        for kind in 0..6 {
            let mut entry = || {
                let value = if kind < 5 { kind } else { number(5) as u32 };
                (number(columns) as u32, value)
            };
            rows.push((0..len).map(|_| entry()).collect());
        }
        if len == 30 {
            rows.extend(vec![Vec::new(); 600]);
        }
    }
    let random: Vec<Fr> = (0..columns).map(|_| Fr::random().unwrap()).collect();
    for vector in [
        random,
        vec![-Fr::ONE; columns as usize],
        vec![Fr::ZERO; columns as usize],
    ] {
        let matrix =
            SparseMatrix::from_rows(vector.len(), &table, rows.clone().into_iter()).unwrap();
        let expected: Vec<Fr> = rows
            .iter()
            .map(|row| {
                let terms = row
                    .iter()
                    .map(|&(column, value)| table[value as usize] * vector[column as usize]);
                terms.sum()
            })
            .collect();
        let mut product = vec![Fr::ONE; rows.len()];
        matrix.mul_vec(&vector, &mut product).unwrap();
        assert_eq!(product, expected);
        for (row, expected) in expected.iter().enumerate() {
            assert_eq!(matrix.mul_row(row, &vector), *expected);
        }
    }
}

#[test]
fn contracts_are_checked() {
    let entry = |row, column| std::iter::once(Ok((row, column, Fr::ONE)));
    assert!(SparseMatrix::from_entries(2, 3, entry(2, 0)).is_err());
    assert!(SparseMatrix::from_entries(2, 3, entry(0, 3)).is_err());
    let failing = std::iter::once(Err(zkiln::Error::Argument("from outside".into())));
    assert!(SparseMatrix::<Fr>::from_entries(2, 3, failing).is_err());
    let rows = |column, value| [vec![], vec![(column, value)]].into_iter();
    assert!(SparseMatrix::from_rows(3, &[Fr::ONE], rows(3, 0)).is_err());
    assert!(SparseMatrix::from_rows(3, &[Fr::ONE], rows(2, 1)).is_err());
    let matrix = SparseMatrix::from_rows(3, &[Fr::ONE], rows(2, 0)).unwrap();
    let mut product = [Fr::ZERO; 2];
    assert!(matrix.mul_vec(&[Fr::ONE; 2], &mut product).is_err());
    assert!(matrix.mul_vec(&[Fr::ONE; 3], &mut product[..1]).is_err());
    matrix.mul_vec(&[Fr::ONE; 3], &mut product).unwrap();
    assert_eq!(product, [Fr::ZERO, Fr::ONE]);
}
