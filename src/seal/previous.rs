//! The household's key before, sealed for the one in use: while keys are changed, items are opened
//! with either.

use std::fmt;

use super::{
    PrivateKey as _, SealError,
    format::{self, Form},
    household::HouseholdKey,
    recipient,
};

const INFO: &[u8] = b"hutch household key before";

/// The household's key before, sealed for the one in use.
#[derive(Clone, Eq, PartialEq)]
pub struct SealedPrevious(Vec<u8>);

impl SealedPrevious {
    /// Takes back what [`SealedPrevious::as_bytes`] gave, after a look at header and length.
    pub fn from_stored(bytes: Vec<u8>) -> Result<Self, SealError> {
        match format::read(&bytes)? {
            (Form::Previous, body) if body.len() == recipient::BODY_BYTES => Ok(Self(bytes)),
            _ => Err(SealError::NotSealed),
        }
    }

    /// Returns the bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl HouseholdKey {
    /// Seals this key for the one that takes its place.
    pub fn seal_for_next(&self, next: &Self) -> SealedPrevious {
        let header = format::header(Form::Previous);
        let body = recipient::seal_bytes(&next.public(), INFO, &header, &self.to_bytes());
        SealedPrevious([header.as_slice(), &body].concat())
    }

    /// Opens the key before, to open items with that this one does not open yet.
    pub fn with_previous(mut self, sealed: &SealedPrevious) -> Result<Self, SealError> {
        let (Form::Previous, body) = format::read(&sealed.0)? else {
            return Err(SealError::NotSealed);
        };
        let header = format::header(Form::Previous);
        let previous = recipient::open_bytes(self.own(), INFO, &header, body)?;
        self.set_previous(&previous);
        Ok(self)
    }
}

impl fmt::Debug for SealedPrevious {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedPrevious")
    }
}
