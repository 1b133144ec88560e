//! The household itself: when it was set up, where it lives, what it is called.

use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::{
    StoreError,
    profiles::{self, NewProfile, Of, Profile},
};
use crate::model::{AccountId, Timestamp};

/// The stored household.
#[derive(Clone, Debug)]
pub struct Household {
    /// When it was set up.
    pub set_up_at: Timestamp,
    /// Where it lives, as the IANA names it.
    pub time_zone: Option<String>,
    /// The latest time that was written here.
    pub latest_at: Timestamp,
}

/// Sets the household up. A second time is a conflict.
pub fn insert(
    tx: &Transaction<'_>,
    at: Timestamp,
    time_zone: Option<&str>,
    name: Option<&NewProfile>,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "insert into household (id, set_up_at, time_zone, latest_at)
         values (1, :at, :time_zone, :at)",
    )?
    .execute(named_params! { ":at": at, ":time_zone": time_zone })?;
    name.map_or(Ok(()), |name| profiles::insert(tx, &Of::Household, name, at))
}

/// Returns the household, if it is set up.
pub fn find(tx: &Transaction<'_>) -> Result<Option<Household>, StoreError> {
    let mut select =
        tx.prepare_cached("select set_up_at, time_zone, latest_at from household where id = 1")?;
    let household = select.query_row([], |row| {
        Ok(Household {
            set_up_at: row.get("set_up_at")?,
            time_zone: row.get("time_zone")?,
            latest_at: row.get("latest_at")?,
        })
    });
    Ok(household.optional()?)
}

/// Returns what the household is called, if it was ever said, as this reader may open it: an
/// account by its own key, nobody by the household's.
pub fn profile(
    tx: &Transaction<'_>,
    reader: Option<AccountId>,
) -> Result<Option<Profile>, StoreError> {
    profiles::of_household(tx, reader)
}

/// Remembers that it was this late; an earlier time changes nothing.
pub fn saw_time(tx: &Transaction<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached("update household set latest_at = max(latest_at, :now) where id = 1")?
        .execute(named_params! { ":now": now })?;
    Ok(())
}

/// Remembers that it is this late, also when something later was remembered.
pub fn set_time(tx: &Transaction<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached("update household set latest_at = :now where id = 1")?
        .execute(named_params! { ":now": now })?;
    Ok(())
}
