//! Wall time, asked of whoever was passed in.
//!
//! Deadlines do not come from here: they are monotonic instants, and whoever
//! waits for one uses the runtime's own clock, which tests stop and move.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::model::Timestamp;

/// Something that knows what time it is for people.
pub trait Clock: Send + Sync {
    /// Returns the wall time.
    fn now(&self) -> Timestamp;

    /// Returns whether somebody vouches for it, as a time server does.
    ///
    /// `false` says nothing: a clock may be right without anybody who knows.
    fn is_synchronized(&self) -> bool {
        false
    }
}

/// What systemd-timesyncd leaves once it has heard from a time server since the start.
const TIMESYNCD: &str = "/run/systemd/timesync/synchronized";

/// The computer's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[allow(clippy::disallowed_methods, reason = "this is the Clock that everybody else asks")]
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }

    fn is_synchronized(&self) -> bool {
        std::path::Path::new(TIMESYNCD).exists()
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Makes a clock that shows this time.
    pub const fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.0))
    }

    /// Moves the clock, backwards too.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}
