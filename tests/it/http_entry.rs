//! The way in by a link.

use actix_web::http::{StatusCode, header};

use crate::support::{Answer, SEC_FETCH_SITE, TestHub};

/// The cookies that an answer sets: name and value, attributes in order.
fn cookies(answer: &Answer) -> Vec<(String, Vec<String>)> {
    let set = answer.headers.get_all(header::SET_COOKIE).map(|cookie| cookie.to_str().unwrap());
    set.map(|cookie| {
        let (name_value, attributes) = cookie.split_once("; ").unwrap();
        let mut attributes: Vec<_> = attributes.split("; ").map(str::to_owned).collect();
        attributes.sort_unstable();
        (name_value.to_owned(), attributes)
    })
    .collect()
}

#[actix_web::test]
async fn the_printed_address_becomes_cookies() {
    let hub = TestHub::demo().await;

    let answer = hub.nobody().get(&format!("/open?token={}", hub.token)).await;

    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header(header::LOCATION), "/#/first");
    assert_eq!(answer.header(header::REFERRER_POLICY), "no-referrer");
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    let cookies = cookies(&answer);
    assert_eq!(cookies.len(), 2);
    for (prefix, lasts, (name_value, attributes)) in [
        ("__Host-hutch=", "Max-Age=15552000", &cookies[0]),
        ("__Host-hutch-known=", "Max-Age=34560000", &cookies[1]),
    ] {
        assert!(name_value.starts_with(prefix), "{prefix}");
        assert!(!name_value.contains(&hub.token), "the cookie is not the token");
        assert_eq!(*attributes, ["HttpOnly", lasts, "Path=/", "SameSite=Strict", "Secure"]);
    }
}

#[actix_web::test]
async fn the_printed_address_opens_once() {
    let hub = TestHub::demo().await;
    let path = format!("/open?token={}", hub.token);
    let first = hub.nobody().get(&path).await;
    let inside = first.header(header::SET_COOKIE).split(';').next().unwrap().to_owned();

    let second = hub.nobody().get(&path).await;
    let from_inside =
        hub.send(hub.nobody().request("GET", &path).insert_header((header::COOKIE, inside))).await;

    assert_eq!(second.status, StatusCode::SEE_OTHER);
    assert_eq!(second.header(header::LOCATION), "/#used");
    assert_eq!(cookies(&second), []);
    assert_eq!(from_inside.header(header::LOCATION), "/", "whoever is inside may use a bookmark");
    assert_eq!(cookies(&from_inside), []);
}

#[actix_web::test]
async fn a_link_on_another_site_opens_too() {
    let hub = TestHub::demo().await;
    let nobody = hub.nobody();

    let request = nobody
        .request("GET", &format!("/open?token={}", hub.token))
        .insert_header((SEC_FETCH_SITE, "cross-site"));

    assert_eq!(nobody.send(request).await.header(header::LOCATION), "/#/first");
}

#[actix_web::test]
async fn a_wrong_token_opens_nothing() {
    let hub = TestHub::demo().await;
    let nearly = &hub.token[..hub.token.len() - 1];

    for token in ["", "wrong", nearly, &format!("{}x", hub.token), "%00", "%ff"] {
        let answer = hub.nobody().get(&format!("/open?token={token}")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{token}");
        assert_eq!(answer.header(header::LOCATION), "/#used");
        assert_eq!(cookies(&answer), []);
    }
    assert_eq!(hub.nobody().get("/open").await.header(header::LOCATION), "/#used");
}
