//! Collecting what a decoder gives: one channel, the toys' rate, and no more than is wanted.

use super::{FileError, Heard, UNUSUAL};
use crate::audio::{Sound, audio32, resample::Resampling};

/// More channels than surround sound has are nonsense.
const MAX_CHANNELS: u16 = 8;

/// Sound that comes in packet by packet.
pub(super) struct Gather<'a> {
    wanted_ms: u32,
    go_on: &'a dyn Fn() -> bool,
    /// The rate of the first packet, which all others must have.
    rate: u32,
    resampling: Option<Resampling>,
    /// How much of the beginning is still to be dropped, in samples of a channel.
    skip: u64,
    n_whole: u32,
    n_damaged: u32,
}

impl<'a> Gather<'a> {
    pub(super) fn new(wanted_ms: u32, go_on: &'a dyn Fn() -> bool) -> Self {
        Self { wanted_ms, go_on, rate: 0, resampling: None, skip: 0, n_whole: 0, n_damaged: 0 }
    }

    /// Drops so many samples of each channel at the beginning: what encoders put there.
    pub(super) fn skip(&mut self, n_frames: u64) {
        self.skip = n_frames;
    }

    /// Returns whether there is to be more, and time for it.
    pub(super) fn wants_more(&self) -> Result<bool, FileError> {
        if !(self.go_on)() {
            return Err(FileError::TakesTooLong);
        }
        Ok(self.length_ms() <= self.wanted_ms)
    }

    /// Takes the sound of a packet.
    pub(super) fn add(&mut self, sound: &Sound) -> Result<(), FileError> {
        if sound.channels == 0 || MAX_CHANNELS < sound.channels {
            return Err(UNUSUAL);
        }
        let resampling = match &mut self.resampling {
            Some(resampling) if self.rate == sound.rate => resampling,
            Some(_) => {
                self.damaged();
                return Ok(());
            }
            None => {
                self.rate = sound.rate;
                self.resampling.insert(Resampling::new(sound.rate, audio32::RATE)?)
            }
        };
        self.n_whole = self.n_whole.saturating_add(1);
        let mono = sound.mono();
        let n_skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(mono.len());
        self.skip -= u64::try_from(n_skipped).unwrap_or(self.skip);
        resampling.push(mono.get(n_skipped..).unwrap_or_default());
        Ok(())
    }

    /// Counts a packet that cannot be decoded.
    pub(super) fn damaged(&mut self) {
        self.n_damaged = self.n_damaged.saturating_add(1);
    }

    /// Drops what comes after so many samples of each channel, those at the beginning not counted.
    pub(super) fn end_at(&mut self, n_frames: u64) {
        if let Some(resampling) = &mut self.resampling {
            resampling.end_at(usize::try_from(n_frames).unwrap_or(usize::MAX));
        }
    }

    /// Returns what has come; so much of so much was decoded.
    pub(super) fn finish(self, done: usize, all: usize) -> Result<Heard, FileError> {
        let length_ms = self.length_ms();
        if self.n_whole < self.n_damaged {
            return Err(FileError::Damaged);
        }
        let resampling = self.resampling.filter(|resampling| 0 < resampling.n_samples());
        let samples = resampling.ok_or(FileError::NoSound)?.finish();
        let length_ms = match (u64::try_from(done), u64::try_from(all)) {
            // Multiplied first: less than 2^32 times less than 2^32.
            (Ok(done), Ok(all)) if 0 < done && done < all && self.wanted_ms < length_ms => {
                let all_ms = u64::from(length_ms).saturating_mul(all) / done;
                u32::try_from(all_ms).unwrap_or(u32::MAX)
            }
            _ => length_ms,
        };
        Ok(Heard { samples, length_ms })
    }

    fn length_ms(&self) -> u32 {
        let n_frames = self.resampling.as_ref().map_or(0, Resampling::n_samples);
        let n_frames = u64::try_from(n_frames).unwrap_or(u64::MAX);
        let ms = n_frames.saturating_mul(1_000).div_ceil(u64::from(self.rate.max(1)));
        u32::try_from(ms).unwrap_or(u32::MAX)
    }
}
