//! A radio that hears nothing, for a computer without one.

use async_trait::async_trait;
use tokio::{sync::watch, time::Instant};

use super::{Heard, Link, Radio, RadioError, RadioState};
use crate::model::ToyAddress;

/// No radio at all: every toy is out of range.
#[derive(Debug)]
pub struct NoRadio {
    nothing: watch::Sender<Option<Instant>>,
    state: watch::Sender<RadioState>,
    endings: watch::Sender<()>,
}

impl Default for NoRadio {
    fn default() -> Self {
        Self {
            nothing: watch::Sender::new(None),
            state: watch::Sender::new(RadioState::Unused),
            endings: watch::Sender::new(()),
        }
    }
}

#[async_trait]
impl Radio for NoRadio {
    fn state(&self) -> watch::Receiver<RadioState> {
        self.state.subscribe()
    }

    fn heard(&self) -> Vec<Heard> {
        Vec::new()
    }

    fn sightings(&self, _toy: ToyAddress) -> watch::Receiver<Option<Instant>> {
        // It has a sender as long as the radio is there, so whoever waits goes on waiting.
        self.nothing.subscribe()
    }

    async fn connect(&self, _toy: ToyAddress) -> Result<Box<dyn Link>, RadioError> {
        Err(RadioError::Unreachable)
    }

    fn endings(&self) -> watch::Receiver<()> {
        self.endings.subscribe()
    }
}
