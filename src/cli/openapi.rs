//! `hutch openapi`.

use std::io::{ErrorKind, Write as _};

use anyhow::Context as _;

use crate::http;

/// Print the HTTP API as an OpenAPI 3.2 document
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// Prints the document to standard output.
pub(super) fn run(_args: &Args) -> anyhow::Result<()> {
    let document = format!("{:#}\n", http::openapi());
    match std::io::stdout().write_all(document.as_bytes()) {
        // Whoever reads has seen enough, as `| head` does.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("printing the document"),
    }
}
