//! `hutch toy probe`: what the owner of a real toy finds out about it, for those who have none.

use std::{
    fs::OpenOptions,
    io::{Write as _, stderr},
    path::{Path, PathBuf},
    thread::sleep,
    time::Duration,
};

use anyhow::{Context as _, bail};

use super::{LISTENS_FOR, heard};
use crate::{
    cli::{files, place::Place},
    config::Layer,
    control::{Answer, AskError, Request, SOCKET, ask},
};

/// How often the hub is asked how far it is.
const ASKS_EVERY: Duration = Duration::from_millis(300);

/// Which toy, and how far it may go.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Bluetooth address of the toy; by default the only one that is heard and not adopted
    address: Option<String>,
    /// Fetch the recording that is on the toy, too, and keep its 32 header bytes and how it came
    ///
    /// The recording stays on the toy, which may no longer say that it is unheard.
    #[arg(long)]
    fetch: bool,
    /// Then hold the toy for so long, to see whether it falls asleep
    #[arg(long, value_name = "MINUTES", default_value_t = 0,
          value_parser = clap::value_parser!(u8).range(..=15))]
    wait: u8,
    /// File for the transcript, which must not be there yet; by default standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// Has the hub probe a toy, tells its owner what to do meanwhile, and hands the transcript over.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let Args { address, fetch, wait, output, place } = args;
    if let Some(output) = output.as_deref().filter(|output| output.exists()) {
        bail!("{} is there already: name another file", output.display());
    }
    let config = place.settings(Layer::default())?;
    let socket = config.run.join(SOCKET);
    // Whoever cannot hear anything says so at once.
    heard(&socket)?;
    say("Listening for toys.");
    sleep(LISTENS_FOR);
    let begin = Request::BeginProbe {
        address: address.clone(),
        fetch: *fetch,
        wait_s: u64::from(*wait) * 60,
    };
    let Answer::ProbeBegun = ask(&socket, &begin)? else { return Err(AskError::Garbled.into()) };
    say("A toy is found. Ctrl-C ends it at any time, and the toy is left as it was.");
    let (transcript, trouble) = follow(&socket)?;
    hand_over(&transcript, output.as_deref())?;
    match trouble {
        Some(trouble) => bail!("the probe did not come to its end: {trouble}"),
        None => Ok(()),
    }
}

/// Tells the toy's owner what the hub wants them to know, until it is over.
fn follow(socket: &Path) -> anyhow::Result<(String, Option<String>)> {
    let mut n_said = 0;
    loop {
        let Answer::Probe { told, transcript, trouble } = ask(socket, &Request::Probe)? else {
            return Err(AskError::Garbled.into());
        };
        told.iter().skip(n_said).for_each(|told| say(told));
        n_said = told.len();
        if let Some(transcript) = transcript {
            return Ok((transcript, trouble));
        }
        sleep(ASKS_EVERY);
    }
}

fn hand_over(transcript: &str, output: Option<&Path>) -> anyhow::Result<()> {
    let Some(output) = output else { return files::print(transcript.as_bytes()) };
    let written = OpenOptions::new().write(true).create_new(true).open(output);
    let written = written.and_then(|mut file| file.write_all(transcript.as_bytes()));
    if written.is_err() {
        // It took minutes to get.
        files::print(transcript.as_bytes())?;
    }
    written.with_context(|| {
        format!("writing {}, so the transcript is printed instead", output.display())
    })?;
    say(&format!("The transcript is in {}. Read it before you send it.", output.display()));
    Ok(())
}

fn say(what: &str) {
    // Whoever closed standard error does not want to know.
    drop(writeln!(stderr(), "{what}"));
}
