use proptest::prelude::*;

use super::*;

/// Returns a file of the test vectors.
macro_rules! vector {
    ($name:expr) => {
        include_bytes!(concat!("../../../tests/data/vectors/", $name)).as_slice()
    };
}

macro_rules! recordings {
    ($($name:literal),* $(,)?) => {
        [$((
            $name,
            vector!(concat!("recording/", $name, ".bin")),
            vector!(concat!("recording/", $name, ".wav")),
        )),*]
    };
}

/// Names, files, and what the original decoder makes of them.
static RECORDINGS: [(&str, &[u8], &[u8]); 15] = recordings![
    "clip_4bit",
    "ff_payload_4bit",
    "header_only_4bit",
    "random_4bit",
    "random_5bit",
    "random_6bit",
    "random_anypred_4bit",
    "silence_4bit",
    "speech_4bit",
    "speech_5bit",
    "speech_6bit",
    "tone_4bit",
    "truncated_4bit",
    "truncated_odd_4bit",
    "zero_payload_4bit",
];

const ALL_BITS: [Bits; 3] = [Bits::Four, Bits::Five, Bits::Six];

fn samples(wav: &[u8]) -> Vec<i16> {
    let reader = hound::WavReader::new(wav).unwrap();
    reader.into_samples().map(Result::unwrap).collect()
}

#[test]
fn decodes_every_vector_to_the_sample() {
    for (name, file, wav) in &RECORDINGS {
        let decoded = decode(file).unwrap();

        assert_eq!(decoded.pcm.rate, 8_000, "{name}");
        assert!(decoded.pcm.samples == samples(wav), "{name}");
        let bits = decoded.header.bits;
        let payload = decoded.packets * bits.packet_bytes() + decoded.trailing_bytes;
        assert_eq!(payload, file.len() - HEADER_BYTES, "{name}");
        assert_eq!(decoded.pcm.samples.len(), decoded.packets * bits.packet_samples(), "{name}");
    }
}

#[test]
fn reads_every_header_field() {
    let header = header(vector!("recording/truncated_4bit.bin")).unwrap();

    let expected = Header {
        rate: 8_000,
        bits: Bits::Four,
        channels: 1,
        packets: 187,
        payload_words: 2_057,
        marks: [0; 5],
        header_words: 16,
        trailer: 0xffff_ffff,
    };
    assert_eq!(header, expected);
}

#[test]
fn tells_whether_packets_are_missing() {
    let whole = vector!("recording/tone_4bit.bin");
    let mut silent_header = whole.to_vec();
    silent_header[8..12].fill(0);
    let complete = |file: &[u8]| decode(file).unwrap().is_complete();

    assert!(complete(whole));
    assert!(complete(&silent_header));
    assert!(!complete(&whole[..whole.len() - 22]));
    assert!(!complete(&silent_header[..whole.len() - 1]));
}

#[test]
fn drops_a_packet_that_is_cut_off() {
    let decoded = decode(vector!("recording/truncated_odd_4bit.bin")).unwrap();

    assert_eq!((decoded.packets, decoded.trailing_bytes), (186, 15));
}

#[test]
fn a_bare_header_is_an_empty_sound() {
    let decoded = decode(vector!("recording/header_only_4bit.bin")).unwrap();

    assert_eq!((decoded.packets, decoded.pcm.samples.len()), (0, 0));
}

#[test]
fn refuses_what_is_no_recording() {
    assert_eq!(decode(vector!("edge/empty.bin")), Err(AudioError::HeaderCut(0)));
    assert_eq!(decode(vector!("edge/short_header.bin")), Err(AudioError::HeaderCut(31)));
    assert_eq!(decode(vector!("edge/bad_magic.bin")), Err(AudioError::WrongKind("MS")));
    for (file, bits) in [(vector!("edge/bits_3.bin"), 3), (vector!("edge/bits_7.bin"), 7)] {
        assert_eq!(
            decode(file).unwrap_err().to_string(),
            format!(
                "the header gives {bits} as its number of bits in a code, but toys know only 4, 5 and 6"
            ),
        );
    }
}

#[test]
fn encodes_silence_to_the_byte() {
    assert!(encode(&[0; 8_000], Bits::Four) == vector!("recording/silence_4bit.bin"));
}

#[test]
fn rounds_to_the_nearest_of_12_bits() {
    let constant = |sample: i16| encode(&[sample; 43], Bits::Six);

    assert_eq!(constant(7), constant(0));
    assert_eq!(constant(8), constant(16));
    assert_eq!(constant(-8), constant(0));
    assert_eq!(constant(i16::MAX), constant(2_047 * 16));
}

#[test]
fn encodes_every_size_of_code_as_well_as_it_can() {
    // Speech that has been through the codec before.
    let speech = samples(vector!("recording/speech_6bit.wav"));
    let energy = |samples: &[i32]| samples.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
    let signal = energy(&speech.iter().map(|x| i32::from(*x)).collect::<Vec<_>>());
    for (bits, least) in ALL_BITS.into_iter().zip([21.0, 25.0, 80.0]) {
        let decoded = decode(&encode(&speech, bits)).unwrap().pcm.samples;

        let pairs = speech.iter().zip(&decoded);
        let noise: Vec<_> = pairs.map(|(a, b)| i32::from(*a) - i32::from(*b)).collect();
        let snr = 10.0 * (signal / energy(&noise).max(1.0)).log10();
        println!("{bits:?}: {snr:.1} dB");
        assert!(least <= snr, "{bits:?}: {snr:.1} dB");
    }
}

/// What a toy recorded is what its encoder makes of what was decoded.
#[test]
fn encoding_what_was_decoded_loses_nothing() {
    for (name, file, wav) in &RECORDINGS[8..12] {
        let bits = header(file).unwrap().bits;
        let again = decode(&encode(&samples(wav), bits)).unwrap();

        assert!(again.pcm.samples == samples(wav), "{name}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_or_refused(file in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(decoded) = decode(&file) {
            prop_assert!(decoded.packets * 22 < file.len());
        }
    }

    /// Behind a valid header, bytes reach the packet decoder whatever they are.
    #[test]
    fn any_packets_are_decoded(
        bits in prop::sample::select(&ALL_BITS),
        payload in prop::collection::vec(any::<u8>(), 0..4_000),
    ) {
        let mut file = encode(&[], bits);
        file.extend(&payload);

        let decoded = decode(&file).unwrap();

        prop_assert_eq!(decoded.packets, payload.len() / bits.packet_bytes());
        prop_assert_eq!(decoded.trailing_bytes, payload.len() % bits.packet_bytes());
        prop_assert!(decoded.pcm.samples.iter().all(|sample| sample % 16 == 0));
    }

    #[test]
    fn any_samples_are_encoded(
        bits in prop::sample::select(&ALL_BITS),
        sound in prop::collection::vec(any::<i16>(), 0..600),
    ) {
        let file = encode(&sound, bits);

        let decoded = decode(&file).unwrap();
        prop_assert_eq!(decoded.trailing_bytes, 0);
        prop_assert_eq!(decoded.header.packets as usize, decoded.packets);
        prop_assert_eq!(decoded.header.payload_words as usize, (file.len() - HEADER_BYTES) / 2);
        prop_assert_eq!(decoded.packets, sound.len().div_ceil(bits.packet_samples()));
    }
}
