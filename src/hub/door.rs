//! Who may come in, as long as there are no accounts: whoever has the address that the terminal
//! printed.
//!
//! The address carries a random token. It is exchanged once per browser for a random cookie, and
//! the cookie is what later requests prove themselves with. Both are kept as hashes only, so that
//! comparing them tells nothing through its timing and memory holds nothing that opens the door.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::random;
use crate::seal::household::HouseholdKey;

/// 256 random bits as text that fits into a URL or a cookie. Never printed by `Debug`.
pub struct Token(Zeroizing<String>);

/// Proof that a guardian asks, with the household key in its hand. Lives for one request.
pub struct Guardian {
    pub(super) household: HouseholdKey,
}

/// The only door of the demo.
pub struct Door {
    token: [u8; 32],
    cookie: [u8; 32],
    cookie_text: Token,
    household: HouseholdKey,
}

impl Token {
    /// Draws a new one.
    pub fn random() -> Self {
        let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(random());
        Self(Zeroizing::new(BASE64URL_NOPAD.encode(bytes.as_slice())))
    }

    /// Returns the text. It opens the door: it goes to the terminal or the browser, nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Door {
    /// Makes a door that opens to this token, behind which is this household's key.
    pub fn new(token: &Token, household: HouseholdKey) -> Self {
        let cookie_text = Token::random();
        let cookie = hash(cookie_text.expose());
        Self { token: hash(token.expose()), cookie, cookie_text, household }
    }

    /// Exchanges the token for the cookie.
    pub(super) fn enter(&self, token: &str) -> Option<&Token> {
        let fits: bool = hash(token).ct_eq(&self.token).into();
        fits.then_some(&self.cookie_text)
    }

    /// Lets in whoever has the cookie.
    pub(super) fn guardian(&self, cookie: &str) -> Option<Guardian> {
        let fits: bool = hash(cookie).ct_eq(&self.cookie).into();
        fits.then(|| Guardian { household: HouseholdKey::from_bytes(&self.household.to_bytes()) })
    }
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
