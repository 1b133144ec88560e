//! Sound as samples.

use std::fmt;

/// 24 dB above full scale.
const MAX_SAMPLE: f32 = 16.0;

/// Mono sound.
#[derive(Clone, Eq, PartialEq)]
pub struct Pcm {
    /// Samples per second.
    pub rate: u32,
    /// The samples, in the order they are heard.
    pub samples: Vec<i16>,
}

/// Sound as it came in: any rate, any number of channels.
#[derive(Clone, PartialEq)]
pub struct Sound {
    /// Samples per second of each channel.
    pub rate: u32,
    /// How many channels there are, never 0.
    pub channels: u16,
    /// The samples, one of each channel in turn; full scale is -1 to 1, and finite.
    pub samples: Vec<f32>,
}

impl Pcm {
    /// Rounds samples between -1 and 1 to 16 bits; what is louder is clipped.
    pub fn from_float(rate: u32, samples: &[f32]) -> Self {
        #[allow(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            reason = "the cast saturates, which is the clipping"
        )]
        let samples = samples.iter().map(|sample| (sample * 32_768.0).round() as i16).collect();
        Self { rate, samples }
    }

    /// Returns the samples, full scale being -1 to 1.
    pub fn to_float(&self) -> Vec<f32> {
        self.samples.iter().map(|&sample| f32::from(sample) / 32_768.0).collect()
    }

    /// Returns how long the sound lasts, rounded up to whole milliseconds.
    pub fn length_ms(&self) -> u32 {
        length_ms(self.samples.len(), self.rate)
    }
}

impl Sound {
    /// Mixes all channels down to one.
    pub fn mono(&self) -> Vec<f32> {
        match self.channels {
            0 | 1 => self.samples.clone(),
            // The one that nearly all stereo sound takes, written so that it compiles to few instructions.
            2 => {
                let (pairs, _none) = self.samples.as_chunks::<2>();
                pairs.iter().map(|[left, right]| (left + right) * 0.5).collect()
            }
            n => {
                let share = 1.0 / f32::from(n);
                let frames = self.samples.chunks_exact(usize::from(n));
                frames.map(|frame| frame.iter().sum::<f32>() * share).collect()
            }
        }
    }

    /// Returns how long the sound lasts, rounded up to whole milliseconds.
    pub fn length_ms(&self) -> u32 {
        length_ms(self.samples.len() / usize::from(self.channels.max(1)), self.rate)
    }
}

impl From<&Pcm> for Sound {
    fn from(pcm: &Pcm) -> Self {
        Self { rate: pcm.rate, channels: 1, samples: pcm.to_float() }
    }
}

impl fmt::Debug for Pcm {
    // The samples may be a child's voice: they must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pcm")
            .field("rate", &self.rate)
            .field("length", &self.samples.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Sound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sound")
            .field("rate", &self.rate)
            .field("channels", &self.channels)
            .field("length", &self.samples.len())
            .finish_non_exhaustive()
    }
}

/// Makes silence of what is no number, and limits what is far above full scale: such samples are
/// nonsense, would drown all others once their level is brought down, and upset arithmetic.
pub(super) fn tame(sample: f32) -> f32 {
    if sample.is_nan() { 0.0 } else { sample.clamp(-MAX_SAMPLE, MAX_SAMPLE) }
}

fn length_ms(n_samples: usize, rate: u32) -> u32 {
    let samples = u64::try_from(n_samples).unwrap_or(u64::MAX);
    let ms = samples.saturating_mul(1_000).div_ceil(u64::from(rate.max(1)));
    u32::try_from(ms).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_survive_the_way_through_floats() {
        let pcm = Pcm { rate: 8_000, samples: (i16::MIN..=i16::MAX).collect() };

        let back = Pcm::from_float(8_000, &pcm.to_float());

        assert_eq!(back, pcm);
    }

    #[test]
    fn louder_than_full_scale_is_clipped() {
        let pcm = Pcm::from_float(8_000, &[1.5, -1.5, 1.0]);

        assert_eq!(pcm.samples, [i16::MAX, i16::MIN, i16::MAX]);
    }

    #[test]
    fn channels_are_averaged() {
        let stereo = Sound { rate: 8_000, channels: 2, samples: vec![0.5, 0.25, -1.0, 1.0] };
        let three = Sound { rate: 8_000, channels: 3, samples: vec![0.3, 0.6, 0.0] };

        assert_eq!(stereo.mono(), [0.375, 0.0]);
        assert!((three.mono()[0] - 0.3).abs() < 1e-6);
    }

    #[test]
    fn length_is_rounded_up() {
        let pcm = Pcm { rate: 16_000, samples: vec![0; 16_001] };
        let sound = Sound { rate: 8_000, channels: 2, samples: vec![0.0; 8_000] };

        assert_eq!(pcm.length_ms(), 1_001);
        assert_eq!(sound.length_ms(), 500);
    }

    #[test]
    fn debug_says_nothing_of_the_sound() {
        let pcm = Pcm { rate: 8_000, samples: vec![12_345] };
        let sound = Sound { rate: 8_000, channels: 1, samples: vec![0.12345] };

        assert_eq!(format!("{pcm:?}"), "Pcm { rate: 8000, length: 1, .. }");
        assert_eq!(format!("{sound:?}"), "Sound { rate: 8000, channels: 1, length: 1, .. }");
    }
}
