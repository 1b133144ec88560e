//! Private keys put away under another key: a password's, or a session's.
//!
//! A *wrap* holds a private key, and what belongs to it, under 32 bytes that the hub does not
//! keep: it makes them of a password or of a cookie each time. Opening the wrap is the check of
//! the password. It is one sealed segment (see `stream`); what it is for, whose it is and what it
//! holds are authenticated with it, so a wrap moved to another row does not open.

use chacha20poly1305::ChaCha20Poly1305;
use zeroize::Zeroizing;

use super::{
    SealError,
    format::{self, Form},
    secret::Secret,
    stream,
};

const LABEL: &[u8] = b"hutch wrap";

/// The key of a wrap. Zeroed on drop; it cannot be printed, compared or cloned.
pub struct WrapKey(Secret);

/// What opens a wrap. The numbers are part of the format: never reuse one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Opener {
    /// A password of an account.
    Password,
    /// The cookie of a session.
    Session,
    /// A link that is good once.
    Link,
}

/// Where a wrap belongs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Place {
    /// What opens it.
    pub opener: Opener,
    /// The account, session or link, by its identifier.
    pub id: [u8; 16],
}

/// A private key put away. Only this module makes one.
#[derive(Clone, Eq, PartialEq)]
pub struct Wrap(Vec<u8>);

impl WrapKey {
    /// Takes 32 bytes that nobody can guess, and that the caller zeroes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Secret::copied(bytes))
    }

    /// Wraps a private key with what belongs to it. More than
    /// [`MAX_PLAIN_BYTES`](super::MAX_PLAIN_BYTES) is refused, the only way to fail.
    pub fn wrap(&self, place: &Place, plain: &[u8]) -> Result<Wrap, SealError> {
        let header = format::header(Form::Wrap);
        stream::seal(&self.0, LABEL, header, &place.encode(header), plain).map(Wrap)
    }

    /// Opens a wrap. An error means that the password or cookie is another one.
    pub fn open(&self, place: &Place, wrap: &Wrap) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (Form::Wrap, _body) = format::read(&wrap.0)? else {
            return Err(SealError::NotSealed);
        };
        let place = place.encode(format::header(Form::Wrap));
        stream::open::<ChaCha20Poly1305>(&self.0, LABEL, &place, wrap.0.clone())
    }
}

impl Place {
    /// Returns the 23 bytes that are authenticated: header, opener, identifier.
    fn encode(&self, header: [u8; 6]) -> Vec<u8> {
        let Self { opener, id } = self;
        let opener = match opener {
            Opener::Password => 1,
            Opener::Session => 2,
            Opener::Link => 3,
        };
        [header.as_slice(), &[opener], id].concat()
    }
}

impl Wrap {
    /// Takes back what [`Wrap::as_bytes`] gave, after a look at header and length.
    pub fn from_stored(bytes: Vec<u8>) -> Result<Self, SealError> {
        match format::read(&bytes)? {
            (Form::Wrap, body) if stream::is_plausible(body) => Ok(Self(bytes)),
            _ => Err(SealError::NotSealed),
        }
    }

    /// Returns the bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Wrap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wrap")
    }
}
