//! Codes for when the phone with the app is gone.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::auth::code::Code;

/// How many codes somebody gets.
pub const N_CODES: usize = 10;

const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// What the hub keeps of the recovery codes that are left: a salted hash of each.
///
/// A code has 60 random bits. That is far too much for guessing at the door, and a thief of the
/// hashes would need years for one; they belong under the password all the same, with the secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecoveryCodes {
    salt: [u8; SALT_BYTES],
    hashes: Vec<[u8; HASH_BYTES]>,
}

/// The bytes are not those of recovery codes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("these are not the recovery codes of an account")]
pub struct NotRecoveryCodes;

impl RecoveryCodes {
    /// Draws ten codes, to be shown once, and what to keep of them.
    ///
    /// They read `XXXX-XXXX-XXXX`, without I, L, O and U.
    pub fn generate() -> (Vec<Zeroizing<String>>, Self) {
        let mut kept = Self { salt: [0; SALT_BYTES], hashes: Vec::new() };
        super::super::draw(&mut kept.salt);
        let mut shown = Vec::new();
        for _ in 0..N_CODES {
            let code = Code::generate();
            kept.hashes.push(kept.hash(&code));
            shown.push(code.to_text());
        }
        (shown, kept)
    }

    /// Takes back what [`RecoveryCodes::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotRecoveryCodes> {
        let (salt, hashes) = bytes.split_first_chunk().ok_or(NotRecoveryCodes)?;
        let (hashes, rest) = hashes.as_chunks();
        if !rest.is_empty() || N_CODES < hashes.len() {
            return Err(NotRecoveryCodes);
        }
        Ok(Self { salt: *salt, hashes: hashes.to_vec() })
    }

    /// Returns the bytes to keep.
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.salt.as_slice(), self.hashes.as_flattened()].concat()
    }

    /// Returns whether this is one of the codes, which it then is no more: keep what is left.
    ///
    /// Case, spaces and hyphens do not matter; O is read as 0, I and L as 1.
    pub fn use_code(&mut self, typed: &str) -> bool {
        let Some(code) = Code::parse(typed) else { return false };
        let used = self.hash(&code);
        let n_before = self.hashes.len();
        self.hashes.retain(|hash| !bool::from(hash.ct_eq(&used)));
        self.hashes.len() < n_before
    }

    /// Returns how many codes are left.
    pub fn n_left(&self) -> usize {
        self.hashes.len()
    }

    fn hash(&self, code: &Code) -> [u8; HASH_BYTES] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.salt).expect("HMAC takes a key of any length");
        mac.update(code.as_bytes());
        mac.finalize().into_bytes().into()
    }
}
