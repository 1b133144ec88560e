//! The toy: what it is over the air, our side of a conversation with it, and its own side.
//!
//! Everything here is pure. Bytes, time and faults are arguments; writes, notifications and events
//! are results. Nothing waits, sleeps, locks or logs.
//!
//! # What a toy is
//!
//! A CloudPets toy is a Bluetooth LE peripheral with one service and eight characteristics
//! ([`wire::Characteristic`]). It takes one connection at a time, never pairs, and never encrypts:
//! whoever is in range may connect. A write or notification carries at most 20 bytes. The toy has
//! five slots of about 40 s: slot 0 for streaming and for the toy's own recording, 1 to 4 for
//! uploads. The play paw plays slot 1, which makes that slot the child's only mailbox.
//!
//! # How a conversation goes
//!
//! * **Connecting**: read the config identifier; subscribe to state, receive audio and data
//!   request, in that order; only then read state and volume, so that no transition is lost in
//!   between.
//! * **Upload**: `00 slot key`. The toy goes to state 9, then 3, and asks for bytes through data
//!   requests. Their `requested` values add up to the credit, and a byte beyond the credit overruns
//!   the toy's buffer. Chunks have at most 20 bytes and go without response. When the toy asks for
//!   more than the clip has, 0x80 fills up. After the last byte `01`; the toy answers
//!   `requested = 0` with `transferred > 0`, then state 1, and wants 250 ms of peace. `transferred`
//!   has 16 bits and is not a length. `requested = 0` early, or with `transferred = 0`, means that
//!   the toy gave up: everything starts again from byte 0. State 15 means that it refused the key.
//!   The streaming slot wants the clip's 32 header bytes twice.
//! * **Download**: only after state 2 went back to 1. `02`; state 7; the recording arrives in
//!   notifications; state 1 ends it. It stays on the toy until the next one replaces it, so a
//!   broken download is simply repeated.
//! * **Playing**: `08 01 n` plays slot `n - 1`, `n = 0` stops. Whoever started it, state 5 and then
//!   1 is a playback from its start to its end.
//! * **Looping**: `0c loops ms` loops slot 1; `0c 01 00 01 00` stops it.
//! * **Identifying**: a toy that was never set up has no config identifier; one is written when it is
//!   adopted, and never again.
//! * **Game mode**: `0b 01` and `0b 00`. In game mode a paw neither plays nor records: states 18
//!   and 19 report the press.
//!
//! # What is in here
//!
//! [`inferred`] is what nobody has seen, [`probe`] how an owner of a toy finds out.
//! [`wire`] turns words into bytes and back; its decoders take any bytes. [`Session`] is our side,
//! owned by one task. [`firmware`] is the toy's side, for tests and for the simulated radio; it
//! asserts what a real toy would silently suffer from and misbehaves on demand.
//!
//! # What is not
//!
//! The command that switches on the toy's microphone. Only a paw does that, so no
//! [`wire::Command`] encodes to it and only [`firmware`] knows how it looks. Firmware updates are
//! missing as well.
//!
//! # Observed and inferred
//!
//! Most facts were seen in public code that drives real toys. Where we only read between the lines,
//! the fact is a constant of [`inferred`], to be corrected there by somebody with a real toy.

pub mod firmware;
pub mod inferred;
pub mod probe;
pub mod session;
pub mod wire;

#[cfg(test)]
mod tests;

pub use firmware::Firmware;
pub use session::{Busy, Event, Input, Output, Pacing, Paw, Request, Session};

use crate::model::Failure;

/// Why a procedure with the toy did not come to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ToyError {
    /// An answer that the protocol promises did not come in time.
    #[error("the toy stopped answering")]
    Silent,
    /// The toy left the procedure before its end. Beginning again may well succeed.
    #[error("the toy gave up halfway")]
    GaveUp,
    /// The toy does not know the upload key; another try will hardly change that.
    #[error("the toy refused the upload key")]
    KeyRefused,
    /// The toy did something that the protocol does not allow.
    #[error("the toy did what its protocol does not allow: {0}")]
    Confused(Confusion),
    /// Our own side called it off.
    #[error("it was called off")]
    Cancelled,
}

/// What the protocol does not allow.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Confusion {
    /// More recording than any toy has memory for.
    #[error("a recording larger than its memory")]
    EndlessRecording,
    /// A transfer that goes on and on, with never a pause long enough to be silence.
    #[error("a transfer without end")]
    EndlessTransfer,
    /// No state where one was asked for.
    #[error("an answer that is no state")]
    NoState,
}

impl ToyError {
    /// Returns what a delivery that failed of this says to the household.
    ///
    /// Whoever cancelled knows better than [`Failure::GaveUp`] why the delivery ended.
    pub const fn failure(self) -> Failure {
        match self {
            Self::Silent => Failure::Silent,
            Self::GaveUp | Self::Cancelled => Failure::GaveUp,
            Self::KeyRefused => Failure::KeyRefused,
            Self::Confused(_) => Failure::Confused,
        }
    }
}
