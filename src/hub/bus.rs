//! Events on their way to whoever is listening, and what every toy is doing right now.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::broadcast, time::Instant};

use super::view::{Event, Presence, Signal, ToyNow};
use crate::model::{DeliveryId, Slot, ToyId};

/// How many events a slow listener may lag behind before it is told to read everything again.
const BACKLOG: usize = 256;

/// Carries events from keepers to listeners, and remembers what is true only right now.
pub struct Bus {
    events: broadcast::Sender<Event>,
    live: Mutex<HashMap<ToyId, Live>>,
}

/// What is known of a toy right now and stored nowhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Live {
    /// Whether it is there.
    pub presence: Presence,
    /// Its volume, 0 to 255, as last read.
    pub volume: Option<u8>,
    /// How well it was heard when it last was; while it is connected, it is not.
    pub signal: Option<Signal>,
    /// What it plays because somebody wanted to hear it.
    pub playing: Option<Slot>,
    /// Counts how often what it holds became something else.
    pub n_changes: u32,
    /// What somebody wants it to do, since when.
    pub wish: Option<(Wish, Instant)>,
    /// The delivery that is being sent, and how much of it, in percent.
    pub sending: Option<(DeliveryId, u8)>,
}

/// What a toy can be made to do at once, or not at all.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wish {
    /// Play what a slot holds.
    Play(Slot),
    /// Stop playing what was wished for.
    Stop,
}

impl Live {
    const UNKNOWN: Self = Self {
        presence: Presence::Asleep,
        volume: None,
        signal: None,
        playing: None,
        n_changes: 0,
        wish: None,
        sending: None,
    };
}

impl Live {
    /// Returns what can be seen of it.
    pub(super) const fn seen(self) -> ToyNow {
        let Self { presence, volume, signal, playing, n_changes, wish: _, sending: _ } = self;
        ToyNow { presence, volume, signal, playing, n_changes }
    }
}

impl Default for Bus {
    fn default() -> Self {
        Self { events: broadcast::Sender::new(BACKLOG), live: Mutex::default() }
    }
}

impl Bus {
    /// Tells every listener. Nobody listening is fine.
    pub fn publish(&self, event: Event) {
        // An error says that nobody listens.
        drop(self.events.send(event));
    }

    /// Begins to listen.
    pub(super) fn listen(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Returns what is known of a toy right now.
    pub(super) fn live(&self, toy: ToyId) -> Live {
        self.lives().get(&toy).copied().unwrap_or(Live::UNKNOWN)
    }

    /// Returns whether a toy waits until the radio has room for it.
    pub(super) fn is_crowded(&self) -> bool {
        self.lives().values().any(|live| live.presence == Presence::NoRoom)
    }

    /// Returns the toys that are like this right now.
    pub(super) fn all_at(&self, presence: Presence) -> Vec<ToyId> {
        let lives = self.lives();
        lives.iter().filter(|(_, live)| live.presence == presence).map(|(toy, _)| *toy).collect()
    }

    /// Changes what is known of a toy, and tells listeners what they see of it.
    pub(super) fn change(&self, toy: ToyId, change: impl FnOnce(&mut Live)) {
        let (before, after) = {
            let mut lives = self.lives();
            let live = lives.entry(toy).or_insert(Live::UNKNOWN);
            let before = *live;
            change(live);
            (before, *live)
        };
        if before.seen() != after.seen() {
            self.publish(Event::Toy { id: toy, now: after.seen() });
        }
    }

    /// Notes that a toy holds something else than before.
    pub(super) fn holds_something_else(&self, toy: ToyId) {
        self.change(toy, |live| live.n_changes = live.n_changes.wrapping_add(1));
    }

    /// Forgets what is known of a toy that is adopted no more.
    pub(super) fn forget(&self, toy: ToyId) {
        self.lives().remove(&toy);
    }

    fn lives(&self) -> MutexGuard<'_, HashMap<ToyId, Live>> {
        // Every change is a plain assignment; a panic cannot leave one half done.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
