//! A household in this process: the hub with its keepers over BlueZ, without its page.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use hutch::{
    audio::{Clip, Pcm, adpcm, prepare, wav},
    auth::kdf::Cost,
    clock::SystemClock,
    hub::{
        Accounts, Browser, Bus, Caller, Color, Delivery, Event, Events, Guardian,
        Household as Sealing, Hub, Item, Presence, Sending, accounts::Founding, children,
        keeper::Tools, toys,
    },
    model::{Character, ChildId, DeliveryId, ToyAddress, ToyId},
    radio::{Heard, Link, Radio, RadioError, RadioState, bluez::Bluez},
    seal::{DeviceKey, HashKey, household::HouseholdKey},
    store::{self, Store},
    toy::session::Pacing,
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::{
    guest::{PATIENCE, aside},
    toy::Toy,
};

/// Where the toys of the guest are found.
const ADDRESSES: [ToyAddress; 2] =
    [ToyAddress([0xC0, 0xFF, 0xEE, 0, 0, 1]), ToyAddress([0xC0, 0xFF, 0xEE, 0, 0, 2])];

/// A household whose toys are those of the guest.
pub(crate) struct House {
    pub(crate) hub: Hub,
    pub(crate) guardian: Guardian,
    pub(crate) radio: Arc<Bluez>,
    /// How often a connection was tried.
    #[allow(dead_code, reason = "the figures need it")]
    pub(crate) n_tries: Arc<AtomicU32>,
    pub(crate) residents: Vec<(ChildId, ToyId)>,
    events: Events,
    keepers: JoinSet<()>,
    stop: CancellationToken,
}

impl House {
    /// A child for each of the first toys, and their keepers.
    pub(crate) async fn with_toys(n_toys: usize) -> Self {
        Self::with_adapter(n_toys, Some("hci0")).await
    }

    /// The same with this adapter, or any.
    pub(crate) async fn with_adapter(n_toys: usize, adapter: Option<&str>) -> Self {
        Self::with(n_toys, adapter, Pacing::default()).await
    }

    /// The same with chunks that follow each other so fast.
    pub(crate) async fn with(n_toys: usize, adapter: Option<&str>, pacing: Pacing) -> Self {
        let radio = Arc::new(Bluez::start(adapter.map(str::to_owned)));
        let n_tries = Arc::<AtomicU32>::default();
        let counted = Counted { radio: Arc::clone(&radio), n_tries: Arc::clone(&n_tries) };
        let household = HouseholdKey::generate();
        let tools = Arc::new(Tools {
            radio: Arc::new(counted),
            store: Arc::new(Store::in_memory().unwrap()),
            clock: Arc::new(SystemClock),
            bus: Arc::new(Bus::default()),
            device: DeviceKey::generate(),
            hash: HashKey::generate(),
            household: Sealing::default(),
            pacing,
        });
        let hub = Hub::new(Arc::clone(&tools), Accounts::new(Cost::FLOOR, None), None);
        let founding = Founding {
            name: "Robin".to_owned(),
            password: Zeroizing::new("kettle-harbor-violin-acorn-drizzle".to_owned()),
            household: None,
            time_zone: None,
        };
        let (account, _recovery) = hub.found(&founding, &household).await.unwrap();
        let mut residents = Vec::new();
        for address in ADDRESSES.into_iter().take(n_toys) {
            let mia = children::make(&tools, "Mia", Character::Bear, Color::Plum).unwrap();
            let bentley = toys::make(&tools, mia.id, address, Character::Bear, "Bentley").unwrap();
            residents.push((mia.id, bentley.id));
            let move_in = move |tx: &store::Transaction<'_>| {
                store::children::insert(tx, &mia)?;
                store::toys::insert(tx, &bentley)
            };
            tools.store.write(move_in).await.unwrap();
        }
        let link = hub.make_link(account, &household).unwrap();
        let browser = Browser {
            address: "127.0.0.1".to_owned(),
            device: "A browser".to_owned(),
            session: None,
            known: None,
        };
        let signed_in = hub.enter(browser, &link.to_text()).await.unwrap().unwrap();
        let cookie = signed_in.session.to_text();
        let Caller::Guardian(guardian) = hub.caller(&cookie, "127.0.0.1").await.unwrap().unwrap()
        else {
            panic!("the founder is a guardian")
        };
        let events = hub.events(&guardian);
        let (mut keepers, stop) = (JoinSet::new(), CancellationToken::new());
        hub.start_keepers(&mut keepers, &stop).await.unwrap();
        Self { hub, guardian, radio, n_tries, residents, events, keepers, stop }
    }

    /// Ends the keepers and their links.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        let ended = timeout(PATIENCE, async { while self.keepers.join_next().await.is_some() {} });
        ended.await.expect("keepers stop");
        self.radio.close().await;
    }

    /// Sends a message of this length to the child of a toy.
    pub(crate) async fn send(&self, to: usize, length_ms: u32) -> DeliveryId {
        let wav = wav::write(&tone(16_000, length_ms));
        let child = self.residents[to].0;
        let sent =
            self.hub.send_message(&self.guardian, child, wav, Sending::default()).await.unwrap();
        sent.into_iter().next().unwrap().delivery.unwrap().id
    }

    pub(crate) async fn delivery(&self, to: usize, id: DeliveryId) -> Delivery {
        let child = self.residents[to].0;
        let page = self.hub.items(&self.guardian, child, None, 100).await.unwrap();
        let mut deliveries = page.items.into_iter().filter_map(|item| item.delivery);
        deliveries.find(|delivery| delivery.id == id).expect("the delivery is there")
    }

    /// Everything from the child of a toy, oldest first.
    pub(crate) async fn recordings(&self, of: usize) -> Vec<Item> {
        let child = self.residents[of].0;
        let page = self.hub.items(&self.guardian, child, None, 100).await.unwrap();
        page.items.into_iter().rev().filter(|item| item.delivery.is_none()).collect()
    }

    /// Waits until an event says so.
    pub(crate) async fn until<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(&Event) -> Option<T>,
    ) -> T {
        let search = async {
            loop {
                let event = self.events.next().await.expect("the hub lives");
                if let Some(found) = wanted(&event) {
                    return found;
                }
            }
        };
        timeout(PATIENCE, search).await.unwrap_or_else(|_| panic!("{what}: not in {PATIENCE:?}"))
    }

    /// Waits until a delivery comes to a state.
    pub(crate) async fn until_state(&mut self, to: usize, id: DeliveryId, word: &str) -> Delivery {
        let delivery = self.delivery(to, id).await;
        if delivery.state.word() == word {
            return delivery;
        }
        self.until(word, |event| match event {
            Event::Delivery(it) if it.id == id && it.state.word() == word => Some(it.clone()),
            _ => None,
        })
        .await
    }

    /// Waits until a message is on the toy, and has it tried again at once each time that it failed.
    pub(crate) async fn until_on_toy(&mut self, to: usize, id: DeliveryId) {
        loop {
            let delivery = self.delivery(to, id).await;
            let word = match delivery.state.word() {
                "on_toy" => return,
                "failed" => {
                    self.hub.retry(&self.guardian, id).await.unwrap();
                    continue;
                }
                _ => "it goes on",
            };
            self.until(word, |event| match event {
                Event::Delivery(it) if it.id == id && it.sending.is_none() => Some(()),
                _ => None,
            })
            .await;
        }
    }

    pub(crate) async fn until_presence(&mut self, of: usize, wanted: Presence) {
        let id = self.residents[of].1;
        loop {
            let toys = self.hub.toys(&self.guardian).await.unwrap();
            if toys.iter().any(|toy| toy.id == id && toy.now.presence == wanted) {
                return;
            }
            // What is heard of now may be from before.
            self.until("presence", |event| match event {
                Event::Toy { id: toy, now } if *toy == id && now.presence == wanted => Some(()),
                _ => None,
            })
            .await;
        }
    }

    /// Wakes a toy until the radio has heard it, and not until the hub has it. Returns when that was.
    ///
    /// The toy must advertise seldom: the hub connects when it does so once more.
    pub(crate) async fn glimpse(&mut self, of: usize, toy: Toy) -> Instant {
        for _ in 0..5 {
            let woken_at = Instant::now();
            let mut sightings = self.radio.sightings(ADDRESSES[of]);
            sightings.mark_unchanged();
            aside(move || toy.wake()).await;
            let is_heard = timeout(Duration::from_secs(15), sightings.changed()).await.is_ok();
            aside(move || toy.sleep()).await;
            let state = aside(move || toy.state()).await;
            let events = state["events"].as_array().unwrap().iter();
            let since = events.rev().map(|event| event["what"].as_str().unwrap());
            let mut since = since.take_while(|what| *what != "wakes up");
            if is_heard && !since.any(|what| what.starts_with("connected")) {
                return woken_at;
            }
            // It was faster. Whatever it tries next is over by then.
            sleep(Duration::from_secs(15)).await;
        }
        panic!("the hub is always faster")
    }

    pub(crate) async fn until_item(&mut self) {
        self.until("an item", |event| matches!(event, Event::Item { .. }).then_some(())).await;
    }

    pub(crate) fn radio_state(&self) -> RadioState {
        *self.radio.state().borrow()
    }

    /// Waits until the radio is like this.
    pub(crate) async fn until_radio(&self, within: Duration, wanted: RadioState) {
        let mut states = self.radio.state();
        let reached = states.wait_for(|state| *state == wanted);
        timeout(within, reached).await.unwrap_or_else(|_| panic!("{wanted:?}")).unwrap();
    }

    /// What the toy's mailbox slot should hold for a message of this length.
    pub(crate) fn clip(length_ms: u32) -> Vec<u8> {
        let wav = wav::write(&tone(16_000, length_ms));
        let spoken = prepare(&wav::read(&wav).unwrap()).unwrap();
        Clip::encode(&spoken).unwrap().into_bytes()
    }

    /// How long that is when it comes back: a toy records in whole packets.
    pub(crate) fn recorded_ms(length_ms: u32) -> u32 {
        let decoded = adpcm::decode(&Self::recording(length_ms)).unwrap();
        u32::try_from((decoded.pcm.samples.len() * 1_000).div_ceil(8_000)).unwrap()
    }

    /// What a toy makes of a child who speaks for this long.
    pub(crate) fn recording(length_ms: u32) -> Vec<u8> {
        adpcm::encode(&tone(8_000, length_ms).samples, adpcm::Bits::Four)
    }
}

/// The radio, which counts how often it is asked to connect.
struct Counted {
    radio: Arc<Bluez>,
    n_tries: Arc<AtomicU32>,
}

#[async_trait]
impl Radio for Counted {
    fn state(&self) -> watch::Receiver<RadioState> {
        self.radio.state()
    }

    fn heard(&self) -> Vec<Heard> {
        self.radio.heard()
    }

    fn look_around(&self) {
        self.radio.look_around();
    }

    fn sightings(&self, toy: ToyAddress) -> watch::Receiver<Option<Instant>> {
        self.radio.sightings(toy)
    }

    async fn connect(&self, toy: ToyAddress) -> Result<Box<dyn Link>, RadioError> {
        self.n_tries.fetch_add(1, Ordering::Relaxed);
        self.radio.connect(toy).await
    }

    fn endings(&self) -> watch::Receiver<()> {
        self.radio.endings()
    }

    async fn close(&self) {
        self.radio.close().await;
    }
}

/// Something to hear that is not the same for two lengths.
pub(crate) fn tone(rate: u32, length_ms: u32) -> Pcm {
    let n_samples = u64::from(rate) * u64::from(length_ms) / 1_000;
    let (step, bend) = (2_000.0 / f64::from(rate), f64::from(length_ms));
    let samples = (0..n_samples)
        .map(|n| {
            let n = f64::from(u32::try_from(n).unwrap());
            #[allow(
                clippy::as_conversions,
                clippy::cast_possible_truncation,
                reason = "8,000 fits"
            )]
            let sample = ((n * step + (n / bend).sin()).sin() * 8_000.0) as i16;
            sample
        })
        .collect();
    Pcm { rate, samples }
}
