//! Keyed hashes of what was fetched from toys.

use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::StoreError;
use crate::model::{ItemId, Timestamp, ToyId};

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

/// Remembers what was kept of a recording that did not come whole, by how it begins.
pub fn insert_part(
    tx: &Transaction<'_>,
    toy: ToyId,
    head: &[u8; 32],
    item: ItemId,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "insert into fetched (toy, mac, fetched_at, part) values (:toy, :mac, :fetched_at, :part)
         on conflict (toy, mac) do update set part = excluded.part",
    )?
    .execute(named_params! { ":toy": toy, ":mac": head, ":fetched_at": at, ":part": item })?;
    Ok(())
}

/// Returns the item that was kept of a recording that begins like this; it may be gone.
pub fn part(
    tx: &Transaction<'_>,
    toy: ToyId,
    head: &[u8; 32],
) -> Result<Option<ItemId>, StoreError> {
    let mut select =
        tx.prepare_cached("select part from fetched where toy = :toy and mac = :mac")?;
    let found =
        select.query_row(named_params! { ":toy": toy, ":mac": head }, |row| row.get("part"));
    Ok(found.optional()?.flatten())
}

/// Returns whether a recording was fetched from this toy before.
pub fn contains(tx: &Transaction<'_>, toy: ToyId, mac: &[u8; 32]) -> Result<bool, StoreError> {
    let mut select = tx.prepare_cached("select 1 from fetched where toy = :toy and mac = :mac")?;
    Ok(select.exists(named_params! { ":toy": toy, ":mac": mac })?)
}
