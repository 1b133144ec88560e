//! How the bits of a frame are shared out among its regions.
//!
//! Encoder and decoder both derive sixteen ways of doing it from the envelope alone, from generous
//! to sparing; four bits of the frame say which one it uses.

use super::REGIONS;
use super::bits::FRAME_BITS;
use super::envelope::Envelope;
use super::tables::EXPECTED_BITS;

/// How many categorizations there are.
pub(super) const CHOICES: usize = 16;
/// Bits that name one of them.
pub(super) const CHOICE_BITS: u32 = 4;
/// The category that sends nothing.
pub(super) const SILENT: u8 = 7;

/// The sixteen categorizations of a frame.
pub(super) struct Categorizations {
    /// The most generous one.
    first: [u8; REGIONS],
    /// Each further one sends this region in the next higher category.
    pub(super) steps: [u8; CHOICES - 1],
}

impl Categorizations {
    /// Derives them for a frame that spent `spent` bits on its envelope.
    pub(super) fn new(envelope: &Envelope, spent: u32) -> Self {
        let available = FRAME_BITS.saturating_sub(spent + CHOICE_BITS).cast_signed();
        let offset = offset(envelope, available);
        let start = envelope.map(|level| category(offset, level));
        let total = start.iter().map(|c| expected(*c)).sum::<i32>();

        let (mut generous, mut sparing) = (start, start);
        let (mut more, mut less) = (total, total);
        let mut refine = Keys::new(i16::MAX);
        let mut coarsen = Keys::new(i16::MIN);
        for (r, level) in envelope.iter().enumerate() {
            if 0 < start[r] {
                refine.set(r, offset - level, start[r]);
            }
            if start[r] < SILENT {
                coarsen.set(r, offset - level, start[r]);
            }
        }

        // Regions made finer go to the front of the list, coarser ones to its end.
        let mut list = [0; 2 * (CHOICES - 1)];
        let (mut front, mut end) = (CHOICES - 1, CHOICES - 1);
        for _ in 1..CHOICES {
            if more + less <= 2 * available {
                let r = refine.smallest();
                front -= 1;
                list[front] = r as u8;
                more -= expected(generous[r]);
                generous[r] = generous[r].saturating_sub(1);
                more += expected(generous[r]);
                if 0 < generous[r] {
                    refine.set(r, offset - envelope[r], generous[r]);
                } else {
                    refine.unset(r);
                }
            } else {
                let r = coarsen.largest();
                list[end] = r as u8;
                end += 1;
                less -= expected(sparing[r]);
                sparing[r] = SILENT.min(sparing[r] + 1);
                less += expected(sparing[r]);
                if sparing[r] < SILENT {
                    coarsen.set(r, offset - envelope[r], sparing[r]);
                } else {
                    coarsen.unset(r);
                }
            }
        }
        let mut steps = [0; CHOICES - 1];
        steps.copy_from_slice(&list[front..end]);
        Self { first: generous, steps }
    }

    /// Returns the category of each region in one of the categorizations.
    pub(super) fn choice(&self, number: usize) -> [u8; REGIONS] {
        let mut categories = self.first;
        for r in &self.steps[..number] {
            let category = &mut categories[usize::from(*r)];
            *category = SILENT.min(*category + 1);
        }
        categories
    }
}

/// Finds the largest offset whose categories are still expected to fill the frame, but for 32 bits.
fn offset(envelope: &Envelope, available: i32) -> i32 {
    let mut offset = -32;
    for step in [32, 16, 8, 4, 2, 1] {
        let wanted = envelope.iter().map(|level| expected(category(offset + step, *level)));
        if available - 32 <= wanted.sum() {
            offset += step;
        }
    }
    offset
}

fn category(offset: i32, level: i32) -> u8 {
    ((offset - level) >> 1).clamp(0, i32::from(SILENT)) as u8
}

fn expected(category: u8) -> i32 {
    EXPECTED_BITS[usize::from(category)]
}

/// What regions are chosen by, with the region in the lowest bits: one minimum or maximum over
/// all finds the region and breaks ties towards the lower or higher one.
struct Keys {
    keys: [i16; 16],
    /// The key of a region that cannot be chosen.
    none: i16,
}

impl Keys {
    fn new(none: i16) -> Self {
        Self { keys: [none; 16], none }
    }

    fn set(&mut self, region: usize, distance: i32, category: u8) {
        self.keys[region] = ((distance - 2 * i32::from(category)) << 4) as i16 | region as i16;
    }

    fn unset(&mut self, region: usize) {
        self.keys[region] = self.none;
    }

    fn smallest(&self) -> usize {
        Self::region(self.keys.iter().fold(i16::MAX, |best, key| best.min(*key)))
    }

    fn largest(&self) -> usize {
        Self::region(self.keys.iter().fold(i16::MIN, |best, key| best.max(*key)))
    }

    fn region(key: i16) -> usize {
        // With no region left to choose any will do: its category stays where it is.
        ((key & 0xf) as usize).min(REGIONS - 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::envelope::{MAX_LEVEL, MIN_LEVEL};
    use super::*;

    proptest! {
        /// Damaged frames bring envelopes that no sound has; they too are shared out.
        #[test]
        fn each_choice_is_coarser_than_the_one_before_by_at_most_one_region(
            levels in any_envelope(),
            spent in 0..FRAME_BITS,
        ) {
            let categorizations = Categorizations::new(&levels, spent);

            for number in 1..CHOICES {
                let pair = categorizations.choice(number - 1).into_iter().zip(categorizations.choice(number));
                let coarser = pair.map(|(before, after)| {
                    assert!(before <= after && after <= SILENT);
                    after - before
                });
                prop_assert!(coarser.sum::<u8>() <= 1);
            }
        }
    }

    fn any_envelope() -> impl Strategy<Value = Envelope> {
        let level = MIN_LEVEL..=MAX_LEVEL;
        prop_oneof![prop::array::uniform14(level.clone()), level.prop_map(|level| [level; REGIONS]),]
    }
}
