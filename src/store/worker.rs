//! The threads that own the connections.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::{StoreError, open::PATIENCE};

/// How many pages are given back at a time: some megabytes.
const SHRINKS_BY: u32 = 1_024;

/// How many pieces of work may wait; then callers wait to hand theirs in.
const QUEUE: usize = 32;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// What a piece of work is allowed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Access {
    Read,
    Write,
}

/// Where pieces of work are handed in.
#[derive(Clone)]
pub(super) struct Queue(mpsc::Sender<Job>);

/// All threads of one database.
pub(super) struct Crew {
    writing: Queue,
    /// `None` if reading takes turns with writing.
    reading: Option<Queue>,
    writer: JoinHandle<()>,
    readers: Vec<JoinHandle<()>>,
}

impl Crew {
    /// Starts a thread for each connection. Without readers the writer does both.
    pub(super) fn start(writer: Connection, readers: Vec<Connection>) -> io::Result<Self> {
        let (writing, jobs) = mpsc::channel(QUEUE);
        let writer = spawn("store-writer", writer, jobs, close_writer)?;
        if readers.is_empty() {
            return Ok(Self { writing: Queue(writing), reading: None, writer, readers: vec![] });
        }

        let (reading, jobs) = mpsc::channel(QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        let readers = readers
            .into_iter()
            .map(|reader| spawn("store-reader", reader, Arc::clone(&jobs), drop))
            .collect::<io::Result<_>>()?;
        Ok(Self { writing: Queue(writing), reading: Some(Queue(reading)), writer, readers })
    }

    /// Returns where work of this sort is handed in.
    pub(super) fn queue(&self, access: Access) -> Queue {
        match (access, &self.reading) {
            (Access::Read, Some(reading)) => reading.clone(),
            (Access::Read, None) | (Access::Write, _) => self.writing.clone(),
        }
    }

    /// Waits until everything handed in is done and the connections are closed.
    ///
    /// Readers end first: the last connection to close tidies the files up, and only the
    /// writer's can.
    pub(super) fn finish(self) {
        let Self { writing, reading, writer, readers } = self;
        drop(reading);
        for reader in readers {
            join(reader);
        }
        drop(writing);
        join(writer);
    }
}

impl Queue {
    /// Has a piece of work done in a transaction of its own and returns what came of it.
    pub(super) async fn run<T, F>(self, access: Access, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        self.hand_in(move |connection| guarded(connection, access, work)).await
    }

    /// Gives some of the pages back that nothing needs any more. Returns whether there are more.
    /// Only for the writer's queue.
    pub(super) async fn shrink(self) -> Result<bool, StoreError> {
        self.hand_in(|connection| {
            let n_free = |connection: &Connection| {
                connection.pragma_query_value(None, "freelist_count", |row| row.get::<_, u32>(0))
            };
            let before = n_free(connection)?;
            if before == 0 {
                return Ok(false);
            }
            connection.execute_batch(&format!("pragma incremental_vacuum({SHRINKS_BY})"))?;
            let after = n_free(connection)?;
            Ok(0 < after && after < before)
        })
        .await
    }

    /// Empties the log. Only for the writer's queue.
    pub(super) async fn scrub(self) -> Result<bool, StoreError> {
        self.hand_in(|connection| {
            // Whoever writes next must not wait for whoever reads: the hub comes again.
            connection.busy_timeout(Duration::ZERO)?;
            let found = connection.query_row("pragma wal_checkpoint(truncate)", [], |row| {
                Ok((row.get::<_, bool>("busy")?, row.get::<_, i64>("log")?))
            });
            connection.busy_timeout(PATIENCE)?;
            let (is_busy, n_frames) = found?;
            // In memory there is no log, which SQLite tells as -1.
            Ok(!is_busy && n_frames <= 0)
        })
        .await
    }

    async fn hand_in<T: Send + 'static>(
        self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Whoever asked may have left; the work is done all the same.
            drop(reply.send(work(connection)));
        });
        self.0.send(job).await.map_err(|_closed| StoreError::Closed)?;
        // This copy must not keep the threads from ending while the answer is awaited.
        drop(self);
        // Waited for on a thread of the runtime, so that the runtime knows it is not idle: a
        // clock that runs only while all wait, as in tests, must not run on while the disk works.
        let answer = tokio::task::spawn_blocking(move || answer.blocking_recv());
        match answer.await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) | Err(_) => Err(StoreError::Closed),
        }
    }
}

/// Something that jobs come out of, one at a time.
trait Jobs: Send + 'static {
    /// Waits for the next; `None` once nobody can hand in any more.
    fn next(&mut self) -> Option<Job>;
}

impl Jobs for mpsc::Receiver<Job> {
    fn next(&mut self) -> Option<Job> {
        self.blocking_recv()
    }
}

impl Jobs for Arc<Mutex<mpsc::Receiver<Job>>> {
    fn next(&mut self) -> Option<Job> {
        // Idle readers wait for the lock instead of the channel, which comes to the same.
        self.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv()
    }
}

fn spawn(
    name: &str,
    mut connection: Connection,
    mut jobs: impl Jobs,
    close: fn(Connection),
) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        while let Some(job) = jobs.next() {
            job(&mut connection);
        }
        close(connection);
    })
}

/// Runs a piece of work so that its panic ends it and nothing else.
fn guarded<T>(
    connection: &mut Connection,
    access: Access,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    // The unwinding transaction rolls itself back, so nothing half-done is left to be seen.
    let outcome = catch_unwind(AssertUnwindSafe(|| match access {
        Access::Read => read(connection, work),
        Access::Write => write(connection, work),
    }));
    outcome.unwrap_or_else(|_panic| {
        tracing::error!("a piece of work on the database panicked and was undone");
        Err(StoreError::Panicked)
    })
}

fn write<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    // In memory the one connection also reads, which leaves it like this.
    connection.pragma_update(None, "query_only", false)?;
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&tx)?;
    tx.commit()?;
    Ok(value)
}

fn read<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.pragma_update(None, "query_only", true)?;
    let tx = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
    work(&tx)
}

/// Moves the log into the file, so that the file alone is whole.
fn close_writer(connection: Connection) {
    let moved = connection.query_row("pragma wal_checkpoint(truncate)", [], |_row| Ok(()));
    if let Err(error) = moved {
        tracing::warn!(error = %StoreError::from(error), "could not tidy up the database's log");
    }
    drop(connection);
}

fn join(thread: JoinHandle<()>) {
    // The last owner of the store may be a piece of work; a thread cannot wait for itself.
    if thread.thread().id() == thread::current().id() {
        return;
    }
    if thread.join().is_err() {
        tracing::error!("a thread of the database panicked");
    }
}
