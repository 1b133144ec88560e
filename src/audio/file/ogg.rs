//! Ogg: pages with packets of Opus or Vorbis, and the times of both ends.

use std::io::Cursor;

use ogg::{OggReadError, Packet, PacketReader};
use symphonia::{
    core::codecs::audio::{AudioCodecParameters, AudioDecoderOptions, well_known::CODEC_ID_VORBIS},
    default::codecs::VorbisDecoder,
};

use super::{
    FileError, Heard,
    decoder::Packets,
    gather::Gather,
    opus::{Opus, to_rate},
    vorbis,
};
use crate::audio::keep;

/// Streams that may begin in one file: pictures, languages.
const MAX_STREAMS: usize = 16;
/// Damaged pages in a row before the rest is given up.
const MAX_LOST: u32 = 64;
/// Stands on a page on which no packet ends.
const NO_TIME: u64 = u64::MAX;

/// What kind of sound it is.
enum Decoder {
    Opus(Opus),
    Vorbis(Box<Packets<VorbisDecoder>>),
}

/// When the sound begins and ends, by what stands on the pages.
#[derive(Default)]
struct Times {
    /// How many samples were decoded by the end of the last packet.
    n_samples: u64,
    /// What stood on the first page, less what had been decoded by its end.
    start: Option<u64>,
    /// What stood on the last page.
    end: Option<u64>,
}

/// Decodes the first sound in an Ogg file.
pub(super) fn read(file: &[u8], mut gather: Gather<'_>) -> Result<Heard, FileError> {
    let mut pages = Pages { reader: PacketReader::new(Cursor::new(file)), n_lost: 0 };
    let (mut decoder, serial, pre_skip) = begin(&mut pages)?;
    gather.skip(pre_skip);
    let mut times = Times::default();
    while gather.wants_more()? {
        let n_lost = pages.n_lost;
        let Some(packet) = pages.next() else { break };
        if n_lost < pages.n_lost {
            gather.damaged();
        }
        if packet.stream_serial() != serial {
            continue;
        }
        let n_samples = match &mut decoder {
            Decoder::Opus(opus) => opus.decode(&packet.data, &mut gather)?,
            Decoder::Vorbis(packets) => packets.decode(&packet.data, &mut gather)?,
        };
        times.decoded(n_samples);
        if packet.last_in_page() && packet.absgp_page() != NO_TIME {
            let time = match &decoder {
                Decoder::Opus(_) => to_rate(packet.absgp_page()),
                Decoder::Vorbis(_) => packet.absgp_page(),
            };
            times.stamp(time, packet.last_in_stream());
        }
        if packet.last_in_stream() {
            break;
        }
    }
    if let Some(length) = times.length() {
        gather.end_at(length.saturating_sub(pre_skip));
    }
    gather.finish(pages.place(), file.len())
}

/// Reads the headers, and returns the decoder, the number of its stream and what it is to drop.
fn begin(pages: &mut Pages<'_>) -> Result<(Decoder, u32, u64), FileError> {
    let mut has_picture = false;
    for n in 0..MAX_STREAMS {
        let packet = pages.next().ok_or(FileError::Cut)?;
        // The first packets of all streams come before anything else.
        if !packet.first_in_stream() && 0 < n {
            break;
        }
        let serial = packet.stream_serial();
        match packet.data.as_slice() {
            [b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', ..] => {
                let header = keep::read_header(&packet.data).map_err(|_refused| {
                    FileError::Encoding("Opus sound of more than two channels")
                })?;
                pages.next_of(serial)?;
                let pre_skip = to_rate(header.pre_skip.into());
                return Ok((Decoder::Opus(Opus::new(header.gain)?), serial, pre_skip));
            }
            [1, b'v', b'o', b'r', b'b', b'i', b's', ..] => {
                vorbis::check_start(&packet.data)?;
                pages.next_of(serial)?;
                let tables = pages.next_of(serial)?;
                vorbis::check_tables(&tables.data)?;
                let headers = [packet.data.as_slice(), &tables.data].concat();
                let mut params = AudioCodecParameters::new();
                params.for_codec(CODEC_ID_VORBIS).with_extra_data(headers.into());
                let decoder = VorbisDecoder::try_new(&params, &AudioDecoderOptions::default());
                let packets = Packets::new(decoder.map_err(|_refused| FileError::Damaged)?);
                return Ok((Decoder::Vorbis(Box::new(packets)), serial, 0));
            }
            [b'S', b'p', b'e', b'e', b'x', ..] => return Err(FileError::Encoding("Speex")),
            [0x7f, b'F', b'L', b'A', b'C', ..] => {
                return Err(FileError::Encoding("FLAC inside an Ogg file"));
            }
            [0x80, b't', b'h', b'e', b'o', b'r', b'a', ..] => has_picture = true,
            _ => {}
        }
    }
    Err(if has_picture {
        FileError::NoSoundTrack
    } else {
        FileError::Encoding("an Ogg file without Opus or Vorbis")
    })
}

impl Times {
    fn decoded(&mut self, n_samples: usize) {
        self.n_samples += u64::try_from(n_samples).unwrap_or_default();
    }

    /// Takes what stands on a page, whose last packet was just decoded.
    fn stamp(&mut self, time: u64, is_last: bool) {
        if self.start.is_none() {
            // Less than was decoded stands on a first page that is the last one, too: it ends
            // earlier, and does not begin before the beginning.
            self.start = Some(time.saturating_sub(self.n_samples));
        }
        if is_last {
            self.end = Some(time);
        }
    }

    /// Returns how many samples there are, if the file says when it ends.
    fn length(&self) -> Option<u64> {
        self.end?.checked_sub(self.start?)
    }
}

/// The packets of a file; where a page is damaged, those after it.
struct Pages<'a> {
    reader: PacketReader<Cursor<&'a [u8]>>,
    n_lost: u32,
}

impl Pages<'_> {
    fn next(&mut self) -> Option<Packet> {
        for _ in 0..MAX_LOST {
            match self.reader.read_packet() {
                Ok(packet) => return packet,
                Err(OggReadError::ReadError(_) | OggReadError::NoCapturePatternFound) => {
                    return None;
                }
                Err(_damaged) => {
                    self.n_lost = self.n_lost.saturating_add(1);
                    self.reader.delete_unread_packets();
                }
            }
        }
        None
    }

    fn next_of(&mut self, serial: u32) -> Result<Packet, FileError> {
        loop {
            let packet = self.next().ok_or(FileError::Cut)?;
            if packet.stream_serial() == serial {
                return Ok(packet);
            }
        }
    }

    /// Returns how much of the file was read.
    fn place(&mut self) -> usize {
        usize::try_from(self.reader.get_mut().position()).unwrap_or(usize::MAX)
    }
}
