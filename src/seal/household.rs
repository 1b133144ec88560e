//! The private half of the household's key, which opens everything.
//!
//! It lives for one request of a guardian, or one job that a guardian started. No keeper,
//! timer or event may name this module; the architecture test reads the source for that,
//! and nothing of it is re-exported.

use zeroize::Zeroizing;

use super::{
    About, ContentKey, PrivateKey, PublicKey, SealError, SealedKey, recipient, secret::Secret,
};

/// The household's private key. Zeroed on drop; it cannot be printed, compared or cloned.
pub struct HouseholdKey(Secret);

impl HouseholdKey {
    /// Draws a new key pair.
    pub fn generate() -> Self {
        Self(Secret::random())
    }

    /// Takes back what [`HouseholdKey::to_bytes`] gave.
    pub fn from_bytes(bytes: &Zeroizing<[u8; 32]>) -> Self {
        Self(Secret::copied(bytes))
    }

    /// Returns the private key, for wrapping and nothing else.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.to_bytes()
    }
}

impl PrivateKey for HouseholdKey {
    fn public(&self) -> PublicKey {
        recipient::public(&self.0)
    }

    fn open(&self, sealed: &SealedKey, about: &About) -> Result<ContentKey, SealError> {
        recipient::open(&self.0, about, sealed)
    }
}
