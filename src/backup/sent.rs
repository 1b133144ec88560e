//! A backup that somebody sends, who has it elsewhere: into the state folder, as sealed as it is.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
};

use super::{BackupError, create::free_bytes};
use crate::{
    seal::age::{AgeError, BEGINNING},
    state::Folder,
};

/// The backup that was sent, and it while it comes.
const FILE: &str = "backup-sent.age";
const PART: &str = ".backup-sent.age.part";

/// What is left free for the hub itself.
const MARGIN_BYTES: u64 = 16 << 20;

/// A backup that is being sent. Dropped before [`Sending::end`], it leaves nothing.
pub struct Sending {
    file: File,
    part: PathBuf,
    path: PathBuf,
    /// How many bytes came, and the first of them.
    n_bytes: u64,
    beginning: Vec<u8>,
    is_whole: bool,
}

impl Sending {
    /// Begins to take a backup of so many bytes, in the place of one that was sent before.
    ///
    /// There must be room for it and for what is in it.
    pub fn begin(state: &Folder, n_bytes: u64) -> Result<Self, BackupError> {
        forget_sent(state)?;
        let needed = n_bytes.saturating_mul(2).saturating_add(MARGIN_BYTES);
        if free_bytes(state.path()).is_some_and(|free| free < needed) {
            return Err(super::create::no_room(state.path(), needed));
        }
        let part = state.path().join(PART);
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&part);
        let file = file.map_err(BackupError::io("write", &part))?;
        let (path, beginning) = (state.path().join(FILE), Vec::with_capacity(BEGINNING.len()));
        Ok(Self { file, part, path, n_bytes: 0, beginning, is_whole: false })
    }

    /// Takes the next bytes. What is no backup is not taken from its first bytes on.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), BackupError> {
        let missing = BEGINNING.len() - self.beginning.len();
        self.beginning.extend_from_slice(bytes.get(..missing).unwrap_or(bytes));
        if !BEGINNING.starts_with(&self.beginning) {
            return Err(AgeError::NotAge.into());
        }
        self.n_bytes += u64::try_from(bytes.len()).unwrap_or_default();
        self.file.write_all(bytes).map_err(|error| match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                let place = self.path.parent().unwrap_or(&self.path);
                super::create::no_room(place, self.n_bytes)
            }
            _ => BackupError::io("write", &self.part)(error),
        })
    }

    /// Ends it: all of it is there. Returns how large it is.
    pub fn end(mut self) -> Result<u64, BackupError> {
        if self.beginning != BEGINNING {
            return Err(AgeError::NotAge.into());
        }
        fs::rename(&self.part, &self.path).map_err(BackupError::io("keep", &self.part))?;
        self.is_whole = true;
        Ok(self.n_bytes)
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if !self.is_whole {
            drop(fs::remove_file(&self.part));
        }
    }
}

/// Returns the backup that was sent, if one was, and how large it is.
pub fn sent(state: &Folder) -> Option<(PathBuf, u64)> {
    let path = state.path().join(FILE);
    let n_bytes = fs::metadata(&path).ok()?.len();
    Some((path, n_bytes))
}

/// Removes what was sent, whole or in part.
pub fn forget_sent(state: &Folder) -> Result<(), BackupError> {
    state.remove(PART)?;
    Ok(state.remove(FILE)?)
}
