//! What can go wrong with the database, by what one does about it.

use std::{fmt, io};

use rusqlite::{ErrorCode, ffi};

/// Why the database could not do what it was asked. No text holds a stored value.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A later Hutch was here before. Nothing was changed.
    #[error(
        "the database was written by a newer version of Hutch (schema {found}, this version \
         knows {known}); install the newer version again"
    )]
    NewerSchema {
        /// The number of the schema in the file.
        found: i32,
        /// The last number that this version knows.
        known: i32,
    },
    /// The file is something else. Nothing was changed.
    #[error("the file is not a database of Hutch; move it away or name another state folder")]
    NotADatabase,
    /// The file or a row in it is damaged.
    #[error("the database is damaged; restore the last backup")]
    Corrupt {
        /// What SQLite says.
        source: Fault,
    },
    /// There is no room. Nothing was changed.
    #[error("the disk is full; make room and try again, nothing saved before is lost")]
    Full {
        /// What SQLite says.
        source: Fault,
    },
    /// The file or its folder cannot be written. Nothing was changed.
    #[error("the database cannot be written; let Hutch's own user write the state folder")]
    ReadOnly {
        /// What SQLite says.
        source: Fault,
    },
    /// Another process holds the database. Nothing was changed.
    #[error("another program is using the database; close it or try again in a moment")]
    Busy {
        /// What SQLite says.
        source: Fault,
    },
    /// It contradicts what is stored: a double, or a reference to nothing. Nothing was changed.
    #[error("this contradicts what is stored already; reload and try again")]
    Conflict {
        /// What SQLite says.
        source: Fault,
    },
    /// It is sealed for a key of the household that was given up meanwhile. Nothing was changed.
    #[error("the household's keys were changed meanwhile; try again")]
    KeyGivenUp,
    /// The state folder could not be prepared.
    #[error("could not {action}; let Hutch's own user write there")]
    Folder {
        /// What was being done.
        action: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// The SQLite in this program has a fault that was mended later.
    #[error("SQLite {found} is too old for Hutch; build it with 3.51.3 or later")]
    OldSqlite {
        /// Its version.
        found: &'static str,
    },
    /// The store was closed, because Hutch is stopping.
    #[error("the database is closed because Hutch is stopping; try again when it runs")]
    Closed,
    /// The piece of work panicked. Nothing of it was kept.
    #[error("a piece of work on the database broke off inside Hutch; nothing of it was kept")]
    Panicked,
    /// Anything else. Nothing was changed.
    #[error("the database refused a piece of work; look into the log of Hutch and the system")]
    Other {
        /// What SQLite says.
        source: Fault,
    },
}

/// What SQLite says about it: its own words for the code, never a stored value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    code: i32,
    /// Which constraint. Kept for no other code: elsewhere SQLite may quote what it was given.
    constraint: Option<String>,
}

impl Fault {
    /// A row that does not hold what its columns promise.
    pub(super) const ROW: Self = Self { code: ffi::SQLITE_MISMATCH, constraint: None };
    /// A call that this crate should not have made.
    pub(super) const MISUSE: Self = Self { code: ffi::SQLITE_MISUSE, constraint: None };
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SQLite {}: {}", self.code, ffi::code_to_str(self.code))?;
        match &self.constraint {
            Some(constraint) => write!(f, " ({constraint})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(error, message) => classify(error, message),
            rusqlite::Error::SqlInputError { error, .. } => classify(error, None),
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => Self::Corrupt { source: Fault::ROW },
            _ => Self::Other { source: Fault::MISUSE },
        }
    }
}

fn classify(error: ffi::Error, message: Option<String>) -> StoreError {
    let source = Fault { code: error.extended_code, constraint: None };
    match error.code {
        ErrorCode::NotADatabase => StoreError::NotADatabase,
        ErrorCode::DatabaseCorrupt => StoreError::Corrupt { source },
        ErrorCode::DiskFull => StoreError::Full { source },
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => StoreError::ReadOnly { source },
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy { source },
        ErrorCode::ConstraintViolation => {
            StoreError::Conflict { source: Fault { constraint: message, ..source } }
        }
        _ => StoreError::Other { source },
    }
}
