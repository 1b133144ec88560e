//! Browsers that are signed in, and browsers that once were.
//!
//! A row knows a cookie by an HKDF output of it. What a session's cookie opens goes with its row:
//! a session that ended is deleted, and `secure_delete` overwrites it.

use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};

use super::{StoreError, Stored, sql};
use crate::{
    model::{AccountId, Role, SessionId, Timestamp},
    seal::Wrap,
};

/// The most browsers that are remembered of one account; the one used longest ago goes.
const MAX_BROWSERS: u32 = 50;

/// A session to store.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its identifier.
    pub id: SessionId,
    /// Who is signed in.
    pub account: AccountId,
    /// What it is found by.
    pub lookup: [u8; 32],
    /// What its cookie opens.
    pub wrap: Wrap,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends, whatever is done with it.
    pub ends_at: Timestamp,
    /// Where from.
    pub address: String,
    /// What sort of browser, on what.
    pub device: String,
    /// Until when the password counts as given just now.
    pub confirmed_until: Option<Timestamp>,
}

/// A stored session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its identifier.
    pub id: SessionId,
    /// Who is signed in.
    pub account: AccountId,
    /// What the account may do.
    pub role: Role,
    /// What its cookie opens.
    pub wrap: Stored<Wrap>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to some minutes.
    pub last_used_at: Timestamp,
    /// When it ends, whatever is done with it.
    pub ends_at: Timestamp,
    /// Where it was last used from.
    pub address: String,
    /// What sort of browser, on what.
    pub device: String,
    /// Until when the password counts as given just now.
    pub confirmed_until: Option<Timestamp>,
}

/// Adds a session.
pub fn insert(tx: &Transaction<'_>, new: &NewSession) -> Result<(), StoreError> {
    let NewSession {
        id,
        account,
        lookup,
        wrap,
        created_at,
        ends_at,
        address,
        device,
        confirmed_until,
    } = new;
    tx.prepare_cached(
        "insert into session (
             id, account, lookup, wrap, created_at, last_used_at, ends_at, address, device,
             confirmed_until
         ) values (
             :id, :account, :lookup, :wrap, :created_at, :created_at, :ends_at, :address, :device,
             :confirmed_until
         )",
    )?
    .execute(named_params! {
        ":id": id,
        ":account": account,
        ":lookup": lookup,
        ":wrap": wrap,
        ":created_at": created_at,
        ":ends_at": ends_at,
        ":address": address,
        ":device": device,
        ":confirmed_until": confirmed_until,
    })?;
    Ok(())
}

macro_rules! select {
    () => {
        "select session.*, account.role from session join account on account.id = session.account"
    };
}

/// Finds a session by what its cookie gives.
pub fn by_lookup(tx: &Transaction<'_>, lookup: &[u8; 32]) -> Result<Option<Session>, StoreError> {
    let mut select = tx.prepare_cached(concat!(select!(), " where session.lookup = :lookup"))?;
    Ok(select.query_row(named_params! { ":lookup": lookup }, from_row).optional()?)
}

/// Returns a session.
pub fn find(tx: &Transaction<'_>, id: SessionId) -> Result<Option<Session>, StoreError> {
    let mut select = tx.prepare_cached(concat!(select!(), " where session.id = :id"))?;
    Ok(select.query_row(named_params! { ":id": id }, from_row).optional()?)
}

/// Returns the sessions of an account, the one used last first.
pub fn of_account(tx: &Transaction<'_>, account: AccountId) -> Result<Vec<Session>, StoreError> {
    let mut select = tx.prepare_cached(concat!(
        select!(),
        " where session.account = :account
         order by session.last_used_at desc, session.created_at desc, session.id",
    ))?;
    let sessions = select.query_map(named_params! { ":account": account }, from_row)?;
    Ok(sessions.collect::<Result<_, _>>()?)
}

/// Notes that a session was used, and from where. It ends no later than `latest_end`, whatever a
/// clock that was wrong had written, and just then if its end moves along.
pub fn touch(
    tx: &Transaction<'_>,
    id: SessionId,
    at: Timestamp,
    address: &str,
    latest_end: Timestamp,
    is_rolling: bool,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "update session set last_used_at = :at, address = :address,
             ends_at = iif(:is_rolling, :latest_end, min(ends_at, :latest_end))
         where id = :id",
    )?
    .execute(named_params! {
        ":id": id,
        ":at": at,
        ":address": address,
        ":latest_end": latest_end,
        ":is_rolling": is_rolling,
    })?;
    Ok(())
}

/// Notes that the password was given again.
pub fn confirm(tx: &Transaction<'_>, id: SessionId, until: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached("update session set confirmed_until = :until where id = :id")?
        .execute(named_params! { ":id": id, ":until": until })?;
    Ok(())
}

/// Puts another wrap in the place of the one that a session's cookie opens.
pub fn rewrap(tx: &Transaction<'_>, id: SessionId, wrap: &Wrap) -> Result<(), StoreError> {
    tx.prepare_cached("update session set wrap = :wrap where id = :id")?
        .execute(named_params! { ":id": id, ":wrap": wrap })?;
    Ok(())
}

/// Ends a session of an account. Returns whether there was one.
pub fn delete(tx: &Transaction<'_>, account: AccountId, id: SessionId) -> Result<bool, StoreError> {
    let n = tx
        .prepare_cached("delete from session where id = :id and account = :account")?
        .execute(named_params! { ":id": id, ":account": account })?;
    Ok(0 < n)
}

/// A session that has ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ended {
    /// Its identifier.
    pub session: SessionId,
    /// Whose it was.
    pub account: AccountId,
}

impl Ended {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { session: row.get("id")?, account: row.get("account")? })
    }
}

/// Ends all sessions of an account but this one, and returns which they were.
pub fn delete_others(
    tx: &Transaction<'_>,
    account: AccountId,
    but: Option<SessionId>,
) -> Result<Vec<Ended>, StoreError> {
    let mut delete = tx.prepare_cached(
        "delete from session where account = :account and id is not :but returning id, account",
    )?;
    let ended = delete
        .query_map(named_params! { ":account": account, ":but": but }, Ended::read)?
        .collect::<Result<_, _>>()?;
    Ok(ended)
}

/// Ends all sessions of guardians but this one, or of everybody, and returns which they were.
pub fn delete_all(
    tx: &Transaction<'_>,
    but: SessionId,
    of_everybody: bool,
) -> Result<Vec<Ended>, StoreError> {
    let mut delete = tx.prepare_cached(
        "delete from session
         where id <> :but and (
             :of_everybody or account in (select id from account where role = 'guardian')
         )
         returning id, account",
    )?;
    let ended = delete
        .query_map(named_params! { ":but": but, ":of_everybody": of_everybody }, Ended::read)?
        .collect::<Result<_, _>>()?;
    Ok(ended)
}

/// Ends the sessions that are over at this time: those that have ended, and those that nobody used
/// since `idle_since`, which child screens need not be. Returns which they were.
pub fn delete_ended(
    tx: &Transaction<'_>,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Vec<Ended>, StoreError> {
    let mut delete = tx.prepare_cached(
        "delete from session
         where ends_at <= :now
             or last_used_at <= :idle_since
                 and account not in (select id from account where role = 'child_screen')
         returning id, account",
    )?;
    let ended = delete
        .query_map(named_params! { ":now": now, ":idle_since": idle_since }, Ended::read)?
        .collect::<Result<_, _>>()?;
    Ok(ended)
}

/// Remembers a browser in which somebody signed in.
pub fn remember_browser(
    tx: &Transaction<'_>,
    lookup: &[u8; 32],
    account: AccountId,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "insert into browser (lookup, account, added_at, last_used_at)
         values (:lookup, :account, :at, :at)
         on conflict do update set last_used_at = max(last_used_at, excluded.last_used_at)",
    )?
    .execute(named_params! { ":lookup": lookup, ":account": account, ":at": at })?;
    tx.prepare_cached(
        "delete from browser where account = :account and lookup in (
             select lookup from browser where account = :account
             order by last_used_at desc, added_at desc limit -1 offset :most
         )",
    )?
    .execute(named_params! { ":account": account, ":most": MAX_BROWSERS })?;
    Ok(())
}

/// Returns whether somebody signed in to this account in this browser before.
pub fn knows_browser(
    tx: &Transaction<'_>,
    lookup: &[u8; 32],
    account: AccountId,
) -> Result<bool, StoreError> {
    let mut select =
        tx.prepare_cached("select 1 from browser where lookup = :lookup and account = :account")?;
    Ok(select.exists(named_params! { ":lookup": lookup, ":account": account })?)
}

/// Forgets the browsers of everybody.
pub fn forget_all_browsers(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.prepare_cached("delete from browser")?.execute([])?;
    Ok(())
}

/// Forgets the browsers of an account.
pub fn forget_browsers(tx: &Transaction<'_>, account: AccountId) -> Result<(), StoreError> {
    tx.prepare_cached("delete from browser where account = :account")?
        .execute(named_params! { ":account": account })?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: row.get("id")?,
        account: row.get("account")?,
        role: row.get("role")?,
        wrap: sql::wrap(row, "wrap")?,
        created_at: row.get("created_at")?,
        last_used_at: row.get("last_used_at")?,
        ends_at: row.get("ends_at")?,
        address: row.get("address")?,
        device: row.get("device")?,
        confirmed_until: row.get("confirmed_until")?,
    })
}
