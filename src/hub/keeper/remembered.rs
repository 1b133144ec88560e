//! What outlives a connection to a toy without being worth storing.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use super::{backoff, fetch::Partial, mailbox::LastLook};
use crate::model::Slot;

/// How often a recording that does not come whole is asked for before messages are seen to, and
/// before what there is of it is kept.
const FETCH_TRIES: u32 = 3;

/// A toy plays nothing while it is being fetched from, so a recording that nobody announced waits
/// until the child has left the paws alone for this long. Ours to choose.
const PEACE: Duration = Duration::from_secs(10);

/// What a keeper knows of its toy from one connection to the next. Losing it costs time; at worst a
/// part of a recording stays beside the whole, or one is shown as made while Hutch was away.
pub(super) struct Remembered {
    pub(super) fetch: Fetch,
    pub(super) partial: Option<Partial>,
    /// Nothing is overwritten before this.
    pub(super) overwrite_at: Instant,
    /// The heart was told to blink and has not confirmed that it stopped.
    pub(super) blinks: bool,
    /// What the last look into the store found.
    pub(super) last_look: LastLook,
    /// The slots that are to be overwritten before a retired toy is let go.
    pub(super) to_empty: VecDeque<Slot>,
    /// How often the streaming slot refused.
    pub(super) streaming_refused: u32,
}

/// Whether the child's recording has to be fetched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fetch {
    pub(super) wanted: bool,
    /// We were there when it was recorded.
    pub(super) witnessed: bool,
    /// Tries in a row that failed.
    tries: u32,
    pub(super) not_before: Instant,
}

impl Fetch {
    const fn new(now: Instant) -> Self {
        Self { wanted: false, witnessed: false, tries: 0, not_before: now }
    }

    pub(super) const fn of_new_recording(now: Instant) -> Self {
        Self { wanted: true, witnessed: true, tries: 0, not_before: now }
    }

    /// Not before the child has left the paws alone for a while.
    pub(super) fn leave_in_peace(&mut self) {
        self.not_before = self.not_before.max(Instant::now() + PEACE);
    }

    pub(super) fn failed(&mut self) {
        self.tries = self.tries.saturating_add(1);
        self.not_before = self.not_before.max(Instant::now() + backoff::of_fetch(self.tries));
    }

    /// Returns whether it may come at the next try, so that messages can wait for it.
    pub(super) const fn is_promising(&self) -> bool {
        self.tries < FETCH_TRIES
    }

    /// Returns whether what comes is to be kept, whole or not.
    pub(super) const fn is_last_try(&self) -> bool {
        FETCH_TRIES <= self.tries + 1
    }

    pub(super) fn done(&mut self) {
        *self = Self::new(self.not_before);
    }
}

impl Remembered {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        let mut to_empty = VecDeque::from(Slot::ALL);
        // What the play paw plays goes first.
        to_empty.rotate_left(usize::from(Slot::MAILBOX.index()));
        Self {
            fetch: Fetch::new(now),
            partial: None,
            overwrite_at: now,
            blinks: false,
            last_look: LastLook::default(),
            to_empty,
            streaming_refused: 0,
        }
    }
}
