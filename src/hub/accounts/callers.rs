//! Proof of who asks, with what they may open in their hand. Only this folder makes any.

use super::{
    Advice,
    keys::OwnKey,
    relative::{Relative, Screen},
};
use crate::{
    model::{AccountId, Role, SessionId, Timestamp},
    seal::{About, ContentKey, PrivateKey, SealError, SealedKey, household::HouseholdKey},
};

/// What is known of a session whoever it is of.
#[derive(Clone, Copy)]
pub struct Seat {
    pub(super) account: AccountId,
    pub(super) session: SessionId,
    pub(super) confirmed_until: Option<Timestamp>,
    pub(super) advice: Option<Advice>,
}

/// Proof that a guardian asks, with the household key in its hand. Lives for one request.
pub struct Guardian {
    pub(super) seat: Seat,
    pub(super) household: HouseholdKey,
}

/// Proof that a guardian asks who gave the password a moment ago.
pub struct Confirmed<'a>(pub(super) &'a Guardian);

/// Proof of who asks: not nobody, at any rate.
pub enum Caller {
    /// A guardian.
    Guardian(Guardian),
    /// A relative.
    Relative(Relative),
    /// A child screen.
    Screen(Screen),
}

mod closed {
    /// Keeps other modules from making proof of their own.
    pub trait Sealed {}
}

/// Somebody who asks, and opens what they may.
pub trait Asks: closed::Sealed + Sync {
    /// Returns what they may do.
    fn role(&self) -> Role;

    /// Returns what is known of their session.
    fn seat(&self) -> Seat;

    /// Opens the content key of an item.
    fn open(&self, key: &SealedKey, about: &About) -> Result<ContentKey, SealError>;

    /// Returns the key once more that opens what they may, for work on another thread.
    fn key(&self) -> Box<dyn PrivateKey + Send>;

    /// Returns the account that asks.
    fn account(&self) -> AccountId {
        self.seat().account
    }

    /// Returns the session that asks.
    fn session(&self) -> SessionId {
        self.seat().session
    }

    /// Returns the account by whose key items are opened; nothing where it is the household's.
    fn reader(&self) -> Option<AccountId> {
        (self.role() != Role::Guardian).then(|| self.account())
    }
}

impl Guardian {
    /// Returns the account that asks.
    pub const fn account(&self) -> AccountId {
        self.seat.account
    }

    /// Returns the session that asks.
    pub const fn session(&self) -> SessionId {
        self.seat.session
    }
}

impl Confirmed<'_> {
    /// Returns the guardian that asks.
    pub const fn guardian(&self) -> &Guardian {
        self.0
    }
}

impl Caller {
    pub(super) fn new(seat: Seat, key: OwnKey) -> Self {
        match key {
            OwnKey::Household(household) => Self::Guardian(Guardian { seat, household }),
            OwnKey::Relative(key) => Self::Relative(Relative::new(seat, key)),
            OwnKey::Screen(key) => Self::Screen(Screen::new(seat, key)),
        }
    }

    fn asks(&self) -> &dyn Asks {
        match self {
            Self::Guardian(guardian) => guardian,
            Self::Relative(relative) => relative,
            Self::Screen(screen) => screen,
        }
    }
}

impl closed::Sealed for Guardian {}
impl closed::Sealed for Relative {}
impl closed::Sealed for Screen {}
impl closed::Sealed for Caller {}

impl Asks for Guardian {
    fn role(&self) -> Role {
        Role::Guardian
    }

    fn seat(&self) -> Seat {
        self.seat
    }

    fn open(&self, key: &SealedKey, about: &About) -> Result<ContentKey, SealError> {
        self.household.open(key, about)
    }

    fn key(&self) -> Box<dyn PrivateKey + Send> {
        Box::new(self.household.again())
    }
}

impl Asks for Caller {
    fn role(&self) -> Role {
        self.asks().role()
    }

    fn seat(&self) -> Seat {
        self.asks().seat()
    }

    fn open(&self, key: &SealedKey, about: &About) -> Result<ContentKey, SealError> {
        self.asks().open(key, about)
    }

    fn key(&self) -> Box<dyn PrivateKey + Send> {
        self.asks().key()
    }
}
