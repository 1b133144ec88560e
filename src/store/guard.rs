//! What makes one doubt that a toy is the one that was adopted, and what was seen of it at first.

use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};

use super::StoreError;
use crate::model::{Baseline, ChildId, Sign, Timestamp, ToyAddress, ToyId};

/// Somebody who shows another face again and again is noted once in this time.
const NOTED_S: u64 = 10 * 60;

/// An adopted toy, as it is watched over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Watched {
    /// The toy.
    pub id: ToyId,
    /// Whose it is.
    pub child: ChildId,
    /// Where it is found.
    pub address: ToyAddress,
    /// What was seen of it at first.
    pub baseline: Baseline,
}

/// Returns all adopted toys, as they are watched over.
pub fn watched(tx: &Transaction<'_>) -> Result<Vec<Watched>, StoreError> {
    let mut select = tx.prepare_cached("select * from toy where let_go_at is null")?;
    let found = select.query_map([], |row| {
        let baseline = baseline_from_row(row)?;
        let (id, child, address) = (row.get("id")?, row.get("child")?, row.get("address")?);
        Ok(Watched { id, child, address, baseline })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Returns what was seen of a toy at first.
pub fn baseline(tx: &Transaction<'_>, toy: ToyId) -> Result<Baseline, StoreError> {
    let mut select = tx.prepare_cached("select * from toy where id = :toy")?;
    let found = select.query_row(named_params! { ":toy": toy }, baseline_from_row);
    Ok(found.optional()?.unwrap_or_default())
}

/// Remembers what was seen of a toy, as far as nothing is remembered yet.
pub fn learn(tx: &Transaction<'_>, toy: ToyId, seen: &Baseline) -> Result<(), StoreError> {
    let Baseline { config, firmware, table, signal_floor } = seen;
    tx.prepare_cached(
        "update toy set
             config = coalesce(config, :config),
             firmware = coalesce(firmware, :firmware),
             gatt_table = coalesce(gatt_table, :table),
             signal_floor = coalesce(signal_floor, :floor)
         where id = :toy",
    )?
    .execute(named_params! {
        ":toy": toy,
        ":config": config,
        ":firmware": firmware,
        ":table": table,
        ":floor": signal_floor,
    })?;
    Ok(())
}

/// Notes a sign; `seen` is a hash of what was seen. Returns whether that is news: the same is not, nor
/// is another soon after.
pub fn note(
    tx: &Transaction<'_>,
    toy: ToyId,
    sign: Sign,
    seen: &[u8; 32],
    at: Timestamp,
) -> Result<bool, StoreError> {
    let mut select = tx.prepare_cached(
        "select seen, since, trusted from guard where toy = :toy and sign = :sign",
    )?;
    let before = select.query_row(named_params! { ":toy": toy, ":sign": sign }, |row| {
        let since: Timestamp = row.get("since")?;
        Ok((row.get::<_, [u8; 32]>("seen")?, since, row.get::<_, bool>("trusted")?))
    });
    if let Some((same, since, is_trusted)) = before.optional()? {
        let is_recent = !is_trusted && since.0.abs_diff(at.0) < NOTED_S;
        if same == *seen || is_recent {
            return Ok(false);
        }
    }
    let n = tx
        .prepare_cached(
            "insert into guard (toy, sign, seen, since)
             select id, :sign, :seen, :since from toy where id = :toy and let_go_at is null
             on conflict (toy, sign) do update set
                 seen = excluded.seen, since = excluded.since, trusted = 0",
        )?
        .execute(named_params! { ":toy": toy, ":sign": sign, ":seen": seen, ":since": at })?;
    Ok(n == 1)
}

/// Returns the gravest sign of a toy that no guardian has answered.
pub fn of_toy(tx: &Transaction<'_>, toy: ToyId) -> Result<Option<Sign>, StoreError> {
    let mut select =
        tx.prepare_cached("select sign from guard where toy = :toy and trusted = 0")?;
    let signs = select.query_map(named_params! { ":toy": toy }, |row| row.get("sign"))?;
    let signs: Vec<Sign> = signs.collect::<Result<_, _>>()?;
    Ok(Sign::ALL.into_iter().find(|sign| signs.contains(sign)))
}

/// Forgets what was seen of a toy at first, so that what is seen next counts, and all signs. Another
/// address that advertises its identifier is remembered: it would be heard again at once.
pub fn trust(tx: &Transaction<'_>, toy: ToyId) -> Result<(), StoreError> {
    for forget in [
        "update toy set config = null, firmware = null, gatt_table = null where id = :toy",
        "delete from guard where toy = :toy and sign <> 'second_address'",
        "update guard set trusted = 1 where toy = :toy",
    ] {
        tx.prepare_cached(forget)?.execute(named_params! { ":toy": toy })?;
    }
    Ok(())
}

/// Reads the columns of a baseline.
pub(super) fn baseline_from_row(row: &Row<'_>) -> rusqlite::Result<Baseline> {
    Ok(Baseline {
        config: row.get("config")?,
        firmware: row.get("firmware")?,
        table: row.get("gatt_table")?,
        signal_floor: row.get("signal_floor")?,
    })
}
