//! What is looked at besides disk, card and service.

use std::{fs, io, os::unix::fs::MetadataExt as _, path::Path, time::Duration};

use super::{Finding, Verdict};
use crate::{
    clock::Clock,
    lan::{self, Kernel},
    model::Timestamp,
    radio::RadioState,
    store::{Examined, examine},
};

/// How long other devices get to answer.
const LOOKS_FOR: Duration = Duration::from_secs(3);
/// One is made each night: several were not.
const LAST_BACKUP_DAYS: u64 = 3;
/// Certificates are made anew long before this many days are left; one that was not, will not be.
const ENDS_SOON_DAYS: u64 = 14;

/// Looks whether the state folder is closed to others.
pub fn folder(state: &Path) -> Finding {
    let about = "folder";
    let named = state.display().to_string();
    let finding = |how, verdict, says: String| {
        Finding::new(about, how, verdict, says).naming([named.clone()])
    };
    match fs::metadata(state) {
        Ok(found) if found.mode() & 0o077 != 0 => finding(
            "open",
            Verdict::Mind,
            format!("{named} is open to other users of this computer"),
        )
        .do_this("start the hub: it closes the folder"),
        Ok(_) => finding("closed", Verdict::Good, format!("{named} is closed to others")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            finding("missing", Verdict::Mind, format!("{named} is not there yet"))
                .do_this("start the hub: it makes the folder")
        }
        Err(error) => {
            finding("unseen", Verdict::Ails, format!("{named} cannot be looked at: {error}"))
                .do_this("try again with sudo")
        }
    }
}

/// Reads all of the database.
pub fn database(state: &Path) -> Finding {
    let about = "database";
    match examine(state) {
        Ok(Some(Examined { sqlite, n_bytes })) => {
            let mib = n_bytes.div_ceil(1 << 20);
            let says = format!("the database is whole: {mib} MiB, SQLite {sqlite}");
            Finding::new(about, "whole", Verdict::Good, says).with("mib", mib)
        }
        Ok(None) => Finding::new(about, "missing", Verdict::Mind, "there is no database yet")
            .do_this("start the hub: it makes one"),
        Err(error) => Finding::new(about, "damaged", Verdict::Ails, error.to_string()),
    }
}

/// What is known of the backups that were made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Backups {
    /// How many days ago the last one was made, if one was.
    pub last_days: Option<u64>,
    /// Whether the last try failed in each folder that there was.
    pub fails: bool,
}

/// Judges the backups.
pub fn backup(known: Backups) -> Finding {
    let about = "backup";
    let by_hand = "make one to see why: sudo hutch backup create";
    match known {
        Backups { fails: true, .. } => {
            Finding::new(about, "failing", Verdict::Ails, "the last backup did not work")
                .do_this(by_hand)
        }
        Backups { last_days: None, .. } => {
            Finding::new(about, "none", Verdict::Mind, "there is no backup yet")
                .do_this("plug in a stick named HUTCH: the package makes one each night")
        }
        Backups { last_days: Some(days), .. } if LAST_BACKUP_DAYS < days => Finding::new(
            about,
            "old",
            Verdict::Ails,
            format!("the last backup was made {days} days ago"),
        )
        .do_this("see whether the stick for backups is plugged in"),
        Backups { last_days: Some(_), .. } => {
            Finding::new(about, "fresh", Verdict::Good, "there is a backup of the last days")
        }
    }
}

/// Says that the household from before a restore is kept.
pub fn replaced() -> Finding {
    let says = "the household from before a restore is kept, with what was erased since";
    Finding::new("replaced", "kept", Verdict::Mind, says)
        .do_this("it goes by itself after 30 days; a guardian can erase it on the page before")
}

/// Judges the clock.
pub fn clock(clock: &dyn Clock) -> Finding {
    let about = "clock";
    if clock.now() < Timestamp::BUILT {
        let says = "the clock shows a day that is long past";
        return Finding::new(about, "past", Verdict::Ails, says)
            .do_this("connect the computer to the internet once, or set the clock: sudo timedatectl set-time");
    }
    if clock.is_synchronized() {
        let says = "the clock was set by a time service";
        return Finding::new(about, "set", Verdict::Good, says);
    }
    let says = "the clock is plausible; no time service of systemd has set it";
    Finding::new(about, "plausible", Verdict::Mind, says)
        .do_this("nothing, if another program sets it; else: sudo timedatectl set-ntp true")
}

/// For how long browsers take what a hub shows them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Certificates {
    /// It has none yet.
    Missing,
    /// The household's root begins on a later day: it was made while the clock was ahead.
    RootAhead,
    /// The root ends soon, or has ended.
    RootEnds {
        /// How many days are left.
        days: u64,
    },
    /// The root lasts, and the leaves for so long.
    Last {
        /// How many days are left.
        days: u64,
    },
}

/// Judges the certificates.
pub fn certificate(certificates: Certificates) -> Finding {
    let about = "certificate";
    let another = "see that the clock is right; then run sudo hutch trust new-root, and let each device trust the hub anew";
    match certificates {
        Certificates::Missing => {
            Finding::new(about, "missing", Verdict::Mind, "there are no certificates yet")
                .do_this("start the hub: it makes them")
        }
        Certificates::RootAhead => {
            let says = "the root that devices trust begins on a later day, so that they refuse it";
            Finding::new(about, "root_ahead", Verdict::Ails, says).do_this(another)
        }
        Certificates::RootEnds { days } => {
            let says = match days {
                0 => "the root that devices trust has ended".to_owned(),
                days => format!("the root that devices trust ends in {days} days"),
            };
            Finding::new(about, "root_ends", Verdict::Ails, says)
                .with("days", days)
                .do_this(another)
        }
        Certificates::Last { days: days @ ..ENDS_SOON_DAYS } => {
            let says = format!("a certificate ends in {days} days, and was not made anew");
            Finding::new(about, "ends", Verdict::Ails, says)
                .with("days", days)
                .do_this("set the clock right, and start the hub again")
        }
        Certificates::Last { days } => {
            let says = format!("root and certificates are there, for {days} more days");
            Finding::new(about, "lasts", Verdict::Good, says).with("days", days)
        }
    }
}

/// Says how Bluetooth is, and by which version of its service.
pub fn bluetooth(state: RadioState) -> Finding {
    let verdict = match state {
        RadioState::Works => Verdict::Good,
        RadioState::Starting | RadioState::Unused => Verdict::Mind,
        RadioState::NoBus
        | RadioState::Denied
        | RadioState::NoDaemon
        | RadioState::NoAdapter
        | RadioState::Off
        | RadioState::Stuck => Verdict::Ails,
    };
    Finding::new("bluetooth", state.word(), verdict, state.to_string())
}

/// Says what the kernel does with what would leave the home network.
pub fn kernel(kernel: Kernel) -> Finding {
    let about = "kernel";
    match kernel {
        Kernel::Stops => Finding::new(
            about,
            kernel.word(),
            Verdict::Good,
            "the kernel itself stops whatever the hub would send out of the home network",
        ),
        Kernel::Lets => Finding::new(
            about,
            kernel.word(),
            Verdict::Mind,
            "the kernel would let pass what leaves the home network: Hutch's own rules alone keep it there",
        )
        .do_this("run the hub as the service of its package, whose list of addresses the kernel enforces"),
        Kernel::Unknown => Finding::new(
            about,
            kernel.word(),
            Verdict::Mind,
            "the kernel does not say whether it keeps the hub to the home network",
        ),
    }
}

/// Asks the home network for the hub with this fingerprint, as a phone does.
pub async fn name(fingerprint: &str) -> Finding {
    let about = "name";
    let found = match lan::look(LOOKS_FOR).await {
        Ok(found) => found,
        Err(error) => return Finding::new(about, "unasked", Verdict::Ails, error.to_string()),
    };
    let mut own = found.into_iter().filter(|hub| hub.fingerprint == fingerprint);
    if let Some(hub) = own.next().filter(|_found| !fingerprint.is_empty()) {
        let host = hub.host;
        let says = format!("devices find it as {host}");
        return Finding::new(about, "found", Verdict::Good, says).naming([host]);
    }
    let says = "nobody in the home network answers to the hub's name";
    Finding::new(about, "unheard", Verdict::Mind, says).do_this(
        "take one of its other addresses. A hub that listens on this computer alone has no name; \
         else a firewall may stop UDP port 5353",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{care::PAIRS, clock::ManualClock, store::Store};

    #[test]
    fn a_folder_is_closed_open_or_not_there() {
        use std::os::unix::fs::PermissionsExt as _;

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        assert_eq!(folder(&path).how, "missing");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(folder(&path).how, "open");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(folder(&path).how, "closed");
    }

    #[test]
    fn a_certificate_that_was_not_made_anew_ails() {
        let after = |days| certificate(Certificates::Last { days });
        assert_eq!(after(14).verdict, Verdict::Good);
        assert_eq!(after(13).verdict, Verdict::Ails);
        assert_eq!(after(0).how, "ends");
        assert_eq!(certificate(Certificates::Missing).how, "missing");
    }

    #[test]
    fn a_root_that_devices_refuse_ails_and_is_not_made_anew_by_itself() {
        for refused in [Certificates::RootAhead, Certificates::RootEnds { days: 0 }] {
            let finding = certificate(refused);

            assert_eq!(finding.verdict, Verdict::Ails);
            assert!(PAIRS.contains(&(finding.about, finding.how)), "{finding:?}");
            assert!(finding.to_do.unwrap().contains("trust new-root"));
        }
        let soon = certificate(Certificates::RootEnds { days: 59 });
        assert_eq!(soon.says, "the root that devices trust ends in 59 days");
    }

    #[test]
    fn a_clock_of_long_ago_is_wrong() {
        assert_eq!(clock(&ManualClock::new(Timestamp::BUILT.after(-1))).how, "past");
        assert_eq!(clock(&ManualClock::new(Timestamp::BUILT)).how, "plausible");
    }

    #[test]
    fn a_database_is_whole_not_there_or_damaged() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(database(dir.path()).how, "missing");
        drop(Store::open(dir.path()).unwrap());
        assert_eq!(database(dir.path()).how, "whole");
        fs::write(dir.path().join("hutch.db"), "no database at all").unwrap();
        assert_eq!(database(dir.path()).how, "damaged");
    }

    #[test]
    fn every_state_of_the_radio_and_the_kernel_is_among_the_pairs() {
        let radios = RadioState::ALL.map(bluetooth);
        let kernels = [Kernel::Stops, Kernel::Lets, Kernel::Unknown].map(kernel);
        for found in radios.iter().chain(&kernels) {
            assert!(PAIRS.contains(&(found.about, found.how)), "{found:?}");
        }
    }
}
