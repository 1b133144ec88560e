//! The household's public key, which is there from the moment that the household is.

use std::sync::{PoisonError, RwLock};

use super::HubError;
use crate::seal::PublicKey;

/// What recordings and messages are sealed for.
#[derive(Default)]
pub struct Household(RwLock<Option<PublicKey>>);

impl Household {
    /// Returns the key in use.
    pub fn key(&self) -> Result<PublicKey, HubError> {
        let key = *self.0.read().unwrap_or_else(PoisonError::into_inner);
        key.ok_or(HubError::NotSetUp)
    }

    /// Takes the key into use that the store has, at the start.
    pub fn resume(&self, key: PublicKey) {
        self.set(key);
    }

    /// Takes another key into use.
    pub(super) fn set(&self, key: PublicKey) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(key);
    }
}
