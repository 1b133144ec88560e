//! Audio32, the sound that toys play: ITU-T G.722.1 at 16 kbit/s in a file with a 32-byte header.
//!
//! A frame is 20 ms: 320 samples at 16 kHz, 40 bytes. A lapped transform turns the samples into
//! 320 coefficients; 14 regions of 20 coefficients cover 50 Hz to 7 kHz and the rest is dropped.
//! A frame sends the level of each region (its [envelope]), one of sixteen ways to share out the
//! remaining bits (its [categories]), and the coefficients, [quantised](quantize) in vectors under
//! prefix codes.
//!
//! The encoder is bit-exact with the one that toys were sold with: same samples, same bytes. The
//! decoder follows the Recommendation in floating point and behaves as a toy would with damaged
//! frames.
#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    reason = "a codec: sizes are fixed by the format, and its arithmetic is defined on bits"
)]

mod bits;
mod categories;
mod decoder;
mod encoder;
mod envelope;
mod prefix;
mod quantize;
mod tables;
#[cfg(test)]
mod tests;
mod transform;
mod trig;

pub use decoder::{Decoder, Verdict};
pub use encoder::Encoder;

use super::{AudioError, Pcm};

/// Samples per second.
pub const RATE: u32 = 16_000;
/// Samples in a frame.
pub const FRAME_SAMPLES: usize = 320;
/// Bytes of a frame.
pub const FRAME_BYTES: usize = 40;
/// Bytes before the first frame.
pub const HEADER_BYTES: usize = 32;
/// How many samples later a sound comes out of the decoder than it went into the encoder.
pub const DELAY_SAMPLES: usize = 320;

/// Regions that are sent.
const REGIONS: usize = 14;
/// Coefficients in a region.
const REGION_WIDTH: usize = 20;

const MAGIC: u16 = 0x5541;
/// Bits per second, in tens, as the header has it.
const BIT_RATE: u16 = 1_600;
const CHANNELS: u16 = 1;
const HEADER_WORDS: u16 = 16;
const WORDS_PER_FRAME: u32 = 20;

/// Everything a header says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Header {
    /// Samples per second; always 16,000.
    pub rate: u16,
    /// Bits per second; always 16,000.
    pub bit_rate: u32,
    /// Always 1.
    pub channels: u16,
    /// How many frames the file should have.
    pub frames: u32,
    /// How many 16-bit words the frames should take.
    pub payload_words: u32,
    /// Marks that other makers' tools set; zero in a toy's files.
    pub marks: [u16; 5],
    /// Length of the header in 16-bit words; always 16.
    pub header_words: u16,
    /// The header's last four bytes, all ones in a toy's files.
    pub trailer: u32,
}

/// A decoded file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decoded {
    /// The sound, [`DELAY_SAMPLES`] late.
    pub pcm: Pcm,
    /// What the header said.
    pub header: Header,
    /// How many frames were decoded.
    pub frames: usize,
    /// How many of them were bad and concealed.
    pub bad_frames: usize,
    /// Bytes behind the header: `frames` whole ones, or fewer or more where the file is damaged.
    pub payload_bytes: usize,
}

impl Decoded {
    /// Tells whether the file holds exactly the frames that its header promises.
    pub fn is_complete(&self) -> bool {
        u64::from(self.header.frames) * FRAME_BYTES as u64 == self.payload_bytes as u64
    }
}

/// Encodes 16 kHz samples as a whole file, the last frame filled up with silence.
///
/// No frame is added to flush the last 20 ms out of the transform (see [`Encoder`]); whoever wants
/// to hear them appends 320 zeros.
pub fn encode(samples: &[i16]) -> Vec<u8> {
    let n_frames = samples.len().div_ceil(FRAME_SAMPLES);
    let mut file = Vec::with_capacity(HEADER_BYTES + n_frames * FRAME_BYTES);
    let frames = u32::try_from(n_frames).unwrap_or(u32::MAX);
    let payload_words = frames.saturating_mul(WORDS_PER_FRAME);
    for field in [MAGIC, RATE as u16, BIT_RATE, CHANNELS] {
        file.extend(field.to_le_bytes());
    }
    file.extend(frames.to_le_bytes());
    file.extend(payload_words.to_le_bytes());
    file.extend([0; 10]);
    file.extend(HEADER_WORDS.to_le_bytes());
    file.extend([0xff; 4]);

    let mut encoder = Encoder::new();
    let (whole, rest) = samples.as_chunks();
    for frame in whole {
        file.extend(encoder.encode_frame(frame));
    }
    if !rest.is_empty() {
        let mut frame = [0; FRAME_SAMPLES];
        frame[..rest.len()].copy_from_slice(rest);
        file.extend(encoder.encode_frame(&frame));
    }
    file
}

/// Reads the header of a file, and refuses one that no toy could play.
pub fn header(file: &[u8]) -> Result<Header, AudioError> {
    let Some(bytes) = file.first_chunk::<HEADER_BYTES>() else {
        return Err(AudioError::HeaderCut(file.len()));
    };
    let u16_at = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let u32_at = |at: usize| u32::from(u16_at(at)) | u32::from(u16_at(at + 2)) << 16;
    if u16_at(0) != MAGIC {
        return Err(AudioError::WrongKind("AU"));
    }
    let only = |at, field, value, known| match u16_at(at) {
        found if found == value => Ok(found),
        found => Err(AudioError::HeaderField { field, found, known }),
    };
    Ok(Header {
        rate: only(2, "sample rate", RATE as u16, "16000")?,
        bit_rate: 10 * u32::from(only(4, "bit rate in tens", BIT_RATE, "1600")?),
        channels: only(6, "number of channels", CHANNELS, "1")?,
        frames: u32_at(8),
        payload_words: u32_at(12),
        marks: [16, 18, 20, 22, 24].map(u16_at),
        header_words: only(26, "header length in words", HEADER_WORDS, "16")?,
        trailer: u32_at(28),
    })
}

/// Decodes a whole file: as many frames as its header promises and it has, whichever is less.
pub fn decode(file: &[u8]) -> Result<Decoded, AudioError> {
    let header = header(file)?;
    let payload = &file[HEADER_BYTES..];
    let (present, _) = payload.as_chunks();
    let promised = usize::try_from(header.frames).unwrap_or(usize::MAX);
    let frames = &present[..present.len().min(promised)];

    let mut samples = vec![0; frames.len() * FRAME_SAMPLES];
    let mut decoder = Decoder::new();
    let mut bad_frames = 0;
    for (frame, samples) in frames.iter().zip(samples.as_chunks_mut().0) {
        if decoder.decode_frame(frame, samples) == Verdict::Bad {
            bad_frames += 1;
        }
    }
    Ok(Decoded {
        pcm: Pcm { rate: RATE, samples },
        header,
        frames: frames.len(),
        bad_frames,
        payload_bytes: payload.len(),
    })
}
