//! The command `zkiln`, run as its users run it, on the fixtures of the repository.

mod certificates;
#[path = "../../../../tests/statement/counter.rs"]
#[allow(dead_code)] // the program of the library's own tests
mod counter;
mod export;
mod hostile;
mod info;
mod output;
mod prove;
mod run;
mod setup;
mod stark;
mod verify;
