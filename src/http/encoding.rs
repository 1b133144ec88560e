//! `Accept-Encoding`, as far as the page's files need it: whether a client takes Brotli.
//!
//! Only what is the same for everybody is ever compressed. An answer of the API is not: to whoever listens in,
//! how long it became would tell what stands in it beside words of their own (BREACH).

use actix_web::http::header::{self, HeaderMap};

/// How much a client likes a coding, in thousandths; 0 refuses it.
type Weight = u16;

const FULL: Weight = 1_000;

/// Returns whether a client takes Brotli, and likes it no less than bytes as they are (RFC 9110, 12.5.3).
///
/// A client that takes neither gets the bytes as they are: that is all there is for it.
pub(super) fn takes_brotli(headers: &HeaderMap) -> bool {
    let brotli = weight(headers, "br").or_else(|| weight(headers, "*")).unwrap_or(0);
    let plain = weight(headers, "identity").unwrap_or(0);
    0 < brotli && plain <= brotli
}

/// Returns the weight of a coding, if it is named and its weight can be read.
fn weight(headers: &HeaderMap, coding: &str) -> Option<Weight> {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','))
        .filter_map(|one| {
            let (name, weight) = one.split_once(';').map_or((one, None), |(a, b)| (a, Some(b)));
            name.trim().eq_ignore_ascii_case(coding).then_some(weight)
        })
        .find_map(|weight| weight.map_or(Some(FULL), read_weight))
}

/// Reads `q=0.8`: three digits behind the point at most, and no more than one (RFC 9110, 12.4.2).
fn read_weight(text: &str) -> Option<Weight> {
    let (name, value) = text.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let value = value.trim();
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    if 3 < part.len() || !part.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let thousandths: Weight = format!("{part:0<3}").parse().ok()?;
    match (whole, thousandths) {
        ("0", thousandths) => Some(thousandths),
        ("1", 0) => Some(FULL),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    use super::*;

    fn takes(lists: &[&str]) -> bool {
        let mut request = TestRequest::get();
        for list in lists {
            request = request.append_header((header::ACCEPT_ENCODING, *list));
        }
        takes_brotli(request.to_srv_request().headers())
    }

    #[test]
    fn whoever_names_brotli_gets_it() {
        for list in [
            "br",
            "gzip, deflate, br, zstd",
            "gzip,BR",
            "br;q=1.0",
            "br ; q=0.001",
            "*",
            "gzip, *;q=0.5",
        ] {
            assert!(takes(&[list]), "{list}");
        }
        assert!(takes(&["gzip", "br"]));
    }

    #[test]
    fn whoever_does_not_or_likes_it_less_gets_the_bytes_as_they_are() {
        for list in [
            "",
            "gzip, deflate",
            "br;q=0",
            "br;q=0.000, *",
            "*;q=0",
            "br;q=0.5, identity",
            "identity;q=0.9, *;q=0.8",
            "brotli",
            "identity;q=0",
        ] {
            assert!(!takes(&[list]), "{list}");
        }
        assert!(!takes(&[]));
        assert!(takes(&["br;q=0.5, identity;q=0.5"]));
        assert!(takes(&["identity;q=0, br;q=0.1"]));
    }

    #[test]
    fn a_weight_that_is_none_names_nothing() {
        for weight in ["q=2", "q=1.001", "q=0.1234", "q=-1", "q=", "q", "w=1", "q=0.x", "q=+1"] {
            assert!(!takes(&[&format!("br;{weight}")]), "{weight}");
        }
        assert_eq!(read_weight("q=0."), Some(0));
        assert_eq!(read_weight("Q=0.25"), Some(250));
    }

    proptest! {
        #[test]
        fn any_list_can_be_read(list in "[a-z*;=,. 0-9é-]{0,60}") {
            let one = takes(&[&list]);
            prop_assert!(!one || list.contains("br") || list.contains('*'));
        }
    }
}
