//! Pictures of children. Each hangs on the item that is the child's name, and is sealed under its key.

use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::{StoreError, Stored, sql};
use crate::{
    model::{ItemId, PictureId},
    seal::Sealed,
};

/// Gives a child a picture, in the place of the one before. Returns whether there was one.
pub fn set(
    tx: &Transaction<'_>,
    profile: ItemId,
    id: PictureId,
    picture: &Sealed,
) -> Result<bool, StoreError> {
    let replaced = remove(tx, profile)?;
    tx.prepare_cached("insert into picture (item, id, sealed) values (:item, :id, :sealed)")?
        .execute(named_params! { ":item": profile, ":id": id, ":sealed": picture })?;
    Ok(replaced)
}

/// Takes a child's picture away. Returns whether there was one.
pub fn remove(tx: &Transaction<'_>, profile: ItemId) -> Result<bool, StoreError> {
    let mut delete = tx.prepare_cached("delete from picture where item = :item")?;
    Ok(delete.execute(named_params! { ":item": profile })? == 1)
}

/// Returns a child's picture, and which it is.
pub fn find(
    tx: &Transaction<'_>,
    profile: ItemId,
) -> Result<Option<(PictureId, Stored<Sealed>)>, StoreError> {
    let mut select = tx.prepare_cached("select id, sealed from picture where item = :item")?;
    let found = select
        .query_row(named_params! { ":item": profile }, |row| {
            Ok((row.get("id")?, sql::sealed(row, "sealed")?))
        })
        .optional()?;
    Ok(found)
}
