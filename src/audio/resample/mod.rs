//! Changing the rate of sound.
//!
//! The whole sound is there at once and both rates are known, so this is done in the frequency
//! domain, in blocks: sharper and several times faster than interpolating between samples.

#[cfg(test)]
mod tests;

use rubato::{
    Fft, FixedSync, Indexing, Resampler as _, audioadapter_buffers::direct::SequentialSlice,
};

use super::{AudioError, pcm::tame, wav::RATES};

/// Samples that a block has at the lower of the two rates.
///
/// The filter falls from pass band to stop band within about 14 parts of this many: up to 7.7 kHz
/// everything passes on the way to 16 kHz, and 7 kHz is what toys play.
const BLOCK: u32 = 1_024;
/// How many samples there is made room for at a time, so that no more than that lies idle.
const ROOM: usize = 1 << 20;

/// Returns the same sound at another rate: same length, same place, what cannot be had at the
/// new rate filtered out.
pub fn resample(samples: &[f32], from: u32, to: u32) -> Result<Vec<f32>, AudioError> {
    let mut resampling = Resampling::new(from, to)?;
    resampling.push(samples);
    Ok(resampling.finish())
}

/// Sound on its way to another rate, piece by piece; where the pieces end makes no difference.
pub(super) struct Resampling {
    /// Both rates, in the smallest numbers.
    from: u64,
    to: u64,
    /// None if both are the same.
    filter: Option<Filter>,
    n_samples: usize,
    output: Vec<f32>,
}

struct Filter {
    fft: Fft<f32>,
    /// What does not make a block yet.
    input: Vec<f32>,
    block: usize,
    output: Vec<f32>,
    /// What is still to be dropped of what the filter lags behind.
    lag: usize,
}

impl Resampling {
    pub(super) fn new(from: u32, to: u32) -> Result<Self, AudioError> {
        for rate in [from, to] {
            if !RATES.contains(&rate) {
                return Err(AudioError::Rate(rate));
            }
        }
        let step = gcd(from, to);
        // An even number of steps puts the middle of the filter on a sample: no shift by half of one.
        let n_steps = BLOCK.div_ceil(from.min(to) / step).next_multiple_of(2);
        let [from_size, to_size, block] = [from, to, n_steps * (from / step)].map(size);
        let filter = (from != to).then(|| {
            let fft = Fft::<f32>::new(from_size, to_size, block, 1, FixedSync::Both)
                .expect("rates and block are positive");
            let (block, lag) = (fft.input_frames_next(), fft.output_delay());
            let output = vec![0.0; fft.output_frames_max()];
            Filter { fft, input: Vec::with_capacity(block), block, output, lag }
        });
        let [from, to] = [from / step, to / step].map(u64::from);
        Ok(Self { from, to, filter, n_samples: 0, output: Vec::new() })
    }

    pub(super) fn push(&mut self, mut samples: &[f32]) {
        self.n_samples += samples.len();
        let Some(filter) = &mut self.filter else {
            make_room(&mut self.output, samples.len());
            self.output.extend(samples.iter().copied().map(tame));
            return;
        };
        while !samples.is_empty() {
            let n = samples.len().min(filter.block - filter.input.len());
            let (next, rest) = samples.split_at(n);
            // The resampler does not stand numbers that are none.
            filter.input.extend(next.iter().copied().map(tame));
            samples = rest;
            if filter.input.len() == filter.block {
                filter.run(&mut self.output);
            }
        }
    }

    /// Returns how many samples at the old rate have come.
    pub(super) fn n_samples(&self) -> usize {
        self.n_samples
    }

    /// Pretends that only so many samples have come.
    pub(super) fn end_at(&mut self, n_samples: usize) {
        self.n_samples = self.n_samples.min(n_samples);
    }

    pub(super) fn finish(mut self) -> Vec<f32> {
        // Counted in whole numbers: the resampler multiplies by a rounded ratio.
        let n_samples = u64::try_from(self.n_samples).unwrap_or(u64::MAX);
        let n_samples = n_samples.saturating_mul(self.to).div_ceil(self.from);
        let n_samples = usize::try_from(n_samples).unwrap_or(usize::MAX);
        if let Some(filter) = &mut self.filter {
            // Silence pushes out what the filter still has.
            while self.output.len() < n_samples {
                filter.run(&mut self.output);
            }
        }
        self.output.truncate(n_samples);
        self.output
    }
}

impl Filter {
    /// Filters a block; what is missing of it is silence.
    fn run(&mut self, output: &mut Vec<f32>) {
        let partial_len = Some(self.input.len());
        self.input.resize(self.block, 0.0);
        let indexing = Indexing { partial_len, ..Indexing::default() };
        let input = SequentialSlice::new(&self.input, 1, self.block).expect("it is one channel");
        let n_max = self.output.len();
        let mut room =
            SequentialSlice::new_mut(&mut self.output, 1, n_max).expect("it is one channel");
        let (_, n_out) = self
            .fft
            .process_into_buffer(&input, &mut room, Some(&indexing))
            .expect("the buffers are sized by the resampler itself");
        self.input.clear();
        let made = self.output.get(..n_out).unwrap_or_default();
        let late = made.get(self.lag..).unwrap_or_default();
        self.lag -= self.lag.min(n_out);
        make_room(output, late.len());
        output.extend_from_slice(late);
    }
}

fn make_room(output: &mut Vec<f32>, n_samples: usize) {
    if output.capacity() - output.len() < n_samples {
        output.reserve_exact(n_samples.max(ROOM.min(2 * output.len())));
    }
}

fn size(n: u32) -> usize {
    usize::try_from(n).expect("a usize has 32 bits or more")
}

const fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}
