//! The hub's own keys, which it needs with nobody signed in.

use std::{fs::File, path::Path};

use zeroize::Zeroizing;

use super::{Folder, StateError, read_secret};
use crate::seal::{DeviceKey, HashKey, age::RehearsalKey};

const DATABASE: &str = "hutch.db";
const DEVICE: Kept = Kept {
    file: "device.key",
    lost: "messages and library sounds that were waiting for a toy cannot be sent any more",
};
const HASH: Kept =
    Kept { file: "hash.key", lost: "recordings that are still on a toy may appear a second time" };
const REHEARSAL: Kept =
    Kept { file: "rehearsal.key", lost: "older backups open with the recovery key only" };

/// What systemd calls the device key when it hands it over (systemd.exec(5), `LoadCredential=`).
const CREDENTIAL: &str = "hutch.device-key";

/// The keys that the hub keeps for itself.
pub struct Keys {
    /// Opens clips that wait for a toy.
    pub device: DeviceKey,
    /// Recognizes recordings.
    pub hash: HashKey,
}

/// A key in a file.
struct Kept {
    file: &'static str,
    /// What it costs to go on without it.
    lost: &'static str,
}

impl Keys {
    /// Takes the keys of a household, and draws those that are not there.
    ///
    /// A key that is missing beside a database is a loss, but not of anything that people keep: the
    /// hub goes on with a new one and says what was lost. A key that is damaged stops it, for the
    /// right one may still be found.
    ///
    /// `credentials` is the folder in which systemd hands over the device key, if it does.
    pub fn take(state: &Folder, credentials: Option<&Path>) -> Result<Self, StateError> {
        let device = match from_credential(credentials)? {
            Some(bytes) => {
                if state.has(DEVICE.file) {
                    tracing::warn!(
                        "the device key comes from the system's credentials; \
                         the file device.key is not used and can be removed"
                    );
                }
                bytes
            }
            None => DEVICE.take_or_draw(state, || DeviceKey::generate().to_bytes())?,
        };
        let hash = HASH.take_or_draw(state, || HashKey::generate().to_bytes())?;
        Ok(Self { device: DeviceKey::from_bytes(&device), hash: HashKey::from_bytes(&hash) })
    }
}

/// Takes the key with which backups are rehearsed, and draws it where there is none.
///
/// It is of use only to whoever has the backups, and what is in those is sealed for people.
pub fn rehearsal_key(state: &Folder) -> Result<RehearsalKey, StateError> {
    let bytes = if let Some(bytes) = state.read(REHEARSAL.file)? {
        REHEARSAL.check(&bytes, &state.path().join(REHEARSAL.file))?
    } else {
        let drawn = RehearsalKey::generate().to_bytes();
        state.replace(REHEARSAL.file, drawn.as_slice())?;
        drawn
    };
    Ok(RehearsalKey::from_bytes(&bytes))
}

impl Kept {
    fn take_or_draw(
        &self,
        state: &Folder,
        draw: impl FnOnce() -> Zeroizing<[u8; 32]>,
    ) -> Result<Zeroizing<[u8; 32]>, StateError> {
        if let Some(bytes) = state.read(self.file)? {
            return self.check(&bytes, &state.path().join(self.file));
        }
        if state.has(DATABASE) {
            tracing::warn!(
                file = self.file,
                "a key of this household is missing and replaced by a new one: {}",
                self.lost
            );
        }
        let drawn = draw();
        state.replace(self.file, drawn.as_slice())?;
        Ok(drawn)
    }

    fn check(&self, bytes: &[u8], path: &Path) -> Result<Zeroizing<[u8; 32]>, StateError> {
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            let (path, n_bytes, lost) = (path.to_owned(), bytes.len(), self.lost);
            return Err(StateError::BadKey { path, n_bytes, lost });
        }
        key.copy_from_slice(bytes);
        Ok(key)
    }
}

/// Reads the device key that the system hands over, if it does.
fn from_credential(folder: Option<&Path>) -> Result<Option<Zeroizing<[u8; 32]>>, StateError> {
    let Some(path) = folder.map(|folder| folder.join(CREDENTIAL)) else { return Ok(None) };
    if !path.exists() {
        return Ok(None);
    }
    let bytes = File::open(&path).and_then(|mut file| read_secret(&mut file));
    let bytes =
        bytes.map_err(|source| StateError::Io { action: "read", path: path.clone(), source })?;
    DEVICE.check(&bytes, &path).map(Some)
}
