//! What children and toys are called: items that hold a sealed name.

use rusqlite::{Row, Transaction, named_params};

use super::{StoreError, Stored, items, sql};
use crate::{
    model::{ChildId, ItemId, Timestamp, ToyId},
    seal::{Sealed, SealedKey},
};

/// A name to store.
#[derive(Clone, Debug)]
pub struct NewProfile {
    /// The item that the name is; not the child or toy.
    pub item: ItemId,
    /// The name.
    pub name: Sealed,
    /// The item's content key, sealed for the household's key in use.
    pub key: SealedKey,
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
}

pub(super) fn insert(
    tx: &Transaction<'_>,
    of: &Of,
    new: &NewProfile,
    at: Timestamp,
) -> Result<(), StoreError> {
    let NewProfile { item, name, key } = new;
    let (kind, child, toy) = match of {
        Of::Child(child) => ("child_profile", Some(child), None),
        Of::Toy(toy) => ("toy_profile", None, Some(toy)),
    };
    tx.prepare_cached(
        "insert into item (id, kind, child, toy, recorded_at, text)
         values (:id, :kind, :child, :toy, :recorded_at, :text)",
    )?
    .execute(named_params! {
        ":id": item,
        ":kind": kind,
        ":child": child,
        ":toy": toy,
        ":recorded_at": at,
        ":text": name,
    })?;
    items::insert_household_key(tx, *item, key)
}

/// Reads the columns `profile`, `text` and `key`.
pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Profile> {
    Ok(Profile {
        item: row.get("profile")?,
        name: sql::sealed(row, "text")?,
        key: sql::sealed_key(row, "key")?,
    })
}
