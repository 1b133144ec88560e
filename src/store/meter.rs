//! The token of a program that counts what the hub does, and what it counts.

use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::StoreError;
use crate::model::Timestamp;

/// The use of a token is written down when the last one is older than this.
const USE_COUNTS_AFTER_S: i64 = 3_600;

/// A token, as far as it is known here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Meter {
    /// When it was made.
    pub made_at: Timestamp,
    /// When it was last used, to the hour.
    pub used_at: Option<Timestamp>,
}

/// How many of something there are that has this word.
pub type Count = (String, i64);

/// What can be counted. No names, no identifiers, no addresses.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Accounts, by what they may do.
    pub accounts: Vec<Count>,
    /// Recordings and messages that are kept.
    pub items: Vec<Count>,
    /// Deliveries, by how far they came.
    pub deliveries: Vec<Count>,
    /// Children.
    pub n_children: i64,
    /// Adopted toys.
    pub n_toys: i64,
    /// Of them, those at which a guardian should look.
    pub n_guarded: i64,
}

/// Returns the token, if there is one.
pub fn find(tx: &Transaction<'_>) -> Result<Option<Meter>, StoreError> {
    let mut select = tx.prepare_cached("select made_at, used_at from meter")?;
    let found = select.query_row([], |row| {
        Ok(Meter { made_at: row.get("made_at")?, used_at: row.get("used_at")? })
    });
    Ok(found.optional()?)
}

/// Keeps a token, in the place of the one before.
pub fn set(tx: &Transaction<'_>, lookup: &[u8; 32], now: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached(
        "insert or replace into meter (id, lookup, made_at) values (1, :lookup, :made_at)",
    )?
    .execute(named_params! { ":lookup": lookup, ":made_at": now })?;
    Ok(())
}

/// Forgets the token. Returns whether there was one.
pub fn delete(tx: &Transaction<'_>) -> Result<bool, StoreError> {
    Ok(tx.prepare_cached("delete from meter")?.execute([])? == 1)
}

/// Returns what the token is found by, if there is one.
pub fn lookup(tx: &Transaction<'_>) -> Result<Option<[u8; 32]>, StoreError> {
    let mut select = tx.prepare_cached("select lookup from meter")?;
    Ok(select.query_row([], |row| row.get("lookup")).optional()?)
}

/// Whether the next use is to be written down.
pub fn is_use_news(used_at: Option<Timestamp>, now: Timestamp) -> bool {
    used_at.is_none_or(|used_at| USE_COUNTS_AFTER_S <= now.0.saturating_sub(used_at.0))
}

/// Writes down that the token was used.
pub fn used(tx: &Transaction<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached("update meter set used_at = :now")?.execute(named_params! { ":now": now })?;
    Ok(())
}

/// Counts.
pub fn counts(tx: &Transaction<'_>) -> Result<Counts, StoreError> {
    let all = |sql: &str| -> Result<Vec<Count>, StoreError> {
        let mut select = tx.prepare_cached(sql)?;
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    let one = |sql: &str| -> Result<i64, StoreError> {
        Ok(tx.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    };
    Ok(Counts {
        accounts: all("select role, count(*) from account group by role order by role")?,
        items: all("select kind, count(*) from item where kind in ('recording', 'message')
             group by kind order by kind")?,
        deliveries: all("select state, count(*) from delivery group by state order by state")?,
        n_children: one("select count(*) from child")?,
        n_toys: one("select count(*) from toy")?,
        n_guarded: one("select count(distinct toy) from guard where not trusted")?,
    })
}
