//! Folder, files and settings of the connections.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::{StoreError, migrate};

/// Name of the database in the state folder.
pub(super) const FILE: &str = "hutch.db";

/// The first SQLite without the fault that could spoil a database when a checkpoint
/// and a writer met at the wrong moment.
const OLDEST_SQLITE: i32 = 3_051_003;

/// How long to wait for another process, such as a backup, to let go.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// What every connection needs. `secure_delete` overwrites what is deleted; `temp_store`
/// keeps sorting off the disk; the caches are small because the Pi's memory is.
const EVERY: &str = "
    pragma foreign_keys = on;
    pragma secure_delete = on;
    pragma temp_store = memory;
    pragma trusted_schema = off;
    pragma cache_size = -512;
";

/// What the writing connection needs besides. With `synchronous = full` a commit returns
/// only when the disk has it.
const WRITER: &str = "
    pragma synchronous = full;
    pragma journal_size_limit = 4194304;
";

/// Makes the folder (0700) and the file (0600) if need be, and returns the file's path.
///
/// SQLite gives `-wal` and `-shm` the mode of the file, so that must be right before SQLite
/// sees it.
pub(super) fn prepare(folder: &Path) -> Result<PathBuf, StoreError> {
    let failed = |action| move |source| StoreError::Folder { action, source };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(failed("make the state folder"))?;
    // An absolute path begins with a slash and cannot be taken for an URI.
    let folder = folder.canonicalize().map_err(failed("find the state folder"))?;
    restrict(&folder, 0o700).map_err(failed("close the state folder to others"))?;

    let path = folder.join(FILE);
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    match made {
        Ok(file) => {
            file.sync_all().map_err(failed("make the database"))?;
            let folder = fs::File::open(&folder).map_err(failed("make the database"))?;
            folder.sync_all().map_err(failed("make the database"))?;
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(source) => return Err(failed("make the database")(source)),
    }
    for suffix in ["", "-wal", "-shm"] {
        let file = folder.join(format!("{FILE}{suffix}"));
        match restrict(&file, 0o600) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            done => done.map_err(failed("close the database to others"))?,
        }
    }
    Ok(path)
}

/// Takes every permission away that is not in `mode`; leaves the rest as it is.
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    let found = fs::metadata(path)?.permissions().mode() & 0o7777;
    if found & !mode == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(found & mode))
}

/// Opens the writing connection and brings the schema up to date.
pub(super) fn writer(path: &Path) -> Result<Connection, StoreError> {
    check_sqlite(rusqlite::version_number(), rusqlite::version())?;
    let mut connection = connect(path)?;
    migrate::check(&connection)?;
    // Only a file without tables takes this; one of ours has it already.
    connection.pragma_update(None, "auto_vacuum", "incremental")?;
    let journal_mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if journal_mode != "wal" {
        return Err(StoreError::ReadOnly { source: super::error::Fault::MISUSE });
    }
    connection.execute_batch(EVERY)?;
    connection.execute_batch(WRITER)?;
    migrate::migrate(&mut connection)?;
    Ok(connection)
}

/// Opens a connection that can only read.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path)?;
    connection.execute_batch(EVERY)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Opens a database that has no file.
pub(super) fn in_memory() -> Result<Connection, StoreError> {
    check_sqlite(rusqlite::version_number(), rusqlite::version())?;
    let mut connection = Connection::open_in_memory()?;
    harden(&connection)?;
    connection.pragma_update(None, "auto_vacuum", "incremental")?;
    connection.execute_batch(EVERY)?;
    migrate::migrate(&mut connection)?;
    Ok(connection)
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    // No `CREATE`: the file is there, with the right mode. No mutex: one thread each.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    harden(&connection)?;
    Ok(connection)
}

fn harden(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(48);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // A statement means the same whatever is bound to it. Otherwise one whose plan might hang on that, such as
    // where an index is of a part of the rows, is parsed and planned anew each time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A misspelt column in double quotes is an error, not a text.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    Ok(())
}

pub(super) fn check_sqlite(number: i32, found: &'static str) -> Result<(), StoreError> {
    if number < OLDEST_SQLITE { Err(StoreError::OldSqlite { found }) } else { Ok(()) }
}
