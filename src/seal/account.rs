//! The private half of the key of a relative or child screen, which opens what was shared with it.

use zeroize::Zeroizing;

use super::{
    About, ContentKey, PrivateKey, PublicKey, SealError, SealedKey, recipient, secret::Secret,
};

/// The private key of a relative, of a child screen, or of an invitation until one of them has
/// accepted it. Zeroed on drop; it cannot be printed, compared or cloned.
pub struct AccountKey(Secret);

impl AccountKey {
    /// Draws a new key pair.
    pub fn generate() -> Self {
        Self(Secret::random())
    }

    /// Takes back what [`AccountKey::to_bytes`] gave.
    pub fn from_bytes(bytes: &Zeroizing<[u8; 32]>) -> Self {
        Self(Secret::copied(bytes))
    }

    /// Returns the private key, for wrapping and nothing else.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.to_bytes()
    }

    /// Returns the same key once more, for work on another thread.
    #[must_use]
    pub fn again(&self) -> Self {
        Self(Secret::copied(&self.0.to_bytes()))
    }
}

impl PrivateKey for AccountKey {
    fn public(&self) -> PublicKey {
        recipient::public(&self.0)
    }

    fn open(&self, sealed: &SealedKey, about: &About) -> Result<ContentKey, SealError> {
        recipient::open(&self.0, about, sealed)
    }
}
