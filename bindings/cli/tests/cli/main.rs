//! The command `zkiln`, run as its users run it, on the fixtures of the repository.

mod export;
mod hostile;
mod info;
mod output;
mod prove;
mod run;
mod setup;
mod stark;
mod verify;
