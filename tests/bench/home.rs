//! A household to measure in: a guardian who is signed in, a child and its simulated toy.

use std::sync::Arc;

use hutch::{
    auth::kdf::Cost,
    clock::SystemClock,
    hub::{
        Accounts, Browser, Bus, Caller, Color, Guardian, Household, Hub, accounts::Founding,
        children, keeper::Tools, toys,
    },
    model::{Character, ChildId, ToyAddress, ToyId},
    radio::sim::{LinkTiming, SimRadio},
    seal::{DeviceKey, HashKey, household::HouseholdKey},
    store::{self, Store},
    toy::{
        firmware::{Firmware, Quirks},
        session::Pacing,
    },
};

const TOY: ToyAddress = ToyAddress([0xC0, 0xFF, 0xEE, 0, 0, 9]);

pub(crate) struct Home {
    pub(crate) hub: Hub,
    pub(crate) guardian: Guardian,
    pub(crate) child: ChildId,
    pub(crate) toy: ToyId,
    pub(crate) household: HouseholdKey,
    pub(crate) tools: Arc<Tools>,
}

impl Home {
    pub(crate) async fn new(store: Store) -> Self {
        let firmware = Firmware::new(Character::Bear, Quirks::default());
        let radio = Arc::new(SimRadio::new([(TOY, firmware)], LinkTiming::default()));
        let household = HouseholdKey::generate();
        let tools = Arc::new(Tools {
            radio: Arc::<SimRadio>::clone(&radio),
            store: Arc::new(store),
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
        let toy = bentley.id;
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
        Self { hub, guardian, child, toy, household, tools }
    }
}
