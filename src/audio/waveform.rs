//! The shape of a sound, small enough for a list.

use std::fmt;

use super::Pcm;

/// How loud each 64th of a sound is, 0 to 255.
///
/// `Debug` prints nothing of it: it is drawn only by whoever may hear the sound.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Waveform(pub [u8; 64]);

/// Loudness grows with this power of the amplitude (Stevens), so quiet sound shows as the ear has it.
const LOUDNESS_POWER: f32 = 0.6;

/// Returns the peaks of each 64th; of silence and of nothing, zeros.
pub fn waveform(pcm: &Pcm) -> Waveform {
    let n_samples = pcm.samples.len();
    Waveform(std::array::from_fn(|n| {
        let start = n * n_samples / 64;
        // Very short sound has samples that count for more than one part.
        let end = ((n + 1) * n_samples / 64).max(start + 1);
        let part = pcm.samples.get(start..end).unwrap_or_default();
        height(part.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0))
    }))
}

#[allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 255"
)]
fn height(peak: u16) -> u8 {
    ((f32::from(peak) / 32_768.0).powf(LOUDNESS_POWER) * 255.0).round() as u8
}

impl fmt::Debug for Waveform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waveform").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(samples: Vec<i16>) -> [u8; 64] {
        waveform(&Pcm { rate: 16_000, samples }).0
    }

    #[test]
    fn shows_where_the_sound_is() {
        let mut samples = vec![0; 6_400];
        samples[3_250] = i16::MIN;
        samples[6_399] = 3_277;

        let peaks = of(samples);

        assert_eq!(peaks[32], 255);
        assert_eq!(peaks[63], 64);
        assert_eq!(peaks.iter().filter(|&&peak| peak != 0).count(), 2);
    }

    #[test]
    fn silence_and_nothing_are_flat() {
        assert_eq!(of(vec![0; 1_000]), [0; 64]);
        assert_eq!(of(vec![]), [0; 64]);
    }

    #[test]
    fn very_short_sound_fills_the_width() {
        assert_eq!(of(vec![i16::MIN, 0])[..32], [255; 32]);
        assert_eq!(of(vec![i16::MIN, 0])[32..], [0; 32]);
    }

    #[test]
    fn debug_says_nothing_of_the_sound() {
        assert_eq!(format!("{:?}", Waveform([7; 64])), "Waveform { .. }");
    }

    proptest! {
        #[test]
        fn no_peak_is_lost(samples in prop::collection::vec(any::<i16>(), 1..500)) {
            let highest = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap();

            let peaks = of(samples);

            prop_assert_eq!(peaks.into_iter().max(), Some(height(highest)));
        }
    }
}
