//! Codes that people read from one screen or sheet and type into another.

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The digits of Crockford's base 32: none of I, L, O and U, which look like others.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const N_DIGITS: usize = 12;
const N_DIGITS_OF_GROUP: usize = 4;

/// Twelve digits of five random bits each, zeroed on drop.
///
/// No `Debug`, `Display`, `Clone`, `PartialEq` or `Serialize`, here or on any code made of it.
pub(super) struct Code(Zeroizing<[u8; N_DIGITS]>);

impl Code {
    pub(super) fn generate() -> Self {
        let mut digits = Zeroizing::new([0; N_DIGITS]);
        super::draw(digits.as_mut());
        for digit in digits.iter_mut() {
            // 256 is a multiple of 32: every digit is as likely as any other.
            let random = usize::from(*digit) % DIGITS.len();
            *digit = DIGITS.get(random).copied().expect("a remainder is less than its divisor");
        }
        Self(digits)
    }

    /// Reads what somebody typed, or nothing if it cannot be a code.
    ///
    /// Case, spaces and hyphens do not matter; O is read as 0, I and L as 1.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut digits = Zeroizing::new([0; N_DIGITS]);
        let mut places = digits.iter_mut();
        for typed in text.chars() {
            if typed.is_whitespace() || is_hyphen(typed) {
                continue;
            }
            let digit = match typed.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let digit = u8::try_from(digit).ok().filter(|digit| DIGITS.contains(digit))?;
            *places.next()? = digit;
        }
        places.next().is_none().then_some(Self(digits))
    }

    /// Returns the code as people read it, in groups of four.
    pub(super) fn to_text(&self) -> Zeroizing<String> {
        // With room for all of it, so that growing leaves no copy behind.
        let mut text = Zeroizing::new(String::with_capacity(2 * N_DIGITS));
        for (at, digit) in self.0.iter().enumerate() {
            if at != 0 && at % N_DIGITS_OF_GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(*digit));
        }
        text
    }

    /// Returns the twelve digits as ASCII, which all spellings of the code share.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Returns whether both are the same, in a time that does not tell where they differ.
    pub(super) fn matches(&self, other: &Self) -> bool {
        self.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

/// Whether this is one of the dashes that keyboards and their corrections make of a hyphen.
fn is_hyphen(typed: char) -> bool {
    matches!(typed, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}
