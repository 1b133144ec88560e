//! Clips that wait for their toy, under the device key.

use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::{StoreError, Stored, sql};
use crate::{model::DeliveryId, seal::Sealed};

/// Puts a clip there for a delivery. It must be sealed under the device key: anything else
/// is a conflict.
pub fn insert(tx: &Transaction<'_>, delivery: DeliveryId, clip: &Sealed) -> Result<(), StoreError> {
    tx.prepare_cached("insert into outbox (delivery, clip) values (:delivery, :clip)")?
        .execute(named_params! { ":delivery": delivery, ":clip": clip })?;
    Ok(())
}

/// Returns the clip of a delivery, if it is still there.
pub fn find(
    tx: &Transaction<'_>,
    delivery: DeliveryId,
) -> Result<Option<Stored<Sealed>>, StoreError> {
    let mut select = tx.prepare_cached("select clip from outbox where delivery = :delivery")?;
    let clip = select
        .query_row(named_params! { ":delivery": delivery }, |row| sql::sealed(row, "clip"))
        .optional()?;
    Ok(clip)
}

/// Erases the clip of a delivery, if it is still there.
pub fn erase(tx: &Transaction<'_>, delivery: DeliveryId) -> Result<(), StoreError> {
    tx.prepare_cached("delete from outbox where delivery = :delivery")?
        .execute(named_params! { ":delivery": delivery })?;
    Ok(())
}
