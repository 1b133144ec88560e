//! What is done each night, or when somebody asks: a backup in each folder that there is.

use std::path::{Path, PathBuf};

use super::{
    BackupError, For, Found, Known, Made, Name, Opens, Outlook, Tell, create, list, note, outlook,
    try_alone,
};
use crate::{model::Timestamp, state::Folder};

/// What there is in a folder for backups.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Kept {
    /// Whether the folder is there: a stick may be elsewhere.
    pub is_there: bool,
    /// Whether it could be looked into.
    pub is_read: bool,
    /// How many backups of this hub are in it.
    pub n: u32,
    /// How large they are together.
    pub n_bytes: u64,
    /// When the latest was made, and how large it is.
    pub latest: Option<(Timestamp, u64)>,
    /// When the oldest was made.
    pub oldest_at: Option<Timestamp>,
    /// What becomes of them.
    pub outlook: Outlook,
    /// When one was last made here, as far as it is remembered.
    pub made_at: Option<Timestamp>,
    /// When one was last rehearsed.
    pub rehearsed_at: Option<Timestamp>,
    /// Since when it fails.
    pub fails_since: Option<Timestamp>,
}

/// Makes a backup in a folder, and remembers what came of it.
pub fn make(
    state: &Folder,
    place: &Path,
    who: For<'_>,
    now: Timestamp,
    tell: Tell<'_>,
) -> Result<Made, BackupError> {
    let made = create(state, place, who, now, tell);
    let noted = note(state, place, now, |known| match &made {
        Ok(made) => {
            if matches!(who, For::RecoveryKey) {
                known.made_at = Some(now);
                known.file = Some(made.name.file());
                known.n_bytes = made.n_bytes;
            }
            Ok(())
        }
        Err(error) => Err(error.sentence()),
    });
    let made = made?;
    noted.map(|()| made)
}

/// Looks into folders for backups, as far as they are there.
pub fn look(state: &Folder, places: &[PathBuf], now: Timestamp) -> Result<Vec<Kept>, BackupError> {
    let known = Known::read(state)?;
    let is_under_way = is_under_way(state);
    let one = |place: &PathBuf| {
        let known_place = known.places.get(&*place.to_string_lossy()).cloned().unwrap_or_default();
        let listed = list(place);
        let is_read = listed.is_ok();
        let all = listed.unwrap_or_default();
        let ours: Vec<_> = all.iter().filter(|found| found.name.hub == known.hub).collect();
        Kept {
            is_there: place.is_dir(),
            is_read,
            n: u32::try_from(ours.len()).unwrap_or(u32::MAX),
            n_bytes: ours.iter().map(|found| found.n_bytes).sum(),
            latest: ours.first().map(|found| (found.name.made_at, found.n_bytes)),
            oldest_at: ours.last().map(|found| found.name.made_at),
            outlook: outlook(&with_one_at(&all, is_under_way, &known.hub, now), &known.hub, now),
            made_at: known_place.made_at,
            rehearsed_at: known_place.verified_at,
            fails_since: known_place.failing.map(|(since, _why)| since),
        }
    };
    Ok(places.iter().map(one).collect())
}

/// Returns these, and the one that is being made.
fn with_one_at(all: &[Found], is_under_way: bool, hub: &str, now: Timestamp) -> Vec<Found> {
    let name = Name { hub: hub.to_owned(), made_at: now, opens: Opens::RecoveryKey(now) };
    let made = is_under_way.then(|| Found { path: PathBuf::from(name.file()), name, n_bytes: 0 });
    all.iter().cloned().chain(made).collect()
}

/// Returns whether somebody is making a backup, or looking at one.
pub fn is_under_way(state: &Folder) -> bool {
    matches!(try_alone(state), Err(BackupError::UnderWay))
}
