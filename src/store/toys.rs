//! Adopted toys.

use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};

use super::{
    StoreError, guard,
    profiles::{self, NewProfile, Of, Profile},
    sql::household_key,
};
use crate::model::{Baseline, Character, ChildId, Timestamp, ToyAddress, ToyId};

/// A toy to store.
#[derive(Clone, Debug)]
pub struct NewToy {
    /// Its identifier.
    pub id: ToyId,
    /// Whose it is.
    pub child: ChildId,
    /// Its Bluetooth address. One that is adopted already is a conflict.
    pub address: ToyAddress,
    /// The animal that it is.
    pub character: Character,
    /// When it was adopted.
    pub adopted_at: Timestamp,
    /// What was seen of it.
    pub baseline: Baseline,
    /// What it is called.
    pub profile: NewProfile,
}

/// A stored toy.
#[derive(Clone, Debug)]
pub struct Toy {
    /// Its identifier.
    pub id: ToyId,
    /// Whose it is.
    pub child: ChildId,
    /// Its Bluetooth address.
    pub address: ToyAddress,
    /// The animal that it is.
    pub character: Character,
    /// When it was adopted.
    pub adopted_at: Timestamp,
    /// What was seen of it.
    pub baseline: Baseline,
    /// When a guardian retired it.
    pub retiring_at: Option<Timestamp>,
    /// How loud a guardian wants it, until it is.
    pub wanted_volume: Option<u8>,
    /// What it is called.
    pub profile: Profile,
}

/// Adds a toy with its name.
///
/// One that was adopted before still holds what it held then: what was fetched from it is not fetched
/// again, and what is to be overwritten in it still is.
pub fn insert(tx: &Transaction<'_>, new: &NewToy) -> Result<(), StoreError> {
    let NewToy { id, child, address, character, adopted_at, baseline, profile } = new;
    let Baseline { config, firmware, table, signal_floor } = baseline;
    tx.prepare_cached(
        "insert into toy (
             id, child, address, character, adopted_at, config, firmware, gatt_table, signal_floor
         ) values (
             :id, :child, :address, :character, :adopted_at, :config, :firmware, :table, :floor
         )",
    )?
    .execute(named_params! {
        ":id": id,
        ":child": child,
        ":address": address,
        ":character": character,
        ":adopted_at": adopted_at,
        ":config": config,
        ":firmware": firmware,
        ":table": table,
        ":floor": signal_floor,
    })?;
    for remember in [
        "insert into fetched (toy, mac, fetched_at, part)
         select :id, mac, max(fetched_at), max(part)
         from fetched join toy on toy.id = fetched.toy
         where toy.address = :address and toy.id <> :id group by mac",
        "insert into overwrite (toy, length_ms, since)
         select :id, max(length_ms), max(since)
         from overwrite join toy on toy.id = overwrite.toy
         where toy.address = :address and toy.id <> :id having count(*) <> 0",
    ] {
        let same = named_params! { ":id": id, ":address": address };
        tx.prepare_cached(remember)?.execute(same)?;
    }
    profiles::insert(tx, &Of::Toy(*id), profile, *adopted_at)
}

/// Returns the adopted toy that is found at an address, and whose it is.
pub fn at_address(
    tx: &Transaction<'_>,
    address: ToyAddress,
) -> Result<Option<(ToyId, ChildId)>, StoreError> {
    let mut select = tx.prepare_cached(
        "select id, child from toy where address = :address and let_go_at is null",
    )?;
    let found = select.query_row(named_params! { ":address": address }, |row| {
        Ok((row.get("id")?, row.get("child")?))
    });
    Ok(found.optional()?)
}

/// Returns whose a toy is.
pub fn child_of(tx: &Transaction<'_>, toy: ToyId) -> Result<Option<ChildId>, StoreError> {
    let mut select = tx.prepare_cached("select child from toy where id = :toy")?;
    Ok(select.query_row(named_params! { ":toy": toy }, |row| row.get("child")).optional()?)
}

/// Returns whether a toy is adopted and has not been retired.
pub fn is_to_stay(tx: &Transaction<'_>, toy: ToyId) -> Result<bool, StoreError> {
    let mut select = tx.prepare_cached(
        "select 1 from toy where id = :toy and retiring_at is null and let_go_at is null",
    )?;
    Ok(select.exists(named_params! { ":toy": toy })?)
}

/// Returns how loud a toy was before quiet hours made it quieter, if they did.
pub fn before_night(tx: &Transaction<'_>, toy: ToyId) -> Result<Option<u8>, StoreError> {
    let mut select = tx.prepare_cached("select before_night from toy where id = :toy")?;
    let found = select.query_row(named_params! { ":toy": toy }, |row| row.get("before_night"));
    Ok(found.optional()?.flatten())
}

/// Remembers how loud a toy was before quiet hours made it quieter, or forgets it.
pub fn set_before_night(
    tx: &Transaction<'_>,
    toy: ToyId,
    volume: Option<u8>,
) -> Result<(), StoreError> {
    tx.prepare_cached("update toy set before_night = :volume where id = :toy")?
        .execute(named_params! { ":toy": toy, ":volume": volume })?;
    Ok(())
}

/// Returns how loud a guardian wants a toy, until it is.
pub fn wanted_volume(tx: &Transaction<'_>, toy: ToyId) -> Result<Option<u8>, StoreError> {
    let mut select = tx.prepare_cached("select wanted_volume from toy where id = :toy")?;
    let found = select.query_row(named_params! { ":toy": toy }, |row| row.get("wanted_volume"));
    Ok(found.optional()?.flatten())
}

/// Remembers how loud a guardian wants a toy. Returns whether it is adopted and to stay.
pub fn want_volume(tx: &Transaction<'_>, toy: ToyId, volume: u8) -> Result<bool, StoreError> {
    let n = tx
        .prepare_cached(
            "update toy set wanted_volume = :volume
             where id = :toy and retiring_at is null and let_go_at is null",
        )?
        .execute(named_params! { ":toy": toy, ":volume": volume })?;
    Ok(n == 1)
}

/// Forgets how loud a toy was wanted: it is now, or as loud as it may be. In quiet hours, `for_morning`
/// is what it was wanted to be. Changes nothing if somebody wants something else by now.
pub fn has_volume(
    tx: &Transaction<'_>,
    toy: ToyId,
    wanted: u8,
    for_morning: Option<u8>,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "update toy set wanted_volume = null, before_night = :morning
         where id = :toy and wanted_volume = :wanted",
    )?
    .execute(named_params! { ":toy": toy, ":wanted": wanted, ":morning": for_morning })?;
    Ok(())
}

/// Returns all adopted toys, those adopted first first.
pub fn list(tx: &Transaction<'_>) -> Result<Vec<Toy>, StoreError> {
    let mut select = tx.prepare_cached(concat!(
        "select toy.*, item.id as profile, item.text, ",
        household_key!(),
        " as key
         from toy join item on item.toy = toy.id and item.kind = 'toy_profile'
         where toy.let_go_at is null
         order by toy.adopted_at, toy.rowid",
    ))?;
    let toys = select.query_map([], from_row)?.collect::<Result<_, _>>()?;
    Ok(toys)
}

/// Returns the adopted toy with this identifier, if there is one.
pub fn find(tx: &Transaction<'_>, id: ToyId) -> Result<Option<Toy>, StoreError> {
    let mut select = tx.prepare_cached(concat!(
        "select toy.*, item.id as profile, item.text, ",
        household_key!(),
        " as key
         from toy join item on item.toy = toy.id and item.kind = 'toy_profile'
         where toy.id = :id and toy.let_go_at is null",
    ))?;
    Ok(select.query_row(named_params! { ":id": id }, from_row).optional()?)
}

/// Returns the adopted toys of a child, those adopted first first.
pub fn of_child(tx: &Transaction<'_>, child: ChildId) -> Result<Vec<Toy>, StoreError> {
    let mut select = tx.prepare_cached(concat!(
        "select toy.*, item.id as profile, item.text, ",
        household_key!(),
        " as key
         from toy join item on item.toy = toy.id and item.kind = 'toy_profile'
         where toy.child = :child and toy.let_go_at is null
         order by toy.adopted_at, toy.rowid",
    ))?;
    let toys =
        select.query_map(named_params! { ":child": child }, from_row)?.collect::<Result<_, _>>()?;
    Ok(toys)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Toy> {
    Ok(Toy {
        id: row.get("id")?,
        child: row.get("child")?,
        address: row.get("address")?,
        character: row.get("character")?,
        adopted_at: row.get("adopted_at")?,
        baseline: guard::baseline_from_row(row)?,
        retiring_at: row.get("retiring_at")?,
        wanted_volume: row.get("wanted_volume")?,
        profile: profiles::from_row(row)?,
    })
}
