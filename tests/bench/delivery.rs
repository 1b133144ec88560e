//! How much longer a delivery takes than the air needs for it.

use std::{sync::Arc, time::Duration};

use hutch::{
    audio::{Clip, audio32, wav},
    auth::kdf::Cost,
    clock::SystemClock,
    hub::{
        Accounts, Browser, Bus, Caller, Color, Event, Household, Hub, accounts::Founding, children,
        keeper::Tools, toys,
    },
    model::{Character, DeliveryState, ToyAddress},
    radio::sim::{LinkTiming, SimRadio},
    seal::{DeviceKey, HashKey, household::HouseholdKey},
    store::{self, Store},
    toy::{
        firmware::{Firmware, Quirks},
        session::Pacing,
        wire::CHUNK_BYTES,
    },
};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{Bar, Figure, sound::speech};

const TOY: ToyAddress = ToyAddress([0xC0, 0xFF, 0xEE, 0, 0, 9]);
/// Seconds of speech in the message.
const MESSAGE_S: usize = 20;

/// The hub's own share of a delivery over the simulated link: everything beyond one chunk of
/// 20 bytes per 7.5 ms, with no gap of ours between chunks.
pub(crate) fn overhead() -> Vec<Figure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let measured = runtime.block_on(async { timeout(Duration::from_secs(120), measure()).await });
    vec![Figure {
        what: "the hub's own share of a delivery",
        bar: Bar::Percent(3.0),
        value: measured.ok(),
    }]
}

/// Delivers a message and returns the share in per cent of the link's time. The time runs from
/// the moment the keeper takes the message up until the hub says that the toy has it, and so holds
/// what the toy itself wants: priming its buffer, and 250 ms of peace at the end.
async fn measure() -> f64 {
    let air = LinkTiming::default();
    let firmware = Firmware::new(Character::Bear, Quirks::default());
    let radio = Arc::new(SimRadio::new([(TOY, firmware)], air));
    let household = HouseholdKey::generate();
    let tools = Arc::new(Tools {
        radio: Arc::<SimRadio>::clone(&radio),
        store: Arc::new(Store::in_memory().unwrap()),
        clock: Arc::new(SystemClock),
        bus: Arc::new(Bus::default()),
        device: DeviceKey::generate(),
        hash: HashKey::generate(),
        household: Household::default(),
        pacing: Pacing::NONE,
    });
    let hub = Hub::new(Arc::clone(&tools), Accounts::new(Cost::FLOOR, None), None);
    let founding = Founding {
        name: "Robin".to_owned(),
        password: hutch::auth::passphrase::generate(),
        household: None,
        time_zone: None,
    };
    let (account, _recovery) = hub.found(&founding, &household).await.unwrap();
    let mia = children::make(&tools, "Mia", Character::Bear, Color::Plum).unwrap();
    let child = mia.id;
    let bentley = toys::make(&tools, child, TOY, Character::Bear, "Bentley").unwrap();
    let move_in = move |tx: &store::Transaction<'_>| {
        store::children::insert(tx, &mia)?;
        store::toys::insert(tx, &bentley)
    };
    tools.store.write(move_in).await.unwrap();
    let link = hub.make_link(account, &household).unwrap();
    let (address, device) = (String::new(), String::new());
    let browser = Browser { address, device, session: None, known: None };
    let signed_in = hub.enter(browser, &link.to_text()).await.unwrap().unwrap();
    let cookie = signed_in.session.to_text();
    let Some(Caller::Guardian(guardian)) = hub.caller(&cookie, "").await.unwrap() else {
        unreachable!("the founder is a guardian")
    };
    let mut events = hub.events(&guardian);
    let (mut keepers, stop) = (JoinSet::new(), CancellationToken::new());
    hub.start_keepers(&mut keepers, &stop).await.unwrap();

    let mut pcm = speech();
    let whole = pcm.samples.clone();
    pcm.samples = whole.into_iter().cycle().take(MESSAGE_S * audio32::RATE as usize).collect();
    hub.send_message(&guardian, child, wav::write(&pcm), None).await.unwrap();
    let mut begun = None;
    let took = loop {
        match events.next().await.unwrap() {
            Event::Delivery(delivery) if delivery.sending == Some(0) => {
                begun.get_or_insert_with(Instant::now);
            }
            Event::Delivery(delivery) if delivery.state == DeliveryState::OnToy => {
                break begun.unwrap().elapsed();
            }
            _ => {}
        }
    };

    let n_bytes = Clip::encode(&pcm).unwrap().as_bytes().len();
    let link = air.interval * u32::try_from(n_bytes.div_ceil(CHUNK_BYTES)).unwrap();
    (took.as_secs_f64() / link.as_secs_f64() - 1.0) * 100.0
}
