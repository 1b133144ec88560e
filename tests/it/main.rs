//! All integration tests in one binary, so that the crate is linked once.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod audio_cli;
mod cmd;
mod house;
mod keeper;
mod real_files;
