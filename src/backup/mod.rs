//! Backups: one file each, from which a household comes back on another card.
//!
//! - A backup is an [`age`](crate::seal::age) file around a tar archive, so that a family can open theirs
//!   without Hutch: what it says of itself, root and leaves, the hash key, the database, and last the
//!   SHA-256 of each.
//! - It is for the recovery key, and for the hub's own rehearsal key; what it holds is sealed for people
//!   besides. A backup with a passphrase is a file of its own, for whoever wants one.
//! - Not in it: the device key, the rehearsal key, sessions, clips that wait for a toy, the set-up code.
//! - Everything is streamed, by threads abreast: the database as of one moment, page by page while the
//!   hub goes on; what is sealed of it straight to the disk; and behind that back from there.
//! - Nothing half-made counts: a file gets its name when the disk has all of it and gave all of it back, and
//!   a restore that is broken off leaves what was there.
//!
//! All of it blocks; whoever calls it has a thread for that.

mod abreast;
mod archive;
mod create;
mod known;
mod name;
mod night;
mod replaced;
mod restore;
mod sent;
mod straight;
#[cfg(test)]
mod tests;
mod verify;

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

pub use self::{
    create::{For, Made, create},
    known::{Known, KnownPlace, note},
    name::{
        DAYS, Found, MONTHS, Name, Opens, Outlook, WEEKS, is_of_erased, list, outlook, superfluous,
    },
    night::{Kept, is_under_way, look, make},
    replaced::{Replaced, forget_replaced, forget_replaced_in_time, replaced},
    restore::{Restored, give_to_owner, make_ready, restore},
    sent::{Sending, forget_sent, sent},
    verify::{Verified, verify},
};
use crate::{
    seal::age::AgeError,
    state::{Folder, StateError},
    store::StoreError,
};

/// Held by whoever makes, rehearses or restores a backup: one at a time.
const LOCK: &str = "backup.lock";

/// How often it is tried to be alone, and how long it is waited in between.
const LOCK_TRIES: u32 = 10;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// The file in the run folder by which the hub asks for a backup, where another process makes them.
pub const WANTED: &str = "backup-wanted";

/// Why a backup could not be made, or is none. No text holds what stands in one.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is nothing to back up.
    #[error("there is no household here yet that could be backed up; set the hub up first")]
    NotSetUp,
    /// One after the other.
    #[error("another backup is being made or looked at; try again when it is done")]
    UnderWay,
    /// The folder does not take it.
    #[error(
        "there is not enough room in {}: the backup takes {needed_mb} MB, and {free_mb} are free. \
         Take another stick, or remove what is not needed",
        .place.display()
    )]
    NoRoom {
        /// Which folder.
        place: PathBuf,
        /// What it takes, in megabytes.
        needed_mb: u64,
        /// What there is.
        free_mb: u64,
    },
    /// The folder takes no file that is as large.
    #[error(
        "the backup is larger than any file that {} takes: a stick with FAT ends at 4 GB. Format it as \
         exFAT, or take another folder",
        .place.display()
    )]
    TooLarge {
        /// Which folder.
        place: PathBuf,
    },
    /// The file is for another key, or no backup.
    #[error(transparent)]
    Closed(#[from] AgeError),
    /// It opens, and what is in it is not what was put there.
    #[error("this backup is damaged ({what}); take an older one")]
    Damaged {
        /// What is wrong.
        what: &'static str,
    },
    /// A later Hutch made it.
    #[error("this backup was made by a newer version of Hutch ({version}); install that one first")]
    Newer {
        /// Which.
        version: String,
    },
    /// Somebody lives here.
    #[error(
        "there is a household in {} already. To put the one of the backup in its place, say \
         --replace; what was there is kept beside it",
        .state.display()
    )]
    Inhabited {
        /// The state folder.
        state: PathBuf,
    },
    /// What is wrong with the database in it, or with the hub's own.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is wrong with the state folder.
    #[error(transparent)]
    State(#[from] StateError),
    /// The system refused.
    #[error("could not {action} {}", .path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// How far it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Progress {
    /// The database is being copied, or looked through.
    Preparing,
    /// So many bytes of so many went through.
    Bytes {
        /// How many.
        done: u64,
        /// Of how many.
        of: u64,
    },
    /// What is sealed is being opened: so many items.
    Items(u64),
}

/// Somebody who is told how far it is.
pub type Tell<'a> = &'a mut dyn FnMut(Progress);

impl BackupError {
    /// Returns what went wrong and why, in one sentence.
    pub fn sentence(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            text.extend([": ", &error.to_string()]);
            source = error.source();
        }
        text
    }

    fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

/// Keeps others from it for as long as the file is there.
///
/// A program that is being started holds what its parent has open for a moment: a second try tells.
fn alone(state: &Folder) -> Result<File, BackupError> {
    for _ in 0..LOCK_TRIES {
        match try_alone(state) {
            Err(BackupError::UnderWay) => std::thread::sleep(LOCK_PAUSE),
            done => return done,
        }
    }
    Err(BackupError::UnderWay)
}

fn try_alone(state: &Folder) -> Result<File, BackupError> {
    let path = state.path().join(LOCK);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(BackupError::io("lock", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(BackupError::UnderWay),
        Err(TryLockError::Error(source)) => Err(BackupError::io("lock", &path)(source)),
    }
}

/// Removes a database with what SQLite puts beside it, if it is there.
fn remove_database(path: &Path) -> Result<(), BackupError> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(BackupError::io("remove", Path::new(&name))(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Removes a copy of the database when it is needed no more, whatever happened.
struct Scratch(PathBuf);

impl Scratch {
    /// Names a copy, and removes what a power cut left of one.
    fn new(state: &Folder, name: &str) -> Result<Self, BackupError> {
        let path = state.path().join(name);
        remove_database(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = remove_database(&self.0) {
            tracing::warn!(%error, "a copy of the database is left");
        }
    }
}
