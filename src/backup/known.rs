//! What a hub remembers of its backups, in a file of the state folder: whoever makes one may be another
//! process than the hub.

use std::{collections::BTreeMap, path::Path};

use data_encoding::HEXLOWER;

use super::BackupError;
use crate::{model::Timestamp, state::Folder};

const FILE: &str = "backups.json";

/// What is remembered.
#[derive(Clone, Debug, Default, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub struct Known {
    /// What this hub's backups are told by, once there was one.
    pub hub: String,
    /// What became of them, by the folder that they are put into.
    pub places: BTreeMap<String, KnownPlace>,
}

/// What is remembered of one folder.
#[derive(Clone, Debug, Default, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub struct KnownPlace {
    /// When the last one was made.
    pub made_at: Option<Timestamp>,
    /// The name of its file.
    pub file: Option<String>,
    /// How large it is.
    pub n_bytes: u64,
    /// When one was last opened to its last byte and found in order.
    pub verified_at: Option<Timestamp>,
    /// Since when it fails, and why, in a sentence.
    pub failing: Option<(Timestamp, String)>,
}

impl Known {
    /// Returns what is remembered; nothing, where there never was a backup.
    pub fn read(state: &Folder) -> Result<Self, BackupError> {
        let Some(bytes) = state.read(FILE)? else { return Ok(Self::default()) };
        // It can be done without: what counts is in the folders.
        Ok(serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// Returns when the last backup was made, in whatever folder.
    pub fn last_at(&self) -> Option<Timestamp> {
        self.places.values().filter_map(|one| one.made_at).max()
    }

    /// Returns whether it fails in every folder that there is.
    pub fn fails(&self) -> bool {
        !self.places.is_empty() && self.places.values().all(|one| one.failing.is_some())
    }

    /// Remembers it.
    pub(super) fn write(&self, state: &Folder) -> Result<(), BackupError> {
        Ok(state.replace(FILE, &self.bytes())?)
    }

    /// Puts it beside a household that is made ready: it counts when that does.
    pub(super) fn put_ready(&self, state: &Folder) -> Result<(), BackupError> {
        Ok(state.put_ready(FILE, &self.bytes())?)
    }

    fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// Returns what this hub's backups are told by, and draws it the first time.
    pub(super) fn hub(&mut self) -> String {
        if self.hub.is_empty() {
            let mut drawn = [0; 4];
            getrandom::fill(&mut drawn).expect("a kernel that has booted gives out randomness");
            self.hub = HEXLOWER.encode(&drawn);
        }
        self.hub.clone()
    }

    pub(super) fn at(&mut self, place: &Path) -> &mut KnownPlace {
        self.places.entry(place.to_string_lossy().into_owned()).or_default()
    }
}

/// Notes what became of a try to make or rehearse a backup in this folder.
pub fn note(
    state: &Folder,
    place: &Path,
    at: Timestamp,
    change: impl FnOnce(&mut KnownPlace) -> Result<(), String>,
) -> Result<(), BackupError> {
    let mut known = Known::read(state)?;
    let one = known.at(place);
    match change(one) {
        Ok(()) => one.failing = None,
        Err(why) => {
            let since = one.failing.as_ref().map_or(at, |(since, _)| *since);
            one.failing = Some((since, why));
        }
    }
    known.write(state)
}
