//! The command `zkiln`.
fn main() {}
