//! What a device needs to trust the hub.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use actix_web::http::{StatusCode, header};
use hutch::http::{Method, ROUTES};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{HOST, SEC_FETCH_SITE, TestHub};

/// What an independent reader finds in a configuration profile, as JSON.
const READER: &str = r"
import json, plistlib, sys

def plain(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return value

print(json.dumps(plain(plistlib.loads(sys.stdin.buffer.read()))))
";

fn read_profile(bytes: &[u8]) -> Value {
    let mut reader = Command::new("python3")
        .args(["-c", READER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    reader.stdin.take().unwrap().write_all(bytes).unwrap();
    let read = reader.wait_with_output().unwrap();
    assert!(read.status.success());
    serde_json::from_slice(&read.stdout).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

#[actix_web::test]
async fn nobody_has_to_sign_in_to_compare_fingerprints() {
    let hub = TestHub::demo().await;

    let shown = hub.nobody().get("/api/v1/trust").await;

    assert_eq!(shown.status, StatusCode::OK);
    let shown = shown.json();
    let prints = &shown["fingerprints"];
    assert_eq!(prints["root"], hex(&Sha256::digest(&hub.trusted.root)));
    assert_eq!(
        (&prints["names"], &prints["addresses"]),
        (&"ab".repeat(32).into(), &"cd".repeat(32).into())
    );
    let places = shown["places"].as_array().unwrap();
    let urls: Vec<_> = places.iter().map(|place| place["url"].as_str().unwrap()).collect();
    assert_eq!(urls, ["https://localhost:8443", "https://127.0.0.1:8443", "https://[::1]:8443"]);
    for place in places {
        let rows = place["qr"].as_array().unwrap();
        assert!(21 <= rows.len(), "the smallest code has 21 rows");
        assert!(rows.iter().all(|row| row.as_str().unwrap().len() == rows.len()));
    }
}

#[actix_web::test]
async fn the_root_is_a_file_to_keep() {
    let hub = TestHub::demo().await;

    let root = hub.nobody().get("/trust/hutch-root.crt").await;

    assert_eq!(root.status, StatusCode::OK);
    assert_eq!(root.header(header::CONTENT_TYPE), "application/x-x509-ca-cert");
    assert_eq!(root.header(header::CONTENT_DISPOSITION), "attachment; filename=\"hutch-root.crt\"");
    assert_eq!(root.header(header::CACHE_CONTROL), "no-store");
    assert!(root.body == hub.trusted.root, "the certificate, byte for byte, and nothing else");
}

#[actix_web::test]
async fn the_profile_holds_the_very_root() {
    let hub = TestHub::demo().await;
    let nobody = hub.nobody();

    let answer = nobody.get("/trust/hutch.mobileconfig").await;

    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/x-apple-aspen-config");
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    let profile = read_profile(&answer.body);
    assert_eq!(profile["PayloadType"], "Configuration");
    let parts = profile["PayloadContent"].as_array().unwrap();
    assert_eq!(parts.len(), 1, "nothing but the root");
    assert_eq!(parts[0]["PayloadType"], "com.apple.security.root");
    assert_eq!(parts[0]["PayloadContent"], hex(&hub.trusted.root));
    for part in [&profile, &parts[0]] {
        assert_eq!(part["PayloadVersion"], 1);
        assert!(part["PayloadIdentifier"].as_str().unwrap().starts_with("hutch.home."));
        assert_eq!(part["PayloadUUID"].as_str().unwrap().len(), 36);
        assert!(!part["PayloadDisplayName"].as_str().unwrap().is_empty());
    }
    let again = nobody.get("/trust/hutch.mobileconfig").await;
    assert!(again.body == answer.body, "the second takes the place of the first");
}

#[actix_web::test]
async fn there_is_no_other_file_to_install() {
    let hub = TestHub::demo().await;

    for file in
        ["tls-root.pem", "hutch-root.key", "hutch-root.CRT", ".", "%2e%2e", "hutch.mobileconfig%00"]
    {
        let answer = hub.nobody().get(&format!("/trust/{file}")).await;
        assert_ne!(answer.status, StatusCode::OK, "{file}");
        assert!(!answer.headers.contains_key(header::CONTENT_DISPOSITION));
    }
}

#[actix_web::test]
async fn the_probe_alone_is_for_pages_from_elsewhere_and_says_nothing() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    // Otherwise the event stream would be read for ever.
    hub.stop.cancel();

    for route in ROUTES.iter().filter(|route| route.method == Method::Get) {
        let path = route.path.replace("{path:.*}", "").replace("{file}", "hutch-root.crt");
        let request = guardian.request("GET", &path).insert_header((SEC_FETCH_SITE, "same-site"));
        let request = request.insert_header((header::ORIGIN, "https://127.0.0.1:8443"));
        let answer = hub.send(request).await;
        let is_probe = path == "/probe";
        let policy = if is_probe { "cross-origin" } else { "same-origin" };
        assert_eq!(answer.header(header::CROSS_ORIGIN_RESOURCE_POLICY), policy, "{path}");
        assert!(!answer.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), "{path}");
        if is_probe {
            assert_eq!(answer.status, StatusCode::NO_CONTENT);
            assert!(answer.body.is_empty() && !answer.headers.contains_key(header::SET_COOKIE));
            assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
        }
    }
    let elsewhere = guardian.request("GET", "/probe").insert_header((header::HOST, "evil.example"));
    assert_eq!(hub.send(elsewhere).await.status, StatusCode::MISDIRECTED_REQUEST);
}

#[actix_web::test]
async fn a_document_that_may_ask_other_addresses_is_another_document() {
    let mut hub = TestHub::demo().await;
    let before = hub.nobody().get("/").await;
    let script = hub.nobody().get("/js/main.js").await;
    let tag = before.header(header::ETAG).to_owned();
    let again = |hub: &TestHub| {
        hub.nobody().request("GET", "/toys").insert_header((header::IF_NONE_MATCH, tag.as_str()))
    };
    assert_eq!(hub.send(again(&hub)).await.status, StatusCode::NOT_MODIFIED);

    let mut moved = (*hub.trusted).clone();
    moved.places = vec![format!("https://{HOST}"), "https://10.0.0.7:8443".to_owned()];
    hub.trusted = moved.into();

    let after = hub.send(again(&hub)).await;
    assert_eq!(after.status, StatusCode::OK);
    assert!(after.header(header::CONTENT_SECURITY_POLICY).contains("https://10.0.0.7:8443;"));
    assert!(!after.header(header::CONTENT_SECURITY_POLICY).contains("127.0.0.1"));
    let script_now = hub.nobody().get("/js/main.js").await;
    assert_eq!(script_now.header(header::ETAG), script.header(header::ETAG));
}

/// A browser that once stored it would take away the way past the warning.
#[actix_web::test]
async fn no_browser_is_told_to_insist_on_a_certificate() {
    let hub = TestHub::demo().await;
    let clients = [hub.nobody(), hub.guardian().await];
    // Otherwise the event stream would be read for ever.
    hub.stop.cancel();

    for client in &clients {
        for route in ROUTES.iter() {
            let path = route.path.replace("{path:.*}", "").replace("{file}", "hutch-root.crt");
            let answer = client.send(client.request(route.method.word(), &path)).await;
            assert!(!answer.headers.contains_key(header::STRICT_TRANSPORT_SECURITY), "{path}");
        }
    }
}
