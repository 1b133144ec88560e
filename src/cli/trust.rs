//! `hutch trust`: what the devices of the household trust.

use super::{
    confirm::{Question, confirm},
    files, fingerprint,
    place::Place,
};
use crate::{
    config::{Config, Layer},
    control::{Answer, AskError, Request, SOCKET, ask},
    daemon,
};

/// What somebody types who means it.
const WORD: &str = "new";

/// Care for what the household's devices trust
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make another root, which every device is to trust anew
    ///
    /// For when somebody else may have the root's key, when its file is damaged, or when the hub has
    /// got a name that the root does not vouch for. Recordings, messages and accounts stay.
    NewRoot(NewRoot),
}

#[derive(Debug, clap::Args)]
struct NewRoot {
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    place: Place,
}

/// Does what was asked for.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let Command::NewRoot(NewRoot { yes, place }) = &args.command;
    let config = place.settings(Layer::default())?;
    if !yes {
        ask_person(&config)?;
    }
    match ask(&config.run.join(SOCKET), &Request::NewRoot) {
        Ok(answer @ Answer::Fingerprints { .. }) => {
            let found = fingerprint::of(answer)?;
            let text = fingerprint::text(&found)?;
            files::print(
                format!("There is another root. Browsers ask once more.\n\n{text}").as_bytes(),
            )
        }
        Ok(_) => Err(AskError::Garbled.into()),
        Err(AskError::Nobody { .. }) => {
            daemon::give_up_identity(&config.state)?;
            files::print(b"The root is given up. hutch serve makes another one.\n")
        }
        Err(error) => Err(error.into()),
    }
}

fn ask_person(config: &Config) -> anyhow::Result<()> {
    let about = format!(
        "This makes another root for the household in {}. Every phone, tablet and computer that\n\
         trusts the hub will warn again until it is told to trust the new one. Nothing else is lost.\n",
        config.state.display()
    );
    confirm(&Question {
        about: &about,
        word: WORD,
        unasked: "nobody is here to be asked; say --yes to make another root without a question",
        declined: "the root is as it was",
    })
}
