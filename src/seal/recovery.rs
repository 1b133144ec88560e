//! The recovery key: the way back when every password is lost.
//!
//! It is an X25519 identity of `age` (<https://age-encryption.org/v1>): bech32 of the 32 private
//! bytes with the prefix `AGE-SECRET-KEY-`, in capitals. It is shown once; the hub keeps its public
//! half, and the household's key sealed for it (HPKE as for content keys, with a label of its own).

use std::fmt;

use bech32::{Bech32, Hrp};
use zeroize::Zeroizing;

use super::{
    PublicKey, SealError,
    format::{self, Form},
    household::HouseholdKey,
    recipient,
    secret::Secret,
};

const PREFIX: &str = "age-secret-key-";
const INFO: &[u8] = b"hutch household key for recovery";

/// The recovery key. Zeroed on drop; it cannot be printed by `Debug`, compared or cloned.
pub struct RecoveryKey(Secret);

/// The household's key, sealed for the recovery key.
#[derive(Clone, Eq, PartialEq)]
pub struct SealedHousehold(Vec<u8>);

impl RecoveryKey {
    /// Draws a new one.
    pub fn generate() -> Self {
        Self(Secret::random())
    }

    /// Reads what [`RecoveryKey::to_text`] wrote, in capitals or not, with spaces wherever people
    /// put them.
    pub fn from_text(text: &str) -> Result<Self, SealError> {
        let text: Zeroizing<String> =
            Zeroizing::new(text.chars().filter(|letter| !letter.is_whitespace()).collect());
        let parsed = bech32::primitives::decode::CheckedHrpstring::new::<Bech32>(&text)
            .map_err(|_not_bech32| SealError::NotSealed)?;
        if !parsed.hrp().as_str().eq_ignore_ascii_case(PREFIX) {
            return Err(SealError::NotSealed);
        }
        let mut bytes = Zeroizing::new([0; 32]);
        let mut n_bytes = 0;
        for (at, byte) in parsed.byte_iter().enumerate() {
            *bytes.get_mut(at).ok_or(SealError::NotSealed)? = byte;
            n_bytes = at + 1;
        }
        if n_bytes != bytes.len() {
            return Err(SealError::NotSealed);
        }
        Ok(Self(Secret::copied(&bytes)))
    }

    /// Returns the text to print: `AGE-SECRET-KEY-1` and 58 letters and digits.
    pub fn to_text(&self) -> Zeroizing<String> {
        let prefix = Hrp::parse(PREFIX).expect("the prefix is one");
        let text = bech32::encode_upper::<Bech32>(prefix, self.0.as_bytes());
        Zeroizing::new(text.expect("32 bytes are within the limit of bech32"))
    }

    /// Returns the public half.
    pub fn public(&self) -> PublicKey {
        recipient::public(&self.0)
    }

    pub(super) const fn secret(&self) -> &Secret {
        &self.0
    }

    /// Opens the household's key.
    pub fn open(&self, sealed: &SealedHousehold) -> Result<HouseholdKey, SealError> {
        let (Form::Household, body) = format::read(&sealed.0)? else {
            return Err(SealError::NotSealed);
        };
        let about = format::header(Form::Household);
        let key = recipient::open_bytes(&self.0, INFO, &about, body)?;
        Ok(HouseholdKey::from_bytes(&key))
    }
}

impl SealedHousehold {
    /// Seals the household's key for the recovery key with this public half.
    pub fn seal(household: &HouseholdKey, recovery: &PublicKey) -> Self {
        let header = format::header(Form::Household);
        let body = recipient::seal_bytes(recovery, INFO, &header, &household.to_bytes());
        Self([header.as_slice(), &body].concat())
    }

    /// Takes back what [`SealedHousehold::as_bytes`] gave, after a look at header and length.
    pub fn from_stored(bytes: Vec<u8>) -> Result<Self, SealError> {
        match format::read(&bytes)? {
            (Form::Household, body) if body.len() == recipient::BODY_BYTES => Ok(Self(bytes)),
            _ => Err(SealError::NotSealed),
        }
    }

    /// Returns the bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SealedHousehold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedHousehold")
    }
}
