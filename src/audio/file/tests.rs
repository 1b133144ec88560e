use std::cell::Cell;

use ::ogg::{PacketWriteEndInfo, PacketWriter};

use super::*;
use crate::audio::{Pcm, level, resample};

macro_rules! sound {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/data/sounds/", $name)).as_slice()
    };
}

const WANTED_MS: u32 = 600_000;

fn hear(file: &[u8]) -> Result<Heard, FileError> {
    read(file, WANTED_MS, &|| true)
}

/// What the files were made of.
fn speech() -> Vec<f32> {
    let file = include_bytes!("../../../tests/data/vectors/upload/speech_en.wav");
    crate::audio::wav::read(file).unwrap().samples
}

fn rms(samples: &[f32]) -> f32 {
    let n = u16::try_from(samples.len()).unwrap();
    (samples.iter().map(|sample| sample * sample).sum::<f32>() / f32::from(n)).sqrt()
}

fn decibels(ratio: f32) -> f32 {
    20.0 * ratio.log10()
}

/// How much a sound is like the speech: by how many samples it comes late, the correlation there,
/// and how loud it is in comparison.
fn likeness(heard: &[f32], speech: &[f32]) -> (isize, f32, f32) {
    const LATEST: isize = 800;
    let n = heard.len().min(speech.len()) / 2;
    let from = n / 2;
    let part = &speech[from..from + n.min(4_000)];
    let at = |late: isize| {
        let from = from.checked_add_signed(late)?;
        let other = heard.get(from..from + part.len())?;
        let product = part.iter().zip(other).map(|(a, b)| a * b).sum::<f32>();
        let n = f32::from(u16::try_from(part.len()).unwrap());
        Some((late, product / n / (rms(part) * rms(other)), decibels(rms(other) / rms(part))))
    };
    let all = (-LATEST..=LATEST).filter_map(at);
    all.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
}

/// How exactly a file says where its sound begins and ends.
#[derive(Clone, Copy)]
enum Ends {
    Told,
    Untold,
}

#[test]
fn every_usual_kind_sounds_like_what_it_was_made_of() {
    use Ends::{Told, Untold};
    let table = [
        ("mono_44k.mp3", sound!("mono_44k.mp3"), 2_000, Told, 0.98, 0.0),
        ("vbr_22k.mp3", sound!("vbr_22k.mp3"), 2_000, Told, 0.98, 0.0),
        ("left_48k.mp3", sound!("left_48k.mp3"), 2_000, Told, 0.98, -6.0),
        ("untold_32k.mp3", sound!("untold_32k.mp3"), 2_000, Untold, 0.94, 0.0),
        ("mono_44k.m4a", sound!("mono_44k.m4a"), 2_000, Told, 0.94, 0.0),
        ("left_48k.m4a", sound!("left_48k.m4a"), 2_000, Told, 0.94, -6.0),
        ("fragments_48k.mp4", sound!("fragments_48k.mp4"), 2_000, Untold, 0.94, 0.0),
        ("video_44k.mp4", sound!("video_44k.mp4"), 2_000, Told, 0.94, 0.0),
        ("video_44k.mov", sound!("video_44k.mov"), 2_000, Told, 0.94, 0.0),
        ("stream_24k.aac", sound!("stream_24k.aac"), 2_000, Untold, 0.94, 0.0),
        ("left_44k.ogg", sound!("left_44k.ogg"), 2_000, Told, 0.95, -6.0),
        ("mono_8k.ogg", sound!("mono_8k.ogg"), 2_000, Told, 0.9, 0.0),
        ("voice_20ms.opus", sound!("voice_20ms.opus"), 2_000, Told, 0.9, 0.0),
        ("left_60ms.opus", sound!("left_60ms.opus"), 2_000, Told, 0.9, -6.0),
        ("short_2.5ms.ogg", sound!("short_2.5ms.ogg"), 2_000, Told, 0.9, 0.0),
        ("mono_8k.flac", sound!("mono_8k.flac"), 1_000, Told, 0.9, 0.0),
        ("left_24k_24bit.flac", sound!("left_24k_24bit.flac"), 200, Told, 0.99, -6.0),
    ];
    let speech = speech();

    let mut faults = Vec::new();
    for (name, file, length_ms, ends, alike, louder) in table {
        let heard = hear(file).unwrap();

        let (late, correlation, decibels) = likeness(&heard.samples, &speech);
        let (late_most, longer_most) = match ends {
            Told => (16, 2),
            Untold => (720, 100),
        };
        if heard.length_ms.abs_diff(length_ms) > longer_most
            || late.unsigned_abs() > late_most
            || correlation < alike
            || 1.0 < (decibels - louder).abs()
        {
            faults.push(format!(
                "{name}: {} ms, {late} late, {correlation}, {decibels} dB",
                heard.length_ms
            ));
        }
    }

    assert!(faults.is_empty(), "{faults:#?}");
}

/// A voice on one side alone is brought to the level of all others.
#[test]
fn a_voice_on_one_side_is_as_loud_as_one_in_the_middle() {
    let loudness = |file| rms(&level(hear(file).unwrap().samples).to_float());

    for (left, mono) in [
        (sound!("left_48k.mp3"), sound!("mono_44k.mp3")),
        (sound!("left_48k.m4a"), sound!("mono_44k.m4a")),
        (sound!("left_60ms.opus"), sound!("voice_20ms.opus")),
    ] {
        let louder = decibels(loudness(left) / loudness(mono));

        assert!(louder.abs() < 1.0, "{louder} dB");
    }
}

#[test]
fn wav_sounds_as_if_it_had_been_read_at_once() {
    let speech = speech();
    let file = |bits: u16, rate: u32, channels: u16, sample_format| {
        let spec =
            hound::WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format };
        let mut bytes = std::io::Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
        for sample in &speech[..32_000] {
            for _ in 0..channels {
                if sample_format == hound::SampleFormat::Float {
                    writer.write_sample(*sample).unwrap();
                } else {
                    let sample = Pcm::from_float(rate, &[*sample]).samples[0];
                    let sample = i32::from(sample);
                    let sample = if bits < 16 { sample >> 8 } else { sample << (bits - 16) };
                    writer.write_sample(sample).unwrap();
                }
            }
        }
        writer.finalize().unwrap();
        bytes.into_inner()
    };
    let (int, float) = (hound::SampleFormat::Int, hound::SampleFormat::Float);
    for (bits, rate, channels, kind) in [
        (8, 8_000, 1, int),
        (16, 44_100, 2, int),
        (24, 22_050, 1, int),
        (32, 48_000, 2, int),
        (32, 11_025, 1, float),
        (16, 16_000, 1, int),
        (16, 192_000, 6, int),
    ] {
        let file = file(bits, rate, channels, kind);

        let heard = hear(&file).unwrap();

        let whole = crate::audio::wav::read(&file).unwrap();
        let resampled = resample(&whole.mono(), rate, 16_000).unwrap();
        assert!(heard.samples == resampled, "{bits} bits at {rate} Hz");
        assert_eq!(heard.length_ms, whole.length_ms());
    }
}

/// A box of an MP4 file.
fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let n_bytes = u32::try_from(8 + body.len()).unwrap();
    [n_bytes.to_be_bytes().as_slice(), &kind, body].concat()
}

fn replaced(file: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = file.windows(old.len()).position(|window| window == old).unwrap();
    [&file[..at], new, &file[at + old.len()..]].concat()
}

#[test]
fn what_is_not_played_gets_its_reason() {
    let m4a = sound!("left_48k.m4a");
    let mp3 = sound!("mono_44k.mp3");
    let empty_wav = crate::audio::wav::write(&Pcm { rate: 16_000, samples: vec![] });
    let flac_head = sound!("mono_8k.flac")[..42].to_vec();
    let no_frames = {
        let mut head = flac_head.clone();
        head[4] |= 0x80;
        head
    };
    let encoding = |name| FileError::Encoding(name);
    let rare = encoding("an MP4 file with sound of a rare kind");
    let table: Vec<(&str, Vec<u8>, FileError)> = vec![
        ("nothing", vec![], FileError::Empty),
        ("text", b"This is a letter to grandmother. ".repeat(99), FileError::NoSoundFile),
        ("zeros", vec![0; 9_999], FileError::NoSoundFile),
        (
            "a picture",
            [b"\x89PNG\r\n\x1a\n".as_slice(), &[7; 999]].concat(),
            FileError::NoSoundFile,
        ),
        (
            "a photo",
            [b"\xff\xd8\xff\xe0\0\x10JFIF".as_slice(), &[7; 999]].concat(),
            FileError::NoSoundFile,
        ),
        ("four bytes of WAV", b"RIFF".to_vec(), FileError::Cut),
        ("a WAV header", empty_wav.clone()[..30].to_vec(), FileError::Cut),
        ("a WAV without sound", empty_wav, FileError::NoSound),
        ("a silent video", sound!("silent.mp4").to_vec(), FileError::NoSoundTrack),
        ("iTunes' own", replaced(m4a, b"mp4a", b"drms"), FileError::Protected),
        ("common encryption", replaced(m4a, b"mp4a", b"enca"), FileError::Protected),
        ("AMR in MP4", replaced(m4a, b"mp4a", b"samr"), encoding("AMR, as old phones record it,")),
        ("something in MP4", replaced(m4a, b"mp4a", b"abcd"), rare),
        ("lossless", sound!("lossless.m4a").to_vec(), encoding("Apple Lossless (ALAC)")),
        ("AMR", b"#!AMR\n\x3c\x91\x17".to_vec(), encoding("AMR, as old phones record it,")),
        ("MIDI", b"MThd\0\0\0\x06\0\x01".to_vec(), encoding("MIDI")),
        ("Windows Media", sound!("windows.wma").to_vec(), encoding("Windows Media (WMA)")),
        ("WebM", sound!("matroska.webm").to_vec(), encoding("WebM or Matroska")),
        ("MP4 that begins", m4a[..600].to_vec(), FileError::Cut),
        ("MP4 without a table", sound!("mono_44k.m4a")[..9_000].to_vec(), FileError::Cut),
        ("names of an MP3", sound!("mono_44k.mp3")[..20].to_vec(), FileError::Cut),
        ("Ogg that begins", sound!("voice_20ms.opus")[..60].to_vec(), FileError::Cut),
        ("a FLAC header", flac_head, FileError::Cut),
        ("FLAC without a frame", no_frames, FileError::NoSound),
        ("only damage", damaged(mp3, 1), FileError::Damaged),
    ];

    for (name, file, reason) in table {
        assert_eq!(hear(&file).map(|heard| heard.length_ms), Err(reason), "{name}");
    }
}

/// Every n-th frame of an MP3 with nonsense in it.
fn damaged(mp3: &[u8], every: usize) -> Vec<u8> {
    let mut file = mp3.to_vec();
    let (_, frames) = kind(mp3).unwrap();
    let mut at = mp3.len() - frames.len();
    let mut n = 0;
    while let Some(n_bytes) = mp3::frame_bytes(&mp3[at..]) {
        n += 1;
        let end = (at + n_bytes).min(file.len());
        if n % every == 0 && at + 4 < end {
            // The reserve that a frame may look back at becomes larger than anything before it.
            file[at + 4..end].fill(0xff);
        }
        at += n_bytes;
        if mp3.len() < at {
            break;
        }
    }
    file
}

#[test]
fn a_file_that_breaks_off_or_has_damage_in_it_gives_what_is_there() {
    let half = |file: &[u8]| file[..file.len() * 6 / 10].to_vec();
    let mut opus = sound!("voice_20ms.opus").to_vec();
    let middle = opus.len() / 2;
    opus[middle] ^= 0x40;
    let mut flac = sound!("mono_8k.flac").to_vec();
    flac[9_000] ^= 0x40;
    let table = [
        ("half an MP3", half(sound!("mono_44k.mp3")), 900..1_400),
        ("half an M4A, its table first", half(sound!("left_48k.m4a")), 900..1_400),
        ("half of the fragments", half(sound!("fragments_48k.mp4")), 900..1_600),
        ("half a stream", half(sound!("stream_24k.aac")), 900..1_400),
        ("half a FLAC", half(sound!("mono_8k.flac")), 150..700),
        ("an MP3 with damage", damaged(sound!("mono_44k.mp3"), 5), 1_400..2_001),
        ("a FLAC with damage", flac, 300..1_000),
    ];

    for (name, file, length_ms) in table {
        let heard = hear(&file).unwrap();

        assert!(length_ms.contains(&heard.length_ms), "{name}: {} ms", heard.length_ms);
    }
}

/// Names and a picture in front of an MP3 are not sound, whatever is in them.
#[test]
fn names_and_pictures_are_left_out() {
    let (_, bare) = kind(sound!("mono_44k.mp3")).unwrap();
    let picture = [0xff, 0xfb, 0x90, 0x64].repeat(50_000);
    let n_bytes = u32::try_from(picture.len()).unwrap();
    let size = [21, 14, 7, 0].map(|shift| u8::try_from(n_bytes >> shift & 0x7f).unwrap());
    let file = [b"ID3\x04\0\0".as_slice(), &size, &picture, &[0; 500], bare, b"TAG", &[b' '; 125]];

    let heard = hear(&file.concat()).unwrap();

    assert_eq!(heard.samples, hear(bare).unwrap().samples);
}

/// Ten hours of nothing in less than a megabyte.
fn ten_hours() -> Vec<u8> {
    // Two packets of 60 ms in one, none with a byte of sound.
    const PACKET: [u8; 2] = [11 << 3 | 3, 2];
    const N_PACKETS: u64 = 10 * 3_600 * 1_000 / 120;
    let mut file = std::io::Cursor::new(Vec::new());
    let mut writer = PacketWriter::new(&mut file);
    let head = b"OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0".as_slice();
    writer.write_packet(head, 7, PacketWriteEndInfo::EndPage, 0).unwrap();
    let tags = b"OpusTags\0\0\0\0\0\0\0\0".as_slice();
    writer.write_packet(tags, 7, PacketWriteEndInfo::EndPage, 0).unwrap();
    for n in 1..=N_PACKETS {
        let info = match n {
            N_PACKETS => PacketWriteEndInfo::EndStream,
            _ if n % 200 == 0 => PacketWriteEndInfo::EndPage,
            _ => PacketWriteEndInfo::NormalPacket,
        };
        writer.write_packet(PACKET.as_slice(), 7, info, n * 120 * 48).unwrap();
    }
    file.into_inner()
}

#[test]
fn ten_hours_cost_no_more_than_what_is_wanted() {
    let file = ten_hours();
    assert!(file.len() < 1_000_000, "{}", file.len());
    let n_packets = Cell::new(0);

    let heard = read(&file, 60_000, &|| {
        n_packets.set(n_packets.get() + 1);
        true
    });

    let heard = heard.unwrap();
    assert!(n_packets.get() < 510, "{} packets", n_packets.get());
    assert!(heard.samples.capacity() < 16 * 61_000 * 2, "{}", heard.samples.capacity());
    let hours = f64::from(heard.length_ms) / 3_600_000.0;
    assert!((7.0..11.0).contains(&hours), "{hours} hours");
}

#[test]
fn whoever_has_no_time_left_gets_nothing() {
    for file in [sound!("mono_44k.mp3"), sound!("left_48k.m4a"), sound!("mono_8k.flac")] {
        let left = Cell::new(5);

        let heard = read(file, WANTED_MS, &|| {
            left.set(left.get() - 1);
            0 < left.get()
        });

        // A FLAC of a second has fewer packets than that.
        assert!(heard.is_ok_and(|_| 0 < left.get()) || left.get() == 0);
    }
}

/// A table that says that all the file is sound, again and again.
#[test]
fn packets_that_share_their_bytes_end_with_the_bytes() {
    let full =
        |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
    let table = [
        boxed(*b"stsz", &full(&[0, 100, u32::MAX])),
        boxed(*b"stsc", &full(&[0, 1, 1, u32::MAX, 1])),
        boxed(*b"stco", &full(&[0, 3, 0, 0, 0])),
    ]
    .concat();
    let old = sound!("left_48k.m4a");
    let at = old.windows(4).position(|window| window == b"stts").unwrap() - 4;
    let mut file = old.to_vec();
    // What stood there becomes a box that nobody reads, and the new table comes before it.
    file[at + 4..at + 8].copy_from_slice(b"free");
    file.splice(at..at, table.iter().copied());
    for kind in [b"moov", b"trak", b"mdia", b"minf", b"stbl"] {
        let at = file.windows(4).position(|window| window == kind).unwrap() - 4;
        let size = u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
        let size = size + u32::try_from(table.len()).unwrap();
        file[at..at + 4].copy_from_slice(&size.to_be_bytes());
    }
    let n_packets = Cell::new(0);

    let heard = read(&file, WANTED_MS, &|| {
        n_packets.set(n_packets.get() + 1);
        true
    });

    assert!(heard.is_err(), "{heard:?}");
    assert_eq!(n_packets.get(), file.len() / 100);
}

/// Bits from the lowest on.
#[derive(Default)]
struct Bits(Vec<u8>, usize);

impl Bits {
    fn put(&mut self, n_bits: usize, value: u32) {
        for n in 0..n_bits {
            if self.1.is_multiple_of(8) {
                self.0.push(0);
            }
            *self.0.last_mut().unwrap() |= u8::try_from(value >> n & 1).unwrap() << (self.1 % 8);
            self.1 += 1;
        }
    }
}

/// Twenty bytes that ask for 16 MB, up to 256 times.
#[test]
fn tables_that_nobody_can_mean_are_refused() {
    let mut bits = Bits::default();
    bits.put(8, 255);
    for _ in 0..256 {
        for (n_bits, value) in [
            (24, 0x56_4342),
            (16, 32),
            (24, 1 << 17),
            (1, 1),
            (5, 16),
            (18, 1 << 17),
            (4, 1),
            (32, 0),
            (32, 0),
            (4, 0),
            (1, 0),
            (1, 1),
        ] {
            bits.put(n_bits, value);
        }
    }
    let packet = [b"\x05vorbis".as_slice(), &bits.0].concat();
    assert!(packet.len() < 6_000);

    assert_eq!(vorbis::check_tables(&packet), Err(FileError::Damaged));
}

#[test]
fn the_core_of_efficient_aac_is_taken_and_the_rest_refused() {
    let read = |bytes: &[u8]| aac::Config::read(bytes).map(|config| config.rate);

    // Plain at 44.1 kHz; efficient with a core of 24 kHz, and that with one channel for both sides.
    assert_eq!(read(&[0x12, 0x10]), Ok(44_100));
    assert_eq!(read(&[0x2b, 0x11, 0x88, 0x00]), Ok(24_000));
    assert_eq!(read(&[0xeb, 0x09, 0x88, 0x00]), Ok(24_000));
    // Main profile, six channels, 960 samples in a frame, nothing.
    for refused in [[0x0a, 0x10], [0x12, 0x30], [0x12, 0x14], [0, 0]] {
        assert!(read(&refused).is_err(), "{refused:?}");
    }
}

#[test]
fn debug_says_nothing_of_the_sound() {
    let heard = Heard { samples: vec![0.12345], length_ms: 1 };

    assert_eq!(format!("{heard:?}"), "Heard { length_ms: 1, length: 1, .. }");
}
