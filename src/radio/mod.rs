//! The seam to the air: what the hub needs of a Bluetooth radio, and nothing more.
//!
//! The seam is as low as GATT (read, write, subscribe, be notified), not «play a
//! clip»: whatever is above it is what tests cover. Two radios stand behind it:
//! the real one, through BlueZ, and [`sim`], which puts simulated toys into
//! the same place. Which one is a setting, not a build option, so that what runs
//! in the demo is what runs at home.

pub mod bluez;
pub mod none;
pub mod sim;
mod state;
#[cfg(test)]
mod tests;

use std::{cmp::Reverse, fmt, time::Duration};

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use tokio::{sync::watch, time::Instant};

pub use self::state::RadioState;
use crate::{
    model::{Failure, ToyAddress},
    toy::{
        inferred::ADVERTISES_EVERY,
        wire::{Characteristic, ConfigId, Offer},
    },
};

/// What was heard longer ago is not in [`Radio::heard`]. A radio misses some of what a toy advertises.
pub const HEARD_FOR: Duration = ADVERTISES_EVERY.saturating_mul(10);

/// Why the radio could not do what it was asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RadioError {
    /// No connection could be made: the toy is asleep again, out of range, or held by somebody.
    #[error("the toy could not be reached")]
    Unreachable,
    /// The adapter holds as many toys as it can.
    #[error("the Bluetooth adapter cannot hold more toys at once")]
    NoRoom,
    /// The connection is gone.
    #[error("the connection to the toy broke")]
    LinkLost,
    /// A write or a read was not answered in time.
    #[error("the toy stopped answering")]
    Silent,
}

impl RadioError {
    /// Returns what a delivery that ends this way says of it.
    pub const fn failure(self) -> Failure {
        match self {
            Self::Unreachable | Self::NoRoom => Failure::Unreachable,
            Self::LinkLost => Failure::LinkLost,
            Self::Silent => Failure::Silent,
        }
    }
}

/// What was heard of a toy that advertises, whoever's it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Heard {
    /// Where it is found.
    pub address: ToyAddress,
    /// What it calls itself, such as `CloudPets B 1.0.19`: the maker's words and the firmware.
    pub name: String,
    /// How strong, in dBm; nothing where the radio does not say.
    pub signal_dbm: Option<i16>,
    /// The identifier it advertises; a factory-new toy has none.
    pub config: Option<ConfigId>,
    /// Whether it advertises the UUID of the toy's service; nothing where the radio does not say.
    pub has_service: Option<bool>,
    /// When it was last heard.
    pub at: Instant,
}

/// What can be seen of a toy on a connection without a byte sent to it: another toy under the same
/// address differs in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity {
    /// What it calls itself, if the radio has heard that.
    pub name: Option<String>,
    /// Its services and characteristics.
    pub table: GattTable,
}

/// A digest of all services and characteristics of a toy, with their properties. Handles are not
/// in it: they are no business of anybody above the radio.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct GattTable(pub [u8; 32]);

impl GattTable {
    /// Digests a table of which each entry says one thing, in any order.
    pub fn of(entries: impl IntoIterator<Item = String>) -> Self {
        let mut entries: Vec<String> = entries.into_iter().collect();
        entries.sort_unstable();
        let mut digest = Sha256::new();
        for entry in entries {
            digest.update(entry);
            digest.update([0]);
        }
        Self(digest.finalize().into())
    }
}

impl fmt::Debug for GattTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, third, ..] = self.0;
        write!(f, "GattTable({first:02x}{second:02x}{third:02x}…)")
    }
}

/// Something that hears toys advertise and connects to them.
///
/// One task owns the hardware behind it; callers may overlap.
#[async_trait]
pub trait Radio: Send + Sync {
    /// Watches whether the radio can be used.
    fn state(&self) -> watch::Receiver<RadioState>;

    /// Returns the toys that advertised in the last [`HEARD_FOR`], adopted or not, the strongest
    /// first. A toy that somebody is connected to does not advertise.
    fn heard(&self) -> Vec<Heard>;

    /// Somebody wants to know what is around: it is listened for a while also when no toy is waited
    /// for. [`Radio::heard`] alone tells what was heard anyway.
    fn look_around(&self) {}

    /// Watches for a toy: the value is when it last advertised, if it ever did.
    fn sightings(&self, toy: ToyAddress) -> watch::Receiver<Option<Instant>>;

    /// Connects to a toy and finds its characteristics.
    ///
    /// Gives up by itself after a deadline and leaves no attempt pending, also
    /// when it is dropped half-way.
    async fn connect(&self, toy: ToyAddress) -> Result<Box<dyn Link>, RadioError>;

    /// Watches for links that end, whosever they were: there may be room for another then. The value
    /// says nothing, only that it changes.
    fn endings(&self) -> watch::Receiver<()>;

    /// Whether the task that owns the hardware still goes round, whatever the hardware does.
    fn is_alive(&self) -> bool {
        true
    }

    /// Returns when the links that were dropped have ended. To be called before the program ends:
    /// a link that is left behind keeps its toy from everybody.
    async fn close(&self) {}
}

/// A connection to one toy. Dropping it disconnects.
#[async_trait]
pub trait Link: Send {
    /// Returns who the toy seems to be, from what came without asking it anything.
    fn identity(&self) -> &Identity;

    /// Returns everything that the toy offers.
    fn offers(&self) -> &[Offer];

    /// Returns the MTU of the link, once something was subscribed to; nothing where the radio does not
    /// say.
    fn mtu(&self) -> Option<usize>;

    /// Reads a characteristic.
    async fn read(&mut self, from: Characteristic) -> Result<Vec<u8>, RadioError>;

    /// Asks for the notifications of a characteristic.
    async fn subscribe(&mut self, to: Characteristic) -> Result<(), RadioError>;

    /// Writes at most 20 bytes. Returns when the radio has taken them or, with
    /// `response`, when the toy has confirmed them.
    async fn write(
        &mut self,
        to: Characteristic,
        bytes: &[u8],
        response: bool,
    ) -> Result<(), RadioError>;

    /// Returns the next notification. Nothing is lost when it is dropped before it returns.
    async fn notified(&mut self) -> Result<(Characteristic, Vec<u8>), RadioError>;
}

/// Puts what was heard in the order of [`Radio::heard`], without what is too old for it.
fn newest(heard: impl IntoIterator<Item = Heard>) -> Vec<Heard> {
    let now = Instant::now();
    let is_fresh = |heard: &Heard| now.saturating_duration_since(heard.at) < HEARD_FOR;
    let mut heard: Vec<Heard> = heard.into_iter().filter(is_fresh).collect();
    heard.sort_by_key(|heard| (Reverse(heard.signal_dbm), heard.address));
    heard
}
