//! A copy of the database beside it, for as long as another version of Hutch has to show that it works.
//!
//! The hub must be stopped. The copy is as sealed as the database, and is gone once the update has ended,
//! so that nothing that is erased later stays in it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, fchown},
    path::Path,
};

use rusqlite::{Connection, OpenFlags};

use super::{
    StoreError,
    copy::vacuum_into,
    open::{FILE, PATIENCE},
};

/// The copy, in the state folder.
const COPY: &str = "before-update.db";
/// It, while it is being made.
const PART: &str = "before-update.db.part";
/// What belongs to a database that is open, or was not closed.
const BESIDE: [&str; 2] = ["hutch.db-wal", "hutch.db-shm"];

/// Copies the database in a state folder. Returns whether there is one.
pub fn take(folder: &Path) -> Result<bool, StoreError> {
    let database = folder.join(FILE);
    let failed = |source| StoreError::Folder { action: "copy the database", source };
    let owner = match fs::metadata(&database) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(source) => return Err(failed(source)),
    };
    let part = folder.join(PART);
    remove(&part).map_err(failed)?;
    // SQLite writes into an empty file that is there, and leaves its mode and owner.
    let empty = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part);
    let empty = empty.map_err(failed)?;
    fchown(&empty, Some(owner.uid()), Some(owner.gid())).map_err(failed)?;
    let connection = open(&database)?;
    let copied = vacuum_into(&connection, &part);
    if copied.is_err() {
        // What there is of it takes the room that is missing; the first error is the one to tell.
        drop(remove(&part));
    }
    copied?;
    drop(connection);
    File::open(&part).and_then(|file| file.sync_all()).map_err(failed)?;
    fs::rename(&part, folder.join(COPY)).map_err(failed)?;
    sync(folder).map_err(failed)?;
    Ok(true)
}

/// Puts the copy in the place of the database, if there is one and if the database has another schema by
/// now: with the same one, what came in since stays.
pub fn put_back(folder: &Path) -> Result<(), StoreError> {
    let (database, copy) = (folder.join(FILE), folder.join(COPY));
    let failed = |source| StoreError::Folder { action: "put the database back", source };
    if !copy.exists() {
        return Ok(());
    }
    let wanted = schema(&copy)?;
    // One that does not open is not as it was, either.
    if schema(&database).is_ok_and(|schema| schema == wanted) {
        return Ok(());
    }
    for name in BESIDE {
        remove(&folder.join(name)).map_err(failed)?;
    }
    fs::rename(&copy, &database).map_err(failed)?;
    sync(folder).map_err(failed)
}

/// Removes the copy, if there is one.
pub fn drop_copy(folder: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::Folder { action: "remove the copy of the database", source };
    for name in [COPY, PART] {
        remove(&folder.join(name)).map_err(failed)?;
    }
    if folder.exists() { sync(folder).map_err(failed) } else { Ok(()) }
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

fn schema(path: &Path) -> Result<i32, StoreError> {
    Ok(open(path)?.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::store::Store;

    fn household() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        drop(Store::open(dir.path()).unwrap());
        change(dir.path(), "create table kept (n integer) strict; insert into kept values (1);");
        dir
    }

    fn change(folder: &Path, sql: &str) {
        Connection::open(folder.join(FILE)).unwrap().execute_batch(sql).unwrap();
    }

    fn kept(folder: &Path) -> i64 {
        let database = open(&folder.join(FILE)).unwrap();
        database.query_row("select count(*) from kept", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_newer_schema_goes_back_to_the_copy() {
        let dir = household();

        assert!(take(dir.path()).unwrap());
        let mode = fs::metadata(dir.path().join(COPY)).unwrap().permissions().mode();
        change(dir.path(), "insert into kept values (2); pragma user_version = 99;");
        put_back(dir.path()).unwrap();

        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(kept(dir.path()), 1);
        drop(Store::open(dir.path()).unwrap());
        assert!(!dir.path().join(COPY).exists());
        put_back(dir.path()).unwrap();
        assert_eq!(kept(dir.path()), 1, "twice is once");
    }

    #[test]
    fn with_the_same_schema_nothing_that_came_in_is_lost() {
        let dir = household();

        take(dir.path()).unwrap();
        change(dir.path(), "insert into kept values (2);");
        put_back(dir.path()).unwrap();
        drop_copy(dir.path()).unwrap();

        assert_eq!(kept(dir.path()), 2);
        assert!(!dir.path().join(COPY).exists());
        drop_copy(dir.path()).unwrap();
    }

    #[test]
    fn a_database_that_was_broken_is_put_back() {
        let dir = household();

        take(dir.path()).unwrap();
        fs::write(dir.path().join(FILE), "broken").unwrap();
        put_back(dir.path()).unwrap();

        assert_eq!(kept(dir.path()), 1);
    }

    #[test]
    fn a_copy_is_made_anew_over_what_a_power_cut_left() {
        let dir = household();
        fs::write(dir.path().join(PART), "half").unwrap();
        fs::write(dir.path().join(COPY), "older").unwrap();

        assert!(take(dir.path()).unwrap());

        assert_eq!(
            schema(&dir.path().join(COPY)).unwrap(),
            schema(&dir.path().join(FILE)).unwrap()
        );
        assert!(!dir.path().join(PART).exists());
    }

    #[test]
    fn without_a_database_there_is_nothing_to_copy() {
        let dir = tempfile::tempdir().unwrap();

        assert!(!take(dir.path()).unwrap());
        put_back(dir.path()).unwrap();
    }
}
