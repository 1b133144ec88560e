#![allow(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "arithmetic on test tones"
)]

use std::f32::consts::TAU;

use proptest::prelude::*;

use super::*;

fn tone(rate: u32, frequency: f32, seconds: f32) -> Vec<f32> {
    let n = (rate as f32 * seconds) as usize;
    let step = f64::from(frequency) * f64::from(TAU) / f64::from(rate);
    (0..n).map(|n| (0.5 * (step * n as f64).sin()) as f32).collect()
}

/// Level against a tone of the same amplitude, in dB, ends left out.
fn level_db(samples: &[f32]) -> f32 {
    let middle = &samples[samples.len() / 5..samples.len() * 4 / 5];
    let power = middle.iter().map(|sample| sample * sample).sum::<f32>() / middle.len() as f32;
    10.0 * (power / 0.125).max(1e-20).log10()
}

#[test]
fn tones_that_fit_keep_their_level() {
    for rate in [8_000, 11_025, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000] {
        for frequency in [100.0, 1_000.0, 3_700.0, 7_000.0, 7_500.0] {
            if rate as f32 * 0.48 < frequency {
                continue;
            }

            let level = level_db(&resample(&tone(rate, frequency, 0.5), rate, 16_000).unwrap());

            assert!(level.abs() < 0.05, "{frequency} Hz at {rate} Hz: {level} dB");
        }
    }
}

#[test]
fn tones_that_do_not_fit_are_gone() {
    for rate in [22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000] {
        for frequency in [8_050.0, 8_500.0, 9_000.0, 10_900.0, 15_000.0, 23_000.0, 47_000.0] {
            if rate as f32 * 0.499 < frequency {
                continue;
            }

            let level = level_db(&resample(&tone(rate, frequency, 0.5), rate, 16_000).unwrap());

            assert!(level < -90.0, "{frequency} Hz at {rate} Hz: {level} dB");
        }
    }
}

#[test]
fn upsampling_adds_no_mirror_image() {
    let up = resample(&tone(8_000, 1_000.0, 0.5), 8_000, 16_000).unwrap();

    // What remains once the tone itself is taken away.
    let expected = tone(16_000, 1_000.0, 0.5);
    let rest: Vec<f32> = up.iter().zip(&expected).map(|(a, b)| a - b).collect();
    assert!(level_db(&rest) < -80.0, "{}", level_db(&rest));
}

#[test]
fn nothing_is_shifted() {
    for rate in [8_000, 11_025, 44_100, 48_000, 192_000] {
        let resampled = resample(&tone(rate, 440.0, 0.5), rate, 16_000).unwrap();

        let expected = tone(16_000, 440.0, 0.5);
        let rest: Vec<f32> = resampled.iter().zip(&expected).map(|(a, b)| a - b).collect();
        assert!(level_db(&rest) < -60.0, "{rate} Hz: {}", level_db(&rest));
    }
}

#[test]
fn the_same_rate_changes_nothing() {
    let samples = tone(16_000, 440.0, 0.1);

    assert_eq!(resample(&samples, 16_000, 16_000).unwrap(), samples);
}

#[test]
fn rates_out_of_range_are_refused() {
    for rate in [0, 7_999, 192_001, u32::MAX] {
        assert_eq!(resample(&[0.0], rate, 16_000), Err(AudioError::Rate(rate)));
        assert_eq!(resample(&[0.0], 16_000, rate), Err(AudioError::Rate(rate)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_rate_and_length_give_the_right_length(rate in 8_000_u32..=192_000, n in 0_usize..4_000) {
        let resampled = resample(&vec![0.25; n], rate, 16_000).unwrap();

        prop_assert_eq!(resampled.len(), (n * 16_000).div_ceil(rate as usize));
        prop_assert!(resampled.iter().all(|sample| sample.abs() < 0.5));
    }
}
