//! What the slots of a toy hold, as far as the hub put something there or took it from there.
//!
//! Messages go to the mailbox alone: no paw plays another slot. What the others hold was put there by
//! somebody else, until a guardian has them overwritten with silence.

use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::{
    StoreError,
    deliveries::{self, Delivery},
    erase::{self, Overwrite},
};
use crate::model::{ChildId, DeliveryId, ItemId, Slot, Timestamp, ToyId};

/// A slot that a guardian has overwritten.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Silence {
    /// Which.
    pub slot: Slot,
    /// When that was done, if it was.
    pub done_at: Option<Timestamp>,
}

/// Returns the one message that a toy may hold: what the mailbox holds, heard or not, or what silence
/// lies over.
pub fn mailbox(tx: &Transaction<'_>, toy: ToyId) -> Result<Option<Delivery>, StoreError> {
    let mut select = tx.prepare_cached("select id from delivery where toy = :toy and begun = 1")?;
    let id: Option<DeliveryId> =
        select.query_row(named_params! { ":toy": toy }, |row| row.get("id")).optional()?;
    id.map_or(Ok(None), |id| deliveries::find(tx, id))
}

/// Returns the last recording that was fetched from a toy for a child and is here still.
pub fn last_recording(
    tx: &Transaction<'_>,
    toy: ToyId,
    child: ChildId,
) -> Result<Option<ItemId>, StoreError> {
    let mut select = tx.prepare_cached(
        "select id from item where child = :child and kind = 'recording' and toy = :toy
         order by recorded_at desc, arrival desc limit 1",
    )?;
    let found = select
        .query_row(named_params! { ":toy": toy, ":child": child }, |row| row.get("id"))
        .optional()?;
    Ok(found)
}

/// Returns the slots of a toy that hold silence, or are to.
pub fn silences(tx: &Transaction<'_>, toy: ToyId) -> Result<Vec<Silence>, StoreError> {
    let mut select =
        tx.prepare_cached("select slot, done_at from silence where toy = :toy order by slot")?;
    let found = select.query_map(named_params! { ":toy": toy }, |row| {
        Ok((row.get::<_, u8>("slot")?, row.get("done_at")?))
    })?;
    let found: Vec<(u8, Option<Timestamp>)> = found.collect::<Result<_, _>>()?;
    let silences = found.into_iter();
    Ok(silences
        .filter_map(|(slot, done_at)| Some(Silence { slot: Slot::new(slot)?, done_at }))
        .collect())
}

/// Returns a slot that is to be overwritten, if any is.
pub fn to_silence(tx: &Transaction<'_>, toy: ToyId) -> Result<Option<Slot>, StoreError> {
    let mut wanted = silences(tx, toy)?.into_iter().filter(|silence| silence.done_at.is_none());
    Ok(wanted.next().map(|silence| silence.slot))
}

/// Has a slot overwritten at the next contact. What the mailbox holds is not to be awaited any more;
/// where the toy keeps its recording, nothing is overwritten. `length_ms` is how long a slot is.
pub fn silence(
    tx: &Transaction<'_>,
    toy: ToyId,
    slot: Slot,
    length_ms: u32,
    at: Timestamp,
) -> Result<(), StoreError> {
    if slot == Slot::MAILBOX {
        tx.prepare_cached("update delivery set begun = 0 where toy = :toy and begun = 1")?
            .execute(named_params! { ":toy": toy })?;
        return erase::to_overwrite(tx, &Overwrite { toy, length_ms, since: at });
    }
    tx.prepare_cached(
        "insert into silence (toy, slot, wanted_at) values (:toy, :slot, :at)
         on conflict (toy, slot) do update set wanted_at = excluded.wanted_at, done_at = null",
    )?
    .execute(named_params! { ":toy": toy, ":slot": slot.index(), ":at": at })?;
    Ok(())
}

/// Notes that a slot was overwritten.
pub fn silenced(
    tx: &Transaction<'_>,
    toy: ToyId,
    slot: Slot,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached("update silence set done_at = :at where toy = :toy and slot = :slot")?
        .execute(named_params! { ":toy": toy, ":slot": slot.index(), ":at": at })?;
    Ok(())
}
