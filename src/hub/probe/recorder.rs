//! A link that takes down what goes over it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::{
    hub::talk::now,
    radio::{Identity, Link, RadioError},
    toy::{
        probe::Trace,
        wire::{Characteristic, Offer},
    },
};

/// A trace that the link and whoever drives it write to.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Trace>>);

impl Shared {
    pub(super) fn new(trace: Trace) -> Self {
        Self(Arc::new(Mutex::new(trace)))
    }

    pub(super) fn trace(&self) -> MutexGuard<'_, Trace> {
        // A trace is sound after every call, and none of them panics.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A link, and the trace of it.
pub(super) struct Recorder {
    link: Box<dyn Link>,
    shared: Shared,
}

impl Recorder {
    pub(super) fn new(link: Box<dyn Link>, shared: Shared) -> Self {
        Self { link, shared }
    }
}

#[async_trait]
impl Link for Recorder {
    fn identity(&self) -> &Identity {
        self.link.identity()
    }

    fn offers(&self) -> &[Offer] {
        self.link.offers()
    }

    fn mtu(&self) -> Option<usize> {
        self.link.mtu()
    }

    async fn read(&mut self, from: Characteristic) -> Result<Vec<u8>, RadioError> {
        let asked_at = now();
        let bytes = self.link.read(from).await?;
        self.shared.trace().read(from, &bytes, asked_at, now());
        Ok(bytes)
    }

    async fn subscribe(&mut self, to: Characteristic) -> Result<(), RadioError> {
        let asked_at = now();
        self.link.subscribe(to).await?;
        self.shared.trace().subscribed(to, asked_at, now());
        Ok(())
    }

    async fn write(
        &mut self,
        to: Characteristic,
        bytes: &[u8],
        response: bool,
    ) -> Result<(), RadioError> {
        let asked_at = now();
        self.shared.trace().writes(to, bytes, asked_at);
        self.link.write(to, bytes, response).await?;
        self.shared.trace().wrote(to, bytes, asked_at, now());
        Ok(())
    }

    async fn notified(&mut self) -> Result<(Characteristic, Vec<u8>), RadioError> {
        let (from, bytes) = self.link.notified().await?;
        self.shared.trace().notified(from, &bytes, now());
        Ok((from, bytes))
    }
}
