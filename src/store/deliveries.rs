//! The journeys of messages to toys.

use rusqlite::{
    OptionalExtension as _, Row, Transaction, named_params,
    types::{FromSqlError, Type},
};

use super::{StoreError, Stored, error::Fault, later, outbox};
use crate::{
    model::{DeliveryId, DeliveryState, Failure, ItemId, Timestamp, ToyId},
    seal::Sealed,
};

/// A delivery to store.
#[derive(Clone, Copy, Debug)]
pub struct NewDelivery {
    /// Its identifier.
    pub id: DeliveryId,
    /// The message.
    pub item: ItemId,
    /// The toy that it goes to.
    pub toy: ToyId,
    /// Where it begins: awaiting approval, or queued.
    pub state: DeliveryState,
    /// When a person sent it.
    pub queued_at: Timestamp,
    /// When it stops waiting to be heard.
    pub expires_at: Timestamp,
    /// When it is to set out, if not at once.
    pub due_at: Option<Timestamp>,
}

/// A stored delivery.
#[allow(clippy::struct_excessive_bools, reason = "each is a column, and means one thing")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Delivery {
    /// Its identifier.
    pub id: DeliveryId,
    /// The message.
    pub item: ItemId,
    /// The toy that it goes to.
    pub toy: ToyId,
    /// Where it is.
    pub state: DeliveryState,
    /// How many tries have failed so far.
    pub tries: u32,
    /// When the next try is due; only while the last one has failed.
    pub next_try_at: Option<Timestamp>,
    /// When a person sent it.
    pub queued_at: Timestamp,
    /// When the child had played it to its end.
    pub heard_at: Option<Timestamp>,
    /// When it stops waiting to be heard.
    pub expires_at: Timestamp,
    /// Whether it may have been played while nobody watched.
    pub perhaps_heard: bool,
    /// Whether the toy may hold any of it.
    pub begun: bool,
    /// When it is to set out, if somebody sent it for later.
    pub due_at: Option<Timestamp>,
    /// Whether the toy is another child's by now: it waits until its own child has one.
    pub given_away: bool,
    /// Whether its clip is there: in a household that came back from a backup it is made anew when a
    /// guardian signs in.
    pub has_clip: bool,
}

/// A delivery that needs its clip, and the clip, if it is there.
pub type ToSend = (Delivery, Option<Stored<Sealed>>);

/// Every word that a state is stored as.
const WORDS: [&str; 9] = [
    DeliveryState::AwaitingApproval.word(),
    DeliveryState::Queued.word(),
    DeliveryState::OnToy.word(),
    DeliveryState::Heard.word(),
    DeliveryState::Declined.word(),
    DeliveryState::Failed(Failure::Silent).word(),
    DeliveryState::Expired.word(),
    DeliveryState::Withdrawing.word(),
    DeliveryState::Withdrawn.word(),
];

/// Reads deliveries, each with whether its toy is the child's still.
macro_rules! deliveries {
    () => {
        "select *,
             (select child from item where id = delivery.item)
                 <> (select child from toy where id = delivery.toy) as given_away,
             exists (select 1 from outbox where delivery = delivery.id) as has_clip
         from delivery "
    };
}

/// Adds a delivery that has not been tried.
pub fn insert(tx: &Transaction<'_>, new: &NewDelivery) -> Result<(), StoreError> {
    let NewDelivery { id, item, toy, state, queued_at, expires_at, due_at } = new;
    tx.prepare_cached(
        "insert into delivery (id, item, toy, state, queued_at, expires_at, due_at)
         values (:id, :item, :toy, :state, :queued_at, :expires_at, :due_at)",
    )?
    .execute(named_params! {
        ":id": id,
        ":item": item,
        ":toy": toy,
        ":state": state.word(),
        ":queued_at": queued_at,
        ":expires_at": expires_at,
        ":due_at": due_at,
    })?;
    Ok(())
}

/// Returns the delivery with this identifier, if there is one.
pub fn find(tx: &Transaction<'_>, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
    let mut select = tx.prepare_cached(concat!(deliveries!(), "where id = :id"))?;
    Ok(select.query_row(named_params! { ":id": id }, from_row).optional()?)
}

/// Returns the deliveries of a message, in the order in which they were sent.
pub fn of_item(tx: &Transaction<'_>, item: ItemId) -> Result<Vec<Delivery>, StoreError> {
    let mut select =
        tx.prepare_cached(concat!(deliveries!(), "where item = :item order by arrival",))?;
    let found =
        select.query_map(named_params! { ":item": item }, from_row)?.collect::<Result<_, _>>()?;
    Ok(found)
}

/// What is under way to a toy. The list of states is that of the index, word for word.
pub(super) const OPEN_OF_TOY: &str = concat!(
    deliveries!(),
    "where toy = :toy
         and state in ('awaiting_approval', 'queued', 'on_toy', 'failed', 'withdrawing')
     order by arrival",
);

/// Returns every delivery to a toy that is not at its end, in the order of the queue.
pub fn open_of_toy(tx: &Transaction<'_>, toy: ToyId) -> Result<Vec<Delivery>, StoreError> {
    let mut select = tx.prepare_cached(OPEN_OF_TOY)?;
    let found = select.query_map(named_params! { ":toy": toy }, from_row)?;
    Ok(in_turn(found.collect::<Result<_, _>>()?))
}

/// Returns every delivery that is to go to a toy, or lies in one, and its clip, if it has one.
pub fn to_send(tx: &Transaction<'_>) -> Result<Vec<ToSend>, StoreError> {
    let mut select = tx.prepare_cached(concat!(
        deliveries!(),
        "where state in ('queued', 'failed', 'on_toy') order by arrival"
    ))?;
    let found: Vec<Delivery> = select.query_map([], from_row)?.collect::<Result<_, _>>()?;
    found.into_iter().map(|one| Ok((one, outbox::find(tx, one.id)?))).collect()
}

/// Puts those that were sent for later behind those that were sent before they are due.
fn in_turn(all: Vec<Delivery>) -> Vec<Delivery> {
    let since = |delivery: &Delivery| delivery.due_at.unwrap_or(delivery.queued_at);
    let (mut later, mut queue): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|delivery| delivery.due_at.is_some());
    later.sort_by_key(since);
    for delivery in later {
        let before = queue.iter().rposition(|other| since(other) <= since(&delivery));
        queue.insert(before.map_or(0, |before| before + 1), delivery);
    }
    queue
}

/// Moves a delivery on, if its state is one of the `expected` words; returns whether it was.
///
/// `at` is when it was heard, for [`DeliveryState::Heard`], and **when the next try is due**, for
/// [`DeliveryState::Failed`], which also counts the try. Other states have no use for it.
///
/// The queued clip is erased in the same transaction when nothing will be sent any more. A
/// second message in a toy's mailbox is a conflict, whoever asks.
pub fn set_state(
    tx: &Transaction<'_>,
    id: DeliveryId,
    expected: &[&str],
    to: DeliveryState,
    at: Timestamp,
) -> Result<bool, StoreError> {
    if expected.iter().any(|word| !WORDS.contains(word)) {
        return Err(StoreError::Other { source: Fault::MISUSE });
    }
    let (reason, next_try_at, heard_at) = match to {
        DeliveryState::Failed(reason) => (Some(reason.word()), Some(at), None),
        DeliveryState::Heard => (None, None, Some(at)),
        DeliveryState::AwaitingApproval
        | DeliveryState::Queued
        | DeliveryState::OnToy
        | DeliveryState::Declined
        | DeliveryState::Expired
        | DeliveryState::Withdrawing
        | DeliveryState::Withdrawn => (None, None, None),
    };
    let mut update = tx.prepare_cached(
        "update delivery set
             state = :state,
             reason = :reason,
             tries = tries + (:reason is not null),
             next_try_at = :next_try_at,
             heard_at = :heard_at,
             perhaps_heard = iif(:state in ('queued', 'heard'), 0, perhaps_heard)
         where id = :id and state = :expected",
    )?;
    for expected in expected {
        let n_changed = update.execute(named_params! {
            ":id": id,
            ":expected": expected,
            ":state": to.word(),
            ":reason": reason,
            ":next_try_at": next_try_at,
            ":heard_at": heard_at,
        })?;
        if n_changed == 1 {
            if to.is_final() || to == DeliveryState::Withdrawing {
                outbox::erase(tx, id)?;
                later::forget_keys(tx, id)?;
            }
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) const REPLACE: &str = "
    update delivery set begun = 0
    where toy = (select toy from delivery where id = :id) and begun = 1 and id <> :id";

/// Notes, before the first byte goes out, that the toy may hold a part of this message from now on,
/// and nothing of those before it. Returns whether it still wants to be sent.
pub fn begin(tx: &Transaction<'_>, id: DeliveryId) -> Result<bool, StoreError> {
    let mut begin = tx.prepare_cached(
        // What was erased is to be overwritten first, or silence would take this one's place.
        "update delivery set begun = 1
         where id = :id and state in ('queued', 'failed')
             and not exists (select 1 from overwrite where overwrite.toy = delivery.toy)",
    )?;
    if begin.execute(named_params! { ":id": id })? == 0 {
        return Ok(false);
    }
    let mut replace = tx.prepare_cached(REPLACE)?;
    replace.execute(named_params! { ":id": id })?;
    Ok(true)
}

/// Lets a message go on its way that a guardian has listened to, or had declined before: from now
/// on it is given up at `expires_at`. Returns whether it was waiting for that, and its toy is there.
pub fn approve(
    tx: &Transaction<'_>,
    id: DeliveryId,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    let n = tx
        .prepare_cached(
            "update delivery set state = 'queued', expires_at = :expires_at
             where id = :id and state in ('awaiting_approval', 'declined')
                 and toy in (select id from toy where retiring_at is null and let_go_at is null)",
        )?
        .execute(named_params! { ":id": id, ":expires_at": expires_at })?;
    Ok(n == 1)
}

/// Takes a message back: at once, or at the next contact if the toy may hold any of it. Returns
/// whether it was not too late.
pub fn withdraw(tx: &Transaction<'_>, id: DeliveryId, at: Timestamp) -> Result<bool, StoreError> {
    let Some(Delivery { begun, state, .. }) = find(tx, id)? else { return Ok(false) };
    let may_be_there = begun || state == DeliveryState::OnToy;
    let to = if may_be_there { DeliveryState::Withdrawing } else { DeliveryState::Withdrawn };
    set_state(tx, id, &["awaiting_approval", "queued", "failed", "on_toy"], to, at)
}

/// Notes that a message in the mailbox may have been played unseen; returns whether it is there.
pub fn set_perhaps_heard(tx: &Transaction<'_>, id: DeliveryId) -> Result<bool, StoreError> {
    let mut update = tx.prepare_cached(
        "update delivery set perhaps_heard = 1 where id = :id and state = 'on_toy'",
    )?;
    Ok(update.execute(named_params! { ":id": id })? == 1)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let word: String = row.get("state")?;
    let reason: Option<String> = row.get("reason")?;
    let state = state(&word, reason.as_deref()).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(0, Type::Text, FromSqlError::InvalidType.into())
    })?;
    Ok(Delivery {
        id: row.get("id")?,
        item: row.get("item")?,
        toy: row.get("toy")?,
        state,
        tries: row.get("tries")?,
        next_try_at: row.get("next_try_at")?,
        queued_at: row.get("queued_at")?,
        heard_at: row.get("heard_at")?,
        expires_at: row.get("expires_at")?,
        perhaps_heard: row.get("perhaps_heard")?,
        begun: row.get("begun")?,
        due_at: row.get("due_at")?,
        given_away: row.get("given_away")?,
        has_clip: row.get("has_clip")?,
    })
}

fn state(word: &str, reason: Option<&str>) -> Option<DeliveryState> {
    let state = match word {
        "awaiting_approval" => DeliveryState::AwaitingApproval,
        "queued" => DeliveryState::Queued,
        "on_toy" => DeliveryState::OnToy,
        "heard" => DeliveryState::Heard,
        "declined" => DeliveryState::Declined,
        "failed" => DeliveryState::Failed(Failure::from_word(reason?)?),
        "expired" => DeliveryState::Expired,
        "withdrawing" => DeliveryState::Withdrawing,
        "withdrawn" => DeliveryState::Withdrawn,
        _ => return None,
    };
    Some(state)
}
