//! A radio without air: simulated toys behind the traits that real ones will stand behind.
//!
//! Each toy is a [`Firmware`], pumped by one task that is the only one to poll
//! it. The link has the pace of the real one: one 20-byte write per connection
//! interval, a few notifications per interval, a while to connect. Toys fall
//! asleep when left alone and are woken by a paw, like the real ones.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    sync::{Notify, mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use super::{GattTable, Heard, Identity, Link, Radio, RadioError, RadioState, newest};
use crate::{
    model::{Slot, ToyAddress},
    toy::{
        firmware::{Firmware, FirmwareOutput, Quirks, Refusal},
        inferred::{ADVERTISES_EVERY, FALLS_ASLEEP_AFTER, HELD_STAYS_AWAKE, SERVICE_IS_ADVERTISED},
        wire::{CHUNK_BYTES, Characteristic, ConfigId, Led, Offer, SERVICE, ToyState},
    },
};

/// How long a connection attempt to a toy that does not answer takes to be given up.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

/// What all simulated toys call themselves.
const NAME: &str = "CloudPets B 1.0.19";

/// How strong a toy in the same room is.
const SIGNAL_DBM: i16 = -55;

/// The services and characteristics of a simulated toy.
fn genuine_table() -> GattTable {
    GattTable::of(Characteristic::ALL.map(|characteristic| format!("{characteristic:?}")))
}

/// The same, one by one.
fn genuine_offers() -> [Offer; 8] {
    Characteristic::ALL.map(|one| Offer {
        service: SERVICE,
        characteristic: one.uuid(),
        properties: one.properties(),
    })
}

/// The pace of the simulated air.
#[derive(Clone, Copy, Debug)]
pub struct LinkTiming {
    /// One write fits into each connection interval. 7.5 ms is the shortest that Bluetooth LE has.
    pub interval: Duration,
    /// How many notifications fit into one interval.
    pub notifications_per_interval: u32,
    /// How long a connection takes to be made.
    pub connect: Duration,
}

impl Default for LinkTiming {
    fn default() -> Self {
        Self {
            interval: Duration::from_micros(7_500),
            notifications_per_interval: 4,
            connect: Duration::from_millis(300),
        }
    }
}

/// All simulated toys of a household.
pub struct SimRadio {
    toys: HashMap<ToyAddress, SimToy>,
    timing: LinkTiming,
    state: watch::Sender<RadioState>,
    endings: watch::Sender<()>,
    /// How many toys it holds at once.
    room_for: AtomicUsize,
    _pumps: JoinSet<()>,
}

impl SimRadio {
    /// Makes a radio in whose range these toys are, and starts them, awake.
    pub fn new(toys: impl IntoIterator<Item = (ToyAddress, Firmware)>, timing: LinkTiming) -> Self {
        let (mut pumps, endings) = (JoinSet::new(), watch::Sender::new(()));
        let toys = toys
            .into_iter()
            .map(|(address, firmware)| {
                let toy = SimToy::new(firmware, endings.clone());
                pumps.spawn(toy.clone().pump(timing));
                (address, toy)
            })
            .collect();
        let state = watch::Sender::new(RadioState::Works);
        let room_for = AtomicUsize::new(usize::MAX);
        Self { toys, timing, state, endings, room_for, _pumps: pumps }
    }

    /// Holds no more toys than this at once, from now on.
    pub fn make_room_for(&self, n_toys: usize) {
        self.room_for.store(n_toys, Ordering::Relaxed);
    }

    /// Returns the toy with this address, to squeeze its paws.
    pub fn toy(&self, address: ToyAddress) -> Option<SimToy> {
        self.toys.get(&address).cloned()
    }
}

#[async_trait]
impl Radio for SimRadio {
    fn state(&self) -> watch::Receiver<RadioState> {
        self.state.subscribe()
    }

    fn heard(&self) -> Vec<Heard> {
        newest(self.toys.iter().filter_map(|(address, toy)| toy.heard(*address)))
    }

    fn sightings(&self, toy: ToyAddress) -> watch::Receiver<Option<Instant>> {
        match self.toys.get(&toy) {
            Some(toy) => toy.0.sighting.subscribe(),
            None => watch::channel(None).1,
        }
    }

    async fn connect(&self, toy: ToyAddress) -> Result<Box<dyn Link>, RadioError> {
        let Some(toy) = self.toys.get(&toy) else {
            sleep(CONNECT_DEADLINE).await;
            return Err(RadioError::Unreachable);
        };
        sleep(self.timing.connect).await;
        let n_held = self.toys.values().filter(|toy| toy.body().is_connected()).count();
        if self.room_for.load(Ordering::Relaxed) <= n_held {
            return Err(RadioError::NoRoom);
        }
        let Some(link) = toy.connect(self.timing) else {
            sleep(CONNECT_DEADLINE.saturating_sub(self.timing.connect)).await;
            return Err(RadioError::Unreachable);
        };
        Ok(Box::new(link))
    }

    fn endings(&self) -> watch::Receiver<()> {
        self.endings.subscribe()
    }
}

/// One simulated toy, as somebody who holds it in their hands has it.
#[derive(Clone)]
pub struct SimToy(Arc<Shared>);

struct Shared {
    body: Mutex<Body>,
    /// Wakes the pump.
    touched: Notify,
    sighting: watch::Sender<Option<Instant>>,
    look: watch::Sender<Look>,
    /// Those of the radio.
    endings: watch::Sender<()>,
}

struct Body {
    firmware: Firmware,
    /// What can be seen of it from outside.
    identity: Identity,
    signal_dbm: i16,
    awake: bool,
    last_touched: Instant,
    /// The notifications of the one connection that a toy accepts.
    link: Option<mpsc::UnboundedSender<(Characteristic, Vec<u8>)>>,
}

/// What can be seen and heard of a toy from outside, without its sound.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each can be seen by itself")]
pub struct Look {
    /// Not asleep.
    pub awake: bool,
    /// Somebody is connected to it.
    pub connected: bool,
    /// What it is doing.
    pub state: ToyState,
    /// Its heart.
    pub led: Led,
    /// Its volume, 0 to 255.
    pub volume: u8,
    /// Something lies in its mailbox slot.
    pub has_message: bool,
    /// The child recorded something that has not been replaced.
    pub has_recording: bool,
}

impl SimToy {
    fn new(firmware: Firmware, endings: watch::Sender<()>) -> Self {
        let identity = Identity { name: Some(NAME.to_owned()), table: genuine_table() };
        let (awake, last_touched, link) = (true, Instant::now(), None);
        let signal_dbm = SIGNAL_DBM;
        let body = Body { firmware, identity, signal_dbm, awake, last_touched, link };
        let look = watch::Sender::new(body.look());
        let sighting = watch::Sender::new(None);
        let (body, touched) = (Mutex::new(body), Notify::new());
        Self(Arc::new(Shared { body, touched, sighting, look, endings }))
    }

    /// Squeezes the play paw. Wakes the toy, too.
    pub fn press_play(&self) {
        self.touch(Firmware::press_play);
    }

    /// Squeezes the record paw for this long; `file` is what the toy's microphone made of it.
    pub fn record(&self, file: Vec<u8>, length: Duration) {
        self.touch(|firmware, now| firmware.record(file, length, now));
    }

    /// Puts the toy to sleep; whoever is connected loses it.
    pub fn sleep(&self) {
        {
            let mut body = self.body();
            body.awake = false;
            body.hang_up();
        }
        self.0.touched.notify_one();
    }

    /// Wakes the toy without touching a paw, as carrying it about might.
    pub fn wake(&self) {
        self.touch(|_firmware, _now| {});
    }

    /// Breaks the connection, as a passing microwave oven might.
    pub fn drop_link(&self) {
        self.body().hang_up();
        self.0.touched.notify_one();
    }

    /// Makes the toy misbehave, or behave again.
    pub fn set_quirks(&self, quirks: Quirks) {
        self.body().firmware.set_quirks(quirks);
        self.0.touched.notify_one();
    }

    /// Puts another toy into its place, as far as that can be seen from outside.
    pub fn set_identity(&self, identity: Identity) {
        self.body().identity = identity;
    }

    /// Changes what its config identifier reads as.
    pub fn set_config(&self, config: Vec<u8>) {
        self.body().firmware.set_config(config);
    }

    /// Returns what it says its config identifier is.
    pub fn config(&self) -> Option<ConfigId> {
        ConfigId::decode(&self.body().firmware.read(Characteristic::Config)?)
    }

    /// Returns whether its paws report instead of playing and recording.
    pub fn game_mode(&self) -> bool {
        self.body().firmware.game_mode()
    }

    /// Carries it away or nearer.
    pub fn set_signal(&self, signal_dbm: i16) {
        self.body().signal_dbm = signal_dbm;
    }

    /// Returns what a slot holds.
    pub fn slot(&self, slot: Slot) -> Vec<u8> {
        self.body().firmware.slot(slot).to_vec()
    }

    /// Returns what the hub did that a real toy would have suffered from.
    pub fn violations(&self) -> Vec<Refusal> {
        self.body().firmware.violations().to_vec()
    }

    /// Returns what can be seen of it.
    pub fn look(&self) -> Look {
        self.body().look()
    }

    /// Watches what can be seen of it.
    pub fn looks(&self) -> watch::Receiver<Look> {
        self.0.look.subscribe()
    }

    fn body(&self) -> MutexGuard<'_, Body> {
        // A panic elsewhere cannot leave the firmware half-changed: it never panics.
        self.0.body.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn heard(&self, address: ToyAddress) -> Option<Heard> {
        let at = (*self.0.sighting.borrow())?;
        let body = self.body();
        let config = body.firmware.read(Characteristic::Config);
        let config = config.and_then(|bytes| ConfigId::decode(&bytes));
        let name = body.identity.name.clone()?;
        let (signal_dbm, has_service) = (Some(body.signal_dbm), Some(SERVICE_IS_ADVERTISED));
        Some(Heard { address, name, signal_dbm, config, has_service, at })
    }

    fn touch(&self, act: impl FnOnce(&mut Firmware, std::time::Instant)) {
        let now = Instant::now();
        {
            let mut body = self.body();
            body.awake = true;
            body.last_touched = now;
            act(&mut body.firmware, now.into_std());
        }
        self.0.touched.notify_one();
    }

    fn connect(&self, timing: LinkTiming) -> Option<SimLink> {
        let now = Instant::now();
        let (notifications, identity) = {
            let mut body = self.body();
            if !body.awake || body.is_connected() {
                return None;
            }
            let (sender, receiver) = mpsc::unbounded_channel();
            body.link = Some(sender);
            body.firmware.connect(now.into_std());
            (receiver, body.identity.clone())
        };
        self.0.touched.notify_one();
        let (toy, offers) = (self.clone(), genuine_offers());
        Some(SimLink { toy, identity, offers, notifications, timing, next_write: now })
    }

    /// Runs the toy for as long as the radio lives.
    async fn pump(self, timing: LinkTiming) {
        loop {
            let deadline = self.step(Instant::now(), timing);
            let look = self.look();
            self.0.look.send_if_modified(|last| std::mem::replace(last, look) != look);
            tokio::select! {
                () = sleep_until(deadline) => {}
                () = self.0.touched.notified() => {}
            }
        }
    }

    /// Lets the firmware act, and returns when it has to be let again.
    fn step(&self, now: Instant, timing: LinkTiming) -> Instant {
        let mut body = self.body();
        let deadline = loop {
            match body.firmware.poll(now.into_std()) {
                FirmwareOutput::Notify(from, bytes) => {
                    let is_sound = from == Characteristic::ReceiveAudio;
                    // A receiver that is gone is a link that is being dropped.
                    let delivered = body.link.as_ref().map(|link| link.send((from, bytes)));
                    if let (true, Some(Ok(()))) = (is_sound, delivered) {
                        break Some(now + timing.interval / timing.notifications_per_interval);
                    }
                }
                FirmwareOutput::Disconnect => body.hang_up(),
                FirmwareOutput::Wait(deadline) => break deadline.map(Instant::from_std),
            }
        };

        let mut next = deadline.unwrap_or(now + FALLS_ASLEEP_AFTER);
        if body.awake && !body.is_connected() {
            let idle = body.firmware.state() == ToyState::Idle;
            if idle && FALLS_ASLEEP_AFTER <= now.duration_since(body.last_touched) {
                body.awake = false;
            } else {
                self.0.sighting.send_replace(Some(now));
                next = next.min(now + ADVERTISES_EVERY);
            }
        } else if body.is_connected() && HELD_STAYS_AWAKE {
            // Being left alone begins when the link is gone.
            body.last_touched = now;
        }
        next
    }
}

impl Body {
    fn is_connected(&self) -> bool {
        self.link.as_ref().is_some_and(|link| !link.is_closed())
    }

    fn hang_up(&mut self) {
        if self.link.take().is_some() {
            self.firmware.disconnect(Instant::now().into_std());
        }
    }

    fn look(&self) -> Look {
        Look {
            awake: self.awake,
            connected: self.is_connected(),
            state: self.firmware.state(),
            led: self.firmware.led(),
            volume: self.firmware.volume(),
            has_message: !self.firmware.slot(Slot::MAILBOX).is_empty(),
            has_recording: !self.firmware.recording().is_empty(),
        }
    }
}

/// A connection to a simulated toy.
struct SimLink {
    toy: SimToy,
    identity: Identity,
    offers: [Offer; 8],
    notifications: mpsc::UnboundedReceiver<(Characteristic, Vec<u8>)>,
    timing: LinkTiming,
    next_write: Instant,
}

impl SimLink {
    fn check(&self, body: &Body) -> Result<(), RadioError> {
        // The pump drops the sender of a link that is gone; another link has another channel.
        let ours = body.link.is_some() && !self.notifications.is_closed();
        if ours { Ok(()) } else { Err(RadioError::LinkLost) }
    }

    /// Waits for an answer that does not come: whoever asked has a deadline.
    async fn unanswered<T>(&self) -> Result<T, RadioError> {
        std::future::pending().await
    }

    /// Waits for the next connection event with room for a packet of ours.
    ///
    /// Events come at a steady beat, whether they are used or not: whoever is late for one gets
    /// the next.
    async fn interval(&mut self) {
        let late = Instant::now().saturating_duration_since(self.next_write);
        let n_missed = late.as_nanos().div_ceil(self.timing.interval.as_nanos().max(1));
        let n_missed = u32::try_from(n_missed).unwrap_or(u32::MAX);
        let event = self.next_write + self.timing.interval.saturating_mul(n_missed);
        self.next_write = event + self.timing.interval;
        sleep_until(event).await;
    }
}

#[async_trait]
impl Link for SimLink {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn offers(&self) -> &[Offer] {
        &self.offers
    }

    fn mtu(&self) -> Option<usize> {
        Some(CHUNK_BYTES + 3)
    }

    async fn read(&mut self, from: Characteristic) -> Result<Vec<u8>, RadioError> {
        self.interval().await;
        let value = {
            let body = self.toy.body();
            self.check(&body)?;
            if body.firmware.is_silent() { None } else { body.firmware.read(from) }
        };
        match value {
            Some(value) => Ok(value),
            None => self.unanswered().await,
        }
    }

    async fn subscribe(&mut self, to: Characteristic) -> Result<(), RadioError> {
        self.interval().await;
        let mut body = self.toy.body();
        self.check(&body)?;
        body.firmware.subscribe(to);
        Ok(())
    }

    async fn write(
        &mut self,
        to: Characteristic,
        bytes: &[u8],
        response: bool,
    ) -> Result<(), RadioError> {
        self.interval().await;
        let is_silent = {
            let mut body = self.toy.body();
            self.check(&body)?;
            let now = Instant::now().into_std();
            if let Err(refusal) = body.firmware.write(to, bytes, now) {
                // The firmware keeps it for tests; over the air nobody would be told.
                tracing::debug!(?refusal, "the simulated toy was mistreated");
            }
            body.firmware.is_silent()
        };
        self.toy.0.touched.notify_one();
        match (response, is_silent) {
            (false, _) => Ok(()),
            (true, true) => self.unanswered().await,
            (true, false) => {
                self.interval().await;
                Ok(())
            }
        }
    }

    async fn notified(&mut self) -> Result<(Characteristic, Vec<u8>), RadioError> {
        self.notifications.recv().await.ok_or(RadioError::LinkLost)
    }
}

impl Drop for SimLink {
    fn drop(&mut self) {
        self.notifications.close();
        {
            let mut body = self.toy.body();
            // A link made after this one broke is somebody else's.
            if body.link.as_ref().is_some_and(mpsc::UnboundedSender::is_closed) {
                body.hang_up();
            }
        }
        self.toy.0.touched.notify_one();
        self.toy.0.endings.send_replace(());
    }
}
