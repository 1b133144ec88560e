//! Children.

use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};

use super::{
    StoreError,
    profiles::{self, NewProfile, Of, Profile},
    sql::{household_key, reader_key},
};
use crate::model::{AccountId, Character, ChildId, PictureId, Timestamp};

/// Which picture the child has whose name is the row of `item`; null if it has none.
macro_rules! picture {
    () => {
        "(select picture.id from picture where picture.item = item.id) as picture, "
    };
}

/// A child to store.
#[derive(Clone, Debug)]
pub struct NewChild {
    /// Its identifier.
    pub id: ChildId,
    /// When it was added.
    pub created_at: Timestamp,
    /// What it is called.
    pub profile: NewProfile,
    /// The animal that stands for it.
    pub animal: Character,
    /// A word of the page's palette, up to 16 letters.
    pub color: String,
}

/// A stored child.
#[derive(Clone, Debug)]
pub struct Child {
    /// Its identifier.
    pub id: ChildId,
    /// When it was added.
    pub created_at: Timestamp,
    /// What it is called.
    pub profile: Profile,
    /// The animal that stands for it.
    pub animal: Character,
    /// A word of the page's palette.
    pub color: String,
    /// Which picture it has, if it has one.
    pub picture: Option<PictureId>,
}

/// Adds a child with its name.
pub fn insert(tx: &Transaction<'_>, new: &NewChild) -> Result<(), StoreError> {
    let NewChild { id, created_at, profile, animal, color } = new;
    tx.prepare_cached(
        "insert into child (id, animal, color, created_at)
         values (:id, :animal, :color, :created_at)",
    )?
    .execute(named_params! {
        ":id": id,
        ":animal": animal,
        ":color": color,
        ":created_at": created_at,
    })?;
    profiles::insert(tx, &Of::Child(*id), profile, *created_at)
}

/// Returns all children, those added first first.
pub fn list(tx: &Transaction<'_>) -> Result<Vec<Child>, StoreError> {
    let mut select = tx.prepare_cached(concat!(
        "select child.*, item.id as profile, item.text, ",
        picture!(),
        household_key!(),
        " as key
         from child join item on item.child = child.id and item.kind = 'child_profile'
         order by child.created_at, child.rowid",
    ))?;
    let children = select.query_map([], from_row)?.collect::<Result<_, _>>()?;
    Ok(children)
}

/// Returns the children that were granted to an account, those added first first.
pub fn granted_to(tx: &Transaction<'_>, account: AccountId) -> Result<Vec<Child>, StoreError> {
    let mut select = tx.prepare_cached(concat!(
        "select child.*, item.id as profile, item.text, ",
        picture!(),
        reader_key!(),
        " as key
         from granted join child on child.id = granted.child
         join item on item.child = child.id and item.kind = 'child_profile'
         where granted.account = :reader
         order by child.created_at, child.rowid",
    ))?;
    let found = select.query_map(named_params! { ":reader": account }, from_row)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Sets the animal and the color that stand for a child.
pub fn set_look(
    tx: &Transaction<'_>,
    id: ChildId,
    animal: Character,
    color: &str,
) -> Result<(), StoreError> {
    tx.prepare_cached("update child set animal = :animal, color = :color where id = :id")?
        .execute(named_params! { ":id": id, ":animal": animal, ":color": color })?;
    Ok(())
}

/// Returns the child with this identifier, if there is one.
pub fn find(tx: &Transaction<'_>, id: ChildId) -> Result<Option<Child>, StoreError> {
    let mut select = tx.prepare_cached(concat!(
        "select child.*, item.id as profile, item.text, ",
        picture!(),
        household_key!(),
        " as key
         from child join item on item.child = child.id and item.kind = 'child_profile'
         where child.id = :id",
    ))?;
    Ok(select.query_row(named_params! { ":id": id }, from_row).optional()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Child> {
    Ok(Child {
        id: row.get("id")?,
        created_at: row.get("created_at")?,
        profile: profiles::from_row(row)?,
        animal: row.get("animal")?,
        color: row.get("color")?,
        picture: row.get("picture")?,
    })
}
