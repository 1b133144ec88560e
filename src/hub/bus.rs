//! Events on their way to whoever is listening, and what every toy is doing right now.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::broadcast;

use super::view::{Event, Presence};
use crate::model::{DeliveryId, ToyId};

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
    /// The delivery that is being sent, and how much of it, in percent.
    pub sending: Option<(DeliveryId, u8)>,
}

impl Live {
    const UNKNOWN: Self = Self { presence: Presence::Asleep, volume: None, sending: None };
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

    /// Changes what is known of a toy, and tells listeners if its presence or volume changed.
    pub(super) fn change(&self, toy: ToyId, change: impl FnOnce(&mut Live)) {
        let (before, after) = {
            let mut lives = self.lives();
            let live = lives.entry(toy).or_insert(Live::UNKNOWN);
            let before = *live;
            change(live);
            (before, *live)
        };
        if (before.presence, before.volume) != (after.presence, after.volume) {
            let Live { presence, volume, .. } = after;
            self.publish(Event::Toy { id: toy, presence, volume });
        }
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
