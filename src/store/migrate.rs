//! From any older schema to the one that this version knows.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// "Htch", in the header of the file: what tells a database of Hutch from others.
const APPLICATION_ID: i32 = 0x4874_6368;

/// The way from each schema to the next. The number of the schema is `user_version`.
///
/// What stands here once, stays: households have run it.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first_house.sql"),
    include_str!("migrations/0002_accounts.sql"),
    include_str!("migrations/0003_relatives.sql"),
    include_str!("migrations/0004_care.sql"),
    include_str!("migrations/0005_toys.sql"),
    include_str!("migrations/0006_requests.sql"),
    include_str!("migrations/0007_notes.sql"),
    include_str!("migrations/0008_later.sql"),
    include_str!("migrations/0009_pictures.sql"),
    include_str!("migrations/0010_toys.sql"),
    include_str!("migrations/0011_metrics.sql"),
];

/// Refuses files that are not ours or too new for us, and changes nothing.
pub(super) fn check(connection: &Connection) -> Result<(), StoreError> {
    let application_id: i32 = read(connection, "application_id")?;
    let found: i32 = read(connection, "user_version")?;
    let n_objects: i64 =
        connection.query_row("select count(*) from sqlite_schema", [], |row| row.get(0))?;
    let is_ours = application_id == APPLICATION_ID && 0 < found;
    let is_fresh = application_id == 0 && found == 0 && n_objects == 0;
    if !is_ours && !is_fresh {
        return Err(StoreError::NotADatabase);
    }
    let known = known();
    if known < found {
        return Err(StoreError::NewerSchema { found, known });
    }
    Ok(())
}

/// Brings the schema up to date, one transaction per step.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    // A step that rebuilds a table would otherwise delete what refers to it. Inside a
    // transaction the switch does nothing, so it stands here.
    connection.pragma_update(None, "foreign_keys", false)?;
    let found: i32 = read(connection, "user_version")?;
    for (to, step) in (1..).zip(MIGRATIONS) {
        if found < to {
            run(connection, to, step)?;
        }
    }
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(())
}

/// Returns the number of the schema that this version knows.
pub(super) fn known() -> i32 {
    i32::try_from(MIGRATIONS.len()).expect("migrations are written by hand")
}

/// Takes one step, wholly or not at all.
pub(super) fn run(connection: &mut Connection, to: i32, step: &str) -> Result<(), StoreError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute_batch(step)?;
    let dangling = tx.prepare("pragma foreign_key_check")?.exists([])?;
    if dangling {
        return Err(StoreError::Corrupt { source: super::error::Fault::ROW });
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", to)?;
    tx.commit()?;
    Ok(())
}

fn read(connection: &Connection, pragma: &str) -> Result<i32, StoreError> {
    Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
}
