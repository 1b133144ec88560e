//! Folder, files, settings, schema.

use std::{fs, os::unix::fs::PermissionsExt as _};

use rusqlite::{ErrorCode, ffi};

use super::*;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn pragma(tx: &Transaction<'_>, name: &str) -> String {
    tx.query_row(&format!("select cast({name} as text) from pragma_{name}"), [], |row| row.get(0))
        .unwrap()
}

/// What tells one schema from another: names and statements without comments and spaces.
fn schema(connection: &Connection) -> Vec<(String, String)> {
    let mut select = connection
        .prepare("select type || ' ' || name, sql from sqlite_schema where sql is not null")
        .unwrap();
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let mut schema: Vec<(String, String)> = rows.map(|row| row.unwrap()).collect();
    for (_, sql) in &mut schema {
        let without_comments: Vec<&str> =
            sql.lines().map(|line| line.split("--").next().unwrap()).collect();
        // SQLite puts the name of a table in quotes when it renames it.
        *sql = without_comments.concat().replace('"', "").split_whitespace().collect();
    }
    schema.sort();
    schema
}

#[tokio::test]
async fn connections_have_the_settings_that_keep_data() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let settings = |tx: &Transaction<'_>| {
        let names = ["foreign_keys", "secure_delete", "temp_store", "auto_vacuum", "synchronous"];
        Ok((names.map(|name| pragma(tx, name)), pragma(tx, "journal_mode")))
    };

    let writer = store.write(settings).await.unwrap();
    let reader = store.read(settings).await.unwrap();
    let reader_only = store.read(|tx| Ok(pragma(tx, "query_only"))).await.unwrap();

    let expected = (["1", "1", "2", "2", "2"].map(str::to_owned), "wal".to_owned());
    assert_eq!(writer, expected);
    assert_eq!(reader, expected);
    assert_eq!(reader_only, "1");
}

#[tokio::test]
async fn nobody_else_may_look_in() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("a/state");

    let store = Store::open(&folder).unwrap();
    let household = Household::new();
    store.write(move |tx| household.move_in(tx)).await.unwrap();

    assert_eq!(mode(&folder), 0o700);
    for name in ["hutch.db", "hutch.db-wal", "hutch.db-shm"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_folder_that_was_left_open_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    Store::open(folder.path()).unwrap().close().await;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let file = folder.path().join("hutch.db");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();

    let store = Store::open(folder.path()).unwrap();
    store.write(|tx| Ok(tx.execute_batch("pragma user_version = 1")?)).await.unwrap();

    assert_eq!(mode(folder.path()), 0o700);
    for name in ["hutch.db", "hutch.db-wal", "hutch.db-shm"] {
        assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_said_so() {
    let file = tempfile::NamedTempFile::new().unwrap();

    let refused = Store::open(&file.path().join("state"));

    assert!(matches!(refused.err(), Some(StoreError::Folder { .. })));
}

#[test]
fn every_older_schema_becomes_the_documented_one() {
    let documented = Connection::open_in_memory().unwrap();
    documented.execute_batch(include_str!("../schema.sql")).unwrap();

    for older in 0..=migrate::MIGRATIONS.len() {
        let mut connection = Connection::open_in_memory().unwrap();
        for (to, step) in (1..).zip(&migrate::MIGRATIONS[..older]) {
            migrate::run(&mut connection, to, step).unwrap();
        }

        migrate::check(&connection).unwrap();
        migrate::migrate(&mut connection).unwrap();

        assert_eq!(schema(&connection), schema(&documented), "from {older}");
        let version: i32 =
            connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, migrate::known());
    }
}

/// What a household had stored before there were accounts is all there afterwards.
#[test]
fn rows_of_the_first_schema_are_kept() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate::run(&mut connection, 1, migrate::MIGRATIONS[0]).unwrap();
    connection
        .execute_batch(
            "insert into recipient (public_key, generation, created_at)
                 values (x'0000000000000000000000000000000000000000000000000000000000000001', 1, 5);
             insert into child (id, animal, color, created_at)
                 values (x'00000000000000000000000000000001', 'bear', 'plum', 5);
             insert into toy (id, child, address, character, adopted_at)
                 values (x'00000000000000000000000000000002', x'00000000000000000000000000000001', x'010203040506', 'cat', 6);
             insert into item (arrival, id, kind, child, recorded_at, length_ms, waveform)
                 values (7, x'00000000000000000000000000000003', 'message', x'00000000000000000000000000000001', 8, 900,
                     x'894854430101');
             insert into audio values (x'00000000000000000000000000000003', x'894854430101');
             insert into item_key values (x'00000000000000000000000000000003', 1, x'894854430301');
             insert into delivery (id, item, toy, state, queued_at, expires_at)
                 values (x'00000000000000000000000000000004', x'00000000000000000000000000000003', x'00000000000000000000000000000002',
                     'queued', 8, 9);",
        )
        .unwrap();
    let rows = |connection: &Connection| -> Vec<i64> {
        ["recipient", "child", "toy", "item", "audio", "item_key", "delivery"]
            .map(|table| {
                let count = format!("select count(*) from {table}");
                connection.query_row(&count, [], |row| row.get(0)).unwrap()
            })
            .to_vec()
    };
    let before = rows(&connection);

    migrate::migrate(&mut connection).unwrap();

    assert_eq!(rows(&connection), before);
    let kept: (i64, i64, Option<Vec<u8>>) = connection
        .query_row("select arrival, length_ms, account from item", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!(kept, (7, 900, None));
    // Whoever was here before keeps what they have; for whoever comes, the 90 days hold.
    let retention = |connection: &Connection, id: i64| -> Option<i64> {
        let select = "select retention_days from child where created_at = ?1";
        connection.query_row(select, [id], |row| row.get(0)).unwrap()
    };
    connection
        .execute_batch(
            "insert into child (id, animal, color, created_at)
             values (x'00000000000000000000000000000009', 'cat', 'sky', 99)",
        )
        .unwrap();
    assert_eq!((retention(&connection, 5), retention(&connection, 99)), (None, Some(90)));
    connection.execute("delete from child where created_at = 99", []).unwrap();
    // What referred to the table that was rebuilt still does.
    connection.execute("delete from item", []).unwrap();
    assert_eq!(rows(&connection)[3..], [0, 0, 0, 0]);
}

#[test]
fn every_migration_in_the_folder_runs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/migrations");
    let mut names: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();

    assert_eq!(names.len(), migrate::MIGRATIONS.len());
    for ((number, name), sql) in (1..).zip(names).zip(migrate::MIGRATIONS) {
        assert!(name.to_str().unwrap().starts_with(&format!("{number:04}_")), "{name:?}");
        assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), *sql);
    }
}

#[test]
fn a_migration_that_breaks_off_leaves_nothing_behind() {
    let mut connection = empty();
    let before = schema(&connection);

    let refused = migrate::run(
        &mut connection,
        migrate::known() + 1,
        "create table story (id blob) strict; create table story (id blob) strict;",
    );

    assert!(refused.is_err());
    assert_eq!(schema(&connection), before);
    migrate::check(&connection).unwrap();
}

#[test]
fn a_migration_that_leaves_a_reference_to_nothing_is_undone() {
    let mut connection = empty();
    connection.pragma_update(None, "foreign_keys", false).unwrap();

    let refused = migrate::run(
        &mut connection,
        migrate::known() + 1,
        "insert into toy (id, child, address, character, adopted_at)
         values (zeroblob(16), zeroblob(16), zeroblob(6), 'cat', 0)",
    );

    assert!(matches!(refused, Err(StoreError::Corrupt { .. })));
    let n_toys: i64 = connection.query_row("select count(*) from toy", [], |r| r.get(0)).unwrap();
    assert_eq!(n_toys, 0);
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    Store::open(folder.path()).unwrap().close().await;
    let file = folder.path().join("hutch.db");
    let connection = Connection::open(&file).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let before = fs::read(&file).unwrap();

    let refused = Store::open(folder.path()).err().unwrap();

    assert!(matches!(refused, StoreError::NewerSchema { found: 99, known: 11 }));
    assert_eq!(
        refused.to_string(),
        "the database was written by a newer version of Hutch (schema 99, this version knows 11); \
         install the newer version again"
    );
    assert!(fs::read(&file).unwrap() == before);
}

#[test]
fn other_files_are_refused_and_left_alone() {
    let text = b"Dear diary, this is not a database, and it is long enough to be one. ".repeat(20);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hutch.db");
    let other = Connection::open(&file).unwrap();
    other.execute_batch("create table recipe (name text); pragma user_version = 1").unwrap();
    drop(other);
    let other = fs::read(&file).unwrap();

    for bytes in [text, other] {
        fs::write(&file, &bytes).unwrap();

        let refused = Store::open(folder.path());

        assert!(matches!(refused.err(), Some(StoreError::NotADatabase)));
        assert!(fs::read(&file).unwrap() == bytes);
    }
}

#[tokio::test]
async fn a_damaged_file_is_called_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let household = Household::new();
    let store = Store::open(folder.path()).unwrap();
    store.write(move |tx| household.move_in(tx)).await.unwrap();
    store.close().await;
    let file = folder.path().join("hutch.db");
    let mut bytes = fs::read(&file).unwrap();
    bytes[4_096..].fill(0xa5);
    fs::write(&file, bytes).unwrap();

    let read = match Store::open(folder.path()) {
        Ok(store) => store.read(children::list).await.map(drop),
        Err(error) => Err(error),
    };

    assert!(matches!(read, Err(StoreError::Corrupt { .. })));
}

#[test]
fn a_sqlite_with_a_known_fault_is_refused() {
    let refused = open::check_sqlite(3_051_002, "3.51.2").err().unwrap();

    assert_eq!(
        refused.to_string(),
        "SQLite 3.51.2 is too old for Hutch; build it with 3.51.3 or later"
    );
    assert!(open::check_sqlite(3_051_003, "3.51.3").is_ok());
    assert!(open::check_sqlite(rusqlite::version_number(), rusqlite::version()).is_ok());
}

#[test]
fn faults_are_told_apart_by_what_one_does_about_them() {
    let fault = |code| {
        let message = Some("what was given: Wilhelmina".to_owned());
        StoreError::from(rusqlite::Error::SqliteFailure(ffi::Error::new(code), message))
    };

    assert!(matches!(fault(ffi::SQLITE_NOTADB), StoreError::NotADatabase));
    assert!(matches!(fault(ffi::SQLITE_CORRUPT_INDEX), StoreError::Corrupt { .. }));
    assert!(matches!(fault(ffi::SQLITE_FULL), StoreError::Full { .. }));
    assert!(matches!(fault(ffi::SQLITE_READONLY_DBMOVED), StoreError::ReadOnly { .. }));
    assert!(matches!(fault(ffi::SQLITE_BUSY_SNAPSHOT), StoreError::Busy { .. }));
    assert!(matches!(fault(ffi::SQLITE_IOERR_FSYNC), StoreError::Other { .. }));
    let error = ffi::Error::new(ffi::SQLITE_ERROR);
    assert_eq!(error.code, ErrorCode::Unknown);
    assert!(!texts(&fault(ffi::SQLITE_ERROR)).contains("Wilhelmina"));
}

#[tokio::test]
async fn what_is_asked_again_and_again_is_planned_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    // Whether a row in an index of a part of the table will do hangs, for SQLite, on what is bound.
    let ask = |tx: &Transaction<'_>| {
        let mut select =
            tx.prepare_cached("select id from item where child = :child and kind = :kind")?;
        for kind in ["child_profile", "toy_message", "child_profile"] {
            let params = rusqlite::named_params! { ":child": kind.as_bytes(), ":kind": kind };
            assert!(!select.exists(params)?);
        }
        Ok(select.get_status(rusqlite::StatementStatus::RePrepare))
    };

    let again = store.read(ask).await.unwrap() + store.write(ask).await.unwrap();

    assert_eq!(again, 0);
}
