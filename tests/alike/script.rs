//! What a transcript says.

use std::{
    fs, iter,
    path::{Path, PathBuf},
    time::Duration,
};

use hutch::{
    model::Slot,
    toy::wire::{CHUNK_BYTES, Characteristic, FILL, HEADER_BYTES, UPLOAD_KEY},
};

/// A conversation with a toy, and what the toy answers.
pub(crate) struct Script {
    pub(crate) name: String,
    pub(crate) manner: Manner,
    pub(crate) lines: Vec<Line>,
}

/// How the toy is, where the protocol leaves it open and toys have to be the same to be compared.
#[derive(Clone)]
pub(crate) struct Manner {
    /// It was never set up.
    pub(crate) is_new: bool,
    /// BlueZ would keep some of this from it.
    pub(crate) is_direct: bool,
    /// What it asks for, in turn; the last one repeats.
    pub(crate) credit: Vec<u16>,
    /// It asks for more when so much is left.
    pub(crate) low_water: u16,
    /// So much more than the clip it asks for, so that each of its requests is a whole one.
    pub(crate) over_ask: usize,
}

pub(crate) struct Line {
    pub(crate) number: usize,
    pub(crate) step: Step,
    /// Whose line it is, where the protocol is silent and toys differ.
    pub(crate) only: Option<Side>,
}

/// Which toy it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Side {
    Firmware,
    Independent,
}

/// What is done to the toy, or what it does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    Connect,
    Lose,
    Sleep,
    Subscribe(Characteristic),
    Write { to: Characteristic, bytes: Vec<u8>, response: bool },
    Send(Vec<u8>),
    PressPlay,
    Record { file: Vec<u8>, length: Duration },
    Wait(Duration),
    Notified { from: Characteristic, bytes: Vec<u8>, after: Option<Duration> },
    Read { from: Characteristic, bytes: Option<Vec<u8>> },
    Violation(String),
    Quiet(Duration),
    Look { at: Part, bytes: Vec<u8> },
}

/// What is seen of a toy from outside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    Heart,
    Game,
    Slot(Slot),
}

/// What the lines before have said.
struct Reader {
    manner: Manner,
    clip: Vec<u8>,
    /// So much of it was sent.
    n_sent: usize,
    recording: Vec<u8>,
    only: Option<Side>,
}

/// Reads all transcripts, in the order of their names.
pub(crate) fn all() -> Vec<Script> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/alike");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|e| e == "txt")).collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap();
        Script::read(name, &fs::read_to_string(path).unwrap()).unwrap_or_else(|e| panic!("{e}"))
    };
    paths.iter().map(read).collect()
}

impl Script {
    pub(crate) fn read(name: &str, text: &str) -> Result<Self, String> {
        let manner = Manner {
            is_new: false,
            is_direct: false,
            credit: vec![1_024, 512],
            low_water: 256,
            over_ask: 0,
        };
        let (clip, recording) = (Vec::new(), Vec::new());
        let mut reader = Reader { manner, clip, n_sent: 0, recording, only: None };
        let mut lines = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.split('#').next().unwrap_or_default().trim();
            if !line.is_empty() {
                let steps = reader.steps(line).map_err(|e| format!("{name}:{number}: {e}"))?;
                let only = reader.only;
                lines.extend(steps.into_iter().map(|step| Line { number, step, only }));
            }
        }
        if reader.only.is_some() {
            return Err(format!("{name}: either without end"));
        }
        Ok(Self { name: name.to_owned(), manner: reader.manner, lines })
    }
}

impl Reader {
    fn steps(&mut self, line: &str) -> Result<Vec<Step>, String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let one = |step| Ok(vec![step]);
        match word {
            "new" => self.manner.is_new = true,
            "direct" => self.manner.is_direct = true,
            "credit" => self.credit(rest)?,
            "clip" => self.make_clip(rest)?,
            "recording" => self.recording = recording(number(rest)?),
            "either" if self.only.is_none() => self.only = Some(Side::Firmware),
            "or" if self.only == Some(Side::Firmware) => self.only = Some(Side::Independent),
            "end" if self.only == Some(Side::Independent) => self.only = None,
            "connect" => return one(Step::Connect),
            "lose" => return one(Step::Lose),
            "sleep" => return one(Step::Sleep),
            "subscribe" => return one(Step::Subscribe(characteristic(rest)?)),
            ">" | ">>" => {
                let (to, bytes) = self.value(rest)?;
                return one(Step::Write { to, bytes, response: word == ">" });
            }
            "send" => return one(Step::Send(self.next_bytes(number(rest)?))),
            "press" if rest == "play" => return one(Step::PressPlay),
            "press" => {
                let length = duration(rest.strip_prefix("record ").ok_or("no such paw")?)?;
                return one(Step::Record { file: self.recording.clone(), length });
            }
            "wait" => return one(Step::Wait(duration(rest)?)),
            "quiet" => return one(Step::Quiet(duration(rest)?)),
            "<" if rest == "receive_audio recording" => {
                let from = Characteristic::ReceiveAudio;
                let pieces = self.recording.chunks(CHUNK_BYTES);
                let said =
                    |piece: &[u8]| Step::Notified { from, bytes: piece.to_vec(), after: None };
                return Ok(pieces.map(said).collect());
            }
            "<" => {
                let (value, after) = rest.split_once(" after ").unwrap_or((rest, ""));
                let after = if after.is_empty() { None } else { Some(duration(after)?) };
                let (from, bytes) = self.value(value)?;
                return one(Step::Notified { from, bytes, after });
            }
            "=" => {
                if let Some(from) = rest.strip_suffix(" refused") {
                    return one(Step::Read { from: characteristic(from)?, bytes: None });
                }
                let (from, bytes) = self.value(rest)?;
                return one(Step::Read { from, bytes: Some(bytes) });
            }
            "!" => return one(Step::Violation(rest.to_owned())),
            "heart" => return one(Step::Look { at: Part::Heart, bytes: self.bytes(rest)? }),
            "game" => return one(Step::Look { at: Part::Game, bytes: self.bytes(rest)? }),
            "slot" => {
                let (slot, bytes) = rest.split_once(' ').unwrap_or((rest, ""));
                let slot = u8::try_from(number(slot)?).ok().and_then(Slot::new);
                let at = Part::Slot(slot.ok_or("no such slot")?);
                return one(Step::Look { at, bytes: self.bytes(bytes)? });
            }
            _ => return Err(format!("no such line: {line}")),
        }
        Ok(Vec::new())
    }

    fn credit(&mut self, text: &str) -> Result<(), String> {
        let (credit, low) = text.split_once(" low ").ok_or("credit N... low N")?;
        let of = |word| number(word).and_then(|n| u16::try_from(n).map_err(|e| e.to_string()));
        self.manner.credit = credit.split(' ').map(of).collect::<Result<_, _>>()?;
        self.manner.low_water = of(low)?;
        Ok(())
    }

    fn make_clip(&mut self, text: &str) -> Result<(), String> {
        let frames = text.strip_suffix(" streamed");
        self.clip = clip(number(frames.unwrap_or(text))?);
        if frames.is_some() {
            let header = self.clip[..HEADER_BYTES].to_vec();
            self.clip.splice(0..0, header);
        }
        self.n_sent = 0;
        let Manner { credit, over_ask, .. } = &mut self.manner;
        let mut requests = credit.iter().chain(credit.last().into_iter().cycle());
        let mut n_asked = 0;
        while n_asked < self.clip.len() {
            n_asked += usize::from(*requests.next().ok_or("no credit")?);
        }
        *over_ask = n_asked - self.clip.len();
        Ok(())
    }

    /// The next bytes of the clip, and what fills up after it.
    fn next_bytes(&mut self, n_bytes: usize) -> Vec<u8> {
        let rest = self.clip.iter().skip(self.n_sent).copied().chain(iter::repeat(FILL));
        self.n_sent += n_bytes;
        rest.take(n_bytes).collect()
    }

    fn value(&self, text: &str) -> Result<(Characteristic, Vec<u8>), String> {
        let (name, bytes) = text.split_once(' ').unwrap_or((text, ""));
        Ok((characteristic(name)?, self.bytes(bytes)?))
    }

    fn bytes(&self, text: &str) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        for word in text.split_whitespace() {
            match (word, word.split_once('*')) {
                ("clip", _) => bytes.extend_from_slice(&self.clip),
                ("recording", _) => bytes.extend_from_slice(&self.recording),
                ("key", _) => bytes.extend_from_slice(&UPLOAD_KEY),
                (_, Some((one, times))) => bytes.extend(vec![byte(one)?; number(times)?]),
                _ if word.starts_with('"') => {
                    bytes.extend_from_slice(word.trim_matches('"').as_bytes());
                }
                _ => bytes.push(byte(word)?),
            }
        }
        Ok(bytes)
    }
}

fn byte(word: &str) -> Result<u8, String> {
    u8::from_str_radix(word, 16).map_err(|error| format!("{word}: {error}"))
}

fn number(word: &str) -> Result<usize, String> {
    word.parse().map_err(|error| format!("{word}: {error}"))
}

fn duration(text: &str) -> Result<Duration, String> {
    let (count, unit) = match text.strip_suffix("ms") {
        Some(count) => (count, 1),
        None => (text.strip_suffix('s').ok_or("no unit")?, 1_000),
    };
    let count = count.parse::<u64>().map_err(|error| format!("{text}: {error}"))?;
    Ok(Duration::from_millis(count * unit))
}

fn characteristic(name: &str) -> Result<Characteristic, String> {
    let mut all = Characteristic::ALL.into_iter();
    all.find(|one| one.name() == name).ok_or_else(|| format!("no characteristic {name}"))
}

/// A clip of so many frames.
fn clip(n_frames: usize) -> Vec<u8> {
    let n_words = n_frames * 20;
    let [frames, words] = [n_frames, n_words].map(|n| u32::try_from(n).unwrap().to_le_bytes());
    let mut bytes = b"AU".to_vec();
    for field in [16_000_u16, 1_600, 1] {
        bytes.extend_from_slice(&field.to_le_bytes());
    }
    bytes.extend_from_slice(&frames);
    bytes.extend_from_slice(&words);
    bytes.extend_from_slice(&[0; 10]);
    bytes.extend_from_slice(&[16, 0, 0xff, 0xff, 0xff, 0xff]);
    bytes.extend((0..251).cycle().take(2 * n_words));
    bytes
}

/// A recording of so many packets of four bits per code.
fn recording(n_packets: usize) -> Vec<u8> {
    let mut bytes = b"MS".to_vec();
    for field in [8_000_u16, 4, 1] {
        bytes.extend_from_slice(&field.to_le_bytes());
    }
    bytes.resize(HEADER_BYTES, 0);
    bytes.extend((0..241).cycle().take(n_packets * 22));
    bytes
}
