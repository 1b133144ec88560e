//! The household's certificates: its root and the leaves under it, in the state folder.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::Path,
    sync::Arc,
};

use anyhow::{Context as _, anyhow};

use crate::{
    care::Certificates,
    model::Timestamp,
    state::Folder,
    tls::{Fingerprints, Host, Leaf, Root, Serving, Validity, vouches_for},
};

/// The root with its key. It is made once.
const ROOT: &str = "tls-root.pem";
/// The leaf for names, with its key.
const NAMES: &str = "tls-names.pem";
/// The leaf for addresses, with its key.
const ADDRESSES: &str = "tls-addresses.pem";

/// How long before its end people are told about a root: each device has to trust another then.
const ROOT_ENDS_SOON_DAYS: u64 = 60;

/// The household's database: where it is, there was a root before.
const DATABASE: &str = "hutch.db";

/// What the computer calls itself.
const LOCALHOST: &str = "localhost";

/// What browsers call a hub.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Called {
    /// The name that it is given.
    pub name: String,
    /// The name by which it is found, which is another where somebody else had the first.
    pub found_as: String,
    /// All its addresses.
    pub addresses: Vec<IpAddr>,
}

/// Root and leaves, and what shows the leaves to browsers.
pub(super) struct Identity {
    state: Folder,
    called: Called,
    root: Root,
    names: Leaf,
    addresses: Leaf,
    serving: Arc<Serving>,
}

impl Identity {
    /// Takes what the household has, and makes what is missing or does not serve any more.
    ///
    /// The root is made only where there is none: a file that is no root is an error.
    pub(super) fn take(state: &Folder, called: Called, now: Timestamp) -> anyhow::Result<Self> {
        let root = match state.read(ROOT)? {
            Some(pem) => Root::from_pem(&pem).with_context(|| {
                format!(
                    "{} is damaged. Put back the file that was there; without it, run \
                     hutch trust new-root, after which every device is to trust the hub anew",
                    state.path().join(ROOT).display()
                )
            })?,
            None => first_root(state, &called.name, now)?,
        };
        match root.validity(now) {
            Validity::NotYet => tracing::warn!(
                "the household's root begins on a later day, and no device can trust it until then; if the clock is \
                 right, run hutch trust new-root"
            ),
            Validity::Days(0) => tracing::warn!(
                "the household's root has ended, and no device trusts it any more; if the clock is right, run \
                 hutch trust new-root"
            ),
            Validity::Days(_) => {}
        }
        let names = kept_or_new(state, NAMES, &root, &called.names(), now)?;
        let addresses = kept_or_new(state, ADDRESSES, &root, &called.addresses(), now)?;
        let serving = Serving::new(&names, &addresses)?;
        Ok(Self { state: state.clone(), called, root, names, addresses, serving })
    }

    /// Returns what shows the leaves to browsers.
    pub(super) fn serving(&self) -> Arc<Serving> {
        Arc::clone(&self.serving)
    }

    /// Returns the fingerprints of root and leaves.
    pub(super) fn fingerprints(&self) -> Fingerprints {
        let Self { root, names, addresses, .. } = self;
        Fingerprints {
            root: root.fingerprint(),
            names: names.fingerprint(),
            addresses: addresses.fingerprint(),
        }
    }

    /// Makes the leaves such that the hub can be called by all these from now on. A leaf that can do so
    /// already stays, though it be for others as well: each change costs a family another warning.
    pub(super) fn call(&mut self, called: Called, now: Timestamp) -> anyhow::Result<()> {
        self.called = called;
        self.renew(now)
    }

    /// Returns the root in DER, without its key.
    pub(super) fn root(&self) -> &[u8] {
        self.root.certificate()
    }

    /// Makes the leaves anew that do not serve any more. Who is connected notices nothing.
    pub(super) fn renew(&mut self, now: Timestamp) -> anyhow::Result<()> {
        let names = self.called.names();
        if !self.names.serves(&self.root, &names, now) {
            self.names = make(&self.state, NAMES, &self.root, &names, now)?;
            self.serving.put_names(&self.names)?;
        }
        let addresses = self.called.addresses();
        if !self.addresses.serves(&self.root, &addresses, now) {
            self.addresses = make(&self.state, ADDRESSES, &self.root, &addresses, now)?;
            self.serving.put_addresses(&self.addresses)?;
        }
        Ok(())
    }

    /// Makes another root, and leaves under it.
    ///
    /// Should the power go in between, the leaves that are left stand under no root and are made anew.
    pub(super) fn new_root(&mut self, now: Timestamp) -> anyhow::Result<()> {
        let root = Root::generate(&self.called.name, now).context("making the household's root")?;
        self.state.replace(ROOT, root.to_pem().as_bytes())?;
        self.root = root;
        tracing::warn!("the household has another root; every device is to trust the hub anew");
        self.renew(now)
    }
}

impl Called {
    fn names(&self) -> Vec<Host> {
        let mut names = vec![self.name.as_str()];
        for name in [self.found_as.as_str(), LOCALHOST] {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.into_iter().map(|name| Host::Name(name.to_owned())).collect()
    }

    fn addresses(&self) -> Vec<Host> {
        // A range of a VPN that the family lets in is no home network to those who check a certificate: a leaf with
        // such an address in it would stand for nothing at all.
        let at_home = self.addresses.iter().copied().filter(|address| vouches_for(*address));
        at_home.map(Host::Address).collect()
    }
}

/// Removes root and leaves with their keys, which somebody else may have. The page is served with
/// them until the next start, or it could not say so.
pub(super) fn give_up(state: &Folder) -> anyhow::Result<()> {
    // The root last: leaves are made anew by themselves, and until it is gone nothing was given up.
    for name in [NAMES, ADDRESSES, ROOT] {
        state.remove(name)?;
    }
    Ok(())
}

/// Does the same in a folder that no daemon uses.
pub fn give_up_identity(folder: &Path) -> anyhow::Result<()> {
    let state = household(folder)?;
    let _lock = state.lock()?;
    give_up(&state)?;
    // Whoever starts next is the daemon's user, who could not use a lock of root's.
    Ok(state.remove_lock()?)
}

/// Returns the fingerprints in a folder, if it has certificates.
pub fn fingerprints(folder: &Path) -> anyhow::Result<Option<Fingerprints>> {
    let state = household(folder)?;
    let read = |name| -> anyhow::Result<_> {
        let Some(pem) = state.read(name)? else { return Ok(None) };
        let path = state.path().join(name);
        let found = crate::tls::fingerprint_of_pem(&pem);
        found.map(Some).with_context(|| format!("reading {}", path.display()))
    };
    let (root, names, addresses) = (read(ROOT)?, read(NAMES)?, read(ADDRESSES)?);
    Ok(match (root, names, addresses) {
        (Some(root), Some(names), Some(addresses)) => Some(Fingerprints { root, names, addresses }),
        _ => None,
    })
}

/// Returns for how long browsers take what a folder's hub shows them.
pub(super) fn certificates(folder: &Path, now: Timestamp) -> anyhow::Result<Certificates> {
    let state = household(folder)?;
    let (Some(root), Some(names), Some(addresses)) =
        (state.read(ROOT)?, state.read(NAMES)?, state.read(ADDRESSES)?)
    else {
        return Ok(Certificates::Missing);
    };
    let root = Root::from_pem(&root)?;
    match root.validity(now) {
        Validity::NotYet => return Ok(Certificates::RootAhead),
        Validity::Days(days @ ..ROOT_ENDS_SOON_DAYS) => return Ok(Certificates::RootEnds { days }),
        Validity::Days(_) => {}
    }
    // Each is for this computer at least.
    let names = Leaf::days_left(&names, &root, &Host::from(LOCALHOST), now);
    let here = Host::Address(Ipv4Addr::LOCALHOST.into());
    let addresses = Leaf::days_left(&addresses, &root, &here, now);
    Ok(Certificates::Last { days: names.min(addresses) })
}

fn household(folder: &Path) -> anyhow::Result<Folder> {
    let state = folder.exists().then(|| Folder::existing(folder)).transpose()?;
    state.filter(Folder::has_household).ok_or_else(|| {
        anyhow!("there is no household in {}; name its folder with --state", folder.display())
    })
}

fn first_root(state: &Folder, name: &str, now: Timestamp) -> anyhow::Result<Root> {
    if [NAMES, ADDRESSES, DATABASE].iter().any(|name| state.has(name)) {
        tracing::warn!(
            file = %state.path().join(ROOT).display(),
            "the household's root is gone, so there is another; every device is to trust the hub anew"
        );
    }
    let root = Root::generate(name, now).context("making the household's root")?;
    state.replace(ROOT, root.to_pem().as_bytes())?;
    Ok(root)
}

fn kept_or_new(
    state: &Folder,
    file: &'static str,
    root: &Root,
    hosts: &[Host],
    now: Timestamp,
) -> anyhow::Result<Leaf> {
    let kept = state.read(file)?;
    match kept.and_then(|pem| Leaf::from_pem(&pem, root, hosts, now)) {
        Some(leaf) => Ok(leaf),
        None => make(state, file, root, hosts, now),
    }
}

fn make(
    state: &Folder,
    file: &'static str,
    root: &Root,
    hosts: &[Host],
    now: Timestamp,
) -> anyhow::Result<Leaf> {
    let leaf = root.issue(hosts, now)?;
    state.replace(file, leaf.to_pem().as_bytes())?;
    tracing::info!(
        file,
        "a new certificate; devices that do not trust the household's root ask once more"
    );
    Ok(leaf)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Any day after that on which this was built.
    const NOW: Timestamp = Timestamp::BUILT.after(150 * 86_400);
    const DAY: i64 = 24 * 60 * 60;
    const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 20));

    fn called(name: &str) -> Called {
        Called { name: name.to_owned(), found_as: name.to_owned(), addresses: vec![ADDRESS] }
    }

    fn state() -> (tempfile::TempDir, Folder) {
        let dir = tempfile::tempdir().unwrap();
        let state = Folder::prepare(&dir.path().join("state")).unwrap();
        (dir, state)
    }

    fn take(state: &Folder, now: Timestamp) -> Identity {
        Identity::take(state, called("hutch.local"), now).unwrap()
    }

    #[test]
    fn leaves_are_made_anew_before_their_end_under_the_same_root() {
        let (_dir, state) = state();
        let mut identity = take(&state, NOW);
        let first = identity.fingerprints();

        identity.renew(NOW.after(300 * DAY)).unwrap();
        assert_eq!(identity.fingerprints(), first, "30 days are still to come");
        let soon = NOW.after(306 * DAY);
        identity.renew(soon).unwrap();

        let second = identity.fingerprints();
        assert_eq!(second.root, first.root);
        assert!(second.names != first.names && second.addresses != first.addresses);
        assert_eq!(
            fingerprints(state.path()).unwrap(),
            Some(second),
            "the files hold what is shown"
        );
        assert_eq!(take(&state, soon).fingerprints(), second);
    }

    #[test]
    fn the_days_that_are_left_are_counted() {
        let (_dir, state) = state();
        let here = Called { addresses: vec![Ipv4Addr::LOCALHOST.into()], ..called("hutch.local") };
        assert!(certificates(state.path(), NOW).is_err(), "there is no household");
        drop(Identity::take(&state, here, NOW).unwrap());
        let after = |days: i64| certificates(state.path(), NOW.after(days * DAY)).unwrap();

        // It is valid for a year, 30 days of which were over when it was made.
        assert_eq!(after(0), Certificates::Last { days: 335 });
        assert_eq!(after(300), Certificates::Last { days: 35 });
        assert_eq!(after(335), Certificates::Last { days: 0 });
        assert_eq!(after(900), Certificates::Last { days: 0 });
        // The root lasts for twenty.
        assert_eq!(after(20 * 365 - 30 - 60), Certificates::Last { days: 0 });
        assert_eq!(after(20 * 365 - 30 - 59), Certificates::RootEnds { days: 59 });
        assert_eq!(after(30 * 365), Certificates::RootEnds { days: 0 });
        assert_eq!(after(-60), Certificates::RootAhead);
    }

    #[test]
    fn a_clock_that_was_wrong_at_the_start_changes_the_root_at_no_time() {
        let (_dir, state) = state();
        let mut identity = take(&state, NOW);
        let first = identity.fingerprints();

        for then in [0, NOW.0 + 50 * 365 * DAY, NOW.0 - 90 * DAY, NOW.0] {
            identity.renew(Timestamp(then)).unwrap();
            assert_eq!(identity.fingerprints().root, first.root, "{then}");
        }

        let names = Leaf::from_pem(
            &state.read(NAMES).unwrap().unwrap(),
            &identity.root,
            &called("hutch.local").names(),
            NOW,
        );
        assert!(names.is_some(), "it is right now");
    }

    #[test]
    fn another_address_changes_the_leaf_for_addresses_alone() {
        let (_dir, state) = state();
        let first = take(&state, NOW).fingerprints();
        let moved =
            Called { addresses: vec![Ipv4Addr::new(10, 0, 0, 7).into()], ..called("hutch.local") };

        let second = Identity::take(&state, moved, NOW).unwrap().fingerprints();

        assert_eq!((second.root, second.names), (first.root, first.names));
        assert_ne!(second.addresses, first.addresses);
    }

    #[test]
    fn a_leaf_stays_while_it_is_for_all_that_the_hub_is_called() {
        let (_dir, state) = state();
        let mut identity = take(&state, NOW);
        let first = identity.fingerprints();
        let second_hub = Called { found_as: "hutch-2.local".to_owned(), ..called("hutch.local") };

        identity.call(second_hub.clone(), NOW).unwrap();
        let renamed = identity.fingerprints();
        assert_ne!(renamed.names, first.names);
        assert_eq!(renamed.addresses, first.addresses);

        identity.call(called("hutch.local"), NOW).unwrap();
        identity.call(Called { addresses: Vec::new(), ..second_hub }, NOW).unwrap();
        assert_eq!(identity.fingerprints(), renamed, "a name back, and an interface gone");
    }

    #[test]
    fn what_a_power_cut_left_of_a_new_root_is_made_whole() {
        let (_dir, state) = state();
        take(&state, NOW);
        let root = Root::generate("hutch.local", NOW).unwrap();
        state.replace(ROOT, root.to_pem().as_bytes()).unwrap();

        let identity = take(&state, NOW);

        assert_eq!(identity.fingerprints().root, root.fingerprint());
        assert_eq!(fingerprints(state.path()).unwrap(), Some(identity.fingerprints()));
    }

    #[test]
    fn what_was_given_up_is_another_at_the_next_start() {
        let (_dir, state) = state();
        let first = take(&state, NOW).fingerprints();

        give_up_identity(state.path()).unwrap();

        assert!(fingerprints(state.path()).is_err(), "there is nothing of a household left");
        assert_ne!(take(&state, NOW).fingerprints().root, first.root);
    }
}
