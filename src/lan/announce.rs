//! How the hub is found by name: multicast DNS (RFC 6762) and service discovery (RFC 6763).
//!
//! The hub answers on the addresses with which it shows itself and speaks of no others, beside any
//! other program of the computer that does the same for itself.

use std::{
    collections::HashSet,
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use mdns_sd::{DaemonEvent, IfKind, IfPredicate, Receiver, ServiceDaemon, ServiceInfo};
use tokio::time::timeout;

use super::{Home, homes::told, shown};

/// What devices look for: a page, and a hub among all pages.
const SERVICES: [&str; 2] = ["_https._tcp.local.", HUTCH];
pub(super) const HUTCH: &str = "_hutch._tcp.local.";
/// What people see in a list of services.
const INSTANCE: &str = "Hutch";
/// What a hub says of itself beside: the SHA-256 of the household's root, in hexadecimal.
pub(super) const FINGERPRINT: &str = "fingerprint";
/// The domain of multicast DNS.
const DOMAIN: &str = ".local";
/// How often the library looks at the computer's addresses.
const LOOKS_EVERY_S: u32 = 1;
/// How long saying good-bye may take.
const LEAVES_WITHIN: Duration = Duration::from_secs(1);

/// What is said of the hub.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Announced {
    /// The name, in the domain `local`. Where it has another owner already, another is taken.
    pub host: String,
    /// The port of the page.
    pub port: u16,
    /// The SHA-256 of the household's root, in hexadecimal.
    pub fingerprint: String,
}

/// Tells the home network where the hub is. Dropped without [`Announcer::leave`], it is forgotten by
/// others within two minutes.
pub struct Announcer {
    mdns: ServiceDaemon,
    heard: Receiver<DaemonEvent>,
    /// Where it answers.
    shown: Addresses,
    /// What it answers with.
    told: Addresses,
    host: String,
}

/// Addresses by interface, as they are by now.
type Addresses = Arc<RwLock<HashSet<(u32, IpAddr)>>>;

/// The hub cannot be found by name now.
#[derive(Debug, thiserror::Error)]
#[error("could not announce the hub in the home network")]
pub struct Unannounced(#[from] mdns_sd::Error);

impl Announcer {
    /// Begins; nothing is said before [`Announcer::say`].
    pub fn start() -> Result<Self, Unannounced> {
        let mdns = ServiceDaemon::new()?;
        let (shown, told) = (Addresses::default(), Addresses::default());
        mdns.set_ip_check_interval(LOOKS_EVERY_S)?;
        mdns.disable_interface(vec![where_(&shown, false)])?;
        let heard = mdns.monitor()?;
        Ok(Self { mdns, heard, shown, told, host: String::new() })
    }

    /// Answers on those of these addresses with which a hub shows itself, from a second from now on. Returns
    /// whether that is to be said once more, since it is another part of those that were there before.
    #[must_use]
    pub fn at(&self, homes: &[Home]) -> bool {
        let put = |addresses: &Addresses, homes: Vec<&Home>| {
            let now: HashSet<_> =
                homes.into_iter().map(|home| (home.interface, home.address)).collect();
            let mut addresses = addresses.write().unwrap_or_else(PoisonError::into_inner);
            (std::mem::replace(&mut *addresses, now.clone()), now)
        };
        let (was_shown, is_shown) = put(&self.shown, shown(homes));
        let (was_told, is_told) = put(&self.told, told(homes));
        let mut stay = was_shown.intersection(&is_shown);
        stay.any(|address| was_told.contains(address) != is_told.contains(address))
    }

    /// Says this from now on.
    pub fn say(&mut self, announced: &Announced) -> Result<(), Unannounced> {
        let Announced { host, port, fingerprint } = announced;
        self.host = format!("{host}.");
        for service in SERVICES {
            let text = [(FINGERPRINT, fingerprint.as_str())];
            let mut info = ServiceInfo::new(service, INSTANCE, &self.host, "", *port, &text[..])?
                .enable_addr_auto();
            info.set_interfaces(vec![where_(&self.told, true)]);
            self.mdns.register(info)?;
        }
        Ok(())
    }

    /// Waits until another device has the name, and returns the one that is the hub's from now on;
    /// nothing if this announcer can do nothing any more.
    pub async fn renamed(&self) -> Option<String> {
        loop {
            let DaemonEvent::NameChange(change) = self.heard.recv_async().await.ok()? else {
                continue;
            };
            // A service has a name as well, which nobody types.
            let is_host = change.original.eq_ignore_ascii_case(&self.host);
            if is_host && !change.new_name.eq_ignore_ascii_case(&self.host) {
                return Some(change.new_name.trim_end_matches('.').to_ascii_lowercase());
            }
        }
    }

    /// Says good-bye, so that others forget the hub at once.
    pub async fn leave(self) {
        if let Ok(left) = self.mdns.shutdown() {
            // The power may go as well.
            drop(timeout(LEAVES_WITHIN, left.recv_async()).await);
        }
    }
}

/// Returns the name under which a hub of this name can be found without a router that knows it.
pub fn host_of(name: &str) -> String {
    if name.ends_with(DOMAIN) { name.to_owned() } else { format!("hutch{DOMAIN}") }
}

/// Returns whether a name is what [`Announcer::renamed`] makes of another.
pub fn is_renamed(name: &str, from: &str) -> bool {
    let number = from
        .strip_suffix(DOMAIN)
        .and_then(|stem| name.strip_prefix(stem)?.strip_prefix('-')?.strip_suffix(DOMAIN));
    number.is_some_and(|number| {
        (1..=4).contains(&number.len()) && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}

/// Stands for these addresses, or for all others.
fn where_(addresses: &Addresses, is_in: bool) -> IfKind {
    let addresses = Arc::clone(addresses);
    IfKind::Predicate(IfPredicate::new(move |interface| {
        let at = (interface.index.unwrap_or(0), interface.ip());
        addresses.read().unwrap_or_else(PoisonError::into_inner).contains(&at) == is_in
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_routers_own_is_found_under_the_usual_one() {
        assert_eq!(host_of("toys.local"), "toys.local");
        assert_eq!(host_of("hutch.fritz.box"), "hutch.local");
        assert_eq!(host_of("hutch.notlocal"), "hutch.local");
    }

    #[test]
    fn only_a_number_makes_another_name_of_the_same_hub() {
        for name in ["hutch-2.local", "hutch-10.local"] {
            assert!(is_renamed(name, "hutch.local"), "{name}");
        }
        for name in
            ["hutch.local", "hutch-.local", "hutch-2", "hutch-x.local", "hutch-2.evil.local", "-2"]
        {
            assert!(!is_renamed(name, "hutch.local"), "{name}");
        }
    }
}
