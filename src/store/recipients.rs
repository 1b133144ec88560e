//! Public keys that content keys are sealed for.

use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};

use super::{StoreError, Stored};
use crate::{
    model::{AccountId, ChildId, InviteId, Timestamp},
    seal::{PublicKey, SealError},
};

/// A recipient that is not the household.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Recipient {
    /// Its number in the database.
    pub id: i64,
    /// What content keys are sealed for.
    pub public_key: Stored<PublicKey>,
}

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
pub fn household_key(tx: &Transaction<'_>) -> Result<Option<Stored<PublicKey>>, StoreError> {
    Ok(household(tx)?.map(public_key))
}

/// Returns whether this is the household's key in use.
pub fn is_in_use(tx: &Transaction<'_>, key: &PublicKey) -> Result<bool, StoreError> {
    Ok(household(tx)?.is_some_and(|in_use| in_use == key.as_bytes()))
}

/// Gives an account, or an invitation until the account has its own, a key. Returns its number.
pub fn insert(
    tx: &Transaction<'_>,
    account: AccountId,
    invite: Option<InviteId>,
    key: &PublicKey,
    at: Timestamp,
) -> Result<i64, StoreError> {
    tx.prepare_cached(
        "insert into recipient (public_key, account, invite, created_at)
         values (:public_key, :account, :invite, :created_at)",
    )?
    .execute(named_params! {
        ":public_key": key.as_bytes(),
        ":account": account,
        ":invite": invite,
        ":created_at": at,
    })?;
    Ok(tx.last_insert_rowid())
}

/// Takes an account's own key away, with what was sealed for it.
pub fn delete_own(tx: &Transaction<'_>, account: AccountId) -> Result<(), StoreError> {
    tx.prepare_cached("delete from recipient where account = :account and invite is null")?
        .execute(named_params! { ":account": account })?;
    Ok(())
}

/// Returns what is to be sealed for, so that an account can open it: its own key, and that of an
/// invitation.
pub fn of_account(tx: &Transaction<'_>, account: AccountId) -> Result<Vec<Recipient>, StoreError> {
    let mut select =
        tx.prepare_cached("select * from recipient where account = :account order by id")?;
    let found = select
        .query_map(named_params! { ":account": account }, from_row)?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

/// Returns whether an account has a key of its own: whoever was invited has accepted.
pub fn has_own(tx: &Transaction<'_>, account: AccountId) -> Result<bool, StoreError> {
    let mut select =
        tx.prepare_cached("select 1 from recipient where account = :account and invite is null")?;
    Ok(select.exists(named_params! { ":account": account })?)
}

/// Returns the key of an invitation.
pub fn of_invite(tx: &Transaction<'_>, invite: InviteId) -> Result<Option<Recipient>, StoreError> {
    let mut select = tx.prepare_cached("select * from recipient where invite = :invite")?;
    Ok(select.query_row(named_params! { ":invite": invite }, from_row).optional()?)
}

/// Returns what is to be sealed for, so that the screens of a child can open it.
pub fn of_screens(tx: &Transaction<'_>, child: ChildId) -> Result<Vec<Recipient>, StoreError> {
    let mut select = tx.prepare_cached(
        "select recipient.* from granted
         join account on account.id = granted.account and account.role = 'child_screen'
         join recipient on recipient.account = account.id
         where granted.child = :child order by recipient.id",
    )?;
    let found =
        select.query_map(named_params! { ":child": child }, from_row)?.collect::<Result<_, _>>()?;
    Ok(found)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Recipient> {
    Ok(Recipient { id: row.get("id")?, public_key: public_key(row.get("public_key")?) })
}

fn public_key(bytes: Vec<u8>) -> Stored<PublicKey> {
    PublicKey::from_bytes(bytes.try_into().map_err(|_length| SealError::WeakPublicKey)?)
}

fn household(tx: &Transaction<'_>) -> Result<Option<Vec<u8>>, StoreError> {
    let mut select = tx.prepare_cached(
        "select public_key from recipient
         where generation is not null order by generation desc limit 1",
    )?;
    Ok(select.query_row([], |row| row.get("public_key")).optional()?)
}
