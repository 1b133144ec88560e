//! By which names the hub may be called, and who started a request.
//!
//! A name that an attacker owns can be pointed at an address of the home network after the
//! page was loaded. The browser then sends that page's requests here, but still with the
//! attacker's name in them: so only names that are the hub's own are answered.

use actix_web::{
    dev::RequestHead,
    http::header::{self, HeaderMap, HeaderName},
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const HTTPS_PORT: u16 = 443;

/// The names by which browsers may call the hub, with their port.
#[derive(Clone, Debug)]
pub struct Hosts(Vec<String>);

/// Who started a request, as far as the browser says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Origin {
    /// The hub's own page.
    Own,
    /// A person: an address typed, a bookmark, a link in a terminal.
    Person,
    /// Another site.
    Foreign,
    /// Nothing says; a program rather than a browser.
    Unknown,
}

impl Hosts {
    /// Makes the list of a hub that only this machine reaches.
    pub fn loopback(port: u16) -> Self {
        let mut hosts = Self(Vec::new());
        for name in ["localhost", "127.0.0.1", "[::1]"] {
            hosts.add(name, port);
        }
        hosts
    }

    /// Adds a name, or an address as it stands in a URL.
    pub fn add(&mut self, name: &str, port: u16) {
        if port == HTTPS_PORT {
            self.0.push(name.to_owned());
        }
        self.0.push(format!("{name}:{port}"));
    }

    /// Returns the authority that the request is for, if it is one of ours.
    ///
    /// HTTP/2 names it in the URI and HTTP/1 in `Host`. Where a request has both, or `Host`
    /// twice, they must agree: a proxy in between might look at the other one.
    pub(super) fn own<'a>(&self, head: &'a RequestHead) -> Option<&'a str> {
        let mut named = None;
        let from_uri = head.uri.authority().map(|authority| Some(authority.as_str()));
        let from_headers = head.headers.get_all(header::HOST).map(|host| host.to_str().ok());
        for authority in from_uri.into_iter().chain(from_headers) {
            let authority = authority?;
            match named {
                None => named = Some(authority),
                Some(other) if authority.eq_ignore_ascii_case(other) => {}
                Some(_) => return None,
            }
        }
        named.filter(|named| self.0.iter().any(|own| own.eq_ignore_ascii_case(named)))
    }
}

/// Returns who started a request for `own`.
///
/// Every browser sends `Origin` with a write, and newer ones `Sec-Fetch-Site` with everything.
/// Where both are there, the worse counts. A page on another port of this machine is *same-site*
/// to a browser, which would send it our cookie; here it is as foreign as any other.
pub(super) fn origin(headers: &HeaderMap, own: &str) -> Origin {
    let by_origin = match headers.get(header::ORIGIN).map(|origin| origin.to_str()) {
        None => Origin::Unknown,
        Some(Ok(origin)) if is_origin_of(origin, own) => Origin::Own,
        Some(_) => Origin::Foreign,
    };
    let by_fetch = match headers.get(SEC_FETCH_SITE).map(header::HeaderValue::as_bytes) {
        None => Origin::Unknown,
        Some(b"same-origin") => Origin::Own,
        Some(b"none") => Origin::Person,
        Some(_) => Origin::Foreign,
    };
    match (by_origin, by_fetch) {
        (Origin::Foreign, _) | (_, Origin::Foreign) => Origin::Foreign,
        (Origin::Person, _) | (_, Origin::Person) => Origin::Person,
        (Origin::Own, _) | (_, Origin::Own) => Origin::Own,
        (Origin::Unknown, Origin::Unknown) => Origin::Unknown,
    }
}

fn is_origin_of(origin: &str, own: &str) -> bool {
    origin.strip_prefix("https://").is_some_and(|host| host.eq_ignore_ascii_case(own))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    use super::*;

    fn own(hosts: &[&str]) -> Option<String> {
        let mut request = TestRequest::get();
        for host in hosts {
            request = request.append_header((header::HOST, *host));
        }
        let request = request.to_srv_request();
        Hosts::loopback(8443).own(request.head()).map(str::to_owned)
    }

    #[test]
    fn answers_to_its_own_names_only() {
        for host in ["localhost:8443", "LocalHost:8443", "127.0.0.1:8443", "[::1]:8443"] {
            assert_eq!(own(&[host]).as_deref(), Some(host));
        }
        let foreign = [
            "evil.example",
            "localhost",
            "localhost:443",
            "localhost.:8443",
            "localhost.evil.example:8443",
            "me@localhost:8443",
            "::1:8443",
            "",
        ];
        for host in foreign {
            assert_eq!(own(&[host]), None, "{host}");
        }
        assert_eq!(own(&[]), None);
    }

    #[test]
    fn two_names_must_agree() {
        assert_eq!(own(&["localhost:8443", "evil.example"]), None);
        assert_eq!(own(&["evil.example", "localhost:8443"]), None);

        let both = TestRequest::with_uri("https://evil.example/")
            .insert_header((header::HOST, "localhost:8443"))
            .to_srv_request();
        assert_eq!(Hosts::loopback(8443).own(both.head()), None);
    }

    #[test]
    fn the_standard_port_may_be_left_out() {
        let request =
            TestRequest::get().insert_header((header::HOST, "localhost")).to_srv_request();

        assert_eq!(Hosts::loopback(443).own(request.head()), Some("localhost"));
    }

    fn started_by(origin_header: Option<&str>, site: Option<&str>) -> Origin {
        let mut request = TestRequest::post();
        if let Some(origin) = origin_header {
            request = request.insert_header((header::ORIGIN, origin));
        }
        if let Some(site) = site {
            request = request.insert_header((SEC_FETCH_SITE, site));
        }
        origin(request.to_srv_request().headers(), "localhost:8443")
    }

    #[test]
    fn the_worse_witness_counts() {
        let ours = Some("https://localhost:8443");

        assert_eq!(started_by(ours, Some("same-origin")), Origin::Own);
        assert_eq!(started_by(ours, None), Origin::Own);
        assert_eq!(started_by(None, Some("same-origin")), Origin::Own);
        assert_eq!(started_by(None, Some("none")), Origin::Person);
        assert_eq!(started_by(None, None), Origin::Unknown);
        assert_eq!(started_by(ours, Some("cross-site")), Origin::Foreign);
        assert_eq!(started_by(None, Some("same-site")), Origin::Foreign);
        let foreign =
            ["null", "http://localhost:8443", "https://localhost", "https://evil.example"];
        for foreign in foreign {
            assert_eq!(
                started_by(Some(foreign), Some("same-origin")),
                Origin::Foreign,
                "{foreign}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_other_text_is_an_own_name(text in "\\PC{0,40}") {
            let known = ["localhost:8443", "127.0.0.1:8443", "[::1]:8443"];
            prop_assume!(!known.contains(&text.to_ascii_lowercase().as_str()));
            if let Ok(value) = header::HeaderValue::from_str(&text) {
                let request =
                    TestRequest::get().insert_header((header::HOST, value)).to_srv_request();
                prop_assert_eq!(Hosts::loopback(8443).own(request.head()), None);
            }
        }
    }
}
