//! What a thief of the card finds, and what is gone.

use std::{fs, path::Path};

use actix_web::http::{StatusCode, header};

use super::*;

/// Everything in the state folder.
pub(super) fn bytes(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        all.extend(fs::read(entry.unwrap().path()).unwrap());
    }
    all
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

pub(super) fn wraps(folder: &Path) -> Vec<Vec<u8>> {
    let all = bytes(folder);
    let starts = all.windows(5).enumerate().filter(|(_, window)| *window == b"\x89HTC\x04");
    let mut found: Vec<Vec<u8>> =
        starts.map(|(at, _)| all[at..(at + 80).min(all.len())].to_vec()).collect();
    found.sort();
    found.dedup();
    found
}

#[actix_web::test]
async fn neither_password_nor_cookie_nor_names_are_in_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let day = FirstDay::with(Store::open(folder.path()).unwrap()).await;
    let answer = day.found(PASSWORD).await;
    let key = answer.json()["recovery_key"].as_str().unwrap().to_owned();

    let with_log = bytes(folder.path());
    day.store.close().await;
    let without_log = bytes(folder.path());

    for files in [with_log, without_log] {
        assert!(holds(&files, b"robin"), "the sign-in name is readable, as the page says");
        assert!(!holds(&files, PASSWORD.as_bytes()));
        assert!(!holds(&files, NAME.as_bytes()), "the name that people see is sealed");
        assert!(!holds(&files, b"Millers"));
        assert!(!holds(&files, key.as_bytes()));
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let value = cookie.to_str().unwrap().split(['=', ';']).nth(1).unwrap();
            let raw = data_encoding::BASE64URL_NOPAD.decode(value.as_bytes()).unwrap();
            assert!(!holds(&files, value.as_bytes()));
            assert!(!holds(&files, &raw));
        }
    }
}

#[actix_web::test]
async fn the_wrap_of_a_revoked_session_is_gone_from_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let day = FirstDay::with(Store::open(folder.path()).unwrap()).await;
    let here = day.web.with_cookies_of(&day.found(PASSWORD).await);
    let before = wraps(folder.path());
    let elsewhere = day.web.with_cookies_of(&day.sign_in(NAME, PASSWORD).await);
    let with_two = wraps(folder.path());

    here.post("/api/v1/sessions/revoke-others").await;

    assert_eq!(elsewhere.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(with_two.len(), before.len() + 1, "the files are read rightly");
    assert_eq!(wraps(folder.path()), before);
}

#[actix_web::test]
async fn the_wrap_of_a_changed_password_is_gone_from_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let day = FirstDay::with(Store::open(folder.path()).unwrap()).await;
    let here = day.web.with_cookies_of(&day.found(PASSWORD).await);
    let before = wraps(folder.path());

    let new = "lantern-orbit-pickle-meadow-cobalt";
    let body = json!({ "password": PASSWORD, "new_password": new });
    assert_eq!(here.post_json("/api/v1/me/password", &body).await.status, StatusCode::OK);

    let after = wraps(folder.path());
    assert_eq!(after.len(), before.len());
    assert!(!before.iter().any(|wrap| after.contains(wrap)), "the session's was made anew, too");
    assert_eq!(here.get("/api/v1/me").await.status, StatusCode::OK);
}

#[actix_web::test]
async fn an_old_recovery_key_opens_nothing_that_is_in_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let day = FirstDay::with(Store::open(folder.path()).unwrap()).await;
    let guardian = day.web.with_cookies_of(&day.found(PASSWORD).await);
    let sealed = |folder: &Path| {
        let all = bytes(folder);
        let at = all.windows(5).position(|window| window == b"\x89HTC\x05").unwrap();
        all[at..at + 80].to_vec()
    };
    let before = sealed(folder.path());

    assert_eq!(guardian.post("/api/v1/me/recovery-key").await.status, StatusCode::OK);

    assert!(!holds(&bytes(folder.path()), &before));
    assert_ne!(sealed(folder.path()), before);
}
