//! The `hutch` program.

use std::{
    io::{Write as _, stderr},
    process::ExitCode,
};

use clap::Parser as _;
use hutch::cli;

fn main() -> ExitCode {
    let args = cli::Args::parse();
    match cli::run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without a standard error to say it on, the exit code says it.
            drop(writeln!(stderr(), "error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
