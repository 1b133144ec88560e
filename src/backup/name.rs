//! What backups are called, which tells when each was made and what opens it; and which of them go.

use std::{
    collections::{BTreeSet, HashSet},
    fs,
    path::{Path, PathBuf},
};

use jiff::{civil::Date, tz::TimeZone};

use super::BackupError;
use crate::model::Timestamp;

const FIRST: &str = "hutch-";
const LAST: &str = ".age";
const TIME: &str = "%Y%m%dT%H%M%SZ";
const KEY: &str = "key";
const PASSPHRASE: &str = "passphrase";

/// How many digits tell one hub's backups from another's.
const HUB_DIGITS: usize = 8;

/// How many days, weeks and months have one that stays.
const DAYS: usize = 7;
const WEEKS: usize = 4;
const MONTHS: usize = 3;

/// What is the same for all dates of a day, week or month, and different for others.
type Period = fn(Date) -> (i16, i8, i8);

/// The name of a backup: `hutch-1f2e3d4c-20261127T033000Z-key20260301T101500Z.age`.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Name {
    /// Which hub's it is: eight hexadecimal digits, drawn once, which say nothing else.
    pub hub: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// What opens it.
    pub opens: Opens,
}

/// What opens a backup.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Opens {
    /// The recovery key that was made then.
    RecoveryKey(Timestamp),
    /// A passphrase.
    Passphrase,
}

/// A backup in a folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Found {
    /// Where.
    pub path: PathBuf,
    /// What its name says.
    pub name: Name,
    /// How large it is.
    pub n_bytes: u64,
}

impl Name {
    /// Returns the name of its file.
    pub fn file(&self) -> String {
        let Self { hub, made_at, opens } = self;
        let opens = match opens {
            Opens::RecoveryKey(made_at) => format!("{KEY}{}", time(*made_at)),
            Opens::Passphrase => PASSPHRASE.to_owned(),
        };
        format!("{FIRST}{hub}-{}-{opens}{LAST}", time(*made_at))
    }

    /// Reads what [`Name::file`] wrote; nothing, if it is no such name.
    pub fn read(file: &str) -> Option<Self> {
        let inside = file.strip_prefix(FIRST)?.strip_suffix(LAST)?;
        let mut parts = inside.split('-');
        let (hub, made_at, opens) = (parts.next()?, parts.next()?, parts.next()?);
        let is_hub = hub.len() == HUB_DIGITS && hub.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hub || parts.next().is_some() {
            return None;
        }
        let opens = match opens.strip_prefix(KEY) {
            Some(made_at) => Opens::RecoveryKey(read_time(made_at)?),
            None if opens == PASSPHRASE => Opens::Passphrase,
            None => return None,
        };
        let name = Self { hub: hub.to_owned(), made_at: read_time(made_at)?, opens };
        // One spelling of each.
        (name.file() == file).then_some(name)
    }
}

/// Returns the name of the list of what was erased, beside the backups of a hub.
pub(super) fn of_erased(hub: &str) -> String {
    format!("{FIRST}{hub}-erased{LAST}")
}

/// Returns the backups in a folder, the latest first.
pub fn list(place: &Path) -> Result<Vec<Found>, BackupError> {
    let mut all = Vec::new();
    let entries = fs::read_dir(place).map_err(BackupError::io("look into", place))?;
    for entry in entries {
        let entry = entry.map_err(BackupError::io("look into", place))?;
        let Some(name) = entry.file_name().to_str().and_then(Name::read) else { continue };
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_file() {
            all.push(Found { path: entry.path(), name, n_bytes: metadata.len() });
        }
    }
    all.sort_by(|a, b| b.name.made_at.cmp(&a.name.made_at).then_with(|| a.path.cmp(&b.path)));
    Ok(all)
}

/// Returns which of these may go: all of this hub's that open with a recovery key, but for the latest of
/// each of the last 7 days that have one, of 4 weeks and of 3 months. One that opens with a passphrase
/// was made by somebody for something, and stays.
pub fn superfluous<'a>(all: &'a [Found], hub: &str) -> Vec<&'a Found> {
    let of_hub =
        |found: &&Found| found.name.hub == hub && matches!(found.name.opens, Opens::RecoveryKey(_));
    let mut ours: Vec<&Found> = all.iter().filter(of_hub).collect();
    ours.sort_by_key(|found| std::cmp::Reverse(found.name.made_at));
    let mut stay = BTreeSet::new();
    let periods: [(usize, Period); 3] = [
        (DAYS, |date| (date.year(), date.month(), date.day())),
        (WEEKS, |date| (date.iso_week_date().year(), date.iso_week_date().week(), 0)),
        (MONTHS, |date| (date.year(), date.month(), 0)),
    ];
    for (most, period) in periods {
        let mut seen = HashSet::new();
        for found in &ours {
            let Some(date) = date(found.name.made_at) else { continue };
            if seen.len() < most && seen.insert(period(date)) {
                stay.insert(&found.path);
            }
        }
    }
    ours.into_iter().filter(|found| !stay.contains(&found.path)).collect()
}

fn date(at: Timestamp) -> Option<Date> {
    let at = jiff::Timestamp::from_second(at.0).ok()?;
    Some(TimeZone::UTC.to_datetime(at).date())
}

fn time(at: Timestamp) -> String {
    // Beyond what jiff counts there is no clock.
    let at = jiff::Timestamp::from_second(at.0).unwrap_or_default();
    at.strftime(TIME).to_string()
}

fn read_time(text: &str) -> Option<Timestamp> {
    let civil = jiff::civil::DateTime::strptime(TIME, text).ok()?;
    Some(Timestamp(TimeZone::UTC.to_timestamp(civil).ok()?.as_second()))
}
