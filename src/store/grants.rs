//! The children that relatives may write to and hear from, and that child screens are for.

use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};

use super::StoreError;
use crate::model::{AccountId, ChildId, Relation};

/// A child granted to an account.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Grant {
    /// The child.
    pub child: ChildId,
    /// What a relative is to it; a child screen is nothing.
    pub relation: Option<Relation>,
    /// Whether a guardian listens to each message before the child does.
    pub needs_approval: bool,
    /// How many messages a day, if not as many as they like.
    pub daily_limit: Option<u32>,
}

/// Grants a child to an account, or changes what goes with it.
pub fn set(tx: &Transaction<'_>, account: AccountId, grant: &Grant) -> Result<(), StoreError> {
    let Grant { child, relation, needs_approval, daily_limit } = grant;
    tx.prepare_cached(
        "insert into granted (account, child, relation, needs_approval, daily_limit)
         values (:account, :child, :relation, :needs_approval, :daily_limit)
         on conflict (account, child) do update set
             relation = excluded.relation, needs_approval = excluded.needs_approval,
             daily_limit = excluded.daily_limit",
    )?
    .execute(named_params! {
        ":account": account,
        ":child": child,
        ":relation": relation,
        ":needs_approval": needs_approval,
        ":daily_limit": daily_limit,
    })?;
    Ok(())
}

/// Takes a child away from an account, with everything of that child that it could open.
pub fn remove(tx: &Transaction<'_>, account: AccountId, child: ChildId) -> Result<(), StoreError> {
    let of_both = named_params! { ":account": account, ":child": child };
    tx.prepare_cached("delete from granted where account = :account and child = :child")?
        .execute(of_both)?;
    tx.prepare_cached(
        "delete from item_key
         where recipient in (select id from recipient where account = :account)
             and item in (select id from item where child = :child)",
    )?
    .execute(of_both)?;
    Ok(())
}

/// Returns the children granted to an account, those added first first.
pub fn of_account(tx: &Transaction<'_>, account: AccountId) -> Result<Vec<Grant>, StoreError> {
    let mut select = tx.prepare_cached(
        "select granted.* from granted join child on child.id = granted.child
         where granted.account = :account order by child.created_at, child.rowid",
    )?;
    let found = select.query_map(named_params! { ":account": account }, from_row)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Returns what goes with a child that was granted to an account, if it was.
pub fn find(
    tx: &Transaction<'_>,
    account: AccountId,
    child: ChildId,
) -> Result<Option<Grant>, StoreError> {
    let mut select =
        tx.prepare_cached("select * from granted where account = :account and child = :child")?;
    let of_both = named_params! { ":account": account, ":child": child };
    Ok(select.query_row(of_both, from_row).optional()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Grant> {
    Ok(Grant {
        child: row.get("child")?,
        relation: row.get("relation")?,
        needs_approval: row.get("needs_approval")?,
        daily_limit: row.get("daily_limit")?,
    })
}
