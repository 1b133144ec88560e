//! The household that was here before a restore: kept beside it for a while, should that have been a
//! mistake, and not longer. What is erased later is in it still.

use std::{
    fs::{self, File},
    path::Path,
    time::{Duration, UNIX_EPOCH},
};

use super::BackupError;
use crate::{model::Timestamp, state::Folder};

/// How long it is kept.
const KEPT_FOR_S: i64 = 30 * 24 * 3_600;

/// Longer ago than this it was put aside by a clock that was wrong.
const BELIEVED_FOR_S: i64 = 400 * 24 * 3_600;

/// What is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Replaced {
    /// Its size.
    pub n_bytes: u64,
    /// When it goes by itself.
    pub goes_at: Timestamp,
}

/// Returns what is kept of a household before, if anything is.
pub fn replaced(state: &Folder) -> Option<Replaced> {
    let path = state.replaced()?;
    let entries = fs::read_dir(&path).ok()?;
    let sizes = entries.flatten().filter_map(|entry| entry.metadata().ok());
    let n_bytes = sizes.map(|metadata| metadata.len()).sum();
    Some(Replaced { n_bytes, goes_at: put_aside_at(&path)?.after(KEPT_FOR_S) })
}

/// Removes it.
pub fn forget_replaced(state: &Folder) -> Result<(), BackupError> {
    Ok(state.clear_replaced()?)
}

/// Removes it when its time is over. Returns whether that was so.
pub fn forget_replaced_in_time(state: &Folder, now: Timestamp) -> Result<bool, BackupError> {
    let Some(path) = state.replaced() else { return Ok(false) };
    let failed = BackupError::io("look at the household from before", &path);
    let Some(at) = put_aside_at(&path) else { return Ok(false) };
    if now < at || at.after(BELIEVED_FOR_S) < now {
        // Counted from now on, rather than gone at once or never.
        let now = UNIX_EPOCH + Duration::from_secs(u64::try_from(now.0).unwrap_or_default());
        File::open(&path).and_then(|folder| folder.set_modified(now)).map_err(failed)?;
        return Ok(false);
    }
    if now < at.after(KEPT_FOR_S) {
        return Ok(false);
    }
    forget_replaced(state)?;
    Ok(true)
}

/// When it came to lie there.
fn put_aside_at(path: &Path) -> Option<Timestamp> {
    let at = fs::metadata(path).ok()?.modified().ok()?;
    let at = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Some(Timestamp(i64::try_from(at).ok()?))
}
