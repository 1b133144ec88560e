//! Messages that are to set out later: until then a child's screens have no key to them.

use rusqlite::{Transaction, named_params};

use super::StoreError;
use crate::{
    model::{DeliveryId, Timestamp},
    seal::SealedKey,
};

/// Puts keys by until a message sets out.
pub fn insert_keys(
    tx: &Transaction<'_>,
    delivery: DeliveryId,
    keys: &[(i64, SealedKey)],
) -> Result<(), StoreError> {
    let mut insert = tx.prepare_cached(
        "insert into key_for_later (delivery, recipient, sealed)
         select :delivery, :recipient, :sealed
         where exists (select 1 from recipient where id = :recipient)",
    )?;
    for (recipient, key) in keys {
        insert.execute(named_params! {
            ":delivery": delivery,
            ":recipient": recipient,
            ":sealed": key,
        })?;
    }
    Ok(())
}

/// Returns whether keys are put by for a message.
pub fn has_keys(tx: &Transaction<'_>, delivery: DeliveryId) -> Result<bool, StoreError> {
    let mut select = tx.prepare_cached("select 1 from key_for_later where delivery = :delivery")?;
    Ok(select.exists(named_params! { ":delivery": delivery })?)
}

/// Hands the keys out that were put by: the message sets out. Returns whether there were any.
pub fn hand_keys_out(tx: &Transaction<'_>, delivery: DeliveryId) -> Result<bool, StoreError> {
    tx.prepare_cached(
        "insert into item_key (item, recipient, sealed)
         select delivery.item, key_for_later.recipient, key_for_later.sealed
         from key_for_later join delivery on delivery.id = key_for_later.delivery
         where key_for_later.delivery = :delivery
         on conflict do nothing",
    )?
    .execute(named_params! { ":delivery": delivery })?;
    forget_keys(tx, delivery)
}

/// Erases the keys that were put by: the message does not set out. Returns whether there were any.
pub fn forget_keys(tx: &Transaction<'_>, delivery: DeliveryId) -> Result<bool, StoreError> {
    let mut delete = tx.prepare_cached("delete from key_for_later where delivery = :delivery")?;
    Ok(0 < delete.execute(named_params! { ":delivery": delivery })?)
}

/// Lets a message set out as if it had just been sent, behind those that were sent before. From now
/// on it is given up at `expires_at`. Returns whether it had not set out.
pub fn send_now(
    tx: &Transaction<'_>,
    delivery: DeliveryId,
    at: Timestamp,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    let n = tx
        .prepare_cached(
            "update delivery set
                 due_at = null,
                 queued_at = :at,
                 expires_at = :expires_at,
                 arrival = (select max(arrival) + 1 from delivery)
             where id = :delivery and due_at is not null
                 and state in ('queued', 'awaiting_approval')",
        )?
        .execute(named_params! {
            ":delivery": delivery,
            ":at": at,
            ":expires_at": expires_at,
        })?;
    if n == 0 {
        return Ok(false);
    }
    hand_keys_out(tx, delivery)?;
    Ok(true)
}
