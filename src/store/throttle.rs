//! Who failed to sign in how often.

use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::StoreError;
use crate::model::Timestamp;

/// The most lanes that are kept; those that failed longest ago go first. A stranger who makes
/// up names pushes out strangers, and costs a megabyte at most.
const MAX_LANES: u32 = 10_000;

/// What is known of one lane.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lane {
    /// How often it failed in a row.
    pub failures: u32,
    /// When it last did.
    pub last_failed_at: Timestamp,
    /// Until when it has to wait.
    pub blocked_until: Timestamp,
}

/// Returns what is known of a lane.
pub fn find(tx: &Transaction<'_>, lane: &[u8; 32]) -> Result<Option<Lane>, StoreError> {
    let mut select = tx.prepare_cached("select * from throttle where lane = :lane")?;
    let found = select.query_row(named_params! { ":lane": lane }, |row| {
        Ok(Lane {
            failures: row.get("failures")?,
            last_failed_at: row.get("last_failed_at")?,
            blocked_until: row.get("blocked_until")?,
        })
    });
    Ok(found.optional()?)
}

/// Writes what is known of a lane.
pub fn set(tx: &Transaction<'_>, lane: &[u8; 32], now: &Lane) -> Result<(), StoreError> {
    let Lane { failures, last_failed_at, blocked_until } = now;
    tx.prepare_cached(
        "insert or replace into throttle (lane, failures, last_failed_at, blocked_until)
         values (:lane, :failures, :last_failed_at, :blocked_until)",
    )?
    .execute(named_params! {
        ":lane": lane,
        ":failures": failures,
        ":last_failed_at": last_failed_at,
        ":blocked_until": blocked_until,
    })?;
    tx.prepare_cached(
        "delete from throttle where lane in (
             select lane from throttle order by last_failed_at desc limit -1 offset :most
         )",
    )?
    .execute(named_params! { ":most": MAX_LANES })?;
    Ok(())
}

/// Forgets a lane.
pub fn delete(tx: &Transaction<'_>, lane: &[u8; 32]) -> Result<(), StoreError> {
    tx.prepare_cached("delete from throttle where lane = :lane")?
        .execute(named_params! { ":lane": lane })?;
    Ok(())
}
