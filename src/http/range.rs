//! `Range`, as far as players use it: one range of bytes.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderMap},
    },
    web::Bytes,
};

use super::error::ApiError;

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
    Ok(answer.body(part))
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
