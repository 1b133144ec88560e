//! FLAC.
//!
//! Its frames do not say how long they are, so symphonia finds them. It gets nothing else: names,
//! pictures and tables in front of them are left out.

use std::io::{Cursor, Read as _};

use symphonia::{
    core::{
        codecs::{CodecParameters, audio::AudioDecoderOptions},
        formats::{FormatOptions, FormatReader as _},
        io::{MediaSourceStream, MediaSourceStreamOptions, ReadOnlySource},
    },
    default::{codecs::FlacDecoder, formats::FlacReader},
};

use super::{FileError, Heard, UNUSUAL, decoder::Packets, gather::Gather};

const MAGIC: &[u8; 4] = b"fLaC";
/// Stands in front of a block: whether it is the last, its kind, its length.
const BLOCK_HEADER_BYTES: usize = 4;
const LAST: u8 = 0x80;
/// The block that describes the sound.
const STREAM_INFO: u8 = 0;
const STREAM_INFO_BYTES: usize = 34;

/// Decodes FLAC.
pub(super) fn read(file: &[u8], mut gather: Gather<'_>) -> Result<Heard, FileError> {
    let (info, frames) = split(file).ok_or(FileError::Cut)?;
    let (rate, n_frames) = (rate(info), n_frames(info));
    if !crate::audio::wav::RATES.contains(&rate) {
        return Err(UNUSUAL);
    }
    let mut head = MAGIC.to_vec();
    head.extend([LAST | STREAM_INFO, 0, 0, 34]);
    head.extend(info);
    // What cannot be sought in is read once, from its beginning to its end.
    let source = ReadOnlySource::new(Cursor::new(head).chain(Cursor::new(frames)));
    let source = MediaSourceStream::new(Box::new(source), MediaSourceStreamOptions::default());
    let mut reader =
        FlacReader::try_new(source, FormatOptions::default()).map_err(|_no_frame| {
            if frames.is_empty() { FileError::NoSound } else { FileError::Damaged }
        })?;
    let params = reader.tracks().first().and_then(|track| track.codec_params.as_ref());
    let Some(CodecParameters::Audio(params)) = params else { return Err(FileError::Damaged) };
    let decoder = FlacDecoder::try_new(params, &AudioDecoderOptions::default());
    let mut packets = Packets::new(decoder.map_err(|_refused| FileError::Damaged)?);
    let mut done = 0;
    while gather.wants_more()? {
        // It ends with an error if frames are missing that were promised.
        let Ok(Some(packet)) = reader.next_packet() else { break };
        done += packets.decode(&packet.data, &mut gather)?;
    }
    gather.finish(done, n_frames)
}

/// Returns the description of the sound, and where the sound begins.
fn split(file: &[u8]) -> Option<(&[u8; STREAM_INFO_BYTES], &[u8])> {
    let mut rest = file.strip_prefix(MAGIC)?;
    let mut info = None;
    loop {
        let (&[kind, a, b, c], after) = rest.split_first_chunk::<BLOCK_HEADER_BYTES>()?;
        let n_bytes = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        let (block, after) = after.split_at_checked(n_bytes)?;
        if kind & !LAST == STREAM_INFO {
            info = Some(block.first_chunk()?);
        }
        rest = after;
        if kind & LAST != 0 {
            return Some((info?, rest));
        }
    }
}

fn rate(info: &[u8; STREAM_INFO_BYTES]) -> u32 {
    let [_, _, _, _, _, _, _, _, _, _, a, b, c, ..] = *info;
    u32::from(a) << 12 | u32::from(b) << 4 | u32::from(c >> 4)
}

/// Returns how many samples each channel should have; 0 if nobody knows.
fn n_frames(info: &[u8; STREAM_INFO_BYTES]) -> usize {
    let [_, _, _, _, _, _, _, _, _, _, _, _, _, high, low @ .., _, _, _, _] = info;
    let low = low.first_chunk().copied().map_or(0, u32::from_be_bytes);
    let n = u64::from(high & 0xf) << 32 | u64::from(low);
    usize::try_from(n).unwrap_or(usize::MAX)
}
