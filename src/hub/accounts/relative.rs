//! Relatives and child screens, as they ask: with keys of their own, which open what was shared.
//!
//! Neither this module nor anything that a relative can ask for names the household's key.

use super::callers::{Asks, Seat};
use crate::{
    model::{AccountId, Role},
    seal::{About, AccountKey, ContentKey, PrivateKey, SealError, SealedKey},
};

/// Proof that a relative asks, with its key in its hand. Lives for one request.
pub struct Relative {
    seat: Seat,
    key: AccountKey,
}

/// Proof that a child screen asks, with its key in its hand. Lives for one request.
pub struct Screen {
    seat: Seat,
    key: AccountKey,
}

impl Relative {
    pub(super) const fn new(seat: Seat, key: AccountKey) -> Self {
        Self { seat, key }
    }
}

impl Screen {
    pub(super) const fn new(seat: Seat, key: AccountKey) -> Self {
        Self { seat, key }
    }

    /// Returns the account that asks.
    pub const fn account(&self) -> AccountId {
        self.seat.account
    }
}

impl Asks for Relative {
    fn role(&self) -> Role {
        Role::Relative
    }

    fn seat(&self) -> Seat {
        self.seat
    }

    fn open(&self, key: &SealedKey, about: &About) -> Result<ContentKey, SealError> {
        self.key.open(key, about)
    }

    fn key(&self) -> Box<dyn PrivateKey + Send> {
        Box::new(self.key.again())
    }
}

impl Asks for Screen {
    fn role(&self) -> Role {
        Role::ChildScreen
    }

    fn seat(&self) -> Seat {
        self.seat
    }

    fn open(&self, key: &SealedKey, about: &About) -> Result<ContentKey, SealError> {
        self.key.open(key, about)
    }

    fn key(&self) -> Box<dyn PrivateKey + Send> {
        Box::new(self.key.again())
    }
}
