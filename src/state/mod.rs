//! The files of a household besides its database: keys, certificate, and what ends with the daemon.
//!
//! - Both folders are 0700 and belong to the user that the daemon runs as; every file in them is
//!   0600. What is found more open is closed, and said.
//! - One daemon at a time: [`Lock`] is held as long as it runs.
//! - A file is replaced as a whole ([`Folder::replace`]): a power cut leaves the old one or the new.
//! - No error and no log line here holds what stands in a file.
//!
//! What the files mean is not here: a certificate is [`tls`](crate::tls)'s, and the database is the
//! [`store`](crate::store)'s.

mod erase;
mod keys;
mod restore;
#[cfg(test)]
mod tests;

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{self, ErrorKind, Read as _, Seek as _, Write as _},
    os::unix::fs::{
        DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
    },
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

pub use self::keys::{Keys, rehearsal_key};

const LOCK: &str = "lock";

/// How the names begin of what a household keeps; and what a fresh disk brings along.
const KNOWN: [&str; 16] = [
    "hutch.db",
    "before-update.db",
    "device.key",
    "hash.key",
    "rehearsal.key",
    "backup",
    "restor",
    "replaced",
    "tls-",
    "breached.idx",
    "erasing",
    LOCK,
    "run",
    "control",
    "setup-code",
    "issue",
];
const OF_THE_DISK: &str = "lost+found";

/// No file here is larger; the database is not read here.
const MAX_FILE_BYTES: u64 = 64 << 10;

/// Why the files of a household cannot be used. No text holds what stands in them.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The folder belongs to somebody else, who could not read what we would put there.
    #[error(
        "{} belongs to another user (number {owner}); run this as that user, or name another folder",
        .path.display()
    )]
    NotOwn {
        /// Which folder.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
    },
    /// The folder has other things in it and is open to others: closing it would take it from them.
    #[error(
        "{} has other files in it ({found:?}); name a folder that is for Hutch alone",
        .path.display()
    )]
    NotForUs {
        /// Which folder.
        path: PathBuf,
        /// Something that is in it.
        found: OsString,
    },
    /// Another daemon has the household.
    #[error(
        "another hub is using {}{}; stop it first (systemctl stop hutch), or name another folder",
        .path.display(),
        .process.map(|process| format!(" (process {process})")).unwrap_or_default()
    )]
    InUse {
        /// Which folder.
        path: PathBuf,
        /// The other daemon's process, if it said so.
        process: Option<u32>,
    },
    /// A key is not one any more.
    #[error(
        "{} is damaged: it has {n_bytes} bytes and not 32. Put back the file that was there; \
         without it, move this one away and start again, and {lost}",
        .path.display()
    )]
    BadKey {
        /// Which file.
        path: PathBuf,
        /// How much is in it.
        n_bytes: usize,
        /// What going on without it costs.
        lost: &'static str,
    },
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

/// A folder that belongs to Hutch alone.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

/// Keeps other daemons away from a household for as long as it lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Folder {
    /// Makes the folder (0700), or takes one that is there if it is ours, and closes it to others.
    pub fn prepare(path: &Path) -> Result<Self, StateError> {
        let failed =
            |action| move |source| StateError::Io { action, path: path.to_owned(), source };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(failed("make the folder"))?;
        let path = path.canonicalize().map_err(failed("find the folder"))?;
        let found = fs::metadata(&path).map_err(failed("look at the folder"))?;
        if found.uid() != rustix::process::geteuid().as_raw() {
            return Err(StateError::NotOwn { path, owner: found.uid() });
        }
        let mode = found.mode() & 0o7777;
        if mode & !0o700 != 0 {
            if let Some(stranger) = stranger_in(&path).map_err(failed("look into the folder"))? {
                return Err(StateError::NotForUs { path, found: stranger });
            }
            let own = Permissions::from_mode(mode & 0o700);
            fs::set_permissions(&path, own).map_err(failed("close the folder"))?;
        }
        Ok(Self(path))
    }

    /// Where it is, as an absolute path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Whether a file of this name is there.
    pub fn has(&self, name: &str) -> bool {
        fs::symlink_metadata(self.0.join(name)).is_ok()
    }

    /// Claims the folder for this process, or says who has it.
    pub fn lock(&self) -> Result<Lock, StateError> {
        let path = self.0.join(LOCK);
        let failed = |source| StateError::Io { action: "lock", path: path.clone(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // It may have been locked a moment ago and not be written yet.
                let process = file.take(16).read_to_string(&mut text).ok();
                let process = process.and_then(|_n_bytes| text.trim().parse().ok());
                return Err(StateError::InUse { path: self.0.clone(), process });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Lock { _file: file })
    }

    /// Reads a file, if it is there, and closes it to others.
    pub fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StateError> {
        let path = self.0.join(name);
        let failed = |source| StateError::Io { action: "read", path: path.clone(), source };
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(failed(source)),
        };
        let mode = file.metadata().map_err(failed)?.mode() & 0o7777;
        if mode & !0o600 != 0 {
            tracing::warn!(
                file = %path.display(),
                mode = format!("{mode:o}"),
                "others could read this file; it is closed to them now"
            );
            file.set_permissions(Permissions::from_mode(mode & 0o600)).map_err(failed)?;
        }
        read_secret(&mut file).map(Some).map_err(failed)
    }

    /// Writes a whole file (0600) that stays: when this returns, the disk has it.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StateError> {
        let path = self.0.join(name);
        let failed = |source| StateError::Io { action: "write", path: path.clone(), source };
        let part = self.0.join(format!(".{name}.part"));
        let written = write_part(&part, bytes)
            .and_then(|()| fs::rename(&part, &path))
            .and_then(|()| File::open(&self.0)?.sync_all());
        if written.is_err() {
            // It may never have come to be; the first error is the one to tell.
            drop(fs::remove_file(&part));
        }
        written.map_err(failed)
    }

    /// Removes a file, if it is there.
    pub fn remove(&self, name: &str) -> Result<(), StateError> {
        let path = self.0.join(name);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                Err(StateError::Io { action: "remove", path, source })
            }
            _ => Ok(()),
        }
    }
}

/// Returns something in this folder that no household keeps.
fn stranger_in(folder: &Path) -> io::Result<Option<OsString>> {
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let text = name.to_string_lossy();
        let text = text.strip_prefix('.').unwrap_or(&text);
        if text != OF_THE_DISK && !KNOWN.iter().any(|known| text.starts_with(known)) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Reads it all into memory that is zeroed, without leaving shorter copies behind.
fn read_secret(file: &mut File) -> io::Result<Zeroizing<Vec<u8>>> {
    let capacity = usize::try_from(MAX_FILE_BYTES).unwrap_or(usize::MAX);
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes what will be renamed. The lock lets only one process come here, so what is in the way
/// is what a power cut left.
fn write_part(part: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(part) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part)?;
    file.write_all(bytes)?;
    file.sync_all()
}
