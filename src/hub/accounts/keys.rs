//! What lies behind a password, a cookie, a link: the key that its owner opens things with.

use zeroize::Zeroizing;

use super::{Advice, two_step};
use crate::{
    auth::{
        kdf,
        token::{self, Token},
    },
    hub::HubError,
    model::{AccountId, Role, Timestamp},
    seal::{
        About, AccountKey, ContentKey, Opener, Place, PrivateKey as _, SealError, SealedKey, Wrap,
        WrapKey, household::HouseholdKey,
    },
    store::accounts,
};

/// The key that an account opens things with. Which sort it is stands inside the wrap, too: a role
/// that was changed by hand in the database opens nothing.
pub(super) enum OwnKey {
    /// A guardian's: the household's.
    Household(HouseholdKey),
    /// A relative's own.
    Relative(AccountKey),
    /// A child screen's own.
    Screen(AccountKey),
}

/// What lies behind a password.
pub(super) struct Behind {
    pub(super) key: OwnKey,
    pub(super) totp: Option<two_step::State>,
}

/// A password as it is stored: a salt, what a key costs, and the wrap.
pub(super) struct NewPassword {
    pub(super) salt: [u8; 16],
    pub(super) cost: kdf::Cost,
    pub(super) key: WrapKey,
}

impl OwnKey {
    pub(super) fn of_household(key: &HouseholdKey) -> Self {
        Self::Household(key.again())
    }

    /// Returns the household's key, if it is that.
    pub(super) const fn household(&self) -> Option<&HouseholdKey> {
        match self {
            Self::Household(key) => Some(key),
            Self::Relative(_) | Self::Screen(_) => None,
        }
    }

    pub(super) const fn role(&self) -> Role {
        match self {
            Self::Household(_) => Role::Guardian,
            Self::Relative(_) => Role::Relative,
            Self::Screen(_) => Role::ChildScreen,
        }
    }

    fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        match self {
            Self::Household(key) => key.to_bytes(),
            Self::Relative(key) | Self::Screen(key) => key.to_bytes(),
        }
    }

    fn from_bytes(role: Role, bytes: &Zeroizing<[u8; 32]>) -> Self {
        match role {
            Role::Guardian => Self::Household(HouseholdKey::from_bytes(bytes)),
            Role::Relative => Self::Relative(AccountKey::from_bytes(bytes)),
            Role::ChildScreen => Self::Screen(AccountKey::from_bytes(bytes)),
        }
    }

    /// Opens the content key of an item.
    pub(super) fn open(&self, key: &SealedKey, about: &About) -> Result<ContentKey, SealError> {
        match self {
            Self::Household(own) => own.open(key, about),
            Self::Relative(own) | Self::Screen(own) => own.open(key, about),
        }
    }
}

/// The number that stands for a role inside a wrap. Never reuse one.
const fn code_of(role: Role) -> u8 {
    match role {
        Role::Guardian => 1,
        Role::Relative => 2,
        Role::ChildScreen => 3,
    }
}

fn role_of(code: u8) -> Option<Role> {
    Role::ALL.into_iter().find(|role| code_of(*role) == code)
}

impl Behind {
    /// Returns the bytes that are wrapped: a number for whose key it is, the key, then what two-step
    /// sign-in needs, if anything.
    fn encode(&self) -> Zeroizing<Vec<u8>> {
        let Self { key, totp } = self;
        // Room for everything at once: a vector that grows leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(1_024));
        bytes.push(code_of(key.role()));
        bytes.extend_from_slice(key.to_bytes().as_slice());
        if let Some(totp) = totp {
            bytes.extend_from_slice(&totp.encode());
        }
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, SealError> {
        let (code, rest) = bytes.split_first().ok_or(SealError::NotSealed)?;
        let role = role_of(*code).ok_or(SealError::TooNew)?;
        let (key, totp) = rest.split_first_chunk::<32>().ok_or(SealError::NotSealed)?;
        let totp = match totp {
            [] => None,
            state => Some(two_step::State::decode(state).ok_or(SealError::NotSealed)?),
        };
        Ok(Self { key: OwnKey::from_bytes(role, &copied(key)), totp })
    }
}

impl NewPassword {
    pub(super) fn wrap(
        &self,
        account: AccountId,
        behind: &Behind,
        changed_at: Timestamp,
        totp_step: Option<i64>,
    ) -> Result<accounts::Password, HubError> {
        let wrap = self.key.wrap(&place(Opener::Password, account.as_bytes()), &behind.encode())?;
        let kdf::Cost { memory_kib, passes } = self.cost;
        Ok(accounts::Password {
            salt: self.salt,
            memory_kib,
            passes,
            wrap: Ok(wrap),
            changed_at,
            totp_step,
        })
    }
}

pub(super) const fn place(opener: Opener, id: &[u8; 16]) -> Place {
    Place { opener, id: *id }
}

/// Returns the key that wraps what a cookie or link opens.
fn wrap_key(token: &Token) -> WrapKey {
    WrapKey::from_bytes(token::wrapping_key(token).as_bytes())
}

/// Wraps a key for a session or link: the key, whether the password should be changed, and a number
/// for whose key it is. (The first guardians' sessions had no such number.)
pub(super) fn wrap_own(
    token: &Token,
    place: &Place,
    key: &OwnKey,
    advice: Option<Advice>,
) -> Result<Wrap, SealError> {
    // Room for everything at once: a vector that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(34));
    bytes.extend_from_slice(key.to_bytes().as_slice());
    bytes.push(Advice::code(advice));
    bytes.push(code_of(key.role()));
    wrap_key(token).wrap(place, &bytes)
}

/// Opens the wrap of a session or link.
pub(super) fn unwrap_own(
    token: &Token,
    place: &Place,
    wrap: &Wrap,
) -> Result<(OwnKey, Option<Advice>), SealError> {
    let bytes = wrap_key(token).open(place, wrap)?;
    let (key, rest) = bytes.split_first_chunk::<32>().ok_or(SealError::NotSealed)?;
    let advice = rest.first().copied().and_then(Advice::from_code);
    let role = match rest.get(1) {
        None => Role::Guardian,
        Some(code) => role_of(*code).ok_or(SealError::TooNew)?,
    };
    Ok((OwnKey::from_bytes(role, &copied(key)), advice))
}

/// Opens the wrap of a guardian's link.
pub(super) fn unwrap_household(
    token: &Token,
    place: &Place,
    wrap: &Wrap,
) -> Result<HouseholdKey, SealError> {
    match unwrap_own(token, place, wrap)? {
        (OwnKey::Household(key), _) => Ok(key),
        (OwnKey::Relative(_) | OwnKey::Screen(_), _) => Err(SealError::DoesNotOpen),
    }
}

fn copied(key: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    let mut copied = Zeroizing::new([0; 32]);
    copied.copy_from_slice(key);
    copied
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn behind(code: u8) -> Vec<u8> {
        [[code].as_slice(), &KEY].concat()
    }

    /// What households have stored stays readable: these bytes are the format.
    #[test]
    fn what_lies_behind_a_password_says_whose_key_it_is() {
        for (code, role) in [(1, Role::Guardian), (2, Role::Relative), (3, Role::ChildScreen)] {
            let decoded = Behind::decode(&behind(code)).unwrap();

            assert_eq!(decoded.key.role(), role);
            assert_eq!(*decoded.key.to_bytes(), KEY);
            assert!(decoded.totp.is_none());
            assert_eq!(**decoded.encode(), behind(code));
        }
        assert_eq!(Behind::decode(&behind(4)).err(), Some(SealError::TooNew));
        assert_eq!(Behind::decode(&behind(1)[..32]).err(), Some(SealError::NotSealed));
        assert_eq!(Behind::decode(&[]).err(), Some(SealError::NotSealed));
    }

    #[test]
    fn the_sessions_of_the_first_guardians_open_still() {
        let token = Token::generate();
        let place = place(Opener::Session, &[1; 16]);
        let old = [KEY.as_slice(), &[1]].concat();
        let wrap = wrap_key(&token).wrap(&place, &old).unwrap();

        let (key, advice) = unwrap_own(&token, &place, &wrap).unwrap();

        assert_eq!((key.role(), advice), (Role::Guardian, Some(Advice::Words)));
        assert_eq!(*key.to_bytes(), KEY);
    }

    #[test]
    fn a_session_keeps_whose_key_it_has() {
        let (token, place) = (Token::generate(), place(Opener::Session, &[1; 16]));
        for role in Role::ALL {
            let own = OwnKey::from_bytes(role, &Zeroizing::new(KEY));

            let wrap = wrap_own(&token, &place, &own, None).unwrap();

            let (opened, advice) = unwrap_own(&token, &place, &wrap).unwrap();
            assert_eq!((opened.role(), advice), (role, None));
            assert_eq!(*opened.to_bytes(), KEY);
            let is_household = unwrap_household(&token, &place, &wrap).is_ok();
            assert_eq!(is_household, role == Role::Guardian);
        }
    }
}
