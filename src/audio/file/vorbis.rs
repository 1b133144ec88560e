//! Vorbis: a check of its tables, before a decoder makes them.
//!
//! A few bits can ask for a table of megabytes, and there can be 256 of them.

use super::{FileError, UNUSUAL};
use crate::audio::wav::RATES;

/// Numbers in all tables together, ten times what encoders make.
const MAX_NUMBERS: u64 = 4 << 20;
/// Surround sound has up to eight channels.
const MAX_CHANNELS: u8 = 8;

/// Checks what the first packet says, and returns the rate.
pub(super) fn check_start(packet: &[u8]) -> Result<(), FileError> {
    let [1, b'v', b'o', b'r', b'b', b'i', b's', _, _, _, _, channels, a, b, c, d, ..] = packet
    else {
        return Err(FileError::Damaged);
    };
    let rate = u32::from_le_bytes([*a, *b, *c, *d]);
    if *channels == 0 || MAX_CHANNELS < *channels || !RATES.contains(&rate) {
        return Err(UNUSUAL);
    }
    Ok(())
}

/// Checks that the tables of the third packet are of a size that can be meant.
pub(super) fn check_tables(packet: &[u8]) -> Result<(), FileError> {
    let bytes = packet.strip_prefix(b"\x05vorbis").ok_or(FileError::Damaged)?;
    let mut bits = Bits { bytes, at: 0 };
    let n_tables = bits.take(8)? + 1;
    let mut n_numbers = 0_u64;
    for _ in 0..n_tables {
        n_numbers += bits.table()?;
        if MAX_NUMBERS < n_numbers {
            return Err(FileError::Damaged);
        }
    }
    Ok(())
}

/// Bits from the lowest on.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, n_bits: u32) -> Result<u32, FileError> {
        let mut bits = 0;
        for n in 0..n_bits {
            let byte = self.bytes.get(self.at / 8).ok_or(FileError::Damaged)?;
            bits |= u32::from(byte >> (self.at % 8) & 1) << n;
            self.at += 1;
        }
        Ok(bits)
    }

    fn skip(&mut self, n_bits: u64) -> Result<(), FileError> {
        let n_bits = usize::try_from(n_bits).map_err(|_far| FileError::Damaged)?;
        self.at = self.at.checked_add(n_bits).ok_or(FileError::Damaged)?;
        Ok(())
    }

    /// Goes over a table and returns how many numbers it will have.
    fn table(&mut self) -> Result<u64, FileError> {
        if self.take(24)? != 0x56_4342 {
            return Err(FileError::Damaged);
        }
        let n_dimensions = self.take(16)?;
        let n_entries = self.take(24)?;
        let is_ordered = self.take(1)? == 1;
        if is_ordered {
            self.skip(5)?;
            let mut n_known = 0;
            while n_known < n_entries {
                n_known += self.take(u32::BITS - (n_entries - n_known).leading_zeros())?;
            }
        } else if self.take(1)? == 1 {
            for _ in 0..n_entries {
                if self.take(1)? == 1 {
                    self.skip(5)?;
                }
            }
        } else {
            self.skip(5 * u64::from(n_entries))?;
        }
        let numbers = u64::from(n_entries) * u64::from(n_dimensions);
        let n_values = match self.take(4)? {
            0 => return Ok(n_entries.into()),
            1 => root(n_entries, n_dimensions).into(),
            2 => numbers,
            _ => return Err(FileError::Damaged),
        };
        self.skip(64)?;
        let value_bits = self.take(4)? + 1;
        self.skip(1)?;
        self.skip(n_values.saturating_mul(value_bits.into()))?;
        Ok(numbers + u64::from(n_entries))
    }
}

/// Returns the largest number that to the power of so many dimensions is no more than this.
fn root(n: u32, n_dimensions: u32) -> u32 {
    if n_dimensions == 0 {
        return 0;
    }
    let is_at_most = |x: u32| x.checked_pow(n_dimensions).is_some_and(|power| power <= n);
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = high - (high - low) / 2;
        if is_at_most(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}
