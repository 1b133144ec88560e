//! Conversations on file, replayed against the session; `tests/data/toy/README.md` says how they
//! are written.

use std::{fs, path::Path};

use super::*;
use crate::{
    model::Slot,
    toy::{
        Input, Output, Pacing, Request, Session,
        wire::{Characteristic, Led},
    },
};

struct Replay {
    session: Session,
    now: Instant,
}

#[test]
fn every_transcript_is_followed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/toy");
    let mut n_read = 0;

    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        n_read += 1;
        let mut replay = Replay { session: Session::new(Pacing::NONE), now: epoch() };
        let text = fs::read_to_string(&path).unwrap();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                let problem = replay.follow(line);
                assert_eq!(problem, Ok(()), "{}:{}: {line}", path.display(), at + 1);
            }
        }
        assert_eq!(replay.is_quiet(), Ok(()), "{}: at the end", path.display());
    }

    assert_ne!(n_read, 0);
}

impl Replay {
    fn follow(&mut self, line: &str) -> Result<(), String> {
        let (sign, rest) = line.split_once(' ').ok_or("no such line")?;
        match sign {
            ">" => {
                let wanted = output(rest)?;
                return match self.session.poll(self.now) {
                    given if given == wanted => Ok(()),
                    given => Err(format!("the session does {given:?}")),
                };
            }
            "!" => {
                return match self.session.poll(self.now) {
                    Output::Event(event) if format!("{event:?}") == rest => Ok(()),
                    given => Err(format!("the session does {given:?}")),
                };
            }
            _ => {}
        }
        // A read is answered when it is asked for, and nothing else is asked meanwhile.
        self.is_quiet()?;
        match sign {
            "<" => {
                let (is_read, rest) = match rest.strip_prefix("read ") {
                    Some(rest) => (true, rest),
                    None => (false, rest),
                };
                let (from, bytes) = value(rest)?;
                let input =
                    if is_read { Input::Read(from, &bytes) } else { Input::Notified(from, &bytes) };
                self.session.handle(input, self.now);
            }
            "=" if rest == "connect" => self.session.connect(self.now),
            "=" if rest == "cancel" => self.session.cancel(self.now),
            "=" => {
                let request = request(rest)?;
                self.session.request(request, self.now).map_err(|busy| busy.to_string())?;
            }
            "wait" => {
                self.now += duration(rest)?;
                self.session.handle(Input::Expired, self.now);
            }
            "pacing" => self.session = Session::new(Pacing { gap: duration(rest)? }),
            _ => return Err("no such line".to_owned()),
        }
        Ok(())
    }

    fn is_quiet(&mut self) -> Result<(), String> {
        match self.session.poll(self.now) {
            Output::Wait(_) => Ok(()),
            other => Err(format!("the session does {other:?} first")),
        }
    }
}

fn output(text: &str) -> Result<Output, String> {
    if let Some(from) = text.strip_prefix("read ") {
        return Ok(Output::Read(characteristic(from)?));
    }
    if let Some(to) = text.strip_prefix("subscribe ") {
        return Ok(Output::Subscribe(characteristic(to)?));
    }
    let (to, bytes) = value(text)?;
    Ok(Output::Write { to, bytes, response: to != Characteristic::SendAudio })
}

fn value(text: &str) -> Result<(Characteristic, Vec<u8>), String> {
    let (name, bytes) = text.split_once(' ').unwrap_or((text, ""));
    let bytes = bytes
        .split_whitespace()
        .map(|byte| u8::from_str_radix(byte, 16).map_err(|error| error.to_string()));
    Ok((characteristic(name)?, bytes.collect::<Result<_, _>>()?))
}

fn characteristic(name: &str) -> Result<Characteristic, String> {
    Characteristic::ALL
        .into_iter()
        .find(|one| one.name() == name)
        .ok_or_else(|| format!("no characteristic {name}"))
}

fn duration(text: &str) -> Result<Duration, String> {
    let (count, unit) = match text.strip_suffix("ms") {
        Some(count) => (count, 1),
        None => (text.strip_suffix('s').ok_or("no unit")?, 1_000),
    };
    count.parse::<u64>().map(|count| ms(count * unit)).map_err(|error| error.to_string())
}

fn request(text: &str) -> Result<Request, String> {
    let words: Vec<&str> = text.split(' ').collect();
    let number = |place: usize| -> Result<u16, String> {
        let word = words.get(place).ok_or("a number is missing")?;
        word.parse().map_err(|_not_a_number| format!("no number: {word}"))
    };
    let byte = |place| -> Result<u8, String> {
        u8::try_from(number(place)?).map_err(|error| error.to_string())
    };
    let slot = |place| Slot::new(byte(place)?).ok_or_else(|| "no such slot".to_owned());
    Ok(match words[..] {
        ["upload", ..] => Request::Upload {
            slot: slot(1)?,
            clip: (0..=u8::MAX).cycle().take(number(2)?.into()).collect(),
        },
        ["download"] => Request::Download,
        ["play", _] => Request::Play(slot(1)?),
        ["stop"] => Request::Stop,
        ["led", "off"] => Request::Led(Led::Off),
        ["led", "on"] => Request::Led(Led::On),
        ["led", "blink", _] => Request::Led(Led::Blink { period_ms: number(2)? }),
        ["volume", _] => Request::Volume(byte(1)?),
        ["game", "on"] => Request::GameMode(true),
        ["game", "off"] => Request::GameMode(false),
        ["loop", _, _] => Request::Loop { loops: number(1)?, length_ms: number(2)? },
        ["stop_loop"] => Request::StopLoop,
        _ => return Err("no such request".to_owned()),
    })
}
