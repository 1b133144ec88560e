//! Growing delays for whoever guesses.
//!
//! A [`Lane`] is what is remembered about one thing that can be tried: a sign-in name, an address.
//! Five wrong tries are free. After that each has to wait for 2, 4, 8 … seconds since the last,
//! up to a quarter of an hour. After a day without a wrong try all is forgotten. Nobody is ever
//! locked out for good, and 1,000 wrong tries take more than ten days.
//!
//! A try that is under way must count already, or a thousand at once would all be admitted: call
//! [`Lane::failed`] together with [`Lane::allow`], keep the lane, look at the password, and call
//! [`Lane::succeeded`] if it was right.
//!
//! Clocks of small machines jump. Forward is as if that time had passed. Set back, a delay begins
//! anew from the time that the clock shows, so the wait is never longer than the delay is.

#[cfg(test)]
mod tests;

use crate::model::Timestamp;

/// How many wrong tries nobody has to wait after, save the last of them.
const N_FREE: u32 = 5;

const FIRST_DELAY_S: i64 = 2;
const MAX_DELAY_S: i64 = 15 * 60;

/// After this long without a wrong try, they are forgotten.
const QUIET_S: i64 = 24 * 60 * 60;

/// What is remembered about one thing that can be tried.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lane {
    /// How many wrong tries there were since the last right one or the last quiet day.
    pub failures: u32,
    /// When the last of them was. It means nothing where there was none.
    pub last_failed_at: Timestamp,
    /// When the next try is allowed. It means nothing where there was none.
    pub blocked_until: Timestamp,
}

/// It is too early to try again.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("too many wrong tries; try again in {seconds} s")]
pub struct RetryAfter {
    /// How long to wait: 1 to 900.
    pub seconds: u32,
}

impl Lane {
    /// A lane on which nothing went wrong.
    pub const CLEAR: Self =
        Self { failures: 0, last_failed_at: Timestamp(0), blocked_until: Timestamp(0) };

    /// Returns whether a try is allowed.
    ///
    /// A clock that was set back, or a quiet day, changes the lane: keep it, also when it refuses.
    pub fn allow(&mut self, now: Timestamp) -> Result<(), RetryAfter> {
        self.catch_up(now);
        let wait_s = self.blocked_until.0.saturating_sub(now.0);
        if self.failures == 0 || wait_s <= 0 {
            return Ok(());
        }
        Err(RetryAfter { seconds: u32::try_from(wait_s).unwrap_or(u32::MAX) })
    }

    /// Counts a wrong try.
    pub fn failed(&mut self, now: Timestamp) {
        self.catch_up(now);
        self.failures = self.failures.saturating_add(1);
        self.block_from(now);
    }

    /// Forgets all wrong tries.
    pub fn succeeded(&mut self) {
        *self = Self::CLEAR;
    }

    /// Brings the lane to this time, whichever way the clock went.
    fn catch_up(&mut self, now: Timestamp) {
        if self.failures == 0 {
            return;
        }
        let was_set_back = now < self.last_failed_at || now.after(MAX_DELAY_S) < self.blocked_until;
        if was_set_back {
            self.block_from(now);
        } else if QUIET_S <= now.0.saturating_sub(self.last_failed_at.0) {
            *self = Self::CLEAR;
        }
    }

    fn block_from(&mut self, now: Timestamp) {
        self.last_failed_at = now;
        self.blocked_until = now.after(delay_s(self.failures));
    }
}

/// Returns how long to wait after that many wrong tries.
fn delay_s(failures: u32) -> i64 {
    let Some(n_doublings) = failures.checked_sub(N_FREE) else { return 0 };
    let delay_s = 1_i64.checked_shl(n_doublings).and_then(|times| FIRST_DELAY_S.checked_mul(times));
    // A shift into or past the sign gives nothing to wait for: far beyond the longest delay.
    delay_s.filter(|delay_s| (FIRST_DELAY_S..MAX_DELAY_S).contains(delay_s)).unwrap_or(MAX_DELAY_S)
}
