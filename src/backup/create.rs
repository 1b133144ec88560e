//! Making one.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, ErrorKind, Read, Write as _},
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;

use super::{
    BackupError, Progress, Scratch, Tell,
    abreast::{Ahead, Behind},
    alone,
    archive::{self, About, Contents, DATABASE, SMALL},
    known::Known,
    name::{Name, Opens, list, of_erased, superfluous},
    straight,
    verify::Check,
};
use crate::{
    model::Timestamp,
    seal::age::{Identity, Recipients, seal},
    state::{Folder, rehearsal_key},
    store,
};

/// What is put aside of the database, while a backup is made of it.
const COPY: &str = "backup-copy.db";

/// What an archive takes besides what is in it.
const MARGIN_BYTES: u64 = 1 << 20;

/// Who may open it.
#[derive(Clone, Copy)]
pub enum For<'a> {
    /// Whoever has the recovery key; and this hub, to rehearse.
    RecoveryKey,
    /// Whoever knows this.
    Passphrase(&'a str),
}

/// A backup that was made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Made {
    /// Where it is.
    pub path: PathBuf,
    /// What its name says.
    pub name: Name,
    /// How large it is.
    pub n_bytes: u64,
    /// The older ones that went for it.
    pub removed: Vec<PathBuf>,
}

/// Makes a backup of the household in a state folder, whether a hub has it open or not, and lets older
/// ones go that are superfluous by it.
///
/// When this returns `Ok`, the disk has it, and it was read back.
pub fn create(
    state: &Folder,
    place: &Path,
    who: For<'_>,
    now: Timestamp,
    tell: Tell<'_>,
) -> Result<Made, BackupError> {
    let _lock = alone(state)?;
    let owner = store::owner(state.path())?.ok_or(BackupError::NotSetUp)?;
    let mut known = Known::read(state)?;
    let hub = known.hub();
    known.write(state)?;
    let rehearsal = rehearsal_key(state)?;
    let keys = [owner.recovery, rehearsal.public()];
    let (recipients, opens) = match who {
        For::RecoveryKey => (Recipients::Keys(&keys), Opens::RecoveryKey(owner.recovery_made_at)),
        For::Passphrase(passphrase) => (Recipients::Passphrase(passphrase), Opens::Passphrase),
    };
    let name = Name { hub: hub.clone(), made_at: now, opens };
    fs::metadata(place).map_err(BackupError::io("find the folder", place))?;
    remove_parts(place, &hub)?;

    tell(Progress::Preparing);
    let scratch = Scratch::new(state, COPY)?;
    let (database, n_bytes) = database(state, &scratch.0)?;
    check_room(place, n_bytes + n_bytes / 4_096 + MARGIN_BYTES)?;
    let mut small = BTreeMap::new();
    for name in SMALL {
        small.extend(state.read(name)?.map(|bytes| (name, bytes)));
    }
    let contents = Contents { about: About::new(&hub, now), small };

    // What was written may be read back as something else: then the ones before are needed.
    let identity = match who {
        For::RecoveryKey => Identity::Rehearsal(rehearsal),
        For::Passphrase(words) => Identity::Passphrase(words.to_owned().into()),
    };
    let path = place.join(name.file());
    let n_bytes = write_whole(place, &name.file(), Some(identity), tell, |out, tell| {
        let out = Behind::of("backup-writes", out)?;
        let mut sealed = Behind::of("backup-seals", seal(out, &recipients)?)?;
        let mut database = Ahead::of("backup-reads", database)?;
        archive::write(&mut sealed, &contents, &mut database, n_bytes, tell)?;
        sealed.end()?.finish()?.end()
    })?;
    if matches!(who, For::RecoveryKey) {
        // Backups that were made before hold what was erased since: whoever restores one shall know.
        let erased = store::erased(&state.path().join(DATABASE))?;
        let erased: Vec<String> = erased.iter().map(|id| HEXLOWER.encode(id) + "\n").collect();
        write_whole(place, &of_erased(&hub), None, tell, |out, _tell| {
            let mut sealed = seal(out, &recipients)?;
            sealed.write_all(erased.concat().as_bytes())?;
            sealed.finish()
        })?;
    }
    let all = list(place)?;
    let mut removed = Vec::new();
    for found in superfluous(&all, &hub) {
        fs::remove_file(&found.path).map_err(BackupError::io("remove", &found.path))?;
        removed.push(found.path.clone());
    }
    Ok(Made { path, name, n_bytes, removed })
}

/// Begins to read the database as of this moment, of so many bytes, without what is no part of a backup.
fn database(state: &Folder, scratch: &Path) -> Result<(Box<dyn Read + Send>, u64), BackupError> {
    if let Some(pages) = store::pages(state.path(), scratch)? {
        let n_bytes = pages.n_bytes();
        return Ok((Box::new(pages), n_bytes));
    }
    store::copy(state.path(), scratch)?;
    let copy = File::open(scratch).map_err(BackupError::io("read", scratch))?;
    let n_bytes = copy.metadata().map_err(BackupError::io("read", scratch))?.len();
    Ok((Box::new(copy), n_bytes))
}

/// Writes a file that appears when the disk has all of it and, with what opens it, all of it was read back. Returns
/// how large it is.
fn write_whole(
    place: &Path,
    name: &str,
    identity: Option<Identity>,
    tell: Tell<'_>,
    write: impl FnOnce(straight::Writer, Tell<'_>) -> io::Result<straight::Writer>,
) -> Result<u64, BackupError> {
    let (part, path) = (place.join(part_of(name)), place.join(name));
    let failed = |error: io::Error| match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => no_room(place, 0),
        ErrorKind::FileTooLarge => BackupError::TooLarge { place: place.to_owned() },
        _ => BackupError::io("write the backup into", place)(error),
    };
    let whole = || {
        let mut out = straight::Writer::begin(&part).map_err(failed)?;
        let check = identity.map(|identity| Check::begin(out.behind(&part)?, identity));
        let check = check.transpose().map_err(failed)?;
        let written = write(out, tell).and_then(straight::Writer::end);
        let n_bytes = written.and_then(|file| file.metadata()).map_err(failed)?.len();
        if let Some(check) = check {
            check.end(n_bytes, tell)?;
        }
        fs::rename(&part, &path).and_then(|()| sync_folder(place)).map_err(failed)?;
        Ok(n_bytes)
    };
    let written = whole();
    if written.is_err() {
        // It may never have come to be; the first error is the one to tell.
        drop(fs::remove_file(&part));
    }
    written
}

/// Removes what a power cut left of this hub's.
fn remove_parts(place: &Path, hub: &str) -> Result<(), BackupError> {
    let failed = BackupError::io("look into", place);
    let entries = match fs::read_dir(place) {
        Ok(entries) => entries,
        Err(error) => return Err(failed(error)),
    };
    let (first, last) = (part_of(&format!("hutch-{hub}-")), ".part");
    let first = first.strip_suffix(last).unwrap_or(&first);
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_part =
            name.to_str().is_some_and(|name| name.starts_with(first) && name.ends_with(last));
        if is_part {
            fs::remove_file(entry.path()).map_err(BackupError::io("remove", &entry.path()))?;
        }
    }
    Ok(())
}

fn part_of(name: &str) -> String {
    format!(".{name}.part")
}

/// Makes the names in a folder last. Some file systems cannot: they do so by themselves.
fn sync_folder(place: &Path) -> io::Result<()> {
    match File::open(place)?.sync_all() {
        Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
        done => done,
    }
}

fn check_room(place: &Path, needed_bytes: u64) -> Result<(), BackupError> {
    if free_bytes(place).is_some_and(|free| free < needed_bytes) {
        return Err(no_room(place, needed_bytes));
    }
    Ok(())
}

pub(super) fn no_room(place: &Path, needed_bytes: u64) -> BackupError {
    let in_mb = |bytes: u64| bytes.div_ceil(1_000_000);
    let free_mb = in_mb(free_bytes(place).unwrap_or_default());
    let needed_mb = in_mb(needed_bytes).max(free_mb + 1);
    BackupError::NoRoom { place: place.to_owned(), needed_mb, free_mb }
}

/// Nothing where the file system does not say.
pub(super) fn free_bytes(place: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(place).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}
