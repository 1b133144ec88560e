//! Backups, as guardians see them. Who makes them is the daemon's affair, or systemd's.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;

use super::{Confirmed, Guardian, Hub, HubError};
use crate::{
    model::{Deed, Timestamp},
    store::activity::{self, Entry},
};

/// What is known of the backups of the household.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Backups {
    /// The folders that they are put into; none where none are made.
    pub places: Vec<Place>,
    /// Which of them stay.
    pub keeps: Keeps,
    /// Whether one is being made, or is about to be.
    pub is_under_way: bool,
    /// The household that was here before a restore, if it is kept.
    pub replaced: Option<Replaced>,
}

/// Of how many of the last days, weeks and months one backup stays.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Keeps {
    /// Days.
    pub days: u8,
    /// Weeks.
    pub weeks: u8,
    /// Months.
    pub months: u8,
}

/// The household that was here before a restore. What was erased since is in it still.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Replaced {
    /// Its size.
    pub n_bytes: u64,
    /// When it goes by itself.
    pub goes_at: Timestamp,
}

/// A folder for backups.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// Where.
    pub folder: String,
    /// Whether it is there.
    pub is_there: bool,
    /// Whether it can be looked into.
    pub is_read: bool,
    /// How many backups are in it.
    pub n: u32,
    /// How large they are together.
    pub n_bytes: u64,
    /// How many of them stay until somebody removes them: those with a passphrase do.
    pub n_staying: u32,
    /// When the last of the others is gone at the latest, if one is made each night from now on.
    pub gone_by: Option<Timestamp>,
    /// When the hub last knew one to be made there.
    pub made_at: Option<Timestamp>,
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

    /// Returns the household that was here before a restore, if it is kept.
    async fn replaced(&self) -> Option<Replaced>;

    /// Removes the household that was here before a restore. Returns whether it is gone.
    async fn forget_replaced(&self) -> bool;

    /// Does so if its time is over. Returns whether that was so, and it is gone.
    async fn forget_replaced_in_time(&self) -> bool;
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

    /// Erases the household that was here before a restore, and returns what is known then.
    pub async fn erase_replaced(&self, by: &Confirmed<'_>) -> Result<Backups, HubError> {
        let Some(board) = self.0.keeping.0.get() else { return Ok(Backups::default()) };
        tracing::info!(
            account.id = %by.guardian().account(),
            "the household from before a restore is erased"
        );
        let was_there = board.replaced().await.is_some();
        if !board.forget_replaced().await {
            return Err(HubError::Stopping);
        }
        if was_there {
            self.note_erased_replaced(self.note(by.guardian(), Deed::ReplacedErased)).await?;
        }
        Ok(board.look().await)
    }

    /// Returns it, if it is kept.
    pub(super) async fn replaced(&self) -> Option<Replaced> {
        self.0.keeping.0.get()?.replaced().await
    }

    /// Erases it when its time is over.
    pub async fn forget_replaced_in_time(&self) -> Result<(), HubError> {
        let Some(board) = self.0.keeping.0.get() else { return Ok(()) };
        if !board.forget_replaced_in_time().await {
            return Ok(());
        }
        self.note_erased_replaced(self.note_of(Deed::ReplacedErased)).await
    }

    /// Notes it when it is done: files go by no transaction.
    async fn note_erased_replaced(&self, note: Entry) -> Result<(), HubError> {
        self.tools().store.write(move |tx| activity::insert(tx, &note)).await?;
        Ok(())
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
