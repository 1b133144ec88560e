//! The lapped transform: windows, folding and the type-IV cosine transform.
//!
//! A cosine transform of 320 points is taken apart five times into sums and differences of
//! neighbours, leaving 32 transforms of 10 points, whose results are put together again by five
//! passes of rotations. The encoder does this on 16-bit integers, where each rounding is part of
//! the format's bits; the decoder does the same on floating-point numbers.

use super::FRAME_SAMPLES;
use super::tables::BIAS;
use super::trig::{cos_pi, nearest, sin_pi};

/// Half a frame: what one frame leaves for the next, folded.
pub(super) const HALF: usize = FRAME_SAMPLES / 2;
/// Points of the smallest transforms.
const CORE: usize = 10;
/// How often the transform is halved.
const PASSES: u32 = 5;
/// Rotations of all passes together: 10 + 20 + 40 + 80 + 160.
const ROTATIONS: usize = 310;

/// Folds a frame of samples: the half that meets the frame before, and the half that meets the
/// one after.
pub(super) fn fold(samples: &[i16; FRAME_SAMPLES]) -> ([i16; HALF], [i16; HALF]) {
    let weigh = |a: i16, x: i16, b: i16, y: i16| {
        // The window keeps both products together below 2^30: nothing to clamp.
        ((i32::from(a) * i32::from(x) + i32::from(b) * i32::from(y) + (1 << 14)) >> 15) as i16
    };
    let mut before = [0; HALF];
    let mut after = [0; HALF];
    for n in 0..HALF {
        let (first, last) = (samples[n], samples[FRAME_SAMPLES - 1 - n]);
        before[n] = weigh(WINDOW[FRAME_SAMPLES - 1 - n], first, -WINDOW[n], last);
        let (left, right) = (samples[HALF - 1 - n], samples[HALF + n]);
        after[n] = weigh(WINDOW[HALF - 1 - n], left, WINDOW[HALF + n], right);
    }
    (before, after)
}

/// Transforms folded samples exactly as the format's own encoder does.
pub(super) fn analyze(folded: &[i16; FRAME_SAMPLES]) -> [i16; FRAME_SAMPLES] {
    let mut points = *folded;
    for (point, bias) in points.iter_mut().zip(&BIAS) {
        *point = point.saturating_add(*bias);
    }
    transform(points)
}

/// Turns coefficients into the samples they stand for, up to 320 earlier: the sum of this
/// frame's rising half and what the frame before left in `overlap`.
pub(super) fn synthesize(
    coefficients: &[f32; FRAME_SAMPLES],
    overlap: &mut [f32; HALF],
) -> [f32; FRAME_SAMPLES] {
    /// The reference decoder works on 16-bit integers and rounds down, which leaves its unfolded
    /// samples this much too low. It is heard by nobody, but near silence it is half the energy,
    /// and what a simulated toy plays should compare with the reference down to there.
    const ROUNDING_LOSS: f32 = 1.2;
    let unfolded = transform(*coefficients).map(|sample| sample - ROUNDING_LOSS);
    let mut samples = [0.0; FRAME_SAMPLES];
    let window = &SMOOTH_WINDOW;
    let (early, late) = samples.split_at_mut(HALF);
    for n in 0..HALF {
        early[n] = window[n] * unfolded[HALF - 1 - n] + window[FRAME_SAMPLES - 1 - n] * overlap[n];
        late[n] = window[HALF + n] * unfolded[n] - window[HALF - 1 - n] * overlap[HALF - 1 - n];
    }
    overlap.copy_from_slice(&unfolded[HALF..]);
    samples
}

/// The numbers that a transform is carried out in.
trait Number: Copy + 'static {
    const ZERO: Self;
    const ROTATIONS: &'static Rotations<Self>;

    /// Returns the sum and the difference, which integers halve to stay in range.
    fn sum_and_difference(first: Self, second: Self) -> (Self, Self);

    /// Transforms ten points.
    fn core(points: &[Self; CORE]) -> [Self; CORE];

    /// Returns a · x + b · y.
    fn combine(a: Self, x: Self, b: Self, y: Self) -> Self;
}

fn transform<T: Number>(mut points: [T; FRAME_SAMPLES]) -> [T; FRAME_SAMPLES] {
    let mut other = [T::ZERO; FRAME_SAMPLES];
    let (mut from, mut to) = (&mut points, &mut other);
    for pass in 0..PASSES {
        take_apart(FRAME_SAMPLES >> pass, from, to);
        (from, to) = (to, from);
    }
    for (input, output) in from.as_chunks().0.iter().zip(to.as_chunks_mut().0) {
        *output = T::core(input);
    }
    for pass in (0..PASSES).rev() {
        (from, to) = (to, from);
        put_together(FRAME_SAMPLES >> pass, from, to);
    }
    *to
}

/// Splits each block of `length` points into sums, then differences in reverse.
fn take_apart<T: Number>(length: usize, from: &[T; FRAME_SAMPLES], to: &mut [T; FRAME_SAMPLES]) {
    for (input, output) in from.chunks_exact(length).zip(to.chunks_exact_mut(length)) {
        let (sums, differences) = output.split_at_mut(length / 2);
        let outputs = sums.iter_mut().zip(differences.iter_mut().rev());
        for ((sum, difference), pair) in outputs.zip(input.as_chunks().0) {
            let [first, second] = *pair;
            (*sum, *difference) = T::sum_and_difference(first, second);
        }
    }
}

/// Joins the two halves of each block of `length` points.
fn put_together<T: Number>(length: usize, from: &[T; FRAME_SAMPLES], to: &mut [T; FRAME_SAMPLES]) {
    let half = length / 2;
    // The rotations of the smaller halves, 10 + 20 + …, come first.
    let start = half - CORE;
    let factors = |table: &'static [T; ROTATIONS]| &table[start..start + half];
    let low_front = factors(&T::ROTATIONS.low_front);
    let high_front = factors(&T::ROTATIONS.high_front);
    let low_back = factors(&T::ROTATIONS.low_back);
    let high_back = factors(&T::ROTATIONS.high_back);
    for (input, output) in from.chunks_exact(length).zip(to.chunks_exact_mut(length)) {
        let (low, high) = input.split_at(half);
        let (front, back) = output.split_at_mut(half);
        for i in 0..half {
            front[i] = T::combine(low_front[i], low[i], high_front[i], high[i]);
            back[half - 1 - i] = T::combine(low_back[i], low[i], high_back[i], high[i]);
        }
    }
}

impl Number for i16 {
    const ZERO: Self = 0;
    const ROTATIONS: &'static Rotations<Self> = &EXACT_ROTATIONS;

    fn sum_and_difference(first: Self, second: Self) -> (Self, Self) {
        let (first, second) = (i32::from(first), i32::from(second));
        (((first + second) >> 1) as Self, ((first - second) >> 1) as Self)
    }

    fn core(points: &[Self; CORE]) -> [Self; CORE] {
        /// Up to this magnitude no sum can leave 32 bits: the largest column of [`EXACT_CORE`]
        /// sums up to 68,505, and 2 · 68,505 · 15,000 < 2^31 - 2^15.
        const SAFE: u16 = 15_000;
        let mut sums = [0_i32; CORE];
        if points.iter().all(|point| point.unsigned_abs() <= SAFE) {
            for (point, row) in points.iter().zip(&EXACT_CORE) {
                for (sum, factor) in sums.iter_mut().zip(row) {
                    *sum += i32::from(*point) * i32::from(*factor);
                }
            }
            sums.map(|sum| ((sum + (1 << 14)) >> 15) as Self)
        } else {
            for (point, row) in points.iter().zip(&EXACT_CORE) {
                for (sum, factor) in sums.iter_mut().zip(row) {
                    *sum = sum.saturating_add(2 * i32::from(*point) * i32::from(*factor));
                }
            }
            sums.map(|sum| (sum.saturating_add(1 << 15) >> 16) as Self)
        }
    }

    fn combine(a: Self, x: Self, b: Self, y: Self) -> Self {
        // Two factors of one rotation are below 42,200 together, so the sum stays within 32
        // bits; clamping its rounded half equals clamping its double before rounding.
        let sum = i32::from(a) * i32::from(x) + i32::from(b) * i32::from(y);
        ((sum + (1 << 14)) >> 15).clamp(i32::from(Self::MIN), i32::from(Self::MAX)) as Self
    }
}

impl Number for f32 {
    const ZERO: Self = 0.0;
    const ROTATIONS: &'static Rotations<Self> = &SMOOTH_ROTATIONS;

    fn sum_and_difference(first: Self, second: Self) -> (Self, Self) {
        (first + second, first - second)
    }

    fn core(points: &[Self; CORE]) -> [Self; CORE] {
        let mut sums = [0.0; CORE];
        for (point, row) in points.iter().zip(&SMOOTH_CORE) {
            for (sum, factor) in sums.iter_mut().zip(row) {
                *sum += point * factor;
            }
        }
        sums
    }

    fn combine(a: Self, x: Self, b: Self, y: Self) -> Self {
        a * x + b * y
    }
}

/// Four factors per rotation; two neighbouring halves meet as (low, high) and leave as
/// (front, back), the back in reverse.
struct Rotations<T> {
    low_front: [T; ROTATIONS],
    high_front: [T; ROTATIONS],
    low_back: [T; ROTATIONS],
    high_back: [T; ROTATIONS],
}

const WINDOW_PEAK: f64 = 18_318.0;
const ROTATION_PEAK: f64 = 29_828.122;
const CORE_PEAK: f64 = 10_485.76;

static WINDOW: [i16; FRAME_SAMPLES] = {
    let mut window = [0; FRAME_SAMPLES];
    let mut n = 0;
    while n < FRAME_SAMPLES {
        window[n] = (WINDOW_PEAK * window_at(n)) as i16;
        n += 1;
    }
    window
};

static SMOOTH_WINDOW: [f32; FRAME_SAMPLES] = {
    let mut window = [0.0; FRAME_SAMPLES];
    let mut n = 0;
    while n < FRAME_SAMPLES {
        window[n] = window_at(n) as f32;
        n += 1;
    }
    window
};

const fn window_at(n: usize) -> f64 {
    sin_pi(2 * n as u32 + 1, 4 * FRAME_SAMPLES as u32)
}

static EXACT_CORE: [[i16; CORE]; CORE] = {
    let mut core = [[0; CORE]; CORE];
    let mut n = 0;
    while n < CORE * CORE {
        core[n / CORE][n % CORE] = nearest(CORE_PEAK * core_at(n / CORE, n % CORE));
        n += 1;
    }
    core
};

static SMOOTH_CORE: [[f32; CORE]; CORE] = {
    // Five passes of sums, each √2 too large, and the √(2/10) of ten points: together √(2/320).
    const SCALE: f64 = 0.079_056_941_504_209_48;
    let mut core = [[0.0; CORE]; CORE];
    let mut n = 0;
    while n < CORE * CORE {
        core[n / CORE][n % CORE] = (SCALE * core_at(n / CORE, n % CORE)) as f32;
        n += 1;
    }
    core
};

const fn core_at(input: usize, output: usize) -> f64 {
    cos_pi((2 * input as u32 + 1) * (2 * output as u32 + 1), 4 * CORE as u32)
}

static EXACT_ROTATIONS: Rotations<i16> = {
    let mut table = Rotations {
        low_front: [0; ROTATIONS],
        high_front: [0; ROTATIONS],
        low_back: [0; ROTATIONS],
        high_back: [0; ROTATIONS],
    };
    let mut n = 0;
    while n < ROTATIONS {
        let (cos, sin, sign) = rotation_at(n);
        let (cos, sin) = (nearest(ROTATION_PEAK * cos), nearest(ROTATION_PEAK * sin));
        table.low_front[n] = cos;
        table.high_front[n] = sign as i16 * sin;
        table.low_back[n] = -sin;
        table.high_back[n] = sign as i16 * cos;
        n += 1;
    }
    table
};

static SMOOTH_ROTATIONS: Rotations<f32> = {
    let mut table = Rotations {
        low_front: [0.0; ROTATIONS],
        high_front: [0.0; ROTATIONS],
        low_back: [0.0; ROTATIONS],
        high_back: [0.0; ROTATIONS],
    };
    let mut n = 0;
    while n < ROTATIONS {
        let (cos, sin, sign) = rotation_at(n);
        table.low_front[n] = cos as f32;
        table.high_front[n] = (sign * sin) as f32;
        table.low_back[n] = -sin as f32;
        table.high_back[n] = (sign * cos) as f32;
        n += 1;
    }
    table
};

/// Returns cosine and sine of the n-th rotation, and the sign with which the high half enters.
const fn rotation_at(n: usize) -> (f64, f64, f64) {
    let mut half = CORE;
    while 2 * half <= n + CORE {
        half *= 2;
    }
    let i = n + CORE - half;
    let (numerator, denominator) = (2 * i as u32 + 1, 8 * half as u32);
    let sign = if i.is_multiple_of(2) { 1.0 } else { -1.0 };
    (cos_pi(numerator, denominator), sin_pi(numerator, denominator), sign)
}
