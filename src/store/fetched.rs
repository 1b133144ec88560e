//! Keyed hashes of what was fetched from toys.

use rusqlite::{Transaction, named_params};

use super::StoreError;
use crate::model::{Timestamp, ToyId};

/// Remembers a recording that was fetched from a toy; once is as good as twice.
pub fn insert(
    tx: &Transaction<'_>,
    toy: ToyId,
    mac: &[u8; 32],
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "insert into fetched (toy, mac, fetched_at) values (:toy, :mac, :fetched_at)
         on conflict (toy, mac) do nothing",
    )?
    .execute(named_params! { ":toy": toy, ":mac": mac, ":fetched_at": at })?;
    Ok(())
}

/// Returns whether a recording was fetched from this toy before.
pub fn contains(tx: &Transaction<'_>, toy: ToyId, mac: &[u8; 32]) -> Result<bool, StoreError> {
    let mut select = tx.prepare_cached("select 1 from fetched where toy = :toy and mac = :mac")?;
    Ok(select.exists(named_params! { ":toy": toy, ":mac": mac })?)
}
