//! `hutch completions`.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::files;

/// Print what lets a shell complete the commands of hutch
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which shell
    shell: Shell,
}

/// Prints the script to standard output.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Args::command(), "hutch", &mut script);
    files::print(&script)
}
