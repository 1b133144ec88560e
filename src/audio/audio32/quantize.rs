//! Coefficients as small whole numbers, and those as code words.

use std::sync::LazyLock;

use super::bits::BitWriter;
use super::tables::{CATEGORIES, Category, INVERSE_LEVELS};
use super::{REGION_WIDTH, REGIONS};

/// The coefficients of a frame, brought to a range in which the quantiser works.
pub(super) struct Quantizer {
    /// Magnitudes of the coefficients.
    magnitudes: [[u16; REGION_WIDTH]; REGIONS],
    /// Bit n is set where coefficient n is positive.
    positive: [u32; REGIONS],
    inverse_levels: [u32; REGIONS],
}

/// A region in one category.
#[derive(Clone, Copy)]
pub(super) struct Quantized {
    category: u8,
    values: [u8; REGION_WIDTH],
    /// How many bits the region takes.
    pub(super) bits: u32,
}

impl Quantizer {
    /// Takes over coefficients with their levels, both as they are after the shift of the samples.
    pub(super) fn new(regions: &[[i16; REGION_WIDTH]; REGIONS], levels: [i32; REGIONS]) -> Self {
        let mut magnitudes = [[0; REGION_WIDTH]; REGIONS];
        let mut positive = [0; REGIONS];
        let mut inverse_levels = [0; REGIONS];
        for (r, region) in regions.iter().enumerate() {
            let index = levels[r] + 24;
            let excess = ((index - 39) >> 1).max(0);
            for (n, (magnitude, x)) in magnitudes[r].iter_mut().zip(region).enumerate() {
                let x = *x >> excess;
                *magnitude = x.saturating_abs().unsigned_abs();
                positive[r] |= u32::from(0 < x) << n;
            }
            // Levels up to 24 share the first entry.
            let index = (index - 2 * excess - 24).max(0).unsigned_abs() as usize;
            inverse_levels[r] = INVERSE_LEVELS.get(index).copied().unwrap_or(0);
        }
        Self { magnitudes, positive, inverse_levels }
    }

    /// Quantises a region and counts what it takes.
    pub(super) fn region(&self, r: usize, category: u8) -> Quantized {
        let mut quantized = Quantized { category, values: [0; REGION_WIDTH], bits: 0 };
        let Some(rules) = CATEGORIES.get(usize::from(category)) else { return quantized };
        let scale = (rules.inverse_step * self.inverse_levels[r] + (1 << 12)) >> 13;
        for (value, magnitude) in quantized.values.iter_mut().zip(&self.magnitudes[r]) {
            // A 17-bit scale times 15 bits.
            let steps = (u32::from(*magnitude) * scale + rules.rounding) >> 15;
            *value = steps.min(rules.levels - 1) as u8;
        }
        let costs = &COSTS[usize::from(category)];
        let cost = |vector: &[u8]| u32::from(costs[index(vector, rules)]);
        // One arm per length lets the compiler unroll each.
        let values = &quantized.values;
        quantized.bits = match rules.vector {
            2 => values.chunks_exact(2).map(cost).sum(),
            4 => values.chunks_exact(4).map(cost).sum(),
            length => values.chunks_exact(length).map(cost).sum(),
        };
        quantized
    }

    /// Appends a region to a frame.
    pub(super) fn write(&self, r: usize, quantized: &Quantized, bits: &mut BitWriter) {
        let Some(rules) = CATEGORIES.get(usize::from(quantized.category)) else { return };
        let mut positive = self.positive[r];
        for vector in quantized.values.chunks_exact(rules.vector) {
            // The word keeps the one in front of it while signs are appended behind.
            let mut word = rules.words[index(vector, rules)];
            for value in vector {
                if *value != 0 {
                    word = word << 1 | positive & 1;
                }
                positive >>= 1;
            }
            bits.put_word(word);
        }
    }
}

/// Returns the number of a vector: its values as digits, the first being the most significant.
#[inline]
fn index(vector: &[u8], rules: &Category) -> usize {
    vector.iter().fold(0, |index, value| index * rules.levels + u32::from(*value)) as usize
}

/// Bits of each vector's word and signs together, by category.
static COSTS: LazyLock<[Vec<u8>; 7]> = LazyLock::new(|| {
    CATEGORIES.each_ref().map(|rules| {
        let cost = |(number, word): (u32, &u32)| {
            let mut rest = number;
            let mut signs = 0;
            while 0 < rest {
                signs += u32::from(!rest.is_multiple_of(rules.levels));
                rest /= rules.levels;
            }
            (word.ilog2() + signs) as u8
        };
        (0_u32..).zip(rules.words).map(cost).collect()
    })
});
