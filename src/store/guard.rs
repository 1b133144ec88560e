//! What makes one doubt that a toy is the one that was adopted.

use rusqlite::{Transaction, named_params};

use super::StoreError;
use crate::model::{Sign, ToyId};

/// Returns the gravest sign of a toy that no guardian has answered.
pub fn of_toy(tx: &Transaction<'_>, toy: ToyId) -> Result<Option<Sign>, StoreError> {
    let mut select =
        tx.prepare_cached("select sign from guard where toy = :toy and trusted = 0")?;
    let signs = select.query_map(named_params! { ":toy": toy }, |row| row.get("sign"))?;
    let signs: Vec<Sign> = signs.collect::<Result<_, _>>()?;
    Ok(Sign::ALL.into_iter().find(|sign| signs.contains(sign)))
}
