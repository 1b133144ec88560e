//! Decoding single packets by symphonia.

use symphonia::core::{
    codecs::audio::AudioDecoder,
    packet::PacketRef,
    units::{Duration, Timestamp},
};

use super::{FileError, gather::Gather};
use crate::audio::{Sound, pcm::tame};

/// A decoder, and room for what it makes of a packet.
pub(super) struct Packets<D> {
    decoder: D,
    sound: Sound,
}

impl<D: AudioDecoder> Packets<D> {
    pub(super) fn new(decoder: D) -> Self {
        Self { decoder, sound: Sound { rate: 0, channels: 0, samples: Vec::new() } }
    }

    /// Decodes a packet, or counts it as damaged. Returns how many samples each channel had.
    pub(super) fn decode(
        &mut self,
        packet: &[u8],
        gather: &mut Gather<'_>,
    ) -> Result<usize, FileError> {
        let packet = PacketRef::new(0, Timestamp::new(0), Duration::ZERO, packet);
        let Ok(decoded) = self.decoder.decode_ref(&packet) else {
            gather.damaged();
            return Ok(0);
        };
        let channels = decoded.spec().channels().count();
        self.sound.rate = decoded.spec().rate();
        self.sound.channels = u16::try_from(channels).unwrap_or(u16::MAX);
        decoded.copy_to_vec_interleaved(&mut self.sound.samples);
        for sample in &mut self.sound.samples {
            *sample = tame(*sample);
        }
        let n_frames = decoded.frames();
        // Some decoders give nothing of the first packet, which is no fault.
        if 0 < n_frames {
            gather.add(&self.sound)?;
        }
        Ok(n_frames)
    }
}
