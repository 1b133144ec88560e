//! A look at a database from outside, whether a hub has it open or not. Nothing is changed.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{
    StoreError, migrate,
    open::{FILE, PATIENCE, check_sqlite},
};

/// What was found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Examined {
    /// The version of SQLite in this program.
    pub sqlite: &'static str,
    /// The bytes of the database, without its log.
    pub n_bytes: u64,
}

/// Examines the database in a state folder: whether this version can use it, and whether SQLite finds
/// it whole. Reads all of it. Nothing: there is none yet.
pub fn examine(folder: &Path) -> Result<Option<Examined>, StoreError> {
    check_sqlite(rusqlite::version_number(), rusqlite::version())?;
    let path = folder.join(FILE);
    let n_bytes = match std::fs::metadata(&path) {
        Ok(found) => found.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(StoreError::Folder { action: "look at the database", source }),
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    migrate::check(&connection)?;
    let verdict: String = connection.query_row("pragma quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        // Its own words would quote what is stored.
        return Err(StoreError::Corrupt { source: super::error::Fault::ROW });
    }
    Ok(Some(Examined { sqlite: rusqlite::version(), n_bytes }))
}
