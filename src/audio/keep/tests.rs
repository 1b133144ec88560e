#![allow(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "arithmetic on test tones"
)]

use std::f32::consts::TAU;

use proptest::prelude::*;

use super::*;

/// A buzz in syllables, at half of full scale.
fn voice(rate: u32, n_samples: usize) -> Pcm {
    let samples = (0..n_samples)
        .map(|n| {
            let seconds = n as f32 / rate as f32;
            let envelope = (seconds * TAU * 3.0).sin().max(0.0);
            let buzz: f32 =
                (1..16).map(|k| (seconds * TAU * 180.0 * k as f32).sin() / k as f32).sum();
            (envelope * buzz * 8_000.0) as i16
        })
        .collect();
    Pcm { rate, samples }
}

fn snr_db(original: &[i16], copy: &[i16]) -> f32 {
    let square = |x: f32| x * x;
    let signal: f32 = original.iter().map(|&a| square(f32::from(a))).sum();
    let noise: f32 =
        original.iter().zip(copy).map(|(&a, &b)| square(f32::from(a) - f32::from(b))).sum();
    10.0 * (signal / noise.max(1.0)).log10()
}

#[test]
fn a_voice_comes_back_in_place_and_clearly() {
    for rate in RATES {
        let pcm = voice(rate, rate as usize * 3);

        let back = decode(&encode(&pcm).unwrap()).unwrap();

        assert_eq!(back.rate, rate);
        assert_eq!(back.samples.len(), pcm.samples.len());
        let snr = snr_db(&pcm.samples, &back.samples);
        assert!(12.0 < snr, "{rate} Hz: {snr} dB");
    }
}

#[test]
fn a_toys_recording_comes_back_in_place() {
    let file = include_bytes!("../../../tests/data/vectors/recording/speech_4bit.bin");
    let pcm = crate::audio::adpcm::decode(file).unwrap().pcm;

    let back = decode(&encode(&pcm).unwrap()).unwrap();

    let snr = snr_db(&pcm.samples, &back.samples);
    assert!(14.0 < snr, "{snr} dB");
    let shifted = snr_db(&pcm.samples, &back.samples[1..]);
    assert!(shifted < snr, "{shifted} dB");
}

#[test]
fn it_costs_three_kilobytes_a_second_or_less() {
    let file = encode(&voice(16_000, 160_000)).unwrap();

    assert!((8_000..32_000).contains(&file.len()), "{}", file.len());
}

#[test]
fn the_header_is_that_of_the_standard() {
    let file = encode(&voice(8_000, 8_000)).unwrap();

    let header = header(&file).unwrap();

    assert_eq!((header.rate, header.channels, header.gain), (8_000, 1, 0));
    assert_eq!(header.pre_skip, 312);
    assert_eq!(&file[..4], b"OggS");
    assert_eq!(&file[28..36], b"OpusHead");
}

#[test]
fn no_page_is_longer_than_a_second_and_the_last_says_where_the_sound_ends() {
    let file = encode(&voice(8_000, 20_001)).unwrap();

    let mut reader = PacketReader::new(Cursor::new(file));
    let mut ends = Vec::new();
    while let Some(packet) = reader.read_packet().unwrap() {
        if packet.last_in_page() {
            ends.push(packet.absgp_page());
        }
    }

    assert_eq!(ends, [0, 0, 48_000, 96_000, 312 + 20_001 * 6]);
}

#[test]
fn other_rates_are_refused() {
    assert_eq!(encode(&voice(44_100, 10)), Err(AudioError::Rate(44_100)));
}

#[test]
fn damage_has_a_sentence() {
    let file = encode(&voice(8_000, 20_000)).unwrap();
    let mut flipped = file.clone();
    flipped[3_000] ^= 1;
    let table: [(&str, &[u8], KeepError); 6] = [
        ("nothing", &[], KeepError::NotOpus),
        ("text", b"hello, this is no sound at all", KeepError::NotOpus),
        ("only the header", &file[..47], KeepError::Cut),
        ("cut in a page", &file[..file.len() - 5], KeepError::Cut),
        ("cut after a page", &file[..last_page(&file)], KeepError::Cut),
        ("a bit flipped", &flipped, KeepError::Damaged),
    ];

    for (name, file, fault) in table {
        assert_eq!(decode(file), Err(AudioError::Keep(fault)), "{name}");
    }
}

#[test]
fn a_file_from_elsewhere_is_mixed_down() {
    let mut encoder = Encoder::new(48_000, Channels::Stereo, Application::Audio).unwrap();
    let samples: Vec<i16> = voice(48_000, 960).samples.iter().flat_map(|&s| [s, s]).collect();
    let packet = encoder.encode_vec(&samples, 4_000).unwrap();
    let mut file = Cursor::new(Vec::new());
    let mut writer = PacketWriter::new(&mut file);
    let head = b"OpusHead\x01\x02\x38\x01\x44\xac\0\0\0\0\0".to_vec();
    writer.write_packet(head, 7, PacketWriteEndInfo::EndPage, 0).unwrap();
    writer
        .write_packet(&b"OpusTags\0\0\0\0\0\0\0\0"[..], 7, PacketWriteEndInfo::EndPage, 0)
        .unwrap();
    writer.write_packet(packet, 7, PacketWriteEndInfo::EndStream, 900).unwrap();

    let pcm = decode(&file.into_inner()).unwrap();

    assert_eq!((pcm.rate, pcm.samples.len()), (48_000, 900 - 312));
}

#[test]
fn packets_that_claim_minutes_do_not_fill_the_memory() {
    // Two bytes: 48 frames of 2.5 ms each.
    let packet: &[u8] = &[0xe3, 48];
    let mut file = Cursor::new(Vec::new());
    let mut writer = PacketWriter::new(&mut file);
    let head = b"OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0".to_vec();
    writer.write_packet(head, 7, PacketWriteEndInfo::EndPage, 0).unwrap();
    writer
        .write_packet(&b"OpusTags\0\0\0\0\0\0\0\0"[..], 7, PacketWriteEndInfo::EndPage, 0)
        .unwrap();
    for _ in 0..20_000 {
        writer.write_packet(packet, 7, PacketWriteEndInfo::NormalPacket, 0).unwrap();
    }
    writer.write_packet(packet, 7, PacketWriteEndInfo::EndStream, u64::MAX).unwrap();

    assert_eq!(decode(&file.into_inner()), Err(AudioError::Keep(KeepError::TooLong)));
}

/// Where the last page begins.
fn last_page(file: &[u8]) -> usize {
    file.windows(4).rposition(|window| window == b"OggS").unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_length_comes_back(
        n_samples in 0_usize..5_000,
        rate in prop::sample::select(RATES.to_vec()),
    ) {
        let back = decode(&encode(&voice(rate, n_samples)).unwrap()).unwrap();

        prop_assert_eq!((back.rate, back.samples.len()), (rate, n_samples));
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        drop(decode(&bytes));
    }

    /// Pages with the right checksums around any packets: what a checksum does not catch.
    #[test]
    fn any_packets_are_decoded_or_refused(
        head in prop::collection::vec(any::<u8>(), 10),
        packets in prop::collection::vec(
            (prop::collection::vec(any::<u8>(), 0..300), 0_u8..3, any::<u64>()), 1..20),
    ) {
        let mut file = Cursor::new(Vec::new());
        let mut writer = PacketWriter::new(&mut file);
        let mut first = b"OpusHead\x01".to_vec();
        first.extend(head);
        first[9] = first[9] % 2 + 1;
        first[18] = 0;
        writer.write_packet(first, 7, PacketWriteEndInfo::EndPage, 0).unwrap();
        writer.write_packet(&b"OpusTags"[..], 7, PacketWriteEndInfo::EndPage, 0).unwrap();
        for (packet, info, time) in packets {
            let info = match info {
                0 => PacketWriteEndInfo::NormalPacket,
                1 => PacketWriteEndInfo::EndPage,
                _ => PacketWriteEndInfo::EndStream,
            };
            writer.write_packet(packet, 7, info, time).unwrap();
        }

        drop(decode(&file.into_inner()));
    }
}
