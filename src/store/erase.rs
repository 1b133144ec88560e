//! Erasing: what is gone for good, and what is kept so that it stays gone.
//!
//! An identifier stays behind as a tombstone, and that a toy may hold the sound still, until it was
//! overwritten there. The bytes themselves are overwritten by SQLite (`secure_delete`); that they
//! leave the log and the file, too, is [`Store::scrub`](super::Store::scrub)'s.

use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};

use super::{StoreError, accounts, deliveries, giving, retiring, sessions, tombstones};
use crate::model::{AccountId, ChildId, DeliveryState, ItemId, Role, Timestamp, ToyId};

/// A recording or message that was erased.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Erased {
    /// Its identifier.
    pub id: ItemId,
    /// The child that it was from or for.
    pub child: ChildId,
    /// The relatives and child screens that could open it.
    pub readers: Vec<AccountId>,
    /// The toys that it was under way to, or lies in: their keepers should look again.
    pub toys: Vec<ToyId>,
}

/// What went with a child.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ErasedChild {
    /// How many recordings and messages.
    pub n_items: i64,
    /// Its toys, which are adopted no more.
    pub toys: Vec<ToyId>,
    /// The sessions of its screens.
    pub sessions: Vec<sessions::Ended>,
}

/// What went with a relative.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ErasedRelative {
    /// What they had sent.
    pub items: Vec<Erased>,
    /// Their sessions.
    pub sessions: Vec<sessions::Ended>,
}

/// That a toy may hold a message that was erased here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Overwrite {
    /// The toy.
    pub toy: ToyId,
    /// How long the message was.
    pub length_ms: u32,
    /// When it was erased.
    pub since: Timestamp,
}

/// Erases a recording or message, with its sound, keys, deliveries and waiting clips. Returns
/// nothing if there is none.
///
/// A toy that may hold any of it is to be overwritten: see [`overwrite_of`].
pub fn erase_item(
    tx: &Transaction<'_>,
    id: ItemId,
    at: Timestamp,
) -> Result<Option<Erased>, StoreError> {
    let mut select = tx.prepare_cached(
        "select child, length_ms from item where id = :id and kind in ('recording', 'message')",
    )?;
    let found = select
        .query_row(named_params! { ":id": id }, |row| {
            Ok((row.get::<_, ChildId>("child")?, row.get::<_, u32>("length_ms")?))
        })
        .optional()?;
    let Some((child, length_ms)) = found else { return Ok(None) };
    let mut toys = Vec::new();
    for delivery in deliveries::of_item(tx, id)? {
        let may_be_there = match delivery.state {
            DeliveryState::OnToy | DeliveryState::Withdrawing => true,
            // It was overwritten when it was taken back.
            DeliveryState::Withdrawn => false,
            DeliveryState::AwaitingApproval
            | DeliveryState::Queued
            | DeliveryState::Heard
            | DeliveryState::Declined
            | DeliveryState::Failed(_)
            | DeliveryState::Expired => delivery.begun,
        };
        if may_be_there {
            to_overwrite(tx, &Overwrite { toy: delivery.toy, length_ms, since: at })?;
        }
        toys.push(delivery.toy);
    }
    toys.sort_unstable();
    toys.dedup();
    let readers = readers_of(tx, id)?;
    tombstones::insert(tx, id.as_bytes(), at)?;
    tx.prepare_cached("delete from item where id = :id")?.execute(named_params! { ":id": id })?;
    Ok(Some(Erased { id, child, readers, toys }))
}

/// Erases a child: its name, recordings, messages, rules and screens. Its toys are adopted no more;
/// what one of them had recorded for another child before stays that child's.
/// Returns nothing if there is none.
pub fn erase_child(
    tx: &Transaction<'_>,
    id: ChildId,
    at: Timestamp,
) -> Result<Option<ErasedChild>, StoreError> {
    let of_child = named_params! { ":child": id };
    if !tx.prepare_cached("select 1 from child where id = :child")?.exists(of_child)? {
        return Ok(None);
    }
    let n_items = tx
        .prepare_cached(
            "select count(*) from item
             where child = :child and kind in ('recording', 'message')",
        )?
        .query_row(of_child, |row| row.get(0))?;
    let mut select = tx.prepare_cached("select id from toy where child = :child order by rowid")?;
    let toys = select.query_map(of_child, |row| row.get("id"))?;
    let toys: Vec<ToyId> = toys.collect::<Result<_, _>>()?;
    let mut sessions = Vec::new();
    for screen in screens_of(tx, id)? {
        sessions.extend(sessions::delete_others(tx, screen, None)?);
        tombstones::insert(tx, screen.as_bytes(), at)?;
        accounts::remove(tx, screen, Role::ChildScreen)?;
    }
    giving::leave_to_others(tx, id, at)?;
    tx.prepare_cached(
        "insert into tombstone (id, erased_at)
         select id, :at from item where child = :child
         union select id, :at from toy where child = :child
         union select id, :at from child where id = :child
         on conflict do nothing",
    )?
    .execute(named_params! { ":child": id, ":at": at })?;
    // What refers to a toy or a child goes first.
    for delete in [
        "delete from delivery where toy in (select id from toy where child = :child)",
        "delete from item where child = :child",
        "delete from item where toy in (select id from toy where child = :child)",
        "delete from toy where child = :child",
        "delete from child where id = :child",
    ] {
        tx.prepare_cached(delete)?.execute(of_child)?;
    }
    Ok(Some(ErasedChild { n_items, toys, sessions }))
}

/// Erases a relative, with everything that they sent to anybody. Returns nothing if there is none.
pub fn erase_relative(
    tx: &Transaction<'_>,
    id: AccountId,
    at: Timestamp,
) -> Result<Option<ErasedRelative>, StoreError> {
    if !accounts::standing(tx, id)?.is_some_and(|(role, _)| role == Role::Relative) {
        return Ok(None);
    }
    let mut select = tx.prepare_cached("select id from item where sender = :sender")?;
    let sent = select.query_map(named_params! { ":sender": id }, |row| row.get("id"))?;
    let sent: Vec<ItemId> = sent.collect::<Result<_, _>>()?;
    let mut items = Vec::with_capacity(sent.len());
    for item in sent {
        items.extend(erase_item(tx, item, at)?);
    }
    let sessions = sessions::delete_others(tx, id, None)?;
    tombstones::insert(tx, id.as_bytes(), at)?;
    accounts::remove(tx, id, Role::Relative)?;
    Ok(Some(ErasedRelative { items, sessions }))
}

/// Erases whatever has this identifier, if anything has: of an older copy, what was erased since. Returns
/// whether something was.
pub(super) fn by_tombstone(
    tx: &Transaction<'_>,
    id: &[u8; 16],
    at: Timestamp,
) -> Result<bool, StoreError> {
    let account = AccountId::from_bytes(*id);
    Ok(erase_item(tx, ItemId::from_bytes(*id), at)?.is_some()
        || retiring::let_go_by_name(tx, ItemId::from_bytes(*id), at)?
        || erase_child(tx, ChildId::from_bytes(*id), at)?.is_some()
        || erase_relative(tx, account, at)?.is_some()
        || accounts::remove(tx, account, Role::ChildScreen)?)
}

/// Takes away everything that any password, cookie, link or recovery key opens: from here on nobody
/// opens what is stored, whatever is found of it. For a household that is erased as a whole.
pub fn lose_all_keys(tx: &Transaction<'_>) -> Result<(), StoreError> {
    for table in [
        "password",
        "session",
        "invite",
        "recovery",
        "rotation",
        "item_key",
        "key_for_later",
        "outbox",
    ] {
        tx.execute(&format!("delete from {table}"), [])?;
    }
    Ok(())
}

/// Returns what is to be overwritten in a toy, if anything is.
pub fn overwrite_of(tx: &Transaction<'_>, toy: ToyId) -> Result<Option<Overwrite>, StoreError> {
    let mut select = tx.prepare_cached("select * from overwrite where toy = :toy")?;
    Ok(select.query_row(named_params! { ":toy": toy }, from_row).optional()?)
}

/// Notes that a toy was overwritten with silence, unless something longer was erased meanwhile.
pub fn overwritten(tx: &Transaction<'_>, done: &Overwrite) -> Result<(), StoreError> {
    let Overwrite { toy, length_ms, since } = done;
    tx.prepare_cached(
        "delete from overwrite
         where toy = :toy and length_ms <= :length_ms and since <= :since",
    )?
    .execute(named_params! { ":toy": toy, ":length_ms": length_ms, ":since": since })?;
    Ok(())
}

/// Notes that a toy may hold something that is to be overwritten.
pub(super) fn to_overwrite(tx: &Transaction<'_>, new: &Overwrite) -> Result<(), StoreError> {
    let Overwrite { toy, length_ms, since } = new;
    tx.prepare_cached(
        "insert into overwrite (toy, length_ms, since) values (:toy, :length_ms, :since)
         on conflict (toy) do update set
             length_ms = max(length_ms, excluded.length_ms), since = excluded.since",
    )?
    .execute(named_params! { ":toy": toy, ":length_ms": length_ms, ":since": since })?;
    Ok(())
}

/// Returns the accounts that may open an item.
fn readers_of(tx: &Transaction<'_>, item: ItemId) -> Result<Vec<AccountId>, StoreError> {
    let mut select = tx.prepare_cached(
        "select distinct recipient.account
         from item_key join recipient on recipient.id = item_key.recipient
         where item_key.item = :item and recipient.account is not null
             and recipient.invite is null
         order by recipient.account",
    )?;
    let found = select.query_map(named_params! { ":item": item }, |row| row.get("account"))?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn screens_of(tx: &Transaction<'_>, child: ChildId) -> Result<Vec<AccountId>, StoreError> {
    let mut select = tx.prepare_cached(
        "select account.id from granted join account on account.id = granted.account
         where granted.child = :child and account.role = 'child_screen' order by account.id",
    )?;
    let found = select.query_map(named_params! { ":child": child }, |row| row.get("id"))?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Overwrite> {
    Ok(Overwrite {
        toy: row.get("toy")?,
        length_ms: row.get("length_ms")?,
        since: row.get("since")?,
    })
}
