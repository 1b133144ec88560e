//! Who works on the connections: a thread that owns the writing one, and the runtime's own threads
//! for blocking work, which take turns with those for reading.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle, ThreadId},
    time::Duration,
};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::{StoreError, open::PATIENCE};

/// How many pages are given back at a time: some megabytes.
const SHRINKS_BY: u32 = 1_024;

/// How many pieces of work may wait; then callers wait to hand theirs in.
const QUEUE: usize = 32;

type Job = Box<dyn FnOnce(&mut Held) + Send>;

/// A piece of work in a transaction. What comes of it is [`Left`] behind, so that all that stands
/// around a piece is compiled once, and not with each of them.
type Work = Box<dyn FnOnce(&Transaction<'_>) -> Result<(), StoreError> + Send>;

/// Where something is left behind for whoever waits until it is done.
struct Left<T>(Arc<Mutex<Option<T>>>);

/// What a piece of work is allowed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Access {
    Read,
    Write,
}

/// A connection, and what it is set to allow.
struct Held {
    connection: Connection,
    allows: Access,
}

/// Where pieces of work are handed in.
#[derive(Clone)]
pub(super) struct Queue {
    jobs: mpsc::Sender<Job>,
    /// Goes up with every piece that may have written something.
    written: Arc<AtomicU64>,
}

/// Where work that only reads is done.
#[derive(Clone)]
pub(super) enum Reading {
    /// In turns with writing, on the one connection that there is.
    InTurns(Queue),
    Beside(Arc<Readers>),
}

/// The connections for reading. Whoever reads takes one and gives it back.
pub(super) struct Readers {
    desk: Mutex<Desk>,
    given_back: Condvar,
}

struct Desk {
    idle: Vec<Held>,
    /// The threads that have taken one.
    busy: Vec<ThreadId>,
    is_closed: bool,
}

/// All connections of one database, and the thread of the writer.
pub(super) struct Crew {
    writing: Queue,
    reading: Reading,
    writer: JoinHandle<()>,
}

impl Crew {
    /// Starts the writer's thread. Without readers it does both. `written` is to go up with every
    /// piece of work that may have written something.
    pub(super) fn start(
        writer: Connection,
        readers: Vec<Connection>,
        written: Arc<AtomicU64>,
    ) -> io::Result<Self> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let writer =
            spawn("store-writer", Held { connection: writer, allows: Access::Write }, jobs)?;
        let writing = Queue { jobs: queue, written };
        let reading = if readers.is_empty() {
            Reading::InTurns(writing.clone())
        } else {
            Reading::Beside(Arc::new(Readers::new(readers)))
        };
        Ok(Self { writing, reading, writer })
    }

    /// Returns where work that writes is handed in.
    pub(super) fn writing(&self) -> Queue {
        self.writing.clone()
    }

    /// Returns where work that reads is done.
    pub(super) fn reading(&self) -> Reading {
        self.reading.clone()
    }

    /// Waits until everything handed in is done and the connections are closed.
    ///
    /// Readers end first: the last connection to close tidies the files up, and only the
    /// writer's can.
    pub(super) fn finish(self) {
        let Self { writing, reading, writer } = self;
        if let Reading::Beside(readers) = &reading {
            readers.finish();
        }
        drop((reading, writing));
        join(writer);
    }
}

impl Reading {
    /// Has a piece of work done in a transaction of its own and, when that is over, the rest of it.
    pub(super) async fn run<T, U, F, G>(self, work: F, rest: G) -> Result<U, StoreError>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
        G: FnOnce(T) -> U + Send + 'static,
        T: Send + 'static,
        U: Send + 'static,
    {
        let (work, found) = leaving(work);
        match self {
            Self::InTurns(queue) => {
                queue.have_done(Access::Read, work).await?;
                Ok(rest(found.take()))
            }
            Self::Beside(readers) => {
                let made = Left::default();
                let place = made.clone();
                let rest = Box::new(move || place.put(rest(found.take())));
                readers.have_done(work, rest).await?;
                Ok(made.take())
            }
        }
    }
}

impl Reading {
    /// Has a piece of work done on this very thread, where that can be done without waiting; otherwise as
    /// [`Reading::run`] does.
    pub(super) async fn glance<T, F>(self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Clone + Send + 'static,
        T: Send + 'static,
    {
        if let Self::Beside(readers) = &self {
            let (glance, found) = leaving(work.clone());
            match readers.glance(glance) {
                Some(Err(StoreError::Busy { .. })) | None => {}
                Some(done) => return done.map(|()| found.take()),
            }
        }
        self.run(work, |found| found).await
    }
}

impl Readers {
    fn new(readers: Vec<Connection>) -> Self {
        let idle = readers
            .into_iter()
            .map(|connection| Held { connection, allows: Access::Read })
            .collect();
        let desk = Desk { idle, busy: Vec::new(), is_closed: false };
        Self { desk: Mutex::new(desk), given_back: Condvar::new() }
    }

    /// Has a piece of work done in a transaction of its own and, when that is over, the rest of it.
    async fn have_done(
        self: Arc<Self>,
        work: Work,
        rest: Box<dyn FnOnce() + Send>,
    ) -> Result<(), StoreError> {
        let reading = tokio::task::spawn_blocking(move || self.run(work).map(|()| rest()));
        match reading.await {
            Ok(outcome) => outcome,
            Err(ended) if ended.is_panic() => Err(StoreError::Panicked),
            Err(_stopping) => Err(StoreError::Closed),
        }
    }

    /// Does a piece of work at once, and waits for nobody; `None` where no connection is free.
    fn glance(&self, work: Work) -> Option<Result<(), StoreError>> {
        let mut held = self.desk().take()?;
        let outcome =
            held.be_patient(Duration::ZERO).and_then(|()| guarded(&mut held, Access::Read, work));
        let restored = held.be_patient(PATIENCE);
        self.give_back(held);
        Some(outcome.and(restored))
    }

    fn run(&self, work: Work) -> Result<(), StoreError> {
        let mut held = self.take().ok_or(StoreError::Closed)?;
        let outcome = guarded(&mut held, Access::Read, work);
        self.give_back(held);
        outcome
    }

    /// Waits for a connection; `None` once it is closed.
    fn take(&self) -> Option<Held> {
        let mut desk = self.desk();
        loop {
            if desk.is_closed {
                return None;
            }
            if let Some(held) = desk.take() {
                return Some(held);
            }
            desk = self.given_back.wait(desk).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_back(&self, held: Held) {
        let mut desk = self.desk();
        if desk.is_closed {
            // Closed before anybody hears that nobody reads any more.
            drop(held);
        } else {
            desk.idle.push(held);
        }
        let this = thread::current().id();
        desk.busy.retain(|thread| *thread != this);
        drop(desk);
        self.given_back.notify_all();
    }

    /// Closes the connections when whoever has taken one is done with it.
    fn finish(&self) {
        let this = thread::current().id();
        let mut desk = self.desk();
        desk.is_closed = true;
        desk.idle.clear();
        self.given_back.notify_all();
        // The last owner of the store may be a piece of work; it cannot wait for itself.
        while desk.busy.iter().any(|thread| *thread != this) {
            desk = self.given_back.wait(desk).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Takes a connection for this thread, if one is idle.
    fn take(&mut self) -> Option<Held> {
        let held = self.idle.pop()?;
        self.busy.push(thread::current().id());
        Some(held)
    }
}

impl Queue {
    /// Has a piece of work done in a transaction of its own, committed if it returns `Ok`.
    pub(super) async fn run<T, F>(self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let (work, made) = leaving(work);
        self.have_done(Access::Write, work).await?;
        Ok(made.take())
    }

    async fn have_done(self, access: Access, work: Work) -> Result<(), StoreError> {
        let written = Arc::clone(&self.written);
        let job = move |held: &mut Held| {
            let outcome = guarded(held, access, work);
            if access == Access::Write {
                // Before anybody hears that it is done.
                written.fetch_add(1, Ordering::Release);
            }
            outcome
        };
        self.hand_in(job).await
    }

    /// Gives some of the pages back that nothing needs any more. Returns whether there are more.
    pub(super) async fn shrink(self) -> Result<bool, StoreError> {
        self.hand_in(|Held { connection, .. }| {
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

    /// Empties the log. Returns whether nobody kept it from that.
    pub(super) async fn scrub(self) -> Result<bool, StoreError> {
        self.hand_in(|held| {
            // Whoever writes next must not wait for whoever reads: the hub comes again.
            held.be_patient(Duration::ZERO)?;
            let found = held.connection.query_row("pragma wal_checkpoint(truncate)", [], |row| {
                Ok((row.get::<_, bool>("busy")?, row.get::<_, i64>("log")?))
            });
            held.be_patient(PATIENCE)?;
            let (is_busy, n_frames) = found?;
            // In memory there is no log, which SQLite tells as -1.
            Ok(!is_busy && n_frames <= 0)
        })
        .await
    }

    async fn hand_in<T: Send + 'static>(
        self,
        work: impl FnOnce(&mut Held) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |held| {
            // Whoever asked may have left; the work is done all the same.
            drop(reply.send(work(held)));
        });
        self.jobs.send(job).await.map_err(|_closed| StoreError::Closed)?;
        // This copy must not keep the thread from ending while the answer is awaited.
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

fn spawn(name: &str, mut held: Held, mut jobs: mpsc::Receiver<Job>) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        while let Some(job) = jobs.blocking_recv() {
            job(&mut held);
        }
        close_writer(held.connection);
    })
}

/// Returns a piece of work that leaves behind what comes of it, and where.
fn leaving<T: Send + 'static>(
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
) -> (Work, Left<T>) {
    let left = Left::default();
    let place = left.clone();
    let work = Box::new(move |tx: &Transaction<'_>| {
        place.put(work(tx)?);
        Ok(())
    });
    (work, left)
}

impl<T> Left<T> {
    fn put(&self, value: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }

    /// Takes it, once it was heard that the work is done.
    fn take(&self) -> T {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        left.expect("what is done has left something")
    }
}

// Derived, both would ask the same of `T`.
impl<T> Clone for Left<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Left<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// Runs a piece of work so that its panic ends it and nothing else.
fn guarded(held: &mut Held, access: Access, work: Work) -> Result<(), StoreError> {
    // The unwinding transaction rolls itself back, so nothing half-done is left to be seen.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        held.allow(access)?;
        match access {
            Access::Read => read(&mut held.connection, work),
            Access::Write => write(&mut held.connection, work),
        }
    }));
    outcome.unwrap_or_else(|_panic| {
        tracing::error!("a piece of work on the database panicked and was undone");
        Err(StoreError::Panicked)
    })
}

impl Held {
    /// Sets what the connection allows, if that is another than before: SQLite forgets all prepared
    /// statements when it is told, even when it is told the same.
    fn allow(&mut self, access: Access) -> Result<(), StoreError> {
        if self.allows != access {
            self.connection.pragma_update(None, "query_only", access == Access::Read)?;
            self.allows = access;
        }
        Ok(())
    }

    /// Sets how long it waits for whoever keeps it from what it is to do.
    fn be_patient(&self, patience: Duration) -> Result<(), StoreError> {
        Ok(self.connection.busy_timeout(patience)?)
    }
}

fn write(connection: &mut Connection, work: Work) -> Result<(), StoreError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    work(&tx)?;
    tx.commit()?;
    Ok(())
}

fn read(connection: &mut Connection, work: Work) -> Result<(), StoreError> {
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
