//! Open invitations.

use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};

use super::{StoreError, Stored, sql};
use crate::{
    model::{AccountId, InviteId, Role, Timestamp},
    seal::Wrap,
};

/// An invitation to store.
#[derive(Clone, Debug)]
pub struct NewInvite {
    /// Its identifier.
    pub id: InviteId,
    /// What whoever accepts becomes.
    pub role: Role,
    /// The account that waits for them, unless it is a guardian's.
    pub account: Option<AccountId>,
    /// What it is found by.
    pub lookup: [u8; 32],
    /// What its secret opens.
    pub wrap: Wrap,
    /// Who invites.
    pub made_by: AccountId,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// A stored invitation.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Its identifier.
    pub id: InviteId,
    /// What whoever accepts becomes.
    pub role: Role,
    /// The account that waits for them, unless it is a guardian's.
    pub account: Option<AccountId>,
    /// What its secret opens.
    pub wrap: Stored<Wrap>,
    /// Who invited, unless that guardian is gone.
    pub made_by: Option<AccountId>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// Adds an invitation. An account that waits has one at most: another is a conflict.
pub fn insert(tx: &Transaction<'_>, new: &NewInvite) -> Result<(), StoreError> {
    let NewInvite { id, role, account, lookup, wrap, made_by, made_at, ends_at } = new;
    tx.prepare_cached(
        "insert into invite (id, role, account, lookup, wrap, made_by, made_at, ends_at)
         values (:id, :role, :account, :lookup, :wrap, :made_by, :made_at, :ends_at)",
    )?
    .execute(named_params! {
        ":id": id,
        ":role": role,
        ":account": account,
        ":lookup": lookup,
        ":wrap": wrap,
        ":made_by": made_by,
        ":made_at": made_at,
        ":ends_at": ends_at,
    })?;
    Ok(())
}

/// Finds an invitation by what its secret gives.
pub fn by_lookup(tx: &Transaction<'_>, lookup: &[u8; 32]) -> Result<Option<Invite>, StoreError> {
    let mut select = tx.prepare_cached("select * from invite where lookup = :lookup")?;
    Ok(select.query_row(named_params! { ":lookup": lookup }, from_row).optional()?)
}

/// Returns all invitations that can be accepted, the newest first.
pub fn list(tx: &Transaction<'_>) -> Result<Vec<Invite>, StoreError> {
    let mut select =
        tx.prepare_cached("select * from invite where wrap is not null order by made_at desc, id")?;
    let invites = select.query_map([], from_row)?.collect::<Result<_, _>>()?;
    Ok(invites)
}

/// Takes an invitation out that was accepted, and what was sealed for it. Returns whether it was
/// there.
pub fn accept(tx: &Transaction<'_>, id: InviteId) -> Result<bool, StoreError> {
    let n = tx
        .prepare_cached("delete from invite where id = :id and wrap is not null")?
        .execute(named_params! { ":id": id })?;
    Ok(0 < n)
}

/// Takes the invitation of an account out, and what was sealed for it, so that another can come.
pub fn replace(tx: &Transaction<'_>, account: AccountId) -> Result<(), StoreError> {
    tx.prepare_cached("delete from invite where account = :account")?
        .execute(named_params! { ":account": account })?;
    Ok(())
}

/// Ends an invitation: nobody can accept it any more. Returns whether it was open.
pub fn end(tx: &Transaction<'_>, id: InviteId) -> Result<bool, StoreError> {
    // What was shared with whoever was invited is still known by what was sealed for it.
    let n = tx
        .prepare_cached(
            "update invite set lookup = null, wrap = null
             where id = :id and wrap is not null and role <> 'guardian'",
        )?
        .execute(named_params! { ":id": id })?;
    if 0 < n {
        return Ok(true);
    }
    let n = tx
        .prepare_cached("delete from invite where id = :id and role = 'guardian'")?
        .execute(named_params! { ":id": id })?;
    Ok(0 < n)
}

/// Takes away the guardians whom an account had invited.
pub fn delete_of(tx: &Transaction<'_>, account: AccountId) -> Result<(), StoreError> {
    tx.prepare_cached("delete from invite where made_by = :account and role = 'guardian'")?
        .execute(named_params! { ":account": account })?;
    Ok(())
}

/// Takes the invitations of all guardians away: what they open is of no use any more.
pub fn delete_guardians(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.prepare_cached("delete from invite where role = 'guardian'")?.execute([])?;
    Ok(())
}

/// Ends what is over by this time. Returns whether there was any.
pub fn delete_ended(tx: &Transaction<'_>, now: Timestamp) -> Result<bool, StoreError> {
    let mut select =
        tx.prepare_cached("select id from invite where ends_at <= :now and wrap is not null")?;
    let over: Vec<InviteId> = select
        .query_map(named_params! { ":now": now }, |row| row.get("id"))?
        .collect::<Result<_, _>>()?;
    over.iter().try_for_each(|id| end(tx, *id).map(|_ended| ()))?;
    Ok(!over.is_empty())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Invite> {
    Ok(Invite {
        id: row.get("id")?,
        role: row.get("role")?,
        account: row.get("account")?,
        wrap: sql::wrap(row, "wrap")?,
        made_by: row.get("made_by")?,
        made_at: row.get("made_at")?,
        ends_at: row.get("ends_at")?,
    })
}
