//! Clips: sound encoded for a slot of a toy, and what to do with sound that is too long for one.

#[cfg(test)]
mod tests;

use std::fmt;

use super::{AudioError, Pcm, audio32};

/// Sound encoded for a slot: a whole Audio32 file of at least one frame and at most 40 s.
///
/// `Debug` prints its length only.
#[derive(Clone, Eq, PartialEq)]
pub struct Clip(Vec<u8>);

const FRAME_MS: u32 = 20;
const MAX_FRAMES: usize = 2_000;

/// The longest part that [`split`] makes: a slot less the frame that flushes the last 20 ms out.
const PART_MS: u32 = Clip::MAX_MS - FRAME_MS;
/// How far before the end of a part a quiet place is looked for.
const SEARCH_MS: u32 = 10_000;
/// How long a quiet place is: the pause between two sentences, not the one before a "p".
const PAUSE_MS: u32 = 300;
/// The steps in which it is looked for.
const STEP_MS: u32 = 20;
/// No part is shorter, lest the last one be a lone syllable.
const MIN_PART_MS: u32 = 1_000;

impl Clip {
    /// What a slot holds.
    pub const MAX_MS: u32 = 40_000;

    /// Encodes 16 kHz sound as it is, with no gain; see [`prepare`](super::prepare) for that.
    ///
    /// One frame of silence is added, because the decoder gives each frame only when the next one
    /// comes. Sound that fills a slot to the brim goes without, and its last 20 ms fade.
    pub fn encode(pcm: &Pcm) -> Result<Self, AudioError> {
        if pcm.rate != audio32::RATE {
            return Err(AudioError::Rate(pcm.rate));
        }
        if pcm.samples.is_empty() {
            return Err(AudioError::NoSound);
        }
        let n_frames = pcm.samples.len().div_ceil(audio32::FRAME_SAMPLES);
        if MAX_FRAMES < n_frames {
            return Err(AudioError::TooLong { length_ms: pcm.length_ms(), slot_ms: Self::MAX_MS });
        }
        Ok(Self(encode_flushed(&pcm.samples, (n_frames + 1).min(MAX_FRAMES))))
    }

    /// Takes a clip that was stored, if that is what it is.
    pub fn from_stored(file: Vec<u8>) -> Result<Self, AudioError> {
        let header = audio32::header(&file)?;
        let n_frames = usize::try_from(header.frames).unwrap_or(usize::MAX);
        if n_frames == 0 {
            return Err(AudioError::NoSound);
        }
        if MAX_FRAMES < n_frames {
            let length_ms = header.frames.saturating_mul(FRAME_MS);
            return Err(AudioError::TooLong { length_ms, slot_ms: Self::MAX_MS });
        }
        let promised = audio32::HEADER_BYTES + n_frames * audio32::FRAME_BYTES;
        if file.len() != promised {
            return Err(AudioError::ClipLength { promised, present: file.len() });
        }
        Ok(Self(file))
    }

    /// Returns how long the toy plays it.
    pub fn length_ms(&self) -> u32 {
        let n_frames = (self.0.len() - audio32::HEADER_BYTES) / audio32::FRAME_BYTES;
        u32::try_from(n_frames).map_or(Self::MAX_MS, |n_frames| n_frames * FRAME_MS)
    }

    /// Returns the file, as the toy takes it.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Gives up the type and returns the file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl fmt::Debug for Clip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clip").field("length_ms", &self.length_ms()).finish_non_exhaustive()
    }
}

/// Encodes 16 kHz sound of any length the way [`Clip::encode`] does, for files that go to no slot.
pub fn encode_any(samples: &[i16]) -> Vec<u8> {
    encode_flushed(samples, samples.len().div_ceil(audio32::FRAME_SAMPLES) + 1)
}

/// Returns as much of the sound as a slot holds.
pub fn cut(pcm: &Pcm) -> Pcm {
    let n_samples = pcm.samples.len().min(samples_in(Clip::MAX_MS, pcm.rate));
    Pcm { rate: pcm.rate, samples: pcm.samples.iter().take(n_samples).copied().collect() }
}

/// Divides sound into parts that each fit a slot, at quiet places near the end of each.
///
/// The parts in order are the whole sound. Sound that fits comes back as one part.
pub fn split(pcm: &Pcm) -> Vec<Pcm> {
    let mut parts = Vec::new();
    let mut rest = pcm.samples.as_slice();
    while samples_in(Clip::MAX_MS, pcm.rate) < rest.len() {
        let (part, after) = rest.split_at(quiet_place(rest, pcm.rate));
        parts.push(Pcm { rate: pcm.rate, samples: part.to_vec() });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Pcm { rate: pcm.rate, samples: rest.to_vec() });
    }
    parts
}

/// Returns the middle of the quietest pause in which a part may end, the last one of equals.
fn quiet_place(samples: &[i16], rate: u32) -> usize {
    let latest = samples_in(PART_MS, rate).min(samples.len() - samples_in(MIN_PART_MS, rate));
    let earliest = latest - samples_in(SEARCH_MS, rate);
    let half = samples_in(PAUSE_MS, rate) / 2;
    let places = (earliest..=latest).rev().step_by(samples_in(STEP_MS, rate).max(1));
    let energy = |place: usize| {
        let pause = samples.get(place - half..(place + half).min(samples.len()));
        pause.unwrap_or_default().iter().map(|&sample| i64::from(sample).pow(2)).sum::<i64>()
    };
    places.min_by_key(|&place| energy(place)).unwrap_or(latest)
}

fn encode_flushed(samples: &[i16], n_frames: usize) -> Vec<u8> {
    let mut padded = Vec::with_capacity(n_frames * audio32::FRAME_SAMPLES);
    padded.extend_from_slice(samples);
    padded.resize(n_frames * audio32::FRAME_SAMPLES, 0);
    audio32::encode(&padded)
}

fn samples_in(ms: u32, rate: u32) -> usize {
    let n_samples = u64::from(ms) * u64::from(rate) / 1_000;
    usize::try_from(n_samples).unwrap_or(usize::MAX)
}
