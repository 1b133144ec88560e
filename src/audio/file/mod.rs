//! Sound files as people have them: MP3, M4A and AAC, Ogg Vorbis, Ogg Opus, FLAC, WAV.
//!
//! A file is what its first bytes say, whatever it is called. It is decoded packet by packet into
//! mono sound at the toys' rate, and no further than is wanted: a small file that would play for a
//! day costs no more than one that is a little too long. What stands around the sound (tables,
//! pages, pictures) is read here, because a claim in it must decide neither how much memory is
//! taken nor how long it takes; the decoders get single packets, FLAC excepted.
//!
//! A damaged packet is left out, and what is left of a file that breaks off is taken. Not so with
//! WAV: there the header tells how much there should be, and a page that records sends it.

mod aac;
mod decoder;
mod flac;
mod gather;
mod mp3;
mod mp4;
mod ogg;
mod opus;
#[cfg(test)]
mod tests;
mod vorbis;

use super::{
    AudioError, audio32,
    wav::{Wav, WavError},
};
use gather::Gather;

/// What is wrong with a sound file.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum FileError {
    /// There is not one byte.
    #[error("the file is empty")]
    Empty,
    /// It is no sound, or of a kind that nobody has heard of.
    #[error("the file is no sound of any kind that is known")]
    NoSoundFile,
    /// It is a video, and a silent one.
    #[error("the video has no sound track")]
    NoSoundTrack,
    /// It is locked to a player.
    #[error("the file is protected against copying")]
    Protected,
    /// It is sound of a kind that is not read here.
    #[error("{0} cannot be played here")]
    Encoding(&'static str),
    /// It ends before its sound begins.
    #[error("the file breaks off before its sound begins")]
    Cut,
    /// Hardly anything of it can be decoded.
    #[error("the file is damaged")]
    Damaged,
    /// There is not one sample.
    #[error("there is no sound in the file")]
    NoSound,
    /// It takes longer than whoever waits would wait.
    #[error("the file takes too long to decode")]
    TakesTooLong,
    /// It is WAV, and at fault in a way that only WAV can be.
    #[error(transparent)]
    Wav(WavError),
}

/// What a sound file has to say: mono, at the toys' rate.
pub struct Heard {
    /// The samples, full scale being -1 to 1; no more than were wanted, and a little.
    pub samples: Vec<f32>,
    /// How long the whole file lasts. If it was not decoded to its end, about so long.
    pub length_ms: u32,
}

impl Heard {
    /// Drops all that comes after so many milliseconds.
    pub fn cut(&mut self, ms: u32) {
        let n_samples = u64::from(ms) * u64::from(audio32::RATE) / 1_000;
        self.samples.truncate(usize::try_from(n_samples).unwrap_or(usize::MAX));
    }
}

/// What the first bytes of a file tell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Wav,
    Ogg,
    Flac,
    Mp4,
    Mp3,
    Adts,
}

/// How far into a file without a beginning of its own the first frame is looked for.
const SEARCHED_BYTES: usize = 64 << 10;
/// Samples of a WAV file that are decoded at a time.
const WAV_FRAMES: usize = 16 << 10;

/// Decodes a sound file, up to so many milliseconds and a little; `go_on` is asked again and again
/// whether there is still time.
pub fn read(file: &[u8], wanted_ms: u32, go_on: &dyn Fn() -> bool) -> Result<Heard, FileError> {
    let (kind, file) = kind(file)?;
    let gather = Gather::new(wanted_ms, go_on);
    match kind {
        Kind::Wav => wav(file, gather),
        Kind::Ogg => ogg::read(file, gather),
        Kind::Flac => flac::read(file, gather),
        Kind::Mp4 => mp4::read(file, gather),
        Kind::Mp3 => mp3::read(file, gather),
        Kind::Adts => aac::read_adts(file, gather),
    }
}

fn wav(file: &[u8], mut gather: Gather<'_>) -> Result<Heard, FileError> {
    let wav = Wav::open(file)?;
    let mut n_frames = 0;
    for piece in wav.pieces(WAV_FRAMES) {
        if !gather.wants_more()? {
            break;
        }
        n_frames += piece.samples.len() / usize::from(piece.channels);
        gather.add(&piece)?;
    }
    gather.finish(n_frames, wav.n_frames())
}

/// Finds out what a file is, and where that begins.
fn kind(file: &[u8]) -> Result<(Kind, &[u8]), FileError> {
    if file.is_empty() {
        return Err(FileError::Empty);
    }
    let file = without_id3(file)?;
    let kind = match file {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b' ', ..] => {
            return Err(FileError::Encoding("an AVI video"));
        }
        [b'R', b'I', b'F', b'F', _, _, _, _, b'R', b'M', b'I', b'D', ..] => {
            return Err(FileError::Encoding("MIDI"));
        }
        [b'R', b'I', b'F', b'F', ..] => Kind::Wav,
        [b'O', b'g', b'g', b'S', ..] => Kind::Ogg,
        [b'f', b'L', b'a', b'C', ..] => Kind::Flac,
        // QuickTime has no "ftyp" of old.
        [_, _, _, _, b'f', b't', b'y', b'p', ..]
        | [_, _, _, _, b'm', b'o', b'o' | b'd', b'v' | b'a', ..]
        | [_, _, _, _, b'w', b'i', b'd', b'e', ..] => Kind::Mp4,
        _ => match unread(file) {
            Some(name) => return Err(FileError::Encoding(name)),
            None => return frames(file),
        },
    };
    Ok((kind, file))
}

/// Returns the name of a kind that is sound, but not read here.
fn unread(file: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 14] = [
        (b"#!AMR", "AMR, as old phones record it,"),
        (b"MThd", "MIDI"),
        (&[0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11], "Windows Media (WMA)"),
        (&[0x1a, 0x45, 0xdf, 0xa3], "WebM or Matroska"),
        (b"FORM", "AIFF"),
        (b"caff", "Apple's CAF"),
        (b"RF64", "a WAV file of the long kind (RF64)"),
        (b".snd", "AU"),
        (b"MAC ", "Monkey's Audio"),
        (b"wvPk", "WavPack"),
        (b"MPCK", "Musepack"),
        (b"MP+", "Musepack"),
        (b"DSD ", "DSD"),
        (&[0x0b, 0x77], "AC-3"),
    ];
    KINDS.iter().find(|(magic, _)| file.starts_with(magic)).map(|(_, name)| *name)
}

/// Finds the first of frames that follow each other, in a file that has nothing else to be known by.
fn frames(file: &[u8]) -> Result<(Kind, &[u8]), FileError> {
    for at in 0..file.len().min(SEARCHED_BYTES) {
        let from = file.get(at..).unwrap_or_default();
        let [0xff, second, ..] = from else { continue };
        if mp3::is_start(from, at == 0) {
            return match second >> 1 & 3 {
                1 => Ok((Kind::Mp3, from)),
                _ => Err(FileError::Encoding("MPEG sound of an old layer (MP1, MP2)")),
            };
        }
        if aac::is_start(from, at == 0) {
            return Ok((Kind::Adts, from));
        }
    }
    Err(FileError::NoSoundFile)
}

/// Leaves out what MP3 files have in front of the sound: names and pictures.
fn without_id3(mut file: &[u8]) -> Result<&[u8], FileError> {
    while let [b'I', b'D', b'3', _, _, flags, a, b, c, d, rest @ ..] = file {
        let n_bytes = [a, b, c, d].iter().fold(0, |n, byte| n << 7 | usize::from(*byte & 0x7f));
        let n_bytes = n_bytes + if flags & 0x10 == 0 { 0 } else { 10 };
        file = rest.get(n_bytes..).filter(|rest| !rest.is_empty()).ok_or(FileError::Cut)?;
    }
    // Some writers fill up with zeros and do not count them.
    let n_zeros = file.iter().take(SEARCHED_BYTES).take_while(|byte| **byte == 0).count();
    match file.get(n_zeros..) {
        Some(rest @ [0xff, ..]) => Ok(rest),
        _ => Ok(file),
    }
}

impl From<WavError> for FileError {
    fn from(error: WavError) -> Self {
        match error {
            WavError::Empty => Self::Empty,
            WavError::NotWav => Self::NoSoundFile,
            WavError::HeaderCut => Self::Cut,
            WavError::NoSound => Self::NoSound,
            WavError::Cut { .. }
            | WavError::NoFormat
            | WavError::Rate(_)
            | WavError::Channels(_)
            | WavError::Encoding { .. } => Self::Wav(error),
        }
    }
}

impl std::fmt::Debug for Heard {
    // The samples may be a child's voice: they must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Heard")
            .field("length_ms", &self.length_ms)
            .field("length", &self.samples.len())
            .finish_non_exhaustive()
    }
}

/// What a sound is like that no toy could be given.
const UNUSUAL: FileError = FileError::Encoding("sound with so unusual a rate or so many channels");

impl From<AudioError> for FileError {
    fn from(_rate: AudioError) -> Self {
        UNUSUAL
    }
}
