//! A household that comes back from a backup, on a hub that waits to be set up.
//!
//! Whoever knows the set-up code may ask for it, as they may set the hub up: one or the other. Where
//! backups are, and how one comes into the place of what is here, is the daemon's affair.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use zeroize::Zeroizing;

use super::{Hub, HubError};
use crate::model::Timestamp;

pub use super::accounts::Newcomer;

/// A backup that is there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Offer {
    /// What it is named by, to this hub.
    pub id: String,
    /// The folder that it is in; nothing if a browser sent it.
    pub folder: Option<String>,
    /// When it was made, if its name says so.
    pub made_at: Option<Timestamp>,
    /// How large it is.
    pub n_bytes: u64,
    /// What opens it, if its name says so.
    pub opens: Option<Opening>,
}

/// What opens a backup.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Opening {
    /// The recovery key that was made then.
    RecoveryKey(Timestamp),
    /// A passphrase.
    Passphrase,
}

/// How far it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// Nobody asked for it.
    Idle,
    /// The database is looked through.
    Looking,
    /// So many bytes of so many are unpacked.
    Unpacking {
        /// How many.
        done: u64,
        /// Of how many.
        of: u64,
    },
    /// What is sealed is opened: so many items.
    Opening(u64),
    /// It failed, and nothing was changed.
    Failed(Fault),
    /// It is ready, and comes into its place as soon as this hub lets go of what is there.
    Ready(Returned),
}

/// Why a household did not come back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// The recovery key has a mistake in it.
    Mistyped,
    /// It is for another key, or has another passphrase.
    OtherKey,
    /// It opens with a passphrase, and a key was typed.
    WantsPassphrase,
    /// It opens with a key, and a passphrase was typed.
    WantsKey,
    /// It is no backup.
    NoBackup,
    /// It was cut short, or changed.
    Damaged,
    /// A later Hutch made it.
    Newer,
    /// The disk has no room for it.
    NoRoom,
    /// It cannot be read: the stick was pulled out.
    Unreadable,
    /// Another is being made or looked at.
    UnderWay,
    /// Something else, which stands in the log.
    Internal,
}

/// A household that comes back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Returned {
    /// As of when it is.
    pub made_at: Timestamp,
    /// How many recordings and messages it has.
    pub n_items: u32,
    /// How many things were erased again that had been erased since.
    pub n_erased: u64,
    /// Whether it is known what was erased since.
    pub knows_erased: bool,
}

/// Why a file that a browser sends is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotTaken {
    /// Its first bytes are not those of a backup.
    #[error("this is no backup")]
    NoBackup,
    /// The disk has no room for it and for what is in it.
    #[error("there is no room for this backup")]
    NoRoom,
    /// Another is being sent, or restored.
    #[error("another backup is being sent or restored")]
    Busy,
    /// The system refused; it stands in the log.
    #[error("the backup could not be kept")]
    Failed,
}

/// Where backups are looked for, and what puts one into the place of what is here.
#[async_trait]
pub trait Homecoming: Send + Sync {
    /// Returns the backups that there are, the latest first.
    async fn offers(&self) -> Vec<Offer>;

    /// Begins to take a file that has so many bytes, in the place of one that was sent before.
    async fn receive(&self, n_bytes: u64) -> Result<Box<dyn Receiving>, NotTaken>;

    /// Begins to restore the backup of that name with what somebody typed. Returns whether there is
    /// such a backup; while one is being restored, it is that and nothing new begins.
    fn begin(&self, id: &str, typed: Zeroizing<String>) -> bool;

    /// Returns how far it is.
    fn stage(&self) -> Stage;

    /// Removes what was sent: it is not needed.
    async fn forget(&self);
}

/// A file that a browser is sending. Dropped before its end, it leaves nothing.
#[async_trait]
pub trait Receiving: Send {
    /// Takes the next bytes.
    async fn take(&mut self, bytes: Vec<u8>) -> Result<(), NotTaken>;

    /// Ends it. From here on it is offered.
    async fn end(self: Box<Self>) -> Result<Offer, NotTaken>;
}

/// The way back, where there is one.
#[derive(Default)]
pub(super) struct Returning(OnceLock<Arc<dyn Homecoming>>);

impl Stage {
    /// Whether the household is on its way back, so that no other is founded.
    pub const fn is_under_way(self) -> bool {
        !matches!(self, Self::Idle | Self::Failed(_))
    }
}

impl Hub {
    /// Says how households come back. Once; who says it again is not heard.
    pub fn come_back_by(&self, way: Arc<dyn Homecoming>) {
        drop(self.0.returning.0.set(way));
    }

    /// Returns the backups from which the household may come back.
    pub async fn offers(&self, _by: &Newcomer) -> Result<Vec<Offer>, HubError> {
        Ok(self.way_back()?.offers().await)
    }

    /// Begins to take a backup that a browser sends.
    pub async fn receive_backup(
        &self,
        _by: &Newcomer,
        n_bytes: u64,
    ) -> Result<Box<dyn Receiving>, HubError> {
        Ok(self.way_back()?.receive(n_bytes).await?)
    }

    /// Begins to bring the household of a backup back. [`Hub::restoring`] says what comes of it.
    pub fn restore(
        &self,
        _by: &Newcomer,
        id: &str,
        typed: Zeroizing<String>,
    ) -> Result<Stage, HubError> {
        let way = self.way_back()?;
        if !self.unless_founding(|| way.begin(id, typed))? {
            return Err(HubError::NoSuchBackup);
        }
        tracing::info!("somebody with the set-up code restores a backup");
        Ok(way.stage())
    }

    /// Returns how far that is.
    pub fn restoring(&self) -> Stage {
        self.0.returning.0.get().map_or(Stage::Idle, |way| way.stage())
    }

    /// Removes a backup that somebody sent and did not restore.
    pub(super) async fn forget_sent_backup(&self) {
        if let Some(way) = self.0.returning.0.get() {
            way.forget().await;
        }
    }

    fn way_back(&self) -> Result<&Arc<dyn Homecoming>, HubError> {
        self.0.returning.0.get().ok_or(HubError::NotHere)
    }
}
