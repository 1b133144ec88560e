//! The keeper: one task that looks after one toy.
//!
//! It waits until the toy is heard, connects, holds the connection while the toy is awake,
//! delivers what the outbox holds, fetches what the child recorded, and lets go when nothing has
//! happened for a while. Everything it needs to know after a power cut stands in the store; what it
//! holds in memory may be lost at any moment.
//!
//! It tells the rest of the hub what happens by events, is told by being poked, and reads and
//! writes the store. It has the device key for clips and the household's *public* key for
//! recordings: no keeper can open anything that is sealed for people.

mod backoff;
mod fetch;
mod mailbox;
mod remembered;
mod visit;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use self::{
    backoff::jittered,
    remembered::Remembered,
    visit::{Outcome, Visit},
};
use super::{bus::Bus, guard, household::Household, view::Presence};
use crate::{
    clock::Clock,
    model::{ChildId, ToyAddress, ToyId},
    radio::{Link, Radio, RadioError},
    seal::{DeviceKey, HashKey},
    store::Store,
    toy::session::Pacing,
};

/// An advertisement older than this says nothing about whether the toy is awake.
const FRESH: Duration = Duration::from_secs(5);

/// A toy that was let go is taken again once its advertisements were gone this long and came back.
const GONE: Duration = Duration::from_secs(30);

/// How often a keeper that waits looks for messages whose time is over.
const LOOKS_EVERY: Duration = Duration::from_secs(30);

/// How often a connection is tried before the toy counts as unreachable.
const CONNECT_TRIES: u32 = 3;

/// How long one try to connect may take, whatever the radio promises: others may stand in line.
const CONNECT_DEADLINE: Duration = Duration::from_secs(30);

/// The pause between two tries, before jitter.
const CONNECT_PAUSE: Duration = Duration::from_secs(1);

/// What all keepers share.
pub struct Tools {
    /// The way to the toys.
    pub radio: Arc<dyn Radio>,
    /// What must survive.
    pub store: Arc<Store>,
    /// Wall time.
    pub clock: Arc<dyn Clock>,
    /// Where events go.
    pub bus: Arc<Bus>,
    /// Opens queued clips.
    pub device: DeviceKey,
    /// Recognizes a recording that was fetched before.
    pub hash: HashKey,
    /// Recordings are sealed for it.
    pub household: Household,
    /// How fast chunks follow each other.
    pub pacing: Pacing,
}

/// The toy that a keeper looks after.
#[derive(Clone, Copy, Debug)]
pub struct Charge {
    /// The toy.
    pub toy: ToyId,
    /// Where the radio finds it.
    pub address: ToyAddress,
    /// Whose it is.
    pub child: ChildId,
}

/// Looks after one toy.
pub struct Keeper {
    tools: Arc<Tools>,
    charge: Charge,
    poke: Arc<Notify>,
    stop: CancellationToken,
    /// We let go of the toy ourselves, so that it may sleep.
    released: bool,
    /// Not to be tried before this.
    not_before: Instant,
    failures_in_a_row: u32,
    remembered: Remembered,
    /// When the toy was last heard, to notice that it had gone.
    heard_at: Option<Instant>,
    /// Links of the radio that end.
    endings: watch::Receiver<()>,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Ended {
    /// The hub stops.
    Stopped,
    /// Nothing had happened for a while: the toy may sleep.
    Released,
    /// The toy was retired, and is nobody's any more.
    LetGo,
    /// It broke, or the toy stopped making sense.
    Lost,
}

impl Keeper {
    /// Makes the keeper of a toy. `poke` is how it is told to look into the store again.
    pub fn new(
        tools: Arc<Tools>,
        charge: Charge,
        poke: Arc<Notify>,
        stop: CancellationToken,
    ) -> Self {
        let (not_before, endings) = (Instant::now(), tools.radio.endings());
        Self {
            tools,
            charge,
            poke,
            stop,
            released: false,
            not_before,
            failures_in_a_row: 0,
            remembered: Remembered::new(),
            heard_at: None,
            endings,
        }
    }

    /// Looks after the toy until the hub stops.
    pub async fn run(mut self) {
        let mut sightings = self.tools.radio.sightings(self.charge.address);
        while self.wait_for_toy(&mut sightings).await {
            let Charge { toy, address, .. } = self.charge;
            // From here on it says nothing until it is let go.
            guard::listen(&self.tools, toy, address, &self.tools.radio.heard());
            self.show(Presence::Connecting);
            self.endings.mark_unchanged();
            let link = match self.connect().await {
                Ok(Some(link)) => link,
                Ok(None) => break,
                Err(RadioError::NoRoom) => {
                    tracing::info!(toy.id = %self.charge.toy, "the radio holds no more toys");
                    self.show(Presence::NoRoom);
                    self.back_off();
                    continue;
                }
                Err(error) => {
                    tracing::info!(toy.id = %self.charge.toy, %error, "toy was awake, could not be had");
                    self.show(Presence::Unreachable);
                    self.back_off();
                    continue;
                }
            };
            let visit = Visit::new(&self.tools, self.charge, &mut self.remembered, link);
            let Outcome { ended, was_good } = visit.run(&self.poke, &self.stop).await;
            tracing::debug!(toy.id = %self.charge.toy, ?ended, "connection ended");
            self.heard_at = Some(Instant::now());
            match ended {
                Ended::Stopped => break,
                Ended::LetGo => return self.tools.bus.forget(self.charge.toy),
                Ended::Released => {
                    self.released = true;
                    self.failures_in_a_row = 0;
                }
                Ended::Lost => {
                    // Nobody let go of it: it is to be held again.
                    self.released = false;
                    if was_good {
                        self.failures_in_a_row = 0;
                    }
                    self.back_off();
                }
            }
            self.show(Presence::Asleep);
        }
        self.show(Presence::Asleep);
    }

    /// Waits until the toy is awake and there is a reason to connect. Returns false when the hub stops.
    async fn wait_for_toy(&mut self, sightings: &mut watch::Receiver<Option<Instant>>) -> bool {
        let mut looked_at: Option<Instant> = None;
        let mut has_work = false;
        loop {
            let now = Instant::now();
            let seen = *sightings.borrow_and_update();
            let is_awake = seen.is_some_and(|at| now.duration_since(at) < FRESH);
            if let (Some(seen), Some(before)) = (seen, self.heard_at)
                && GONE <= seen.saturating_duration_since(before)
            {
                self.released = false;
                // It was asleep and somebody woke it: what failed before says nothing about now.
                self.failures_in_a_row = 0;
                self.not_before = now;
            }
            // What was heard before the last connection is older than the connection itself.
            self.heard_at = self.heard_at.max(seen);

            if looked_at.is_none_or(|at| LOOKS_EVERY <= now.duration_since(at)) {
                has_work = self.has_work().await;
                looked_at = Some(now);
            }
            if is_awake && self.not_before <= now && (!self.released || has_work) {
                return true;
            }
            if !is_awake {
                self.show_asleep();
            }

            let mut wake_at = looked_at.map_or(now, |at| at + LOOKS_EVERY);
            if is_awake && now < self.not_before {
                wake_at = wake_at.min(self.not_before);
            }
            tokio::select! {
                () = self.stop.cancelled() => return false,
                // The sender lives as long as the radio: an error means that nothing is heard any more.
                changed = sightings.changed() => if changed.is_err() {
                    self.stop.cancelled().await;
                    return false;
                },
                () = self.poke.notified() => {
                    looked_at = None;
                    // Somebody asked: do not make them wait for the pause.
                    self.not_before = Instant::now();
                }
                // What it waits for may be what has ended.
                Ok(()) = self.endings.changed() => if self.is_at(Presence::NoRoom) {
                    self.not_before = Instant::now();
                },
                () = sleep_until(wake_at) => {}
            }
        }
    }

    /// Connects, with a few tries. Returns nothing when the hub stops meanwhile.
    async fn connect(&self) -> Result<Option<Box<dyn Link>>, RadioError> {
        let mut last = RadioError::Unreachable;
        for n_try in 0..CONNECT_TRIES {
            if 0 < n_try {
                sleep(jittered(CONNECT_PAUSE)).await;
            }
            let attempt = timeout(CONNECT_DEADLINE, self.tools.radio.connect(self.charge.address));
            let outcome = tokio::select! {
                () = self.stop.cancelled() => return Ok(None),
                outcome = attempt => outcome,
            };
            match outcome {
                Ok(Ok(link)) => return Ok(Some(link)),
                // It stays so until one of them is let go.
                Ok(Err(RadioError::NoRoom)) => return Err(RadioError::NoRoom),
                Ok(Err(error)) => last = error,
                Err(_elapsed) => last = RadioError::Unreachable,
            }
        }
        Err(last)
    }

    /// Returns whether there is anything to do that needs the toy.
    async fn has_work(&mut self) -> bool {
        let Remembered { last_look, blinks, .. } = &mut self.remembered;
        let volume = self.tools.bus.live(self.charge.toy).volume;
        match mailbox::look(&self.tools, self.charge, last_look).await {
            Ok(mailbox) => mailbox.is_work(*blinks, volume),
            Err(error) => {
                tracing::error!(toy.id = %self.charge.toy, %error, "could not look into the outbox");
                false
            }
        }
    }

    fn back_off(&mut self) {
        self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
        self.not_before = Instant::now() + backoff::of_link(self.failures_in_a_row);
    }

    fn is_at(&self, presence: Presence) -> bool {
        self.tools.bus.live(self.charge.toy).presence == presence
    }

    fn show(&self, presence: Presence) {
        self.tools.bus.change(self.charge.toy, |live| live.presence = presence);
    }

    /// Shows the toy as asleep, unless it was last known as unreachable: that stands until the
    /// next contact, because asleep and held by somebody cannot be told apart.
    fn show_asleep(&self) {
        self.tools.bus.change(self.charge.toy, |live| {
            if live.presence != Presence::Unreachable {
                live.presence = Presence::Asleep;
            }
        });
    }
}
