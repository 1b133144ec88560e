//! Taking a household's files away, all of them.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use super::{
    Folder, LOCK, OF_THE_DISK, StateError,
    restore::{FOLDERS, clear},
};

/// Says that the household is being erased, so that a power cut does not leave half of it.
const ERASING: &str = "erasing";

/// Secrets, which are small: they are overwritten before they are removed.
const SECRETS: [&str; 6] = [
    "device.key",
    "hash.key",
    "rehearsal.key",
    "tls-root.pem",
    "tls-names.pem",
    "tls-addresses.pem",
];

/// What else there is of a household.
const OTHERS: [&str; 13] = [
    "hutch.db",
    "hutch.db-wal",
    "hutch.db-shm",
    "hutch.db-journal",
    "before-update.db",
    "before-update.db.part",
    "breached.idx",
    "found-as",
    "backups.json",
    "backup.lock",
    "backup-copy.db",
    "backup-sent.age",
    "backup-rehearsed.db",
];

/// What is no household's, or ends with the daemon.
const NOT_OURS: [&str; 6] = [LOCK, "run", "control", "setup-code", "issue", OF_THE_DISK];

impl Folder {
    /// Takes a folder that is there, whoever it belongs to, without changing anything about it. For
    /// root, who erases what is another user's.
    pub fn existing(path: &Path) -> Result<Self, StateError> {
        let failed =
            |source| StateError::Io { action: "find the folder", path: path.to_owned(), source };
        Ok(Self(path.canonicalize().map_err(failed)?))
    }

    /// Returns whether there is anything of a household in it.
    pub fn has_household(&self) -> bool {
        SECRETS.iter().chain(&OTHERS).chain([&ERASING]).any(|name| self.has(name))
    }

    /// Returns whether a household was about to be erased when something came in between.
    pub fn is_erasing(&self) -> bool {
        self.has(ERASING)
    }

    /// Notes, before anything goes, that all of the household is to go.
    pub fn begin_erasing(&self) -> Result<(), StateError> {
        self.replace(ERASING, b"")
    }

    /// Removes every file of the household, the secrets first. Nobody may have any of them open.
    ///
    /// Returns the names of what is left, which nobody here has put there.
    pub fn erase(&self) -> Result<Vec<OsString>, StateError> {
        let is_part_of = |file: &str, name: &str| {
            let file = file.strip_prefix('.').and_then(|file| file.strip_suffix(".part"));
            file.is_some_and(|file| file.starts_with(name))
        };
        let all = self.names()?;
        for name in SECRETS.iter().chain(&OTHERS) {
            let is_secret = SECRETS.contains(name);
            for file in all.iter().filter_map(|file| file.to_str()) {
                if file == *name || is_part_of(file, name) {
                    self.destroy(file, is_secret)?;
                }
            }
        }
        for name in FOLDERS {
            let path = self.path().join(name);
            clear(&path).map_err(|source| StateError::Io { action: "erase", path, source })?;
        }
        self.sync()?;
        self.remove(ERASING)?;
        self.sync()?;
        let left = self.names()?.into_iter();
        Ok(left.filter(|name| !NOT_OURS.iter().any(|known| name == known)).collect())
    }

    /// Removes the lock, for whoever holds it and is the last to use the folder.
    pub fn remove_lock(&self) -> Result<(), StateError> {
        self.remove(LOCK)
    }

    fn destroy(&self, name: &str, is_secret: bool) -> Result<(), StateError> {
        let path = self.path().join(name);
        let failed = |source| StateError::Io { action: "erase", path: path.clone(), source };
        if is_secret {
            overwrite(&path).map_err(failed)?;
        }
        self.remove(name)
    }

    fn names(&self) -> Result<Vec<OsString>, StateError> {
        let path: PathBuf = self.path().to_owned();
        let failed = |source| StateError::Io { action: "look into", path: path.clone(), source };
        let entries = fs::read_dir(&path).map_err(failed)?;
        let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
        names.collect::<io::Result<_>>().map_err(failed)
    }

    fn sync(&self) -> Result<(), StateError> {
        let path = self.path().to_owned();
        let synced = File::open(&path).and_then(|folder| folder.sync_all());
        synced.map_err(|source| StateError::Io { action: "write", path, source })
    }
}

/// Writes zeros over a small file. A flash card may keep the old cells all the same.
fn overwrite(path: &Path) -> io::Result<()> {
    let found = fs::symlink_metadata(path)?;
    if !found.is_file() {
        return Ok(());
    }
    // Whoever runs this may be root, in a folder of somebody who is not: no link leads elsewhere.
    let no_link = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let mut file = OpenOptions::new().write(true).custom_flags(no_link).open(path)?;
    if !file.metadata()?.is_file() {
        return Ok(());
    }
    let zeros = vec![0; usize::try_from(found.len().min(super::MAX_FILE_BYTES)).unwrap_or(0)];
    file.write_all(&zeros)?;
    file.sync_all()
}
