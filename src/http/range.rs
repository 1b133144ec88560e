//! `Range`, as far as players use it: one range of bytes.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpResponse,
    body::{BodySize, MessageBody},
    http::{
        StatusCode,
        header::{self, HeaderMap},
    },
    web::Bytes,
};

use super::error::ApiError;

/// How much of a sound is handed over at a time: a TLS record. The server copies what it is handed
/// into a buffer of its own, which needs to be no larger.
const PIECE_BYTES: usize = 16 << 10;

/// What a request wants of a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wanted {
    /// All of it.
    Whole,
    /// The bytes from the first to the last of these, both included.
    Part { first: usize, last: usize },
    /// Bytes that there are not.
    Outside,
}

/// Answers with the part of a sound that the request wants.
///
/// The sound is one piece in memory; a part is a view of it, not a copy.
pub(super) fn answer(
    headers: &HeaderMap,
    content_type: &'static str,
    sound: Vec<u8>,
) -> Result<HttpResponse, ApiError> {
    let n_bytes = sound.len();
    let sound = Bytes::from(sound);
    let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    let (status, part) = match wanted(range, n_bytes) {
        Wanted::Whole => (StatusCode::OK, sound),
        Wanted::Part { first, last } => (StatusCode::PARTIAL_CONTENT, sound.slice(first..=last)),
        Wanted::Outside => return Err(ApiError::BadRange { n_bytes }),
    };
    let mut answer = HttpResponse::build(status);
    answer.content_type(content_type).insert_header((header::ACCEPT_RANGES, "bytes"));
    if let Wanted::Part { first, last } = wanted(range, n_bytes) {
        let range = format!("bytes {first}-{last}/{n_bytes}");
        answer.insert_header((header::CONTENT_RANGE, range));
    }
    Ok(answer.body(Pieces(part)))
}

/// A body of known length, in pieces.
struct Pieces(Bytes);

impl MessageBody for Pieces {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        // As much as is left when the server asks, which is before it takes any.
        BodySize::Sized(u64::try_from(self.0.len()).unwrap_or(u64::MAX))
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        if self.0.is_empty() {
            return Poll::Ready(None);
        }
        let n_bytes = self.0.len().min(PIECE_BYTES);
        Poll::Ready(Some(Ok(self.0.split_to(n_bytes))))
    }
}

/// Reads a `Range` header (RFC 9110, 14.2). What cannot be read, or asks for several ranges, is
/// answered with the whole.
fn wanted(range: Option<&str>, n_bytes: usize) -> Wanted {
    let Some((unit, spec)) = range.and_then(|range| range.split_once('=')) else {
        return Wanted::Whole;
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Wanted::Whole;
    }
    let Some((from, to)) = spec.trim().split_once('-') else { return Wanted::Whole };
    let end = n_bytes.saturating_sub(1);
    match (number(from), number(to)) {
        (Some(first), Some(last)) if last < first => Wanted::Whole,
        (Some(first), _) if n_bytes <= first && (to.is_empty() || number(to).is_some()) => {
            Wanted::Outside
        }
        (Some(first), Some(last)) => Wanted::Part { first, last: last.min(end) },
        (Some(first), None) if to.is_empty() => Wanted::Part { first, last: end },
        (None, Some(n_last)) if from.is_empty() => match n_last.min(n_bytes) {
            0 => Wanted::Outside,
            n_last => Wanted::Part { first: n_bytes - n_last, last: end },
        },
        (Some(_) | None, _) => Wanted::Whole,
    }
}

/// Reads digits. A number too large to count with is simply the largest one.
fn number(digits: &str) -> Option<usize> {
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_players_send() {
        let whole = Wanted::Whole;
        let part = |first, last| Wanted::Part { first, last };
        let cases = [
            ("bytes=0-1", part(0, 1)),
            ("bytes=0-", part(0, 99)),
            ("Bytes=5-5", part(5, 5)),
            ("bytes=90-1000", part(90, 99)),
            ("bytes=99-99999999999999999999999", part(99, 99)),
            ("bytes=-10", part(90, 99)),
            ("bytes=-1000", part(0, 99)),
            ("bytes=100-", Wanted::Outside),
            ("bytes=100-200", Wanted::Outside),
            ("bytes=99999999999999999999999-", Wanted::Outside),
            ("bytes=-0", Wanted::Outside),
            ("bytes=5-4", whole),
            ("bytes=0-1,3-4", whole),
            ("bytes=-", whole),
            ("bytes=a-b", whole),
            ("bytes=+1-2", whole),
            ("bytes=100-x", whole),
            ("seconds=0-1", whole),
            ("bytes", whole),
            ("", whole),
        ];
        for (text, expected) in cases {
            assert_eq!(wanted(Some(text), 100), expected, "{text}");
        }
        assert_eq!(wanted(None, 100), whole);
    }

    #[tokio::test]
    async fn a_long_sound_arrives_whole_and_says_how_long_it_is() {
        let sound: Vec<u8> = (0..=255).cycle().take(2 * PIECE_BYTES + 100).collect();
        for n_bytes in [0, 1, PIECE_BYTES, PIECE_BYTES + 1, sound.len()] {
            let sound = sound.iter().copied().take(n_bytes).collect::<Vec<u8>>();

            let answer = answer(&HeaderMap::new(), "audio/ogg", sound.clone()).unwrap();

            let expected = BodySize::Sized(n_bytes.try_into().unwrap());
            assert_eq!(answer.body().size(), expected);
            let body = actix_web::body::to_bytes(answer.into_body()).await.unwrap();
            assert!(body == sound, "{n_bytes} bytes");
        }
    }

    #[test]
    fn nothing_has_no_parts() {
        for text in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
            assert_eq!(wanted(Some(text), 0), Wanted::Outside, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_part_lies_inside_whatever_is_sent(
            text in prop_oneof!["\\PC{0,30}", "bytes=[0-9]{0,22}-[0-9]{0,22}"],
            n_bytes in 0_usize..2_000,
        ) {
            if let Wanted::Part { first, last } = wanted(Some(&text), n_bytes) {
                prop_assert!(first <= last && last < n_bytes);
            }
        }

        #[test]
        fn a_written_range_is_read(first in 0_usize..500, more in 0_usize..500) {
            let text = format!("bytes={first}-{}", first + more);

            let expected = Wanted::Part { first, last: first + more };
            prop_assert_eq!(wanted(Some(&text), 1_000), expected);
        }
    }
}
