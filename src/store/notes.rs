//! Written notes to recordings and messages.

use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::{StoreError, Stored, sql};
use crate::{model::ItemId, seal::Sealed};

/// Writes a note to an item, in the place of the one before. The item must be there.
pub fn set(tx: &Transaction<'_>, item: ItemId, note: &Sealed) -> Result<(), StoreError> {
    tx.prepare_cached(
        "insert into note (item, sealed) values (:item, :sealed)
         on conflict (item) do update set sealed = excluded.sealed",
    )?
    .execute(named_params! { ":item": item, ":sealed": note })?;
    Ok(())
}

/// Takes the note of an item away; returns whether there was one.
pub fn remove(tx: &Transaction<'_>, item: ItemId) -> Result<bool, StoreError> {
    let mut delete = tx.prepare_cached("delete from note where item = :item")?;
    Ok(delete.execute(named_params! { ":item": item })? == 1)
}

pub(super) const FIND: &str = "select sealed from note where item = :item";

/// Returns the note of an item, if it has one.
pub fn find(tx: &Transaction<'_>, item: ItemId) -> Result<Option<Stored<Sealed>>, StoreError> {
    let mut select = tx.prepare_cached(FIND)?;
    let note = select
        .query_row(named_params! { ":item": item }, |row| sql::sealed(row, "sealed"))
        .optional()?;
    Ok(note)
}

/// Returns whether an item has a note.
pub fn exists(tx: &Transaction<'_>, item: ItemId) -> Result<bool, StoreError> {
    Ok(tx.prepare_cached(FIND)?.exists(named_params! { ":item": item })?)
}
