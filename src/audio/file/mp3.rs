//! MP3: frames that follow each other, with nothing around them.

use symphonia::core::codecs::audio::{
    AudioCodecParameters, AudioDecoderOptions, well_known::CODEC_ID_MP3,
};
use symphonia::default::codecs::MpaDecoder;

use super::{FileError, Heard, decoder::Packets, gather::Gather};

/// Frames in a row that no other file has by accident.
const IN_A_ROW: usize = 3;
/// What the decoder lags behind, in samples.
const DECODER_DELAY: u64 = 529;

/// What the four bytes in front of a frame say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Header {
    /// Version, layer and rate: the same throughout a file.
    sort: u16,
    n_bytes: usize,
    n_frames: u64,
    /// How many bytes stand between the header and the sound.
    side_bytes: usize,
}

/// Returns whether frames of some layer begin here. A lone one counts only where the file begins.
pub(super) fn is_start(bytes: &[u8], is_first: bool) -> bool {
    let Some(first) = Header::read(bytes) else { return false };
    let mut at = first.n_bytes;
    for n in 1..IN_A_ROW {
        match bytes.get(at..) {
            Some(rest @ [_, _, _, _, ..]) => match Header::read(rest) {
                Some(next) if next.sort == first.sort => at += next.n_bytes,
                _ => return false,
            },
            _ => return is_first || 1 < n,
        }
    }
    true
}

/// Returns how long the frame is that begins here.
#[cfg(test)]
pub(super) fn frame_bytes(bytes: &[u8]) -> Option<usize> {
    Header::read(bytes).map(|header| header.n_bytes)
}

/// Decodes MP3, whose first frame is where the bytes begin.
pub(super) fn read(file: &[u8], mut gather: Gather<'_>) -> Result<Heard, FileError> {
    let first = Header::read(file).ok_or(FileError::Cut)?;
    let mut params = AudioCodecParameters::new();
    params.for_codec(CODEC_ID_MP3);
    let decoder = MpaDecoder::try_new(&params, &AudioDecoderOptions::default());
    let mut packets = Packets::new(decoder.map_err(|_refused| FileError::Damaged)?);

    let info = Info::read(file, &first);
    let mut at = 0;
    let mut n_packets = 0_u64;
    if let Some(info) = &info {
        gather.skip(info.delay);
        at = first.n_bytes;
    }
    let mut is_in_step = true;
    while gather.wants_more()? {
        let Some(rest @ [_, _, _, _, ..]) = file.get(at..) else { break };
        if let Some(header) = Header::read(rest).filter(|header| header.sort == first.sort) {
            // Half a frame at the end is what is left of a file that breaks off.
            let Some(packet) = rest.get(..header.n_bytes) else { break };
            packets.decode(packet, &mut gather)?;
            n_packets += 1;
            at += header.n_bytes;
            is_in_step = true;
        } else {
            // Names and pictures may stand at the end, too.
            if is_in_step && !is_tag(rest) {
                gather.damaged();
            }
            is_in_step = false;
            at += 1;
        }
    }
    // Frames that nobody counted were put behind it: then it is not known where it ends.
    if let Some(info) = info.filter(|info| info.n_packets == n_packets) {
        let n_all = n_packets * first.n_frames;
        gather.end_at(n_all.saturating_sub(info.delay + info.padding));
    }
    gather.finish(at, file.len())
}

fn is_tag(bytes: &[u8]) -> bool {
    [b"TAG".as_slice(), b"APETAGEX", b"LYRICSBEGIN", b"ID3"]
        .iter()
        .any(|tag| bytes.starts_with(tag))
        || bytes.iter().all(|byte| *byte == 0)
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        const KBITS: [[usize; 14]; 5] = [
            [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
            [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
            [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
            [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
            [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
        ];
        let &[0xff, b, c, d, ..] = bytes else { return None };
        if b < 0xe0 {
            return None;
        }
        // The rate halves with each version.
        let (is_first_version, divisor) = match b >> 3 & 3 {
            3 => (true, 1),
            2 => (false, 2),
            0 => (false, 4),
            _ => return None,
        };
        let layer = 4 - usize::from(b >> 1 & 3);
        let kbits = match (layer, is_first_version) {
            (1, true) => KBITS[0],
            (2, true) => KBITS[1],
            (3, true) => KBITS[2],
            (1, false) => KBITS[3],
            (2 | 3, false) => KBITS[4],
            _ => return None,
        };
        let kbits = kbits.get(usize::from(c >> 4).checked_sub(1)?)?;
        let rate = [44_100, 48_000, 32_000].get(usize::from(c >> 2 & 3))? / divisor;
        let padding = usize::from(c >> 1 & 1);
        let (n_bytes, n_frames) = match (layer, is_first_version) {
            (1, _) => ((12_000 * kbits / rate + padding) * 4, 384),
            (3, false) => (72_000 * kbits / rate + padding, 576),
            _ => (144_000 * kbits / rate + padding, 1_152),
        };
        let is_mono = d >> 6 == 3;
        let side_bytes = match (is_first_version, is_mono) {
            (true, false) => 32,
            (true, true) | (false, false) => 17,
            (false, true) => 9,
        };
        let sort = u16::from(b & 0x1e) << 8 | u16::from(c & 0x0c);
        Some(Self { sort, n_bytes, n_frames, side_bytes })
    }
}

/// What encoders write into a first frame that has no sound.
struct Info {
    /// How many frames follow.
    n_packets: u64,
    /// How many samples come before the sound, and after it.
    delay: u64,
    padding: u64,
}

impl Info {
    fn read(file: &[u8], first: &Header) -> Option<Self> {
        let frame = file.get(4..first.n_bytes)?;
        if frame.get(32..)?.starts_with(b"VBRI") {
            return Some(Self { n_packets: 0, delay: 0, padding: 0 });
        }
        let [kind @ .., b'g' | b'o'] = frame.get(first.side_bytes..first.side_bytes + 4)? else {
            return None;
        };
        if kind != b"Xin" && kind != b"Inf" {
            return None;
        }
        let mut rest = frame.get(first.side_bytes + 4..)?;
        let flags = u32::from_be_bytes(*take(&mut rest)?);
        let mut n_packets = 0;
        if flags & 1 != 0 {
            n_packets = u32::from_be_bytes(*take(&mut rest)?).into();
        }
        for (flag, n_bytes) in [(2, 4), (4, 100), (8, 4)] {
            if flags & flag != 0 {
                rest = rest.get(n_bytes..).unwrap_or_default();
            }
        }
        let (mut delay, mut padding) = (0, 0);
        if [b"LAME", b"Lavf", b"Lavc"].iter().any(|name| rest.starts_with(*name))
            && let Some(&[a, b, c]) = rest.get(21..24)
        {
            delay = (u64::from(a) << 4 | u64::from(b) >> 4) + DECODER_DELAY;
            padding = (u64::from(b & 0xf) << 8 | u64::from(c)).saturating_sub(DECODER_DELAY);
        }
        Some(Self { n_packets, delay, padding })
    }
}

fn take<'a, const N: usize>(bytes: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(first)
}
