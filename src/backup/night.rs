//! What is done each night, or when somebody asks: a backup in each folder that there is.

use std::path::{Path, PathBuf};

use super::{BackupError, For, Known, Made, Tell, create, list, note, try_alone};
use crate::{model::Timestamp, state::Folder};

/// What there is in a folder for backups.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Kept {
    /// Whether the folder is there: a stick may be elsewhere.
    pub is_there: bool,
    /// How many backups of this hub are in it.
    pub n: u32,
    /// When the latest was made, and how large it is.
    pub latest: Option<(Timestamp, u64)>,
    /// When the oldest was made.
    pub oldest_at: Option<Timestamp>,
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
pub fn look(state: &Folder, places: &[PathBuf]) -> Result<Vec<Kept>, BackupError> {
    let known = Known::read(state)?;
    let one = |place: &PathBuf| {
        let known_place = known.places.get(&*place.to_string_lossy()).cloned().unwrap_or_default();
        let all = list(place).unwrap_or_default();
        let ours: Vec<_> = all.iter().filter(|found| found.name.hub == known.hub).collect();
        Kept {
            is_there: place.is_dir(),
            n: u32::try_from(ours.len()).unwrap_or(u32::MAX),
            latest: ours.first().map(|found| (found.name.made_at, found.n_bytes)),
            oldest_at: ours.last().map(|found| found.name.made_at),
            rehearsed_at: known_place.verified_at,
            fails_since: known_place.failing.map(|(since, _why)| since),
        }
    };
    Ok(places.iter().map(one).collect())
}

/// Returns whether somebody is making a backup, or looking at one.
pub fn is_under_way(state: &Folder) -> bool {
    matches!(try_alone(state), Err(BackupError::UnderWay))
}
