//! The seam to the air: what the hub needs of a Bluetooth radio, and nothing more.
//!
//! The seam is as low as GATT (read, write, subscribe, be notified), not «play a
//! clip»: whatever is above it is what tests cover. Two radios stand behind it:
//! the real one, through BlueZ, and [`sim`], which puts simulated toys into
//! the same place. Which one is a setting, not a build option, so that what runs
//! in the demo is what runs at home.

pub mod none;
pub mod sim;

use async_trait::async_trait;
use tokio::{sync::watch, time::Instant};

use crate::{
    model::{Failure, ToyAddress},
    toy::wire::Characteristic,
};

/// Why the radio could not do what it was asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RadioError {
    /// No connection could be made: the toy is asleep again, out of range, or held by somebody.
    #[error("the toy could not be reached")]
    Unreachable,
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
            Self::Unreachable => Failure::Unreachable,
            Self::LinkLost => Failure::LinkLost,
            Self::Silent => Failure::Silent,
        }
    }
}

/// Something that hears toys advertise and connects to them.
///
/// One task owns the hardware behind it; callers may overlap.
#[async_trait]
pub trait Radio: Send + Sync {
    /// Watches for a toy: the value is when it last advertised, if it ever did.
    fn sightings(&self, toy: ToyAddress) -> watch::Receiver<Option<Instant>>;

    /// Connects to a toy and finds its characteristics.
    ///
    /// Gives up by itself after a deadline and leaves no attempt pending, also
    /// when it is dropped half-way.
    async fn connect(&self, toy: ToyAddress) -> Result<Box<dyn Link>, RadioError>;
}

/// A connection to one toy. Dropping it disconnects.
#[async_trait]
pub trait Link: Send {
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
