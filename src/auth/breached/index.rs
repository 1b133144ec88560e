//! Looking up in an index.

use std::{
    io::{Read, Seek, SeekFrom},
    mem,
};

use super::format::{self, FOOT_BYTES, Foot, IndexError, LOW_BITS, MAX_BLOCK_BYTES, OFFSET_BYTES};

/// A list of breached passwords in a file that [`import`](super::import()) made.
///
/// It has next to nothing in memory. Opening takes one small read, looking up takes two.
pub struct Index<R> {
    file: R,
    foot: Foot,
    fault: Option<IndexError>,
}

impl<R: Read + Seek> Index<R> {
    /// Opens an index, after a look at its end.
    pub fn open(mut file: R) -> Result<Self, IndexError> {
        let file_bytes = file.seek(SeekFrom::End(0)).map_err(IndexError::Read)?;
        let foot_bytes = u64::try_from(FOOT_BYTES).unwrap_or(u64::MAX);
        let foot_at = file_bytes.checked_sub(foot_bytes).ok_or(IndexError::NotAnIndex)?;
        let mut foot = [0; FOOT_BYTES];
        read_at(&mut file, foot_at, &mut foot)?;
        let foot = Foot::decode(&foot, file_bytes)?;
        Ok(Self { file, foot, fault: None })
    }

    /// Returns whether the password is on the list, as it is or with its accents composed.
    pub fn contains(&mut self, password: &str) -> Result<bool, IndexError> {
        let composed = crate::auth::normal::nfc(password);
        if self.contains_hash(&super::hash(&composed))? {
            return Ok(true);
        }
        if *composed == password {
            return Ok(false);
        }
        self.contains_hash(&super::hash(password))
    }

    /// Returns whether the password with this SHA-1 hash is on the list.
    pub fn contains_hash(&mut self, hash: &[u8; 20]) -> Result<bool, IndexError> {
        let Foot { prefix_bits, table_at, .. } = self.foot;
        let (number, entry) = format::split(hash, prefix_bits);
        let mut offsets = [0; 2 * OFFSET_BYTES];
        let offset_at = table_at.checked_add(u64::from(number) * 8).ok_or(IndexError::Damaged)?;
        read_at(&mut self.file, offset_at, &mut offsets)?;
        let (begin, end) = split_offsets(&offsets);
        let length = end.checked_sub(begin).filter(|length| *length <= MAX_BLOCK_BYTES);
        let length = length.filter(|_| end <= table_at).ok_or(IndexError::Damaged)?;
        let mut block = vec![0; usize::try_from(length).map_err(|_too_long| IndexError::Damaged)?];
        read_at(&mut self.file, begin, &mut block)?;
        format::is_in_block(number, &block, entry).ok_or(IndexError::Damaged)
    }

    /// Returns how many passwords are on the list, without those that it cannot tell apart.
    pub fn entries(&self) -> u64 {
        self.foot.entries
    }

    /// Returns how often a password had to be breached to be on the list.
    pub fn min_count(&self) -> u64 {
        self.foot.min_count
    }

    /// Returns among how many passwords that are not on the list one is taken for it.
    pub fn one_mistake_in(&self) -> u64 {
        (1_u64 << (self.foot.prefix_bits + LOW_BITS)) / self.foot.entries.max(1)
    }

    /// Returns why [`Breached::has`](super::Breached::has) could not tell, once.
    pub fn take_fault(&mut self) -> Option<IndexError> {
        mem::take(&mut self.fault)
    }

    pub(super) fn set_fault(&mut self, fault: IndexError) {
        self.fault = Some(fault);
    }
}

fn read_at(file: &mut (impl Read + Seek), at: u64, into: &mut [u8]) -> Result<(), IndexError> {
    file.seek(SeekFrom::Start(at)).map_err(IndexError::Read)?;
    file.read_exact(into).map_err(IndexError::Read)
}

/// Returns the two numbers that stand side by side in the table.
fn split_offsets(offsets: &[u8; 2 * OFFSET_BYTES]) -> (u64, u64) {
    let numbers = u128::from_le_bytes(*offsets);
    let low = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(u64::MAX);
    (low(numbers), low(numbers >> u64::BITS))
}
