//! Changing the rate of sound.
//!
//! The whole sound is there at once and both rates are known, so this is done in the frequency
//! domain, in blocks: sharper and several times faster than interpolating between samples.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use rubato::{Fft, FixedSync, Resampler as _, audioadapter_buffers::direct::SequentialSlice};

use super::{AudioError, pcm::tame, wav::RATES};

/// Samples that a block has at the lower of the two rates.
///
/// The filter falls from pass band to stop band within about 14 parts of this many: up to 7.7 kHz
/// everything passes on the way to 16 kHz, and 7 kHz is what toys play.
const BLOCK: u32 = 1_024;

/// Returns the same sound at another rate: same length, same place, what cannot be had at the
/// new rate filtered out.
pub fn resample(samples: &[f32], from: u32, to: u32) -> Result<Vec<f32>, AudioError> {
    for rate in [from, to] {
        if !RATES.contains(&rate) {
            return Err(AudioError::Rate(rate));
        }
    }
    // The resampler does not stand numbers that are none.
    let samples = if samples.iter().all(|&sample| tame(sample).to_bits() == sample.to_bits()) {
        Cow::Borrowed(samples)
    } else {
        Cow::Owned(samples.iter().copied().map(tame).collect())
    };
    if from == to || samples.is_empty() {
        return Ok(samples.into_owned());
    }
    let step = gcd(from, to);
    // An even number of steps puts the middle of the filter on a sample: no shift by half of one.
    let n_steps = BLOCK.div_ceil(from.min(to) / step).next_multiple_of(2);
    let [from_size, to_size, block] = [from, to, n_steps * (from / step)].map(size);
    let mut resampler = Fft::<f32>::new(from_size, to_size, block, 1, FixedSync::Both)
        .expect("rates and block are positive");
    let input = SequentialSlice::new(&samples, 1, samples.len()).expect("it is one channel");
    let output = resampler
        .process_all(&input, samples.len(), None)
        .expect("the buffer for the output is sized by the resampler itself");
    let mut output = output.take_data();
    // Counted in whole numbers: the resampler multiplies by a rounded ratio.
    output.resize((samples.len() * to_size).div_ceil(from_size), 0.0);
    Ok(output)
}

fn size(n: u32) -> usize {
    usize::try_from(n).expect("a usize has 32 bits or more")
}

const fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}
