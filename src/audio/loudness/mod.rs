//! Bringing messages to one level, so that a whisper is heard and a shout does not frighten.
//!
//! Sound is brought to -20 LUFS (EBU R 128: what ears make of it, pauses left out), amplified
//! tenfold at most. Peaks that would come out above -3 dBFS are held down by a limiter that sees
//! them coming. What is too short or too sparse to have a loudness goes by its peak. Noise without
//! anything in it stays as it is: made louder it would be a hiss in the child's ear.

mod limiter;
#[cfg(test)]
mod tests;

use ebur128::{EbuR128, Mode};

/// Where messages are brought to.
const TARGET_LUFS: f64 = -20.0;
/// How near is near enough.
const TOLERANCE: f64 = 0.3;
/// The highest true peak that a toy is given, by the meter of EBU R 128.
const PROMISED_DB: f64 = -3.0;
/// Keeps what was brought to the promise from being rounded past it.
const ROUNDING_DB: f64 = 0.01;
/// The most that sound is amplified.
const MAX_GAIN_DB: f64 = 20.0;
/// Where the peak of sound without a loudness is brought to.
const SHORT_PEAK_DB: f64 = -6.0;
/// Times that the gain is corrected for what the limiter took away.
const MAX_ROUNDS: u32 = 5;

/// Blocks that noise and voice are told apart by last 50 ms: a syllable is longer.
const BLOCKS_PER_SECOND: u32 = 20;
/// Up to this level sound may be what a microphone makes of a silent room…
const QUIET_DB: f64 = -45.0;
/// …if it is also steady: speech and music swing further between syllable and pause.
const STEADY_DB: f64 = 10.0;
/// Below this it is a few steps of a 16-bit converter, steady or not.
const NOTHING_DB: f64 = -75.0;

/// Brings mono sound to the level of messages.
pub(super) fn level(samples: &mut [f32], rate: u32) {
    if is_noise_floor(samples, rate) {
        return;
    }
    amplify_and_limit(samples, rate);
    // The limiter's own meter is quick and can miss the better part of a decibel in sharp noise.
    let over = true_peak_db(samples, rate).map_or(0.0, |peak| peak - PROMISED_DB);
    if 0.0 < over {
        amplify(samples, -over - ROUNDING_DB);
    }
}

fn amplify_and_limit(samples: &mut [f32], rate: u32) {
    let Some(loudness) = loudness(samples, rate) else {
        let gain_db = SHORT_PEAK_DB - decibels(limiter::true_peak(samples));
        amplify(samples, gain_db.min(MAX_GAIN_DB));
        return;
    };
    let peaks = limiter::true_peaks(samples);
    let highest = peaks.iter().copied().fold(0.0, f32::max);
    let mut gain_db = (TARGET_LUFS - loudness).min(MAX_GAIN_DB);
    if decibels(highest) + gain_db <= limiter::CEILING_DB {
        amplify(samples, gain_db);
        return;
    }
    let mut limited = Vec::new();
    for _round in 0..MAX_ROUNDS {
        limited = limiter::limit(samples, &peaks, factor(gain_db), rate);
        let missing = self::loudness(&limited, rate).map_or(0.0, |now| TARGET_LUFS - now);
        if missing < TOLERANCE || MAX_GAIN_DB <= gain_db {
            break;
        }
        gain_db = (gain_db + missing).min(MAX_GAIN_DB);
    }
    samples.copy_from_slice(&limited);
}

/// Returns the integrated loudness in LUFS, if it is long and loud enough to have one.
fn loudness(samples: &[f32], rate: u32) -> Option<f64> {
    let mut meter = EbuR128::new(1, rate, Mode::I).ok()?;
    meter.add_frames_f32(samples).ok()?;
    meter.loudness_global().ok().filter(|loudness| loudness.is_finite())
}

/// Returns the highest true peak in dB relative to full scale.
fn true_peak_db(samples: &[f32], rate: u32) -> Option<f64> {
    let mut meter = EbuR128::new(1, rate, Mode::TRUE_PEAK).ok()?;
    meter.add_frames_f32(samples).ok()?;
    meter.true_peak(0).ok().map(|peak| 20.0 * peak.max(1e-9).log10())
}

fn is_noise_floor(samples: &[f32], rate: u32) -> bool {
    let block = usize::try_from(rate / BLOCKS_PER_SECOND).unwrap_or(usize::MAX).max(1);
    let mut levels: Vec<f64> = samples.chunks(block).map(block_level_db).collect();
    levels.sort_by(f64::total_cmp);
    let (Some(&loudest), Some(&pause)) = (levels.last(), levels.get(levels.len() / 5)) else {
        return true;
    };
    loudest < NOTHING_DB || (loudest < QUIET_DB && loudest - pause < STEADY_DB)
}

#[allow(clippy::as_conversions, clippy::cast_precision_loss, reason = "a block is short")]
fn block_level_db(block: &[f32]) -> f64 {
    let power = block.iter().map(|sample| sample * sample).sum::<f32>() / block.len() as f32;
    decibels(power.sqrt())
}

fn amplify(samples: &mut [f32], gain_db: f64) {
    let gain = factor(gain_db);
    for sample in samples {
        *sample *= gain;
    }
}

fn decibels(amplitude: f32) -> f64 {
    // Digital silence gets a number too.
    20.0 * f64::from(amplitude.max(1e-9)).log10()
}

#[allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "samples are no more precise"
)]
fn factor(decibels: f64) -> f32 {
    10_f64.powf(decibels / 20.0) as f32
}
