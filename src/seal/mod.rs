//! Sealing: what keeps a child's voice from whoever carries the card away.
//!
//! *Sealing* needs public keys only, so a recording is sealed the moment it is
//! complete, with nobody signed in. *Opening* needs a private key.
//!
//! - Every item has a [`ContentKey`] of its own, drawn at random. Each [`Part`] of
//!   the item (its sound, its waveform, its text) is sealed under a key derived
//!   from it, in segments: see [`stream`].
//! - The content key itself is sealed with HPKE for each recipient's
//!   [`PublicKey`]: see [`recipient`]. Sharing adds one small [`SealedKey`], never
//!   a second copy of the sound.
//! - What belongs to which item, child and sender is bound by [`About`]: bytes moved
//!   to another row do not open.
//! - Clips that wait for a toy are sealed under the hub's own [`DeviceKey`]; what was
//!   fetched from a toy is remembered by a [`HashKey`].
//! - Private keys themselves are kept as [`Wrap`]s, under keys that follow from a password or a
//!   cookie; the household's also for the [`recovery`] key.
//! - A relative, a child screen and an open invitation have an [`AccountKey`], which opens what was
//!   shared with them.
//! - Backups are files of [`age`], for the recovery key.
//! - The private half of the household's key is in [`household`], apart from the rest,
//!   because no keeper, timer, event or relative's request may name it.
//!
//! Everything sealed begins with the same six bytes: the magic `89 48 54 43`, one byte
//! for the form (1 part of an item, 2 under the device key, 3 key for a recipient, 4 wrap,
//! 5 household key for recovery, 6 household key before) and one for the version of the format (1). The first is not ASCII, so no text, WAV,
//! Ogg or toy file can be taken for something sealed.
//!
//! Pure: no I/O and no clock. Randomness is drawn here and is no argument,
//! so that no caller can pass a weak one. Should the kernel refuse it, which
//! it does not once it has booted, sealing panics rather than go on without.
//!
//! Not in here: what becomes of a password until it is a key, and where any key is kept.

mod about;
mod account;
pub mod age;
mod content;
mod device;
mod format;
pub mod household;
mod previous;
mod recipient;
pub mod recovery;
mod secret;
mod stream;
#[cfg(test)]
mod tests;
mod wrap;

use std::fmt;

pub use about::{About, Kind, Part};
pub use account::AccountKey;
pub use content::{ContentKey, new_content_key};
pub use device::{DeviceKey, HashKey};
pub use previous::SealedPrevious;
pub use recipient::PublicKey;
pub use wrap::{Opener, Place, Wrap, WrapKey};

use format::Form;

/// The most that can be sealed as one piece, in bytes: 16 MiB, an hour and a half of kept sound.
///
/// The whole piece is in memory while it is sealed or opened.
pub const MAX_PLAIN_BYTES: usize = 16 << 20;

/// Why something could not be sealed or opened. None of it names a key or content.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SealError {
    /// The bytes are not something that Hutch sealed, or were cut short.
    #[error("these bytes were not sealed by Hutch, or are damaged")]
    NotSealed,
    /// A later Hutch sealed it.
    #[error("this was sealed by a newer version of Hutch; install that version to open it")]
    TooNew,
    /// The plain bytes are more than [`MAX_PLAIN_BYTES`].
    #[error("this is too large to be sealed as one piece; split it")]
    TooLarge,
    /// The key is not the right one, the bytes belong elsewhere, or they were changed.
    #[error("this does not open: the key is not the right one or the bytes were changed")]
    DoesNotOpen,
    /// The 32 bytes are not a public key that anything can be sealed for.
    #[error("this is not a usable public key")]
    WeakPublicKey,
}

/// The private half of a key pair that content keys are sealed for.
pub trait PrivateKey {
    /// Returns the public half, which is no secret.
    fn public(&self) -> PublicKey;

    /// Opens the content key of an item that was sealed for the public half.
    fn open(&self, sealed: &SealedKey, about: &About) -> Result<ContentKey, SealError>;
}

/// One sealed part of an item, or something sealed under the device key.
///
/// Only this module makes one: plain bytes cannot pass for it.
#[derive(Clone, Eq, PartialEq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes back what [`Sealed::as_bytes`] gave, after a look at header and length.
    ///
    /// Whether it opens, and with which key, only opening tells.
    pub fn from_stored(bytes: Vec<u8>) -> Result<Self, SealError> {
        let (form, body) = format::read(&bytes)?;
        match form {
            Form::Part | Form::Device if stream::is_plausible(body) => Ok(Self(bytes)),
            _ => Err(SealError::NotSealed),
        }
    }

    /// Returns the bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// An item's content key, sealed for one recipient.
#[derive(Clone, Eq, PartialEq)]
pub struct SealedKey(Vec<u8>);

impl SealedKey {
    /// Takes back what [`SealedKey::as_bytes`] gave, after a look at header and length.
    pub fn from_stored(bytes: Vec<u8>) -> Result<Self, SealError> {
        match format::read(&bytes)? {
            (Form::Key, body) if body.len() == recipient::BODY_BYTES => Ok(Self(bytes)),
            _ => Err(SealError::NotSealed),
        }
    }

    /// Returns the bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// An item's content key, and for whom it is sealed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyFor {
    /// Whose private half opens it.
    pub recipient: PublicKey,
    /// The key.
    pub key: SealedKey,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

impl fmt::Debug for SealedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedKey")
    }
}
