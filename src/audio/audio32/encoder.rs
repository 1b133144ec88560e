//! From samples to frames, bit for bit as the format's own encoder does it.

use std::array;

use super::bits::{BitWriter, FRAME_BITS};
use super::categories::{CHOICE_BITS, CHOICES, Categorizations};
use super::quantize::{Quantized, Quantizer};
use super::transform::{self, HALF};
use super::{FRAME_BYTES, FRAME_SAMPLES, REGION_WIDTH, REGIONS, envelope};

/// Turns samples into frames, one after the other.
///
/// A frame carries the end of the samples before it and the beginning of its own, so the last
/// 20 ms of a sound need one more frame (of zeros) to be heard whole.
pub struct Encoder {
    /// What the last frame's samples contribute to the next frame, folded.
    carried: [i16; HALF],
}

impl Encoder {
    /// Starts a new sound, with silence before it.
    pub const fn new() -> Self {
        Self { carried: [0; HALF] }
    }

    /// Encodes the next 20 ms.
    pub fn encode_frame(&mut self, samples: &[i16; FRAME_SAMPLES]) -> [u8; FRAME_BYTES] {
        let (folded, shift) = self.fold(samples);
        let coefficients = transform::analyze(&folded);
        // What lies above 7 kHz is not sent.
        let (regions, _) = coefficients.as_chunks::<REGION_WIDTH>();
        let regions = regions.first_chunk::<REGIONS>().expect("16 regions fit into 320 samples");

        let mut bits = BitWriter::new();
        let levels = envelope::measure(regions, shift);
        envelope::write(&levels, &mut bits);
        let categorizations = Categorizations::new(&levels, bits.length());
        let quantizer = Quantizer::new(regions, levels.map(|level| level + 2 * shift));

        let available = FRAME_BITS - CHOICE_BITS - bits.length();
        let (choice, coded) = choose(&quantizer, &categorizations, available);
        bits.put(choice as u32, CHOICE_BITS);
        for (r, region) in coded.iter().enumerate() {
            quantizer.write(r, region, &mut bits);
        }
        bits.finish()
    }

    /// Folds the samples into what came before and scales them up, by one bit if they are loud
    /// and by two if not; the toys' own encoder knows no other scale.
    fn fold(&mut self, samples: &[i16; FRAME_SAMPLES]) -> ([i16; FRAME_SAMPLES], i32) {
        /// The sum of magnitudes, in 128ths, above which a frame is loud.
        const LOUD: u32 = 5_000;
        let (before, after) = transform::fold(samples);
        let mut folded = [0; FRAME_SAMPLES];
        let (first, second) = folded.split_at_mut(HALF);
        first.copy_from_slice(&self.carried);
        second.copy_from_slice(&before);
        self.carried = after;

        let sum = folded.iter().map(|v| u32::from(v.unsigned_abs())).sum::<u32>();
        let shift = if LOUD < sum >> 7 { 1 } else { 2 };
        let scaled = folded.map(|v| v.saturating_mul(1 << shift));
        (scaled, shift)
    }
}

/// Finds the categorization that makes most of the available bits, and its regions.
fn choose(
    quantizer: &Quantizer,
    categorizations: &Categorizations,
    available: u32,
) -> (usize, [Quantized; REGIONS]) {
    let mut choice = CHOICES / 2 - 1;
    let categories = categorizations.choice(choice);
    let mut coded = array::from_fn(|r| quantizer.region(r, categories[r]));
    let mut length = coded.iter().map(|region| region.bits).sum::<u32>();
    // First spend what is left, then save what is too much: where two choices would do, this
    // order decides. Neighbouring choices differ in one region.
    let mut change = |step: usize, choice: usize, length: &mut u32| {
        let r = usize::from(categorizations.steps[step]);
        let region = quantizer.region(r, categorizations.choice(choice)[r]);
        *length = *length - coded[r].bits + region.bits;
        coded[r] = region;
    };
    while length < available && 0 < choice {
        choice -= 1;
        change(choice, choice, &mut length);
    }
    while available < length && choice < CHOICES - 1 {
        change(choice, choice + 1, &mut length);
        choice += 1;
    }
    (choice, coded)
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}
