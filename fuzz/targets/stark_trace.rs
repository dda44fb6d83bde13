//! Any bytes as a NumPy file of a trace: what is read has as many values as the bytes pay for, which are those that
//! are found without the reader's order and threads, and comes back when it is written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zkiln::field::small::{BabyBear, Goldilocks, SmallField};
use zkiln::poly::Columns;

fn run<F: SmallField>(data: &[u8]) {
    let Ok(matrix) = Columns::<F>::from_npy(data, "fuzz") else {
        return;
    };
    let (rows, columns) = (matrix.height(), matrix.width());
    // What the header says is looked for without parsing it.
    let header = 10 + usize::from(u16::from_le_bytes([data[8], data[9]]));
    let (header, values) = data.split_at(header);
    let is_there = |text: &[u8]| header.windows(text.len()).any(|part| part == text);
    let size = if is_there(b"<u4") { 4 } else { 8 };
    assert_eq!(values.len(), rows * columns * size);
    let column_by_column = is_there(b"True");
    for (place, bytes) in values.chunks(size).enumerate() {
        let (row, column) = match column_by_column {
            true => (place % rows, place / rows),
            false => (place / columns, place % columns),
        };
        let mut word = [0; 8];
        word[..size].copy_from_slice(bytes);
        let element = matrix.values()[column * rows + row];
        assert_eq!(element.to_u64(), u64::from_le_bytes(word));
    }
    let mut written = Vec::new();
    matrix.write_npy(&mut written).expect("memory");
    assert!(Columns::from_npy(&written, "again").is_ok_and(|again| again == matrix));
}

fuzz_target!(|data: &[u8]| {
    run::<BabyBear>(data);
    run::<Goldilocks>(data);
});
