//! AAC: the packets of an M4A file, or frames that follow each other (ADTS).
//!
//! Of the efficient forms (HE-AAC) the core is decoded, which is plain AAC at half the rate: what
//! they add lies above what a toy can play.

use symphonia::core::{
    audio::layouts::{CHANNEL_LAYOUT_MONO, CHANNEL_LAYOUT_STEREO},
    codecs::audio::{AudioCodecParameters, AudioDecoderOptions, well_known::CODEC_ID_AAC},
};
use symphonia::default::codecs::AacDecoder;

use super::{FileError, Heard, decoder::Packets, gather::Gather};

const UNREAD: FileError = FileError::Encoding("AAC sound of a rare kind");
const RATES: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350,
];
/// Stands in place of a rate that is none of these.
const OTHER_RATE: u32 = 15;
/// Frames in a row that no other file has by accident.
const IN_A_ROW: usize = 3;

/// What a decoder has to know.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Config {
    pub(super) rate: u32,
    channels: u32,
}

impl Config {
    /// Reads what an M4A file says of its sound.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, FileError> {
        const PLAIN: u32 = 2;
        const EFFICIENT: [u32; 2] = [5, 29];
        let mut bits = Bits { bytes, at: 0 };
        let mut kind = bits.kind();
        let rate = bits.rate();
        let channels = bits.take(4);
        if EFFICIENT.contains(&kind) {
            // The rate that comes of it all.
            bits.rate();
            kind = bits.kind();
        }
        let has_short_frames = bits.take(1) == 1;
        if kind != PLAIN || has_short_frames || !(1..=2).contains(&channels) {
            return Err(UNREAD);
        }
        Ok(Self { rate, channels })
    }

    pub(super) fn decoder(self) -> Result<Packets<AacDecoder>, FileError> {
        let mut params = AudioCodecParameters::new();
        params.for_codec(CODEC_ID_AAC).with_sample_rate(self.rate).with_channels(
            match self.channels {
                1 => CHANNEL_LAYOUT_MONO,
                _ => CHANNEL_LAYOUT_STEREO,
            },
        );
        let decoder = AacDecoder::try_new(&params, &AudioDecoderOptions::default());
        Ok(Packets::new(decoder.map_err(|_refused| UNREAD)?))
    }
}

/// Returns whether frames begin here. A lone one counts only where the file begins.
pub(super) fn is_start(bytes: &[u8], is_first: bool) -> bool {
    let Some(first) = Header::read(bytes) else { return false };
    let mut at = first.n_bytes;
    for n in 1..IN_A_ROW {
        match bytes.get(at..) {
            Some(rest) if Header::BYTES <= rest.len() => match Header::read(rest) {
                Some(next) if next.sort == first.sort => at += next.n_bytes,
                _ => return false,
            },
            _ => return is_first || 1 < n,
        }
    }
    true
}

/// Decodes frames, the first of which is where the bytes begin.
pub(super) fn read_adts(file: &[u8], mut gather: Gather<'_>) -> Result<Heard, FileError> {
    let first = Header::read(file).ok_or(FileError::Cut)?;
    let mut packets = first.config()?.decoder()?;
    let mut at = 0;
    let mut is_in_step = true;
    while gather.wants_more()? {
        let Some(rest) = file.get(at..).filter(|rest| Header::BYTES <= rest.len()) else { break };
        if let Some(header) = Header::read(rest).filter(|header| header.sort == first.sort) {
            let Some(frame) = rest.get(..header.n_bytes) else { break };
            let packet = frame.get(header.n_before..).unwrap_or_default();
            packets.decode(packet, &mut gather)?;
            at += header.n_bytes;
            is_in_step = true;
        } else {
            if is_in_step {
                gather.damaged();
            }
            is_in_step = false;
            at += 1;
        }
    }
    gather.finish(at, file.len())
}

/// What stands in front of a frame.
struct Header {
    /// What is the same throughout a file.
    sort: [u8; 3],
    n_bytes: usize,
    /// How many of these come before the packet.
    n_before: usize,
}

impl Header {
    const BYTES: usize = 7;

    fn read(bytes: &[u8]) -> Option<Self> {
        let &[0xff, sync, format, more, length, rest, blocks, ..] = bytes else { return None };
        if sync & 0xf6 != 0xf0 {
            return None;
        }
        let n_before = if sync & 1 == 1 { Self::BYTES } else { Self::BYTES + 2 };
        let n_bytes =
            usize::from(more & 3) << 11 | usize::from(length) << 3 | usize::from(rest >> 5);
        let has_one_packet = matches!(blocks & 3, 0);
        let is_rate = usize::from(format >> 2 & 0xf) < RATES.len();
        (n_before < n_bytes && has_one_packet && is_rate).then_some(Self {
            sort: [sync, format & 0xfd, more & 0xc0],
            n_bytes,
            n_before,
        })
    }

    fn config(&self) -> Result<Config, FileError> {
        let [_, format, more] = self.sort;
        let is_plain = format >> 6 == 1;
        let rate = RATES.get(usize::from(format >> 2 & 0xf));
        let channels = u32::from(format & 1) << 2 | u32::from(more >> 6);
        match rate {
            Some(&rate) if is_plain && (1..=2).contains(&channels) => Ok(Config { rate, channels }),
            _ => Err(UNREAD),
        }
    }
}

/// Bits from the highest on; after the last one come zeros.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, n_bits: u32) -> u32 {
        (0..n_bits).fold(0, |bits, _| {
            let byte = self.bytes.get(self.at / 8).copied().unwrap_or(0);
            let bit = byte >> (7 - self.at % 8) & 1;
            self.at += 1;
            bits << 1 | u32::from(bit)
        })
    }

    fn kind(&mut self) -> u32 {
        match self.take(5) {
            31 => 32 + self.take(6),
            kind => kind,
        }
    }

    fn rate(&mut self) -> u32 {
        match self.take(4) {
            OTHER_RATE => self.take(24),
            n => usize::try_from(n).ok().and_then(|n| RATES.get(n)).copied().unwrap_or(0),
        }
    }
}
