//! A household that comes in the place of what is there.
//!
//! It is made ready in a folder of its own; giving that its last name is the moment at which it counts.
//! From then on each step can be done again: a start after a power cut goes on where it was.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, ErrorKind},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use super::{Folder, StateError, write_part};

/// Where it is made ready.
const RESTORING: &str = "restoring";
/// Where it is ready.
const RESTORED: &str = "restored";
/// Where the household is kept that was there before.
const REPLACED: &str = "replaced";

/// All folders of this kind.
pub(super) const FOLDERS: [&str; 3] = [RESTORING, RESTORED, REPLACED];

/// The database, whose coming is the last step.
const DATABASE: &str = "hutch.db";
/// What SQLite puts beside it: the log of one must never meet the other.
const BESIDE: [&str; 3] = ["hutch.db-wal", "hutch.db-shm", "hutch.db-journal"];

impl Folder {
    /// Makes an empty folder for what is to come, and returns where it is.
    pub fn begin_restoring(&self) -> Result<PathBuf, StateError> {
        let path = self.path().join(RESTORING);
        let failed = |source| StateError::Io { action: "make", path: path.clone(), source };
        clear(&path).map_err(failed)?;
        DirBuilder::new().mode(0o700).create(&path).map_err(failed)?;
        Ok(path)
    }

    /// Where the household is kept that was there before a restore, if one is.
    pub fn replaced(&self) -> Option<PathBuf> {
        self.has(REPLACED).then(|| self.path().join(REPLACED))
    }

    /// Removes that.
    pub fn clear_replaced(&self) -> Result<(), StateError> {
        let path = self.path().join(REPLACED);
        let cleared = clear(&path).and_then(|()| self.flush());
        cleared.map_err(|source| StateError::Io { action: "remove", path, source })
    }

    /// Puts a file there (0600).
    pub fn put_ready(&self, name: &str, bytes: &[u8]) -> Result<(), StateError> {
        let path = self.path().join(RESTORING).join(name);
        write_part(&path, bytes).map_err(|source| StateError::Io { action: "write", path, source })
    }

    /// Removes what was made ready and does not count yet.
    pub fn abandon_restoring(&self) -> Result<(), StateError> {
        let path = self.path().join(RESTORING);
        clear(&path).map_err(|source| StateError::Io { action: "remove", path, source })
    }

    /// Says that all of it is there: from here on it counts.
    pub fn commit_restoring(&self) -> Result<(), StateError> {
        let (ready, path) = (self.path().join(RESTORING), self.path().join(RESTORED));
        let committed = clear(&path)
            .and_then(|()| File::open(&ready)?.sync_all())
            .and_then(|()| fs::rename(&ready, &path))
            .and_then(|()| File::open(self.path())?.sync_all());
        committed.map_err(|source| StateError::Io { action: "take into use", path, source })
    }

    /// Puts what is ready in its place, if anything is; what was there is kept if it is `worth` that.
    /// Returns whether there was something. Nobody may have the database open.
    pub fn finish_restoring(&self, worth: bool) -> Result<bool, StateError> {
        let ready = self.path().join(RESTORED);
        let failed = |source| StateError::Io { action: "restore", path: ready.clone(), source };
        // Broken off before it counted.
        self.abandon_restoring()?;
        if !self.has(RESTORED) {
            return Ok(false);
        }
        if ready.join(DATABASE).exists() {
            self.put_aside(worth).map_err(failed)?;
            self.take_over(&ready).map_err(failed)?;
        }
        clear(&ready).and_then(|()| self.flush()).map_err(failed)?;
        Ok(true)
    }

    /// Takes the old database away, its log with it. After a power cut some of it is gone already.
    fn put_aside(&self, worth: bool) -> io::Result<()> {
        let aside = self.path().join(REPLACED);
        if self.has(DATABASE) {
            clear(&aside)?;
        }
        if worth && !aside.exists() {
            DirBuilder::new().mode(0o700).create(&aside)?;
        }
        // The database first: by that it is known what was taken away already.
        for name in [DATABASE].into_iter().chain(BESIDE) {
            let path = self.path().join(name);
            let moved =
                if worth { fs::rename(&path, aside.join(name)) } else { fs::remove_file(&path) };
            ignore_missing(moved)?;
        }
        self.flush()
    }

    fn take_over(&self, ready: &Path) -> io::Result<()> {
        for entry in fs::read_dir(ready)? {
            let entry = entry?;
            if entry.file_name() != DATABASE {
                fs::rename(entry.path(), self.path().join(entry.file_name()))?;
            }
        }
        self.flush()?;
        fs::rename(ready.join(DATABASE), self.path().join(DATABASE))?;
        self.flush()
    }

    fn flush(&self) -> io::Result<()> {
        File::open(self.path())?.sync_all()
    }
}

/// Removes a folder and what is in it, if it is there.
pub(super) fn clear(path: &Path) -> io::Result<()> {
    ignore_missing(fs::remove_dir_all(path))
}

fn ignore_missing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
