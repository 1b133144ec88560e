//! What the hub does besides answering: keepers, meetings, and looking at the radio.

use std::{
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::HubError;

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Tasks that come and go while the hub runs, and end with it.
#[derive(Default)]
pub(super) struct Tasks(Mutex<Option<Running>>);

struct Running {
    begin: mpsc::UnboundedSender<Task>,
    stop: CancellationToken,
}

impl Tasks {
    /// Returns what runs all tasks until `stop` is cancelled, and then until they have ended.
    pub(super) fn run(&self, stop: CancellationToken) -> impl Future<Output = ()> + Send + use<> {
        let (begin, tasks) = mpsc::unbounded_channel();
        *self.running() = Some(Running { begin, stop: stop.clone() });
        run(tasks, stop)
    }

    /// Begins a task, which must end when its token is cancelled.
    pub(super) fn begin<T>(&self, task: impl FnOnce(CancellationToken) -> T) -> Result<(), HubError>
    where
        T: Future<Output = ()> + Send + 'static,
    {
        let running = self.running();
        let Running { begin, stop } = running.as_ref().ok_or(HubError::Stopping)?;
        let task = Box::pin(task(stop.child_token()));
        begin.send(task).map_err(|_ended| HubError::Stopping)
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        // Every change is one assignment; a panic cannot leave one half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn run(mut new: mpsc::UnboundedReceiver<Task>, stop: CancellationToken) {
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            task = new.recv() => match task {
                Some(task) => drop(tasks.spawn(task)),
                // The hub itself is gone.
                None => break,
            },
            Some(ended) = tasks.join_next() => look(ended),
        }
    }
    drop(new);
    while let Some(ended) = tasks.join_next().await {
        look(ended);
    }
}

fn look(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a part of the hub did not come to its end");
    }
}
