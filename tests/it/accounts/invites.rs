//! A second guardian, and coming back with the recovery key.

use actix_web::http::StatusCode;
use serde_json::json;

use super::*;
use crate::support::Client;

const OTHER: &str = "lantern-orbit-pickle-meadow-cobalt";

/// Invites another guardian; returns the answer and the secret of the link.
async fn invite(by: &Client<'_>) -> (Value, String) {
    let answer = by.post("/api/v1/invites").await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let invite = answer.json();
    let link = invite["link"].as_str().unwrap();
    let token = link.strip_prefix("https://localhost:8443/#invite=").unwrap().to_owned();
    (invite, token)
}

async fn accept(day: &FirstDay, token: &str, name: &str, password: &str) -> Answer {
    let body = json!({ "token": token, "name": name, "password": password });
    day.web.nobody().post_json("/api/v1/invites/accept", &body).await
}

async fn look(day: &FirstDay, token: &str) -> Answer {
    day.web.nobody().post_json("/api/v1/invites/look", &json!({ "token": token })).await
}

#[actix_web::test]
async fn an_invited_guardian_opens_what_the_first_one_does() {
    let (day, answer) = FirstDay::set_up().await;
    let first = day.web.with_cookies_of(&answer);
    let (invite, token) = invite(&first).await;

    let looked = look(&day, &token).await;
    let accepted = accept(&day, &token, "Sam", OTHER).await;
    let second = day.web.with_cookies_of(&accepted);

    assert_eq!(looked.json()["expires_at"], START.0 + 60 * MINUTE);
    assert_eq!(invite["expires_at"], looked.json()["expires_at"]);
    assert_eq!(accepted.status, StatusCode::CREATED, "{accepted:?}");
    assert_eq!(second.get("/api/v1/me").await.json()["name"], "Sam");
    let people = second.get("/api/v1/people").await.json();
    let names: Vec<_> = people["guardians"].as_array().unwrap().iter().collect();
    assert_eq!(names.len(), 2);
    assert_eq!(names[0]["name"], NAME, "sealed before the second guardian was there");
    assert_eq!((&names[0]["me"], &names[1]["me"]), (&json!(false), &json!(true)));
    assert_eq!(day.sign_in("sam", OTHER).await.status, StatusCode::CREATED);
    assert_eq!(first.get("/api/v1/invites").await.json(), json!({ "invites": [] }));
}

#[actix_web::test]
async fn an_invitation_is_good_once_and_for_an_hour() {
    let (day, answer) = FirstDay::set_up().await;
    let first = day.web.with_cookies_of(&answer);
    let (_, used) = invite(&first).await;
    let (_, late) = invite(&first).await;
    let (withdrawn, back) = invite(&first).await;
    let withdrawn = withdrawn["id"].as_str().unwrap();
    assert_eq!(accept(&day, &used, "Sam", OTHER).await.status, StatusCode::CREATED);

    let path = format!("/api/v1/invites/{withdrawn}/withdraw");
    assert_eq!(first.post(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(first.post(&path).await.error(), "no_such_invite");
    let again = accept(&day, &used, "Kim", OTHER).await;
    let taken_back = accept(&day, &back, "Kim", OTHER).await;
    day.later(60 * MINUTE);
    let too_late = accept(&day, &late, "Kim", OTHER).await;

    for refused in [again, taken_back, too_late, look(&day, "nonsense").await] {
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
        assert_eq!(refused.error(), "no_such_invite");
    }
}

#[actix_web::test]
async fn an_invitation_needs_the_password_once_more() {
    let (day, answer) = FirstDay::set_up().await;
    day.later(11 * MINUTE);

    let refused = day.web.with_cookies_of(&answer).post("/api/v1/invites").await;

    assert_eq!(refused.error(), "confirm_first");
}

#[actix_web::test]
async fn what_is_wrong_with_an_acceptance_does_not_use_the_invitation_up() {
    let (day, answer) = FirstDay::set_up().await;
    let (_, token) = invite(&day.web.with_cookies_of(&answer)).await;

    let weak = accept(&day, &token, "Sam", "TheMillers2026!").await;
    let taken = accept(&day, &token, " ROBIN ", OTHER).await;
    let nameless = accept(&day, &token, " ", OTHER).await;

    assert_eq!(weak.error(), "weak_password", "the family's name opens with the link");
    assert_eq!(taken.error(), "name_taken");
    assert_eq!(nameless.error(), "bad_name");
    assert_eq!(accept(&day, &token, "Sam", OTHER).await.status, StatusCode::CREATED);
}

#[actix_web::test]
async fn the_wrap_of_a_used_invitation_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let day = FirstDay::with(Store::open(folder.path()).unwrap()).await;
    let first = day.web.with_cookies_of(&day.found(PASSWORD).await);
    let (_, token) = invite(&first).await;
    let before = files::wraps(folder.path());

    let accepted = accept(&day, &token, "Sam", OTHER).await;
    day.web.with_cookies_of(&accepted).post("/api/v1/sign-out").await;

    // A password came, the invitation went.
    let after = files::wraps(folder.path());
    assert_eq!(after.len(), before.len());
    assert_eq!(before.iter().filter(|wrap| after.contains(wrap)).count() + 1, before.len());
}

#[actix_web::test]
async fn the_recovery_key_gives_a_new_password_and_is_good_once() {
    let (day, answer) = FirstDay::set_up().await;
    let session = day.web.with_cookies_of(&answer);
    let key = answer.json()["recovery_key"].as_str().unwrap().to_lowercase();
    let recover = |name: &str, key: &str, new: &str| json!({ "name": name, "recovery_key": key, "new_password": new });
    let path = "/api/v1/recover";
    let nobody = day.web.nobody();

    let unknown = nobody.post_json(path, &recover("Somebody", &key, OTHER)).await;
    let other = hutch::seal::recovery::RecoveryKey::generate().to_text();
    let wrong = nobody.post_json(path, &recover(NAME, &other, OTHER)).await;
    let weak = nobody.post_json(path, &recover(NAME, &key, "TheMillers2026!")).await;
    let recovered = nobody.post_json(path, &recover(NAME, &key, OTHER)).await;
    let again = nobody.post_json(path, &recover(NAME, &key, PASSWORD)).await;

    assert_eq!(unknown.error(), "wrong_recovery_key");
    assert_eq!(wrong.body, unknown.body);
    assert_eq!(weak.error(), "weak_password");
    assert_eq!(recovered.status, StatusCode::CREATED, "{recovered:?}");
    assert_eq!(again.error(), "wrong_recovery_key", "there is another one now");
    assert_ne!(recovered.json()["recovery_key"].as_str().unwrap().to_lowercase(), key);
    assert_eq!(session.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(day.sign_in(NAME, PASSWORD).await.error(), "wrong_password");
    let back = day.web.with_cookies_of(&day.sign_in(NAME, OTHER).await);
    assert_eq!(back.get("/api/v1/me").await.json()["name"], NAME, "what was sealed opens");
}

#[actix_web::test]
async fn what_has_ended_is_tidied_away() {
    let folder = tempfile::tempdir().unwrap();
    let day = FirstDay::with(Store::open(folder.path()).unwrap()).await;
    let first = day.web.with_cookies_of(&day.found(PASSWORD).await);
    invite(&first).await;
    assert_eq!(files::wraps(folder.path()).len(), 3);

    day.later(31 * DAY);
    day.hub().tidy().await.unwrap();

    assert_eq!(files::wraps(folder.path()).len(), 1, "the password's is left");
}
