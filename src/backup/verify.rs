//! Rehearsing one: opened to the last byte, and looked through as a restore would.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    sync::mpsc::{Receiver, channel},
    thread::{Builder, JoinHandle},
};

use super::{
    BackupError, Progress, Scratch, Tell,
    abreast::Ahead,
    alone,
    archive::{self, Contents, PIECE_BYTES},
    create::free_bytes,
    straight,
};
use crate::{
    model::Timestamp,
    seal::{
        Part, PrivateKey as _, Sealed,
        age::{Identity, open},
    },
    state::Folder,
    store::{self, Looked, Stored, Whole},
};

/// The database of a backup, while it is looked through.
const REHEARSED: &str = "backup-rehearsed.db";

/// A backup that is in order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Verified {
    /// As of when it is.
    pub made_at: Timestamp,
    /// What is in its database.
    pub looked: Looked,
    /// How many names and sounds were opened, if the key for that was there.
    pub n_opened: Option<u64>,
}

/// Opens a backup to its last byte, compares every sum, lets SQLite look at every page, and looks
/// whether everything sealed in it is whole; with the recovery key, opens all of that too.
pub fn verify(
    state: &Folder,
    file: &Path,
    identity: &Identity,
    tell: Tell<'_>,
) -> Result<Verified, BackupError> {
    let _lock = alone(state)?;
    let scratch = Scratch::new(state, REHEARSED)?;
    let Contents { about, .. } = unpack(file, identity, &scratch.0, tell)?;
    let (looked, n_opened) = look(&scratch.0, identity, tell)?;
    Ok(Verified { made_at: about.made_at, looked, n_opened })
}

/// Somebody who reads a backup back while it is written.
pub(super) struct Check {
    thread: JoinHandle<Result<(), BackupError>>,
    /// How much was read.
    done: Receiver<u64>,
}

impl Check {
    /// Begins to read a backup back, from where it lies and to its last byte, with nothing written anywhere. Each
    /// piece of it has a seal under a key of this file alone, and so has its end: what opens is what was put
    /// there, to the byte, and its sums need no other look.
    pub(super) fn begin(from: straight::Reader, identity: Identity) -> io::Result<Self> {
        let (told, done) = channel();
        let from = Ahead::of("backup-returns", from)?;
        let read = move || {
            let mut content = open(from, &identity)?;
            let mut piece = vec![0; PIECE_BYTES];
            let mut done = 0;
            loop {
                let n_bytes = content.read(&mut piece).map_err(archive::unreadable)?;
                if n_bytes == 0 {
                    return Ok(());
                }
                done += u64::try_from(n_bytes).unwrap_or_default();
                // Whoever writes may have failed, which is the one to tell.
                let _ = told.send(done);
            }
        };
        let thread = Builder::new().name("backup-checks".to_owned()).spawn(read)?;
        Ok(Self { thread, done })
    }

    /// Waits until it is through the whole of it, of so many bytes, and says what came of that.
    pub(super) fn end(self, of: u64, tell: Tell<'_>) -> Result<(), BackupError> {
        let so_far = self.done.try_iter().last();
        for done in so_far.into_iter().chain(self.done.iter()) {
            tell(Progress::Bytes { done, of });
        }
        let read = self.thread.join();
        read.unwrap_or(Err(BackupError::Damaged { what: "reading it back came to no end" }))?;
        // What seals it was read, too.
        tell(Progress::Bytes { done: of, of });
        Ok(())
    }
}

/// Reads a backup ahead of whoever opens it: as it lies there, for what the computer remembers of a file
/// that was just written says nothing of the stick.
fn read_ahead(file: &Path) -> Result<Ahead, BackupError> {
    straight::Reader::begin(file)
        .and_then(|it| Ahead::of("backup-reads", it))
        .map_err(BackupError::io("read", file))
}

/// Opens a backup, ahead of whoever reads it.
fn ahead(file: &Path, identity: &Identity) -> Result<Ahead, BackupError> {
    Ahead::of("backup-opens", open(read_ahead(file)?, identity)?)
        .map_err(BackupError::io("read", file))
}

/// Reads a backup, its database into a new file.
pub(super) fn unpack(
    file: &Path,
    identity: &Identity,
    database: &Path,
    tell: Tell<'_>,
) -> Result<Contents, BackupError> {
    let n_bytes = fs::metadata(file).map_err(BackupError::io("read", file))?.len();
    let place = database.parent().unwrap_or(database);
    if free_bytes(place).is_some_and(|free| free < n_bytes) {
        return Err(super::create::no_room(place, n_bytes));
    }
    let content = ahead(file, identity)?;
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(database)
        .map_err(BackupError::io("write", database))?;
    let contents = archive::read(content, &mut out, tell)?;
    out.flush().and_then(|()| out.sync_all()).map_err(BackupError::io("write", database))?;
    Ok(contents)
}

/// Looks the database of a backup through. Returns how many items were opened, if the key is there.
pub(super) fn look(
    database: &Path,
    identity: &Identity,
    tell: Tell<'_>,
) -> Result<(Looked, Option<u64>), BackupError> {
    tell(Progress::Preparing);
    let looked = store::look_through(database)?;
    let Identity::Recovery(_) = identity else { return Ok((looked, None)) };
    let mut n_opened = 0;
    let household = store::read_copy(database, |tx| {
        let found = store::recovery::find(tx)?.and_then(|found| found.sealed.ok());
        let household = found.and_then(|sealed| identity.open_household(&sealed));
        let previous = store::rotation::previous(tx)?;
        Ok(match (household, previous) {
            (Some(household), Some(previous)) => {
                previous.and_then(|previous| household.with_previous(&previous)).ok()
            }
            (household, _) => household,
        })
    })?;
    let household = household.ok_or(BackupError::Damaged {
        what: "the recovery key opens the backup, and not the household in it",
    })?;
    let mut is_whole = true;
    store::read_copy(database, |tx| {
        store::every_item(tx, |whole| {
            is_whole &= opens(&household, whole);
            n_opened += 1;
            tell(Progress::Items(n_opened));
            Ok(())
        })
    })?;
    if !is_whole {
        return Err(BackupError::Damaged { what: "something that is sealed in it does not open" });
    }
    Ok((looked, Some(n_opened)))
}

fn opens(household: &crate::seal::household::HouseholdKey, whole: &Whole) -> bool {
    let Whole { kept, sound, waveform, note, picture } = whole;
    let about = &kept.about;
    let Some(key) = kept.key.as_ref().ok().and_then(|key| household.open(key, about).ok()) else {
        return false;
    };
    let opens = |part, sealed: &Option<Stored<Sealed>>| match sealed {
        None => true,
        Some(Ok(sealed)) => key.open(part, about, sealed).is_ok(),
        Some(Err(_)) => false,
    };
    opens(Part::Sound, sound)
        && opens(Part::Waveform, waveform)
        && opens(Part::Text, &kept.name)
        && opens(Part::Text, note)
        && opens(Part::Picture, picture)
}
