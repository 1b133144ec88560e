#![allow(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "arithmetic on test tones"
)]

use std::f32::consts::TAU;

use proptest::prelude::*;

use super::*;

const RATE: u32 = 16_000;

/// A voice, more or less: a buzz at 180 Hz in syllables of 200 ms, with pauses of 100 ms.
fn voice(seconds: usize, peak_db: f64) -> Vec<f32> {
    let samples: Vec<f32> = (0..seconds * 16_000)
        .map(|n| {
            let syllable = (n % 4_800) as f32 / 3_200.0;
            let envelope = if syllable < 1.0 { (syllable * TAU / 2.0).sin() } else { 0.0 };
            let buzz: f32 = (1..20)
                .map(|k| (n as f32 * TAU * 180.0 * k as f32 / 16_000.0).sin() / k as f32)
                .sum();
            envelope * buzz
        })
        .collect();
    with_peak(samples, peak_db)
}

/// Noise that is the same on every machine.
fn noise(n: usize, peak_db: f64) -> Vec<f32> {
    let mut state = 1_u32;
    let samples = (0..n)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        })
        .collect();
    with_peak(samples, peak_db)
}

fn with_peak(mut samples: Vec<f32>, peak_db: f64) -> Vec<f32> {
    let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    amplify(&mut samples, peak_db - decibels(peak));
    samples
}

fn peak_db(samples: &[f32]) -> f64 {
    decibels(samples.iter().fold(0.0, |peak, sample| peak.max(sample.abs())))
}

/// The true peak as an independent meter sees it.
fn true_peak_db(samples: &[f32]) -> f64 {
    let mut meter = EbuR128::new(1, RATE, Mode::TRUE_PEAK).unwrap();
    meter.add_frames_f32(samples).unwrap();
    20.0 * meter.true_peak(0).unwrap().log10()
}

fn leveled(mut samples: Vec<f32>) -> Vec<f32> {
    level(&mut samples, RATE);
    samples
}

#[test]
fn voices_come_out_equally_loud() {
    for peak in [12.0, 0.0, -6.0, -12.0, -20.0, -28.0] {
        let voice = leveled(voice(4, peak));

        let loudness = loudness(&voice, RATE).unwrap();
        assert!((loudness + 20.0).abs() < 1.0, "from {peak} dB: {loudness} LUFS");
        assert!(true_peak_db(&voice) <= -3.0, "from {peak} dB: {}", true_peak_db(&voice));
    }
}

#[test]
fn a_whisper_is_amplified_tenfold_and_no_more() {
    let whisper = leveled(voice(4, -45.0));

    assert!((peak_db(&whisper) + 25.0).abs() < 0.1, "{}", peak_db(&whisper));
}

#[test]
fn bangs_are_held_down_while_the_voice_comes_up() {
    let mut samples = voice(6, -22.0);
    for bang in [20_000, 50_000, 80_000] {
        samples[bang..bang + 40].copy_from_slice(&noise(40, -1.0));
    }

    let samples = leveled(samples);

    let loudness = loudness(&samples, RATE).unwrap();
    assert!((loudness + 20.0).abs() < 1.0, "{loudness} LUFS");
    assert!(true_peak_db(&samples) <= -3.0, "{}", true_peak_db(&samples));
}

#[test]
fn the_limiter_does_not_clip() {
    // A tone that has to come down by 9 dB is still a tone, not a square wave.
    let mut tone: Vec<f32> =
        (0..RATE).map(|n| 2.0 * (n as f32 * TAU * 300.0 / 16_000.0).sin()).collect();
    let peaks = limiter::true_peaks(&tone);

    tone = limiter::limit(&tone, &peaks, 1.0, RATE);

    let middle = &tone[4_000..12_000];
    let ideal = |n: usize| (n as f32 * TAU * 300.0 / 16_000.0).sin();
    let (mut dot, mut power, mut norm) = (0.0, 0.0, 0.0);
    for (n, sample) in middle.iter().enumerate() {
        dot += sample * ideal(n + 4_000);
        power += sample * sample;
        norm += ideal(n + 4_000).powi(2);
    }
    let rest = 1.0 - dot * dot / power / norm;
    assert!(rest < 1e-3, "{rest}");
    assert!(peak_db(middle) < -3.0);
}

#[test]
fn peaks_between_samples_are_seen() {
    // Sampled at 45 degrees off, a quarter of the rate peaks 3 dB above its samples.
    let tone: Vec<f32> =
        (0..4_000).map(|n| 0.5 * (n as f32 * TAU / 4.0 + TAU / 8.0).sin()).collect();

    let peak = decibels(limiter::true_peak(&tone[..]));

    assert!((peak - true_peak_db(&tone)).abs() < 0.3, "{peak} {}", true_peak_db(&tone));
    assert!(2.5 < peak - peak_db(&tone));
}

#[test]
fn short_sound_goes_by_its_peak() {
    let loud = leveled(voice(1, 0.0)[..6_000].to_vec());
    let quiet = leveled(voice(1, -20.0)[..6_000].to_vec());
    let faint = leveled(voice(1, -40.0)[..6_000].to_vec());

    assert!((peak_db(&loud) + 6.0).abs() < 0.5, "{}", peak_db(&loud));
    assert!((peak_db(&quiet) + 6.0).abs() < 0.5, "{}", peak_db(&quiet));
    assert!((peak_db(&faint) + 20.0).abs() < 0.5, "{}", peak_db(&faint));
}

#[test]
fn sound_below_the_gate_goes_by_its_peak() {
    // One click: too little to have a loudness.
    let mut samples = vec![0.0; 32_000];
    samples[16_000..16_004].copy_from_slice(&noise(4, -39.0));
    assert_eq!(loudness(&samples, RATE), None);

    let samples = leveled(samples);

    assert!((peak_db(&samples) + 19.0).abs() < 0.5, "{}", peak_db(&samples));
}

#[test]
fn noise_alone_is_left_alone() {
    for peak in [-42.0, -50.0, -60.0, -80.0] {
        let samples = noise(48_000, peak);

        assert!(leveled(samples.clone()) == samples, "{peak} dB");
    }
}

#[test]
fn a_voice_in_noise_is_not_taken_for_noise() {
    let mut samples = voice(4, -40.0);
    for (sample, noise) in samples.iter_mut().zip(noise(64_000, -60.0)) {
        *sample += noise;
    }

    assert!(peak_db(&samples) + 15.0 < peak_db(&leveled(samples.clone())));
}

#[test]
fn silence_and_nothing_stay_what_they_are() {
    assert!(leveled(vec![0.0; 16_000]) == vec![0.0; 16_000]);
    assert!(leveled(vec![]).is_empty());
    assert_eq!(leveled(vec![0.5]).len(), 1);
}

/// The quick meter of the limiter does not see all of what lies between the samples of sharp noise.
#[test]
fn a_burst_of_sharp_noise_keeps_the_promise() {
    let parts = [(5_646, -59.1), (1_564, -39.2), (346, 16.1)];
    let samples: Vec<f32> = parts.into_iter().flat_map(|(n, peak)| noise(n, peak)).collect();

    let samples = leveled(samples);

    assert!(true_peak_db(&samples) <= -3.0, "{}", true_peak_db(&samples));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn no_sound_comes_out_above_the_promised_peak(
        parts in prop::collection::vec((0_usize..6_000, -60.0..24.0_f64), 1..8),
    ) {
        let samples: Vec<f32> = parts.into_iter().flat_map(|(n, peak)| noise(n, peak)).collect();

        let samples = leveled(samples);

        if !samples.is_empty() {
            prop_assert!(true_peak_db(&samples) <= -3.0, "{}", true_peak_db(&samples));
        }
    }
}
