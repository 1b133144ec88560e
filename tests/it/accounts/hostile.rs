//! What strangers and jokers send.

use actix_web::http::StatusCode;

use super::*;

/// Nobody needs more tries than this to be slowed down.
const MANY: usize = 40;

#[actix_web::test]
async fn a_name_is_text_whatever_it_looks_like() {
    let day = FirstDay::new().await;
    let name = "<img src=x onerror=alert(1)>'; drop table account; --";
    let mut body = founding(&day.code(), PASSWORD);
    body["name"] = json!(name);

    let founded = day.web.nobody().post_json("/api/v1/setup", &body).await;

    assert_eq!(founded.status, StatusCode::CREATED, "{founded:?}");
    let guardian = day.web.with_cookies_of(&founded);
    let me = guardian.get("/api/v1/me").await;
    assert_eq!(me.header(actix_web::http::header::CONTENT_TYPE), "application/json");
    assert_eq!(me.json()["name"], name);
    assert_eq!(day.sign_in(name, PASSWORD).await.status, StatusCode::CREATED);
    let lines = day.hub().account_lines().await.unwrap();
    assert_eq!(lines.len(), 1);
}

#[actix_web::test]
async fn a_field_that_was_not_asked_for_changes_nothing() {
    let (day, answer) = FirstDay::set_up().await;
    let guardian = day.web.with_cookies_of(&answer);
    let mia = json!({ "name": "Mia", "animal": "bear", "color": "plum", "id": "a".repeat(26) });
    let mia = guardian.post_json("/api/v1/children", &mia).await.json();
    assert_ne!(mia["id"], "a".repeat(26));
    let grants = json!([{ "child": mia["id"], "relation": "aunt", "role": "guardian" }]);
    let body = json!({ "name": "Aunt", "grants": grants, "role": "guardian" });
    let invited = guardian.post_json("/api/v1/relatives", &body).await.json();
    let link = invited["invite"]["link"].as_str().unwrap();
    let token = link.split_once("#invite=").unwrap().1;

    let body = json!({
        "token": token, "name": "aunt", "password": "sunday kettle", "role": "guardian",
    });
    let accepted = day.web.nobody().post_json("/api/v1/invites/accept", &body).await;

    let aunt = day.web.with_cookies_of(&accepted);
    assert_eq!(aunt.get("/api/v1/me").await.json()["role"], "relative");
    assert_eq!(aunt.get("/api/v1/people").await.error(), "not_allowed");
}

#[actix_web::test]
async fn a_forwarded_address_is_not_believed() {
    let (day, _) = FirstDay::set_up().await;
    let nobody = day.web.nobody();

    for n in 0..MANY {
        let body = json!({ "name": format!("somebody {n}"), "password": "not the password" });
        let request = nobody
            .request("POST", "/api/v1/sessions")
            .insert_header(("x-forwarded-for", format!("10.0.0.{n}")))
            .insert_header(("forwarded", format!("for=10.0.0.{n}")))
            .set_json(body);
        if nobody.send(request).await.error() == "try_later" {
            return;
        }
    }
    panic!("whoever says that they are somebody else is never slowed down");
}

#[actix_web::test]
async fn wrong_links_and_wrong_recovery_keys_are_slowed_down() {
    let (day, _) = FirstDay::set_up().await;
    let nobody = day.web.nobody();
    let other = hutch::seal::recovery::RecoveryKey::generate().to_text().to_string();
    let wrong_key = json!({ "name": NAME, "recovery_key": other, "new_password": PASSWORD });
    let wrong_link = json!({ "token": Token::generate().to_text().to_string() });

    for (path, body) in [
        ("/api/v1/recover", wrong_key),
        ("/api/v1/invites/look", wrong_link.clone()),
        ("/api/v1/invites/accept", wrong_link),
    ] {
        let mut is_slowed = false;
        for _ in 0..MANY {
            is_slowed |= nobody.post_json(path, &body).await.error() == "try_later";
        }
        assert!(is_slowed, "{path}");
    }
}
