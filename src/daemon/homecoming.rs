//! How a household comes back from a backup, on a hub that waits to be set up and runs on this computer.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::{
    backup::{self, BackupError, Found, Opens, Progress, Sending},
    clock::Clock,
    hub::restoring::{Fault, Homecoming, NotTaken, Offer, Opening, Receiving, Returned, Stage},
    seal::age::{AgeError, Identity},
    state::Folder,
    store::StoreError,
};

/// What a backup is named by that a browser sent.
const SENT: &str = "sent";

/// How long the page has to hear that the household is ready, before the hub begins anew with it.
const TOLD_WITHIN: Duration = Duration::from_secs(3);

/// The way back into one state folder.
pub(super) struct Restores {
    state: Folder,
    places: Vec<PathBuf>,
    clock: Arc<dyn Clock>,
    now: Arc<Mutex<Stage>>,
    is_receiving: Arc<AtomicBool>,
    ready: CancellationToken,
}

impl Restores {
    /// Looks for backups in these folders. `ready` is cancelled when a household is ready to come into
    /// its place.
    pub(super) fn new(
        state: Folder,
        places: Vec<PathBuf>,
        clock: Arc<dyn Clock>,
        ready: CancellationToken,
    ) -> Self {
        let now = Arc::new(Mutex::new(Stage::Idle));
        Self { state, places, clock, now, is_receiving: Arc::default(), ready }
    }

    /// Returns where the backup of that name is.
    fn find(&self, id: &str) -> Option<PathBuf> {
        if id == SENT {
            return backup::sent(&self.state).map(|(path, _n_bytes)| path);
        }
        let all = kept(&self.places).into_iter();
        all.map(|(id, found)| (id, found.path)).find(|(known, _path)| known == id).map(|one| one.1)
    }
}

#[async_trait]
impl Homecoming for Restores {
    async fn offers(&self) -> Vec<Offer> {
        let (state, places) = (self.state.clone(), self.places.clone());
        let look = move || {
            let mut offers: Vec<Offer> =
                kept(&places).into_iter().map(|(id, found)| offer(id, &found)).collect();
            offers.sort_by_key(|offer| std::cmp::Reverse(offer.made_at));
            let sent = backup::sent(&state).map(|(_path, n_bytes)| sent(n_bytes));
            sent.into_iter().chain(offers).collect()
        };
        tokio::task::spawn_blocking(look).await.unwrap_or_default()
    }

    async fn receive(&self, n_bytes: u64) -> Result<Box<dyn Receiving>, NotTaken> {
        if self.stage().is_under_way() {
            return Err(NotTaken::Busy);
        }
        let turn = Turn::take(&self.is_receiving).ok_or(NotTaken::Busy)?;
        let state = self.state.clone();
        let sending = blocking(move || Sending::begin(&state, n_bytes)).await?;
        Ok(Box::new(Incoming { sending: Some(sending), _turn: turn }))
    }

    fn begin(&self, id: &str, typed: Zeroizing<String>) -> bool {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if now.is_under_way() {
            return true;
        }
        let Some(file) = self.find(id) else { return false };
        let Ok(identity) = Identity::from_typed(&typed) else {
            *now = Stage::Failed(Fault::Mistyped);
            return true;
        };
        *now = Stage::Looking;
        drop(now);
        let (state, clock) = (self.state.clone(), Arc::clone(&self.clock));
        let (told, ready) = (Arc::clone(&self.now), self.ready.clone());
        let set = move |stage| *told.lock().unwrap_or_else(PoisonError::into_inner) = stage;
        let work = {
            let set = set.clone();
            move || {
                let mut tell = |progress| set(stage_of(progress));
                backup::make_ready(&state, &file, &identity, clock.now(), &mut tell)
            }
        };
        tokio::spawn(async move {
            match tokio::task::spawn_blocking(work).await {
                Ok(Ok(restored)) => {
                    tracing::info!("the household of a backup is ready, and comes into its place");
                    set(Stage::Ready(Returned {
                        made_at: restored.made_at,
                        n_items: restored.n_items,
                        n_erased: u64::try_from(restored.n_erased).unwrap_or(u64::MAX),
                        knows_erased: restored.knows_erased,
                    }));
                    sleep(TOLD_WITHIN).await;
                    ready.cancel();
                }
                Ok(Err(error)) => {
                    let sentence = error.sentence();
                    tracing::warn!(error = sentence, "no household was restored");
                    set(Stage::Failed(fault(&error)));
                }
                Err(_stopping) => set(Stage::Failed(Fault::Internal)),
            }
        });
        true
    }

    fn stage(&self) -> Stage {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn forget(&self) {
        let state = self.state.clone();
        if let Err(error) = blocking(move || backup::forget_sent(&state)).await {
            tracing::warn!(?error, "a backup that was sent is left");
        }
    }
}

/// One at a time.
struct Turn(Arc<AtomicBool>);

impl Turn {
    fn take(busy: &Arc<AtomicBool>) -> Option<Self> {
        let was_busy = busy.swap(true, Ordering::Relaxed);
        (!was_busy).then(|| Self(Arc::clone(busy)))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// A backup that a browser is sending.
struct Incoming {
    /// Nothing after a piece that was not taken.
    sending: Option<Sending>,
    _turn: Turn,
}

#[async_trait]
impl Receiving for Incoming {
    async fn take(&mut self, bytes: Vec<u8>) -> Result<(), NotTaken> {
        let mut sending = self.sending.take().ok_or(NotTaken::Failed)?;
        let sending = blocking(move || sending.take(&bytes).map(|()| sending)).await?;
        self.sending = Some(sending);
        Ok(())
    }

    async fn end(mut self: Box<Self>) -> Result<Offer, NotTaken> {
        let sending = self.sending.take().ok_or(NotTaken::Failed)?;
        Ok(sent(blocking(move || sending.end()).await?))
    }
}

/// Does what blocks elsewhere.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, NotTaken> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|_stopping| NotTaken::Failed)?;
    done.map_err(|error| match fault(&error) {
        Fault::NoBackup => NotTaken::NoBackup,
        Fault::NoRoom => NotTaken::NoRoom,
        _ => {
            let error = error.sentence();
            tracing::error!(error, "a backup that somebody sends is not taken");
            NotTaken::Failed
        }
    })
}

/// Returns the backups in these folders, each with what it is named by: no path comes from a browser.
fn kept(places: &[PathBuf]) -> Vec<(String, Found)> {
    let one = |(n, place): (usize, &PathBuf)| {
        let all = backup::list(place).unwrap_or_default().into_iter();
        all.map(move |found| (format!("{n}-{}", found.name.file()), found)).collect::<Vec<_>>()
    };
    places.iter().enumerate().flat_map(one).collect()
}

fn offer(id: String, found: &Found) -> Offer {
    let folder = found.path.parent().map(|folder| folder.display().to_string());
    let opens = match found.name.opens {
        Opens::RecoveryKey(made_at) => Opening::RecoveryKey(made_at),
        Opens::Passphrase => Opening::Passphrase,
    };
    Offer {
        id,
        folder,
        made_at: Some(found.name.made_at),
        n_bytes: found.n_bytes,
        opens: Some(opens),
    }
}

fn sent(n_bytes: u64) -> Offer {
    Offer { id: SENT.to_owned(), folder: None, made_at: None, n_bytes, opens: None }
}

fn stage_of(progress: Progress) -> Stage {
    match progress {
        Progress::Preparing => Stage::Looking,
        Progress::Bytes { done, of } => Stage::Unpacking { done, of },
        Progress::Items(n) => Stage::Opening(n),
    }
}

/// What went wrong, as far as somebody without the log can do something about it.
fn fault(error: &BackupError) -> Fault {
    match error {
        BackupError::Closed(error) => match error {
            AgeError::NotAge | AgeError::TooMuchWork => Fault::NoBackup,
            AgeError::OtherKey => Fault::OtherKey,
            AgeError::WantsPassphrase => Fault::WantsPassphrase,
            AgeError::WantsKey => Fault::WantsKey,
            AgeError::Io(_) => Fault::Unreadable,
        },
        BackupError::Newer { .. } | BackupError::Store(StoreError::NewerSchema { .. }) => {
            Fault::Newer
        }
        BackupError::Damaged { .. }
        | BackupError::Store(StoreError::Corrupt { .. } | StoreError::NotADatabase) => {
            Fault::Damaged
        }
        BackupError::NoRoom { .. } | BackupError::Store(StoreError::Full { .. }) => Fault::NoRoom,
        BackupError::UnderWay => Fault::UnderWay,
        BackupError::Io { source, .. } if is_full(source) => Fault::NoRoom,
        BackupError::State(crate::state::StateError::Io { source, .. }) if is_full(source) => {
            Fault::NoRoom
        }
        BackupError::Io { action: "read", .. } => Fault::Unreadable,
        BackupError::NotSetUp
        | BackupError::Inhabited { .. }
        | BackupError::TooLarge { .. }
        | BackupError::Store(_)
        | BackupError::State(_)
        | BackupError::Io { .. } => Fault::Internal,
    }
}

fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded)
}
