//! Sound files of all kinds, as `hutch audio` tells of them.

use crate::audio::{self, Pcm, Waveform, adpcm, audio32, keep, wav};

/// A file of any kind that Hutch knows, decoded.
pub(super) struct SoundFile {
    /// The sound, with one channel.
    pub(super) pcm: Pcm,
    format: Format,
}

enum Format {
    Clip { header: audio32::Header, frames: usize, bad_frames: usize, payload_bytes: usize },
    Recording { header: adpcm::Header, packets: usize, trailing_bytes: usize },
    Wav { channels: u16 },
    OggOpus(keep::Header),
}

/// What `--json` prints.
#[derive(serde::Serialize)]
pub(super) struct Body<'a> {
    file: &'a str,
    kind: &'static str,
    rate: u32,
    channels: u16,
    length_ms: u32,
    header: serde_json::Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    frames: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bad_frames: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    packets: Option<usize>,
    faults: Vec<String>,
    waveform: Vec<u8>,
}

impl SoundFile {
    /// Decodes a file; what kind it is shows in its first bytes.
    pub(super) fn read(bytes: &[u8]) -> anyhow::Result<Self> {
        match bytes {
            [b'A', b'U', ..] => {
                let audio32::Decoded { pcm, header, frames, bad_frames, payload_bytes } =
                    audio32::decode(bytes)?;
                Ok(Self { format: Format::Clip { header, frames, bad_frames, payload_bytes }, pcm })
            }
            [b'M', b'S', ..] => {
                let adpcm::Decoded { pcm, header, packets, trailing_bytes } = adpcm::decode(bytes)?;
                Ok(Self { format: Format::Recording { header, packets, trailing_bytes }, pcm })
            }
            [b'R', b'I', b'F', b'F', ..] => {
                let sound = wav::read(bytes)?;
                let pcm = Pcm::from_float(sound.rate, &sound.mono());
                Ok(Self { format: Format::Wav { channels: sound.channels }, pcm })
            }
            [b'O', b'g', b'g', b'S', ..] => {
                let header = keep::header(bytes)?;
                Ok(Self { format: Format::OggOpus(header), pcm: keep::decode(bytes)? })
            }
            [] => anyhow::bail!("the file is empty"),
            _ => anyhow::bail!(
                "the file is no clip, no recording of a toy, no WAV and no Ogg Opus file"
            ),
        }
    }

    /// Says in a sentence each what is wrong with the file although it could be decoded.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        match self.format {
            Format::Clip { header, frames, bad_frames, payload_bytes } => {
                let promised = u64::from(header.frames);
                if promised != u64::try_from(frames).unwrap_or(u64::MAX) {
                    faults.push(format!(
                        "the header promises {}, but {frames} could be decoded",
                        count(promised, "frame")
                    ));
                }
                let behind = payload_bytes.saturating_sub(frames * audio32::FRAME_BYTES);
                if behind != 0 {
                    faults
                        .push(format!("{behind} bytes behind the last whole frame were left out"));
                }
                if bad_frames != 0 {
                    faults
                        .push(format!("{bad_frames} of {frames} frames are bad and were bridged"));
                }
            }
            Format::Recording { header, packets, trailing_bytes } => {
                if header.rate != 8_000 {
                    faults.push(format!(
                        "the header says {} samples per second; toys record 8000, and so it was taken",
                        header.rate
                    ));
                }
                if trailing_bytes != 0 {
                    faults.push(format!(
                        "the last packet is cut off: its {trailing_bytes} bytes were left out"
                    ));
                }
                // Real toys may leave the counter empty.
                if ![0, packets].contains(&usize::try_from(header.packets).unwrap_or(usize::MAX)) {
                    faults.push(format!(
                        "the header promises {}, but {packets} are there",
                        count(u64::from(header.packets), "packet")
                    ));
                }
            }
            Format::Wav { .. } | Format::OggOpus(_) => {}
        }
        if self.pcm.samples.is_empty() {
            faults.push("there is no sound in the file".to_owned());
        }
        faults
    }

    /// Describes the file for people, over several lines.
    pub(super) fn describe(&self, name: &str) -> String {
        let length = seconds(self.pcm.length_ms());
        let (kind, mut lines) = match self.format {
            Format::Clip { header, frames, bad_frames, payload_bytes: _ } => {
                let sound = format!("{} Hz, mono, {} bit/s", header.rate, header.bit_rate);
                let length = format!("{length}, {frames} frames of 20 ms, {bad_frames} bad");
                let counts = format!("{} frames, {} words", header.frames, header.payload_words);
                let header =
                    header_line(&counts, header.marks, header.header_words, header.trailer);
                (
                    "clip for a toy (Audio32)",
                    vec![("length", length), ("sound", sound), ("header", header)],
                )
            }
            Format::Recording { header, packets, trailing_bytes: _ } => {
                let sound = format!("8000 Hz, mono, {}-bit ADPCM", header.bits.count());
                let length = format!("{length}, {}", count_usize(packets, "packet"));
                let counts = format!(
                    "{} Hz, {}, {} packets, {} words",
                    header.rate,
                    count(u64::from(header.channels), "channel"),
                    header.packets,
                    header.payload_words
                );
                let header =
                    header_line(&counts, header.marks, header.header_words, header.trailer);
                (
                    "recording of a toy",
                    vec![("length", length), ("sound", sound), ("header", header)],
                )
            }
            Format::Wav { channels } => {
                let sound =
                    format!("{} Hz, {}", self.pcm.rate, count(u64::from(channels), "channel"));
                ("WAV file", vec![("length", length), ("sound", sound)])
            }
            Format::OggOpus(header) => {
                let channels = count(u64::from(header.channels), "channel");
                let sound = format!("{} Hz, {channels}", header.rate);
                let header = format!("pre-skip {}, gain {}", header.pre_skip, header.gain);
                ("Ogg Opus file", vec![("length", length), ("sound", sound), ("header", header)])
            }
        };
        lines.push(("waveform", bars(audio::waveform(&self.pcm))));
        lines.extend(self.faults().into_iter().map(|fault| ("note", fault)));
        let lines: Vec<String> =
            lines.into_iter().map(|(label, line)| format!("  {label:<10}{line}\n")).collect();
        format!("{name}: {kind}\n{}", lines.concat())
    }

    /// Describes the file for programs.
    pub(super) fn body<'a>(&self, file: &'a str) -> Body<'a> {
        let mut body = Body {
            file,
            kind: "wav",
            rate: self.pcm.rate,
            channels: 1,
            length_ms: self.pcm.length_ms(),
            header: serde_json::Value::Null,
            frames: None,
            bad_frames: None,
            packets: None,
            faults: self.faults(),
            waveform: audio::waveform(&self.pcm).0.to_vec(),
        };
        match self.format {
            Format::Clip { header, frames, bad_frames, payload_bytes: _ } => {
                body.kind = "clip";
                body.frames = Some(frames);
                body.bad_frames = Some(bad_frames);
                body.header = serde_json::json!({
                    "rate": header.rate,
                    "bit_rate": header.bit_rate,
                    "channels": header.channels,
                    "frames": header.frames,
                    "payload_words": header.payload_words,
                    "marks": header.marks,
                    "header_words": header.header_words,
                    "trailer": header.trailer,
                });
            }
            Format::Recording { header, packets, trailing_bytes: _ } => {
                body.kind = "recording";
                body.packets = Some(packets);
                body.header = serde_json::json!({
                    "rate": header.rate,
                    "bits": header.bits.count(),
                    "channels": header.channels,
                    "packets": header.packets,
                    "payload_words": header.payload_words,
                    "marks": header.marks,
                    "header_words": header.header_words,
                    "trailer": header.trailer,
                });
            }
            Format::Wav { channels } => body.channels = channels,
            Format::OggOpus(header) => {
                body.kind = "ogg_opus";
                body.channels = u16::from(header.channels);
                body.header = serde_json::json!({
                    "rate": header.rate,
                    "pre_skip": header.pre_skip,
                    "gain": header.gain,
                });
            }
        }
        body
    }
}

fn header_line(counts: &str, marks: [u16; 5], header_words: u16, trailer: u32) -> String {
    format!("{counts}, marks {marks:?}, {header_words} words long, ends with {trailer:08x}")
}

/// Draws a waveform of one line.
fn bars(waveform: Waveform) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let bar = |height: u8| BARS.get(usize::from(height) / 32).copied().unwrap_or('█');
    waveform.0.into_iter().map(bar).collect()
}

/// Returns a duration as people read it.
pub(super) fn seconds(ms: u32) -> String {
    format!("{}.{:02} s", ms / 1_000, ms % 1_000 / 10)
}

fn count(n: u64, thing: &str) -> String {
    if n == 1 { format!("1 {thing}") } else { format!("{n} {thing}s") }
}

fn count_usize(n: usize, thing: &str) -> String {
    count(u64::try_from(n).unwrap_or(u64::MAX), thing)
}
