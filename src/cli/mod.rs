//! The command line: one module per subcommand, each with its `Args` and a `run`.
//!
//! What people asked for goes to standard output, everything else to standard error. A command that
//! fails returns an error whose chain reads as one sentence; a command line that is wrong ends the
//! program in [`Args::parse`](clap::Parser::parse) with exit code 2.

mod account;
mod audio;
mod demo;
mod files;
mod logging;
mod openapi;
mod sound_file;

pub use logging::start as start_logging;

/// A home hub for talking plush toys
///
/// Everything stays at home: recordings in a file on this computer, the page on the home network.
#[derive(clap::Parser, Debug)]
#[command(name = "hutch", version, max_term_width = 100)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    Demo(demo::Args),
    Account(account::Args),
    Audio(audio::Args),
    Openapi(openapi::Args),
}

/// Does what was asked for.
pub fn run(args: &Args) -> anyhow::Result<()> {
    match &args.command {
        Command::Demo(args) => demo::run(args),
        Command::Account(args) => account::run(args),
        Command::Audio(args) => audio::run(args),
        Command::Openapi(args) => openapi::run(args),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Args::command().debug_assert();
    }
}
