//! The second factor: six digits that an app makes of a secret and the time, or a recovery code.
//!
//! RFC 6238 with SHA-1, six digits and steps of 30 seconds, which is what every app can do. Two
//! steps to either side of the hub's time are accepted: two minutes and a half in all, for phones
//! whose clock is off. A step counts once. Whoever keeps an account keeps the last step that counted.
//!
//! It is twenty lines over `hmac` and `sha1`, which are here anyway; a library would bring others
//! along and keep the secret in a form that can be printed.

mod recovery;
#[cfg(test)]
mod tests;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};
use zeroize::Zeroizing;

pub use recovery::{N_CODES, NotRecoveryCodes, RecoveryCodes};

use crate::model::Timestamp;

const SECRET_BYTES: usize = 20;

/// How long a secret is as text: 32 characters for 160 bits, with nothing left over.
const SECRET_CHARACTERS: usize = 32;

const STEP_S: i64 = 30;
const N_DIGITS: usize = 6;

/// How many steps the clocks of hub and phone may be apart.
const TOLERANCE: i64 = 2;

/// Which 30 seconds since the start of 1970.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Step(pub i64);

/// What app and hub share. Zeroed on drop; it cannot be printed, compared or cloned.
///
/// It lives on the heap, so that moving it leaves no copy behind.
pub struct Secret(Box<Zeroizing<[u8; SECRET_BYTES]>>);

/// The text or bytes are not those of a secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this is not the secret of an authenticator app")]
pub struct NotASecret;

impl Secret {
    /// Draws a new secret.
    pub fn generate() -> Self {
        let mut bytes = Box::new(Zeroizing::new([0; SECRET_BYTES]));
        super::draw(bytes.as_mut_slice());
        Self(bytes)
    }

    /// Reads base32, as [`Secret::to_base32`] gave it or as somebody typed it: in either case, with
    /// spaces.
    pub fn parse(text: &str) -> Result<Self, NotASecret> {
        let mut typed = Zeroizing::new([0; SECRET_CHARACTERS]);
        let mut places = typed.iter_mut();
        for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
            *places.next().ok_or(NotASecret)? = byte.to_ascii_uppercase();
        }
        if places.next().is_some() {
            return Err(NotASecret);
        }
        let mut bytes = Box::new(Zeroizing::new([0; SECRET_BYTES]));
        BASE32_NOPAD
            .decode_mut(typed.as_slice(), bytes.as_mut_slice())
            .map_err(|_which_character| NotASecret)?;
        Ok(Self(bytes))
    }

    /// Takes back what [`Secret::as_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotASecret> {
        if bytes.len() != SECRET_BYTES {
            return Err(NotASecret);
        }
        let mut secret = Box::new(Zeroizing::new([0; SECRET_BYTES]));
        secret.copy_from_slice(bytes);
        Ok(Self(secret))
    }

    /// Returns the 20 bytes, to be kept sealed.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Returns the secret as people type it into an app that cannot read the picture.
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(self.as_bytes()))
    }
}

/// Returns the step that the code belongs to, if it is right and counts for the first time.
///
/// `last_step` is the latest that counted; nothing up to it counts again. The caller keeps what
/// comes out in its place. How long it takes does not depend on the code.
pub fn verify(
    secret: &Secret,
    code: &str,
    now: Timestamp,
    last_step: Option<Step>,
) -> Option<Step> {
    let typed = read_code(code)?;
    let here = now.0.div_euclid(STEP_S);
    let (mut found, mut is_found) = (0_i64, Choice::from(0));
    for step in here.saturating_sub(TOLERANCE)..=here.saturating_add(TOLERANCE) {
        let is_unused = last_step.is_none_or(|last_step| last_step < Step(step));
        let code = code_at(secret, step);
        let is_right = Choice::from(u8::from(is_unused)) & code.as_slice().ct_eq(typed.as_slice());
        found.conditional_assign(&step, is_right);
        is_found |= is_right;
    }
    bool::from(is_found).then_some(Step(found))
}

/// Returns the text of the picture that an app reads.
///
/// `account` is what tells this secret from others in the app: the sign-in name.
pub fn uri(secret: &Secret, account: &str) -> Zeroizing<String> {
    let (account, secret) = (escape(account), secret.to_base32());
    Zeroizing::new(format!(
        "otpauth://totp/Hutch:{account}?secret={}&issuer=Hutch&algorithm=SHA1&digits={N_DIGITS}&period={STEP_S}",
        *secret
    ))
}

/// Returns the code of a step, in ASCII: RFC 4226, section 5.3.
fn code_at(secret: &Secret, step: i64) -> Zeroizing<[u8; N_DIGITS]> {
    let mut mac =
        Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(&step.to_be_bytes());
    let mac: [u8; 20] = mac.finalize().into_bytes().into();
    let [.., last] = mac;
    let truncated = mac.iter().skip(usize::from(last & 0x0F)).take(4);
    let number = truncated.fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let mut number = number & 0x7FFF_FFFF;
    let mut digits = Zeroizing::new([0; N_DIGITS]);
    for digit in digits.iter_mut().rev() {
        let ones = u8::try_from(number % 10).expect("a remainder is less than its divisor");
        *digit = b'0' + ones;
        number /= 10;
    }
    digits
}

/// Reads six digits, with spaces wherever somebody typed them.
fn read_code(text: &str) -> Option<Zeroizing<[u8; N_DIGITS]>> {
    let mut code = Zeroizing::new([0; N_DIGITS]);
    let mut places = code.iter_mut();
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let digit = Some(byte).filter(u8::is_ascii_digit)?;
        *places.next()? = digit;
    }
    places.next().is_none().then_some(code)
}

/// Writes everything but unreserved characters as `%` and two digits: RFC 3986, section 2.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(3 * text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push('%');
            escaped.push_str(&data_encoding::HEXUPPER.encode(&[byte]));
        }
    }
    escaped
}
