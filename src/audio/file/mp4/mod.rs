//! MP4 with AAC: M4A, and the sound of phones' videos, also in fragments as browsers record it.
//!
//! Read here because of three things: what stands in tables must not decide what is taken or how
//! long it takes, the beginning that encoders add is to be dropped, and a file that cannot be
//! played gets the reason.

mod boxes;
mod fragments;
mod table;

use std::ops::Range;

use super::{FileError, Heard, aac, gather::Gather};
use boxes::{Boxes, Fields};

/// Packets of ten minutes at the highest rate, four times over.
const MAX_PACKETS: usize = 1 << 18;

/// The sound track of a file.
struct Track {
    id: u32,
    config: aac::Config,
    edit: Edit,
    /// Where its packets lie in the file, if there is a table of them.
    packets: Packets,
}

/// Where the packets of a track lie in the file, in the order in which they are played.
struct Packets {
    places: Vec<Range<usize>>,
    /// How many there are of them; no more than [`MAX_PACKETS`] are looked for.
    n_all: usize,
    /// Bytes that they may have together: packets that share their bytes would make a small file
    /// cost what a large one does.
    bytes_left: usize,
}

/// Which part of a track is to be heard, in samples.
#[derive(Clone, Copy, Default)]
struct Edit {
    skip: u64,
    length: Option<u64>,
}

/// Decodes the first sound track of an MP4 file.
pub(super) fn read(file: &[u8], mut gather: Gather<'_>) -> Result<Heard, FileError> {
    let movie = Boxes::new(file).find(*b"moov").ok_or(FileError::Cut)?;
    if movie.is_cut {
        return Err(FileError::Cut);
    }
    let mut track = track(movie.body, file.len())?;
    let defaults = Boxes::new(movie.body).find(*b"mvex");
    if let Some(defaults) = defaults {
        fragments::add(file, track.id, defaults.body, &mut track.packets);
    }
    let mut decoder = track.config.decoder()?;
    gather.skip(track.edit.skip);
    let mut done = 0;
    for place in track.packets.places {
        if !gather.wants_more()? {
            break;
        }
        done += 1;
        // A video has far larger packets, which are none of ours; a broken off file has none.
        if let Some(packet) = file.get(place) {
            decoder.decode(packet, &mut gather)?;
        }
    }
    if let Some(length) = track.edit.length {
        gather.end_at(length);
    }
    gather.finish(done, track.packets.n_all)
}

/// Finds the first sound track that can be played, or the reason why there is none.
fn track(movie: &[u8], file_bytes: usize) -> Result<Track, FileError> {
    let clock = Boxes::new(movie).find(*b"mvhd").and_then(|head| timescale(head.body));
    let mut reason = FileError::NoSoundTrack;
    for track in Boxes::new(movie).filter(|found| found.kind == *b"trak") {
        match sound_track(track.body, clock, file_bytes) {
            Some(Ok(track)) => return Ok(track),
            Some(Err(error)) if reason == FileError::NoSoundTrack => reason = error,
            Some(Err(_)) | None => {}
        }
    }
    Err(reason)
}

/// Reads a track; none if it is no sound.
fn sound_track(
    track: &[u8],
    movie_clock: Option<u32>,
    file_bytes: usize,
) -> Option<Result<Track, FileError>> {
    let media = Boxes::new(track).find(*b"mdia")?.body;
    let handler = Boxes::new(media).find(*b"hdlr")?.body;
    if handler.get(8..12)? != b"soun" {
        return None;
    }
    let clock = timescale(Boxes::new(media).find(*b"mdhd")?.body)?;
    let table = Boxes::new(media).find(*b"minf")?.body;
    let table = Boxes::new(table).find(*b"stbl")?.body;
    let described = Boxes::new(table).find(*b"stsd")?.body;
    let config = match config(described.get(8..)?) {
        Ok(config) => config,
        Err(error) => return Some(Err(error)),
    };
    let edits =
        Boxes::new(track).find(*b"edts").and_then(|edits| Boxes::new(edits.body).find(*b"elst"));
    let edit = edits.and_then(|list| edit(list.body, config.rate, clock, movie_clock));
    let id = number_after_times(Boxes::new(track).find(*b"tkhd")?.body)?;
    let packets = table::packets(table, file_bytes);
    Some(Ok(Track { id, config, edit: edit.unwrap_or_default(), packets }))
}

/// Reads what the sound is encoded as.
fn config(descriptions: &[u8]) -> Result<aac::Config, FileError> {
    let description = Boxes::new(descriptions).next().ok_or(FileError::Cut)?;
    let unread = match &description.kind {
        b"mp4a" => return aac_config(description.body),
        b"enca" | b"drms" => return Err(FileError::Protected),
        b"samr" | b"sawb" => "AMR, as old phones record it,",
        b"alac" => "Apple Lossless (ALAC)",
        b"ac-3" | b"ec-3" => "Dolby sound (AC-3)",
        b"Opus" => "Opus inside an MP4 file",
        b"fLaC" => "FLAC inside an MP4 file",
        b".mp3" => "MP3 inside an MP4 file",
        b"sowt" | b"twos" | b"lpcm" | b"ipcm" | b"in24" | b"fl32" | b"raw " | b"NONE" => {
            "QuickTime's uncompressed sound"
        }
        _ => "an MP4 file with sound of a rare kind",
    };
    Err(FileError::Encoding(unread))
}

fn aac_config(description: &[u8]) -> Result<aac::Config, FileError> {
    const RARE: FileError = FileError::Encoding("an MP4 file with sound of a rare kind");
    // QuickTime has more fields than MP4, and the box one deeper.
    let version = description.get(9);
    let n_fields = match version {
        Some(0) => 28,
        Some(1) => 44,
        Some(2) => 64,
        _ => return Err(RARE),
    };
    let inner = description.get(n_fields..).ok_or(FileError::Cut)?;
    if Boxes::new(inner).find(*b"sinf").is_some() {
        return Err(FileError::Protected);
    }
    let inner = Boxes::new(inner).find(*b"wave").map_or(inner, |wave| wave.body);
    let described = Boxes::new(inner).find(*b"esds").ok_or(RARE)?.body;
    aac::Config::read(boxes::decoder_config(described).ok_or(RARE)?)
}

/// Reads the edit list: what encoders add at both ends lies outside of it.
fn edit(list: &[u8], rate: u32, clock: u32, movie_clock: Option<u32>) -> Option<Edit> {
    let mut fields = Fields(list);
    let is_long = fields.u32()? >> 24 == 1;
    let n_edits = fields.u32()?;
    let mut edit = None;
    let in_samples = |n: u64, clock: u32| {
        let samples = u128::from(n) * u128::from(rate) / u128::from(clock.max(1));
        u64::try_from(samples).ok()
    };
    for _ in 0..n_edits {
        let (length, start) = if is_long {
            (fields.u64()?, fields.u64()?.cast_signed())
        } else {
            (fields.u32()?.into(), fields.u32()?.cast_signed().into())
        };
        let _speed = fields.u32()?;
        // One that starts before the track does says how much later than the picture it begins.
        let Ok(start) = u64::try_from(start) else { continue };
        match &mut edit {
            None => {
                let length =
                    movie_clock.filter(|_| 0 < length).and_then(|clock| in_samples(length, clock));
                edit = Some(Edit { skip: in_samples(start, clock)?, length });
            }
            // Several parts are heard as one, and where that ends is not known.
            Some(edit) => edit.length = None,
        }
    }
    edit
}

/// Returns how many ticks a second has, of a head that says so.
fn timescale(head: &[u8]) -> Option<u32> {
    number_after_times(head).filter(|ticks| 0 < *ticks)
}

/// Returns the number after two times, which are long in the later version.
fn number_after_times(head: &[u8]) -> Option<u32> {
    let mut fields = Fields(head);
    match fields.u32()? >> 24 {
        0 => fields.skip(8)?,
        _ => fields.skip(16)?,
    }
    fields.u32()
}
