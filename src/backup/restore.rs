//! Bringing a household back.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{BufReader, Read as _},
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use super::{
    BackupError, Tell, alone,
    archive::{Contents, DATABASE},
    known::Known,
    name::{Name, of_erased},
    verify::{look, unpack},
};
use crate::{
    model::Timestamp,
    seal::age::{Identity, open},
    state::Folder,
    store,
};

/// What is written into a state folder beside what comes in its place.
const OURS: [&str; 3] = ["backups.json", "backup.lock", "rehearsal.key"];

/// No list of what was erased is longer: a hundred thousand a year for ten years.
const MAX_ERASED_BYTES: u64 = 33_000_000;

/// A household that came back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Restored {
    /// As of when it is.
    pub made_at: Timestamp,
    /// How many recordings and messages it has.
    pub n_items: u32,
    /// How many things were erased again that had been erased since.
    pub n_erased: usize,
    /// Whether it is known what was erased since.
    pub knows_erased: bool,
    /// Whether another household was here, which is kept beside it.
    pub replaced: bool,
}

/// Puts the household of a backup into a state folder that no hub uses.
///
/// Everything is made ready and looked through first. Broken off at any time, it leaves what was
/// there, or what comes in its place: see [`Folder::finish_restoring`].
pub fn restore(
    state: &Folder,
    file: &Path,
    identity: &Identity,
    replace: bool,
    now: Timestamp,
    tell: Tell<'_>,
) -> Result<Restored, BackupError> {
    let _lock = alone(state)?;
    let restored = ready(state, file, identity, replace, now, tell)?;
    state.finish_restoring(restored.replaced)?;
    if let Some(replaced) = state.replaced() {
        give_to_owner_of(state, &replaced)?;
    }
    Ok(restored)
}

/// Makes the household of a backup ready beside a hub that was not set up yet and is in use. It counts,
/// and comes into its place when the hub has closed its database and [`Folder::finish_restoring`] is
/// called, or at the next start.
pub fn make_ready(
    state: &Folder,
    file: &Path,
    identity: &Identity,
    now: Timestamp,
    tell: Tell<'_>,
) -> Result<Restored, BackupError> {
    let _lock = alone(state)?;
    ready(state, file, identity, false, now, tell)
}

fn ready(
    state: &Folder,
    file: &Path,
    identity: &Identity,
    replace: bool,
    now: Timestamp,
    tell: Tell<'_>,
) -> Result<Restored, BackupError> {
    let restored = try_to(state, file, identity, replace, now, tell);
    if restored.is_err() {
        // What was made ready takes room; the first error is the one to tell.
        drop(state.abandon_restoring());
    }
    restored
}

fn try_to(
    state: &Folder,
    file: &Path,
    identity: &Identity,
    replace: bool,
    now: Timestamp,
    tell: Tell<'_>,
) -> Result<Restored, BackupError> {
    let inhabited = match store::owner(state.path()) {
        Ok(owner) => owner.is_some(),
        // Whatever is there is not known to be worth nothing.
        Err(_damaged) => true,
    };
    if inhabited && !replace {
        return Err(BackupError::Inhabited { state: state.path().to_owned() });
    }
    let ready = state.begin_restoring()?;
    let database = ready.join(DATABASE);
    let Contents { about, small } = unpack(file, identity, &database, tell)?;
    let (looked, _) = look(&database, identity, tell)?;

    let beside = erased_beside(file, identity, &about.hub);
    let mut erased = beside.clone().unwrap_or_default();
    if inhabited {
        // One that is damaged may not say.
        erased.extend(store::erased(&state.path().join(DATABASE)).unwrap_or_default());
    }
    let n_erased = store::revive(&database, &erased, now)?;

    for (name, bytes) in &small {
        state.put_ready(name, bytes)?;
    }
    let mut known = Known::read(state)?;
    known.hub = about.hub;
    known.put_ready(state)?;
    give_to_owner_of(state, &ready)?;
    state.commit_restoring()?;
    Ok(Restored {
        made_at: about.made_at,
        n_items: looked.n_items,
        n_erased,
        knows_erased: beside.is_some(),
        replaced: inhabited,
    })
}

/// Returns what was erased after a backup was made, if a list of that lies beside it and opens.
fn erased_beside(file: &Path, identity: &Identity, hub: &str) -> Option<BTreeSet<[u8; 16]>> {
    // Somebody may have given the file another name; its place tells enough.
    let name = file.file_name().and_then(|name| name.to_str()).and_then(Name::read);
    let hub = name.map_or_else(|| hub.to_owned(), |name| name.hub);
    let list = File::open(file.with_file_name(of_erased(&hub))).ok()?;
    let mut text = String::new();
    let content = open(BufReader::new(list), identity).ok()?;
    content.take(MAX_ERASED_BYTES).read_to_string(&mut text).ok()?;
    text.lines()
        .map(|line| {
            let id = data_encoding::HEXLOWER.decode(line.as_bytes()).ok()?;
            <[u8; 16]>::try_from(id).ok()
        })
        .collect()
}

/// Gives what root wrote into a state folder to whose that is.
pub fn give_to_owner(state: &Folder) {
    let Ok(owner) = fs::metadata(state.path()) else { return };
    if owner.uid() == rustix::process::geteuid().as_raw() {
        return;
    }
    for name in OURS {
        // It need not be there.
        let path = state.path().join(name);
        drop(std::os::unix::fs::lchown(path, Some(owner.uid()), Some(owner.gid())));
    }
}

/// Root restores what is another user's: the hub's own user could not read it otherwise.
fn give_to_owner_of(state: &Folder, ready: &Path) -> Result<(), BackupError> {
    let failed = |path: &Path| BackupError::io("give to Hutch's own user", path);
    let owner = fs::metadata(state.path()).map_err(failed(state.path()))?;
    if owner.uid() == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    let entries = fs::read_dir(ready).map_err(failed(ready))?;
    let inside = entries.flatten().map(|entry| entry.path());
    let ours = OURS.map(|name| state.path().join(name));
    let ours = ours.into_iter().filter(|path| path.exists());
    for path in inside.chain(ours).chain([ready.to_owned()]) {
        std::os::unix::fs::lchown(&path, Some(owner.uid()), Some(owner.gid()))
            .map_err(failed(&path))?;
    }
    Ok(())
}
