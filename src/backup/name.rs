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

/// How many days have one that stays.
pub const DAYS: u8 = 7;
/// How many weeks do.
pub const WEEKS: u8 = 4;
/// How many months do.
pub const MONTHS: u8 = 3;

/// In so many nights all of them go that ever do, unless one is dated in the future.
const NIGHTS: i64 = 400;
const NIGHT_S: i64 = 24 * 3_600;

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

/// Whether this is a list of what was erased by its name, which lies beside the backups and looks like one.
pub fn is_of_erased(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let hub = name.strip_prefix(FIRST).and_then(|rest| rest.split('-').next());
    hub.is_some_and(|hub| name == of_erased(hub))
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
    let periods: [(u8, Period); 3] = [
        (DAYS, |date| (date.year(), date.month(), date.day())),
        (WEEKS, |date| (date.iso_week_date().year(), date.iso_week_date().week(), 0)),
        (MONTHS, |date| (date.year(), date.month(), 0)),
    ];
    for (most, period) in periods {
        let mut seen = HashSet::new();
        for found in &ours {
            let Some(date) = date(found.name.made_at) else { continue };
            if seen.len() < usize::from(most) && seen.insert(period(date)) {
                stay.insert(&found.path);
            }
        }
    }
    ours.into_iter().filter(|found| !stay.contains(&found.path)).collect()
}

/// What becomes of backups that are there now.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Outlook {
    /// When the last of those is gone that go by themselves, at the latest.
    pub gone_by: Option<Timestamp>,
    /// How many stay until somebody removes them.
    pub n_staying: u32,
}

/// Returns what becomes of this hub's backups if one more is made each night from now on.
pub fn outlook(all: &[Found], hub: &str, now: Timestamp) -> Outlook {
    let of_hub = all.iter().filter(|found| found.name.hub == hub).cloned();
    let (mut there, with_passphrase): (Vec<Found>, Vec<Found>) =
        of_hub.partition(|found| matches!(found.name.opens, Opens::RecoveryKey(_)));
    let mut ours: HashSet<PathBuf> = there.iter().map(|found| found.path.clone()).collect();
    let mut gone_by = None;
    for night in 1..=NIGHTS {
        if ours.is_empty() {
            break;
        }
        let made_at = now.after(night * NIGHT_S);
        let name = Name { hub: hub.to_owned(), made_at, opens: Opens::RecoveryKey(now) };
        there.push(Found { path: PathBuf::from(name.file()), name, n_bytes: 0 });
        let go: HashSet<PathBuf> =
            superfluous(&there, hub).into_iter().map(|old| old.path.clone()).collect();
        there.retain(|found| !go.contains(&found.path));
        let n_before = ours.len();
        ours.retain(|path| !go.contains(path));
        if ours.len() < n_before {
            // Days are those of UTC: whatever the hour of the night is, by then it is over.
            gone_by = Some(now.after((night + 1) * NIGHT_S));
        }
    }
    let n_staying = u32::try_from(with_passphrase.len() + ours.len()).unwrap_or(u32::MAX);
    Outlook { gone_by, n_staying }
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
