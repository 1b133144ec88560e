//! The door: the first guardian, signing in, sessions, passwords.

mod files;
mod hostile;
mod invites;
mod keys;
mod setup;
mod sign_in;
mod two_step;

use std::sync::{Arc, Mutex};

use hutch::{
    auth::{kdf::Cost, token::Token},
    clock::{Clock, ManualClock},
    demo::Playroom,
    hub::{Accounts, Browser, Bus, Household, Hub, HubError, SignedIn, keeper::Tools},
    model::Timestamp,
    radio::sim::{LinkTiming, SimRadio},
    seal::{DeviceKey, HashKey},
    store::Store,
    toy::session::Pacing,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{
    house::{NAME, PASSWORD},
    support::{Answer, TestHub},
};

const START: Timestamp = Timestamp(1_800_000_000);
const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

/// A hub on its first day: nobody has set it up.
pub(crate) struct FirstDay {
    pub(crate) web: TestHub,
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<Watch>,
    /// Every code that was shown, and nothing once none was needed any more.
    pub(crate) codes: Arc<Mutex<Vec<Option<String>>>>,
}

/// A clock that stands still until it is moved, and that somebody may vouch for.
pub(crate) struct Watch {
    pub(crate) time: ManualClock,
    pub(crate) is_synchronized: Mutex<bool>,
}

impl Clock for Watch {
    fn now(&self) -> Timestamp {
        self.time.now()
    }

    fn is_synchronized(&self) -> bool {
        *self.is_synchronized.lock().unwrap()
    }
}

impl FirstDay {
    pub(crate) async fn new() -> Self {
        Self::with(Store::in_memory().unwrap()).await
    }

    pub(crate) async fn with(store: Store) -> Self {
        let store = Arc::new(store);
        let clock =
            Arc::new(Watch { time: ManualClock::new(START), is_synchronized: Mutex::new(false) });
        let tools = Arc::new(Tools {
            radio: Arc::new(SimRadio::new([], LinkTiming::default())),
            store: Arc::clone(&store),
            clock: Arc::<Watch>::clone(&clock),
            bus: Arc::new(Bus::default()),
            device: DeviceKey::generate(),
            hash: HashKey::generate(),
            household: Household::default(),
            pacing: Pacing::default(),
        });
        let no_playroom: Option<Playroom> = None;
        let hub = Hub::new(tools, Accounts::new(Cost::FLOOR, None), no_playroom);
        let codes = Arc::new(Mutex::new(Vec::new()));
        let shown = Arc::clone(&codes);
        let announce = move |code: Option<&hutch::auth::token::SetupCode>| {
            shown.lock().unwrap().push(code.map(|code| code.to_text().to_string()));
        };
        hub.await_set_up(Box::new(announce)).await.unwrap();
        Self { web: TestHub::around(hub), store, clock, codes }
    }

    /// A hub that was set up; also what the first guardian was answered.
    pub(crate) async fn set_up() -> (Self, Answer) {
        let day = Self::new().await;
        let answer = day.found(PASSWORD).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        (day, answer)
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.web.hub
    }

    /// The code that the hub shows.
    pub(crate) fn code(&self) -> String {
        self.codes.lock().unwrap().last().unwrap().clone().unwrap()
    }

    pub(crate) fn later(&self, seconds: i64) {
        self.clock.time.advance(seconds);
    }

    /// Sets the hub up with the right code and this password.
    pub(crate) async fn found(&self, password: &str) -> Answer {
        let body = founding(&self.code(), password);
        self.web.nobody().post_json("/api/v1/setup", &body).await
    }

    /// Signs in over HTTP.
    pub(crate) async fn sign_in(&self, name: &str, password: &str) -> Answer {
        let body = json!({ "name": name, "password": password });
        self.web.nobody().post_json("/api/v1/sessions", &body).await
    }

    /// Signs in from this address, past HTTP.
    pub(crate) async fn sign_in_from(
        &self,
        browser: Browser,
        name: &str,
        password: &str,
    ) -> Result<SignedIn, HubError> {
        let password = Zeroizing::new(password.to_owned());
        self.hub().sign_in(browser, name, password, None).await
    }
}

pub(crate) fn founding(code: &str, password: &str) -> Value {
    json!({
        "code": code,
        "name": NAME,
        "password": password,
        "household": "The Millers",
        "time_zone": "Europe/Berlin",
    })
}

/// A browser at an address, with the cookie by which it is known, if it is.
pub(crate) fn browser_at(address: &str, known: Option<&Token>) -> Browser {
    Browser {
        address: address.to_owned(),
        device: "Firefox on Android".to_owned(),
        session: None,
        known: known.map(|known| Token::parse(&known.to_text()).unwrap()),
    }
}
