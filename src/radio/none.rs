//! A radio that hears nothing, for a computer without one.

use async_trait::async_trait;
use tokio::{sync::watch, time::Instant};

use super::{Link, Radio, RadioError};
use crate::model::ToyAddress;

/// No radio at all: every toy is out of range.
#[derive(Debug, Default)]
pub struct NoRadio(watch::Sender<Option<Instant>>);

#[async_trait]
impl Radio for NoRadio {
    fn sightings(&self, _toy: ToyAddress) -> watch::Receiver<Option<Instant>> {
        // It has a sender as long as the radio is there, so whoever waits goes on waiting.
        self.0.subscribe()
    }

    async fn connect(&self, _toy: ToyAddress) -> Result<Box<dyn Link>, RadioError> {
        Err(RadioError::Unreachable)
    }
}
