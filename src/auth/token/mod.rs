//! Secrets that stand for somebody: the token of a cookie or link, and the set-up code.
//!
//! A [`Token`] is kept by a browser alone. The database has its [`lookup_id`], and whatever the
//! session may open is wrapped under its [`wrapping_key`]. Both are HKDF-SHA256 of the token with
//! labels of their own, so neither the token nor the key follows from what the database has.

#[cfg(test)]
mod tests;

use data_encoding::BASE64URL_NOPAD;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{code::Code, kdf::Key};

const N_BYTES: usize = 32;

/// How long a token is as text.
const N_CHARACTERS: usize = 43;

const LOOKUP_LABEL: &[u8] = b"hutch token look-up";
const WRAPPING_LABEL: &[u8] = b"hutch token wrapping";

/// 256 random bits for a cookie or a link. Zeroed on drop; it cannot be printed, compared or cloned.
///
/// It lives on the heap, so that moving it leaves no copy behind.
pub struct Token(Box<Zeroizing<[u8; N_BYTES]>>);

/// The text is not that of a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this is not a token of Hutch")]
pub struct NotAToken;

impl Token {
    /// Draws a new token.
    pub fn generate() -> Self {
        let mut bytes = Box::new(Zeroizing::new([0; N_BYTES]));
        super::draw(bytes.as_mut_slice());
        Self(bytes)
    }

    /// Reads what [`Token::to_text`] gave, and no other spelling of it.
    pub fn parse(text: &str) -> Result<Self, NotAToken> {
        if text.len() != N_CHARACTERS {
            return Err(NotAToken);
        }
        let mut bytes = Box::new(Zeroizing::new([0; N_BYTES]));
        let n_bytes = BASE64URL_NOPAD
            .decode_mut(text.as_bytes(), bytes.as_mut_slice())
            .map_err(|_which_character| NotAToken)?;
        if n_bytes == N_BYTES { Ok(Self(bytes)) } else { Err(NotAToken) }
    }

    /// Returns the token as base64url without padding, which fits a cookie and a link as it is.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64URL_NOPAD.encode(self.0.as_slice()))
    }
}

/// Returns the name under which the database finds what belongs to this token.
pub fn lookup_id(token: &Token) -> [u8; 32] {
    let mut id = [0; 32];
    expand(token, LOOKUP_LABEL, &mut id);
    id
}

/// Returns the key that wraps what whoever has this token may open.
pub fn wrapping_key(token: &Token) -> Key {
    Key::filled_by(|key| expand(token, WRAPPING_LABEL, key))
}

fn expand(token: &Token, label: &[u8], out: &mut [u8; 32]) {
    // No salt: the token is drawn at random and long enough as it is.
    Hkdf::<Sha256>::new(None, token.0.as_slice())
        .expand(label, out)
        .expect("HKDF-SHA256 gives up to 8,160 bytes");
}

/// The code that guards the first start, as short as typing asks for: 60 random bits.
///
/// Zeroed on drop; it cannot be printed, compared or cloned.
pub struct SetupCode(Code);

impl SetupCode {
    /// Draws a new code.
    pub fn generate() -> Self {
        Self(Code::generate())
    }

    /// Reads what somebody typed, or nothing if it cannot be a code.
    ///
    /// Case, spaces and hyphens do not matter; O is read as 0, I and L as 1.
    pub fn parse(text: &str) -> Option<Self> {
        Code::parse(text).map(Self)
    }

    /// Returns the code as people read it: `XXXX-XXXX-XXXX`, without I, L, O and U.
    pub fn to_text(&self) -> Zeroizing<String> {
        self.0.to_text()
    }

    /// Returns whether both are the same code, in a time that does not tell where they differ.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.matches(&other.0)
    }
}
