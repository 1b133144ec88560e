//! How a toy goes: it is retired, and let go once it holds nothing any more; or it is lost.
//!
//! What it recorded and was sent stays in the conversation, so its row stays, without its name.

use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::{
    StoreError, deliveries,
    erase::{self, Overwrite},
    tombstones,
};
use crate::model::{DeliveryState, ItemId, Timestamp, ToyId};

/// Retires a toy: nothing goes to it any more, and what it may hold is taken back. Returns whether it
/// was not retired before.
pub fn retire(tx: &Transaction<'_>, toy: ToyId, at: Timestamp) -> Result<bool, StoreError> {
    let n = tx
        .prepare_cached(
            "update toy set retiring_at = :at
             where id = :toy and retiring_at is null and let_go_at is null",
        )?
        .execute(named_params! { ":toy": toy, ":at": at })?;
    for delivery in deliveries::open_of_toy(tx, toy)? {
        deliveries::withdraw(tx, delivery.id, at)?;
    }
    Ok(n == 1)
}

/// Lets a toy go that was overwritten. Returns whether it was adopted.
pub fn let_go(tx: &Transaction<'_>, toy: ToyId, at: Timestamp) -> Result<bool, StoreError> {
    let of_toy = named_params! { ":toy": toy };
    tx.prepare_cached("delete from overwrite where toy = :toy")?.execute(of_toy)?;
    finish(tx, toy, at)
}

/// Lets a toy go that nobody reaches. What it may hold is remembered, should it be adopted again.
/// Returns whether it was adopted.
pub fn lose(tx: &Transaction<'_>, toy: ToyId, at: Timestamp) -> Result<bool, StoreError> {
    let length_ms: Option<u32> = tx
        .prepare_cached(
            "select max(length_ms) from delivery join item on item.id = delivery.item
             where delivery.toy = :toy and begun = 1 and state <> 'withdrawn'",
        )?
        .query_row(named_params! { ":toy": toy }, |row| row.get(0))?;
    if let Some(length_ms) = length_ms {
        erase::to_overwrite(tx, &Overwrite { toy, length_ms, since: at })?;
    }
    // Nobody took it back; nobody will hear it either, as far as anybody knows.
    for delivery in deliveries::open_of_toy(tx, toy)? {
        deliveries::set_state(tx, delivery.id, &["on_toy"], DeliveryState::Expired, at)?;
    }
    finish(tx, toy, at)
}

/// Does the same for the toy that is called by this name, if one is. Returns whether one was.
pub(super) fn let_go_by_name(
    tx: &Transaction<'_>,
    name: ItemId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let toy = tx
        .prepare_cached("select toy from item where id = :name and kind = 'toy_profile'")?
        .query_row(named_params! { ":name": name }, |row| row.get("toy"))
        .optional()?;
    toy.map_or(Ok(false), |toy| lose(tx, toy, at))
}

fn finish(tx: &Transaction<'_>, toy: ToyId, at: Timestamp) -> Result<bool, StoreError> {
    let of_toy = named_params! { ":toy": toy };
    for delivery in deliveries::open_of_toy(tx, toy)? {
        deliveries::withdraw(tx, delivery.id, at)?;
        let (id, withdrawn) = (delivery.id, DeliveryState::Withdrawn);
        deliveries::set_state(tx, id, &["withdrawing"], withdrawn, at)?;
    }
    let mut select =
        tx.prepare_cached("select id from item where toy = :toy and kind = 'toy_profile'")?;
    let name: Option<ItemId> = select.query_row(of_toy, |row| row.get("id")).optional()?;
    if let Some(name) = name {
        tombstones::insert(tx, name.as_bytes(), at)?;
    }
    for forget in [
        "update delivery set begun = 0 where toy = :toy and begun = 1",
        "delete from item where toy = :toy and kind = 'toy_profile'",
        "delete from guard where toy = :toy",
    ] {
        tx.prepare_cached(forget)?.execute(of_toy)?;
    }
    let n = tx
        .prepare_cached(
            "update toy set let_go_at = :at, before_night = null
             where id = :toy and let_go_at is null",
        )?
        .execute(named_params! { ":toy": toy, ":at": at })?;
    Ok(n == 1)
}
