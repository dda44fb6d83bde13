//! Products in blocks, on every instruction set, against those by rows.

use super::*;
use crate::field::arch::Cpu;
use crate::field::{Field, Fr};

#[test]
fn blocks_agree_with_rows() {
    let columns = 700u32;
    let table = [Fr::ONE, -Fr::ONE, Fr::ZERO, -Fr::from(2), Fr::from(3)];
    let mut state = 1u64;
    let mut number = |below: u32| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % u64::from(below)) as u32
    };
    // Of each kind of entry, of both units, and of all: rows of any length, and blocks of empty ones.
    let mut rows: Vec<Vec<(u32, u32)>> = vec![Vec::new(); 3];
    for len in (0..70).chain([1000, 0, 255, 256, 257]) {
        for kind in 0..7 {
            let mut entry = || {
                let value = match kind {
                    0..5 => kind,
                    5 => number(2),
                    _ => number(5),
                };
                (number(columns), value)
            };
            rows.push((0..len).map(|_| entry()).collect());
        }
        if len == 30 {
            rows.extend(vec![Vec::new(); 600]);
        }
    }
    let matrix = SparseMatrix::from_rows(columns as usize, &table, rows.into_iter()).unwrap();
    for matrix in [matrix.transposed(), matrix] {
        let mut state = Fr::from(7);
        let mut random = || {
            state = state.square() + Fr::from(3);
            state
        };
        let random: Vec<Fr> = (0..matrix.columns()).map(|_| random()).collect();
        let largest = vec![-Fr::ONE; matrix.columns()];
        // The largest in memory.
        let mut limbs = Fr::MODULUS.0;
        limbs[0] -= 1;
        let most = vec![Fr::from_montgomery(limbs).unwrap(); matrix.columns()];
        let zeros = vec![Fr::ZERO; matrix.columns()];
        let [prepared, blocks] = [
            matrix.clone().prepared(),
            PreparedMatrix::in_blocks(matrix.clone()),
        ];
        assert_eq!(
            (blocks.rows(), blocks.columns()),
            (matrix.rows(), matrix.columns())
        );
        for vector in [random, largest, most, zeros] {
            let expected: Vec<Fr> = (0..matrix.rows())
                .map(|row| matrix.mul_row(row, &vector))
                .collect();
            let mut product = vec![Fr::ONE; matrix.rows()];
            let check = |result: Result<()>, product: &[Fr]| {
                result.unwrap();
                assert!(product == expected);
            };
            check(matrix.mul_vec(&vector, &mut product), &product);
            product.fill(Fr::ONE);
            check(prepared.mul_vec(&vector, &mut product), &product);
            for cpu in Cpu::all() {
                product.fill(Fr::ONE);
                check(blocks.mul_vec_on(cpu, &vector, &mut product), &product);
            }
            assert!(blocks.mul_vec(&vector[1..], &mut product).is_err());
            assert!(blocks.mul_vec(&vector, &mut product[1..]).is_err());
        }
    }
}
