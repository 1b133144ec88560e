//! Copies of the database: what a backup holds, and what comes out of one.

use std::{
    collections::BTreeSet, fs::OpenOptions, io, os::unix::fs::OpenOptionsExt as _, path::Path,
};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::{
    StoreError, activity, erase, item_keys, migrate, notes,
    open::{self, FILE, PATIENCE, check_sqlite},
    pictures, recovery, tombstones,
};
use crate::{
    model::{Deed, Timestamp},
    seal::{PublicKey, Sealed, SealedKey, SealedPrevious, Wrap, recovery::SealedHousehold},
};

/// What is no part of a backup: who is signed in, who failed to, and clips, which only this hub's own
/// key opens.
pub(super) const NOT_COPIED: &[&str] = &["session", "throttle", "outbox"];

/// Whether bytes begin and end as something sealed does.
type LooksSealed = fn(Vec<u8>) -> bool;

/// Every column of something sealed, and what reads its header.
const SEALED: &[(&str, &str, LooksSealed)] = &[
    ("item", "waveform", |bytes| Sealed::from_stored(bytes).is_ok()),
    ("item", "text", |bytes| Sealed::from_stored(bytes).is_ok()),
    ("audio", "sealed", |bytes| Sealed::from_stored(bytes).is_ok()),
    ("note", "sealed", |bytes| Sealed::from_stored(bytes).is_ok()),
    ("picture", "sealed", |bytes| Sealed::from_stored(bytes).is_ok()),
    ("item_key", "sealed", |bytes| SealedKey::from_stored(bytes).is_ok()),
    ("key_for_later", "sealed", |bytes| SealedKey::from_stored(bytes).is_ok()),
    ("password", "wrap", |bytes| Wrap::from_stored(bytes).is_ok()),
    ("invite", "wrap", |bytes| Wrap::from_stored(bytes).is_ok()),
    ("recovery", "sealed", |bytes| SealedHousehold::from_stored(bytes).is_ok()),
    ("rotation", "previous", |bytes| SealedPrevious::from_stored(bytes).is_ok()),
];

/// What of the household goes into the name of a backup and into its account of itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Owner {
    /// The public half of the recovery key, which opens what is made now.
    pub recovery: PublicKey,
    /// When the recovery key was made.
    pub recovery_made_at: Timestamp,
}

/// A copy that was looked through.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Looked {
    /// The number of its schema.
    pub schema: i32,
    /// How many recordings and messages it has.
    pub n_items: u32,
}

/// Returns whose the household in a state folder is; nothing while there is none that is set up.
pub fn owner(folder: &Path) -> Result<Option<Owner>, StoreError> {
    let path = folder.join(FILE);
    match std::fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(StoreError::Folder { action: "look at the database", source }),
        Ok(_) => {}
    }
    let mut connection = connect(&path)?;
    migrate::check(&connection)?;
    let tx = connection.transaction()?;
    // An empty file has no tables.
    if !tx.prepare("select 1 from sqlite_schema where name = 'recovery'")?.exists([])? {
        return Ok(None);
    }
    recovery::owner(&tx)
}

/// Copies what a backup holds of the database in a state folder to a new file, as of one moment,
/// whether a hub has it open or not. Takes as much room as the database.
pub fn copy(folder: &Path, to: &Path) -> Result<(), StoreError> {
    check_sqlite(rusqlite::version_number(), rusqlite::version())?;
    let connection = connect(&folder.join(FILE))?;
    migrate::check(&connection)?;
    make_empty(to).map_err(|source| StoreError::Folder { action: "make the copy", source })?;
    vacuum_into(&connection, to)?;
    drop(connection);

    let mut copy = connect(to)?;
    // Should the power go, the copy is made anew.
    copy.execute_batch(
        "pragma journal_mode = off; pragma synchronous = off; pragma secure_delete = on;",
    )?;
    let tx = copy.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for table in NOT_COPIED {
        tx.execute(&format!("delete from {table}"), [])?;
    }
    tx.commit()?;
    copy.execute_batch("pragma incremental_vacuum")?;
    Ok(())
}

/// Looks a copy through: whether this version can use it, whether SQLite finds every page of it in
/// order, and whether whatever is sealed still begins and ends as it should. Nothing is changed.
pub fn look_through(copy: &Path) -> Result<Looked, StoreError> {
    let connection = connect(copy)?;
    migrate::check(&connection)?;
    let verdict: String =
        connection.query_row("pragma integrity_check(1)", [], |row| row.get(0))?;
    let dangling = connection.prepare("pragma foreign_key_check")?.exists([])?;
    if verdict != "ok" || dangling {
        // Its own words would quote what is stored.
        return Err(damaged());
    }
    let schema: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for (table, column, is_sealed) in SEALED {
        let there = format!("select 1 from pragma_table_info('{table}') where name = '{column}'");
        if !connection.prepare(&there)?.exists([])? {
            // An older schema did not have it.
            continue;
        }
        let mut select = connection
            .prepare(&format!("select {column} from {table} where {column} is not null"))?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            if !is_sealed(row.get(0)?) {
                return Err(damaged());
            }
        }
    }
    let n_items: u32 = connection.query_row(
        "select count(*) from item where kind in ('recording', 'message')",
        [],
        |row| row.get(0),
    )?;
    Ok(Looked { schema, n_items })
}

/// Makes the database of a household of a copy that was looked through: brings its schema up to date,
/// ends what ends with another hub, and erases what was erased since it was made.
///
/// Returns how many of those it erased.
pub fn revive(
    copy: &Path,
    erased: &BTreeSet<[u8; 16]>,
    at: Timestamp,
) -> Result<usize, StoreError> {
    let mut connection = open::writer(copy)?;
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for table in NOT_COPIED {
        tx.execute(&format!("delete from {table}"), [])?;
    }
    let mut n = 0;
    for id in erased {
        n += usize::from(erase::by_tombstone(&tx, id, at)?);
        tombstones::insert(&tx, id, at)?;
    }
    activity::insert(&tx, &activity::Entry::new(at, Deed::Restored))?;
    tx.commit()?;
    // One file, with nothing in a log beside it.
    connection.pragma_update_and_check(None, "journal_mode", "delete", |_row| Ok(()))?;
    connection.execute_batch("pragma incremental_vacuum")?;
    connection.close().map_err(|(_connection, error)| error)?;
    Ok(n)
}

/// Returns what a database remembers as erased.
pub fn erased(copy: &Path) -> Result<BTreeSet<[u8; 16]>, StoreError> {
    let mut connection = connect(copy)?;
    let tx = connection.transaction()?;
    tombstones::all(&tx)
}

/// Runs a piece of work that only reads a copy, or the database of a folder that no hub uses.
pub fn read_copy<T>(
    copy: &Path,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut connection = connect(copy)?;
    connection.pragma_update(None, "query_only", true)?;
    let tx = connection.transaction()?;
    work(&tx)
}

/// Shows every item with everything of it that is sealed, and its key for the household: for the pair in
/// use, or the one before while the keys are changed.
pub fn every_item(
    tx: &Transaction<'_>,
    mut look: impl FnMut(&Whole) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut select = tx.prepare(
        "select item.*, item_key.sealed as key
         from item
         join item_key on item_key.item = item.id
         join recipient on recipient.id = item_key.recipient
         where recipient.generation is not null
         order by item.arrival",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let kept = item_keys::from_row(row)?;
        let id = kept.about.item;
        let sound = super::items::sound(tx, id)?;
        let note = notes::find(tx, id)?;
        let picture = pictures::find(tx, id)?.map(|(_id, sealed)| sealed);
        let waveform: Option<Vec<u8>> = row.get("waveform")?;
        let waveform = waveform.map(Sealed::from_stored);
        look(&Whole { kept, sound, waveform, note, picture })?;
    }
    Ok(())
}

/// An item with everything of it that is sealed.
#[derive(Debug)]
pub struct Whole {
    /// What it is about, its key, and its name if it is one.
    pub kept: item_keys::Kept,
    /// Its sound.
    pub sound: Option<super::Stored<Sealed>>,
    /// The picture of its loudness.
    pub waveform: Option<super::Stored<Sealed>>,
    /// What somebody wrote to it.
    pub note: Option<super::Stored<Sealed>>,
    /// What a child looks like.
    pub picture: Option<super::Stored<Sealed>>,
}

pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

/// Writes all of a database into an empty file, as of one moment.
pub(super) fn vacuum_into(connection: &Connection, to: &Path) -> Result<(), StoreError> {
    let path = to.to_str().ok_or_else(|| StoreError::Folder {
        action: "name the copy",
        source: io::Error::from(io::ErrorKind::InvalidFilename),
    })?;
    connection.execute("vacuum into ?1", [path])?;
    Ok(())
}

/// SQLite takes an empty file for a new one, and leaves its mode.
fn make_empty(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map(drop)
}

pub(super) fn damaged() -> StoreError {
    StoreError::Corrupt { source: super::error::Fault::ROW }
}
