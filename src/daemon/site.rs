//! The computer that a hub runs on, for the hub to look at.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use data_encoding::HEXLOWER;

use super::identity::{days_left, fingerprints};
use crate::{
    care::{self, Disk, Finding, Room, Site, Space, Verdict},
    clock::Clock,
    lan,
};

/// This computer.
pub(super) struct Here {
    /// The state folder.
    pub state: PathBuf,
    /// Wall time.
    pub clock: Arc<dyn Clock>,
    /// Whether certificates lie in the folder, and others are to find the hub by its name.
    pub is_served: bool,
}

impl Space for Here {
    fn room(&self) -> Option<Room> {
        Disk(self.state.clone()).room()
    }
}

#[async_trait]
impl Site for Here {
    async fn look(&self) -> Vec<Finding> {
        let (state, now) = (self.state.clone(), self.clock.now());
        let is_served = self.is_served;
        let read = move || {
            let mut findings = vec![care::folder(&state), care::database(&state)];
            findings.extend(care::card());
            findings.extend(care::bluez());
            if is_served {
                findings.push(match days_left(&state, now) {
                    Ok(days) => care::certificate(days),
                    Err(error) => {
                        let says = format!("{error:#}");
                        Finding::new("certificate", "unread", Verdict::Ails, says)
                    }
                });
                // Nobody installed a demo, and a hub that is no service has none to look at.
                findings.extend(care::units().unwrap_or_default());
            }
            let own = fingerprints(&state).ok().flatten();
            (findings, own.map(|own| HEXLOWER.encode(&own.root)))
        };
        // The hub is being stopped: nobody will read it.
        let Ok((mut findings, own)) = tokio::task::spawn_blocking(read).await else {
            return Vec::new();
        };
        findings.push(care::kernel(lan::kernel().await));
        if let Some(own) = own.filter(|_own| is_served) {
            findings.push(care::name(&own).await);
        }
        findings
    }
}
