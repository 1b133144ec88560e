//! From frames back to samples, as a toy does it.

use std::sync::LazyLock;

use super::bits::BitReader;
use super::categories::{CHOICE_BITS, CHOICES, Categorizations, SILENT};
use super::envelope::{self, MAX_LEVEL, MIN_LEVEL};
use super::prefix::PrefixCode;
use super::tables::{CATEGORIES, Category};
use super::transform::{self, HALF};
use super::{FRAME_BYTES, FRAME_SAMPLES, REGION_WIDTH};

/// What became of a frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It was decoded.
    Good,
    /// No encoder wrote it. The last good frame was repeated, or after another bad one, silence
    /// put in its place.
    Bad,
}

/// Turns frames into samples, one after the other, 320 samples behind what was encoded.
pub struct Decoder {
    /// The coefficients to repeat if the next frame is bad.
    last: [f32; FRAME_SAMPLES],
    overlap: [f32; HALF],
    noise: Noise,
}

impl Decoder {
    /// Starts a new sound, with silence before it.
    pub const fn new() -> Self {
        Self { last: [0.0; FRAME_SAMPLES], overlap: [0.0; HALF], noise: Noise(1) }
    }

    /// Decodes the next frame into 20 ms of sound.
    pub fn decode_frame(
        &mut self,
        frame: &[u8; FRAME_BYTES],
        samples: &mut [i16; FRAME_SAMPLES],
    ) -> Verdict {
        let (coefficients, verdict) = match read(frame, &mut self.noise) {
            Some(coefficients) => {
                self.last = coefficients;
                (coefficients, Verdict::Good)
            }
            None => (std::mem::replace(&mut self.last, [0.0; FRAME_SAMPLES]), Verdict::Bad),
        };
        let sound = transform::synthesize(&coefficients, &mut self.overlap);
        for (sample, value) in samples.iter_mut().zip(sound) {
            *sample = round(value);
        }
        verdict
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads the coefficients of a frame, or nothing if the frame is bad.
fn read(frame: &[u8; FRAME_BYTES], noise: &mut Noise) -> Option<[f32; FRAME_SAMPLES]> {
    let mut bits = BitReader::new(frame);
    let levels = envelope::read(&mut bits)?;
    let categorizations = Categorizations::new(&levels, bits.position());
    let choice = bits.take(CHOICE_BITS) as usize;

    let mut coefficients = [0.0; FRAME_SAMPLES];
    let regions = coefficients.as_chunks_mut::<REGION_WIDTH>().0.iter_mut();
    for ((region, level), category) in regions.zip(levels).zip(categorizations.choice(choice)) {
        let amplitude = AMPLITUDES[(level - MIN_LEVEL).unsigned_abs() as usize];
        let signs = noise.signs();
        if !bits.overrun() && category < SILENT {
            RULES[usize::from(category)].read(&mut bits, amplitude, signs, region);
        }
        // Where the bits run out inside a region, all of it counts as not sent.
        if bits.overrun() || category == SILENT {
            fill(region, amplitude * SILENT_FILL, signs);
        }
    }
    let plausible = if bits.overrun() {
        // Only the most sparing choice may be too long for its frame.
        choice == CHOICES - 1
    } else {
        bits.only_ones_left()
    };
    plausible.then_some(coefficients)
}

/// What stands for coefficients that were not sent, as a share of their region's level: in a
/// region that sends nothing, and in the two categories that send little.
const SILENT_FILL: f32 = std::f32::consts::FRAC_1_SQRT_2;
const SPARSE_FILL: [(usize, f32); 2] = [(5, 0.176_777), (6, 0.25)];

fn fill(region: &mut [f32; REGION_WIDTH], magnitude: f32, signs: u32) {
    for (n, x) in region.iter_mut().enumerate() {
        *x = signed(magnitude, signs << n);
    }
}

/// Returns the magnitude with the highest bit of `sign` as its sign, without a branch.
fn signed(magnitude: f32, sign: u32) -> f32 {
    f32::from_bits(magnitude.to_bits() | sign & 1 << 31)
}

/// Returns the nearest sample.
fn round(value: f32) -> i16 {
    /// Adding 1.5 · 2^23 leaves no room for fractions, so the sum's low bits are the integer.
    const SHIFTER: f32 = 12_582_912.0;
    let limited = value.clamp(f32::from(i16::MIN), f32::from(i16::MAX));
    (limited + SHIFTER).to_bits().wrapping_sub(SHIFTER.to_bits()) as i16
}

/// The amplitude of each level, from the quietest on: powers of √2.
static AMPLITUDES: [f32; (MAX_LEVEL - MIN_LEVEL + 1) as usize] = {
    let mut amplitudes = [0.0; (MAX_LEVEL - MIN_LEVEL + 1) as usize];
    // The quietest is 2^-3.
    let mut power = 0.125;
    let mut n = 0;
    while n < amplitudes.len() {
        amplitudes[n] = if n % 2 == 0 { power } else { power * std::f32::consts::SQRT_2 };
        if n % 2 == 1 {
            power *= 2.0;
        }
        n += 1;
    }
    amplitudes
};

/// How to read the regions of one category.
struct Rules {
    length: usize,
    code: PrefixCode,
    vectors: Vec<Vector>,
    /// What each value stands for, as a share of the region's level.
    magnitudes: [f32; 14],
}

#[derive(Clone, Copy)]
struct Vector {
    values: [u8; 5],
    /// How many of the values are not zero and have a sign.
    signs: u8,
}

static RULES: LazyLock<[Rules; 7]> = LazyLock::new(|| {
    let mut rules = CATEGORIES.each_ref().map(Rules::new);
    for (category, magnitude) in SPARSE_FILL {
        rules[category].magnitudes[0] = magnitude;
    }
    rules
});

impl Rules {
    fn new(category: &Category) -> Self {
        let vector = |number| {
            let mut rest: u32 = number;
            let mut values = [0; 5];
            for value in values[..category.vector].iter_mut().rev() {
                *value = (rest % category.levels) as u8;
                rest /= category.levels;
            }
            let signs = values.iter().filter(|value| **value != 0).count();
            Vector { values, signs: signs as u8 }
        };
        let mut magnitudes = [0.0; 14];
        for (magnitude, centroid) in magnitudes.iter_mut().zip(category.centroids) {
            *magnitude = f32::from(*centroid) / 4096.0;
        }
        Self {
            length: category.vector,
            code: PrefixCode::new(category.words),
            vectors: (0_u32..).take(category.words.len()).map(vector).collect(),
            magnitudes,
        }
    }

    fn read(
        &self,
        bits: &mut BitReader,
        amplitude: f32,
        mut noise: u32,
        region: &mut [f32; REGION_WIDTH],
    ) {
        for part in region.chunks_exact_mut(self.length) {
            let window = bits.peek();
            let (symbol, length) = self.code.find(window);
            let Vector { values, signs } = self.vectors[usize::from(symbol)];
            // A sign is 1 for positive.
            let mut negative = !(window << length);
            for (x, value) in part.iter_mut().zip(values) {
                let magnitude = amplitude * self.magnitudes[usize::from(value)];
                *x = signed(magnitude, if value == 0 { noise } else { negative });
                negative <<= u32::from(value != 0);
                noise <<= 1;
            }
            bits.skip(length + u32::from(signs));
        }
    }
}

/// Random signs, the same for every decoder.
struct Noise(u32);

impl Noise {
    /// Returns 32 signs (Marsaglia's xorshift).
    fn signs(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::REGIONS;
    use super::super::bits::BitWriter;
    use super::super::envelope::Envelope;
    use super::*;

    /// Builds a frame of these levels and this choice, with one vector throughout, all negative.
    fn frame(
        levels: &Envelope,
        choice: usize,
        vector: fn(&Category) -> usize,
    ) -> ([u8; FRAME_BYTES], [u8; REGIONS]) {
        let mut bits = BitWriter::new();
        envelope::write(levels, &mut bits);
        let categories = Categorizations::new(levels, bits.length()).choice(choice);
        bits.put(choice as u32, CHOICE_BITS);
        for category in categories.iter().filter(|category| **category < SILENT) {
            let category = &CATEGORIES[usize::from(*category)];
            let number = vector(category);
            let signs = Rules::new(category).vectors[number].signs;
            for _ in 0..REGION_WIDTH / category.vector {
                bits.put_word(category.words[number]);
                (0..signs).for_each(|_| bits.put(0, 1));
            }
        }
        (bits.finish(), categories)
    }

    /// Returns the vector with the longest word.
    fn longest(category: &Category) -> usize {
        (0..category.words.len()).max_by_key(|number| category.words[*number]).unwrap()
    }

    fn assert_magnitudes(region: &[f32], expected: f32) {
        for x in region {
            assert!((x.abs() - expected).abs() < 1e-3, "{x}, not {expected}");
        }
    }

    #[test]
    fn fills_what_was_not_sent_with_noise() {
        let levels = [6, 5, 2, 1, 0, 0, 0, -1, -2, -8, -8, -8, -8, -8];
        let (frame, categories) = frame(&levels, 8, |_| 0);

        let coefficients = read(&frame, &mut Noise(1)).unwrap();

        for category in 4..=7 {
            assert!(categories.contains(&category), "{category} is not among {categories:?}");
        }
        for (r, category) in categories.into_iter().enumerate() {
            let share = match category {
                5 => 0.176_777,
                6 => 0.25,
                7 => 0.707_106_77,
                _ => 0.0,
            };
            let region = &coefficients[r * REGION_WIDTH..][..REGION_WIDTH];
            assert_magnitudes(region, share * 2_f32.sqrt().powi(levels[r] + 9));
            let negative = region.iter().filter(|x| x.is_sign_negative()).count();
            assert!(category < 5 || (1..20).contains(&negative), "{negative} of 20");
        }
    }

    #[test]
    fn only_the_most_sparing_choice_may_run_out_of_bits() {
        let (sparing, _) = frame(&[0; REGIONS], CHOICES - 1, longest);
        let (generous, _) = frame(&[0; REGIONS], CHOICES - 2, longest);

        assert!(read(&sparing, &mut Noise(1)).is_some());
        assert!(read(&generous, &mut Noise(1)).is_none());
    }

    #[test]
    fn where_the_bits_run_out_all_that_follows_is_noise() {
        // 20 bits per pair of coefficients and more: the second region runs out.
        let levels = [12, 8, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4];
        let (frame, categories) = frame(&levels, CHOICES - 1, longest);
        assert!(categories[1] < SILENT && categories[2] < SILENT, "{categories:?}");

        let coefficients = read(&frame, &mut Noise(1)).unwrap();

        for r in 1..REGIONS {
            let expected = SILENT_FILL * 2_f32.sqrt().powi(levels[r] + 9);
            assert_magnitudes(&coefficients[r * REGION_WIDTH..][..REGION_WIDTH], expected);
        }
    }
}
