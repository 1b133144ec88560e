//! What needs a guardian's care: what is wrong with the hub and its computer, and room on the disk.
//!
//! What is quick to say is looked at each time that somebody asks; all of the database is read once a day,
//! or when a guardian wants it, on a thread of its own.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, timeout};

use super::{Event, Guardian, Hub, HubError};
pub use crate::care::{Finding, PAIRS, Room, Site, Space, Verdict};
use crate::{care, model::Timestamp};

/// Who asks for another look within this time gets the last one: it reads the whole database.
const GOOD_FOR: Duration = Duration::from_secs(30);

/// How often it is looked whether what can be seen at once is something else.
const WATCHED_EVERY: Duration = Duration::from_secs(60);

/// What was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Care {
    /// When everything was last looked at; nothing: not since the hub started.
    pub looked_at: Option<Timestamp>,
    /// What was found then, and what can be seen at once.
    pub findings: Vec<Finding>,
}

/// What was seen at the last look.
#[derive(Clone)]
struct Look {
    ended: Instant,
    at: Timestamp,
    findings: Vec<Finding>,
}

/// The computer that the hub runs on, and the last look at it.
#[derive(Default)]
pub(super) struct Caretaking {
    /// Nothing where nobody said on what the hub runs: then there is always room.
    site: OnceLock<Arc<dyn Site>>,
    last: Mutex<Option<Look>>,
    /// One look at a time.
    turn: tokio::sync::Mutex<()>,
}

impl Caretaking {
    fn last(&self) -> Option<Look> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn room(&self) -> Option<Room> {
        self.site.get()?.room()
    }
}

impl Hub {
    /// Says on which computer the hub runs. Once; who says it again is not heard.
    pub fn stand_on(&self, site: Arc<dyn Site>) {
        drop(self.0.caretaking.site.set(site));
    }

    /// Returns what a guardian should know of the hub and its computer.
    pub fn care(&self, _by: &Guardian) -> Care {
        self.cared()
    }

    /// Looks at everything anew for a guardian, and returns what was found.
    pub async fn look_again(&self, _by: &Guardian) -> Care {
        self.look_at_everything().await;
        self.cared()
    }

    /// Looks at everything that takes its time. Whoever asks meanwhile waits for the same.
    pub async fn look_at_everything(&self) {
        let caretaking = &self.0.caretaking;
        let _turn = caretaking.turn.lock().await;
        let is_fresh = caretaking.last().is_some_and(|last| last.ended.elapsed() < GOOD_FOR);
        if is_fresh {
            return;
        }
        let Some(site) = caretaking.site.get() else { return };
        let findings = site.look().await;
        for found in findings.iter().filter(|found| found.verdict == Verdict::Ails) {
            tracing::error!(
                about = found.about,
                how = found.how,
                "something does not work: {}",
                found.says
            );
        }
        let look = Look { ended: Instant::now(), at: self.now(), findings };
        *caretaking.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(look);
        self.tools().bus.publish(Event::Care);
    }

    /// Tells guardians' pages when something is found that was not, or is found no more. Does not end.
    pub async fn watch_care(&self) {
        let mut radio = self.tools().radio.state();
        let mut before = self.kinds_found();
        loop {
            let changed = async {
                if radio.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            drop(timeout(WATCHED_EVERY, changed).await);
            let now = self.kinds_found();
            if now != before {
                self.tools().bus.publish(Event::Care);
                before = now;
            }
        }
    }

    /// Returns what is found, without the numbers in it: they are others each time.
    fn kinds_found(&self) -> Vec<(&'static str, &'static str)> {
        self.cared().findings.iter().map(|found| (found.about, found.how)).collect()
    }

    /// Refuses what can wait while the room that is left is kept for what children say.
    pub(super) fn has_room(&self) -> Result<(), HubError> {
        match self.room() {
            Some(room) if room.is_short() => Err(HubError::RoomKept),
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn room(&self) -> Option<Room> {
        self.0.caretaking.room()
    }

    pub(super) fn cared(&self) -> Care {
        let caretaking = &self.0.caretaking;
        let last = caretaking.last();
        let looked_at = last.as_ref().map(|last| last.at);
        let mut findings: Vec<_> = self.room().map(care::room).into_iter().collect();
        findings.extend(last.map(|last| last.findings).unwrap_or_default());
        findings.push(care::clock(&*self.tools().clock));
        findings.push(care::bluetooth(*self.tools().radio.state().borrow()));
        Care { looked_at, findings }
    }
}
