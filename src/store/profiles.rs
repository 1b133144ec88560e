//! What children, toys, accounts and the household are called: items that hold a sealed name.

use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};

use super::{
    StoreError, Stored, items,
    sql::{self, reader_key},
};
use crate::{
    model::{AccountId, ChildId, ItemId, Timestamp, ToyId},
    seal::{KeyFor, Sealed, SealedKey},
};

/// A name to store.
#[derive(Clone, Debug)]
pub struct NewProfile {
    /// The item that the name is; not the child or toy.
    pub item: ItemId,
    /// The name.
    pub name: Sealed,
    /// The item's content key, sealed for the household.
    pub key: KeyFor,
}

/// A stored name.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The item that the name is.
    pub item: ItemId,
    /// The name.
    pub name: Stored<Sealed>,
    /// The item's content key, sealed for the household.
    pub key: Stored<SealedKey>,
}

/// Whose profile it is.
pub(super) enum Of {
    Child(ChildId),
    Toy(ToyId),
    Account(AccountId),
    Household,
}

pub(super) fn insert(
    tx: &Transaction<'_>,
    of: &Of,
    new: &NewProfile,
    at: Timestamp,
) -> Result<(), StoreError> {
    let NewProfile { item, name, key } = new;
    let (mut child, mut toy, mut account) = (None, None, None);
    let kind = match of {
        Of::Child(id) => {
            child = Some(id);
            "child_profile"
        }
        Of::Toy(id) => {
            toy = Some(id);
            "toy_profile"
        }
        Of::Account(id) => {
            account = Some(id);
            "account_profile"
        }
        Of::Household => "household_profile",
    };
    tx.prepare_cached(
        "insert into item (id, kind, child, toy, account, recorded_at, text)
         values (:id, :kind, :child, :toy, :account, :recorded_at, :text)",
    )?
    .execute(named_params! {
        ":id": item,
        ":kind": kind,
        ":child": child,
        ":toy": toy,
        ":account": account,
        ":recorded_at": at,
        ":text": name,
    })?;
    items::insert_household_key(tx, *item, key)
}

/// Returns what the household is called, if it was ever said.
pub(super) fn of_household(
    tx: &Transaction<'_>,
    reader: Option<AccountId>,
) -> Result<Option<Profile>, StoreError> {
    let mut select = tx.prepare_cached(concat!(
        "select item.id as profile, item.text, ",
        reader_key!(),
        " as key from item where item.kind = 'household_profile'",
    ))?;
    Ok(select.query_row(named_params! { ":reader": reader }, from_row).optional()?)
}

/// Puts another name in the place of the one there; whoever could open that opens this.
pub fn rename(tx: &Transaction<'_>, item: ItemId, name: &Sealed) -> Result<(), StoreError> {
    tx.prepare_cached("update item set text = :text where id = :id and text is not null")?
        .execute(named_params! { ":id": item, ":text": name })?;
    Ok(())
}

/// Reads the columns `profile`, `text` and `key`.
pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Profile> {
    Ok(Profile {
        item: row.get("profile")?,
        name: sql::sealed(row, "text")?,
        key: sql::sealed_key(row, "key")?,
    })
}
