//! Identifiers of what was erased.

use std::collections::BTreeSet;

use rusqlite::{Transaction, named_params};

use super::StoreError;
use crate::model::Timestamp;

/// Remembers that this was erased; once is as good as twice.
pub fn insert(tx: &Transaction<'_>, id: &[u8; 16], at: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached(
        "insert into tombstone (id, erased_at) values (:id, :erased_at) on conflict do nothing",
    )?
    .execute(named_params! { ":id": id, ":erased_at": at })?;
    Ok(())
}

/// Returns whether this was erased.
pub fn contains(tx: &Transaction<'_>, id: &[u8; 16]) -> Result<bool, StoreError> {
    let mut select = tx.prepare_cached("select 1 from tombstone where id = :id")?;
    Ok(select.exists(named_params! { ":id": id })?)
}

/// Returns all of them.
pub fn all(tx: &Transaction<'_>) -> Result<BTreeSet<[u8; 16]>, StoreError> {
    let mut select = tx.prepare("select id from tombstone")?;
    let found = select.query_map([], |row| row.get("id"))?;
    Ok(found.collect::<Result<_, _>>()?)
}
