//! A toy that goes to another child, and what was on its way to the child before.
//!
//! What was sent to a child stays for that child: it goes on to another toy of theirs, or waits until
//! they have one. What a toy recorded stays where it is.

use rusqlite::{Transaction, named_params};

use super::{
    StoreError, deliveries,
    erase::{self, Overwrite},
    toys,
};
use crate::model::{ChildId, DeliveryState, Timestamp, ToyId};

/// What came of giving a toy to a child.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Given {
    /// It is theirs now.
    Done,
    /// It was theirs before.
    AlreadyTheirs,
    /// There is no such toy, or it is on its way out.
    NoToy,
}

/// Gives a toy to a child that there is. What it may hold of messages is to be overwritten, heard or
/// not: those were for the child before. An unheard one is sent anew, to where that child hears it.
///
/// Nobody may be talking to the toy meanwhile.
pub fn give(
    tx: &Transaction<'_>,
    toy: ToyId,
    to: ChildId,
    at: Timestamp,
) -> Result<Given, StoreError> {
    if !toys::is_to_stay(tx, toy)? {
        return Ok(Given::NoToy);
    }
    let Some(from) = toys::child_of(tx, toy)? else { return Ok(Given::NoToy) };
    if from == to {
        return Ok(Given::AlreadyTheirs);
    }
    let of_toy = named_params! { ":toy": toy };
    // What is being taken back is overwritten anyway.
    let length_ms: Option<u32> = tx
        .prepare_cached(
            "select max(length_ms) from delivery join item on item.id = delivery.item
             where delivery.toy = :toy and begun = 1 and state not in ('withdrawn', 'withdrawing')",
        )?
        .query_row(of_toy, |row| row.get(0))?;
    if let Some(length_ms) = length_ms {
        erase::to_overwrite(tx, &Overwrite { toy, length_ms, since: at })?;
    }
    tx.prepare_cached(
        "update delivery set begun = 0 where toy = :toy and begun = 1 and state <> 'withdrawing'",
    )?
    .execute(of_toy)?;
    for delivery in deliveries::open_of_toy(tx, toy)? {
        deliveries::set_state(tx, delivery.id, &["on_toy"], DeliveryState::Queued, at)?;
    }
    tx.prepare_cached("update toy set child = :child where id = :toy")?
        .execute(named_params! { ":toy": toy, ":child": to })?;
    Ok(Given::Done)
}

/// Sends what waits for a child, because its toy is another child's by now, on to one that it has: one
/// of these that are awake, else the first. Without a toy it goes on waiting.
pub fn send_on(tx: &Transaction<'_>, child: ChildId, awake: &[ToyId]) -> Result<(), StoreError> {
    let mut theirs = toys::of_child(tx, child)?;
    theirs.retain(|toy| toy.retiring_at.is_none());
    let to = theirs.iter().find(|toy| awake.contains(&toy.id)).or_else(|| theirs.first());
    let Some(to) = to.map(|toy| toy.id) else { return Ok(()) };
    // The list of states is that of the index, word for word.
    tx.prepare_cached(
        "update delivery set toy = :to
         where toy in (select id from toy where child <> :child)
             and state in ('awaiting_approval', 'queued', 'on_toy', 'failed', 'withdrawing')
             and state not in ('on_toy', 'withdrawing')
             and item in (select id from item where child = :child)",
    )?
    .execute(named_params! { ":child": child, ":to": to })?;
    Ok(())
}

/// Lets those of a child's toys go that another child had before, and leaves them to that one: what it
/// said to them is not to go with the child that has them now.
pub(super) fn leave_to_others(
    tx: &Transaction<'_>,
    child: ChildId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let of_child = named_params! { ":child": child };
    let mut select = tx.prepare_cached(
        "select toy.id, coalesce(
             (select item.child from item where item.toy = toy.id and item.child <> :child),
             (select item.child from delivery join item on item.id = delivery.item
              where delivery.toy = toy.id and item.child <> :child)
         ) as other
         from toy where toy.child = :child and other is not null",
    )?;
    let shared: Vec<(ToyId, ChildId)> = select
        .query_map(of_child, |row| Ok((row.get("id")?, row.get("other")?)))?
        .collect::<Result<_, _>>()?;
    for (toy, other) in shared {
        super::retiring::lose(tx, toy, at)?;
        tx.prepare_cached("update toy set child = :other where id = :toy")?
            .execute(named_params! { ":toy": toy, ":other": other })?;
    }
    Ok(())
}
