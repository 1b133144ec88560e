//! A change of the household's keys, while it is under way.
//!
//! From its beginning items are sealed for the new key. What was sealed for the key before is
//! sealed anew piece by piece; a power cut at any time leaves each item with a key that opens it.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::{StoreError, Stored, item_keys, items, recipients};
use crate::{
    model::{AccountId, ItemId, Timestamp},
    seal::{KeyFor, PublicKey, SealedPrevious},
};

/// A change of keys to begin.
#[derive(Clone, Debug)]
pub struct NewRotation {
    /// The public half of the new key.
    pub public_key: PublicKey,
    /// The private half of the key before, sealed for the new one.
    pub previous: SealedPrevious,
    /// The guardian that begins it.
    pub begun_by: AccountId,
    /// When.
    pub begun_at: Timestamp,
}

/// A change of keys that is under way.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The private half of the key before, sealed for the one in use.
    pub previous: Stored<SealedPrevious>,
    /// The guardian that began it.
    pub begun_by: AccountId,
    /// How many items were to be sealed anew at the beginning.
    pub n_items: u32,
    /// How many are left.
    pub n_left: u32,
}

/// What is sealed for the key before, by identifier.
const LEFT: &str = "
    from item_key
    join recipient on recipient.id = item_key.recipient
    join rotation on rotation.generation = recipient.generation";

/// Takes a new key into use, and begins. Returns false, and does nothing, while another change is
/// under way.
pub fn begin(tx: &Transaction<'_>, new: &NewRotation) -> Result<bool, StoreError> {
    let NewRotation { public_key, previous, begun_by, begun_at } = new;
    if find(tx)?.is_some() {
        return Ok(false);
    }
    tx.prepare_cached(
        "insert into rotation (id, generation, previous, begun_by, begun_at, n_items)
         select 1, max(generation), :previous, :begun_by, :begun_at, (
             select count(*) from item_key join recipient on recipient.id = item_key.recipient
             where generation = (select max(generation) from recipient)
         )
         from recipient",
    )?
    .execute(named_params! {
        ":previous": previous.as_bytes(),
        ":begun_by": begun_by,
        ":begun_at": begun_at,
    })?;
    recipients::set_household(tx, public_key, *begun_at)?;
    Ok(true)
}

/// Returns the change that is under way, if there is one.
pub fn find(tx: &Transaction<'_>) -> Result<Option<Rotation>, StoreError> {
    let mut select = tx.prepare_cached(&format!(
        "select previous, begun_by, n_items, (select count(*) {LEFT}) as n_left from rotation",
    ))?;
    let found = select.query_row([], |row| {
        Ok(Rotation {
            previous: SealedPrevious::from_stored(row.get("previous")?),
            begun_by: row.get("begun_by")?,
            n_items: row.get("n_items")?,
            n_left: row.get("n_left")?,
        })
    });
    Ok(found.optional()?)
}

/// Returns the key before, sealed for the one in use, while a change is under way.
pub fn previous(tx: &Transaction<'_>) -> Result<Option<Stored<SealedPrevious>>, StoreError> {
    let mut select = tx.prepare_cached("select previous from rotation")?;
    let found = select
        .query_row([], |row| Ok(SealedPrevious::from_stored(row.get("previous")?)))
        .optional()?;
    Ok(found)
}

/// Returns up to `limit` items that are left, those after `after`.
pub fn left(
    tx: &Transaction<'_>,
    after: Option<ItemId>,
    limit: u32,
) -> Result<Vec<item_keys::Kept>, StoreError> {
    let mut select = tx.prepare_cached(&format!(
        "select item.*, sealed as key from (
             select item_key.item, item_key.sealed {LEFT}
             where item_key.item > :after order by item_key.item limit :limit
         ) join item on item.id = item order by item.id",
    ))?;
    let after = after.map_or(Vec::new(), |after| after.as_bytes().to_vec());
    let found = select
        .query_map(named_params! { ":after": after, ":limit": limit }, item_keys::from_row)?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

/// Puts a key for the household's key in use in the place of the one for the key before. An item
/// that is gone stays gone.
pub fn seal_anew(tx: &Transaction<'_>, item: ItemId, key: &KeyFor) -> Result<(), StoreError> {
    let n = tx
        .prepare_cached(
            "delete from item_key
             where item = :item and recipient = (
                 select recipient.id
                 from recipient join rotation on rotation.generation = recipient.generation
             )",
        )?
        .execute(named_params! { ":item": item })?;
    if n == 0 { Ok(()) } else { items::insert_household_key(tx, item, key) }
}

/// Gives the key before up, if no items are left but those that it does not open. Returns whether
/// that was so.
pub fn finish(tx: &Transaction<'_>, broken: &BTreeSet<ItemId>) -> Result<bool, StoreError> {
    if find(tx)?.is_none() {
        return Ok(true);
    }
    let mut select = tx.prepare_cached(&format!("select item_key.item {LEFT}"))?;
    let left = select.query_map([], |row| row.get("item"))?;
    for item in left {
        if !broken.contains(&item?) {
            return Ok(false);
        }
    }
    tx.prepare_cached(
        "delete from recipient where generation = (select generation from rotation)",
    )?
    .execute([])?;
    tx.prepare_cached("delete from rotation")?.execute([])?;
    Ok(true)
}
