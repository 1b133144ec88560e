//! The bytes of an index: foot, blocks, and the bits in them.

use std::io;

use sha2::{Digest as _, Sha256};

pub(super) const HEAD: [u8; 8] = *b"HUTCHPW\x01";

/// The bits of an entry behind those that number its block.
pub(super) const LOW_BITS: u32 = 30;

/// With a table of 8 MiB, the most that an import has in memory at once.
pub(super) const MAX_PREFIX_BITS: u32 = 20;

/// The binary logarithm of how many entries are expected in a block.
const BLOCK_BITS: u32 = 10;

/// 64 times as many as expected; hashes that are spread by chance never come near it.
pub(super) const MAX_ENTRIES_OF_BLOCK: usize = 65_535;

/// More than any block that [`encode_block`] can make.
pub(super) const MAX_BLOCK_BYTES: u64 = 1 << 20;

pub(super) const OFFSET_BYTES: usize = 8;
pub(super) const FOOT_BYTES: usize = 37;

const CHECK_BYTES: usize = 4;
const N_ENTRIES_BYTES: usize = 2;

/// Why an index does not answer.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The file could not be read.
    #[error("could not read the index of breached passwords")]
    Read(#[source] io::Error),
    /// The file is something else, was cut short, or is of another version of Hutch.
    #[error("this is no index of breached passwords; import the list again")]
    NotAnIndex,
    /// Bytes of the file were changed.
    #[error("the index of breached passwords is damaged; import the list again")]
    Damaged,
}

/// What the end of the file says about the rest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Foot {
    pub(super) prefix_bits: u32,
    pub(super) entries: u64,
    pub(super) min_count: u64,
    pub(super) table_at: u64,
}

impl Foot {
    pub(super) fn encode(&self) -> [u8; FOOT_BYTES] {
        let Self { prefix_bits, entries, min_count, table_at } = *self;
        let prefix_bits = u8::try_from(prefix_bits).expect("a prefix has 20 bits at most");
        let fields = [
            [prefix_bits].as_slice(),
            &entries.to_le_bytes(),
            &min_count.to_le_bytes(),
            &table_at.to_le_bytes(),
        ]
        .concat();
        let bytes = [fields.as_slice(), &check(&[&fields]), &HEAD].concat();
        bytes.try_into().expect("the lengths add up")
    }

    /// Reads the foot of a file of this length.
    pub(super) fn decode(bytes: &[u8; FOOT_BYTES], file_bytes: u64) -> Result<Self, IndexError> {
        let Some((fields, head)) = bytes.split_last_chunk::<{ HEAD.len() }>() else {
            return Err(IndexError::NotAnIndex);
        };
        if *head != HEAD {
            return Err(IndexError::NotAnIndex);
        }
        let foot = Self::decode_checked(fields).ok_or(IndexError::Damaged)?;
        let is_whole = foot.expected_file_bytes() == Some(file_bytes);
        if is_whole { Ok(foot) } else { Err(IndexError::Damaged) }
    }

    fn decode_checked(fields: &[u8]) -> Option<Self> {
        let (fields, sum) = fields.split_last_chunk::<CHECK_BYTES>()?;
        if check(&[fields]) != *sum {
            return None;
        }
        let (&[prefix_bits], rest) = fields.split_first_chunk()?;
        let (&entries, rest) = rest.split_first_chunk()?;
        let (&min_count, rest) = rest.split_first_chunk()?;
        let (&table_at, _nothing) = rest.split_first_chunk()?;
        let prefix_bits = u32::from(prefix_bits);
        (prefix_bits <= MAX_PREFIX_BITS).then_some(Self {
            prefix_bits,
            entries: u64::from_le_bytes(entries),
            min_count: u64::from_le_bytes(min_count),
            table_at: u64::from_le_bytes(table_at),
        })
    }

    fn expected_file_bytes(&self) -> Option<u64> {
        let table_bytes = ((1_u64 << self.prefix_bits) + 1) * 8;
        self.table_at.checked_add(table_bytes)?.checked_add(u64::try_from(FOOT_BYTES).ok()?)
    }
}

/// Returns the bits that number the blocks of a list with up to that many lines.
pub(super) fn prefix_bits(lines_expected: u64) -> u32 {
    let bits = u64::BITS - lines_expected.saturating_sub(1).leading_zeros();
    bits.saturating_sub(BLOCK_BITS).min(MAX_PREFIX_BITS)
}

/// Returns the number of the block that a hash belongs to, and what stands for it there.
pub(super) fn split(hash: &[u8; 20], prefix_bits: u32) -> (u32, u32) {
    let [first, second, third, fourth, fifth, sixth, seventh, eighth, ..] = *hash;
    let start = u64::from_be_bytes([first, second, third, fourth, fifth, sixth, seventh, eighth]);
    let kept = start >> (u64::BITS - prefix_bits - LOW_BITS);
    let narrow = |bits: u64| u32::try_from(bits).expect("20 and 30 bits fit into 32");
    (narrow(kept >> LOW_BITS), narrow(kept & ((1 << LOW_BITS) - 1)))
}

/// Appends a block of entries that rise.
pub(super) fn encode_block(number: u32, entries: &[u32], out: &mut Vec<u8>) {
    if entries.is_empty() {
        return;
    }
    let begin = out.len();
    let n_entries = u16::try_from(entries.len()).expect("the import counts what goes into a block");
    let rice = LOW_BITS - (u16::BITS - n_entries.leading_zeros());
    out.extend(n_entries.to_le_bytes());
    out.push(u8::try_from(rice).expect("it is less than 30"));
    let mut bits = BitWriter { out, pending: 0, n_pending: 0 };
    let mut least = 0;
    for entry in entries {
        bits.put_rice(entry - least, rice);
        least = entry + 1;
    }
    bits.finish();
    let sum = check(&[&number.to_le_bytes(), out.get(begin..).unwrap_or_default()]);
    out.extend(sum);
}

/// Returns a block whose checksum fits, whatever it says.
#[cfg(test)]
pub(super) fn with_check(number: u32, mut body: Vec<u8>) -> Vec<u8> {
    let sum = check(&[&number.to_le_bytes(), &body]);
    body.extend(sum);
    body
}

/// Returns whether a block has this entry, or nothing if the block is damaged.
pub(super) fn is_in_block(number: u32, block: &[u8], wanted: u32) -> Option<bool> {
    if block.is_empty() {
        return Some(false);
    }
    let (body, sum) = block.split_last_chunk::<CHECK_BYTES>()?;
    if check(&[&number.to_le_bytes(), body]) != *sum {
        return None;
    }
    let (n_entries, rest) = body.split_first_chunk::<N_ENTRIES_BYTES>()?;
    let (&[rice], rest) = rest.split_first_chunk()?;
    let rice = Some(u32::from(rice)).filter(|rice| *rice <= LOW_BITS)?;
    let mut bits = BitReader { rest, pending: 0, n_pending: 0 };
    let mut least = 0_u32;
    for _ in 0..u16::from_le_bytes(*n_entries) {
        let entry = least.checked_add(bits.take_rice(rice)?)?;
        if wanted <= entry {
            return Some(entry == wanted);
        }
        least = entry.checked_add(1)?;
    }
    Some(false)
}

/// Returns the first bytes of SHA-256, against accidents and not against anybody's will.
fn check(parts: &[&[u8]]) -> [u8; CHECK_BYTES] {
    let mut sum = Sha256::new();
    for part in parts {
        sum.update(part);
    }
    let [first, second, third, fourth, ..]: [u8; 32] = sum.finalize().into();
    [first, second, third, fourth]
}

/// Writes bits, the highest first.
struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    pending: u64,
    n_pending: u32,
}

impl BitWriter<'_> {
    const MAX_BITS: u32 = 32;

    /// Writes up to 32 bits.
    fn put(&mut self, bits: u32, n_bits: u32) {
        self.pending = self.pending << n_bits | u64::from(bits);
        self.n_pending += n_bits;
        while 8 <= self.n_pending {
            self.n_pending -= 8;
            let [.., byte] = (self.pending >> self.n_pending).to_be_bytes();
            self.out.push(byte);
        }
    }

    fn put_rice(&mut self, number: u32, rice: u32) {
        let mut n_zeros = number >> rice;
        while Self::MAX_BITS <= n_zeros {
            self.put(0, Self::MAX_BITS);
            n_zeros -= Self::MAX_BITS;
        }
        self.put(0, n_zeros);
        self.put(1, 1);
        self.put(number & ((1 << rice) - 1), rice);
    }

    /// Fills the last byte with zeros.
    fn finish(mut self) {
        let n_missing = self.n_pending.next_multiple_of(8) - self.n_pending;
        self.put(0, n_missing);
    }
}

/// Reads what [`BitWriter`] wrote; nothing comes out behind the end.
struct BitReader<'a> {
    rest: &'a [u8],
    pending: u64,
    n_pending: u32,
}

impl BitReader<'_> {
    /// Reads up to 32 bits.
    fn take(&mut self, n_bits: u32) -> Option<u32> {
        while self.n_pending < n_bits {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            self.pending = self.pending << 8 | u64::from(*byte);
            self.n_pending += 8;
        }
        self.n_pending -= n_bits;
        let bits = self.pending >> self.n_pending & ((1 << n_bits) - 1);
        u32::try_from(bits).ok()
    }

    fn take_rice(&mut self, rice: u32) -> Option<u32> {
        let mut n_zeros = 0_u32;
        while self.take(1)? == 0 {
            n_zeros = n_zeros.checked_add(1)?;
        }
        let high = n_zeros.checked_mul(1 << rice)?;
        high.checked_add(self.take(rice)?)
    }
}
