//! Ogg Opus (RFC 7845), the form in which sound is kept and played in browsers.
//!
//! Mono, 24 kbit/s with variable bit rate. The toy's own 8 kHz go in as they are: Opus knows that
//! rate, and resampling would add nothing. The length is exact: what the codec adds in front is
//! marked to be skipped, and the last page says where the sound ends.

#[cfg(test)]
mod tests;

use std::io::Cursor;

use ogg::{PacketReader, PacketWriteEndInfo, PacketWriter};
use opus::{Application, Bitrate, Channels, Decoder, Encoder};

use super::{AudioError, Pcm};

/// What kept sound costs.
const BITS_PER_SECOND: i32 = 24_000;
/// Rates that Opus takes and gives.
const RATES: [u32; 5] = [8_000, 12_000, 16_000, 24_000, 48_000];
/// All times in the file are in samples at this rate, whatever the sound's own.
const CLOCK: u32 = 48_000;
const PACKETS_PER_SECOND: u32 = 50;
/// Pages of a second, so that a player can seek to one.
const PACKETS_PER_PAGE: usize = 50;
/// The longest packet that there can be lasts 120 ms.
const MAX_PACKET_MS: u32 = 120;
/// Far more than a packet at this rate takes.
const MAX_PACKET_BYTES: usize = 1_275;
/// Damaged files may claim any length, and two bytes can claim 120 ms.
const MAX_SECONDS: u32 = 1_800;
/// There is one stream in the file, so its number distinguishes it from nothing.
const SERIAL: u32 = 0x4875_7463;

/// What is wrong with kept sound.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeepError {
    /// It is another kind of file.
    #[error("this is not an Ogg Opus file")]
    NotOpus,
    /// It has more channels than two, or none.
    #[error("the Ogg Opus file has {0} channels: only mono and stereo are read")]
    Channels(u8),
    /// Something in it changed since it was written.
    #[error("the Ogg Opus file is damaged: restore it from a backup")]
    Damaged,
    /// It ends before its sound does.
    #[error("the Ogg Opus file is cut off before its end: transfer it again")]
    Cut,
    /// It lasts longer than anything that was kept here.
    #[error("the Ogg Opus file lasts longer than {} minutes", MAX_SECONDS / 60)]
    TooLong,
    /// The codec refused, which it does only when memory is short.
    #[error("the sound could not be compressed ({0})")]
    Encoder(&'static str),
}

/// Everything in the header that matters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Header {
    /// Samples per second of what was encoded.
    pub rate: u32,
    /// Channels that were encoded.
    pub channels: u8,
    /// What the decoder has to drop at the start, in samples at 48 kHz.
    pub pre_skip: u16,
    /// Gain that the decoder has to apply, in 256ths of a decibel.
    pub gain: i16,
}

/// Encodes sound of 8, 12, 16, 24 or 48 kHz.
pub fn encode(pcm: &Pcm) -> Result<Vec<u8>, AudioError> {
    if !RATES.contains(&pcm.rate) {
        return Err(AudioError::Rate(pcm.rate));
    }
    Ok(encode_at_known_rate(pcm).map_err(|error| KeepError::Encoder(error.description()))?)
}

/// Decodes at the rate that was encoded; a file from elsewhere at 48 kHz if its rate is none of
/// Opus' own, and mixed down to mono.
pub fn decode(file: &[u8]) -> Result<Pcm, AudioError> {
    let mut packets = Packets::new(file)?;
    let Header { rate, pre_skip, gain, channels: _ } = packets.header;
    let rate = if RATES.contains(&rate) { rate } else { CLOCK };
    let to_rate = |clock: u64| size(clock.saturating_mul(u64::from(rate)) / u64::from(CLOCK));
    let skip = to_rate(u64::from(pre_skip));

    let mut decoder = Decoder::new(rate, Channels::Mono).map_err(|_refused| KeepError::NotOpus)?;
    decoder.set_gain(i32::from(gain)).map_err(|_refused| KeepError::NotOpus)?;
    let mut packet_samples = vec![0; to_rate(u64::from(CLOCK / 1_000 * MAX_PACKET_MS))];
    let mut samples = Vec::new();
    while let Some(packet) = packets.next()? {
        // To the decoder an empty packet means that one was lost, and it would invent sound.
        if packet.is_empty() {
            return Err(KeepError::Damaged.into());
        }
        let n_samples = decoder
            .decode(&packet, &mut packet_samples, false)
            .map_err(|_refused| KeepError::Damaged)?;
        samples.extend_from_slice(packet_samples.get(..n_samples).unwrap_or_default());
        if size(u64::from(rate) * u64::from(MAX_SECONDS)) < samples.len() {
            return Err(KeepError::TooLong.into());
        }
    }
    let end = packets.end.ok_or(KeepError::Cut)?;
    samples.truncate(to_rate(end));
    samples.drain(..skip.min(samples.len()));
    Ok(Pcm { rate, samples })
}

/// Reads the header.
pub fn header(file: &[u8]) -> Result<Header, AudioError> {
    Ok(Packets::new(file)?.header)
}

fn encode_at_known_rate(pcm: &Pcm) -> Result<Vec<u8>, opus::Error> {
    // "Audio" keeps what the toy recorded as it was: 15 to 19 dB between sound and error on speech
    // at this rate. "Voip" cuts off low frequencies and sharpens the voice for a conversation over
    // a bad line, which costs 3 to 7 dB of that.
    let mut encoder = Encoder::new(pcm.rate, Channels::Mono, Application::Audio)?;
    encoder.set_bitrate(Bitrate::Bits(BITS_PER_SECOND))?;
    encoder.set_vbr(true)?;
    let look_ahead = usize::try_from(encoder.get_lookahead()?).unwrap_or_default();

    let frame = size(u64::from(pcm.rate / PACKETS_PER_SECOND));
    let mut padded = pcm.samples.clone();
    // The look-ahead comes out in front, so as much silence is needed to push out the end.
    padded.resize((pcm.samples.len() + look_ahead).next_multiple_of(frame), 0);
    let mut packets = Vec::with_capacity(padded.len() / frame);
    for samples in padded.chunks_exact(frame) {
        packets.push(encoder.encode_vec(samples, MAX_PACKET_BYTES)?);
    }

    let ticks = u64::from(CLOCK / pcm.rate);
    let clock =
        |n_samples| u64::try_from(n_samples).map_or(u64::MAX, |n: u64| n.saturating_mul(ticks));
    let pre_skip = clock(look_ahead);
    let end = pre_skip.saturating_add(clock(pcm.samples.len()));
    let mut file =
        Cursor::new(Vec::with_capacity(packets.iter().map(Vec::len).sum::<usize>() + 1_024));
    write_pages(&mut file, pcm.rate, pre_skip, end, clock(frame), packets)
        .expect("memory takes all bytes");
    Ok(file.into_inner())
}

fn write_pages(
    file: &mut Cursor<Vec<u8>>,
    rate: u32,
    pre_skip: u64,
    end: u64,
    packet_ticks: u64,
    packets: Vec<Vec<u8>>,
) -> std::io::Result<()> {
    let mut head = b"OpusHead\x01\x01".to_vec();
    head.extend(u16::try_from(pre_skip).unwrap_or(u16::MAX).to_le_bytes());
    head.extend(rate.to_le_bytes());
    // No gain, and the plain mapping of one channel.
    head.extend([0; 3]);
    let vendor = opus::version();
    let mut tags = b"OpusTags".to_vec();
    tags.extend(u32::try_from(vendor.len()).unwrap_or_default().to_le_bytes());
    tags.extend(vendor.as_bytes());
    // No comments: a file that gets lost says nothing about whose voice it is.
    tags.extend([0; 4]);

    let mut writer = PacketWriter::new(file);
    writer.write_packet(head, SERIAL, PacketWriteEndInfo::EndPage, 0)?;
    writer.write_packet(tags, SERIAL, PacketWriteEndInfo::EndPage, 0)?;
    let n_packets = packets.len();
    let mut time = 0;
    for (n, packet) in packets.into_iter().enumerate() {
        time += packet_ticks;
        let (info, time) = if n + 1 == n_packets {
            (PacketWriteEndInfo::EndStream, end)
        } else if (n + 1) % PACKETS_PER_PAGE == 0 {
            (PacketWriteEndInfo::EndPage, time)
        } else {
            (PacketWriteEndInfo::NormalPacket, time)
        };
        writer.write_packet(packet, SERIAL, info, time)?;
    }
    Ok(())
}

/// The packets of the first stream in a file, headers read.
struct Packets<'a> {
    header: Header,
    reader: PacketReader<Cursor<&'a [u8]>>,
    serial: u32,
    /// When the sound ends, once the last page was read.
    end: Option<u64>,
}

impl<'a> Packets<'a> {
    fn new(file: &'a [u8]) -> Result<Self, KeepError> {
        let mut reader = PacketReader::new(Cursor::new(file));
        let Ok(Some(first)) = reader.read_packet() else {
            return Err(KeepError::NotOpus);
        };
        let header = read_header(&first.data)?;
        let serial = first.stream_serial();
        let mut packets = Self { header, reader, serial, end: None };
        let tags = packets.next()?.ok_or(KeepError::Cut)?;
        if !tags.starts_with(b"OpusTags") {
            return Err(KeepError::Damaged);
        }
        packets.end = None;
        Ok(packets)
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>, KeepError> {
        while self.end.is_none() {
            let packet = match self.reader.read_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(None),
                Err(ogg::OggReadError::ReadError(_)) => return Err(KeepError::Cut),
                Err(_) => return Err(KeepError::Damaged),
            };
            if packet.stream_serial() != self.serial {
                continue;
            }
            if packet.last_in_stream() {
                self.end = Some(packet.absgp_page());
            }
            return Ok(Some(packet.data));
        }
        Ok(None)
    }
}

pub(super) fn read_header(packet: &[u8]) -> Result<Header, KeepError> {
    let Some((
        &[
            b'O',
            b'p',
            b'u',
            b's',
            b'H',
            b'e',
            b'a',
            b'd',
            version,
            channels,
            s0,
            s1,
            r0,
            r1,
            r2,
            r3,
            g0,
            g1,
            mapping,
        ],
        _mapping_table,
    )) = packet.split_first_chunk::<19>()
    else {
        return Err(KeepError::NotOpus);
    };
    // Higher versions up to 15 only add to the first.
    if 15 < version {
        return Err(KeepError::NotOpus);
    }
    if !(1..=2).contains(&channels) || mapping != 0 {
        return Err(KeepError::Channels(channels));
    }
    Ok(Header {
        rate: u32::from_le_bytes([r0, r1, r2, r3]),
        channels,
        pre_skip: u16::from_le_bytes([s0, s1]),
        gain: i16::from_le_bytes([g0, g1]),
    })
}

fn size(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
