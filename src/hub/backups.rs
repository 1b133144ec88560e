//! Backups, as guardians see them. Who makes them is the daemon's affair, or systemd's.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;

use super::{Guardian, Hub};
use crate::model::Timestamp;

/// What is known of the backups of the household.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Backups {
    /// The folders that they are put into; none where none are made.
    pub places: Vec<Place>,
    /// Whether one is being made, or is about to be.
    pub is_under_way: bool,
}

/// A folder for backups.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// Where.
    pub folder: String,
    /// Whether it is there.
    pub is_there: bool,
    /// How many backups are in it.
    pub n: u32,
    /// When the latest was made.
    pub latest_at: Option<Timestamp>,
    /// How large that is.
    pub latest_bytes: u64,
    /// When the oldest was made: what was erased since is in it still.
    pub oldest_at: Option<Timestamp>,
    /// When a restore was last rehearsed.
    pub rehearsed_at: Option<Timestamp>,
    /// Since when it fails.
    pub fails_since: Option<Timestamp>,
}

/// Where backups go.
#[async_trait]
pub trait Shelf: Send + Sync {
    /// Looks at what there is.
    async fn look(&self) -> Backups;

    /// Has a backup made in each folder that is there. Returns when that has begun.
    async fn make(&self);
}

/// The shelf, where there is one.
#[derive(Default)]
pub(super) struct Shelved(OnceLock<Arc<dyn Shelf>>);

impl Hub {
    /// Says where backups go. Once; who says it again is not heard.
    pub fn put_backups_on(&self, board: Arc<dyn Shelf>) {
        drop(self.0.keeping.0.set(board));
    }

    /// Returns what is known of the backups.
    pub async fn backups(&self, _by: &Guardian) -> Backups {
        match self.0.keeping.0.get() {
            Some(board) => board.look().await,
            None => Backups::default(),
        }
    }

    /// Has one made, unless that is under way, and returns what is known then.
    pub async fn back_up(&self, by: &Guardian) -> Backups {
        let Some(board) = self.0.keeping.0.get() else { return Backups::default() };
        if !board.look().await.is_under_way {
            tracing::info!(account.id = %by.account(), "a backup is asked for");
            board.make().await;
        }
        board.look().await
    }
}
