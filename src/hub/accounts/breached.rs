//! The list of passwords from data breaches, where one was imported.

use std::{fs::File, io::BufReader, path::Path};

use crate::auth::breached::Index;

/// Opens the list, if there is one that can be read.
///
/// Without it passwords are looked at all the same, with the list that is built in.
pub(super) fn open(path: &Path) -> Option<Index<BufReader<File>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => {
            tracing::warn!(%error, "the imported list of passwords cannot be read");
            return None;
        }
    };
    Index::open(BufReader::new(file))
        .inspect_err(|error| tracing::warn!(%error, "the imported list of passwords is damaged"))
        .ok()
}
