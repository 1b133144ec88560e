//! How Hutch's words are written in columns.

use rusqlite::{
    Row, ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};

use crate::{
    model::{
        AccountId, Character, ChildId, DeliveryId, InviteId, ItemId, PictureId, Relation, Role,
        SessionId, Sign, Timestamp, ToyAddress, ToyId,
    },
    seal::{SealError, Sealed, SealedKey, Wrap, recovery::SealedHousehold},
};

/// Something sealed as it stood in a row, or why it no longer looks sealed.
///
/// A fault stays with its row: one damaged item must not hide the others of its page.
pub type Stored<T> = Result<T, SealError>;

macro_rules! ids {
    ($($name:ident)*) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.as_bytes().as_slice().into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                <[u8; 16]>::column_result(value).map(Self::from_bytes)
            }
        }
    )*};
}

ids! { AccountId ChildId DeliveryId InviteId ItemId PictureId SessionId ToyId }

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.into())
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self)
    }
}

impl ToSql for ToyAddress {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_slice().into())
    }
}

impl FromSql for ToyAddress {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 6]>::column_result(value).map(Self)
    }
}

macro_rules! words {
    ($($name:ident)*) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.word().into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                Self::from_word(value.as_str()?).ok_or(FromSqlError::InvalidType)
            }
        }
    )*};
}

words! { Character Relation Role Sign }

impl ToSql for Sealed {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_bytes().into())
    }
}

impl ToSql for SealedKey {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_bytes().into())
    }
}

impl ToSql for Wrap {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_bytes().into())
    }
}

impl ToSql for SealedHousehold {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_bytes().into())
    }
}

/// Reads a wrap.
pub(super) fn wrap(row: &Row<'_>, column: &str) -> rusqlite::Result<Stored<Wrap>> {
    Ok(Wrap::from_stored(row.get(column)?))
}

/// Reads something sealed.
pub(super) fn sealed(row: &Row<'_>, column: &str) -> rusqlite::Result<Stored<Sealed>> {
    Ok(Sealed::from_stored(row.get(column)?))
}

/// Reads a sealed key; one that is missing is as good as one that is damaged.
pub(super) fn sealed_key(row: &Row<'_>, column: &str) -> rusqlite::Result<Stored<SealedKey>> {
    let bytes: Option<Vec<u8>> = row.get(column)?;
    Ok(bytes.ok_or(SealError::NotSealed).and_then(SealedKey::from_stored))
}

/// The content key of the row of `item`, as `:reader` may open it: a relative or child screen by
/// its own key, null by the latest of the household's keys that has one.
macro_rules! reader_key {
    () => {
        "(
            select item_key.sealed
            from item_key join recipient on recipient.id = item_key.recipient
            where item_key.item = item.id
                and recipient.account is :reader and recipient.invite is null
            order by recipient.generation desc limit 1
        )"
    };
}

/// The content key of the row of `item`, sealed for the latest of the household's keys that
/// has one.
macro_rules! household_key {
    () => {
        "(
            select item_key.sealed
            from item_key join recipient on recipient.id = item_key.recipient
            where item_key.item = item.id and recipient.generation is not null
            order by recipient.generation desc limit 1
        )"
    };
}

pub(super) use household_key;
pub(super) use reader_key;
