//! Requests that stored recordings or messages, by the key that whoever asked gave.

use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::{StoreError, error::Fault};
use crate::model::{AccountId, ItemId, Timestamp};

/// However old, so many are kept: one that a wrong clock dated must not be forgotten at once.
const KEPT_ANYWAY: u32 = 100;

/// A request that is known when it is made again.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Who asks.
    pub account: AccountId,
    /// A keyed hash of the account and the key.
    pub key_mac: [u8; 32],
    /// A keyed hash of what is asked.
    pub asked_mac: [u8; 32],
}

/// What came of the request that had the same key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Before {
    /// It was the same request, and these were stored. They may be gone.
    Stored(Vec<ItemId>),
    /// It was another request.
    Other,
}

/// Returns what came of a request that was made before, if it was.
pub fn find(tx: &Transaction<'_>, request: &Request) -> Result<Option<Before>, StoreError> {
    let mut select =
        tx.prepare_cached("select asked_mac, items from request where key_mac = :key_mac")?;
    let found = select.query_row(named_params! { ":key_mac": request.key_mac }, |row| {
        Ok((row.get::<_, [u8; 32]>("asked_mac")?, row.get::<_, Vec<u8>>("items")?))
    });
    let Some((asked_mac, items)) = found.optional()? else { return Ok(None) };
    if asked_mac != request.asked_mac {
        return Ok(Some(Before::Other));
    }
    let (items, rest) = items.as_chunks::<16>();
    if !rest.is_empty() {
        return Err(StoreError::Corrupt { source: Fault::ROW });
    }
    Ok(Some(Before::Stored(items.iter().copied().map(ItemId::from_bytes).collect())))
}

/// Remembers a request with what is stored for it, in the same transaction. One that is known by its
/// key is a conflict.
pub fn insert(
    tx: &Transaction<'_>,
    request: &Request,
    items: &[ItemId],
    at: Timestamp,
) -> Result<(), StoreError> {
    let Request { account, key_mac, asked_mac } = request;
    let items: Vec<u8> = items.iter().flat_map(|item| *item.as_bytes()).collect();
    tx.prepare_cached(
        "insert into request (account, key_mac, asked_mac, items, at)
         values (:account, :key_mac, :asked_mac, :items, :at)",
    )?
    .execute(named_params! {
        ":account": account,
        ":key_mac": key_mac,
        ":asked_mac": asked_mac,
        ":items": items,
        ":at": at,
    })?;
    Ok(())
}

/// Forgets what was asked before then, but for the latest.
pub fn forget(tx: &Transaction<'_>, before: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached(
        "delete from request
         where at < :before and arrival not in (
             select arrival from request order by arrival desc limit :kept
         )",
    )?
    .execute(named_params! { ":before": before, ":kept": KEPT_ANYWAY })?;
    Ok(())
}
