//! Erasing the household as a whole: what the daemon does when it is asked to, and what is done
//! where no daemon runs.

use std::{ffi::OsString, path::Path};

use anyhow::{Context as _, anyhow};

use crate::{
    state::Folder,
    store::{Store, erase},
};

/// Erases the household in a folder that no daemon uses. Returns the names of what is left there,
/// which is not Hutch's.
pub async fn erase_household(folder: &Path) -> anyhow::Result<Vec<OsString>> {
    let nothing_here = || {
        anyhow!(
            "there is no household in {}: nothing was erased; name its folder with --state",
            folder.display()
        )
    };
    if !folder.exists() {
        return Err(nothing_here());
    }
    let state = Folder::existing(folder)?;
    if !state.has_household() {
        return Err(nothing_here());
    }
    let _lock = state.lock()?;
    state.begin_erasing()?;
    if state.has("hutch.db") {
        // A database that cannot be opened any more is removed all the same.
        match Store::open(state.path()) {
            Ok(store) => lose_keys(&store).await,
            Err(error) => tracing::warn!(%error, "the database is removed without being opened"),
        }
    }
    let left = state.erase().context("erasing the household")?;
    // Whoever makes the next one is the daemon's user, who could not use a lock of root's.
    state.remove_lock()?;
    Ok(left)
}

/// Makes what is stored a secret that nobody knows, and closes the database: should a card keep
/// pages of it that were removed, there is no key that opens them.
pub(super) async fn lose_keys(store: &Store) {
    if let Err(error) = store.write(erase::lose_all_keys).await {
        tracing::warn!(%error, "the keys go with the database's file only");
    }
    match store.scrub().await {
        Ok(true) => {}
        Ok(false) => tracing::warn!("the database's log goes with its file only"),
        Err(error) => tracing::warn!(%error, "the database's log goes with its file only"),
    }
    store.close().await;
}
