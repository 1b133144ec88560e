//! Accounts and what their passwords open.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};

use super::{
    StoreError, Stored,
    profiles::{self, NewProfile, Of, Profile},
    sql::{self, household_key, reader_key},
};
use crate::{
    model::{AccountId, Role, Timestamp},
    seal::Wrap,
};

/// An account to store.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its identifier.
    pub id: AccountId,
    /// The name to sign in with, in small letters.
    pub name: String,
    /// What people see of the name.
    pub profile: NewProfile,
    /// What the password opens.
    pub password: Password,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A stored account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its identifier.
    pub id: AccountId,
    /// What it may do.
    pub role: Role,
    /// The name to sign in with; a child screen has none, nor a relative who has not accepted yet.
    pub name: Option<String>,
    /// What people see of the name.
    pub profile: Profile,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it may not sign in.
    pub blocked_at: Option<Timestamp>,
}

/// What a password opens, and how a key is made of it.
#[derive(Clone, Debug)]
pub struct Password {
    /// Argon2id's salt.
    pub salt: [u8; 16],
    /// Argon2id's memory, in KiB.
    pub memory_kib: u32,
    /// Argon2id's passes.
    pub passes: u32,
    /// What opens.
    pub wrap: Stored<Wrap>,
    /// When it was last changed by a person.
    pub changed_at: Timestamp,
    /// The last step of which a TOTP code was used; none without two-step sign-in.
    pub totp_step: Option<i64>,
}

/// An account as the terminal lists it.
#[derive(Clone, Debug)]
pub struct Line {
    /// The name to sign in with.
    pub name: String,
    /// Its role, in a word.
    pub role: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When any of its sessions was last used.
    pub last_used_at: Option<Timestamp>,
}

/// Adds a guardian. A name that is taken is a conflict.
pub fn insert_guardian(tx: &Transaction<'_>, new: &NewAccount) -> Result<(), StoreError> {
    let NewAccount { id, name, profile, password, created_at } = new;
    tx.prepare_cached(
        "insert into account (id, role, name, created_at)
         values (:id, 'guardian', :name, :created_at)",
    )?
    .execute(named_params! { ":id": id, ":name": name, ":created_at": created_at })?;
    set_password(tx, *id, password)?;
    profiles::insert(tx, &Of::Account(*id), profile, *created_at)
}

/// Adds a relative or child screen, which cannot sign in until it has accepted.
pub fn insert_invited(
    tx: &Transaction<'_>,
    id: AccountId,
    role: Role,
    profile: &NewProfile,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "insert into account (id, role, created_at) values (:id, :role, :created_at)",
    )?
    .execute(named_params! { ":id": id, ":role": role, ":created_at": at })?;
    profiles::insert(tx, &Of::Account(id), profile, at)
}

/// Sets the name that an account signs in with. One that is taken is a conflict.
pub fn set_name(tx: &Transaction<'_>, id: AccountId, name: &str) -> Result<(), StoreError> {
    tx.prepare_cached("update account set name = :name where id = :id")?
        .execute(named_params! { ":id": id, ":name": name })?;
    Ok(())
}

/// Sets since when a relative may not sign in. Returns whether there is such a relative.
pub fn set_blocked(
    tx: &Transaction<'_>,
    id: AccountId,
    since: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let n = tx
        .prepare_cached(
            "update account set blocked_at = :since where id = :id and role = 'relative'",
        )?
        .execute(named_params! { ":id": id, ":since": since })?;
    Ok(0 < n)
}

/// Removes an account of this role, with its keys, sessions, grants and name. What it sent stays.
/// Returns whether there was one.
pub fn remove(tx: &Transaction<'_>, id: AccountId, role: Role) -> Result<bool, StoreError> {
    let n = tx
        .prepare_cached("delete from account where id = :id and role = :role")?
        .execute(named_params! { ":id": id, ":role": role })?;
    Ok(0 < n)
}

/// Returns what an account may do, and since when it may not sign in.
pub fn standing(
    tx: &Transaction<'_>,
    id: AccountId,
) -> Result<Option<(Role, Option<Timestamp>)>, StoreError> {
    let mut select = tx.prepare_cached("select role, blocked_at from account where id = :id")?;
    let standing = select.query_row(named_params! { ":id": id }, |row| {
        Ok((row.get("role")?, row.get("blocked_at")?))
    });
    Ok(standing.optional()?)
}

/// Puts this in the place of what the account's password opened before.
pub fn set_password(
    tx: &Transaction<'_>,
    account: AccountId,
    new: &Password,
) -> Result<(), StoreError> {
    let Password { salt, memory_kib, passes, wrap, changed_at, totp_step } = new;
    let wrap =
        wrap.as_ref().map_err(|_fault| StoreError::Corrupt { source: super::error::Fault::ROW })?;
    tx.prepare_cached(
        "insert into password (account, salt, memory_kib, passes, wrap, changed_at, totp_step)
         values (:account, :salt, :memory_kib, :passes, :wrap, :changed_at, :totp_step)
         on conflict (account) do update set
             salt = excluded.salt, memory_kib = excluded.memory_kib, passes = excluded.passes,
             wrap = excluded.wrap, changed_at = excluded.changed_at,
             totp_step = excluded.totp_step",
    )?
    .execute(named_params! {
        ":account": account,
        ":salt": salt,
        ":memory_kib": memory_kib,
        ":passes": passes,
        ":wrap": wrap,
        ":changed_at": changed_at,
        ":totp_step": totp_step,
    })?;
    Ok(())
}

/// Returns the account with this name to sign in with, and what its password opens.
pub fn by_name(
    tx: &Transaction<'_>,
    name: &str,
) -> Result<Option<(AccountId, Password)>, StoreError> {
    let mut select = tx.prepare_cached(
        "select password.* from password join account on account.id = password.account
         where account.name = :name",
    )?;
    let read = |row: &Row<'_>| Ok((row.get("account")?, password(row)?));
    Ok(select.query_row(named_params! { ":name": name }, read).optional()?)
}

/// Returns the account of any guardian with this name to sign in with, whether it has a password or
/// not.
pub fn guardian_by_name(tx: &Transaction<'_>, name: &str) -> Result<Option<AccountId>, StoreError> {
    let mut select =
        tx.prepare_cached("select id from account where name = :name and role = 'guardian'")?;
    Ok(select.query_row(named_params! { ":name": name }, |row| row.get("id")).optional()?)
}

/// Returns all guardians.
pub fn guardians(tx: &Transaction<'_>) -> Result<BTreeSet<AccountId>, StoreError> {
    let mut select = tx.prepare_cached("select id from account where role = 'guardian'")?;
    let found = select.query_map([], |row| row.get("id"))?.collect::<Result<_, _>>()?;
    Ok(found)
}

/// Takes the passwords of all guardians but one away: what they open is of no use any more.
pub fn forget_passwords(tx: &Transaction<'_>, but: AccountId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "delete from password where account <> :but
             and account in (select id from account where role = 'guardian')",
    )?
    .execute(named_params! { ":but": but })?;
    Ok(())
}

/// Returns what the password of an account opens.
pub fn password_of(
    tx: &Transaction<'_>,
    account: AccountId,
) -> Result<Option<Password>, StoreError> {
    let mut select = tx.prepare_cached("select * from password where account = :account")?;
    Ok(select.query_row(named_params! { ":account": account }, password).optional()?)
}

/// Returns how every password's key is made: memory in KiB, and passes.
pub fn costs(tx: &Transaction<'_>) -> Result<Vec<(u32, u32)>, StoreError> {
    let mut select = tx.prepare_cached("select memory_kib, passes from password order by rowid")?;
    let costs = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(costs.collect::<Result<_, _>>()?)
}

/// Returns an account, with its name as this reader may open it: see [`reader_key`].
pub fn find(
    tx: &Transaction<'_>,
    id: AccountId,
    reader: Option<AccountId>,
) -> Result<Option<Account>, StoreError> {
    let mut select = tx.prepare_cached(concat!(
        "select account.*, item.id as profile, item.text, ",
        reader_key!(),
        " as key
         from account join item on item.account = account.id and item.kind = 'account_profile'
         where account.id = :id",
    ))?;
    let parameters = named_params! { ":id": id, ":reader": reader };
    Ok(select.query_row(parameters, from_row).optional()?)
}

/// Returns all accounts, the first made first.
pub fn list(tx: &Transaction<'_>) -> Result<Vec<Account>, StoreError> {
    let mut select = tx.prepare_cached(concat!(
        "select account.*, item.id as profile, item.text, ",
        household_key!(),
        " as key
         from account join item on item.account = account.id and item.kind = 'account_profile'
         order by account.created_at, account.rowid",
    ))?;
    let accounts = select.query_map([], from_row)?.collect::<Result<_, _>>()?;
    Ok(accounts)
}

/// Returns all accounts as the terminal lists them: nothing that is sealed.
pub fn lines(tx: &Transaction<'_>) -> Result<Vec<Line>, StoreError> {
    let mut select = tx.prepare_cached(
        "select account.name, account.role, account.created_at,
             (select max(last_used_at) from session where session.account = account.id) as last
         from account where account.name is not null
         order by account.created_at, account.rowid",
    )?;
    let lines = select.query_map([], |row| {
        Ok(Line {
            name: row.get("name")?,
            role: row.get("role")?,
            created_at: row.get("created_at")?,
            last_used_at: row.get("last")?,
        })
    })?;
    Ok(lines.collect::<Result<_, _>>()?)
}

fn password(row: &Row<'_>) -> rusqlite::Result<Password> {
    Ok(Password {
        salt: row.get("salt")?,
        memory_kib: row.get("memory_kib")?,
        passes: row.get("passes")?,
        wrap: sql::wrap(row, "wrap")?,
        changed_at: row.get("changed_at")?,
        totp_step: row.get("totp_step")?,
    })
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: row.get("id")?,
        role: row.get("role")?,
        name: row.get("name")?,
        profile: profiles::from_row(row)?,
        created_at: row.get("created_at")?,
        blocked_at: row.get("blocked_at")?,
    })
}
