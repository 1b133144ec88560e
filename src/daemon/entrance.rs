//! Where the page is, and what it shows to browsers, for as long as the hub runs.
//!
//! The kernel tells when the addresses of the computer change: a cable that is plugged in, a router
//! that gives another address. What the hub answers to, what stands in its certificate and where
//! people are told to look follows at once. So does the name: where another device has it
//! already, the hub takes another, and keeps that over its restarts.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use data_encoding::HEXLOWER;
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::identity::{Called, Identity};
use crate::{
    clock::Clock,
    control::{Door, Refused},
    http::{Hosts, Trusted},
    lan::{self, Announced, Announcer, Changes, Home, Lan},
    model::Timestamp,
    state::Folder,
    tls::{Fingerprints, Serving},
};

/// How often the certificates are looked at, and the addresses though nothing was told of them. A clock
/// that was wrong at the start is set right within minutes, and then certificates may have to be others.
const LOOKS_EVERY: Duration = Duration::from_secs(60);
/// How often, where the kernel tells nothing.
const LOOKS_UNTOLD_EVERY: Duration = Duration::from_secs(1);
/// What changes does so several times in a row, as an interface comes up.
const SETTLES_WITHIN: Duration = Duration::from_millis(50);

/// When to try again to be found by name.
const ANNOUNCES_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// The file of the name by which the hub is found: the one that it should have, and on the next line
/// the one that it has.
const FOUND_AS: &str = "found-as";

/// What only the computer itself reaches.
const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
const HTTPS_PORT: u16 = 443;

/// Where a hub listens, and as what.
#[derive(Clone, Debug)]
pub(super) struct Listening {
    /// The addresses; those that are unspecified stand for all of their kind.
    pub at: Vec<IpAddr>,
    /// The port.
    pub port: u16,
    /// The name that the hub is given.
    pub name: String,
    /// What is at home.
    pub lan: Lan,
}

pub(super) struct Entrance {
    state: Folder,
    listening: Listening,
    identity: Arc<Mutex<Identity>>,
    hosts: Hosts,
    /// The addresses that the computer has in home networks now, as far as the hub listens there.
    homes: watch::Sender<Vec<Home>>,
    /// Those for which there are certificates, so that whoever is told of them is not warned.
    ready: watch::Sender<Vec<Home>>,
    announced: watch::Sender<Announced>,
    /// Where people find the page, which follows from both.
    places: watch::Sender<Vec<String>>,
    clock: Arc<dyn Clock>,
}

impl Entrance {
    /// Takes the household's certificates, and makes what is missing.
    pub(super) fn new(
        state: &Folder,
        listening: Listening,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let homes = listening.homes();
        let host = found_as(state, &lan::host_of(&listening.name));
        let called = listening.called(&homes, &host);
        let hosts = Hosts::loopback(listening.port);
        hosts.put(called.in_urls());
        let places = listening.places(&homes, &host);
        let identity = Identity::take(state, called, clock.now())?;
        let fingerprint = HEXLOWER.encode(&identity.fingerprints().root);
        let announced = Announced { host, port: listening.port, fingerprint };
        Ok(Self {
            state: state.clone(),
            listening,
            identity: Arc::new(Mutex::new(identity)),
            hosts,
            homes: watch::Sender::new(homes.clone()),
            ready: watch::Sender::new(homes),
            announced: watch::Sender::new(announced),
            places: watch::Sender::new(places),
            clock,
        })
    }

    /// Returns what shows the certificates to browsers.
    pub(super) fn serving(&self) -> Arc<Serving> {
        self.identity().serving()
    }

    /// Returns what browsers may call the hub, which changes as the computer's addresses do.
    pub(super) fn hosts(&self) -> Hosts {
        self.hosts.clone()
    }

    /// Returns where people find the page, the best first.
    pub(super) fn places(&self) -> Vec<String> {
        self.places.borrow().clone()
    }

    /// Tells where people find the page, each time that it changes.
    pub(super) fn moves(&self) -> watch::Receiver<Vec<String>> {
        self.places.subscribe()
    }

    /// Follows the computer's addresses, and keeps the certificates such that browsers take them. Does
    /// not end.
    pub(super) async fn keep(self: Arc<Self>) {
        let mut changes = Changes::listen()
            .inspect_err(
                |error| tracing::warn!(%error, "the kernel does not tell of new addresses"),
            )
            .ok();
        let mut arranged = Instant::now();
        loop {
            let homes = self.listening.homes();
            let has_moved = self.homes.send_if_modified(|known| {
                *known != homes && {
                    *known = homes;
                    true
                }
            });
            if has_moved || LOOKS_EVERY <= arranged.elapsed() {
                arranged = Instant::now();
                self.arrange().await;
            }
            if has_moved {
                self.ready.send_replace(self.homes.borrow().clone());
            }
            if let Some(told) = &changes {
                match timeout(LOOKS_EVERY, told.next()).await {
                    Ok(Err(error)) => {
                        tracing::warn!(%error, "the kernel tells of new addresses no more");
                        changes = None;
                    }
                    Ok(Ok(())) => sleep(SETTLES_WITHIN).await,
                    Err(_nothing) => {}
                }
            } else {
                sleep(LOOKS_UNTOLD_EVERY).await;
            }
        }
    }

    /// Lets devices find the hub by name until it is stopped, and then says good-bye.
    pub(super) async fn announce(self: Arc<Self>, stop: CancellationToken) {
        // Nobody else could open a page that only this computer can.
        if self.listening.at.iter().all(IpAddr::is_loopback) {
            return;
        }
        loop {
            if let Err(error) = self.announce_once(&stop).await {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "devices cannot find the hub by its name for now");
            }
            let again = stop.run_until_cancelled(sleep(ANNOUNCES_AGAIN_AFTER));
            if again.await.is_none() {
                return;
            }
        }
    }

    async fn announce_once(&self, stop: &CancellationToken) -> Result<(), lan::Unannounced> {
        let (mut homes, mut said) = (self.ready.subscribe(), self.announced.subscribe());
        let mut announcer = Announcer::start()?;
        // Nothing was said yet.
        let _is_changed = announcer.at(&homes.borrow_and_update());
        let first = said.borrow_and_update().clone();
        announcer.say(&first)?;
        loop {
            tokio::select! {
                () = stop.cancelled() => {
                    announcer.leave().await;
                    return Ok(());
                }
                _ = homes.changed() => {
                    let is_to_be_said = announcer.at(&homes.borrow_and_update());
                    if is_to_be_said {
                        let now = said.borrow_and_update().clone();
                        announcer.say(&now)?;
                    }
                }
                _ = said.changed() => {
                    let now = said.borrow_and_update().clone();
                    announcer.say(&now)?;
                }
                renamed = announcer.renamed() => {
                    let Some(host) = renamed else {
                        tracing::warn!("multicast DNS ended by itself");
                        return Ok(());
                    };
                    self.rename(host).await;
                }
            }
        }
    }

    /// Takes another name to be found by.
    async fn rename(&self, host: String) {
        let wanted = lan::host_of(&self.listening.name);
        tracing::warn!(name = %host, %wanted, "another device has that name, so the hub has another");
        let kept = format!("{wanted}\n{host}\n");
        if let Err(error) = self.state.replace(FOUND_AS, kept.as_bytes()) {
            tracing::warn!(%error, "after a restart the hub may have another name again");
        }
        self.announced.send_modify(|announced| announced.host = host);
        self.arrange().await;
    }

    /// Answers to whatever the hub is called now, and tells people.
    async fn arrange(&self) {
        let called = self.listening.called(&self.homes.borrow(), &self.announced.borrow().host);
        self.hosts.put(called.in_urls());
        let now: Timestamp = self.clock.now();
        let identity = Arc::clone(&self.identity);
        // It may wait for the disk.
        let called = tokio::task::spawn_blocking(move || locked(&identity).call(called, now));
        if let Ok(Err(error)) = called.await {
            let error: &dyn std::error::Error = error.as_ref();
            tracing::error!(error, "could not make a new certificate; the old one is shown");
        }
        // As it is by now: both may have changed meanwhile.
        let places = self.listening.places(&self.homes.borrow(), &self.announced.borrow().host);
        let has_moved = self.places.send_if_modified(|known| {
            *known != places && {
                *known = places;
                true
            }
        });
        if has_moved {
            tracing::info!(places = %self.places().join(" "), "the page is served");
        }
    }

    fn identity(&self) -> MutexGuard<'_, Identity> {
        locked(&self.identity)
    }
}

fn locked(identity: &Mutex<Identity>) -> MutexGuard<'_, Identity> {
    identity.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the name that the hub had to take in place of this one, if it had to.
fn found_as(state: &Folder, wanted: &str) -> String {
    let kept = state.read(FOUND_AS).ok().flatten();
    let kept = kept.as_deref().and_then(|kept| std::str::from_utf8(kept).ok());
    let renamed = kept.and_then(|kept| {
        let mut lines = kept.lines();
        let (from, to) = (lines.next()?, lines.next()?);
        (from == wanted && lan::is_renamed(to, wanted)).then(|| to.to_owned())
    });
    renamed.unwrap_or_else(|| wanted.to_owned())
}

impl Trusted for Entrance {
    fn fingerprints(&self) -> Fingerprints {
        self.identity().fingerprints()
    }

    fn root_der(&self) -> Vec<u8> {
        self.identity().root().to_vec()
    }

    fn places(&self) -> Vec<String> {
        self.places()
    }
}

impl Door for Entrance {
    fn places(&self) -> Vec<String> {
        self.places()
    }

    fn fingerprints(&self) -> Fingerprints {
        self.identity().fingerprints()
    }

    fn new_root(&self) -> Result<Fingerprints, Refused> {
        let mut identity = self.identity();
        let made = identity.new_root(self.clock.now());
        made.map_err(|error| Refused(format!("could not make another root: {error:#}")))?;
        let fingerprints = identity.fingerprints();
        drop(identity);
        let root = HEXLOWER.encode(&fingerprints.root);
        self.announced.send_modify(|announced| announced.fingerprint = root);
        Ok(fingerprints)
    }
}

impl Listening {
    /// Returns the addresses that the computer has in home networks now, as far as the hub listens
    /// there. Where the kernel does not say, there are none.
    fn homes(&self) -> Vec<Home> {
        let mut homes = lan::homes(&self.lan).unwrap_or_else(|error| {
            tracing::warn!(%error, "could not ask for the addresses of this computer");
            Vec::new()
        });
        homes.retain(|home| self.is_at(home.address));
        homes
    }

    fn is_at(&self, address: IpAddr) -> bool {
        self.at.iter().any(|at| match at {
            // A socket for both.
            IpAddr::V6(at) if at.is_unspecified() => true,
            IpAddr::V4(at) if at.is_unspecified() => address.is_ipv4(),
            at => *at == address,
        })
    }

    fn called(&self, homes: &[Home], found_as: &str) -> Called {
        let mut addresses = LOOPBACK.to_vec();
        let named = self.at.iter().copied().filter(|at| !at.is_unspecified());
        let found = homes.iter().filter(|home| home.is_place()).map(|home| home.address);
        for address in named.chain(found) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        Called { name: self.name.clone(), found_as: found_as.to_owned(), addresses }
    }

    /// Returns where people find the page: by name, which outlives addresses, and by each address. Who
    /// is at no network finds it on the computer itself.
    fn places(&self, homes: &[Home], found_as: &str) -> Vec<String> {
        let at_home = homes.iter().filter(|home| home.is_place()).map(|home| home.address);
        let mut hosts: Vec<String> = at_home.map(authority).collect();
        if hosts.is_empty() && homes.is_empty() {
            let others = self.at.iter().filter(|at| at.is_loopback() && !LOOPBACK.contains(at));
            let found = LOOPBACK.iter().filter(|at| self.is_at(**at)).chain(others);
            hosts = found.copied().map(authority).collect();
            if LOOPBACK.iter().any(|at| self.is_at(*at)) {
                hosts.insert(0, "localhost".to_owned());
            }
        } else {
            // A name that the router knows is the one that the family has chosen.
            let is_found = lan::host_of(&self.name) == self.name;
            hosts.insert(0, if is_found { found_as.to_owned() } else { self.name.clone() });
        }
        let place = |host| match self.port {
            HTTPS_PORT => format!("https://{host}"),
            port => format!("https://{host}:{port}"),
        };
        hosts.into_iter().map(place).collect()
    }
}

impl Called {
    fn in_urls(&self) -> Vec<String> {
        let names = [&self.name, &self.found_as].map(String::clone).into_iter();
        names.chain(self.addresses.iter().copied().map(authority)).collect()
    }
}

/// Returns an address as it stands in a URL.
fn authority(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    const NAME: &str = "hutch.local";

    fn listening(at: &[&str]) -> Listening {
        Listening {
            at: at.iter().map(|address| address.parse().unwrap()).collect(),
            port: 8443,
            name: NAME.to_owned(),
            lan: Lan::default(),
        }
    }

    fn home(address: &str, is_lasting: bool) -> Home {
        let (address, interface, is_tunnel) = (address.parse().unwrap(), 2, false);
        Home { interface, address, prefix_bits: 64, is_tunnel, is_lasting }
    }

    #[test]
    fn people_are_told_the_name_and_every_address_that_they_can_type() {
        let homes =
            [home("192.168.1.20", true), home("fd00::2", true), home("fd00::a:b:c:d", false)];
        let everywhere = listening(&["::"]);

        assert_eq!(
            everywhere.places(&homes, NAME),
            ["https://hutch.local:8443", "https://192.168.1.20:8443", "https://[fd00::2]:8443"]
        );
        let standard = Listening { port: 443, ..everywhere.clone() };
        assert_eq!(standard.places(&homes, NAME)[1], "https://192.168.1.20");
        let by_name_alone = everywhere.places(&[home("fe80::2", true)], NAME);
        assert_eq!(by_name_alone, ["https://hutch.local:8443"]);
    }

    #[test]
    fn an_address_of_a_vpn_that_is_let_in_is_told_and_spoils_no_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let state = Folder::prepare(folder.path()).unwrap();
        let homes = [home("192.168.1.20", true), home("100.64.0.1", true)];
        let everywhere = listening(&["::"]);

        let called = everywhere.called(&homes, NAME);
        let identity = Identity::take(&state, called.clone(), Timestamp::BUILT);

        assert!(identity.is_ok(), "{:?}", identity.err());
        assert!(called.in_urls().contains(&"100.64.0.1".to_owned()));
        let places = everywhere.places(&homes, NAME);
        assert!(places.contains(&"https://100.64.0.1:8443".to_owned()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_hub_that_runs_for_a_year_shows_another_leaf_before_the_first_ends() {
        const DAY: i64 = 24 * 60 * 60;
        let folder = tempfile::tempdir().unwrap();
        let state = Folder::prepare(folder.path()).unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::BUILT));
        let here = listening(&["127.0.0.1"]);
        let entrance = Entrance::new(&state, here, Arc::<ManualClock>::clone(&clock)).unwrap();
        let entrance = Arc::new(entrance);
        let first = entrance.identity().fingerprints();
        let keeping = tokio::spawn(Arc::clone(&entrance).keep());
        let a_while = LOOKS_EVERY * 2;

        clock.advance(304 * DAY);
        sleep(a_while).await;
        assert_eq!(entrance.identity().fingerprints(), first, "31 days are still to come");
        clock.advance(2 * DAY);
        sleep(a_while).await;

        let second = entrance.identity().fingerprints();
        assert_eq!(second.root, first.root);
        assert!(second.names != first.names && second.addresses != first.addresses);
        keeping.abort();
    }

    #[test]
    fn without_a_network_the_page_is_on_the_computer_itself() {
        assert_eq!(
            listening(&["::"]).places(&[], NAME),
            ["https://localhost:8443", "https://127.0.0.1:8443", "https://[::1]:8443"]
        );
        assert_eq!(
            listening(&["0.0.0.0"]).places(&[], NAME),
            ["https://localhost:8443", "https://127.0.0.1:8443"]
        );
        assert_eq!(listening(&["127.0.0.3"]).places(&[], NAME), ["https://127.0.0.3:8443"]);
    }

    #[test]
    fn only_addresses_that_are_listened_at_count() {
        let everywhere = listening(&["::"]);
        let one = listening(&["192.168.1.20", "127.0.0.3"]);

        assert!(everywhere.is_at("192.168.1.20".parse().unwrap()));
        assert!(listening(&["0.0.0.0"]).is_at("192.168.1.20".parse().unwrap()));
        assert!(!listening(&["0.0.0.0"]).is_at("fd00::2".parse().unwrap()));
        assert!(one.is_at("192.168.1.20".parse().unwrap()));
        assert!(!one.is_at("192.168.1.21".parse().unwrap()));
        let called = one.called(&[home("192.168.1.20", true)], NAME);
        let expected = ["127.0.0.1", "::1", "192.168.1.20", "127.0.0.3"];
        assert_eq!(called.addresses, expected.map(|address| address.parse::<IpAddr>().unwrap()));
    }

    #[test]
    fn addresses_that_change_every_day_are_in_no_certificate() {
        let called =
            listening(&["::"]).called(&[home("fd00::a:b:c:d", false), home("fe80::2", true)], NAME);

        assert_eq!(called.addresses, LOOPBACK);
    }

    #[test]
    fn a_name_that_had_to_give_way_is_told_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let state = Folder::prepare(dir.path()).unwrap();
        let homes = [home("192.168.1.20", true)];
        let places = |name: &str| {
            let listening = Listening { name: name.to_owned(), ..listening(&["::"]) };
            listening.places(&homes, "hutch-2.local")[0].clone()
        };
        assert_eq!(places("hutch.local"), "https://hutch-2.local:8443");
        assert_eq!(places("hutch.fritz.box"), "https://hutch.fritz.box:8443");

        assert_eq!(found_as(&state, NAME), NAME);
        state.replace(FOUND_AS, b"hutch.local\nhutch-2.local\n").unwrap();
        assert_eq!(found_as(&state, NAME), "hutch-2.local");
        assert_eq!(found_as(&state, "toys.local"), "toys.local", "the family has chosen anew");
        for garbled in ["", "hutch.local\n", "hutch.local\nevil.example\n", "\u{0}\u{0}"] {
            state.replace(FOUND_AS, garbled.as_bytes()).unwrap();
            assert_eq!(found_as(&state, NAME), NAME, "{garbled:?}");
        }
    }
}
