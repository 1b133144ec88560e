//! The 320 bits of a frame.
//!
//! In memory the first bit is the most significant one of the first word. On the wire it is the
//! least significant one of the first byte, so whole words are mirrored on their way.

use super::FRAME_BYTES;

const WORDS: usize = FRAME_BYTES / 8;
/// Bits of a frame.
pub(super) const FRAME_BITS: u32 = 320;

/// Writes a frame field by field; what does not fit is cut.
pub(super) struct BitWriter {
    words: [u64; WORDS],
    length: u32,
}

impl BitWriter {
    pub(super) const fn new() -> Self {
        Self { words: [0; WORDS], length: 0 }
    }

    /// Returns how many bits were put in, which may be more than a frame has.
    pub(super) const fn length(&self) -> u32 {
        self.length
    }

    /// Appends the lowest `count` bits of `value`, from 1 to 32; the others must be zero.
    #[inline]
    pub(super) fn put(&mut self, value: u32, count: u32) {
        let aligned = u128::from(value) << (128 - count - self.length % 64);
        let first = (self.length / 64) as usize;
        if let Some(word) = self.words.get_mut(first) {
            *word |= (aligned >> 64) as u64;
        }
        if let Some(word) = self.words.get_mut(first + 1) {
            *word |= aligned as u64;
        }
        self.length += count;
    }

    /// Appends a code word that has a one in front.
    pub(super) fn put_word(&mut self, word: u32) {
        let count = word.ilog2();
        self.put(word ^ (1 << count), count);
    }

    /// Fills the frame up with ones and returns its bytes.
    pub(super) fn finish(mut self) -> [u8; FRAME_BYTES] {
        while self.length < FRAME_BITS {
            let count = (FRAME_BITS - self.length).min(31);
            self.put((1 << count) - 1, count);
        }
        let mut bytes = [0; FRAME_BYTES];
        for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(self.words) {
            *bytes = word.reverse_bits().to_le_bytes();
        }
        bytes
    }
}

/// Reads a frame field by field. Past its end there are zeros, and [`BitReader::overrun`] tells.
pub(super) struct BitReader {
    /// Two words of zeros stand behind the frame so that looking ahead needs no check.
    words: [u64; WORDS + 2],
    position: u32,
}

impl BitReader {
    pub(super) fn new(frame: &[u8; FRAME_BYTES]) -> Self {
        let mut words = [0; WORDS + 2];
        for (word, bytes) in words.iter_mut().zip(frame.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes).reverse_bits();
        }
        Self { words, position: 0 }
    }

    /// Returns the next 32 bits without taking them.
    #[inline]
    pub(super) fn peek(&self) -> u32 {
        let (index, offset) = ((self.position / 64) as usize, self.position % 64);
        let first = self.words.get(index).copied().unwrap_or(0);
        let second = self.words.get(index + 1).copied().unwrap_or(0);
        let both = u128::from(first) << 64 | u128::from(second);
        ((both << offset) >> 96) as u32
    }

    /// Takes `count` bits.
    #[inline]
    pub(super) const fn skip(&mut self, count: u32) {
        self.position += count;
    }

    /// Takes `count` bits, from 1 to 32, and returns them.
    pub(super) fn take(&mut self, count: u32) -> u32 {
        let value = self.peek() >> (32 - count);
        self.skip(count);
        value
    }

    /// Returns how many bits were taken, which may be more than there are.
    pub(super) const fn position(&self) -> u32 {
        self.position
    }

    /// Tells whether more bits were taken than there are.
    pub(super) const fn overrun(&self) -> bool {
        FRAME_BITS < self.position
    }

    /// Tells whether all the bits that are left are ones.
    pub(super) fn only_ones_left(mut self) -> bool {
        while self.position < FRAME_BITS {
            let count = (FRAME_BITS - self.position).min(32);
            if self.take(count).count_ones() < count {
                return false;
            }
        }
        true
    }
}
