//! Two-step sign-in.

use actix_web::http::StatusCode;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha1::Sha1;

use super::*;
use crate::support::Client;

/// What an authenticator shows: RFC 6238, by hand.
fn code(secret: &str, at: i64) -> String {
    let secret = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let mut mac = Hmac::<Sha1>::new_from_slice(&secret).unwrap();
    mac.update(&(at / 30).to_be_bytes());
    let mac = mac.finalize().into_bytes();
    let from = usize::from(mac[19] & 15);
    let number = u32::from_be_bytes(mac[from..from + 4].try_into().unwrap()) & 0x7FFF_FFFF;
    format!("{:06}", number % 1_000_000)
}

/// Switches two-step sign-in on; returns the secret and the recovery codes.
async fn switch_on(day: &FirstDay, guardian: &Client<'_>) -> (String, Vec<String>) {
    let new = guardian.post("/api/v1/me/totp/new").await.json();
    let secret = new["secret"].as_str().unwrap().to_owned();
    let body = json!({
        "password": PASSWORD,
        "secret": secret,
        "code": code(&secret, day.clock.now().0),
    });
    let answer = guardian.post_json("/api/v1/me/totp", &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let codes = answer.json()["recovery_codes"].as_array().unwrap().clone();
    (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

async fn sign_in_with(day: &FirstDay, code: Option<&str>) -> Answer {
    let body = json!({ "name": NAME, "password": PASSWORD, "totp": code });
    day.web.nobody().post_json("/api/v1/sessions", &body).await
}

#[actix_web::test]
async fn a_code_is_needed_once_it_is_on() {
    let (day, answer) = FirstDay::set_up().await;
    let guardian = day.web.with_cookies_of(&answer);
    let (secret, _) = switch_on(&day, &guardian).await;
    day.later(60);
    let now = day.clock.now().0;

    let without = sign_in_with(&day, None).await;
    let wrong = sign_in_with(&day, Some("000000")).await;
    let right = sign_in_with(&day, Some(&code(&secret, now))).await;
    let again = sign_in_with(&day, Some(&code(&secret, now))).await;

    assert_eq!(without.error(), "totp_needed");
    assert_eq!(wrong.error(), "wrong_totp");
    assert_eq!(right.status, StatusCode::CREATED);
    assert_eq!(right.json()["totp"], true);
    assert_eq!(again.error(), "wrong_totp", "a code is good once");
    assert_eq!(guardian.get("/api/v1/me").await.json()["totp"], true);
}

#[actix_web::test]
async fn a_code_may_be_a_minute_early_or_late_and_no_more() {
    let (day, answer) = FirstDay::set_up().await;
    let (secret, _) = switch_on(&day, &day.web.with_cookies_of(&answer)).await;

    for (shift, is_good) in [(-90, false), (90, false), (-60, true), (60, true)] {
        day.later(10 * MINUTE);
        let typed = code(&secret, day.clock.now().0 + shift);
        let answer = sign_in_with(&day, Some(&typed)).await;
        assert_eq!(answer.status == StatusCode::CREATED, is_good, "{shift}");
    }
}

#[actix_web::test]
async fn the_secret_must_be_in_the_authenticator_before_it_counts() {
    let (day, answer) = FirstDay::set_up().await;
    let guardian = day.web.with_cookies_of(&answer);
    let new = guardian.post("/api/v1/me/totp/new").await.json();
    let body = json!({ "password": PASSWORD, "secret": new["secret"], "code": "000000" });

    let refused = guardian.post_json("/api/v1/me/totp", &body).await;

    assert_eq!(refused.error(), "wrong_totp_code");
    assert_eq!(sign_in_with(&day, None).await.status, StatusCode::CREATED);
    let uri = new["uri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/Hutch"), "{uri}");
    let rows = new["qr"].as_array().unwrap();
    assert!(rows.iter().all(|row| row.as_str().unwrap().len() == rows.len()), "a square");
}

#[actix_web::test]
async fn a_recovery_code_is_good_once() {
    let (day, answer) = FirstDay::set_up().await;
    let (_, codes) = switch_on(&day, &day.web.with_cookies_of(&answer)).await;
    assert_eq!(codes.len(), 10);

    let first = sign_in_with(&day, Some(&codes[3].to_lowercase())).await;
    let again = sign_in_with(&day, Some(&codes[3])).await;
    let another = sign_in_with(&day, Some(&codes[4])).await;

    assert_eq!(first.status, StatusCode::CREATED, "{first:?}");
    assert_eq!(again.error(), "wrong_totp");
    assert_eq!(another.status, StatusCode::CREATED);
}

#[actix_web::test]
async fn codes_of_the_time_need_a_clock_that_is_right() {
    let (day, answer) = FirstDay::set_up().await;
    let (secret, codes) = switch_on(&day, &day.web.with_cookies_of(&answer)).await;
    day.later(-365 * DAY);

    let timed = sign_in_with(&day, Some(&code(&secret, day.clock.now().0))).await;
    let recovery = sign_in_with(&day, Some(&codes[0])).await;

    assert_eq!(timed.status, StatusCode::CONFLICT);
    assert_eq!(timed.error(), "clock_not_trusted");
    assert_eq!(recovery.status, StatusCode::CREATED);
}

#[actix_web::test]
async fn switching_it_off_needs_password_and_code() {
    let (day, answer) = FirstDay::set_up().await;
    let guardian = day.web.with_cookies_of(&answer);
    let (secret, _) = switch_on(&day, &guardian).await;
    day.later(60);
    let path = "/api/v1/me/totp/off";

    let without = guardian.post_json(path, &json!({ "password": PASSWORD })).await;
    let with = json!({ "password": PASSWORD, "totp": code(&secret, day.clock.now().0) });
    let off = guardian.post_json(path, &with).await;
    let again = guardian.post_json(path, &with).await;

    assert_eq!(without.error(), "totp_needed");
    assert_eq!(off.json()["totp"], false);
    assert_eq!(again.error(), "totp_switched");
    assert_eq!(sign_in_with(&day, None).await.status, StatusCode::CREATED);
}
