//! FRI (Ben-Sasson, Bentov, Horesh, Riabzev, 2018): a codeword is folded until it is short.

mod fold;

pub use fold::{fold, fold_row};
