//! The hub's own keys: for what it must read with nobody signed in.

use chacha20poly1305::ChaCha20Poly1305;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{
    About, SealError, Sealed,
    format::{self, Form},
    secret::Secret,
    stream,
};

const LABEL: &[u8] = b"hutch device";

/// Seals clips that wait for a toy and library items, which the hub plays by itself.
///
/// Zeroed on drop; it cannot be printed, compared or cloned.
pub struct DeviceKey(Secret);

impl DeviceKey {
    /// Draws a new key.
    pub fn generate() -> Self {
        Self(Secret::random())
    }

    /// Takes back what [`DeviceKey::to_bytes`] gave.
    pub fn from_bytes(bytes: &Zeroizing<[u8; 32]>) -> Self {
        Self(Secret::copied(bytes))
    }

    /// Returns the key, to be kept in a 0600 file or a credential and never in a backup.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.to_bytes()
    }

    /// Seals a clip. More than [`MAX_PLAIN_BYTES`](super::MAX_PLAIN_BYTES) is refused, the
    /// only way to fail.
    pub fn seal(&self, about: &About, plain: &[u8]) -> Result<Sealed, SealError> {
        let header = format::header(Form::Device);
        let about = about.encode(header, None);
        stream::seal(&self.0, LABEL, header, &about, plain).map(Sealed)
    }

    /// Opens a clip. Nothing comes out unless all of it is what was sealed for this item.
    pub fn open(&self, about: &About, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (Form::Device, _body) = format::read(sealed.as_bytes())? else {
            return Err(SealError::DoesNotOpen);
        };
        let about = about.encode(format::header(Form::Device), None);
        stream::open::<ChaCha20Poly1305>(&self.0, LABEL, &about, sealed.0.clone())
    }
}

/// Recognises what was fetched from a toy before, without keeping any of it.
///
/// A plain hash would let a thief of the database test guesses; this one says nothing
/// without the key. Zeroed on drop; it cannot be printed, compared or cloned.
pub struct HashKey(Secret);

impl HashKey {
    /// Draws a new key.
    pub fn generate() -> Self {
        Self(Secret::random())
    }

    /// Takes back what [`HashKey::to_bytes`] gave.
    pub fn from_bytes(bytes: &Zeroizing<[u8; 32]>) -> Self {
        Self(Secret::copied(bytes))
    }

    /// Returns the key, to be kept in a 0600 file.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.to_bytes()
    }

    /// Returns HMAC-SHA256 of these bytes.
    pub fn mac(&self, bytes: &[u8]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes())
            .expect("HMAC takes a key of any length");
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }
}
