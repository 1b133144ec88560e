//! What the recovery key opens.

use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::{StoreError, Stored};
use crate::{
    model::Timestamp,
    seal::{PublicKey, recovery::SealedHousehold},
};

/// A recovery key to store: what can be known of it.
#[derive(Clone, Debug)]
pub struct NewRecovery {
    /// Its public half.
    pub public_key: PublicKey,
    /// The household's key, sealed for it.
    pub sealed: SealedHousehold,
    /// When it was made.
    pub made_at: Timestamp,
    /// Where the part begins that shows that it was written down, counted from 1.
    pub part: u32,
    /// HMAC-SHA256 of that part under the hash key.
    pub part_mac: [u8; 32],
    /// When the one before was used to come back.
    pub used_at: Option<Timestamp>,
}

/// What is stored of the recovery key.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// The household's key, sealed for it.
    pub sealed: Stored<SealedHousehold>,
    /// When it was made.
    pub made_at: Timestamp,
    /// Where the asked part begins and its HMAC, until somebody has typed it.
    pub unchecked: Option<(u32, [u8; 32])>,
    /// When the one before was used to come back, unless the household's keys were changed since.
    pub used_at: Option<Timestamp>,
}

/// Puts this in the place of the recovery key that was there before.
pub fn set(tx: &Transaction<'_>, new: &NewRecovery) -> Result<(), StoreError> {
    let NewRecovery { public_key, sealed, made_at, part, part_mac, used_at } = new;
    tx.prepare_cached(
        "insert or replace into recovery (id, public_key, sealed, made_at, part, part_mac, used_at)
         values (1, :public_key, :sealed, :made_at, :part, :part_mac, :used_at)",
    )?
    .execute(named_params! {
        ":public_key": public_key.as_bytes(),
        ":sealed": sealed,
        ":made_at": made_at,
        ":part": part,
        ":part_mac": part_mac,
        ":used_at": used_at,
    })?;
    Ok(())
}

/// Returns what is stored of the recovery key, if there is one.
pub fn find(tx: &Transaction<'_>) -> Result<Option<Recovery>, StoreError> {
    let mut select = tx.prepare_cached("select * from recovery where id = 1")?;
    let found = select.query_row([], |row| {
        let (part, mac): (Option<u32>, Option<[u8; 32]>) = (row.get("part")?, row.get("part_mac")?);
        Ok(Recovery {
            sealed: SealedHousehold::from_stored(row.get("sealed")?),
            made_at: row.get("made_at")?,
            unchecked: part.zip(mac),
            used_at: row.get("used_at")?,
        })
    });
    Ok(found.optional()?)
}

/// Returns the public half of the recovery key and when it was made, if there is one.
pub(super) fn owner(tx: &Transaction<'_>) -> Result<Option<super::Owner>, StoreError> {
    let mut select = tx.prepare_cached("select public_key, made_at from recovery where id = 1")?;
    let found = select
        .query_row([], |row| Ok((row.get::<_, [u8; 32]>("public_key")?, row.get("made_at")?)))
        .optional()?;
    let Some((public_key, recovery_made_at)) = found else { return Ok(None) };
    let recovery = PublicKey::from_bytes(public_key)
        .map_err(|_weak| StoreError::Corrupt { source: super::error::Fault::ROW })?;
    Ok(Some(super::Owner { recovery, recovery_made_at }))
}

/// Notes that somebody has shown that the key with this HMAC was written down; without one: that
/// nobody needs to. Returns whether it is still that key.
pub fn checked(tx: &Transaction<'_>, mac: Option<&[u8; 32]>) -> Result<bool, StoreError> {
    let n = tx
        .prepare_cached(
            "update recovery set part = null, part_mac = null
             where id = 1 and part_mac = coalesce(:mac, part_mac)",
        )?
        .execute(named_params! { ":mac": mac })?;
    Ok(0 < n)
}
