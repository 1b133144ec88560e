//! What comes without TLS: it is told where to go, and nothing else.
//!
//! A browser in which somebody types the hub's name and nothing before it may begin without TLS.

use std::time::Duration;

use actix_web::http::StatusCode;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

use super::{admit::Visitor, host::Hosts};

/// The first byte of every TLS connection: a record that holds a handshake (RFC 8446, 5.1).
const HANDSHAKE: u8 = 22;
/// More than browsers send before their first answer.
const MAX_HEAD_BYTES: usize = 8 << 10;
/// A request has this many header fields at most.
const MAX_FIELDS: usize = 100;

/// Gives those back who begin with TLS, and sends all others there; each gets this long to say so.
pub(super) async fn encrypted(
    mut visitor: Visitor,
    hosts: &Hosts,
    patience: Duration,
) -> Option<Visitor> {
    let first = timeout(patience, visitor.first_byte()).await.ok()??;
    if first == HANDSHAKE {
        return Some(visitor);
    }
    let redirected = async {
        let mut head = Vec::new();
        while !is_whole(&head) && head.len() < MAX_HEAD_BYTES {
            let mut piece = [0; 1024];
            match visitor.read(&mut piece).await {
                Ok(n) if 0 < n => head.extend_from_slice(piece.get(..n).unwrap_or_default()),
                Ok(_) | Err(_) => return,
            }
        }
        let answer = answer(&head, hosts);
        // Whoever has gone away needs none.
        drop(visitor.write_all(answer.as_bytes()).await);
        drop(visitor.shutdown().await);
    };
    // Whoever is slow is let go.
    drop(timeout(patience, redirected).await);
    None
}

fn is_whole(head: &[u8]) -> bool {
    head.windows(4).any(|four| four == b"\r\n\r\n")
}

/// Answers the head of a request. Any bytes may come.
fn answer(head: &[u8], hosts: &Hosts) -> String {
    let (status, header, text) = match redirect(head, hosts) {
        Ok(to) => (StatusCode::TEMPORARY_REDIRECT, format!("location: {to}\r\n"), String::new()),
        Err(status) => {
            let text = match status {
                StatusCode::METHOD_NOT_ALLOWED => "The hub takes nothing without encryption.\n",
                StatusCode::MISDIRECTED_REQUEST => "This hub does not go by that name.\n",
                _ => "This is no request that a hub understands.\n",
            };
            (status, String::new(), text.to_owned())
        }
    };
    format!(
        "HTTP/1.1 {status}\r\n{header}content-type: text/plain; charset=utf-8\r\n\
         content-length: {}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n{text}",
        text.len()
    )
}

fn redirect(head: &[u8], hosts: &Hosts) -> Result<String, StatusCode> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    let parsed = request.parse(head).map_err(|_garbled| StatusCode::BAD_REQUEST)?;
    let (httparse::Status::Complete(_), Some(method), Some(target)) =
        (parsed, request.method, request.path)
    else {
        return Err(StatusCode::BAD_REQUEST);
    };
    let mut of_host =
        request.headers.iter().filter(|field| field.name.eq_ignore_ascii_case("host"));
    let (Some(host), None) = (of_host.next(), of_host.next()) else {
        return Err(StatusCode::BAD_REQUEST);
    };
    let host = std::str::from_utf8(host.value).map_err(|_other| StatusCode::BAD_REQUEST)?;
    let Some(page) = hosts.encrypted(host.trim()) else {
        return Err(StatusCode::MISDIRECTED_REQUEST);
    };
    // What a write would carry has been read by whoever wanted to by now.
    if method != "GET" && method != "HEAD" {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    let is_path = target.starts_with('/') && target.bytes().all(|byte| byte.is_ascii_graphic());
    Ok(format!("{page}{}", if is_path { target } else { "/" }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answered(head: &str) -> String {
        answer(head.as_bytes(), &Hosts::loopback(8443))
    }

    #[test]
    fn the_same_page_is_named_where_it_is_encrypted() {
        let answer = answered("GET /children?of=all HTTP/1.1\r\nhost: localhost\r\n\r\n");

        assert!(answer.starts_with("HTTP/1.1 307 Temporary Redirect\r\n"), "{answer}");
        assert!(answer.contains("\r\nlocation: https://localhost:8443/children?of=all\r\n"));
        assert!(answer.contains("\r\ncache-control: no-store\r\n"), "a hub's port may change");
        assert!(!answer.contains("strict-transport-security"));
    }

    #[test]
    fn nothing_else_is_done_without_encryption() {
        for (head, status) in [
            ("POST /api/sign-in HTTP/1.1\r\nhost: localhost\r\n\r\n", "405 Method Not Allowed"),
            ("GET / HTTP/1.1\r\nhost: evil.example\r\n\r\n", "421 Misdirected Request"),
            ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request"),
            ("GET / HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n\r\n", "400 Bad Request"),
            ("GET / HTTP/1.1\r\nhost: localhost\r\n", "400 Bad Request"),
            ("SSH-2.0-OpenSSH_9.2\r\n\r\n", "400 Bad Request"),
        ] {
            assert!(answered(head).starts_with(&format!("HTTP/1.1 {status}\r\n")), "{head}");
        }
        let proxied = "GET http://evil.example/ HTTP/1.1\r\nhost: localhost\r\n\r\n";
        assert!(answered(proxied).contains("\r\nlocation: https://localhost:8443/\r\n"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered_on_lines_of_our_own(
            target in "[ -~\r\n]{0,40}",
            host in "[ -~\r\n]{0,30}",
            rest in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let mut head = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n\r\n").into_bytes();
            head.extend(rest);
            let answer = answer(&head, &Hosts::loopback(8443));
            let (head, _) = answer.split_once("\r\n\r\n").unwrap();
            prop_assert!(head.lines().count() <= 6, "{}", head);
            if let Some(to) = head.lines().find_map(|line| line.strip_prefix("location: ")) {
                let is_ours = ["localhost", "127.0.0.1", "[::1]"].iter().any(|own| {
                    to.to_ascii_lowercase().starts_with(&format!("https://{own}:8443/"))
                });
                prop_assert!(is_ours, "{}", to);
            }
        }
    }
}
