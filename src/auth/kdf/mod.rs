//! A key from a password: Argon2id (RFC 9106, version 1.3) with one lane, 16 bytes of salt and 32
//! bytes out.
//!
//! A password is hashed as the UTF-8 of its NFC: an accent is the same however a keyboard composed
//! it. Nothing else about it is changed, neither case nor spaces at its ends.
//!
//! The memory that Argon2 fills is zeroed afterwards, as is everything else here that a password
//! or key went through.

#[cfg(test)]
mod tests;

use std::time::Duration;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::{Zeroize, Zeroizing};

/// How long a salt is.
pub const SALT_BYTES: usize = 16;

/// What is aimed at by [`calibrated`].
const TARGET: Duration = Duration::from_millis(500);

/// Beyond it a small machine under load would take too long for whoever signs in.
const MAX_CALIBRATED_PASSES: u32 = 12;

/// Far more than Hutch ever writes, and far less than what would bring a small machine down.
const MAX_MEMORY_KIB: u32 = 256 << 10;
const MAX_PASSES: u32 = 64;

/// As much is asked for at the least, in blocks of 1 KiB, however much is filled.
///
/// What is larger than 32 MiB, glibc asks the system for by itself and gives back at once. Of what is
/// smaller it keeps the place, and puts other things into it: each password of a small machine would
/// take its 19 MiB anew, and for good. What is asked for and not touched takes no memory.
const MIN_BLOCKS: usize = 33 << 10;

/// What hashing a password takes. It is kept beside each salt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cost {
    /// Memory to fill, in KiB.
    pub memory_kib: u32,
    /// How many times over.
    pub passes: u32,
}

/// Why there is no key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KdfError {
    /// The cost is under [`Cost::FLOOR`] or absurdly high: the row that it was read from is damaged.
    #[error("a password cannot be hashed with {memory_kib} KiB and {passes} passes")]
    BadCost {
        /// The memory that it asks for.
        memory_kib: u32,
        /// The passes that it asks for.
        passes: u32,
    },
    /// There is not enough memory at the moment.
    #[error("there is not enough free memory to hash a password")]
    NoMemory,
}

impl Cost {
    /// What no password is ever hashed with less than.
    pub const FLOOR: Self = Self { memory_kib: 19 << 10, passes: 2 };

    /// What passwords are hashed with where there is memory for it.
    const FULL: Self = Self { memory_kib: 64 << 10, passes: 3 };

    /// What a machine sold with 1 GB has at the least, in bytes.
    ///
    /// Linux counts about 900 MiB on such a Raspberry Pi, as firmware and kernel keep the rest;
    /// up to 256 MiB may have gone to its graphics. A machine with 512 MB never has as much.
    const GIGABYTE_AS_SEEN: u64 = 768 << 20;

    /// Returns the cost for a machine with this much memory, as its kernel counts it.
    pub const fn for_memory(total_bytes: u64) -> Self {
        if total_bytes < Self::GIGABYTE_AS_SEEN { Self::FLOOR } else { Self::FULL }
    }

    /// Takes back what was kept, if it can be one of ours.
    pub const fn from_stored(memory_kib: u32, passes: u32) -> Result<Self, KdfError> {
        let cost = Self { memory_kib, passes };
        let is_sane =
            cost.is_at_least(&Self::FLOOR) && memory_kib <= MAX_MEMORY_KIB && passes <= MAX_PASSES;
        if is_sane { Ok(cost) } else { Err(KdfError::BadCost { memory_kib, passes }) }
    }

    /// Returns the larger of both in memory and in passes.
    #[must_use]
    pub fn raised_to(&self, other: &Self) -> Self {
        Self {
            memory_kib: self.memory_kib.max(other.memory_kib),
            passes: self.passes.max(other.passes),
        }
    }

    /// Returns whether this is at least the other in memory and in passes.
    pub const fn is_at_least(&self, other: &Self) -> bool {
        other.memory_kib <= self.memory_kib && other.passes <= self.passes
    }
}

/// Returns the cost at which one hash takes about half a second, given how long it took at this one.
///
/// Only passes are raised, to 12 at most; nothing is ever lowered. So whatever a busy machine
/// measures, the outcome is at least what went in.
#[must_use]
pub fn calibrated(cost: Cost, took: Duration) -> Cost {
    let fitting = u128::from(cost.passes) * TARGET.as_nanos() / took.as_nanos().max(1);
    let fitting = u32::try_from(fitting).unwrap_or(u32::MAX).min(MAX_CALIBRATED_PASSES);
    Cost { passes: fitting.max(cost.passes), ..cost }
}

/// Draws the salt for a password.
pub fn new_salt() -> [u8; SALT_BYTES] {
    let mut salt = [0; SALT_BYTES];
    super::draw(&mut salt);
    salt
}

/// Makes the key of a password. It takes long: not for a thread that others wait for.
///
/// What the cost may be is looked at here too, before any memory is asked for.
pub fn derive(password: &str, salt: &[u8; SALT_BYTES], cost: Cost) -> Result<Key, KdfError> {
    let Cost { memory_kib, passes } = Cost::from_stored(cost.memory_kib, cost.passes)?;
    hash(super::normal::nfc(password).as_bytes(), salt, Cost { memory_kib, passes })
}

/// Hashes without a look at the cost; salts of other lengths are for the tests.
fn hash(password: &[u8], salt: &[u8], cost: Cost) -> Result<Key, KdfError> {
    let Cost { memory_kib, passes } = cost;
    let params = Params::new(memory_kib, passes, 1, Some(Key::N_BYTES))
        .map_err(|_which| KdfError::BadCost { memory_kib, passes })?;
    let mut memory = Memory::of(params.block_count())?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Ok(Key::filled_by(|key| {
        argon2
            .hash_password_into_with_memory(password, salt, key, memory.0.as_mut_slice())
            .expect("lengths and memory are as the parameters say");
    }))
}

/// What Argon2 fills, zeroed on drop.
struct Memory(Vec<Block>);

impl Memory {
    fn of(n_blocks: usize) -> Result<Self, KdfError> {
        let mut blocks = Vec::new();
        let asked = blocks.try_reserve_exact(n_blocks.max(MIN_BLOCKS));
        asked.map_err(|_how_much| KdfError::NoMemory)?;
        blocks.resize(n_blocks, Block::new());
        Ok(Self(blocks))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // Not as a `Zeroizing` does it, which would touch what was only asked for.
        self.0.iter_mut().for_each(Zeroize::zeroize);
    }
}

/// Thirty-two secret bytes. Zeroed on drop; it cannot be printed, compared or cloned.
///
/// They live on the heap, so that moving a key leaves no copy behind.
pub struct Key(Box<Zeroizing<[u8; Self::N_BYTES]>>);

impl Key {
    const N_BYTES: usize = 32;

    /// Has the bytes written straight to where they stay.
    pub(super) fn filled_by(fill: impl FnOnce(&mut [u8; Self::N_BYTES])) -> Self {
        let mut bytes = Box::new(Zeroizing::new([0; Self::N_BYTES]));
        fill(&mut bytes);
        Self(bytes)
    }

    /// Returns the bytes, for wrapping and unwrapping and nothing else.
    pub fn as_bytes(&self) -> &[u8; Self::N_BYTES] {
        &self.0
    }
}
