//! Open invitations.

use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};

use super::{StoreError, Stored, sql};
use crate::{
    model::{AccountId, InviteId, Timestamp},
    seal::Wrap,
};

/// An invitation to store.
#[derive(Clone, Debug)]
pub struct NewInvite {
    /// Its identifier.
    pub id: InviteId,
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
    /// What its secret opens.
    pub wrap: Stored<Wrap>,
    /// Who invites.
    pub made_by: AccountId,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// Adds an invitation for a guardian.
pub fn insert(tx: &Transaction<'_>, new: &NewInvite) -> Result<(), StoreError> {
    let NewInvite { id, lookup, wrap, made_by, made_at, ends_at } = new;
    tx.prepare_cached(
        "insert into invite (id, role, lookup, wrap, made_by, made_at, ends_at)
         values (:id, 'guardian', :lookup, :wrap, :made_by, :made_at, :ends_at)",
    )?
    .execute(named_params! {
        ":id": id,
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

/// Returns all invitations, the newest first.
pub fn list(tx: &Transaction<'_>) -> Result<Vec<Invite>, StoreError> {
    let mut select = tx.prepare_cached("select * from invite order by made_at desc, id")?;
    let invites = select.query_map([], from_row)?.collect::<Result<_, _>>()?;
    Ok(invites)
}

/// Takes an invitation away. Returns whether it was there.
pub fn delete(tx: &Transaction<'_>, id: InviteId) -> Result<bool, StoreError> {
    let n = tx
        .prepare_cached("delete from invite where id = :id")?
        .execute(named_params! { ":id": id })?;
    Ok(0 < n)
}

/// Takes away what an account had invited to.
pub fn delete_of(tx: &Transaction<'_>, account: AccountId) -> Result<(), StoreError> {
    tx.prepare_cached("delete from invite where made_by = :account")?
        .execute(named_params! { ":account": account })?;
    Ok(())
}

/// Takes away what has ended by this time. Returns whether there was any.
pub fn delete_ended(tx: &Transaction<'_>, now: Timestamp) -> Result<bool, StoreError> {
    let n = tx
        .prepare_cached("delete from invite where ends_at <= :now")?
        .execute(named_params! { ":now": now })?;
    Ok(0 < n)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Invite> {
    Ok(Invite {
        id: row.get("id")?,
        wrap: sql::wrap(row, "wrap")?,
        made_by: row.get("made_by")?,
        made_at: row.get("made_at")?,
        ends_at: row.get("ends_at")?,
    })
}
