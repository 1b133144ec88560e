//! The six bytes that everything sealed begins with.

use super::SealError;

/// How long the header is.
pub(super) const HEADER_BYTES: usize = 6;

/// `89 48 54 43`: a byte that is not ASCII, then "HTC".
const MAGIC: [u8; 4] = [0x89, b'H', b'T', b'C'];

/// The only version so far. A file of each version is kept and opened by the tests for ever.
const VERSION: u8 = 1;

/// What follows the header. The database checks these numbers too.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// A part of an item, under a key derived from its content key.
    Part,
    /// Anything under a key derived from the device key.
    Device,
    /// A content key for one recipient.
    Key,
    /// A private key under a password's or session's key.
    Wrap,
    /// The household's key for the recovery key.
    Household,
    /// The household's key before, for the one in use.
    Previous,
}

/// Returns the header of this form in the version that is written.
pub(super) const fn header(form: Form) -> [u8; HEADER_BYTES] {
    let form = match form {
        Form::Part => 1,
        Form::Device => 2,
        Form::Key => 3,
        Form::Wrap => 4,
        Form::Household => 5,
        Form::Previous => 6,
    };
    let [a, b, c, d] = MAGIC;
    [a, b, c, d, form, VERSION]
}

/// Returns form and body of sealed bytes.
pub(super) fn read(bytes: &[u8]) -> Result<(Form, &[u8]), SealError> {
    let Some(([magic @ .., form, version], body)) = bytes.split_first_chunk::<HEADER_BYTES>()
    else {
        return Err(SealError::NotSealed);
    };
    let form = match form {
        1 => Form::Part,
        2 => Form::Device,
        3 => Form::Key,
        4 => Form::Wrap,
        5 => Form::Household,
        6 => Form::Previous,
        _ => return Err(SealError::NotSealed),
    };
    if *magic != MAGIC {
        return Err(SealError::NotSealed);
    }
    match version.cmp(&VERSION) {
        std::cmp::Ordering::Less => Err(SealError::NotSealed),
        std::cmp::Ordering::Equal => Ok((form, body)),
        std::cmp::Ordering::Greater => Err(SealError::TooNew),
    }
}
