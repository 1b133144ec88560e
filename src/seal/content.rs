//! The key of one item.

use chacha20poly1305::ChaCha20Poly1305;
use zeroize::Zeroizing;

use super::{
    About, KeyFor, Part, PublicKey, SealError, Sealed, SealedKey,
    format::{self, Form},
    recipient,
    secret::Secret,
    stream::{self, Quick},
};

/// Label of the keys derived for the parts; the number of the part follows it.
const LABEL: &[u8] = b"hutch part of an item";

/// The key of one item, from which the keys of its parts are derived.
///
/// Never stored as it is: only sealed, for each recipient. Zeroed on drop; it cannot
/// be printed, compared or cloned.
pub struct ContentKey(pub(super) Secret);

/// Draws the key of a new item.
pub fn new_content_key() -> ContentKey {
    ContentKey(Secret::random())
}

impl ContentKey {
    /// Seals a part. May be done again for the same part, as when a name changes.
    ///
    /// More than [`MAX_PLAIN_BYTES`](super::MAX_PLAIN_BYTES) is refused, the only way to fail.
    pub fn seal(&self, part: Part, about: &About, plain: &[u8]) -> Result<Sealed, SealError> {
        let header = format::header(Form::Part);
        let about = about.encode(header, Some(part));
        stream::seal(&self.0, &label(part), header, &about, plain).map(Sealed)
    }

    /// Opens a part. Nothing comes out unless all of it is what was sealed as this part
    /// of this very item.
    pub fn open(
        &self,
        part: Part,
        about: &About,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        self.open_in_place(part, about, sealed.clone())
    }

    /// Does the same where the sealed bytes are. A sound is long, and each copy of it takes time.
    pub fn open_in_place(
        &self,
        part: Part,
        about: &About,
        sealed: Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (Form::Part, _body) = format::read(sealed.as_bytes())? else {
            return Err(SealError::DoesNotOpen);
        };
        let about = about.encode(format::header(Form::Part), Some(part));
        let open = match part {
            Part::Sound | Part::Picture => stream::open::<Quick>,
            Part::Waveform | Part::Text => stream::open::<ChaCha20Poly1305>,
        };
        open(&self.0, &label(part), &about, sealed.0)
    }

    /// Seals this key for one recipient. Each call gives other bytes.
    pub fn seal_for(&self, recipient: &PublicKey, about: &About) -> SealedKey {
        recipient::seal(recipient, about, self)
    }

    /// Does the same, and says for whom.
    pub fn key_for(&self, recipient: &PublicKey, about: &About) -> KeyFor {
        KeyFor { recipient: *recipient, key: self.seal_for(recipient, about) }
    }
}

fn label(part: Part) -> Vec<u8> {
    [LABEL, &[part.code()]].concat()
}
