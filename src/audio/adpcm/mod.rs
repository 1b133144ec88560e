//! The sound that toys record: ADPCM at 8 kHz with codes of 4, 5 or 6 bits in a file with a 32-byte
//! header.
//!
//! A packet is a string of bits, 16-bit little-endian words taken from the highest bit down: four
//! bits that name a predictor, then 42 to 44 codes. The sample and step that codes build on run on
//! from packet to packet, so a lost byte spoils everything after it, and nothing in the format
//! would tell.
#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    reason = "a codec: sizes are fixed by the format, and its arithmetic is defined on bits"
)]

mod codec;
#[cfg(test)]
mod tests;

use codec::State;

use super::{AudioError, Pcm};

/// Samples per second.
pub const RATE: u32 = 8_000;
/// Bytes before the first packet.
pub const HEADER_BYTES: usize = 32;

const MAGIC: u16 = 0x534d;
const CHANNELS: u16 = 1;
const HEADER_WORDS: u16 = 16;

/// How many bits a code has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Bits {
    /// 32 kbit/s.
    Four,
    /// 40 kbit/s.
    Five,
    /// 48 kbit/s.
    Six,
}

impl Bits {
    /// Returns the bits of a code.
    pub const fn count(self) -> u32 {
        match self {
            Self::Four => 4,
            Self::Five => 5,
            Self::Six => 6,
        }
    }

    /// Returns the bytes of a packet.
    pub const fn packet_bytes(self) -> usize {
        match self {
            Self::Four => 22,
            Self::Five => 28,
            Self::Six => 32,
        }
    }

    /// Returns the samples of a packet.
    pub const fn packet_samples(self) -> usize {
        match self {
            Self::Four => 43,
            Self::Five => 44,
            Self::Six => 42,
        }
    }
}

/// Everything a header says.
///
/// Only [`bits`](Self::bits) is known to matter: what real toys write in the other fields nobody
/// has seen, and simulated ones write what stands here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Header {
    /// Samples per second, should be 8,000; the sound is 8,000 per second whatever it says.
    pub rate: u16,
    /// Size of the codes.
    pub bits: Bits,
    /// Should be 1.
    pub channels: u16,
    /// How many packets the file should have.
    pub packets: u32,
    /// How many 16-bit words the packets should take.
    pub payload_words: u32,
    /// Of unknown use.
    pub marks: [u16; 5],
    /// Length of the header in 16-bit words, should be 16.
    pub header_words: u16,
    /// The header's last four bytes.
    pub trailer: u32,
}

/// A decoded file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decoded {
    /// The sound.
    pub pcm: Pcm,
    /// What the header said.
    pub header: Header,
    /// How many packets were decoded.
    pub packets: usize,
    /// Bytes of a packet that was cut off, and dropped.
    pub trailing_bytes: usize,
}

impl Decoded {
    /// Tells whether the file ends with a whole packet and holds as many packets as its header
    /// promises. A header that promises none is taken for one that says nothing.
    pub fn is_complete(&self) -> bool {
        let promised = self.header.packets;
        let kept = promised == 0 || u64::from(promised) == self.packets as u64;
        self.trailing_bytes == 0 && kept
    }
}

/// Reads the header of a file, and refuses one that says what no toy could have written.
pub fn header(file: &[u8]) -> Result<Header, AudioError> {
    let Some(bytes) = file.first_chunk::<HEADER_BYTES>() else {
        return Err(AudioError::HeaderCut(file.len()));
    };
    let u16_at = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let u32_at = |at: usize| u32::from(u16_at(at)) | u32::from(u16_at(at + 2)) << 16;
    if u16_at(0) != MAGIC {
        return Err(AudioError::WrongKind("MS"));
    }
    let bits = match u16_at(4) {
        4 => Bits::Four,
        5 => Bits::Five,
        6 => Bits::Six,
        found => {
            let (field, known) = ("number of bits in a code", "4, 5 and 6");
            return Err(AudioError::HeaderField { field, found, known });
        }
    };
    Ok(Header {
        rate: u16_at(2),
        bits,
        channels: u16_at(6),
        packets: u32_at(8),
        payload_words: u32_at(12),
        marks: [16, 18, 20, 22, 24].map(u16_at),
        header_words: u16_at(26),
        trailer: u32_at(28),
    })
}

/// Decodes a whole file, however many packets its header promises.
pub fn decode(file: &[u8]) -> Result<Decoded, AudioError> {
    let header = header(file)?;
    let (packets, samples, trailing_bytes) = decode_payload(&file[HEADER_BYTES..], header.bits);
    Ok(Decoded { pcm: Pcm { rate: RATE, samples }, header, packets, trailing_bytes })
}

/// Encodes 8 kHz samples as a whole file, the last packet filled up with silence.
pub fn encode(samples: &[i16], bits: Bits) -> Vec<u8> {
    let n_packets = samples.len().div_ceil(bits.packet_samples());
    let mut file = Vec::with_capacity(HEADER_BYTES + n_packets * bits.packet_bytes());
    let packets = u32::try_from(n_packets).unwrap_or(u32::MAX);
    let payload_words = packets.saturating_mul(bits.packet_bytes() as u32 / 2);
    for field in [MAGIC, RATE as u16, bits.count() as u16, CHANNELS] {
        file.extend(field.to_le_bytes());
    }
    file.extend(packets.to_le_bytes());
    file.extend(payload_words.to_le_bytes());
    file.extend([0; 10]);
    file.extend(HEADER_WORDS.to_le_bytes());
    file.extend([0xff; 4]);

    let mut state = State::START;
    for packet in samples.chunks(bits.packet_samples()) {
        state.encode_packet(packet, bits, &mut file);
    }
    file
}

/// Returns the number of packets, their samples, and the bytes behind the last whole one.
fn decode_payload(payload: &[u8], bits: Bits) -> (usize, Vec<i16>, usize) {
    let packets = payload.chunks_exact(bits.packet_bytes());
    let (n_packets, trailing_bytes) = (packets.len(), packets.remainder().len());
    let mut samples = Vec::with_capacity(n_packets * bits.packet_samples());
    let mut state = State::START;
    for packet in packets {
        match bits {
            Bits::Four => state.decode_packet::<4, 43>(packet, &mut samples),
            Bits::Five => state.decode_packet::<5, 44>(packet, &mut samples),
            Bits::Six => state.decode_packet::<6, 42>(packet, &mut samples),
        }
    }
    (n_packets, samples, trailing_bytes)
}
