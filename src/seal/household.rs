//! The private half of the household's key, which opens everything.
//!
//! It lives for one request of a guardian, or one job that a guardian started. No keeper,
//! timer or event may name this module; the architecture test reads the source for that,
//! and nothing of it is re-exported.

use zeroize::Zeroizing;

use super::{
    About, ContentKey, PrivateKey, PublicKey, SealError, SealedKey, recipient, secret::Secret,
};

/// The household's private key. Zeroed on drop; it cannot be printed or compared.
pub struct HouseholdKey {
    own: Secret,
    /// The one before, while there are items that only it opens.
    previous: Option<Secret>,
}

impl HouseholdKey {
    /// Draws a new key pair.
    pub fn generate() -> Self {
        Self { own: Secret::random(), previous: None }
    }

    /// Takes back what [`HouseholdKey::to_bytes`] gave.
    pub fn from_bytes(bytes: &Zeroizing<[u8; 32]>) -> Self {
        Self { own: Secret::copied(bytes), previous: None }
    }

    /// Returns the private key, for wrapping and nothing else. The one before is not in it.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.own.to_bytes()
    }

    /// Returns the same key once more, for a session or a job that outlives the request.
    #[must_use]
    pub fn again(&self) -> Self {
        let again = |secret: &Secret| Secret::copied(&secret.to_bytes());
        Self { own: again(&self.own), previous: self.previous.as_ref().map(again) }
    }

    pub(super) const fn own(&self) -> &Secret {
        &self.own
    }

    pub(super) fn set_previous(&mut self, previous: &Zeroizing<[u8; 32]>) {
        self.previous = Some(Secret::copied(previous));
    }
}

impl PrivateKey for HouseholdKey {
    fn public(&self) -> PublicKey {
        recipient::public(&self.own)
    }

    fn open(&self, sealed: &SealedKey, about: &About) -> Result<ContentKey, SealError> {
        match (recipient::open(&self.own, about, sealed), &self.previous) {
            (Err(SealError::DoesNotOpen), Some(previous)) => {
                recipient::open(previous, about, sealed)
            }
            (opened, _) => opened,
        }
    }
}
