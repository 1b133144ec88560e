//! The words of Hutch: what the household calls things, with their invariants.
//!
//! Everything here is plain data without I/O, clock or randomness. Types that
//! must hold an invariant check it in their constructor; the rest have public
//! fields. The words are those of the design and have no synonyms: a *recording*
//! is sound from a child, a *message* is sound for a child, a *clip* is sound
//! encoded for a slot of a toy, a *delivery* is the journey of one message to
//! one toy.

mod account;
mod deed;
mod delivery;
mod id;
mod slot;
mod time;
mod toy;

pub use account::{Relation, Role};
pub use deed::Deed;
pub use delivery::{DeliveryState, Failure};
pub use id::{
    AccountId, ChildId, DeliveryId, InvalidId, InviteId, ItemId, MeetingId, PictureId, SessionId,
    ToyId,
};
pub use slot::Slot;
pub use time::Timestamp;
pub use toy::{Baseline, Character, InvalidAddress, Sign, ToyAddress};
