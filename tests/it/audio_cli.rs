//! `hutch audio` as people run it: on files, against the test vectors of the toy's formats.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use hutch::audio::{Clip, Pcm, audio32, wav};
use serde_json::Value;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/vectors");

/// Runs `hutch audio` with these arguments.
fn hutch_audio<'a>(args: impl IntoIterator<Item = &'a Path>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hutch"));
    command.arg("audio").args(args).output().unwrap()
}

/// Runs it on an input file and returns what it wrote to the output file.
fn convert(verb: &str, input: &Path) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let output = dir.path().join("out");
    let outcome = hutch_audio([Path::new(verb), input, &output]);
    assert!(outcome.status.success(), "{}: {outcome:?}", input.display());
    fs::read(output).unwrap()
}

fn vector(name: &str) -> PathBuf {
    Path::new(VECTORS).join(name)
}

/// Returns the vectors of a folder that end like this, and there must be some.
fn vectors(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(vector(folder)).unwrap();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().is_some_and(|path| path.ends_with(ending)))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{folder}/*{ending}");
    found
}

fn pcm(wav_file: &[u8]) -> Pcm {
    let sound = wav::read(wav_file).unwrap();
    Pcm::from_float(sound.rate, &sound.mono())
}

fn info(path: &Path) -> Value {
    let outcome = hutch_audio([Path::new("info"), Path::new("--json"), path]);
    assert!(outcome.status.success(), "{outcome:?}");
    serde_json::from_slice(&outcome.stdout).unwrap()
}

/// 3 s of a voice-like buzz, stereo at 44.1 kHz, quiet.
#[allow(clippy::cast_possible_truncation, clippy::as_conversions, reason = "a test tone")]
fn studio_wav() -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 44_100,
        bits_per_sample: 24,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::new(&mut file, spec).unwrap();
    for n in 0..132_300 {
        let seconds = f64::from(n) / 44_100.0;
        let syllable = (seconds * 18.0).sin().max(0.0);
        let sample = (seconds * 1_500.0).sin() * syllable * 300_000.0;
        writer.write_sample(sample as i32).unwrap();
        writer.write_sample((sample * 0.5) as i32).unwrap();
    }
    writer.finalize().unwrap();
    file.into_inner()
}

#[test]
fn every_upload_vector_is_encoded_byte_for_byte() {
    let expected_files = vectors("upload", ".au");

    for expected in &expected_files {
        let encoded = convert("encode", &expected.with_extension("wav"));

        assert!(encoded == fs::read(expected).unwrap(), "{}", expected.display());
    }
    assert_eq!(expected_files.len(), 14);
}

#[test]
fn doubled_8_khz_vectors_are_encoded_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    for expected in vectors("upload_8k", ".au") {
        // The original app doubled every sample, with no filter.
        let Pcm { rate, samples } = pcm(&fs::read(expected.with_extension("wav")).unwrap());
        assert_eq!(rate, 8_000);
        let doubled = Pcm {
            rate: 16_000,
            samples: samples.into_iter().flat_map(|sample| [sample, sample]).collect(),
        };
        let input = dir.path().join("doubled.wav");
        fs::write(&input, wav::write(&doubled)).unwrap();

        let encoded = convert("encode", &input);

        assert!(encoded == fs::read(&expected).unwrap(), "{}", expected.display());
    }
}

#[test]
fn every_recording_vector_is_decoded_sample_for_sample() {
    let recordings = vectors("recording", ".bin");

    for recording in &recordings {
        let decoded = convert("decode", recording);

        // Another reader than ours: it takes files without a sample too.
        let expected = hound::WavReader::open(recording.with_extension("wav")).unwrap();
        let decoded = hound::WavReader::new(decoded.as_slice()).unwrap();
        assert_eq!(decoded.spec(), expected.spec());
        let samples = |reader: hound::WavReader<_>| -> Vec<i16> {
            reader.into_samples().map(Result::unwrap).collect()
        };
        let decoded: Vec<i16> = decoded.into_samples().map(Result::unwrap).collect();
        assert!(decoded == samples(expected), "{}", recording.display());
    }
    assert_eq!(recordings.len(), 15);
}

#[test]
fn damaged_files_that_hold_sound_are_decoded_and_the_damage_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let output = dir.path().join("out.wav");
    let table = [
        ("edge/count_mismatch.au", "the header promises 10 frames, but 4 could be decoded"),
        ("edge/truncated_frame.au", "the header promises 10 frames, but 9 could be decoded"),
        ("edge/empty.au", "there is no sound in the file"),
        (
            "recording/truncated_odd_4bit.bin",
            "the last packet is cut off: its 15 bytes were left out",
        ),
        ("recording/header_only_4bit.bin", "there is no sound in the file"),
    ];

    for (name, sentence) in table {
        let outcome = hutch_audio([Path::new("decode"), &vector(name), &output]);

        assert!(outcome.status.success(), "{name}: {outcome:?}");
        let told = String::from_utf8(outcome.stderr).unwrap();
        assert!(told.lines().any(|line| line == format!("note: {sentence}")), "{name}: {told}");
    }
}

#[test]
fn damaged_files_without_sound_are_refused_in_one_sentence_and_leave_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let output = dir.path().join("out.wav");
    for name in [
        "bad_magic.au",
        "bad_magic.bin",
        "bits_3.bin",
        "bits_7.bin",
        "empty.bin",
        "short_header.bin",
    ] {
        let input = vector("edge").join(name);
        for args in [vec![Path::new("decode"), &input, &output], vec![Path::new("info"), &input]] {
            let outcome = hutch_audio(args);

            assert_eq!(outcome.status.code(), Some(1), "{name}: {outcome:?}");
            let told = String::from_utf8(outcome.stderr).unwrap();
            assert!(
                told.starts_with("error: reading ") && told.lines().count() == 1,
                "{name}: {told}"
            );
            assert!(outcome.stdout.is_empty(), "{name}");
        }
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn bad_wav_files_are_refused_in_one_sentence_and_what_was_there_stays() {
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (dir.path().join("in.wav"), dir.path().join("out.au"));
    fs::write(&output, "a clip from yesterday").unwrap();
    let good = wav::write(&Pcm { rate: 16_000, samples: vec![100; 1_000] });
    let with = |at: usize, bytes: &[u8]| {
        let mut file = good.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    let table = [
        (Vec::new(), "the WAV file is empty: record or export it again"),
        (
            good[..1_000].to_vec(),
            "the WAV file is cut off: its header promises 2000 bytes of sound, but 956 are there: transfer it again",
        ),
        (with(24, &[0; 4]), "the WAV file has 0 samples per second: save it with 8000 to 192000"),
        (with(22, &[64, 0]), "the WAV file has 64 channels: save it as mono or stereo"),
        (
            with(40, &3_000_000_000_u32.to_le_bytes()),
            "the WAV file is cut off: its header promises 3000000000 bytes of sound, but 2000 are there: transfer it again",
        ),
    ];

    for (file, sentence) in table {
        fs::write(&input, file).unwrap();

        let outcome = hutch_audio([Path::new("encode"), &input, &output]);

        assert_eq!(outcome.status.code(), Some(1), "{outcome:?}");
        let told = String::from_utf8(outcome.stderr).unwrap();
        assert_eq!(told, format!("error: reading {}: {sentence}\n", input.display()));
        assert_eq!(fs::read(&output).unwrap(), b"a clip from yesterday");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}

#[test]
fn any_wav_is_prepared_as_a_message() {
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (dir.path().join("in.wav"), dir.path().join("out.au"));
    fs::write(&input, studio_wav()).unwrap();

    let args = ["encode", "--prepare"].map(Path::new).into_iter().chain([&*input, &*output]);
    let outcome = hutch_audio(args);

    assert!(outcome.status.success() && outcome.stderr.is_empty(), "{outcome:?}");
    let clip = Clip::from_stored(fs::read(&output).unwrap()).unwrap();
    // One frame more than the sound has.
    assert_eq!(clip.length_ms(), 3_020);
    let samples = audio32::decode(clip.as_bytes()).unwrap().pcm.samples;
    let mut meter = ebur128::EbuR128::new(1, 16_000, ebur128::Mode::I).unwrap();
    meter.add_frames_i16(&samples).unwrap();
    // The codec itself takes a little away.
    let loudness = meter.loudness_global().unwrap();
    assert!((-22.0..-19.0).contains(&loudness), "{loudness} LUFS");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&output).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn sound_longer_than_a_slot_is_encoded_with_a_word_of_warning() {
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (dir.path().join("in.wav"), dir.path().join("out.au"));
    fs::write(&input, wav::write(&Pcm { rate: 16_000, samples: vec![100; 656_000] })).unwrap();

    let outcome = hutch_audio([Path::new("encode"), &input, &output]);

    assert!(outcome.status.success(), "{outcome:?}");
    let told = String::from_utf8(outcome.stderr).unwrap();
    assert!(
        told.starts_with("note: the sound lasts 41.00 s, but a slot of a toy holds 40.00 s"),
        "{told}"
    );
    assert_eq!(info(&output)["frames"], 2_050);
}

#[test]
fn standard_input_and_output_take_the_place_of_files() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hutch"))
        .args(["audio", "encode", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let input = fs::read(vector("upload/one_sample_over.wav")).unwrap();
    child.stdin.take().unwrap().write_all(&input).unwrap();

    let outcome = child.wait_with_output().unwrap();

    assert!(outcome.stdout == fs::read(vector("upload/one_sample_over.au")).unwrap());
}

#[test]
fn info_for_programs_has_every_field() {
    let clip = info(&vector("upload/one_sample_over.au"));
    let recording = info(&vector("recording/speech_5bit.bin"));
    let sound = info(&vector("recording/speech_5bit.wav"));

    assert_eq!(clip["kind"], "clip");
    assert_eq!(clip["header"]["frames"], clip["frames"]);
    assert_eq!(clip["bad_frames"], 0);
    assert_eq!(recording["kind"], "recording");
    assert_eq!(recording["header"]["bits"], 5);
    assert_eq!(recording["packets"], 546);
    assert_eq!(sound["kind"], "wav");
    assert_eq!(sound["length_ms"], 3_003);
    assert_eq!(sound["waveform"], recording["waveform"]);
    assert_eq!(sound["waveform"].as_array().unwrap().len(), 64);
    assert_eq!(sound["faults"], serde_json::json!([]));
}

#[test]
fn kept_sound_is_described_and_decoded() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("kept.ogg");
    let original = pcm(&fs::read(vector("recording/speech_6bit.wav")).unwrap());
    fs::write(&input, hutch::audio::keep::encode(&original).unwrap()).unwrap();

    let described = info(&input);
    let decoded = pcm(&convert("decode", &input));

    assert_eq!(described["kind"], "ogg_opus");
    assert_eq!(described["header"]["rate"], 8_000);
    assert_eq!((decoded.rate, decoded.samples.len()), (8_000, original.samples.len()));
}
