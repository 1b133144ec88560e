//! What stands before every handler.

use actix_web::{
    http::{StatusCode, header},
    test::TestRequest,
};
use hutch::http::ROUTES;

use crate::support::{HOST, ORIGIN, SEC_FETCH_SITE, TestHub};

/// All headers but those that change.
fn headers(answer: &crate::support::Answer) -> Vec<String> {
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != header::ETAG)
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    headers
}

#[actix_web::test]
async fn the_page_comes_with_its_policies() {
    let hub = TestHub::demo().await;

    let page = hub.nobody().get("/").await;

    insta::assert_json_snapshot!(headers(&page), @r#"
    [
      "cache-control: no-cache",
      "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; connect-src 'self' https://localhost:8443 https://127.0.0.1:8443; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "content-type: text/html; charset=utf-8",
      "cross-origin-opener-policy: same-origin",
      "cross-origin-resource-policy: same-origin",
      "permissions-policy: camera=(), display-capture=(), geolocation=(), microphone=(self), payment=(), usb=()",
      "referrer-policy: no-referrer",
      "vary: accept-encoding",
      "x-content-type-options: nosniff"
    ]
    "#);
}

#[actix_web::test]
async fn what_is_private_is_never_stored() {
    let hub = TestHub::demo().await;

    let children = hub.guardian().await.get("/api/v1/children").await;

    insta::assert_json_snapshot!(headers(&children), @r#"
    [
      "cache-control: no-store",
      "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "content-type: application/json",
      "cross-origin-opener-policy: same-origin",
      "cross-origin-resource-policy: same-origin",
      "permissions-policy: camera=(), display-capture=(), geolocation=(), microphone=(self), payment=(), usb=()",
      "referrer-policy: no-referrer",
      "x-content-type-options: nosniff"
    ]
    "#);
}

#[actix_web::test]
async fn refusals_carry_the_policies_too() {
    let hub = TestHub::demo().await;
    let page = headers(&hub.nobody().get("/js/main.js").await);
    let policies: Vec<_> = page
        .iter()
        .filter(|line| {
            !["content-type:", "cache-control:", "vary:"].iter().any(|of| line.starts_with(of))
        })
        .collect();
    let nobody = hub.nobody();
    let refusals = [
        nobody.get("/api/v1/hub").await,
        nobody.get("/open?token=wrong").await,
        nobody.get("/nothing.js").await,
        nobody.get("/api/nothing").await,
        nobody.post("/").await,
        hub.send(TestRequest::with_uri("/").insert_header((header::HOST, "evil.example"))).await,
    ];

    for refusal in refusals {
        let lines = headers(&refusal);
        for policy in &policies {
            assert!(lines.contains(policy), "{} lacks {policy}", refusal.status);
        }
        assert_eq!(refusal.header(header::CACHE_CONTROL), "no-store");
        assert!(!refusal.headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }
}

#[actix_web::test]
async fn a_rebound_name_gets_nothing_on_any_route() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;

    for route in ROUTES.iter() {
        let path = route.path.replace("{path:.*}", "");
        for host in ["evil.example", "evil.example:8443", "localhost:1"] {
            let request = guardian
                .request(route.method.word(), &path)
                .insert_header((header::HOST, host))
                .insert_header((header::ORIGIN, format!("https://{host}")));
            let answer = hub.send(request).await;
            assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{path}");
            assert_eq!(answer.error(), "wrong_host");
        }
    }
}

#[actix_web::test]
async fn a_forwarded_name_counts_for_nothing() {
    let hub = TestHub::demo().await;

    let request = TestRequest::with_uri("/")
        .insert_header((header::HOST, "evil.example"))
        .insert_header(("x-forwarded-host", HOST))
        .insert_header(("forwarded", format!("host={HOST}")));
    let answer = hub.send(request).await;

    assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST);
}

#[actix_web::test]
async fn other_sites_write_nothing() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let writes = ROUTES.iter().filter(|route| route.method.word() == "POST");

    for route in writes {
        let ask = |origin: Option<&'static str>, site: Option<&'static str>| {
            let mut request = guardian.request("POST", route.path);
            request = match origin {
                Some(origin) => request.insert_header((header::ORIGIN, origin)),
                None => without(request, &header::ORIGIN),
            };
            request = match site {
                Some(site) => request.insert_header((SEC_FETCH_SITE, site)),
                None => without(request, &SEC_FETCH_SITE),
            };
            hub.send(request)
        };
        let foreign = [
            (Some("https://evil.example"), None),
            (Some("https://evil.example"), Some("same-origin")),
            (Some("https://localhost:3000"), Some("same-site")),
            (Some("null"), None),
            (Some(ORIGIN), Some("cross-site")),
            (None, Some("cross-site")),
            (None, Some("none")),
            (None, None),
        ];
        for (origin, site) in foreign {
            let answer = ask(origin, site).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {origin:?} {site:?}", route.path);
            assert_eq!(answer.error(), "cross_site");
        }
        for (origin, site) in [(Some(ORIGIN), None), (None, Some("same-origin"))] {
            let answer = ask(origin, site).await;
            // A guardian may not do what only a child's screen may.
            let is_refused =
                answer.status == StatusCode::FORBIDDEN && answer.error() == "cross_site";
            assert!(!is_refused, "{} {origin:?} {site:?}", route.path);
        }
    }
}

/// Makes the request anew without a header.
fn without(request: TestRequest, name: &header::HeaderName) -> TestRequest {
    let request = request.to_srv_request();
    let mut anew = TestRequest::with_uri(request.path()).method(request.method().clone());
    for (known, value) in request.headers().iter().filter(|(known, _)| *known != name) {
        anew = anew.append_header((known.clone(), value.clone()));
    }
    anew
}

#[actix_web::test]
async fn other_sites_read_nothing_private_but_may_link_to_the_page() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;

    for route in ROUTES.iter().filter(|route| route.method.word() == "GET") {
        for site in ["cross-site", "same-site"] {
            let path = route.path.replace("{path:.*}", "");
            let request = guardian.request("GET", &path).insert_header((SEC_FETCH_SITE, site));
            let answer = hub.send(request).await;
            let is_refused = answer.status == StatusCode::FORBIDDEN;
            assert_eq!(is_refused, path.starts_with("/api/"), "{path} {site}");
        }
    }
}

/// A route that decodes its path must not be guarded by the one that was typed.
#[actix_web::test]
async fn another_spelling_of_a_path_is_the_same_path() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;

    for path in ["/%61pi/v1/children", "/ap%69/v1/hub", "/%61%70%69/v1/demo/toys"] {
        let own = guardian.get(path).await;
        let foreign = guardian.request("GET", path).insert_header((SEC_FETCH_SITE, "same-site"));
        let foreign = hub.send(foreign).await;

        assert_eq!(own.header(header::CACHE_CONTROL), "no-store", "{path}");
        assert_eq!(foreign.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(hub.nobody().get(path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let opened = hub.nobody().get("/%6fpen?token=wrong").await;
    assert_eq!(opened.header(header::CACHE_CONTROL), "no-store");
    let nothing = guardian.get("/%61pi/v1/nothing.js").await;
    assert_eq!((nothing.status, nothing.error()), (StatusCode::NOT_FOUND, "not_found".to_owned()));
}

#[actix_web::test]
async fn a_typed_address_reads() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;

    let request = guardian.request("GET", "/api/v1/hub").insert_header((SEC_FETCH_SITE, "none"));

    assert_eq!(hub.send(request).await.status, StatusCode::OK);
}
