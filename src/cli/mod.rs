//! The command line: one module per subcommand, each with its `Args` and a `run`.
//!
//! What people asked for goes to standard output, everything else to standard error. A command that
//! fails returns an error whose chain reads as one sentence; a command line that is wrong ends the
//! program in [`Args::parse`](clap::Parser::parse) with exit code 2.

mod account;
mod accounts;
mod audio;
mod backup;
mod completions;
mod confirm;
mod demo;
mod doctor;
mod erase;
mod files;
mod fingerprint;
mod logging;
mod man;
mod openapi;
mod place;
mod places;
mod secret;
mod serve;
mod setup_code;
mod signals;
mod sound_file;
mod toy;
mod trust;
mod update;

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
    Serve(serve::Args),
    Demo(demo::Args),
    Doctor(doctor::Args),
    SetupCode(setup_code::Args),
    Fingerprint(fingerprint::Args),
    Trust(trust::Args),
    Account(account::Args),
    Toy(toy::Args),
    Backup(backup::Args),
    Update(update::Args),
    Erase(erase::Args),
    Audio(audio::Args),
    Openapi(openapi::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Does what was asked for.
pub fn run(args: &Args) -> anyhow::Result<()> {
    if !matches!(args.command, Command::Serve(_)) {
        // `serve` has it in its settings what to log, and begins when it has read them.
        logging::start(None);
    }
    match &args.command {
        Command::Serve(args) => serve::run(args),
        Command::Demo(args) => demo::run(args),
        Command::Doctor(args) => doctor::run(args),
        Command::SetupCode(args) => setup_code::run(args),
        Command::Fingerprint(args) => fingerprint::run(args),
        Command::Trust(args) => trust::run(args),
        Command::Account(args) => account::run(args),
        Command::Toy(args) => toy::run(args),
        Command::Backup(args) => backup::run(args),
        Command::Update(args) => update::run(args),
        Command::Erase(args) => erase::run(args),
        Command::Audio(args) => audio::run(args),
        Command::Openapi(args) => openapi::run(args),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
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
