//! The deadlines of a session that are observed or our own; the others are inferred.

use std::time::{Duration, Instant};

/// The gap between two chunks of an upload: the fastest that was seen with a real toy.
pub const CHUNK_GAP: Duration = Duration::from_millis(8);

/// How long a toy may take to ask for the first bytes, after the upload began (observed).
pub const DATA_REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// The peace that a toy wants after an upload (observed).
pub const SETTLE: Duration = Duration::from_millis(250);

/// How long the first exchange on a new link may take, all answers together (our own limit).
pub const CONNECT_LIMIT: Duration = Duration::from_secs(30);

/// How long a transfer may take (our own limit): many times what 40 s of sound need, so that only
/// a toy that trickles for ever meets it.
pub const TRANSFER_LIMIT: Duration = Duration::from_secs(30 * 60);

/// The deadline has passed.
pub(super) struct Expired;

/// A deadline that starts to run when there is nothing left to do but wait.
///
/// The time that writes take is the link's, not the toy's, and is not counted.
pub(super) struct Silence {
    timeout: Duration,
    until: Option<Instant>,
}

impl Silence {
    pub(super) const fn new(timeout: Duration) -> Self {
        Self { timeout, until: None }
    }

    /// Something was said or heard: the deadline starts again at the next check.
    pub(super) const fn broken(&mut self) {
        self.until = None;
    }

    /// Returns until when to wait.
    pub(super) fn check(&mut self, now: Instant) -> Result<Instant, Expired> {
        let until = *self.until.get_or_insert(now + self.timeout);
        if until <= now { Err(Expired) } else { Ok(until) }
    }
}
