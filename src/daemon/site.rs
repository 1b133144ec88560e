//! The computer that a hub runs on, for the hub to look at.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use data_encoding::HEXLOWER;

use super::identity::{certificates, fingerprints};
use crate::{
    backup::Known,
    care::{self, Backups, Disk, Finding, Room, Site, Space, Verdict},
    clock::Clock,
    lan,
    model::Timestamp,
    state::Folder,
};

const DAY_S: i64 = 24 * 3_600;

/// This computer.
pub(super) struct Here {
    /// The state folder.
    pub state: PathBuf,
    /// Wall time.
    pub clock: Arc<dyn Clock>,
    /// Whether certificates lie in the folder, and others are to find the hub by its name.
    pub is_served: bool,
}

/// Judges what is known of the backups of a household.
pub(super) fn backup_of(state: &Path, now: Timestamp) -> Finding {
    let known = Folder::existing(state).ok().and_then(|state| Known::read(&state).ok());
    let known = known.unwrap_or_default();
    let days = |at: Timestamp| u64::try_from((now.0 - at.0) / DAY_S).unwrap_or_default();
    care::backup(Backups { last_days: known.last_at().map(days), fails: known.fails() })
}

/// Says whether the household from before a restore is kept.
pub(super) fn replaced_in(state: &Path) -> Option<Finding> {
    Folder::existing(state).ok()?.replaced().map(|_path| care::replaced())
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
                findings.push(backup_of(&state, now));
                findings.extend(replaced_in(&state));
                findings.push(match certificates(&state, now) {
                    Ok(found) => care::certificate(found),
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
