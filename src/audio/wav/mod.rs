//! WAV files, the way sound comes from a browser and goes to one.
//!
//! Reading is done here rather than by a library so that a claim in the header never decides how
//! much memory is taken, each fault has a sentence of its own, and sound is found behind chunks of
//! odd length too. Compressed forms are refused.

#[cfg(test)]
mod tests;

use std::io::Cursor;

use super::{AudioError, Pcm, Sound, pcm::tame};

/// Rates that sound is taken at: from the toys' own to the highest that studios use.
pub const RATES: std::ops::RangeInclusive<u32> = 8_000..=192_000;
/// Surround sound has up to eight channels.
const MAX_CHANNELS: u16 = 8;
/// Stands for "as much as there is" in files whose writer could not go back to fill it in.
const LENGTH_UNKNOWN: u32 = u32::MAX;

const PCM: u16 = 1;
const FLOAT: u16 = 3;
const EXTENSIBLE: u16 = 0xfffe;

/// What is wrong with a WAV file.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WavError {
    /// There is not one byte.
    #[error("the WAV file is empty: record or export it again")]
    Empty,
    /// It is another kind of file.
    #[error("this is not a WAV file: save the sound as WAV and try again")]
    NotWav,
    /// It ends before its sound begins.
    #[error("the WAV file is cut off before its sound begins: transfer it again")]
    HeaderCut,
    /// It ends before its sound does.
    #[error(
        "the WAV file is cut off: its header promises {promised} bytes of sound, but {present} \
         are there: transfer it again"
    )]
    Cut {
        /// What the header says.
        promised: u32,
        /// What is there.
        present: usize,
    },
    /// The sound comes before its description.
    #[error("the WAV file does not say what its sound is like: export it again")]
    NoFormat,
    /// The rate is out of range.
    #[error(
        "the WAV file has {0} samples per second: save it with {min} to {max}",
        min = RATES.start(),
        max = RATES.end()
    )]
    Rate(u32),
    /// The number of channels is out of range.
    #[error("the WAV file has {0} channels: save it as mono or stereo")]
    Channels(u16),
    /// The samples are in no form that is read here.
    #[error(
        "the WAV file is compressed or of a rare kind (format {tag:#x}, {bits} bits): save it as \
         16-bit PCM"
    )]
    Encoding {
        /// The format's registered number.
        tag: u16,
        /// Bits per sample.
        bits: u16,
    },
    /// There is not one sample.
    #[error("there is no sound in the WAV file: record or export it again")]
    NoSound,
}

#[derive(Clone, Copy)]
enum Encoding {
    Unsigned8,
    Int16,
    Int24,
    Int32,
    Float32,
    Float64,
}

#[derive(Clone, Copy)]
struct Format {
    channels: u16,
    rate: u32,
    encoding: Encoding,
    frame_bytes: u16,
}

/// Reads a WAV file: 8 to 32 bits, integer or floating point, also with the extensible header.
pub fn read(bytes: &[u8]) -> Result<Sound, AudioError> {
    let Wav { format: Format { channels, rate, encoding, .. }, data } = Wav::open(bytes)?;
    Ok(Sound { rate, channels, samples: samples(encoding, data) })
}

/// A WAV file whose sound is not decoded yet.
pub(super) struct Wav<'a> {
    format: Format,
    data: &'a [u8],
}

impl<'a> Wav<'a> {
    /// Reads everything but the sound.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, WavError> {
        let (format, data) = find_sound(bytes)?;
        let n_whole = data.len() - data.len() % usize::from(format.frame_bytes);
        let data = data.get(..n_whole).unwrap_or(data);
        if data.is_empty() {
            return Err(WavError::NoSound);
        }
        Ok(Self { format, data })
    }

    /// Returns how many samples each channel has.
    pub(super) fn n_frames(&self) -> usize {
        self.data.len() / usize::from(self.format.frame_bytes)
    }

    /// Returns the sound in pieces of up to so many samples of each channel.
    pub(super) fn pieces(&self, n_frames: usize) -> impl Iterator<Item = Sound> {
        let Format { channels, rate, encoding, frame_bytes } = self.format;
        let pieces = self.data.chunks(usize::from(frame_bytes) * n_frames.max(1));
        pieces.map(move |piece| Sound { rate, channels, samples: samples(encoding, piece) })
    }
}

/// Writes a WAV file: mono, 16 bits.
pub fn write(pcm: &Pcm) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: pcm.rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = Cursor::new(Vec::with_capacity(64 + 2 * pcm.samples.len()));
    let written = hound::WavWriter::new(&mut file, spec).and_then(|mut writer| {
        for &sample in &pcm.samples {
            writer.write_sample(sample)?;
        }
        writer.finalize()
    });
    written.expect("memory takes all bytes, and four gigabytes of sound never come together");
    file.into_inner()
}

/// Walks through the chunks to the one with the sound.
fn find_sound(bytes: &[u8]) -> Result<(Format, &[u8]), WavError> {
    if bytes.is_empty() {
        return Err(WavError::Empty);
    }
    let Some((riff, mut rest)) = bytes.split_first_chunk::<12>() else {
        let is_start = b"RIFF".iter().zip(bytes).all(|(expected, found)| expected == found);
        return Err(if is_start { WavError::HeaderCut } else { WavError::NotWav });
    };
    let [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E'] = riff else {
        return Err(WavError::NotWav);
    };
    let mut format = None;
    loop {
        let Some((&[a, b, c, d, l0, l1, l2, l3], body)) = rest.split_first_chunk::<8>() else {
            return Err(WavError::HeaderCut);
        };
        let promised = u32::from_le_bytes([l0, l1, l2, l3]);
        let n_bytes = usize::try_from(promised).unwrap_or(usize::MAX);
        match &[a, b, c, d] {
            b"data" => {
                let format = format.ok_or(WavError::NoFormat)?;
                let data = match body.get(..n_bytes) {
                    Some(data) => data,
                    None if promised == LENGTH_UNKNOWN => body,
                    None => return Err(WavError::Cut { promised, present: body.len() }),
                };
                return Ok((format, data));
            }
            b"fmt " => {
                let chunk = body.get(..n_bytes).ok_or(WavError::HeaderCut)?;
                format = Some(read_format(chunk)?);
            }
            _ => {}
        }
        // Chunks start at even places.
        rest = body.get(n_bytes.saturating_add(n_bytes % 2)..).ok_or(WavError::HeaderCut)?;
    }
}

fn read_format(chunk: &[u8]) -> Result<Format, WavError> {
    let Some((&[t0, t1, c0, c1, r0, r1, r2, r3, _, _, _, _, f0, f1, b0, b1], more)) =
        chunk.split_first_chunk::<16>()
    else {
        return Err(WavError::HeaderCut);
    };
    let channels = u16::from_le_bytes([c0, c1]);
    let rate = u32::from_le_bytes([r0, r1, r2, r3]);
    let frame_bytes = u16::from_le_bytes([f0, f1]);
    let bits = u16::from_le_bytes([b0, b1]);
    // The extensible header has the true format in the first bytes of its GUID, after the length of
    // what follows, the valid bits and the places of the loudspeakers.
    let tag = match (u16::from_le_bytes([t0, t1]), more) {
        (EXTENSIBLE, [_, _, _, _, _, _, _, _, g0, g1, ..]) => u16::from_le_bytes([*g0, *g1]),
        (tag, _) => tag,
    };
    if channels == 0 || MAX_CHANNELS < channels {
        return Err(WavError::Channels(channels));
    }
    if !RATES.contains(&rate) {
        return Err(WavError::Rate(rate));
    }
    // Fewer bits than the sample's bytes hold are left-justified: the bytes alone decide.
    let sample_bytes = bits.div_ceil(8);
    let encoding = match (tag, sample_bytes) {
        (PCM, 1) => Encoding::Unsigned8,
        (PCM, 2) => Encoding::Int16,
        (PCM, 3) => Encoding::Int24,
        (PCM, 4) => Encoding::Int32,
        (FLOAT, 4) => Encoding::Float32,
        (FLOAT, 8) => Encoding::Float64,
        _ => return Err(WavError::Encoding { tag, bits }),
    };
    if frame_bytes != channels * sample_bytes {
        return Err(WavError::Encoding { tag, bits });
    }
    Ok(Format { channels, rate, encoding, frame_bytes })
}

#[allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "samples become floats, which loses nothing that could be heard"
)]
fn samples(encoding: Encoding, data: &[u8]) -> Vec<f32> {
    const FULL_SCALE_32: f32 = 2_147_483_648.0;
    match encoding {
        Encoding::Unsigned8 => data.iter().map(|&byte| (f32::from(byte) - 128.0) / 128.0).collect(),
        Encoding::Int16 => {
            chunks(data, |bytes| f32::from(i16::from_le_bytes(bytes)) / 32_768.0).collect()
        }
        Encoding::Int24 => {
            chunks(data, |[a, b, c]| i32::from_le_bytes([0, a, b, c]) as f32 / FULL_SCALE_32)
                .collect()
        }
        Encoding::Int32 => {
            chunks(data, |bytes| i32::from_le_bytes(bytes) as f32 / FULL_SCALE_32).collect()
        }
        Encoding::Float32 => chunks(data, |bytes| tame(f32::from_le_bytes(bytes))).collect(),
        Encoding::Float64 => chunks(data, |bytes| tame(f64::from_le_bytes(bytes) as f32)).collect(),
    }
}

fn chunks<const N: usize>(
    data: &[u8],
    convert: impl Fn([u8; N]) -> f32,
) -> impl Iterator<Item = f32> {
    let (chunks, _rest) = data.as_chunks::<N>();
    chunks.iter().map(move |&chunk| convert(chunk))
}
