//! The radio of the computer, by way of BlueZ: its daemon is asked over the system bus.
//!
//! BlueZ misbehaves when scans and connects overlap, so one task owns the adapter ([`owner`]): it
//! powers it, scans, and connects, one thing at a time. What is connected is nobody's but its
//! link's ([`link`]), which speaks over sockets that BlueZ hands out, not by a bus call for each
//! twenty bytes.
//!
//! Nothing here fails for good. Whatever is wrong is said ([`RadioState`]) and tried again: the bus
//! is not there, the daemon does not run or is restarted, the adapter is unplugged or switched off.
//!
//! A device that the hub connected to is removed from BlueZ's list after the link has ended. It
//! keeps no table of services from last time, so a toy that is another one now is seen to be.

mod link;
mod notifications;
mod owner;
mod scan;
mod trouble;
mod writer;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    sync::{Notify, mpsc, oneshot, watch},
    task::JoinHandle,
    time::{Instant, timeout},
};

use self::link::BluezLink;
use super::{HEARD_FOR, Heard, Link, Radio, RadioError, RadioState, newest};
use crate::{model::ToyAddress, toy::wire::NAME_PREFIXES};

/// How long a link that was let go may take to end. BlueZ needs 2 to 4 s (measured, 5.66).
const LEAVES_WITHIN: Duration = Duration::from_secs(8);

/// How long the owner of the adapter takes for one thing at most: a toy is let go, heard again and
/// connected to, its services are read, and each of these has a deadline of its own. Together less than
/// half of this.
const COMES_ROUND_WITHIN: Duration = Duration::from_secs(90);

/// Whoever looked around is taken to look again for this long.
const LOOKS_FOR: Duration = Duration::from_secs(15);

/// More toys than this are not remembered: a house has a few, a prankster any number.
const MAX_HEARD: usize = 64;

/// The radio of the computer.
pub struct Bluez {
    shared: Arc<Shared>,
    asks: mpsc::UnboundedSender<Ask>,
    owner: JoinHandle<()>,
}

/// Somebody wants to be connected to a toy.
struct Ask {
    toy: ToyAddress,
    /// Closed when nobody waits any more.
    answer: oneshot::Sender<Result<BluezLink, RadioError>>,
}

/// What the owner of the adapter and those who use it both see.
struct Shared {
    state: watch::Sender<RadioState>,
    toys: Mutex<Toys>,
    /// Something else may be wanted of the scan now.
    wants_changed: Notify,
    endings: watch::Sender<()>,
    /// Links that are being ended.
    leaving: Mutex<HashMap<ToyAddress, JoinHandle<()>>>,
    /// When the owner last came round.
    round: Mutex<Instant>,
}

#[derive(Default)]
struct Toys {
    heard: HashMap<ToyAddress, Heard>,
    /// When each toy that somebody looks for advertised last.
    sightings: HashMap<ToyAddress, watch::Sender<Option<Instant>>>,
    connected: Vec<ToyAddress>,
    looked_at: Option<Instant>,
}

impl Bluez {
    /// Starts to look for an adapter: the one with this name (`hci0`) or address, or the first that
    /// works.
    pub fn start(adapter: Option<String>) -> Self {
        let shared = Arc::new(Shared::new());
        let (asks, to_do) = mpsc::unbounded_channel();
        let owner = tokio::spawn(owner::own(Arc::clone(&shared), to_do, adapter));
        Self { shared, asks, owner }
    }
}

impl Drop for Bluez {
    fn drop(&mut self) {
        self.owner.abort();
    }
}

#[async_trait]
impl Radio for Bluez {
    fn state(&self) -> watch::Receiver<RadioState> {
        self.shared.state.subscribe()
    }

    fn heard(&self) -> Vec<Heard> {
        newest(self.shared.toys().heard.values().cloned())
    }

    fn look_around(&self) {
        self.shared.toys().looked_at = Some(Instant::now());
        self.shared.wants_changed.notify_one();
    }

    fn sightings(&self, toy: ToyAddress) -> watch::Receiver<Option<Instant>> {
        let receiver = {
            let mut toys = self.shared.toys();
            toys.sightings.entry(toy).or_insert_with(|| watch::Sender::new(None)).subscribe()
        };
        self.shared.wants_changed.notify_one();
        receiver
    }

    async fn connect(&self, toy: ToyAddress) -> Result<Box<dyn Link>, RadioError> {
        let (answer, answered) = oneshot::channel();
        self.asks.send(Ask { toy, answer }).map_err(|_gone| RadioError::Unreachable)?;
        // The owner has deadlines, and notices when this is dropped.
        let link = answered.await.map_err(|_gone| RadioError::Unreachable)??;
        Ok(Box::new(link))
    }

    fn endings(&self) -> watch::Receiver<()> {
        self.shared.endings.subscribe()
    }

    fn is_alive(&self) -> bool {
        !self.owner.is_finished() && self.shared.round().elapsed() < COMES_ROUND_WITHIN
    }

    async fn close(&self) {
        let leaving: Vec<JoinHandle<()>> =
            self.shared.leaving().drain().map(|(_toy, task)| task).collect();
        for task in leaving {
            if timeout(LEAVES_WITHIN, task).await.is_err() {
                tracing::warn!("the Bluetooth service did not end a connection in time");
            }
        }
    }
}

impl Shared {
    fn new() -> Self {
        Self {
            state: watch::Sender::new(RadioState::Starting),
            toys: Mutex::default(),
            wants_changed: Notify::new(),
            endings: watch::Sender::new(()),
            leaving: Mutex::default(),
            round: Mutex::new(Instant::now()),
        }
    }

    fn toys(&self) -> MutexGuard<'_, Toys> {
        // Every change is a few assignments, none of which panics.
        self.toys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leaving(&self) -> MutexGuard<'_, HashMap<ToyAddress, JoinHandle<()>>> {
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn round(&self) -> MutexGuard<'_, Instant> {
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The owner has come round, and does the next thing.
    fn comes_round(&self) {
        *self.round() = Instant::now();
    }

    /// Shows how the radio is, and says so once in the log.
    fn show(&self, state: RadioState) {
        let is_news = self.state.send_if_modified(|before| {
            let is_news = *before != state;
            *before = state;
            is_news
        });
        if !is_news {
            return;
        }
        if matches!(state, RadioState::Works | RadioState::Starting) {
            tracing::info!("{state}");
        } else {
            tracing::warn!("{state}");
        }
    }

    /// Returns whether anybody wants to know who advertises.
    fn wants_scan(&self) -> bool {
        let mut toys = self.toys();
        let Toys { sightings, connected, looked_at, .. } = &mut *toys;
        sightings.retain(|_toy, sighting| 0 < sighting.receiver_count());
        let is_watched = looked_at.is_some_and(|at| at.elapsed() < LOOKS_FOR);
        is_watched || sightings.keys().any(|toy| !connected.contains(toy))
    }

    /// Takes note of an advertisement.
    fn hear(&self, heard: Heard) {
        let mut toys = self.toys();
        let at = heard.at;
        if let Some(sighting) = toys.sightings.get(&heard.address) {
            sighting.send_replace(Some(at));
        }
        if !NAME_PREFIXES.iter().any(|prefix| heard.name.starts_with(prefix)) {
            return;
        }
        if !toys.heard.contains_key(&heard.address) && MAX_HEARD <= toys.heard.len() {
            toys.heard.retain(|_toy, heard| at.saturating_duration_since(heard.at) < HEARD_FOR);
            if MAX_HEARD <= toys.heard.len() {
                return;
            }
        }
        toys.heard.insert(heard.address, heard);
    }

    fn connected(&self, toy: ToyAddress) {
        self.toys().connected.push(toy);
    }

    /// Ends a link for good: a connection that nobody uses keeps the toy from everybody else.
    fn leave(&self, toy: ToyAddress, ending: impl Future<Output = ()> + Send + 'static) {
        {
            let mut toys = self.toys();
            if let Some(index) = toys.connected.iter().position(|connected| *connected == toy) {
                toys.connected.swap_remove(index);
            }
            // It cannot have been heard while it was connected.
            toys.heard.remove(&toy);
        }
        self.wants_changed.notify_one();
        // Without a runtime the program is ending, and there is nobody to end a link.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let endings = self.endings.clone();
        let task = runtime.spawn(async move {
            ending.await;
            endings.send_replace(());
        });
        let before = self.leaving().insert(toy, task);
        drop(before);
    }

    /// Waits until the last link to a toy has ended.
    async fn left(&self, toy: ToyAddress) {
        let task = self.leaving().remove(&toy);
        if let Some(task) = task {
            drop(timeout(LEAVES_WITHIN, task).await);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_owner_that_comes_round_no_more_is_not_alive() {
        let owner = tokio::spawn(std::future::pending());
        let (asks, _to_do) = mpsc::unbounded_channel();
        let radio = Bluez { shared: Arc::new(Shared::new()), asks, owner };

        tokio::time::advance(COMES_ROUND_WITHIN / 2).await;
        assert!(radio.is_alive());
        radio.shared.comes_round();
        tokio::time::advance(COMES_ROUND_WITHIN / 2).await;
        assert!(radio.is_alive());
        tokio::time::advance(COMES_ROUND_WITHIN / 2).await;
        assert!(!radio.is_alive());
    }
}
