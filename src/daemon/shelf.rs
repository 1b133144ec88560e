//! Where backups go, for a hub that runs on this computer.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;

use crate::{
    backup::{self, BackupError, For, Kept, Outlook, WANTED},
    clock::Clock,
    hub::backups::{Backups, Keeps, Place, Replaced, Shelf},
    state::Folder,
};

/// The folders of the settings.
pub(super) struct Folders {
    /// The state folder.
    pub state: Folder,
    /// The run folder.
    pub run: Folder,
    /// Where backups go.
    pub places: Vec<PathBuf>,
    /// Whether systemd makes them when it is asked: the hub as a service may write nowhere else.
    pub is_service: bool,
    /// Wall time.
    pub clock: Arc<dyn Clock>,
}

const KEEPS: Keeps = Keeps { days: backup::DAYS, weeks: backup::WEEKS, months: backup::MONTHS };

#[async_trait]
impl Shelf for Folders {
    async fn look(&self) -> Backups {
        let (state, places) = (self.state.clone(), self.places.clone());
        let is_wanted = self.run.has(WANTED);
        let now = self.clock.now();
        let look = move || {
            let kept = backup::look(&state, &places, now).unwrap_or_else(|error| {
                tracing::error!(error = error.sentence(), "could not look for backups");
                places.iter().map(|place| unread(place)).collect()
            });
            let places =
                places.iter().zip(kept).map(|(folder, kept)| place(folder, &kept)).collect();
            let is_under_way = is_wanted || backup::is_under_way(&state);
            let replaced = replaced_in(&state);
            Backups { places, keeps: KEEPS, is_under_way, replaced }
        };
        tokio::task::spawn_blocking(look).await.unwrap_or_default()
    }

    async fn make(&self) {
        if self.is_service {
            if let Err(error) = self.run.replace(WANTED, b"") {
                tracing::error!(%error, "could not ask for a backup");
            }
            return;
        }
        let (state, places) = (self.state.clone(), self.places.clone());
        let clock = Arc::clone(&self.clock);
        tokio::task::spawn_blocking(move || {
            for place in places.iter().filter(|place| place.is_dir()) {
                let now = clock.now();
                match backup::make(&state, place, For::RecoveryKey, now, &mut |_| {}) {
                    Ok(made) => {
                        tracing::info!(place = %place.display(), bytes = made.n_bytes, "a backup was made");
                    }
                    Err(error) => {
                        let error = error.sentence();
                        tracing::error!(place = %place.display(), error, "no backup was made");
                    }
                }
            }
        });
    }

    async fn replaced(&self) -> Option<Replaced> {
        let state = self.state.clone();
        tokio::task::spawn_blocking(move || replaced_in(&state)).await.ok().flatten()
    }

    async fn forget_replaced(&self) -> bool {
        let state = self.state.clone();
        blocking(move || backup::forget_replaced(&state).map(|()| true)).await
    }

    async fn forget_replaced_in_time(&self) -> bool {
        let (state, now) = (self.state.clone(), self.clock.now());
        let is_gone = blocking(move || backup::forget_replaced_in_time(&state, now)).await;
        if is_gone {
            tracing::info!("the household from before a restore is gone: its time was over");
        }
        is_gone
    }
}

/// What is said of a folder while nobody knows which backups are this hub's.
fn unread(place: &Path) -> Kept {
    Kept { is_there: place.is_dir(), ..Kept::default() }
}

fn replaced_in(state: &Folder) -> Option<Replaced> {
    let kept = backup::replaced(state)?;
    Some(Replaced { n_bytes: kept.n_bytes, goes_at: kept.goes_at })
}

async fn blocking(work: impl FnOnce() -> Result<bool, BackupError> + Send + 'static) -> bool {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(is_gone)) => is_gone,
        Ok(Err(error)) => {
            let error = error.sentence();
            tracing::error!(error, "the household from before a restore is left");
            false
        }
        Err(_stopping) => false,
    }
}

fn place(folder: &Path, kept: &Kept) -> Place {
    let Kept {
        is_there,
        is_read,
        n,
        n_bytes,
        latest,
        oldest_at,
        outlook,
        made_at,
        rehearsed_at,
        fails_since,
    } = *kept;
    let Outlook { gone_by, n_staying } = outlook;
    Place {
        folder: folder.display().to_string(),
        is_there,
        is_read,
        n,
        n_bytes,
        n_staying,
        gone_by,
        made_at,
        latest_at: latest.map(|(at, _bytes)| at),
        latest_bytes: latest.map_or(0, |(_at, n_bytes)| n_bytes),
        oldest_at,
        rehearsed_at,
        fails_since,
    }
}
