//! A household in simulated time: the hub with its keepers, a store in memory, and simulated toys.
//!
//! Time stands still but for the waiting: an hour passes in a moment, and nothing depends on how
//! fast the machine is.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use hutch::{
    audio::{Clip, Pcm, adpcm, keep, wav},
    auth::{kdf::Cost, token::Token},
    clock::Clock,
    demo::{NewResident, Playroom},
    hub::{
        Accounts, Browser, Bus, Caller, Color, Delivery, Erasure, Event, Events, Guardian,
        Household, Hub, Item, Presence, Sending, accounts::Founding, children, keeper::Tools, toys,
    },
    model::{
        AccountId, Character, ChildId, DeliveryId, ItemId, Slot, Timestamp, ToyAddress, ToyId,
    },
    radio::{
        Link, Radio as _,
        sim::{LinkTiming, SimRadio, SimToy},
    },
    seal::{
        About, DeviceKey, HashKey, Kind, Part, PrivateKey as _, household::HouseholdKey,
        new_content_key,
    },
    store::{
        self, Store,
        items::{self, NewItem},
    },
    toy::{
        firmware::{Firmware, Quirks},
        session::Pacing,
        wire::Led,
    },
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

/// Longer than anything that is worth waiting for, in simulated time.
const PATIENCE: Duration = Duration::from_secs(3_600);

pub(crate) const ADDRESS: ToyAddress = ToyAddress([0xC0, 0xFF, 0xEE, 0, 0, 1]);
pub(crate) const STRAY: ToyAddress = ToyAddress([0xC0, 0xFF, 0xEE, 0, 0, 3]);
const STRAY_ID: ToyId = ToyId::from_bytes([3; 16]);

/// A Tuesday, 22:13:20 in UTC.
pub(crate) const START: Timestamp = Timestamp(1_700_000_000);

/// The guardian's name and password.
pub(crate) const NAME: &str = "Robin";
pub(crate) const PASSWORD: &str = "kettle-harbor-violin-acorn-drizzle";

/// A browser that was never here.
pub(crate) fn browser() -> Browser {
    let (address, device) = ("127.0.0.1".to_owned(), "A browser".to_owned());
    Browser { address, device, session: None, known: None }
}

pub(crate) struct House {
    pub(crate) hub: Hub,
    pub(crate) guardian: Guardian,
    pub(crate) account: AccountId,
    pub(crate) household: HouseholdKey,
    pub(crate) recovery: Zeroizing<String>,
    pub(crate) toy: SimToy,
    /// A toy that nobody has adopted.
    pub(crate) stray: SimToy,
    pub(crate) toy_id: ToyId,
    pub(crate) child: ChildId,
    pub(crate) tools: Arc<Tools>,
    cookie: Zeroizing<String>,
    pub(crate) clock: Arc<RuntimeClock>,
    events: Events,
    keepers: JoinSet<()>,
    stop: CancellationToken,
    pub(crate) radio: Arc<SimRadio>,
}

/// Wall time that goes with the runtime's, unless it is set to another.
pub(crate) struct RuntimeClock {
    began: Instant,
    ahead_s: AtomicI64,
}

impl RuntimeClock {
    /// Sets it forward, or back.
    pub(crate) fn set_by(&self, seconds: i64) {
        self.ahead_s.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for RuntimeClock {
    fn now(&self) -> Timestamp {
        let runs = i64::try_from(self.began.elapsed().as_secs()).unwrap();
        START.after(runs + self.ahead_s.load(Ordering::SeqCst))
    }
}

impl House {
    /// A child with a toy that behaves like this, and a keeper for it.
    pub(crate) async fn with_toy(quirks: Quirks) -> Self {
        let mut house = Self::without_keepers(quirks).await;
        house.start_keepers().await;
        house
    }

    pub(crate) async fn start_keepers(&mut self) {
        self.hub.start_keepers(&mut self.keepers, &self.stop).await.unwrap();
    }

    /// A child with a toy that nobody looks after.
    pub(crate) async fn without_keepers(quirks: Quirks) -> Self {
        Self::new(quirks, LinkTiming::default(), false).await
    }

    /// A child with a well-behaved toy and a keeper, over a slower link.
    pub(crate) async fn with_slow_air(interval: Duration) -> Self {
        let air = LinkTiming { interval, ..LinkTiming::default() };
        let mut house = Self::new(Quirks::default(), air, false).await;
        house.start_keepers().await;
        house
    }

    /// The same, in the demo, where the toy can be played with through the hub.
    pub(crate) async fn in_demo() -> Self {
        Self::new(Quirks::default(), LinkTiming::default(), true).await
    }

    /// A child with a toy that nobody looks after, and everything stored in here.
    pub(crate) async fn with_store(store: Store) -> Self {
        Self::on(store, Quirks::default(), LinkTiming::default(), false).await
    }

    async fn new(quirks: Quirks, air: LinkTiming, has_playroom: bool) -> Self {
        Self::on(Store::in_memory().unwrap(), quirks, air, has_playroom).await
    }

    async fn on(store: Store, quirks: Quirks, air: LinkTiming, has_playroom: bool) -> Self {
        let firmware = Firmware::new(Character::Bear, quirks);
        let other = Firmware::new(Character::Rabbit, Quirks::default());
        let radio = Arc::new(SimRadio::new([(ADDRESS, firmware), (STRAY, other)], air));
        let toy = radio.toy(ADDRESS).unwrap();
        let stray = radio.toy(STRAY).unwrap();
        let household = HouseholdKey::generate();
        let clock = RuntimeClock { began: Instant::now(), ahead_s: AtomicI64::new(0) };
        let clock = Arc::new(clock);
        let tools = Arc::new(Tools {
            radio: Arc::<SimRadio>::clone(&radio),
            store: Arc::new(store),
            clock: Arc::<RuntimeClock>::clone(&clock),
            bus: Arc::new(Bus::default()),
            device: DeviceKey::generate(),
            hash: HashKey::generate(),
            household: Household::default(),
            pacing: Pacing::default(),
        });
        let founding = Founding {
            name: NAME.to_owned(),
            password: Zeroizing::new(PASSWORD.to_owned()),
            household: None,
            time_zone: None,
        };
        let founder = Hub::new(Arc::clone(&tools), Accounts::new(Cost::FLOOR, None), None);
        let (account, recovery) = founder.found(&founding, &household).await.unwrap();
        let mia = children::make(&tools, "Mia", Character::Bear, Color::Plum).unwrap();
        let child = mia.id;
        let bentley = toys::make(&tools, child, ADDRESS, Character::Bear, "Bentley").unwrap();
        let toy_id = bentley.id;
        let move_in = move |tx: &store::Transaction<'_>| {
            store::children::insert(tx, &mia)?;
            store::toys::insert(tx, &bentley)
        };
        tools.store.write(move_in).await.unwrap();
        let bus = Arc::clone(&tools.bus);
        let playroom = has_playroom.then(|| {
            let resident = NewResident {
                id: toy_id,
                address: ADDRESS,
                character: Character::Bear,
                toy: toy.clone(),
            };
            let other = NewResident {
                id: STRAY_ID,
                address: STRAY,
                character: Character::Rabbit,
                toy: stray.clone(),
            };
            Playroom::new([resident, other], move |toy| bus.publish(Event::DemoToy(toy)))
        });
        let hub = Hub::new(Arc::clone(&tools), Accounts::new(Cost::FLOOR, None), playroom);
        let link = hub.make_link(account, &household).unwrap();
        let signed_in = hub.enter(browser(), &link.to_text()).await.unwrap().unwrap();
        let cookie = signed_in.session.to_text();
        let Caller::Guardian(guardian) = hub.caller(&cookie, "127.0.0.1").await.unwrap().unwrap()
        else {
            panic!("the founder is a guardian")
        };
        let events = hub.events(&guardian);
        let (keepers, stop) = (JoinSet::new(), CancellationToken::new());
        Self {
            hub,
            guardian,
            account,
            household,
            recovery: recovery.to_text(),
            toy,
            stray,
            toy_id,
            child,
            tools,
            cookie,
            clock,
            events,
            keepers,
            stop,
            radio,
        }
    }

    /// Makes a link that signs the guardian in once.
    pub(crate) fn link(&self) -> Token {
        self.hub.make_link(self.account, &self.household).unwrap()
    }

    /// The guardian, who has given the password a moment ago.
    pub(crate) async fn confirmed(&self) -> Guardian {
        let password = Zeroizing::new(PASSWORD.to_owned());
        self.hub.confirm(&self.guardian, password, None).await.unwrap();
        match self.hub.caller(&self.cookie, "127.0.0.1").await.unwrap().unwrap() {
            Caller::Guardian(guardian) => guardian,
            _ => panic!("the founder is a guardian"),
        }
    }

    /// Erases a recording or message.
    pub(crate) async fn erase(&self, id: ItemId) -> Erasure {
        let by = self.confirmed().await;
        self.hub.erase_item(&self.hub.confirmed(&by).unwrap(), id).await.unwrap()
    }

    /// Connects to the toy, if nobody has it.
    pub(crate) async fn connects(&self) -> Option<Box<dyn Link>> {
        self.radio.connect(ADDRESS).await.ok()
    }

    /// Puts a recording of this length into the conversation.
    pub(crate) async fn add_recording(&self, length_ms: u32) {
        self.add_recording_as(ItemId::from_bytes([7; 16]), length_ms).await;
    }

    /// The same, by another name.
    pub(crate) async fn add_recording_as(&self, id: ItemId, length_ms: u32) {
        let child = Some(self.child);
        let about = About { item: id, kind: Kind::Recording, child, sender: None };
        let spoken = tone(8_000, length_ms);
        let content = new_content_key();
        let sound = keep::encode(&spoken).unwrap();
        let waveform = hutch::audio::waveform(&spoken);
        let item = NewItem {
            id,
            kind: items::ItemKind::Recording,
            child: self.child,
            sender: None,
            toy: Some(self.toy_id),
            recorded_at: START,
            length_ms,
            while_away: false,
            sound: content.seal(Part::Sound, &about, &sound).unwrap(),
            waveform: content.seal(Part::Waveform, &about, &waveform.0).unwrap(),
            key: content.key_for(&self.household.public(), &about),
        };
        self.tools.store.write(move |tx| items::insert(tx, &item)).await.unwrap();
    }

    /// Takes the toy's one connection, when the hub lets it go for a moment.
    pub(crate) async fn stranger_connects(&mut self) -> Box<dyn Link> {
        self.toy.drop_link();
        let taken = timeout(PATIENCE, async {
            loop {
                if let Ok(link) = self.radio.connect(ADDRESS).await {
                    return link;
                }
                self.toy.drop_link();
            }
        });
        taken.await.expect("the toy can be had")
    }

    /// Stops the keepers, and with them all that only they remember.
    pub(crate) async fn stop_keepers(&mut self) {
        self.stop.cancel();
        timeout(PATIENCE, async { while self.keepers.join_next().await.is_some() {} })
            .await
            .expect("keepers stop");
        self.stop = CancellationToken::new();
    }

    /// Stops the keepers and starts them again, as a restart of the hub would.
    pub(crate) async fn restart(&mut self) {
        self.stop_keepers().await;
        self.start_keepers().await;
    }

    /// Sends a message of this length.
    pub(crate) async fn send(&self, length_ms: u32) -> Item {
        let wav = wav::write(&tone(16_000, length_ms));
        let sent = self
            .hub
            .send_message(&self.guardian, self.child, wav, Sending::default())
            .await
            .unwrap();
        sent.into_iter().next().unwrap()
    }

    /// Waits until an event says so.
    pub(crate) async fn until<T>(&mut self, mut wanted: impl FnMut(&Event) -> Option<T>) -> T {
        let search = async {
            loop {
                let event = self.events.next().await.expect("the hub lives");
                if let Some(found) = wanted(&event) {
                    return found;
                }
            }
        };
        timeout(PATIENCE, search).await.expect("it happens within an hour")
    }

    /// Waits until a delivery comes to a state.
    pub(crate) async fn until_state(&mut self, id: DeliveryId, word: &str) -> Delivery {
        if let delivery @ Delivery { .. } = self.delivery(id).await
            && delivery.state.word() == word
        {
            return delivery;
        }
        self.until(|event| match event {
            Event::Delivery(delivery) if delivery.id == id && delivery.state.word() == word => {
                Some(delivery.clone())
            }
            _ => None,
        })
        .await
    }

    pub(crate) async fn until_presence(&mut self, wanted: Presence) {
        loop {
            let mut toys = self.hub.toys(&self.guardian).await.unwrap();
            if toys.pop().unwrap().now.presence == wanted {
                return;
            }
            // What is heard of now may be from before.
            self.until(|event| match event {
                Event::Toy { now, .. } if now.presence == wanted => Some(()),
                _ => None,
            })
            .await;
        }
    }

    pub(crate) async fn until_heart(&mut self, wanted: Led) {
        let mut looks = self.toy.looks();
        let reached = looks.wait_for(|look| look.led == wanted);
        timeout(Duration::from_secs(600), reached).await.expect("the heart changes").unwrap();
    }

    /// The toy falls asleep, well after the hub got hold of it.
    pub(crate) async fn falls_asleep(&mut self) {
        self.until_presence(Presence::Awake).await;
        sleep(Duration::from_secs(20)).await;
        self.toy.sleep();
        self.until_presence(Presence::Asleep).await;
    }

    pub(crate) async fn until_item(&mut self) {
        self.until(|event| matches!(event, Event::Item { .. }).then_some(())).await;
    }

    /// Waits until this message is being sent, and some of it has arrived.
    pub(crate) async fn until_sending(&mut self, id: DeliveryId, percent: u8) {
        self.until(|event| match event {
            Event::Delivery(it) if it.id == id => it.sending.filter(|sent| percent < *sent),
            _ => None,
        })
        .await;
    }

    pub(crate) async fn delivery(&self, id: DeliveryId) -> Delivery {
        let page = self.hub.items(&self.guardian, self.child, None, 100).await.unwrap();
        let mut deliveries = page.items.into_iter().filter_map(|item| item.delivery);
        deliveries.find(|delivery| delivery.id == id).expect("the delivery is there")
    }

    /// Everything from the child, oldest first.
    pub(crate) async fn recordings(&self) -> Vec<Item> {
        let page = self.hub.items(&self.guardian, self.child, None, 100).await.unwrap();
        page.items.into_iter().rev().filter(|item| item.delivery.is_none()).collect()
    }

    /// What the toy's mailbox slot should hold for a message of this length.
    pub(crate) fn clip(length_ms: u32) -> Vec<u8> {
        let wav = wav::write(&tone(16_000, length_ms));
        let spoken = hutch::audio::prepare(&wav::read(&wav).unwrap()).unwrap();
        Clip::encode(&spoken).unwrap().into_bytes()
    }

    /// What the toy's mailbox slot holds.
    pub(crate) fn mailbox(&self) -> Vec<u8> {
        self.toy.slot(Slot::MAILBOX)
    }

    /// The child records for this long.
    pub(crate) fn record(&self, length_ms: u32) {
        let file = adpcm::encode(&tone(8_000, length_ms).samples, adpcm::Bits::Four);
        self.toy.record(file, Duration::from_millis(length_ms.into()));
    }
}

/// Something to hear that is not the same for two lengths.
pub(crate) fn tone(rate: u32, length_ms: u32) -> Pcm {
    let n_samples = u64::from(rate) * u64::from(length_ms) / 1_000;
    let step = 400.0 * std::f64::consts::TAU / f64::from(rate);
    let samples = (0..n_samples)
        .map(|n| {
            let n = f64::from(u32::try_from(n).unwrap());
            let wobble = 1.0 + 0.2 * (n / f64::from(length_ms.max(1))).sin();
            #[allow(
                clippy::as_conversions,
                clippy::cast_possible_truncation,
                reason = "8,000 fits"
            )]
            let sample = ((n * step * wobble).sin() * 8_000.0) as i16;
            sample
        })
        .collect();
    Pcm { rate, samples }
}
