//! Files of `age` (<https://age-encryption.org/v1>): what backups are, so that a family can open theirs
//! without Hutch, with any program that knows the format.
//!
//! - A file begins with a header of lines: a *stanza* for each recipient, which holds the *file key*
//!   (16 random bytes) wrapped for it, and an HMAC of it all under the file key. For an X25519 key the
//!   wrap is ChaCha20-Poly1305 under what HKDF makes of a Diffie-Hellman with a key drawn for it; for a
//!   passphrase, under what scrypt makes of that, which then is the only stanza.
//! - Behind it come a nonce of 16 bytes and the content in segments of 64 KiB by the STREAM
//!   construction: no byte can be changed, and no segment reordered, left out or added.
//!
//! Content is streamed both ways: 64 KiB of it are in memory. What a [`Reader`] gave is right as far as
//! it goes; that it is whole is known at the end only.
//!
//! All numbers are those of the specification, but for the bound on the work of scrypt: a file decides
//! how much somebody works who opens it.

mod header;
mod payload;
#[cfg(test)]
mod tests;

use std::io::{self, Read, Write};

use zeroize::Zeroizing;

pub use self::payload::{Reader, Writer};
use super::{PublicKey, household::HouseholdKey, recovery::RecoveryKey, secret::Secret};

/// How every file begins.
pub const BEGINNING: &[u8] = header::MAGIC;

/// Why a file cannot be opened. None of it names a key or content.
#[derive(Debug, thiserror::Error)]
pub enum AgeError {
    /// It does not begin as such a file does, or its header is damaged.
    #[error("this is no backup, or its beginning is damaged")]
    NotAge,
    /// No stanza is for this key, or the passphrase is another.
    #[error("it does not open with this key")]
    OtherKey,
    /// It asks for a passphrase and was given a key, or the other way round.
    #[error("it opens with a passphrase")]
    WantsPassphrase,
    /// It has no passphrase.
    #[error("it opens with a key, and not with a passphrase")]
    WantsKey,
    /// Opening it would take more work than any file of ours: somebody means to wear the hub out.
    #[error("its passphrase was made to take far longer than a backup's")]
    TooMuchWork,
    /// The system refused.
    #[error("it could not be read; name a file, on a stick that is plugged in")]
    Io(#[from] io::Error),
}

/// Who may open a file.
pub enum Recipients<'a> {
    /// Whoever has one of these keys.
    Keys(&'a [PublicKey]),
    /// Whoever knows this.
    Passphrase(&'a str),
}

/// What opens a file.
pub enum Identity {
    /// The recovery key.
    Recovery(RecoveryKey),
    /// The hub's own key for rehearsals.
    Rehearsal(RehearsalKey),
    /// Words.
    Passphrase(Zeroizing<String>),
}

/// The key with which the hub opens its own backups to rehearse a restore: what is in them is sealed
/// for people all the same. Zeroed on drop; it cannot be printed, compared or cloned.
pub struct RehearsalKey(Secret);

impl RehearsalKey {
    /// Draws a new key.
    pub fn generate() -> Self {
        Self(Secret::random())
    }

    /// Takes back what [`RehearsalKey::to_bytes`] gave.
    pub fn from_bytes(bytes: &Zeroizing<[u8; 32]>) -> Self {
        Self(Secret::copied(bytes))
    }

    /// Returns the key, to be kept in a 0600 file and never in a backup.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.to_bytes()
    }

    /// Returns the public half.
    pub fn public(&self) -> PublicKey {
        super::recipient::public(&self.0)
    }
}

/// What was typed begins as a recovery key does, and is none.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this recovery key has a mistake in it: compare it letter by letter with your paper")]
pub struct Mistyped;

impl Identity {
    /// Takes what somebody typed: a recovery key, or else words.
    pub fn from_typed(text: &Zeroizing<String>) -> Result<Self, Mistyped> {
        let looks_like_key =
            text.trim_start().get(..4).is_some_and(|first| first.eq_ignore_ascii_case("age-"));
        match RecoveryKey::from_text(text) {
            Ok(key) => Ok(Self::Recovery(key)),
            Err(_) if looks_like_key => Err(Mistyped),
            Err(_) => Ok(Self::Passphrase(text.clone())),
        }
    }

    /// Opens the household's key, if this is the recovery key and the household's.
    pub fn open_household(
        &self,
        sealed: &super::recovery::SealedHousehold,
    ) -> Option<HouseholdKey> {
        match self {
            Self::Recovery(key) => key.open(sealed).ok(),
            Self::Rehearsal(_) | Self::Passphrase(_) => None,
        }
    }

    fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Recovery(key) => Some(key.secret()),
            Self::Rehearsal(key) => Some(&key.0),
            Self::Passphrase(_) => None,
        }
    }
}

/// Begins a file: writes its header. What is written to the result is its content, until
/// [`Writer::finish`].
///
/// # Panics
///
/// Without a recipient, for nobody could open the file.
pub fn seal<W: Write>(mut out: W, recipients: &Recipients<'_>) -> io::Result<Writer<W>> {
    let file_key = header::FileKey::random();
    out.write_all(&header::make(&file_key, recipients))?;
    Writer::begin(out, &file_key)
}

/// Opens a file as far as its header. What is read from the result is its content.
pub fn open<R: Read>(mut from: R, identity: &Identity) -> Result<Reader<R>, AgeError> {
    let file_key = header::read(&mut from)?.open(identity)?;
    Ok(Reader::begin(from, &file_key)?)
}
