//! A child's own screen: plays what was let through, keeps what is said to it, changes nothing.

use super::*;

#[actix_web::test]
async fn a_screen_is_bound_by_a_link_alone() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let child = guardian.child().await["id"].clone();
    let body = json!({ "name": "Kitchen tablet", "child": child });
    let added = guardian.post_json("/api/v1/screens", &body).await.json();
    let token = secret(&added["invite"]);

    let looked = look(&hub, &token).await.json();
    let accepted =
        hub.nobody().post_json("/api/v1/invites/accept", &json!({ "token": token })).await;
    let screen = hub.with_cookies_of(&accepted);

    assert_eq!(
        (&looked["role"], &looked["name"]),
        (&json!("child_screen"), &json!("Kitchen tablet"))
    );
    assert_eq!(looked["children"], json!(["Mia"]));
    let me = screen.get("/api/v1/me").await;
    assert_eq!(me.json()["role"], "child_screen");
    let cookie = me.header(actix_web::http::header::SET_COOKIE);
    assert!(cookie.contains("Max-Age=34560000"), "it is kept for 400 days from now: {cookie}");
    assert_eq!(screen.child().await["name"], "Mia");
    assert_eq!(screen.child().await["grant"], Value::Null);
    let people = guardian.get("/api/v1/people").await.json();
    assert_eq!(people["screens"][0]["state"], "active");
    assert!(people["screens"][0]["last_used_at"].is_i64());
}

#[actix_web::test]
async fn it_plays_what_was_let_through_and_nothing_else() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (_, grandma) = relative(&hub, &guardian).await;
    let (_, screen) = screen(&hub, &guardian).await;

    let waiting = grandma.message(500).await;
    let own = guardian.message(500).await;
    let before = items(&screen).await;
    let delivery = waiting["delivery"]["id"].as_str().unwrap();
    guardian.post(&format!("/api/v1/deliveries/{delivery}/approve")).await;
    let after = items(&screen).await;

    assert_eq!(before.len(), 1, "neither the toy's recording nor what waits for approval");
    assert_eq!(before[0]["id"], own["id"]);
    assert_eq!(before[0]["sender"], Value::Null, "a screen need not know who is who");
    assert_eq!(after.len(), 2);
    let sound = format!("/api/v1/items/{}/sound", waiting["id"].as_str().unwrap());
    assert_eq!(screen.get(&sound).await.status, StatusCode::OK);
}

#[actix_web::test]
async fn what_is_said_to_it_is_a_recording() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, screen) = screen(&hub, &guardian).await;
    let child = screen.child_path().await;

    let said = screen.post_wav(&format!("{child}/recordings"), wav(700)).await;
    let elsewhere = format!("/api/v1/children/{}/recordings", "a".repeat(26));
    let refused = screen.post_wav(&elsewhere, wav(700)).await;
    let noise = screen.post_wav(&format!("{child}/recordings"), b"RIFF".to_vec()).await;

    assert_eq!(said.status, StatusCode::CREATED, "{said:?}");
    let item = said.json()["items"][0].clone();
    assert_eq!((&item["kind"], &item["mine"]), (&json!("recording"), &json!(true)));
    let path = format!("/api/v1/items/{}", item["id"].as_str().unwrap());
    let seen = guardian.get(&path).await.json();
    assert_eq!(seen["sender"], id.as_str());
    assert_eq!(guardian.get(&format!("{path}/sound")).await.status, StatusCode::OK);
    assert_eq!(screen.get(&format!("{path}/sound")).await.status, StatusCode::OK);
    assert_eq!(refused.error(), "no_such_child");
    assert_eq!(noise.error(), "bad_sound");
}

#[actix_web::test]
async fn a_removed_screen_is_out() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, screen) = screen(&hub, &guardian).await;

    let wrong = guardian.post(&format!("/api/v1/relatives/{id}/remove")).await;
    let removed = guardian.post(&format!("/api/v1/screens/{id}/remove")).await;

    assert_eq!(wrong.error(), "no_such_account", "it is no relative");
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(screen.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn another_link_moves_the_screen_to_another_tablet() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, old) = screen(&hub, &guardian).await;
    let own = guardian.message(500).await;

    let link = guardian.post(&format!("/api/v1/screens/{id}/invite")).await.json();
    let body = json!({ "token": secret(&link) });
    let accepted = hub.nobody().post_json("/api/v1/invites/accept", &body).await;
    let new = hub.with_cookies_of(&accepted);

    assert_eq!(old.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(items(&new).await[0]["id"], own["id"]);
}
