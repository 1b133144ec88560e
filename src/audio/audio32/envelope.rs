//! How loud each region is, in steps of 3 dB.

use std::sync::LazyLock;

use super::bits::{BitReader, BitWriter};
use super::prefix::PrefixCode;
use super::tables::ENVELOPE_CODES;
use super::{REGION_WIDTH, REGIONS};

/// The loudest level a region can have.
pub(super) const MAX_LEVEL: i32 = 24;
/// The quietest level of the first region, which is sent in five bits.
const MIN_FIRST: i32 = -6;
/// The quietest level of the others.
pub(super) const MIN_LEVEL: i32 = -15;
/// Added to the first level before it is sent.
const FIRST_OFFSET: i32 = 7;
/// Steps from region to region go from -12 to 11.
const MAX_FALL: i32 = 12;
const MAX_RISE: i32 = 11;

/// One level per region.
pub(super) type Envelope = [i32; REGIONS];

/// Measures the levels of coefficients whose samples were shifted left by `shift`, as near as
/// the code words can tell them.
pub(super) fn measure(regions: &[[i16; REGION_WIDTH]; REGIONS], shift: i32) -> Envelope {
    let mut levels = regions.map(|region| level(&region) - 2 * shift + 11);
    // A step may not rise by more than its code can say: lift the region before it instead.
    for r in (0..REGIONS - 1).rev() {
        levels[r] = levels[r].max(levels[r + 1] - MAX_RISE);
    }
    levels[0] = levels[0].clamp(MIN_FIRST, MAX_LEVEL);
    for r in 1..REGIONS {
        let wanted = levels[r].clamp(MIN_LEVEL, MAX_LEVEL);
        levels[r] = wanted.max(levels[r - 1] - MAX_FALL);
    }
    levels
}

/// Returns the energy of a region as a power of two, rounded.
fn level(region: &[i16; REGION_WIDTH]) -> i32 {
    let energy = region.iter().map(|x| u64::from(i32::from(*x).unsigned_abs().pow(2))).sum::<u64>();
    let energy = u32::try_from(energy)
        .map_or(i32::MAX.unsigned_abs(), |energy| energy.min(i32::MAX.unsigned_abs()));
    // Bring the energy to 16 bits; nothing at all counts as 16 steps below them.
    let power = (16 - energy.leading_zeros() as i32).max(-16);
    let mantissa = if power < 0 { energy << -power } else { energy >> power };
    // The sum is over 20, not 16: half way between two powers is at 20/16 · √2.
    power + i32::from(28_963 <= mantissa >> 1)
}

/// Appends the levels to a frame.
pub(super) fn write(levels: &Envelope, bits: &mut BitWriter) {
    bits.put((levels[0] + FIRST_OFFSET).unsigned_abs(), 5);
    for (words, pair) in ENVELOPE_CODES.iter().zip(levels.windows(2)) {
        let step = pair[1] - pair[0] + MAX_FALL;
        bits.put_word(words[step.unsigned_abs() as usize]);
    }
}

/// Takes the levels from a frame, if they are levels that an encoder could have sent.
pub(super) fn read(bits: &mut BitReader) -> Option<Envelope> {
    static CODES: LazyLock<[PrefixCode; REGIONS - 1]> =
        LazyLock::new(|| ENVELOPE_CODES.map(|words| PrefixCode::new(&words)));
    let mut levels = [0; REGIONS];
    levels[0] = bits.take(5).cast_signed() - FIRST_OFFSET;
    for (r, code) in CODES.iter().enumerate() {
        let (symbol, count) = code.find(bits.peek());
        bits.skip(count);
        levels[r + 1] = levels[r] + i32::from(symbol) - MAX_FALL;
    }
    let possible = MIN_LEVEL..=MAX_LEVEL;
    levels.iter().all(|level| possible.contains(level)).then_some(levels)
}
