//! FRI (Ben-Sasson, Bentov, Horesh, Riabzev, 2018): a codeword is folded until it is short.

mod codeword;
mod fold;
mod prove;

pub(crate) use codeword::Codeword;
pub use fold::{fold, fold_row};
pub(crate) use prove::Folded;

#[cfg(test)]
mod tests;
