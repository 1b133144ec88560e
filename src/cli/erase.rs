//! `hutch erase`: the hub as on its first day.

use std::{thread::sleep, time::Duration};

use anyhow::{Context as _, bail};

use super::{
    confirm::{Question, confirm},
    files,
    place::Place,
};
use crate::{
    config::{Config, Layer},
    control::{Answer, AskError, Request, SOCKET, ask},
    daemon,
};

/// What somebody types who means it.
const WORD: &str = "erase";

/// How often a hub that begins anew is asked whether it is there.
const ASKS_EVERY: Duration = Duration::from_millis(250);

/// How often in all: a minute's worth. Stopping and starting takes seconds.
const ASKS_AT_MOST: u32 = 240;

/// Erase the household: recordings, messages, accounts, keys
///
/// Everything that people keep in this hub is erased, for good: nobody can undo it. The hub begins
/// anew with another set-up code, and browsers ask once more whether to trust it. A hub that runs
/// does it itself; where none runs, its folder is emptied.
///
/// What this cannot reach: copies and backups elsewhere, the last message and recording that a toy
/// holds, what people remember, and old cells of a flash card.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Erase all of it; there is no other way to use this command
    #[arg(long, required = true)]
    household: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    place: Place,
}

/// Asks whoever is at the terminal, then the running hub; or does it where none runs.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let Args { household: _, yes, place } = args;
    let config = place.settings(Layer::default())?;
    if !yes {
        ask_person(&config)?;
    }
    match ask(&config.run.join(SOCKET), &Request::EraseHousehold) {
        Ok(Answer::Erasing) => begin_anew(&config),
        Ok(_) => Err(AskError::Garbled.into()),
        Err(AskError::Nobody { .. }) => erase_here(&config),
        Err(error) => Err(error.into()),
    }
}

fn ask_person(config: &Config) -> anyhow::Result<()> {
    let about = format!(
        "This erases the household in {} for good: recordings, messages, names, accounts, keys.\n\
         Nobody can undo it. Backups elsewhere stay.\n",
        config.state.display()
    );
    confirm(&Question {
        about: &about,
        word: WORD,
        unasked: "nobody is here to be asked; say --yes to erase the household without a question",
        declined: "nothing was erased",
    })
}

/// Waits until the hub has done it, and shows how to begin.
fn begin_anew(config: &Config) -> anyhow::Result<()> {
    for _ in 0..ASKS_AT_MOST {
        sleep(ASKS_EVERY);
        if let Ok(Answer::SetupCode { code: Some(code), places }) =
            ask(&config.run.join(SOCKET), &Request::SetupCode)
        {
            return files::print(
                format!(
                    "The household is erased. The hub waits to be set up: open {} and enter\n\
                     the set-up code\n\
                     \n    {code}\n\n",
                    places.join(" or ")
                )
                .as_bytes(),
            );
        }
    }
    bail!(
        "the hub was told to erase the household and has not come back yet; look into its log: \
         journalctl -u hutch"
    )
}

fn erase_here(config: &Config) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting the runtime")?;
    let left = runtime.block_on(daemon::erase_household(&config.state))?;
    let left = left.into_iter().map(|name| {
        let path = config.state.join(name);
        format!("Left where it is, because Hutch did not put it there: {}\n", path.display())
    });
    let done = "The household is erased. hutch serve begins anew.\n".to_owned();
    let lines: Vec<String> = std::iter::once(done).chain(left).collect();
    files::print(lines.concat().as_bytes())
}
