//! Reading code words of varying length.

/// Bits of a window that the first look uses.
const FAST_BITS: u32 = 9;

/// A complete prefix code with words of at most 16 bits.
///
/// Left-aligned in 16 bits, each word owns an interval; the intervals cover everything, so each
/// window of bits starts with exactly one word.
pub(super) struct PrefixCode {
    /// For each value of the first bits, the first interval that may own the window.
    fast: Box<[u16; 1 << FAST_BITS]>,
    /// In order; the last one ends past all windows.
    intervals: Vec<Interval>,
}

#[derive(Clone, Copy)]
struct Interval {
    end: u32,
    symbol: u16,
    length: u8,
}

impl PrefixCode {
    /// Builds the code from its words, each with a one in front. Of symbols that share a word the
    /// first is meant.
    pub(super) fn new(words: &[u32]) -> Self {
        let mut intervals = Vec::with_capacity(words.len());
        for (symbol, word) in (0_u16..).zip(words) {
            let length = word.ilog2();
            let start = (word ^ (1 << length)) << (16 - length);
            let end = start + (1 << (16 - length));
            intervals.push(Interval { end, symbol, length: length as u8 });
        }
        // Sorting keeps equal words in the order of their symbols, and the first is found.
        intervals.sort_by_key(|interval| interval.end);

        let mut fast = Box::new([0; 1 << FAST_BITS]);
        let mut index = 0_u16;
        for (start, first) in (0_u32..).step_by(1 << (16 - FAST_BITS)).zip(fast.iter_mut()) {
            while intervals[usize::from(index)].end <= start {
                index += 1;
            }
            *first = index;
        }
        Self { fast, intervals }
    }

    /// Returns the symbol whose word the bits start with, and the length of that word.
    #[inline]
    pub(super) fn find(&self, bits: u32) -> (u16, u32) {
        let window = bits >> 16;
        let mut index = usize::from(self.fast[(bits >> (32 - FAST_BITS)) as usize]);
        while self.intervals[index].end <= window {
            index += 1;
        }
        let Interval { symbol, length, .. } = self.intervals[index];
        (symbol, u32::from(length))
    }
}
