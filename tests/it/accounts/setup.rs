//! The first start.

use serde_json::json;

use super::*;

#[actix_web::test]
async fn whoever_has_the_code_becomes_the_first_guardian() {
    let day = FirstDay::new().await;
    let nobody = day.web.nobody();
    assert_eq!(nobody.get("/api/v1/door").await.json()["state"], "set_up");

    let answer = day.found(PASSWORD).await;

    assert_eq!(answer.status, 201);
    let body = answer.json();
    assert_eq!(body["me"]["name"], NAME);
    assert_eq!(body["me"]["role"], "guardian");
    assert!(body["recovery_key"].as_str().unwrap().starts_with("AGE-SECRET-KEY-1"));
    assert_eq!(nobody.get("/api/v1/door").await.json()["state"], "signed_out");
    let guardian = day.web.with_cookies_of(&answer);
    assert_eq!(guardian.get("/api/v1/door").await.json()["state"], "signed_in");
    assert_eq!(guardian.get("/api/v1/me").await.json()["name"], NAME);
    assert_eq!(guardian.get("/api/v1/children").await.json(), json!({ "children": [] }));
    assert_eq!(*day.codes.lock().unwrap().last().unwrap(), None, "the code is shown no more");
    assert_eq!(day.hub().setup_code(), None);
}

#[actix_web::test]
async fn a_hub_is_set_up_once() {
    let (day, _) = FirstDay::set_up().await;
    let first_code = day.codes.lock().unwrap()[0].clone().unwrap();

    let again = founding(&first_code, PASSWORD);
    let answer = day.web.nobody().post_json("/api/v1/setup", &again).await;

    assert_eq!(answer.status, 409);
    assert_eq!(answer.error(), "already_set_up");
}

#[actix_web::test]
async fn the_code_may_be_typed_as_people_type() {
    let day = FirstDay::new().await;
    let typed = format!(" {} ", day.code().to_lowercase().replace('-', " "));

    let body = founding(&typed, PASSWORD);
    let answer = day.web.nobody().post_json("/api/v1/setup", &body).await;

    assert_eq!(answer.status, 201);
}

#[actix_web::test]
async fn ten_wrong_codes_make_a_new_one() {
    let day = FirstDay::new().await;
    let first = day.code();
    let nobody = day.web.nobody();

    for tries_left in (1..10).rev() {
        let body = founding("0000-0000-0000", PASSWORD);
        let answer = nobody.post_json("/api/v1/setup", &body).await;
        assert_eq!(answer.status, 403);
        assert_eq!(answer.error(), "wrong_code");
        assert_eq!(answer.json()["tries_left"], tries_left);
        day.later(15 * MINUTE);
    }
    let body = founding("0000-0000-0000", PASSWORD);
    let tenth = nobody.post_json("/api/v1/setup", &body).await;
    day.later(15 * MINUTE);
    let with_the_old = nobody.post_json("/api/v1/setup", &founding(&first, PASSWORD)).await;
    day.later(15 * MINUTE);

    assert_eq!(tenth.error(), "code_renewed");
    assert_eq!(with_the_old.error(), "wrong_code");
    assert_ne!(day.code(), first);
    assert_eq!(day.found(PASSWORD).await.status, 201);
}

#[actix_web::test]
async fn who_tries_codes_has_to_wait() {
    let day = FirstDay::new().await;
    let body = founding("0000-0000-0000", PASSWORD);

    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(day.web.nobody().post_json("/api/v1/setup", &body).await);
    }

    assert_eq!(answers[4].error(), "wrong_code");
    assert_eq!(answers[5].status, 429);
    assert_eq!(answers[5].error(), "try_later");
    assert_eq!(answers[5].json()["retry_after_s"], 2);
    assert_eq!(answers[5].header(actix_web::http::header::RETRY_AFTER), "2");
}

#[actix_web::test]
async fn a_code_is_good_for_a_day() {
    let day = FirstDay::new().await;
    let first = day.code();
    day.later(DAY);

    let body = founding(&first, PASSWORD);
    let answer = day.web.nobody().post_json("/api/v1/setup", &body).await;

    assert_eq!(answer.error(), "code_renewed");
    assert_ne!(day.code(), first);
    assert_eq!(day.hub().setup_code().as_deref(), Some(&day.code()));
}

#[actix_web::test]
async fn weak_passwords_are_refused_with_the_reason() {
    let day = FirstDay::new().await;

    for password in [
        "qwe",
        "123456",
        "cloudpets",
        "password1!",
        "Cloudpets2017!",
        "TheMillers2026!",
        "the millers 2026",
        "robin-robin-robin",
        "",
    ] {
        let answer = day.found(password).await;
        assert_eq!(answer.status, 422, "{password}");
        assert_eq!(answer.error(), "weak_password", "{password}");
        let body = answer.json();
        for what in ["reasons", "suggestions"] {
            let said = body[what].as_array().unwrap();
            assert!(!said.is_empty(), "{password}");
            for one in said {
                assert!(!one["code"].as_str().unwrap().is_empty(), "{password}");
                assert!(one["message"].as_str().unwrap().ends_with('.'), "{password}");
            }
        }
        let short =
            body["reasons"].as_array().unwrap().iter().find(|one| one["code"] == "too_short");
        assert_eq!(short.is_some_and(|one| one["min"] == 12), password.chars().count() < 12);
        assert!(password.is_empty() || !answer.text().contains(password), "{password}");
    }
    assert_eq!(day.found(PASSWORD).await.status, 201, "the code is good after all that");
}

#[actix_web::test]
async fn names_and_time_zones_must_be_some() {
    let day = FirstDay::new().await;
    let nobody = day.web.nobody();

    for (field, value, code) in [
        ("name", " ".to_owned(), "bad_name"),
        ("name", "a\u{7}".to_owned(), "bad_name"),
        ("name", "x".repeat(65), "bad_name"),
        ("time_zone", "Europe/Atlantis".to_owned(), "bad_time_zone"),
        ("time_zone", "../../etc/passwd".to_owned(), "bad_time_zone"),
    ] {
        let mut body = founding(&day.code(), PASSWORD);
        body[field] = value.into();
        let answer = nobody.post_json("/api/v1/setup", &body).await;
        assert_eq!(answer.status, 422, "{body}");
        assert_eq!(answer.error(), code);
    }
}

#[actix_web::test]
async fn the_recovery_key_is_checked_by_typing_a_part() {
    let (day, answer) = FirstDay::set_up().await;
    let guardian = day.web.with_cookies_of(&answer);
    let key = answer.json()["recovery_key"].as_str().unwrap().to_owned();
    let part = &answer.json()["me"]["recovery_key_part"];
    let first = usize::try_from(part["first"].as_u64().unwrap()).unwrap();
    let letters = &key["AGE-SECRET-KEY-1".len()..];
    let right = &letters[first - 1..first + 7];
    let check = |part: &str| json!({ "part": part });
    let path = "/api/v1/me/recovery-key/check";

    let wrong = guardian.post_json(path, &check("AAAAAAAA")).await;
    let checked = guardian.post_json(path, &check(&format!(" {} ", right.to_lowercase()))).await;

    assert_eq!(part["n"], 8);
    assert_eq!(wrong.error(), "wrong_part");
    assert_eq!(checked.json()["recovery_key_checked"], true);
    assert_eq!(checked.json()["recovery_key_part"], Value::Null);
}

#[actix_web::test]
async fn another_recovery_key_needs_the_password_once_more() {
    let (day, answer) = FirstDay::set_up().await;
    let guardian = day.web.with_cookies_of(&answer);
    day.later(11 * MINUTE);
    let path = "/api/v1/me/recovery-key";

    let refused = guardian.post(path).await;
    let again = json!({ "password": PASSWORD });
    let confirmed = guardian.post_json("/api/v1/me/confirm", &again).await;
    let renewed = guardian.post(path).await;

    assert_eq!(refused.status, 403);
    assert_eq!(refused.error(), "confirm_first");
    assert!(confirmed.json()["confirmed_until"].as_i64().unwrap() > START.0 + 11 * MINUTE);
    let key = renewed.json()["recovery_key"].clone();
    assert_ne!(key, answer.json()["recovery_key"]);
    let me = guardian.get("/api/v1/me").await.json();
    assert_eq!(me["recovery_key_checked"], false, "the new one is to be written down, too");
}
