use std::array;

use proptest::prelude::*;

use super::bits::BitWriter;
use super::tables::ENVELOPE_CODES;
use super::*;

mod reference;

/// Returns a file of the test vectors.
macro_rules! vector {
    ($name:expr) => {
        include_bytes!(concat!("../../../tests/data/vectors/", $name)).as_slice()
    };
}

/// A test vector: samples, the file they make, and that file through the reference decoder.
struct Upload {
    name: &'static str,
    wav: &'static [u8],
    au: &'static [u8],
    decoded: &'static [u8],
}

macro_rules! uploads {
    ($($name:literal),* $(,)?) => {
        [$(Upload {
            name: $name,
            wav: vector!(concat!("upload/", $name, ".wav")),
            au: vector!(concat!("upload/", $name, ".au")),
            decoded: vector!(concat!("upload/", $name, ".dec.wav")),
        }),*]
    };
}

static UPLOADS: [Upload; 14] = uploads![
    "dc_max",
    "impulses",
    "noise_fullscale",
    "noise_lsb",
    "one_sample_over",
    "silence",
    "speech_de_tail",
    "speech_en",
    "speech_fr_m12db",
    "speech_gb_0dbfs",
    "speech_quiet_m40db",
    "square_fullscale_200",
    "sweep_50_7900",
    "tone_440",
];

fn samples(wav: &[u8]) -> Vec<i16> {
    let reader = hound::WavReader::new(wav).unwrap();
    reader.into_samples().map(Result::unwrap).collect()
}

fn energy(samples: &[i16]) -> f64 {
    samples.iter().map(|x| f64::from(*x).powi(2)).sum()
}

fn decibels(ratio: f64) -> f64 {
    10.0 * ratio.log10()
}

#[test]
fn encodes_every_vector_to_the_byte() {
    for Upload { name, wav, au, .. } in &UPLOADS {
        let file = encode(&samples(wav));

        assert_eq!(file.len(), au.len(), "{name}");
        assert_eq!(file[..HEADER_BYTES], au[..HEADER_BYTES], "{name}");
        let frames = file[HEADER_BYTES..].chunks(FRAME_BYTES);
        for (n, (frame, expected)) in frames.zip(au[HEADER_BYTES..].chunks(FRAME_BYTES)).enumerate()
        {
            assert_eq!(frame, expected, "{name}, frame {n}");
        }
    }
}

#[test]
fn encodes_doubled_8_khz_samples_to_the_byte() {
    let slow = samples(vector!("upload_8k/speech_fr_8k.wav"));
    let doubled: Vec<_> = slow.iter().flat_map(|sample| [*sample; 2]).collect();

    assert!(encode(&doubled) == vector!("upload_8k/speech_fr_8k.au"));
}

#[test]
fn decodes_like_the_reference_decoder() {
    for Upload { name, au, decoded: expected, .. } in &UPLOADS {
        let expected = samples(expected);

        let decoded = decode(au).unwrap();

        assert_eq!(decoded.bad_frames, 0, "{name}");
        assert!(decoded.is_complete(), "{name}");
        let actual = decoded.pcm.samples;
        assert_eq!(actual.len(), expected.len(), "{name}");
        match *name {
            "noise_lsb" | "silence" => assert_frames_as_loud(name, &actual, &expected, 3.0, -70.0),
            "dc_max" | "impulses" | "noise_fullscale" | "square_fullscale_200" => {
                assert_frames_as_loud(name, &actual, &expected, 1.0, f64::NEG_INFINITY);
            }
            _ => {
                let noise: f64 = actual
                    .iter()
                    .zip(&expected)
                    .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
                    .sum();
                let snr = decibels(energy(&expected) / noise);
                assert!(24.0 <= snr, "{name}: {snr:.1} dB");
            }
        }
    }
}

/// Asserts that the energies of all frames differ by at most `limit` dB, or both lie below
/// `floor` dB of full scale.
#[track_caller]
fn assert_frames_as_loud(name: &str, actual: &[i16], expected: &[i16], limit: f64, floor: f64) {
    let full_scale = FRAME_SAMPLES as f64 * f64::from(i16::MIN).powi(2);
    for (n, (actual, expected)) in
        actual.chunks(FRAME_SAMPLES).zip(expected.chunks(FRAME_SAMPLES)).enumerate()
    {
        // The least energy there is keeps digital silence comparable.
        let levels = [actual, expected].map(|frame| decibels(energy(frame).max(1.0) / full_scale));
        let [actual, expected] = levels;
        let alike = levels.iter().all(|level| *level < floor) || (actual - expected).abs() <= limit;
        assert!(alike, "{name}, frame {n}: {actual:.1} dB, not {expected:.1} dB");
    }
}

#[test]
fn reads_every_header_field_and_writes_both_halves_of_the_counters() {
    let file = encode(&vec![0; 70_000 * FRAME_SAMPLES]);

    let header = header(&file).unwrap();

    let expected = Header {
        rate: 16_000,
        bit_rate: 16_000,
        channels: 1,
        frames: 70_000,
        payload_words: 1_400_000,
        marks: [0; 5],
        header_words: 16,
        trailer: 0xffff_ffff,
    };
    assert_eq!(header, expected);
    assert_eq!(file.len(), HEADER_BYTES + 70_000 * FRAME_BYTES);
}

#[test]
fn no_samples_make_a_bare_header() {
    let file = encode(&[]);

    assert_eq!(file, vector!("edge/empty.au"));
    let decoded = decode(&file).unwrap();
    assert_eq!((decoded.frames, decoded.pcm.samples.len()), (0, 0));
    assert!(decoded.is_complete());
}

#[test]
fn decodes_the_frames_that_are_there_and_says_that_some_are_missing() {
    let decoded = decode(vector!("edge/count_mismatch.au")).unwrap();

    assert_eq!(decoded.header.frames, 10);
    assert_eq!((decoded.frames, decoded.payload_bytes), (4, 160));
    assert_eq!(decoded.pcm.samples.len(), 4 * FRAME_SAMPLES);
    assert!(!decoded.is_complete());
}

#[test]
fn ignores_a_frame_that_is_cut_off() {
    let decoded = decode(vector!("edge/truncated_frame.au")).unwrap();

    assert_eq!((decoded.header.frames, decoded.frames, decoded.payload_bytes), (10, 9, 393));
    assert!(!decoded.is_complete());
}

#[test]
fn ignores_frames_that_the_header_does_not_promise() {
    let mut file = encode(&[1_000; 4 * FRAME_SAMPLES]);
    file[8] = 3;

    let decoded = decode(&file).unwrap();

    assert_eq!(decoded.frames, 3);
    assert!(!decoded.is_complete());
}

#[test]
fn refuses_what_no_toy_could_play() {
    let good = encode(&[0; FRAME_SAMPLES]);
    let with = |at: usize, value: u16| {
        let mut file = good.clone();
        file[at..at + 2].copy_from_slice(&value.to_le_bytes());
        decode(&file).unwrap_err().to_string()
    };

    assert_eq!(decode(&good[..31]), Err(AudioError::HeaderCut(31)));
    assert_eq!(decode(vector!("edge/bad_magic.au")), Err(AudioError::WrongKind("AU")));
    assert_eq!(
        with(2, 8_000),
        "the header gives 8000 as its sample rate, but toys know only 16000"
    );
    assert!(with(4, 2_400).contains("bit rate"));
    assert!(with(6, 2).contains("channels"));
    assert!(with(26, 15).contains("header length"));
}

/// A frame whose unused bits are not all ones, which no encoder writes.
fn bad_frame() -> [u8; FRAME_BYTES] {
    let mut frame = Encoder::new().encode_frame(&[0; FRAME_SAMPLES]);
    frame[FRAME_BYTES - 1] = 0x7f;
    frame
}

fn tone(n: usize) -> i16 {
    (8_000.0 * (n as f64 * 0.2).sin()) as i16
}

#[test]
fn repeats_the_last_good_frame_once_and_then_falls_silent() {
    let mut encoder = Encoder::new();
    let frames: [_; 4] =
        array::from_fn(|f| encoder.encode_frame(&array::from_fn(|n| tone(f * FRAME_SAMPLES + n))));
    let mut decoder = Decoder::new();
    let mut play = |frame| {
        let mut samples = [0; FRAME_SAMPLES];
        let verdict = decoder.decode_frame(&frame, &mut samples);
        (verdict, energy(&samples).sqrt())
    };
    for frame in frames {
        assert_eq!(play(frame).0, Verdict::Good);
    }

    let (first, loud) = play(bad_frame());
    let (second, fading) = play(bad_frame());
    let (third, silent) = play(bad_frame());

    assert_eq!([first, second, third], [Verdict::Bad; 3]);
    assert!(50_000.0 < loud, "{loud}");
    assert!(20_000.0 < fading && fading < loud, "{fading}");
    assert!(silent < 50.0, "{silent}");
}

#[test]
fn a_good_frame_ends_the_silence() {
    let mut encoder = Encoder::new();
    let mut file = encode(&[]);
    for f in 0..6 {
        let frame = encoder.encode_frame(&array::from_fn(|n| tone(f * FRAME_SAMPLES + n)));
        file.extend(if f == 2 || f == 3 { bad_frame() } else { frame });
    }
    file[8] = 6;

    let decoded = decode(&file).unwrap();

    assert_eq!((decoded.frames, decoded.bad_frames), (6, 2));
    assert!(50_000.0 < energy(&decoded.pcm.samples[5 * FRAME_SAMPLES..]).sqrt());
}

#[test]
fn a_level_beyond_the_scale_makes_a_frame_bad() {
    // The loudest first level, one more step of -12 to 11, and 12 further regions at that level.
    let frame = |step: usize| {
        let mut bits = BitWriter::new();
        bits.put(31, 5);
        bits.put_word(ENVELOPE_CODES[0][12 + step]);
        ENVELOPE_CODES[1..].iter().for_each(|words| bits.put_word(words[12]));
        bits.put(15, 4);
        bits.finish()
    };
    let mut samples = [0; FRAME_SAMPLES];

    let highest = Decoder::new().decode_frame(&frame(0), &mut samples);
    let beyond = Decoder::new().decode_frame(&frame(1), &mut samples);

    assert_eq!([highest, beyond], [Verdict::Good, Verdict::Bad]);
}

/// The scale changes at an exact loudness, which random sounds do not meet.
#[test]
fn the_encoder_equals_the_plain_one_where_a_frame_becomes_loud() {
    for amplitude in 3_950..4_000 {
        let frame = array::from_fn(|n| if n % 40 < 20 { amplitude } else { -amplitude });
        let mut encoder = Encoder::new();
        encoder.encode_frame(&frame);

        let actual = encoder.encode_frame(&frame);

        assert_eq!(actual, reference::encode_frame(&frame, &frame), "{amplitude}");
    }
}

/// Sound of all kinds: flat, loud, quiet, clipped, sparse.
fn any_sound() -> impl Strategy<Value = Vec<i16>> {
    let sample = prop_oneof![
        any::<i16>().boxed(),
        (-300_i16..300).boxed(),
        (-3_i16..=3).boxed(),
        prop_oneof![Just(i16::MIN), Just(i16::MAX)].boxed(),
        prop_oneof![9 => Just(0), 1 => any::<i16>()].boxed(),
        (1_i16..2_000).prop_map(|x| x * 16).boxed(),
    ];
    let noise =
        (0_usize..6).prop_flat_map(move |_| prop::collection::vec(sample.clone(), 1..2_000));
    let tones = (1..3_000_u16, 1..3_000_u16, 0.0..33_000_f64, 1..2_000_usize).prop_map(
        |(first, second, amplitude, length)| {
            let wave = |f: u16, n: usize| (f64::from(f) * 0.001 * n as f64).sin();
            (0..length).map(|n| (amplitude * (wave(first, n) + wave(second, n))) as i16).collect()
        },
    );
    prop_oneof![noise, tones]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every shortcut of the product's encoder, against the format written down plainly.
    #[test]
    fn the_encoder_equals_the_plain_one(mut sound in any_sound()) {
        let file = encode(&sound);

        sound.resize(sound.len().next_multiple_of(FRAME_SAMPLES), 0);
        let mut old = [0; FRAME_SAMPLES];
        let frames = file[HEADER_BYTES..].chunks(FRAME_BYTES);
        for (new, frame) in sound.as_chunks().0.iter().zip(frames) {
            prop_assert_eq!(&reference::encode_frame(&old, new)[..], frame);
            old = *new;
        }
    }

    #[test]
    fn no_encoded_frame_is_bad(sound in any_sound()) {
        let decoded = decode(&encode(&sound)).unwrap();

        prop_assert_eq!(decoded.bad_frames, 0);
        prop_assert_eq!(decoded.frames, sound.len().div_ceil(FRAME_SAMPLES));
        prop_assert!(decoded.is_complete());
    }
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_or_refused(file in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(decoded) = decode(&file) {
            prop_assert!(decoded.frames * FRAME_BYTES < file.len());
        }
    }

    /// Behind a valid header, bytes reach the frame decoder whatever they are.
    #[test]
    fn any_frames_are_decoded(frames in prop::collection::vec(any::<[u8; FRAME_BYTES]>(), 0..40)) {
        let mut file = encode(&[]);
        file[8] = frames.len() as u8;
        file.extend(frames.as_flattened());

        let decoded = decode(&file).unwrap();

        prop_assert_eq!(decoded.frames, frames.len());
        prop_assert!(decoded.bad_frames <= frames.len());
    }

    /// Frames that were good until a few bits fell over keep the decoder busy deep inside.
    #[test]
    fn damaged_frames_are_decoded(sound in any_sound(), flips in prop::collection::vec(any::<usize>(), 1..8)) {
        let mut file = encode(&sound);
        for flip in flips {
            let at = HEADER_BYTES + flip / 8 % (file.len() - HEADER_BYTES);
            file[at] ^= 1 << (flip % 8);
        }

        prop_assert_eq!(decode(&file).unwrap().frames, sound.len().div_ceil(FRAME_SAMPLES));
    }
}
