//! Requests that are made again: over bad Wi-Fi nobody knows whether the first one arrived.
//!
//! Whoever sends a sound may give the request a key of their own. It is remembered in the transaction
//! that stores the sound, so that there is never one without the other: asked again with the same key,
//! the hub stores nothing and answers with what it stored then. A request that came to nothing is not
//! remembered, and may be made again.

use super::{Asks, Hub, HubError, view::Item};
use crate::{
    model::{AccountId, ItemId, Timestamp},
    store::{
        StoreError, Transaction,
        requests::{self, Before, Request},
    },
};

/// For how long a request is known at least.
pub(super) const KNOWN_FOR_S: i64 = 7 * 24 * 3_600;

/// The key of a request, which whoever asks has chosen.
pub struct RequestKey(String);

impl RequestKey {
    /// The most characters that it has.
    pub const MAX_LENGTH: usize = 64;

    /// Takes a key: 1 to 64 letters, digits, `-` and `_`.
    pub fn parse(text: &str) -> Result<Self, HubError> {
        let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let has_length = (1..=Self::MAX_LENGTH).contains(&text.len());
        if has_length && text.bytes().all(is_taken) {
            Ok(Self(text.to_owned()))
        } else {
            Err(HubError::BadRequestKey)
        }
    }
}

impl Hub {
    /// Returns what is remembered of a request that has a key. `asked` is what it asks for: each part
    /// as long as it is in every request, so that no two requests look the same.
    pub(super) fn request(
        &self,
        account: AccountId,
        key: Option<&RequestKey>,
        asked: &[&[u8]],
    ) -> Option<Request> {
        let RequestKey(key) = key?;
        let mac = |label: &[u8], parts: &[&[u8]]| {
            self.tools().hash.mac(&[&[label, account.as_bytes()], parts].concat().concat())
        };
        Some(Request {
            account,
            key_mac: mac(b"hutch request key\0", &[key.as_bytes()]),
            asked_mac: mac(b"hutch request asked\0", asked),
        })
    }

    /// Answers a request that was made before: with what was stored then, as it is now.
    pub(super) async fn answer_again(
        &self,
        by: &impl Asks,
        before: Before,
    ) -> Result<Vec<Item>, HubError> {
        let Before::Stored(ids) = before else { return Err(HubError::OtherRequest) };
        let mut items = Vec::with_capacity(ids.len());
        for id in ids {
            match self.item(by, id).await {
                Ok(item) => items.push(item),
                // Of a message in parts, some may be there still.
                Err(HubError::NoSuchItem) => {}
                Err(error) => return Err(error),
            }
        }
        if items.is_empty() { Err(HubError::ErasedSince) } else { Ok(items) }
    }
}

/// Returns what came of a request that was made before, if it has a key.
pub(super) fn before(
    tx: &Transaction<'_>,
    request: Option<Request>,
) -> Result<Option<Before>, StoreError> {
    request.map_or(Ok(None), |request| requests::find(tx, &request))
}

/// Remembers a request with what is stored for it, if it has a key.
pub(super) fn remember(
    tx: &Transaction<'_>,
    request: Option<Request>,
    items: &[ItemId],
    at: Timestamp,
) -> Result<(), StoreError> {
    request.map_or(Ok(()), |request| requests::insert(tx, &request, items, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_of_letters_digits_and_two_signs() {
        for key in ["a", "Z-_9", &"x".repeat(64), "0196c5ae-7a52-7d8e-b5a1-1f6c0a3b2c4d"] {
            assert!(RequestKey::parse(key).is_ok(), "{key}");
        }
        for key in ["", " ", "a b", "a.b", "ä", "a\n", "a,b", "\"a\"", &"x".repeat(65)] {
            assert!(matches!(RequestKey::parse(key), Err(HubError::BadRequestKey)), "{key:?}");
        }
    }
}
