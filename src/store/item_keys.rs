//! Content keys, sealed for those who may open an item besides the household.

use rusqlite::{
    Row, Transaction, named_params,
    types::{FromSqlError, Type},
};

use super::{
    StoreError, Stored,
    sql::{self, household_key},
};
use crate::{
    model::{AccountId, ItemId},
    seal::{About, Kind, Sealed, SealedKey},
};

/// An item's content key, and what it is about.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What it is about.
    pub about: About,
    /// The key.
    pub key: Stored<SealedKey>,
    /// The name, if it is one.
    pub name: Option<Stored<Sealed>>,
}

/// Adds a content key for a recipient, unless there is one or the recipient is gone.
pub fn insert(
    tx: &Transaction<'_>,
    item: ItemId,
    recipient: i64,
    key: &SealedKey,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "insert into item_key (item, recipient, sealed)
         select :item, :recipient, :sealed
         where exists (select 1 from recipient where id = :recipient)
         on conflict do nothing",
    )?
    .execute(named_params! { ":item": item, ":recipient": recipient, ":sealed": key })?;
    Ok(())
}

/// Adds an item's content key for several recipients.
pub fn insert_all(
    tx: &Transaction<'_>,
    item: ItemId,
    keys: &[(i64, SealedKey)],
) -> Result<(), StoreError> {
    keys.iter().try_for_each(|(recipient, key)| insert(tx, item, *recipient, key))
}

/// Takes an item away from an account.
pub fn delete(tx: &Transaction<'_>, item: ItemId, account: AccountId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "delete from item_key
         where item = :item and recipient in (select id from recipient where account = :account)",
    )?
    .execute(named_params! { ":item": item, ":account": account })?;
    Ok(())
}

/// Returns the relatives that may open an item, besides the one that sent it.
pub fn relatives_of(tx: &Transaction<'_>, item: ItemId) -> Result<Vec<AccountId>, StoreError> {
    let mut select = tx.prepare_cached(
        "select distinct account.id
         from item_key
         join recipient on recipient.id = item_key.recipient
         join account on account.id = recipient.account and account.role = 'relative'
         join item on item.id = item_key.item
         where item_key.item = :item and account.id is not item.sender
         order by account.created_at, account.id",
    )?;
    let found = select.query_map(named_params! { ":item": item }, |row| row.get("id"))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Returns whether somebody may open an item besides the household.
pub fn is_shared(tx: &Transaction<'_>, item: ItemId) -> Result<bool, StoreError> {
    let mut select = tx.prepare_cached(
        "select 1 from item_key join recipient on recipient.id = item_key.recipient
         where item_key.item = :item and recipient.generation is null",
    )?;
    Ok(select.exists(named_params! { ":item": item })?)
}

/// Returns whether an account other than this one may open an item, or will once it comes by a link.
pub fn is_seen_by_others(
    tx: &Transaction<'_>,
    item: ItemId,
    account: AccountId,
) -> Result<bool, StoreError> {
    let mut select = tx.prepare_cached(
        "select 1 from item_key join recipient on recipient.id = item_key.recipient
         where item_key.item = :item
             and recipient.account is not null and recipient.account <> :account",
    )?;
    Ok(select.exists(named_params! { ":item": item, ":account": account })?)
}

/// Returns everything that was sealed for a recipient.
pub fn of_recipient(tx: &Transaction<'_>, recipient: i64) -> Result<Vec<Kept>, StoreError> {
    let mut select = tx.prepare_cached(
        "select item.*, item_key.sealed as key
         from item_key join item on item.id = item_key.item
         where item_key.recipient = :recipient order by item.arrival",
    )?;
    let found = select.query_map(named_params! { ":recipient": recipient }, from_row)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Returns everything that an account can open, with the keys that are sealed for the household.
pub fn of_account(tx: &Transaction<'_>, account: AccountId) -> Result<Vec<Kept>, StoreError> {
    let mut select = tx.prepare_cached(concat!(
        "select item.*, ",
        household_key!(),
        " as key
         from item
         where item.id in (
             select item_key.item
             from recipient join item_key on item_key.recipient = recipient.id
             where recipient.account = :account
         )
         order by item.arrival",
    ))?;
    let found = select.query_map(named_params! { ":account": account }, from_row)?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let word: String = row.get("kind")?;
    let kind = match word.as_str() {
        "recording" => Kind::Recording,
        "message" => Kind::Message,
        "child_profile" => Kind::ChildProfile,
        "toy_profile" => Kind::ToyProfile,
        "account_profile" => Kind::AccountProfile,
        "household_profile" => Kind::HouseholdProfile,
        _ => {
            let fault = FromSqlError::InvalidType.into();
            return Err(rusqlite::Error::FromSqlConversionFailure(0, Type::Text, fault));
        }
    };
    let (sender, account): (Option<AccountId>, _) = (row.get("sender")?, row.get("account")?);
    let about =
        About { item: row.get("id")?, kind, child: row.get("child")?, sender: sender.or(account) };
    let name: Option<Vec<u8>> = row.get("text")?;
    Ok(Kept { about, key: sql::sealed_key(row, "key")?, name: name.map(Sealed::from_stored) })
}
