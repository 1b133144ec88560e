//! Recordings and messages: what a conversation is made of.

use rusqlite::{
    OptionalExtension as _, Row, ToSql, Transaction, named_params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};

use super::{
    StoreError, Stored,
    sql::{self, household_key},
};
use crate::{
    model::{AccountId, ChildId, ItemId, Timestamp, ToyId},
    seal::{KeyFor, Sealed, SealedKey},
};

/// Which way the sound goes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ItemKind {
    /// For the child.
    Message,
    /// From the child.
    Recording,
}

/// A recording or message to store.
#[derive(Clone, Debug)]
pub struct NewItem {
    /// Its identifier.
    pub id: ItemId,
    /// Which way it goes.
    pub kind: ItemKind,
    /// The child that it is from or for.
    pub child: ChildId,
    /// The account that sent it, if one did.
    pub sender: Option<AccountId>,
    /// The toy that recorded it, if one did.
    pub toy: Option<ToyId>,
    /// When it was recorded or sent.
    pub recorded_at: Timestamp,
    /// How long the sound is.
    pub length_ms: u32,
    /// Whether the toy recorded it while Hutch was not connected.
    pub while_away: bool,
    /// The sound.
    pub sound: Sealed,
    /// The picture of its loudness.
    pub waveform: Sealed,
    /// The item's content key, sealed for the household.
    pub key: KeyFor,
}

/// A stored recording or message, without its sound.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its place among all items; with `recorded_at` the cursor of a page.
    pub arrival: i64,
    /// Its identifier.
    pub id: ItemId,
    /// Which way it goes.
    pub kind: ItemKind,
    /// The child that it is from or for.
    pub child: ChildId,
    /// The account that sent it, if one did.
    pub sender: Option<AccountId>,
    /// The toy that recorded it, if one did.
    pub toy: Option<ToyId>,
    /// When it was recorded or sent.
    pub recorded_at: Timestamp,
    /// How long the sound is.
    pub length_ms: u32,
    /// Whether the toy recorded it while Hutch was not connected.
    pub while_away: bool,
    /// Whether it stays whatever its age.
    pub kept: bool,
    /// The picture of its loudness.
    pub waveform: Stored<Sealed>,
    /// The item's content key, sealed for the household.
    pub key: Stored<SealedKey>,
}

/// Adds a recording or message with its sound.
///
/// What it is sealed for must be a key of the household that was not given up.
pub fn insert(tx: &Transaction<'_>, new: &NewItem) -> Result<(), StoreError> {
    let NewItem {
        id,
        kind,
        child,
        sender,
        toy,
        recorded_at,
        length_ms,
        while_away,
        sound,
        waveform,
        key,
    } = new;
    tx.prepare_cached(
        "insert into item
             (id, kind, child, sender, toy, recorded_at, length_ms, while_away, waveform)
         values
             (:id, :kind, :child, :sender, :toy, :recorded_at, :length_ms, :while_away, :waveform)",
    )?
    .execute(named_params! {
        ":id": id,
        ":kind": kind,
        ":child": child,
        ":sender": sender,
        ":toy": toy,
        ":recorded_at": recorded_at,
        ":length_ms": length_ms,
        ":while_away": while_away,
        ":waveform": waveform,
    })?;
    tx.prepare_cached("insert into audio (item, sealed) values (:item, :sealed)")?
        .execute(named_params! { ":item": id, ":sealed": sound })?;
    insert_household_key(tx, *id, key)
}

/// Removes a recording with its sound and keys, as when a more complete one takes its place.
pub fn remove_recording(tx: &Transaction<'_>, id: ItemId) -> Result<(), StoreError> {
    tx.prepare_cached("delete from item where id = :id and kind = 'recording'")?
        .execute(named_params! { ":id": id })?;
    Ok(())
}

/// Adds an item's content key for the household: for its key in use, or for the one before while
/// that is not given up.
pub(super) fn insert_household_key(
    tx: &Transaction<'_>,
    item: ItemId,
    key: &KeyFor,
) -> Result<(), StoreError> {
    let KeyFor { recipient, key } = key;
    let n = tx
        .prepare_cached(
            "insert into item_key (item, recipient, sealed)
             select :item, id, :sealed from recipient
             where public_key = :public_key and generation is not null",
        )?
        .execute(named_params! {
            ":item": item,
            ":public_key": recipient.as_bytes(),
            ":sealed": key,
        })?;
    if n == 0 { Err(StoreError::KeyGivenUp) } else { Ok(()) }
}

/// The page before a place; `:recorded_at` alone bounds the walk through the index, the rest
/// of the condition only sorts out equal times.
pub(super) const PAGE: &str = concat!(
    "select item.*, ",
    household_key!(),
    " as key
     from item
     where child = :child and kind in ('recording', 'message')
         and recorded_at <= :recorded_at
         and (recorded_at < :recorded_at or arrival < :arrival)
     order by recorded_at desc, arrival desc
     limit :limit",
);

/// Returns up to `limit` items of a child's conversation, the newest first.
///
/// With `before`, only items older than the one with this time and arrival. What arrives
/// meanwhile moves nothing: each item is on exactly one page.
pub fn page(
    tx: &Transaction<'_>,
    child: ChildId,
    before: Option<(Timestamp, i64)>,
    limit: u32,
) -> Result<Vec<Item>, StoreError> {
    let (recorded_at, arrival) = before.unwrap_or((Timestamp(i64::MAX), i64::MAX));
    let mut select = tx.prepare_cached(PAGE)?;
    let parameters = named_params! {
        ":child": child,
        ":recorded_at": recorded_at,
        ":arrival": arrival,
        ":limit": limit,
    };
    let items = select.query_map(parameters, from_row)?.collect::<Result<_, _>>()?;
    Ok(items)
}

/// The page before a place, of what was sealed for an account. It walks what the account may open,
/// which is little, rather than the conversation.
pub(super) const PAGE_OF_READER: &str = "
    select item.*, item_key.sealed as key
    from recipient
    join item_key on item_key.recipient = recipient.id
    join item on item.id = item_key.item
    join granted on granted.account = :reader and granted.child = item.child
    where recipient.account = :reader and recipient.invite is null
        and item.child = :child and item.kind in ('recording', 'message')
        and (item.recorded_at, item.arrival) < (:recorded_at, :arrival)
    order by item.recorded_at desc, item.arrival desc
    limit :limit";

/// Returns the same as [`page`], of what an account may open.
pub fn page_of(
    tx: &Transaction<'_>,
    reader: AccountId,
    child: ChildId,
    before: Option<(Timestamp, i64)>,
    limit: u32,
) -> Result<Vec<Item>, StoreError> {
    let (recorded_at, arrival) = before.unwrap_or((Timestamp(i64::MAX), i64::MAX));
    let mut select = tx.prepare_cached(PAGE_OF_READER)?;
    let parameters = named_params! {
        ":reader": reader,
        ":child": child,
        ":recorded_at": recorded_at,
        ":arrival": arrival,
        ":limit": limit,
    };
    let items = select.query_map(parameters, from_row)?.collect::<Result<_, _>>()?;
    Ok(items)
}

/// Returns up to `limit` messages that wait for a guardian's approval, the oldest first.
pub fn to_approve(tx: &Transaction<'_>, limit: u32) -> Result<Vec<Item>, StoreError> {
    let mut select = tx.prepare_cached(concat!(
        "select item.*, ",
        household_key!(),
        " as key
         from delivery join item on item.id = delivery.item
         where delivery.state = 'awaiting_approval'
         order by delivery.arrival limit :limit",
    ))?;
    let items =
        select.query_map(named_params! { ":limit": limit }, from_row)?.collect::<Result<_, _>>()?;
    Ok(items)
}

/// Returns how many messages an account has sent to a child since then.
pub fn sent_since(
    tx: &Transaction<'_>,
    account: AccountId,
    child: ChildId,
    since: Timestamp,
) -> Result<u32, StoreError> {
    let mut select = tx.prepare_cached(
        "select count(*) as n from item
         where child = :child and recorded_at >= :since and kind = 'message'
             and sender = :account",
    )?;
    let parameters = named_params! { ":account": account, ":child": child, ":since": since };
    Ok(select.query_row(parameters, |row| row.get("n"))?)
}

/// Returns when the latest item of a child's conversation was recorded or sent that an account may
/// open.
pub fn latest_of(
    tx: &Transaction<'_>,
    reader: AccountId,
    child: ChildId,
) -> Result<Option<Timestamp>, StoreError> {
    Ok(page_of(tx, reader, child, None, 1)?.first().map(|item| item.recorded_at))
}

/// Returns when the latest item of a child's conversation was recorded or sent.
pub fn latest_at(tx: &Transaction<'_>, child: ChildId) -> Result<Option<Timestamp>, StoreError> {
    let mut select = tx.prepare_cached(
        "select recorded_at from item
         where child = :child and kind in ('recording', 'message')
         order by recorded_at desc limit 1",
    )?;
    let latest = select
        .query_row(named_params! { ":child": child }, |row| row.get("recorded_at"))
        .optional()?;
    Ok(latest)
}

/// Returns the recording or message with this identifier, if there is one.
pub fn find(tx: &Transaction<'_>, id: ItemId) -> Result<Option<Item>, StoreError> {
    let mut select = tx.prepare_cached(concat!(
        "select item.*, ",
        household_key!(),
        " as key
         from item
         where id = :id and kind in ('recording', 'message')",
    ))?;
    Ok(select.query_row(named_params! { ":id": id }, from_row).optional()?)
}

/// Returns the same as [`find`], if an account may open it.
pub fn find_of(
    tx: &Transaction<'_>,
    reader: AccountId,
    id: ItemId,
) -> Result<Option<Item>, StoreError> {
    let mut select = tx.prepare_cached(
        "select item.*, item_key.sealed as key
         from recipient
         join item_key on item_key.recipient = recipient.id and item_key.item = :id
         join item on item.id = item_key.item
         join granted on granted.account = :reader and granted.child = item.child
         where recipient.account = :reader and recipient.invite is null
             and item.kind in ('recording', 'message')",
    )?;
    let parameters = named_params! { ":id": id, ":reader": reader };
    Ok(select.query_row(parameters, from_row).optional()?)
}

/// Returns the sound of an item, if there is one.
pub fn sound(tx: &Transaction<'_>, id: ItemId) -> Result<Option<Stored<Sealed>>, StoreError> {
    let mut select = tx.prepare_cached("select sealed from audio where item = :item")?;
    let sound = select
        .query_row(named_params! { ":item": id }, |row| sql::sealed(row, "sealed"))
        .optional()?;
    Ok(sound)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item {
        arrival: row.get("arrival")?,
        id: row.get("id")?,
        kind: row.get("kind")?,
        child: row.get("child")?,
        sender: row.get("sender")?,
        toy: row.get("toy")?,
        recorded_at: row.get("recorded_at")?,
        length_ms: row.get("length_ms")?,
        while_away: row.get("while_away")?,
        kept: row.get("kept")?,
        waveform: sql::sealed(row, "waveform")?,
        key: sql::sealed_key(row, "key")?,
    })
}

impl ItemKind {
    /// Returns the word for it, as stored and as sent to the page.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Recording => "recording",
        }
    }
}

impl ToSql for ItemKind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.word().into())
    }
}

impl FromSql for ItemKind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "message" => Ok(Self::Message),
            "recording" => Ok(Self::Recording),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}
