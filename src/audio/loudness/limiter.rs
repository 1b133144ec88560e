//! Holding peaks down without clipping them.
//!
//! What counts is the true peak, between the samples too: that is where the toy's loudspeaker goes.

use std::{f64::consts::PI, sync::LazyLock};

/// Peaks are held to this. 0.2 dB are left for meters that interpolate differently and for the
/// gain that moves while they do; what was promised is -3 dBFS.
pub(super) const CEILING_DB: f64 = -3.2;

/// Points looked at between two samples: at a quarter, a half and three quarters, the resolution
/// that BS.1770 asks for.
const POINTS: usize = 3;
/// Samples that each of these points is made of.
const TAPS: usize = 16;
const LANES: usize = 4;
/// The gain comes down from 1 to 0 in 5 ms, short enough not to be heard before a bang…
const ATTACKS_PER_SECOND: f32 = 200.0;
/// …and goes up again in 200 ms, long enough not to follow the waves of a deep voice.
const RELEASES_PER_SECOND: f32 = 5.0;

/// Weights of the samples around each of the points.
static INTERPOLATION: LazyLock<[[f32; TAPS]; POINTS]> = LazyLock::new(|| {
    std::array::from_fn(|point| {
        std::array::from_fn(|tap| {
            #[allow(
                clippy::as_conversions,
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                reason = "small numbers"
            )]
            {
                let at = (point + 1) as f64 / (POINTS + 1) as f64;
                let distance = tap as f64 - (TAPS / 2 - 1) as f64 - at;
                let sinc = (PI * distance).sin() / (PI * distance);
                let window = (PI * distance / TAPS as f64).cos().powi(2);
                (sinc * window) as f32
            }
        })
    })
});

/// Returns the highest true peak.
pub(super) fn true_peak(samples: &[f32]) -> f32 {
    true_peaks(samples).into_iter().fold(0.0, f32::max)
}

/// Returns for each sample the highest of itself and what lies between it and its neighbors.
pub(super) fn true_peaks(samples: &[f32]) -> Vec<f32> {
    let mut padded = vec![0.0; TAPS / 2];
    padded.extend(samples);
    padded.resize(padded.len() + TAPS / 2, 0.0);
    // The window at n spans the gap between sample n - 1 and sample n.
    let weights = &*INTERPOLATION;
    let mut gaps = padded.windows(TAPS).map(|window| between(window, weights));
    let mut before = gaps.next().unwrap_or(0.0);
    let with_gaps = samples.iter().zip(gaps).map(|(sample, after)| {
        let peak = sample.abs().max(before).max(after);
        before = after;
        peak
    });
    with_gaps.collect()
}

/// Amplifies, and holds down what would come out above the ceiling.
pub(super) fn limit(samples: &[f32], peaks: &[f32], gain: f32, rate: u32) -> Vec<f32> {
    let ceiling = super::factor(CEILING_DB);
    #[allow(clippy::as_conversions, clippy::cast_precision_loss, reason = "rates are small")]
    let rate = rate as f32;
    let mut gains: Vec<f32> = peaks
        .iter()
        .map(|peak| if peak * gain <= ceiling { gain } else { ceiling / peak })
        .collect();
    // Straight ramps down to each peak and up again after it: never above what the peak allows.
    slope(gains.iter_mut().rev(), gain * ATTACKS_PER_SECOND / rate);
    slope(gains.iter_mut(), gain * RELEASES_PER_SECOND / rate);
    samples.iter().zip(gains).map(|(sample, gain)| sample * gain).collect()
}

/// Lowers values until none is more than a step above the one before it.
fn slope<'a>(values: impl Iterator<Item = &'a mut f32>, step: f32) {
    let mut highest = f32::INFINITY;
    for value in values {
        *value = value.min(highest);
        highest = *value + step;
    }
}

fn between(window: &[f32], weights: &[[f32; TAPS]; POINTS]) -> f32 {
    let (samples, _none) = window.as_chunks::<LANES>();
    let mut peak = 0.0_f32;
    for weights in weights {
        let (weights, _none) = weights.as_chunks::<LANES>();
        // Sums side by side compile to one instruction; a single one would have to be added up in order.
        let mut sums = [0.0; LANES];
        for (samples, weights) in samples.iter().zip(weights) {
            for ((sum, sample), weight) in sums.iter_mut().zip(samples).zip(weights) {
                *sum += sample * weight;
            }
        }
        peak = peak.max(sums.iter().sum::<f32>().abs());
    }
    peak
}
