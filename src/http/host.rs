//! By which names the hub may be called, and who started a request.
//!
//! A name that an attacker owns can be pointed at an address of the home network after the
//! page was loaded. The browser then sends that page's requests here, but still with the
//! attacker's name in them: so only names that are the hub's own are answered.

use std::sync::{Arc, PoisonError, RwLock};

use actix_web::{
    dev::RequestHead,
    http::header::{self, HeaderMap, HeaderName},
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const HTTPS_PORT: u16 = 443;

/// What the computer calls itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The names and addresses by which browsers may call the hub. All clones have the same.
#[derive(Clone, Debug)]
pub struct Hosts {
    port: u16,
    names: Arc<RwLock<Vec<String>>>,
}

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
        let names = LOOPBACK.map(str::to_owned).to_vec();
        Self { port, names: Arc::new(RwLock::new(names)) }
    }

    /// Takes these from now on, addresses as they stand in a URL, and what the computer calls itself.
    pub fn put(&self, names: impl IntoIterator<Item = String>) {
        let own = LOOPBACK.into_iter().map(str::to_owned);
        let names = own.chain(names).collect();
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = names;
    }

    /// Returns the address of the page for whoever asked for it without TLS, as `host` or
    /// `host:port`, if that host is ours.
    pub(super) fn encrypted(&self, authority: &str) -> Option<String> {
        // An address of IPv6 has colons itself.
        let name = match authority.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => name,
            _ => authority,
        };
        let port = match self.port {
            HTTPS_PORT => String::new(),
            port => format!(":{port}"),
        };
        self.has(name).then(|| format!("https://{name}{port}"))
    }

    fn has(&self, name: &str) -> bool {
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    fn is_own(&self, authority: &str) -> bool {
        let name = match authority.rsplit_once(':') {
            Some((name, port)) if port == self.port.to_string() => name,
            _ if self.port == HTTPS_PORT => authority,
            _ => return false,
        };
        self.has(name)
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
        named.filter(|named| self.is_own(named))
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

    #[test]
    fn what_was_put_in_counts_at_once_and_what_it_replaced_no_more() {
        let hosts = Hosts::loopback(8443);
        let of_requests = hosts.clone();
        let is_own = |host: &str| {
            let request = TestRequest::get().insert_header((header::HOST, host)).to_srv_request();
            of_requests.own(request.head()).is_some()
        };

        hosts.put(["hutch.local".to_owned(), "192.168.1.20".to_owned()]);
        assert!(is_own("Hutch.local:8443") && is_own("192.168.1.20:8443"));
        hosts.put(["hutch.local".to_owned(), "[fd00::2]".to_owned()]);

        assert!(is_own("hutch.local:8443") && is_own("[fd00::2]:8443") && is_own("[::1]:8443"));
        assert!(!is_own("192.168.1.20:8443") && !is_own("hutch.local:08443"));
    }

    #[test]
    fn an_address_without_tls_leads_to_the_same_host_with_it() {
        let hosts = Hosts::loopback(8443);
        for (asked, found) in [
            ("localhost", Some("https://localhost:8443")),
            ("LOCALHOST:80", Some("https://LOCALHOST:8443")),
            ("[::1]", Some("https://[::1]:8443")),
            ("[::1]:8080", Some("https://[::1]:8443")),
            ("evil.example", None),
            ("evil.example:8443", None),
            ("localhost:80:80", None),
            ("::1", None),
            ("", None),
        ] {
            assert_eq!(hosts.encrypted(asked).as_deref(), found, "{asked}");
        }
        let standard = Hosts::loopback(443);
        assert_eq!(standard.encrypted("localhost:80").as_deref(), Some("https://localhost"));
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
