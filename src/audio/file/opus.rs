//! Opus, decoded by libopus: mono at once, and at the toys' rate.

use opus::{Channels, Decoder};

use super::{FileError, gather::Gather};
use crate::audio::{Sound, audio32};

/// All times in a file are in samples at this rate.
pub(super) const CLOCK: u32 = 48_000;
/// The longest packet that there can be lasts 120 ms.
const MAX_PACKET_MS: u32 = 120;

/// A decoder, and room for what it makes of a packet.
pub(super) struct Opus {
    decoder: Decoder,
    packet: Vec<f32>,
    sound: Sound,
}

impl Opus {
    /// Begins to decode; the gain is in 256ths of a decibel.
    pub(super) fn new(gain: i16) -> Result<Self, FileError> {
        let mut decoder =
            Decoder::new(audio32::RATE, Channels::Mono).map_err(|_refused| FileError::Damaged)?;
        decoder.set_gain(gain.into()).map_err(|_refused| FileError::Damaged)?;
        let n_samples = audio32::RATE / 1_000 * MAX_PACKET_MS;
        let packet = vec![0.0; usize::try_from(n_samples).unwrap_or_default()];
        let sound = Sound { rate: audio32::RATE, channels: 1, samples: Vec::new() };
        Ok(Self { decoder, packet, sound })
    }

    /// Decodes a packet, or counts it as damaged.
    pub(super) fn decode(
        &mut self,
        packet: &[u8],
        gather: &mut Gather<'_>,
    ) -> Result<usize, FileError> {
        // To the decoder an empty packet means that one was lost, and it would invent sound.
        if packet.is_empty() {
            gather.damaged();
            return Ok(0);
        }
        let Ok(n_samples) = self.decoder.decode_float(packet, &mut self.packet, false) else {
            gather.damaged();
            return Ok(0);
        };
        self.sound.samples.clear();
        self.sound.samples.extend_from_slice(self.packet.get(..n_samples).unwrap_or_default());
        gather.add(&self.sound)?;
        Ok(n_samples)
    }
}

/// Makes samples at the toys' rate of samples at that of the clock.
pub(super) fn to_rate(clock: u64) -> u64 {
    clock / u64::from(CLOCK / audio32::RATE)
}
