//! Rules of a child: quiet hours, how loud its toys may be, how long things are kept.

use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::StoreError;
use crate::model::{ChildId, ItemId, Timestamp};

/// The rules of a child, but for its quiet hours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// How loud its toys may be, 0 to 255.
    pub max_volume: Option<u8>,
    /// The same while quiet hours last.
    pub night_volume: Option<u8>,
    /// After how many days recordings and messages are erased by themselves.
    pub retention_days: Option<u16>,
}

/// Quiet hours that begin on one day of each week.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Quiet {
    /// The day on which they begin: 1 for Monday.
    pub weekday: u8,
    /// When they begin, in minutes after midnight.
    pub from_minute: u16,
    /// When they end: on the next day unless that is later than the beginning.
    pub until_minute: u16,
}

/// Returns the rules of a child, if there is such a child.
pub fn limits(tx: &Transaction<'_>, child: ChildId) -> Result<Option<Limits>, StoreError> {
    let mut select = tx.prepare_cached(
        "select max_volume, night_volume, retention_days from child where id = :child",
    )?;
    let limits = select.query_row(named_params! { ":child": child }, |row| {
        Ok(Limits {
            max_volume: row.get("max_volume")?,
            night_volume: row.get("night_volume")?,
            retention_days: row.get("retention_days")?,
        })
    });
    Ok(limits.optional()?)
}

/// Sets the rules of a child; returns whether there is such a child.
pub fn set_limits(
    tx: &Transaction<'_>,
    child: ChildId,
    limits: &Limits,
) -> Result<bool, StoreError> {
    let Limits { max_volume, night_volume, retention_days } = limits;
    let n = tx
        .prepare_cached(
            "update child set
                 max_volume = :max_volume,
                 night_volume = :night_volume,
                 retention_days = :retention_days
             where id = :child",
        )?
        .execute(named_params! {
            ":child": child,
            ":max_volume": max_volume,
            ":night_volume": night_volume,
            ":retention_days": retention_days,
        })?;
    Ok(n == 1)
}

/// Returns the quiet hours of a child, from Monday on.
pub fn quiet(tx: &Transaction<'_>, child: ChildId) -> Result<Vec<Quiet>, StoreError> {
    let mut select = tx.prepare_cached(
        "select weekday, from_minute, until_minute from quiet
         where child = :child order by weekday",
    )?;
    let quiet = select.query_map(named_params! { ":child": child }, |row| {
        Ok(Quiet {
            weekday: row.get("weekday")?,
            from_minute: row.get("from_minute")?,
            until_minute: row.get("until_minute")?,
        })
    })?;
    Ok(quiet.collect::<Result<_, _>>()?)
}

/// Sets the quiet hours of a child, in the place of all that it had.
pub fn set_quiet(tx: &Transaction<'_>, child: ChildId, quiet: &[Quiet]) -> Result<(), StoreError> {
    tx.prepare_cached("delete from quiet where child = :child")?
        .execute(named_params! { ":child": child })?;
    let mut insert = tx.prepare_cached(
        "insert into quiet (child, weekday, from_minute, until_minute)
         values (:child, :weekday, :from_minute, :until_minute)",
    )?;
    for Quiet { weekday, from_minute, until_minute } in quiet {
        insert.execute(named_params! {
            ":child": child,
            ":weekday": weekday,
            ":from_minute": from_minute,
            ":until_minute": until_minute,
        })?;
    }
    Ok(())
}

/// Says whether a recording or message is kept whatever its age; returns whether that was different
/// before.
pub fn set_kept(tx: &Transaction<'_>, item: ItemId, kept: bool) -> Result<bool, StoreError> {
    let n = tx
        .prepare_cached(
            "update item set kept = :kept
             where id = :item and kind in ('recording', 'message') and kept <> :kept",
        )?
        .execute(named_params! { ":item": item, ":kept": kept })?;
    Ok(n == 1)
}

/// What time takes away: nothing that is kept, nor what is still on its way to a toy or lies in one
/// unheard.
macro_rules! goes {
    () => {
        "from item
         where child = :child and kind in ('recording', 'message') and recorded_at < :before
             and kept = 0
             and not exists (
                 select 1 from delivery
                 where delivery.item = item.id
                     and delivery.state in ('queued', 'failed', 'on_toy')
             )"
    };
}

pub(super) const OVER: &str =
    concat!("select id ", goes!(), " order by recorded_at, arrival limit :limit");

/// Returns up to `limit` items of a child that are from before then and that time takes away, the
/// oldest first.
pub fn over(
    tx: &Transaction<'_>,
    child: ChildId,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<ItemId>, StoreError> {
    let mut select = tx.prepare_cached(OVER)?;
    let parameters = named_params! { ":child": child, ":before": before, ":limit": limit };
    let items = select.query_map(parameters, |row| row.get("id"))?;
    Ok(items.collect::<Result<_, _>>()?)
}

pub(super) const GOES: &str = concat!("select count(*) as n, min(recorded_at) as first ", goes!());

/// Returns how many items of a child are from before then and will be taken away, and from when the
/// oldest of them is.
pub fn goes(
    tx: &Transaction<'_>,
    child: ChildId,
    before: Timestamp,
) -> Result<(u32, Option<Timestamp>), StoreError> {
    let mut select = tx.prepare_cached(GOES)?;
    let parameters = named_params! { ":child": child, ":before": before };
    Ok(select.query_row(parameters, |row| Ok((row.get("n")?, row.get("first")?)))?)
}

/// Returns the children whose things are not kept for ever, and for how many days they are.
pub fn retention(tx: &Transaction<'_>) -> Result<Vec<(ChildId, u16)>, StoreError> {
    let mut select = tx.prepare_cached(
        "select id, retention_days from child where retention_days is not null order by rowid",
    )?;
    let children = select.query_map([], |row| Ok((row.get("id")?, row.get("retention_days")?)))?;
    Ok(children.collect::<Result<_, _>>()?)
}
