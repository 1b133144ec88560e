use ebur128::{EbuR128, Mode};
use proptest::prelude::*;

use super::*;

macro_rules! vector {
    ($name:literal) => {
        wav::read(include_bytes!(concat!("../../tests/data/vectors/upload/", $name))).unwrap()
    };
}

/// Integrated loudness in LUFS and true peak in dBFS.
fn measure(pcm: &Pcm) -> (f64, f64) {
    let mut meter = EbuR128::new(1, pcm.rate, Mode::I | Mode::TRUE_PEAK).unwrap();
    meter.add_frames_i16(&pcm.samples).unwrap();
    (meter.loudness_global().unwrap(), 20.0 * meter.true_peak(0).unwrap().log10())
}

#[test]
fn speech_is_prepared_to_one_loudness() {
    let table = [
        ("at -3 dB", vector!("speech_en.wav")),
        ("at 0 dB", vector!("speech_gb_0dbfs.wav")),
        ("at -12 dB", vector!("speech_fr_m12db.wav")),
        ("at -3 dB, German", vector!("speech_de_tail.wav")),
    ];

    for (name, speech) in table {
        let (loudness, peak) = measure(&prepare(&speech).unwrap());

        assert!((loudness + 20.0).abs() < 1.0, "{name}: {loudness} LUFS");
        assert!(peak <= -3.0, "{name}: {peak} dBFS");
    }
}

#[test]
fn very_quiet_speech_is_amplified_tenfold_and_no_more() {
    let speech = vector!("speech_quiet_m40db.wav");
    let (before, _) = measure(&convert(&speech).unwrap());

    let (after, _) = measure(&prepare(&speech).unwrap());

    assert!((after - before - 20.0).abs() < 0.1, "{before} {after}");
}

#[test]
fn the_last_bits_of_noise_are_not_amplified() {
    let noise = vector!("noise_lsb.wav");

    assert_eq!(prepare(&noise).unwrap(), convert(&noise).unwrap());
}

#[test]
fn sixteen_bits_at_16_khz_stay_exact() {
    let samples: Vec<i16> = (0..5_000_i16).map(|n| n.wrapping_mul(7_919)).collect();
    let pcm = Pcm { rate: 16_000, samples };

    assert_eq!(convert(&Sound::from(&pcm)).unwrap(), pcm);
}

#[test]
fn samples_that_are_no_numbers_do_no_harm() {
    for sample in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN_POSITIVE] {
        for (rate, n_samples) in [(44_100, 16_000), (16_000, 44_100), (8_000, 88_200)] {
            let sound = Sound { rate, channels: 1, samples: vec![sample; 44_100] };

            assert_eq!(prepare(&sound).unwrap().samples.len(), n_samples, "{sample} at {rate} Hz");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_sound_is_prepared(
        rate in 8_000_u32..=192_000,
        channels in 1_u16..=8,
        samples in prop::collection::vec(-16.0_f32..16.0, 0..3_000),
    ) {
        let n_frames = samples.len() / usize::from(channels);
        let n_samples = usize::from(channels) * n_frames;
        let sound = Sound { rate, channels, samples: samples[..n_samples].to_vec() };

        let pcm = prepare(&sound).unwrap();

        prop_assert_eq!(pcm.rate, audio32::RATE);
        prop_assert_eq!(pcm.samples.len(), (n_frames * 16_000).div_ceil(rate.try_into().unwrap()));
    }
}
