//! The composition root: the only place that knows every concrete type.
//!
//! It starts things in the order store, toys, keepers, page, and stops them in the opposite
//! order, so that nothing is told to somebody who is gone.

mod doctor;
mod entrance;
mod erase;
mod homecoming;
mod identity;
mod listen;
mod notice;
mod serve;
mod shelf;
mod site;
mod update;
mod watch;

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use rustls::ServerConfig;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::{
    auth::{kdf::Cost, passphrase, token::Token},
    clock::{Clock, SystemClock},
    demo::{NewResident, Playroom},
    http::{self, Admission, Hosts, Limits},
    hub::{
        Accounts, Bus, Color, Event, Household, Hub, accounts::Founding, children, keeper::Tools,
        toys,
    },
    model::{AccountId, Character, Timestamp, ToyAddress, ToyId},
    radio::sim::{LinkTiming, SimRadio},
    seal::{DeviceKey, HashKey, household::HouseholdKey},
    store::{self, Store},
    tls::{Fingerprints, Host, Root, Serving, TlsError},
    toy::{
        firmware::{Firmware, Quirks},
        session::Pacing,
    },
};

pub use crate::care::{Finding, Verdict};

use self::site::Here;
pub use self::{
    doctor::{Examination, examine},
    erase::erase_household,
    identity::{fingerprints, give_up_identity},
    serve::{News, Serve},
    update::{End, Update, Updated},
};

/// What browsers call the demo: a name, and addresses.
const NAME: &str = "localhost";
const ADDRESSES: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// How long keepers and requests get to come to an end before they are dropped.
const STOPS_WITHIN: Duration = Duration::from_secs(5);

/// The name of the demo's guardian.
const GUARDIAN: &str = "Parent";

/// When the demo takes the time to measure what a password costs.
const CALIBRATES_AFTER: Duration = Duration::from_secs(1);

/// The household of the demo: child, its color and animal, its toy. The addresses are of the
/// kind that the Bluetooth specification sets aside for random static ones.
const HOUSEHOLD: [(&str, Color, Character, &str, ToyAddress); 2] = [
    ("Mia", Color::Plum, Character::Bear, "Bentley", ToyAddress([0xC0, 0xFF, 0xEE, 0, 0, 1])),
    ("Leo", Color::Sky, Character::Unicorn, "Starburst", ToyAddress([0xC0, 0xFF, 0xEE, 0, 0, 2])),
];

/// A toy that nobody has adopted yet.
const STRAY: (Character, ToyAddress) = (Character::Rabbit, ToyAddress([0xC0, 0xFF, 0xEE, 0, 0, 3]));

/// What a demo is made of.
pub struct Demo {
    /// Where to listen. Loopback.
    pub listen: SocketAddr,
    /// The state folder; nothing: one that is thrown away at the end.
    pub state: Option<PathBuf>,
    /// The keys of the household.
    pub keys: Keys,
    /// How fast chunks follow each other.
    pub pacing: Pacing,
    /// How fast the simulated air is.
    pub air: LinkTiming,
    /// Wall time.
    pub clock: Arc<dyn Clock>,
}

/// How to get into a demo.
pub struct WayIn {
    /// The address to open. It signs in once.
    pub url: Zeroizing<String>,
    /// The name to sign in with after that, and its password; not for a household that was there
    /// before.
    pub account: Option<(&'static str, Zeroizing<String>)>,
}

/// The keys of a household.
pub struct Keys {
    /// Opens what is sealed for people.
    pub household: HouseholdKey,
    /// Opens clips that wait for a toy.
    pub device: DeviceKey,
    /// Recognizes recordings.
    pub hash: HashKey,
}

impl Keys {
    /// Draws new ones.
    pub fn generate() -> Self {
        Self {
            household: HouseholdKey::generate(),
            device: DeviceKey::generate(),
            hash: HashKey::generate(),
        }
    }
}

impl Demo {
    /// A demo that keeps nothing: new keys, a new password, a state folder that goes with it.
    pub fn throw_away(port: u16) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            state: None,
            keys: Keys::generate(),
            pacing: Pacing::default(),
            air: LinkTiming::default(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Runs until `stop` is cancelled. `ready` is told how to get in.
    pub async fn run(
        self,
        ready: impl FnOnce(&WayIn),
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let Self { listen, state, keys, pacing, air, clock } = self;
        let now = clock.now();
        let throw_away;
        let folder = if let Some(folder) = &state {
            folder.as_path()
        } else {
            throw_away = tempfile::Builder::new()
                .prefix("hutch-demo-")
                .tempdir()
                .context("making a folder for the demo's state")?;
            throw_away.path()
        };
        let listener = TcpListener::bind(listen)
            .with_context(|| format!("listening on {listen}; is another demo running?"))?;
        let address = listener.local_addr().context("asking for the port")?;

        let store = Arc::new(Store::open(folder).context("opening the state folder")?);
        let radio = Arc::new(simulated([STRAY], air));
        let bus = Arc::new(Bus::default());
        let Keys { household, device, hash } = keys;
        let tools = Arc::new(Tools {
            radio: Arc::<SimRadio>::clone(&radio),
            store: Arc::clone(&store),
            clock,
            bus: Arc::clone(&bus),
            device,
            hash,
            household: Household::default(),
            pacing,
        });
        let (account, password) =
            found(&tools, &household).await.context("setting up the demo's household")?;
        let playroom = furnish(&tools, &radio).await.context("moving the demo's family in")?;
        // Cheap, because somebody waits for the demo to start; calibrated once it has.
        let accounts = Accounts::new(Cost::FLOOR, None);
        let hub = Hub::new(Arc::clone(&tools), accounts, Some(playroom));
        hub.stand_on(Arc::new(Here {
            state: folder.to_owned(),
            clock: Arc::clone(&tools.clock),
            is_served: false,
        }));
        let token = hub.make_link(account, &household).context("making a way in")?;
        drop(household);

        let mut keepers = JoinSet::new();
        let stop_keepers = CancellationToken::new();
        hub.start_keepers(&mut keepers, &stop_keepers).await.context("starting the keepers")?;

        let (tls, shown) = certificates(now, address.port()).context("making the certificates")?;
        let options = http::Options {
            hosts: Hosts::loopback(address.port()),
            admission: Admission::default(),
            trusted: Arc::new(shown),
            limits: Limits::default(),
            stop,
        };
        let server = http::serve([listener], tls, hub.clone(), options);
        ready(&WayIn {
            url: way_in(address.port(), &token),
            account: password.map(|password| (GUARDIAN, password)),
        });
        drop(token);
        let calibrated = async {
            // Not before the page can be had.
            sleep(CALIBRATES_AFTER).await;
            if let Err(error) = hub.calibrate(total_memory_bytes()).await {
                tracing::warn!(%error, "could not measure what a password costs");
            }
            hub.look_at_everything().await;
            hub.watch_care().await;
            std::future::pending::<()>().await;
        };
        let outcome = tokio::select! {
            outcome = server => outcome.context("serving the page"),
            () = calibrated => Ok(()),
        };

        stop_keepers.cancel();
        let all_stopped = timeout(STOPS_WITHIN, async {
            while let Some(ended) = keepers.join_next().await {
                if let Err(error) = ended {
                    tracing::error!(%error, "a keeper did not come to its end");
                }
            }
        });
        if all_stopped.await.is_err() {
            tracing::warn!("a keeper did not stop in time");
        }
        store.close().await;
        outcome
    }
}

/// Makes certificates that end with the demo.
fn certificates(now: Timestamp, port: u16) -> Result<(ServerConfig, Shown), TlsError> {
    let root = Root::generate(NAME, now)?;
    let names = root.issue(&[Host::Name(NAME.to_owned())], now)?;
    let addresses = root.issue(&ADDRESSES.map(Host::Address), now)?;
    let shown = Shown {
        fingerprints: Fingerprints {
            root: root.fingerprint(),
            names: names.fingerprint(),
            addresses: addresses.fingerprint(),
        },
        root: root.certificate().to_vec(),
        port,
    };
    Ok((Serving::new(&names, &addresses)?.config()?, shown))
}

/// What a demo shows to browsers for as long as it runs.
struct Shown {
    fingerprints: Fingerprints,
    root: Vec<u8>,
    port: u16,
}

impl http::Trusted for Shown {
    fn fingerprints(&self) -> Fingerprints {
        self.fingerprints
    }

    fn root_der(&self) -> Vec<u8> {
        self.root.clone()
    }

    fn places(&self) -> Vec<String> {
        [NAME, "127.0.0.1"].map(|host| format!("https://{host}:{}", self.port)).to_vec()
    }
}

/// Returns the air around the simulated toys of the household, and others.
fn simulated(
    others: impl IntoIterator<Item = (Character, ToyAddress)>,
    air: LinkTiming,
) -> SimRadio {
    let all = HOUSEHOLD.map(|(_, _, character, _, address)| (character, address));
    let toys = all.into_iter().chain(others);
    let toys =
        toys.map(|(character, address)| (address, Firmware::new(character, Quirks::default())));
    SimRadio::new(toys, air)
}

/// Returns what a simulated toy is called that nobody has adopted.
fn nobodys(ToyAddress(address): ToyAddress) -> ToyId {
    let mut id = [0; 16];
    id.iter_mut().zip(address).for_each(|(byte, of)| *byte = of);
    ToyId::from_bytes(id)
}

/// Returns the address that signs in once.
fn way_in(port: u16, token: &Token) -> Zeroizing<String> {
    Zeroizing::new(format!("https://localhost:{port}/open?token={}", *token.to_text()))
}

/// Returns how much memory this computer has.
fn total_memory_bytes() -> u64 {
    let info = rustix::system::sysinfo();
    #[allow(clippy::useless_conversion, reason = "it has 32 bits on smaller machines")]
    let total = u64::from(info.totalram);
    total.saturating_mul(info.mem_unit.into())
}

/// Founds the demo's household with a password that nobody knows yet, unless there is one already.
async fn found(
    tools: &Arc<Tools>,
    household: &HouseholdKey,
) -> anyhow::Result<(AccountId, Option<Zeroizing<String>>)> {
    let accounts = tools.store.read(store::accounts::list).await?;
    if let Some(account) = accounts.first() {
        let key = tools.store.read(store::recipients::household_key).await?;
        tools.household.resume(key.context("the household has no key")??);
        return Ok((account.id, None));
    }
    let founding = Founding {
        name: GUARDIAN.to_owned(),
        password: passphrase::five_words(),
        household: None,
        time_zone: None,
    };
    let hub = Hub::new(Arc::clone(tools), Accounts::new(Cost::FLOOR, None), None);
    let (account, _recovery_key) = hub.found_with_drawn(&founding, household).await?;
    // Nobody writes the key of a throw-away household down.
    tools.store.write(|tx| store::recovery::checked(tx, None)).await?;
    Ok((account, Some(founding.password)))
}

/// Adds the demo's children and toys to a state folder that has none, and lets the toys in.
async fn furnish(tools: &Tools, radio: &SimRadio) -> anyhow::Result<Playroom> {
    let mut family = Vec::new();
    for (name, color, animal, toy_name, address) in HOUSEHOLD {
        let child = children::make(tools, name, animal, color)?;
        let toy = toys::make(tools, child.id, address, animal, toy_name)?;
        family.push((child, toy));
    }
    // All or nobody: half a family would never become whole.
    let move_in = move |tx: &store::Transaction<'_>| {
        if store::children::list(tx)?.is_empty() {
            for (child, toy) in &family {
                store::children::insert(tx, child)?;
                store::toys::insert(tx, toy)?;
            }
        }
        Ok(())
    };
    tools.store.write(move_in).await?;
    let adopted = tools.store.read(store::toys::list).await?;
    let adopted: HashMap<_, _> = adopted.into_iter().map(|toy| (toy.address, toy.id)).collect();
    let all = HOUSEHOLD.iter().map(|(_, _, character, _, address)| (*character, *address));
    let residents = all.chain([STRAY]).filter_map(|(character, address)| {
        let id = adopted.get(&address).copied().unwrap_or_else(|| nobodys(address));
        Some(NewResident { id, address, character, toy: radio.toy(address)? })
    });
    let bus = Arc::clone(&tools.bus);
    Ok(Playroom::new(residents, move |toy| bus.publish(Event::DemoToy(toy))))
}
