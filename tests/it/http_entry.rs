//! The way in.

use actix_web::http::{StatusCode, header};

use crate::support::{SEC_FETCH_SITE, TestHub};

#[actix_web::test]
async fn the_printed_address_becomes_a_cookie() {
    let hub = TestHub::demo().await;

    let answer = hub.nobody().get(&format!("/open?token={}", hub.token)).await;

    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header(header::LOCATION), "/");
    assert_eq!(answer.header(header::REFERRER_POLICY), "no-referrer");
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    let cookie = answer.header(header::SET_COOKIE);
    let (name_value, attributes) = cookie.split_once("; ").unwrap();
    assert!(name_value.starts_with("__Host-hutch="));
    assert!(!name_value.contains(&hub.token), "the cookie is not the token");
    let mut attributes: Vec<_> = attributes.split("; ").collect();
    attributes.sort_unstable();
    assert_eq!(attributes, ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"]);
}

#[actix_web::test]
async fn a_link_on_another_site_opens_too() {
    let hub = TestHub::demo().await;
    let nobody = hub.nobody();

    let request = nobody
        .request("GET", &format!("/open?token={}", hub.token))
        .insert_header((SEC_FETCH_SITE, "cross-site"));

    assert_eq!(nobody.send(request).await.status, StatusCode::SEE_OTHER);
}

#[actix_web::test]
async fn a_wrong_token_opens_nothing() {
    let hub = TestHub::demo().await;
    let nearly = &hub.token[..hub.token.len() - 1];

    for token in ["", "wrong", nearly, &format!("{}x", hub.token), "%00", "%ff"] {
        let answer = hub.nobody().get(&format!("/open?token={token}")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{token}");
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
        assert_eq!(answer.header(header::CONTENT_TYPE), "text/plain; charset=utf-8");
        assert!(answer.text().contains("Use the address that Hutch printed"));
    }
    assert_eq!(hub.nobody().get("/open").await.status, StatusCode::UNAUTHORIZED);
}
