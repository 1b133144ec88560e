//! The household's one SQLite file.
//!
//! - `schema.sql` is the document of what is stored; `migrations/` is what runs.
//! - [`Store::write`] and [`Store::read`] are the only doors. One thread owns the writing
//!   connection, a few others have one each that cannot write.
//! - One module of functions per table, over [`Transaction`], so that several fit into one
//!   transaction.
//! - What people may open comes in and goes out as [`Sealed`](crate::seal::Sealed) only.
//!   The schema looks at the header too, so that neither plain bytes nor a clip under the
//!   device key can land among the sound. Nothing here can open anything.
//!
//! A row whose sealed bytes no longer look sealed keeps that to itself: see [`Stored`].
//!
//! Not in here: who may read or write what, and when a delivery may change its state.

pub mod accounts;
pub mod activity;
pub mod amounts;
pub mod children;
mod copy;
pub mod deliveries;
pub mod erase;
mod error;
mod examine;
pub mod fetched;
pub mod giving;
pub mod grants;
pub mod guard;
pub mod household;
pub mod invites;
pub mod item_keys;
pub mod items;
pub mod later;
mod memo;
pub mod meter;
mod migrate;
pub mod notes;
mod open;
pub mod outbox;
mod pages;
pub mod pictures;
pub mod profiles;
pub mod recipients;
pub mod recovery;
pub mod requests;
pub mod retiring;
pub mod rotation;
pub mod rules;
pub mod sessions;
pub mod slots;
pub mod snapshot;
mod sql;
#[cfg(test)]
mod tests;
pub mod throttle;
pub mod tombstones;
pub mod toys;
mod worker;

use std::{
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

pub use copy::{
    Looked, Owner, Whole, copy, erased, every_item, look_through, owner, read_copy, revive,
};
pub use error::{Fault, StoreError};
pub use examine::{Examined, examine};
pub use memo::Memo;
pub use pages::{Pages, pages};
pub use rusqlite::Transaction;
pub use sql::Stored;

use worker::{Crew, Queue};

/// How many may read at once. Reading is quick; more would only cost memory.
const N_READERS: usize = 2;

/// The database, open.
///
/// Dropping it waits for what was begun, like [`Store::close`], but on the thread that drops.
pub struct Store {
    /// `None` once closed.
    crew: Mutex<Option<Crew>>,
    /// How often was written.
    written: Arc<AtomicU64>,
}

impl Store {
    /// Opens the database in this folder; makes folder (0700) and file (0600) if need be, and
    /// brings an older schema up to date.
    ///
    /// Blocks for as long as that takes. A database that is not Hutch's, or from a newer Hutch, is
    /// refused and left as it is.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = open::prepare(folder)?;
        let writer = open::writer(&path)?;
        let readers =
            (0..N_READERS).map(|_| open::reader(&path)).collect::<Result<Vec<_>, StoreError>>()?;
        Self::start(writer, readers)
    }

    /// Opens a database that lives in memory and ends with this value.
    ///
    /// Reading and writing take turns on its one connection.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::start(open::in_memory()?, Vec::new())
    }

    fn start(
        writer: rusqlite::Connection,
        readers: Vec<rusqlite::Connection>,
    ) -> Result<Self, StoreError> {
        let written = Arc::default();
        let crew = Crew::start(writer, readers, Arc::clone(&written))
            .map_err(|source| StoreError::Folder { action: "start a thread", source })?;
        Ok(Self { crew: Mutex::new(Some(crew)), written })
    }

    /// Runs a piece of work that writes, in a transaction of its own, and commits it if it
    /// returns `Ok`.
    ///
    /// Pieces run one after the other, in the order of the calls. When this returns `Ok`, the disk
    /// has it: no crash or power cut takes it back. Dropped half-way, the piece runs all the same or
    /// not at all. A piece that panics is undone, and the next one runs.
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        self.writing()?.run(work).await
    }

    /// Runs a piece of work that only reads, on one unchanging view of the database.
    ///
    /// It sees everything that was committed before the call. Writing fails.
    pub async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        self.read_then(work, |found| found).await
    }

    /// Does the same for a few rows that are found by their keys and asked for all the time, such as whose
    /// cookie it is: on the thread that asks, where nobody keeps it from that. To hand it to another thread
    /// and to be woken again takes several times as long as to look.
    pub async fn glance<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Clone + Send + 'static,
        T: Send + 'static,
    {
        let reading = self.crew().as_ref().map(Crew::reading).ok_or(StoreError::Closed)?;
        reading.glance(work).await
    }

    /// Does what [`Store::read`] does, and the rest of the work with what was found, such as opening it: off the
    /// thread that asks, and when the view is given up.
    pub async fn read_then<T, U, F, G>(&self, work: F, rest: G) -> Result<U, StoreError>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
        G: FnOnce(T) -> U + Send + 'static,
        T: Send + 'static,
        U: Send + 'static,
    {
        let reading = self.crew().as_ref().map(Crew::reading).ok_or(StoreError::Closed)?;
        reading.run(work, rest).await
    }

    /// Gives back the room of what was deleted, moves the log into the file and empties it, so that
    /// what was deleted or overwritten is in neither. Returns whether that was done: it is not while
    /// somebody reads.
    pub async fn scrub(&self) -> Result<bool, StoreError> {
        // A few pages at a time: others write in between.
        while self.writing()?.shrink().await? {}
        self.writing()?.scrub().await
    }

    /// Finishes what was begun, moves the log into the file, and closes it.
    ///
    /// From here on everything else is answered with [`StoreError::Closed`].
    pub async fn close(&self) {
        let Some(crew) = self.crew().take() else { return };
        let joined = tokio::task::spawn_blocking(move || crew.finish()).await;
        if joined.is_err() {
            tracing::error!("closing the database broke off");
        }
    }

    /// Returns how often was written: the number is another one before a [`Store::write`] returns that
    /// changed something.
    fn times_written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    fn writing(&self) -> Result<Queue, StoreError> {
        self.crew().as_ref().map(Crew::writing).ok_or(StoreError::Closed)
    }

    fn crew(&self) -> MutexGuard<'_, Option<Crew>> {
        self.crew.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Some(crew) = self.crew().take() {
            crew.finish();
        }
    }
}
