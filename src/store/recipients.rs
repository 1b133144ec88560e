//! Public keys that content keys are sealed for.

use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::StoreError;
use crate::{model::Timestamp, seal::PublicKey};

/// Makes this the household's key that items are sealed for from here on.
///
/// Does nothing if it is the latest already, so a daemon may say it at every start. The
/// keys of items stored before stay as they are. An earlier generation never comes back: that
/// is a conflict.
pub fn set_household(
    tx: &Transaction<'_>,
    key: &PublicKey,
    at: Timestamp,
) -> Result<(), StoreError> {
    if household(tx)? == Some(key.as_bytes().to_vec()) {
        return Ok(());
    }
    tx.prepare_cached(
        "insert into recipient (public_key, generation, created_at)
         select :public_key, coalesce(max(generation), 0) + 1, :created_at from recipient",
    )?
    .execute(named_params! { ":public_key": key.as_bytes(), ":created_at": at })?;
    Ok(())
}

/// Returns the household's public key in use, or why the stored one is none.
pub fn household_key(tx: &Transaction<'_>) -> Result<Option<super::Stored<PublicKey>>, StoreError> {
    let key = household(tx)?.map(|bytes| {
        let bytes = bytes.try_into().map_err(|_length| crate::seal::SealError::WeakPublicKey)?;
        PublicKey::from_bytes(bytes)
    });
    Ok(key)
}

fn household(tx: &Transaction<'_>) -> Result<Option<Vec<u8>>, StoreError> {
    let mut select = tx.prepare_cached(
        "select public_key from recipient
         where generation is not null order by generation desc limit 1",
    )?;
    Ok(select.query_row([], |row| row.get("public_key")).optional()?)
}
