//! Where the page is, and what it shows to browsers, for as long as the hub runs.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::sleep;

use super::identity::Identity;
use crate::{
    clock::Clock,
    control::{Door, Refused},
    tls::{Fingerprints, Serving},
};

/// How often the certificates are looked at. A clock that was wrong at the start is set right
/// within minutes, and then they may have to be others.
const LOOKS_EVERY: Duration = Duration::from_secs(60);

pub(super) struct Entrance {
    identity: Mutex<Identity>,
    address: String,
    clock: Arc<dyn Clock>,
}

impl Entrance {
    pub(super) fn new(identity: Identity, address: String, clock: Arc<dyn Clock>) -> Self {
        Self { identity: Mutex::new(identity), address, clock }
    }

    /// Returns what shows the certificates to browsers.
    pub(super) fn serving(&self) -> Arc<Serving> {
        self.identity().serving()
    }

    /// Keeps the certificates such that browsers take them. Does not end.
    pub(super) async fn keep(self: Arc<Self>) {
        loop {
            sleep(LOOKS_EVERY).await;
            let this = Arc::clone(&self);
            // It may wait for the disk.
            let renewed = tokio::task::spawn_blocking(move || {
                let now = this.clock.now();
                this.identity().renew(now)
            });
            if let Ok(Err(error)) = renewed.await {
                let error: &dyn std::error::Error = error.as_ref();
                tracing::error!(error, "could not make a new certificate; the old one is shown");
            }
        }
    }

    fn identity(&self) -> MutexGuard<'_, Identity> {
        self.identity.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Door for Entrance {
    fn address(&self) -> &str {
        &self.address
    }

    fn fingerprints(&self) -> Fingerprints {
        self.identity().fingerprints()
    }

    fn new_root(&self) -> Result<Fingerprints, Refused> {
        let mut identity = self.identity();
        let made = identity.new_root(self.clock.now());
        made.map_err(|error| Refused(format!("could not make another root: {error:#}")))?;
        Ok(identity.fingerprints())
    }
}
