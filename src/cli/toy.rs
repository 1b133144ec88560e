//! `hutch toy`: what the radio hears, and what is known of adopted toys.
//!
//! By identifiers and addresses: nicknames are for people who have signed in.

mod probe;

use std::{path::Path, thread::sleep, time::Duration};

use anyhow::bail;

use super::{accounts::day, files, place::Place};
use crate::{
    config::Layer,
    control::{Answer, AskError, HeardToy, Request, SOCKET, Toy, ask},
};

/// A toy advertises about every second, and the radio misses some of it.
const LISTENS_FOR: Duration = Duration::from_secs(4);

/// Look after toys
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// List the toys that are heard, and whose they are
    ///
    /// Squeeze a paw first: a toy that sleeps is not heard. Nor is one that the hub is connected to.
    Scan {
        #[command(flatten)]
        place: Place,
    },
    /// Describe the adopted toys, or one of them
    Info {
        /// Identifier of the toy, or its beginning
        toy: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Find out what a real toy does, and write a transcript that can be sent
    ///
    /// For an owner of a toy; nobody who works on Hutch has one. The toy must be yours, awake, near the
    /// hub, and not adopted. It takes about a minute: the heart lights up, and you are asked to squeeze
    /// paws. Nothing that the toy holds is changed, its microphone stays off, and no sound is kept.
    Probe(probe::Args),
}

/// Runs the subcommand.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.command {
        Command::Scan { place } => scan(place, LISTENS_FOR),
        Command::Info { toy, place } => info(place, toy.as_deref()),
        Command::Probe(args) => probe::run(args),
    }
}

fn scan(place: &Place, listens_for: Duration) -> anyhow::Result<()> {
    let socket = place.settings(Layer::default())?.run.join(SOCKET);
    // Whoever cannot hear anything says so at once.
    heard(&socket)?;
    sleep(listens_for);
    files::print(listed(&heard(&socket)?).as_bytes())
}

/// Returns the toys that the hub hears. It listens for a while longer when it is asked.
fn heard(socket: &Path) -> anyhow::Result<Vec<HeardToy>> {
    match ask(socket, &Request::Heard)? {
        Answer::Heard { radio, toys, .. } if radio == "works" || radio == "starting" => Ok(toys),
        Answer::Heard { about, .. } => bail!("no toy can be heard: {about}"),
        _ => Err(AskError::Garbled.into()),
    }
}

fn listed(toys: &[HeardToy]) -> String {
    if toys.is_empty() {
        return "No toy is heard. Squeeze one of its paws, close to the hub, and try again.\n"
            .to_owned();
    }
    let width = toys.iter().map(|toy| toy.name.chars().count()).max().unwrap_or(0);
    let lines = toys.iter().map(|HeardToy { address, name, signal_dbm, toy }| {
        let padding = " ".repeat(width - name.chars().count());
        let signal = signal_dbm.map_or_else(|| "?".to_owned(), |dbm| dbm.to_string());
        let whose = toy.as_ref().map_or_else(|| "not adopted".to_owned(), |id| format!("toy {id}"));
        format!("{address}  {name}{padding}  {signal:>4} dBm  {whose}\n")
    });
    lines.collect()
}

fn info(place: &Place, wanted: Option<&str>) -> anyhow::Result<()> {
    let config = place.settings(Layer::default())?;
    let Answer::Toys { mut toys } = ask(&config.run.join(SOCKET), &Request::Toys)? else {
        return Err(AskError::Garbled.into());
    };
    if let Some(wanted) = wanted {
        toys.retain(|toy| toy.id.starts_with(&wanted.to_ascii_lowercase()));
        if toys.is_empty() {
            bail!("no adopted toy has that identifier; hutch toy info shows all of them");
        }
    }
    if toys.is_empty() {
        return files::print(b"No toy is adopted yet; the page shows how.\n");
    }
    let described: Vec<String> = toys.iter().map(described).collect();
    files::print(described.join("\n").as_bytes())
}

fn described(toy: &Toy) -> String {
    let unknown = || "not seen yet".to_owned();
    let state = if toy.retiring { "is let go at the next contact" } else { &toy.presence };
    let table =
        toy.table.as_ref().map(|table| table.chars().take(16).collect::<String>() + "\u{2026}");
    let floor = toy.signal_floor.map(|dbm| format!("{dbm} dBm"));
    let lines = [
        ("animal", toy.character.clone()),
        ("address", toy.address.clone()),
        ("state", state.to_owned()),
        ("adopted", day(toy.adopted_at)),
        ("identifier", toy.config.clone().unwrap_or_else(unknown)),
        ("advertised as", toy.firmware.clone().unwrap_or_else(unknown)),
        ("GATT table", table.unwrap_or_else(unknown)),
        ("weakest signal", floor.unwrap_or_else(unknown)),
        ("guard", guard(toy.guard.as_deref()).to_owned()),
    ];
    let lines = lines.map(|(what, value)| format!("  {what:<14}  {value}\n"));
    format!("toy {}\n{}", toy.id, lines.concat())
}

/// Returns what was seen of a toy, for somebody who then looks at the page.
fn guard(sign: Option<&str>) -> &'static str {
    match sign {
        None => "nothing unusual was seen",
        Some("table") => "another device answered at its address; the page says what to do",
        Some("config") => "it has another identifier; the page says what to do",
        Some("second_address") => "a second address has its identifier; the page says what to do",
        Some("name") => "it advertises another name; the page says what to do",
        Some("game") => "somebody else switched it to game mode; the page says what to do",
        Some(_) => "something unusual was seen; the page says what to do",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toys_that_are_heard_are_listed_in_columns() {
        let toy = |name: &str, signal_dbm, toy: Option<&str>| HeardToy {
            address: "C0:FF:EE:00:00:01".to_owned(),
            name: name.to_owned(),
            signal_dbm,
            toy: toy.map(str::to_owned),
        };

        let toys =
            [toy("CloudPets B 1.0.19", Some(-55), Some("abc")), toy("CloudPets", None, None)];

        assert_eq!(
            listed(&toys),
            "C0:FF:EE:00:00:01  CloudPets B 1.0.19   -55 dBm  toy abc\n\
             C0:FF:EE:00:00:01  CloudPets              ? dBm  not adopted\n"
        );
        assert!(listed(&[]).starts_with("No toy is heard. Squeeze"));
    }

    #[test]
    fn a_toy_is_described_with_its_baseline() {
        let toy = Toy {
            id: "abc".to_owned(),
            address: "C0:FF:EE:00:00:01".to_owned(),
            character: "bear".to_owned(),
            presence: "asleep".to_owned(),
            adopted_at: 1_700_000_000,
            retiring: false,
            guard: Some("table".to_owned()),
            config: None,
            firmware: Some("CloudPets B 1.0.19".to_owned()),
            table: Some("ab".repeat(32)),
            signal_floor: Some(-71),
        };

        assert_eq!(
            described(&toy),
            "toy abc\n\
            \x20 animal          bear\n\
            \x20 address         C0:FF:EE:00:00:01\n\
            \x20 state           asleep\n\
            \x20 adopted         2023-11-14\n\
            \x20 identifier      not seen yet\n\
            \x20 advertised as   CloudPets B 1.0.19\n\
            \x20 GATT table      abababababababab\u{2026}\n\
            \x20 weakest signal  -71 dBm\n\
            \x20 guard           another device answered at its address; the page says what to do\n"
        );
    }
}
