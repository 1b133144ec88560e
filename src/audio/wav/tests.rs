use proptest::prelude::*;

use super::*;

/// A header with these fields, and as many bytes of sound as it promises.
fn wav(tag: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    let frame_bytes = channels.wrapping_mul(bits.div_ceil(8));
    let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
    file.extend(tag.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend(rate.wrapping_mul(u32::from(frame_bytes)).to_le_bytes());
    file.extend(frame_bytes.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    file.extend(data);
    let n_bytes = u32::try_from(file.len() - 8).unwrap();
    file[4..8].copy_from_slice(&n_bytes.to_le_bytes());
    file
}

fn promising(promised: u32, data: &[u8]) -> Vec<u8> {
    let mut file = wav(PCM, 1, 16_000, 16, data);
    file[40..44].copy_from_slice(&promised.to_le_bytes());
    file
}

/// What an independent reader makes of the file.
fn oracle(file: &[u8]) -> Vec<f32> {
    let reader = hound::WavReader::new(file).unwrap();
    let spec = reader.spec();
    match spec.sample_format {
        hound::SampleFormat::Float => reader.into_samples::<f32>().map(Result::unwrap).collect(),
        hound::SampleFormat::Int => {
            let full_scale = 2_f32.powi(i32::from(spec.bits_per_sample) - 1);
            #[allow(
                clippy::cast_precision_loss,
                clippy::as_conversions,
                reason = "as the reader does"
            )]
            reader.into_samples::<i32>().map(|sample| sample.unwrap() as f32 / full_scale).collect()
        }
    }
}

#[test]
fn bad_files_get_one_sentence_that_names_the_fault() {
    let silence = [0; 64];
    let table: [(&str, Vec<u8>, &str); 17] = [
        ("empty", vec![], "the WAV file is empty"),
        ("text", b"hello, this is no sound".to_vec(), "not a WAV file"),
        ("short text", b"hi".to_vec(), "not a WAV file"),
        ("four bytes", b"RIFF".to_vec(), "cut off before its sound"),
        (
            "header cut",
            wav(PCM, 1, 16_000, 16, &silence)[..30].to_vec(),
            "cut off before its sound",
        ),
        (
            "truncated",
            wav(PCM, 1, 16_000, 16, &silence)[..100].to_vec(),
            "promises 64 bytes of sound, but 56 are",
        ),
        ("0 Hz", wav(PCM, 1, 0, 16, &silence), "0 samples per second"),
        ("4 GHz", wav(PCM, 1, u32::MAX, 16, &silence), "4294967295 samples per second"),
        ("64 channels", wav(PCM, 64, 16_000, 16, &silence), "64 channels"),
        ("no channel", wav(PCM, 0, 16_000, 16, &silence), "0 channels"),
        (
            "3 GB claimed",
            promising(3_000_000_000, &silence),
            "promises 3000000000 bytes of sound, but 64 are",
        ),
        ("no sound", wav(PCM, 1, 16_000, 16, &[]), "no sound in the WAV file"),
        ("half a sample", wav(PCM, 1, 16_000, 16, &[1]), "no sound in the WAV file"),
        ("mp3 inside", wav(0x55, 2, 44_100, 0, &silence), "format 0x55"),
        ("40 bits", wav(PCM, 1, 16_000, 40, &silence), "40 bits"),
        ("no bits", wav(PCM, 1, 16_000, 0, &silence), "0 bits"),
        (
            "sound before its description",
            b"RIFF\0\0\0\0WAVEdata\x02\0\0\0\0\0".to_vec(),
            "does not say what its sound is like",
        ),
    ];

    for (name, file, fault) in table {
        let sentence = read(&file).expect_err(name).to_string();

        assert!(sentence.contains(fault), "{name}: {sentence}");
        assert!(!sentence.contains('\n') && !sentence.ends_with('.'), "{name}: {sentence}");
    }
}

#[test]
fn frames_of_the_wrong_size_are_refused() {
    let mut file = wav(PCM, 2, 16_000, 16, &[0; 64]);
    file[32] = 3;

    assert!(matches!(read(&file), Err(AudioError::Wav(WavError::Encoding { bits: 16, .. }))));
}

#[test]
fn every_encoding_is_read_as_another_reader_reads_it() {
    let data: Vec<u8> = (0..240_u8).map(|n| n.wrapping_mul(89)).collect();
    let floats: Vec<u8> =
        [0.5_f32, -1.0, 1.25, 0.0].into_iter().flat_map(f32::to_le_bytes).collect();
    let table = [
        (PCM, 1, 8, &data),
        (PCM, 2, 16, &data),
        (PCM, 2, 24, &data),
        (PCM, 1, 32, &data),
        (FLOAT, 2, 32, &floats),
    ];

    for (tag, channels, bits, data) in table {
        let file = wav(tag, channels, 44_100, bits, data);

        let sound = read(&file).unwrap();

        assert_eq!((sound.rate, sound.channels), (44_100, channels));
        assert_eq!(sound.samples, oracle(&file), "{bits} bits");
    }
}

#[test]
fn double_precision_is_read() {
    let data: Vec<u8> = [0.5_f64, -0.25].into_iter().flat_map(f64::to_le_bytes).collect();

    assert_eq!(read(&wav(FLOAT, 1, 48_000, 64, &data)).unwrap().samples, [0.5, -0.25]);
}

#[test]
fn the_extensible_header_is_read() {
    let mut file = Cursor::new(Vec::new());
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 48_000,
        bits_per_sample: 24,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::new(&mut file, spec).unwrap();
    for sample in [1 << 22, -(1 << 23), 0, 1 << 21] {
        writer.write_sample(sample).unwrap();
    }
    writer.finalize().unwrap();
    let file = file.into_inner();
    assert_eq!(file[20..22], EXTENSIBLE.to_le_bytes());

    let sound = read(&file).unwrap();

    assert_eq!(sound.samples, [0.5, -1.0, 0.0, 0.25]);
}

#[test]
fn a_length_that_the_writer_left_open_means_all_there_is() {
    let sound = read(&promising(u32::MAX, &[0, 64, 0, 32])).unwrap();

    assert_eq!(sound.samples, [0.5, 0.25]);
}

#[test]
fn chunks_of_odd_length_are_skipped_with_their_padding() {
    let plain = wav(PCM, 1, 16_000, 16, &[0, 64]);
    let mut file = plain[..12].to_vec();
    file.extend(b"LIST\x03\0\0\0abc\0");
    file.extend(&plain[12..]);
    file.extend(b"id3 \xff\xff\xff\x7f");

    assert_eq!(read(&file).unwrap().samples, [0.5]);
}

#[test]
fn numbers_that_are_none_become_silence_and_huge_ones_are_limited() {
    let data: Vec<u8> =
        [f32::NAN, f32::INFINITY, -1e30, 0.5].into_iter().flat_map(f32::to_le_bytes).collect();

    let sound = read(&wav(FLOAT, 1, 16_000, 32, &data)).unwrap();

    assert_eq!(sound.samples, [0.0, 16.0, -16.0, 0.5]);
}

#[test]
fn what_is_written_can_be_read() {
    let pcm = Pcm { rate: 8_000, samples: vec![0, 1, -1, i16::MAX, i16::MIN] };

    let file = write(&pcm);

    let sound = read(&file).unwrap();
    assert_eq!(file.len(), 44 + 2 * pcm.samples.len());
    assert_eq!(Pcm::from_float(sound.rate, &sound.mono()), pcm);
}

#[test]
fn no_samples_make_a_bare_header() {
    assert_eq!(write(&Pcm { rate: 8_000, samples: vec![] }).len(), 44);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(read(&bytes));
    }

    #[test]
    fn any_damage_is_read_or_refused(
        data in prop::collection::vec(any::<u8>(), 0..100),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut file = wav(PCM, 2, 44_100, 16, &data);
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }

        if let Ok(sound) = read(&file) {
            prop_assert!(sound.samples.len() <= file.len());
            prop_assert!(sound.samples.iter().all(|sample| sample.is_finite()));
        }
    }
}
