//! Where the page is, and what it shows to browsers, for as long as the hub runs.
//!
//! The addresses of the computer are looked at every second: a cable that is plugged in, a router
//! that gives another address. What the hub answers to, what stands in its certificate and where
//! people are told to look follows within that second.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::sleep};

use super::identity::{Called, Identity};
use crate::{
    clock::Clock,
    control::{Door, Refused},
    http::Hosts,
    lan::{self, Home, Lan},
    model::Timestamp,
    state::Folder,
    tls::{Fingerprints, Serving},
};

/// How often the addresses of the computer are looked at: asking the kernel costs nothing that could
/// be measured, and it is told nowhere without waiting for it.
const LOOKS_EVERY: Duration = Duration::from_secs(1);
/// After how many looks the certificates are looked at as well. A clock that was wrong at the start
/// is set right within minutes, and then they may have to be others.
const RENEWS_AFTER: u32 = 60;

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
    listening: Listening,
    identity: Mutex<Identity>,
    hosts: Hosts,
    /// The addresses that the computer has in home networks now, as far as the hub listens there.
    homes: watch::Sender<Vec<Home>>,
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
        let called = listening.called(&homes);
        let hosts = Hosts::loopback(listening.port);
        hosts.put(called.in_urls());
        let identity = Identity::take(state, called, clock.now())?;
        let homes = watch::Sender::new(homes);
        Ok(Self { listening, identity: Mutex::new(identity), hosts, homes, clock })
    }

    /// Returns what shows the certificates to browsers.
    pub(super) fn serving(&self) -> Arc<Serving> {
        self.identity().serving()
    }

    /// Returns what browsers may call the hub, which changes as the computer's addresses do.
    pub(super) fn hosts(&self) -> Hosts {
        self.hosts.clone()
    }

    /// Tells of every change of the computer's addresses.
    pub(super) fn homes(&self) -> watch::Receiver<Vec<Home>> {
        self.homes.subscribe()
    }

    /// Follows the computer's addresses, and keeps the certificates such that browsers take them. Does
    /// not end.
    pub(super) async fn keep(self: Arc<Self>) {
        for look in 1_u32.. {
            sleep(LOOKS_EVERY).await;
            let homes = self.listening.homes();
            let has_moved = *self.homes.borrow() != homes;
            if !has_moved && !look.is_multiple_of(RENEWS_AFTER) {
                continue;
            }
            let called = self.listening.called(&homes);
            self.hosts.put(called.in_urls());
            let this = Arc::clone(&self);
            // It may wait for the disk.
            let called = tokio::task::spawn_blocking(move || this.call(called));
            if let Ok(Err(error)) = called.await {
                let error: &dyn std::error::Error = error.as_ref();
                tracing::error!(error, "could not make a new certificate; the old one is shown");
            }
            if has_moved {
                self.homes.send_replace(homes);
                tracing::info!(places = %self.places().join(" "), "the page is served");
            }
        }
    }

    fn call(&self, called: Called) -> anyhow::Result<()> {
        let now: Timestamp = self.clock.now();
        self.identity().call(called, now)
    }

    fn identity(&self) -> MutexGuard<'_, Identity> {
        self.identity.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Door for Entrance {
    fn places(&self) -> Vec<String> {
        self.listening.places(&self.homes.borrow())
    }

    fn fingerprints(&self) -> Fingerprints {
        self.identity().fingerprints()
    }

    fn new_root(&self) -> Result<Fingerprints, Refused> {
        let mut identity = self.identity();
        let made = identity.new_root(self.clock.now());
        made.map_err(|error| Refused(format!("could not make another root: {error:#}")))?;
        Ok(identity.fingerprints())
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

    fn called(&self, homes: &[Home]) -> Called {
        let mut addresses = LOOPBACK.to_vec();
        let named = self.at.iter().copied().filter(|at| !at.is_unspecified());
        let found = homes.iter().filter(|home| home.is_place()).map(|home| home.address);
        for address in named.chain(found) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        Called { name: self.name.clone(), found_as: self.name.clone(), addresses }
    }

    /// Returns where people find the page: by name, which outlives addresses, and by each address. Who
    /// is at no network finds it on the computer itself.
    fn places(&self, homes: &[Home]) -> Vec<String> {
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
            hosts.insert(0, self.name.clone());
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

    fn listening(at: &[&str]) -> Listening {
        Listening {
            at: at.iter().map(|address| address.parse().unwrap()).collect(),
            port: 8443,
            name: "hutch.local".to_owned(),
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
            everywhere.places(&homes),
            ["https://hutch.local:8443", "https://192.168.1.20:8443", "https://[fd00::2]:8443"]
        );
        let standard = Listening { port: 443, ..everywhere.clone() };
        assert_eq!(standard.places(&homes)[1], "https://192.168.1.20");
        let by_name_alone = everywhere.places(&[home("fe80::2", true)]);
        assert_eq!(by_name_alone, ["https://hutch.local:8443"]);
    }

    #[test]
    fn without_a_network_the_page_is_on_the_computer_itself() {
        assert_eq!(
            listening(&["::"]).places(&[]),
            ["https://localhost:8443", "https://127.0.0.1:8443", "https://[::1]:8443"]
        );
        assert_eq!(
            listening(&["0.0.0.0"]).places(&[]),
            ["https://localhost:8443", "https://127.0.0.1:8443"]
        );
        assert_eq!(listening(&["127.0.0.3"]).places(&[]), ["https://127.0.0.3:8443"]);
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
        let called = one.called(&[home("192.168.1.20", true)]);
        let expected = ["127.0.0.1", "::1", "192.168.1.20", "127.0.0.3"];
        assert_eq!(called.addresses, expected.map(|address| address.parse::<IpAddr>().unwrap()));
    }

    #[test]
    fn addresses_that_change_every_day_are_in_no_certificate() {
        let called =
            listening(&["::"]).called(&[home("fd00::a:b:c:d", false), home("fe80::2", true)]);

        assert_eq!(called.addresses, LOOPBACK);
    }
}
