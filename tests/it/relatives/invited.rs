//! Inviting relatives, and what becomes of them.

use super::*;

#[actix_web::test]
async fn whoever_has_the_link_sees_who_is_invited_to_whom() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (relative, token) = invite(&guardian).await;

    let looked = look(&hub, &token).await.json();

    assert_eq!(relative["state"], "invited");
    assert_eq!(relative["sign_in_name"], Value::Null);
    assert_eq!(looked["role"], "relative");
    assert_eq!(looked["name"], GRANDMA);
    assert_eq!(looked["children"], json!(["Mia"]));
    assert_eq!(looked["expires_at"], relative["invite"]["expires_at"]);
}

#[actix_web::test]
async fn a_relative_comes_and_sees_their_child_and_nothing_else() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let other = json!({ "name": "Leo", "animal": "cat", "color": "sky" });
    let other = guardian.post_json("/api/v1/children", &other).await.json()["id"].clone();

    let (id, grandma) = relative(&hub, &guardian).await;

    let me = grandma.get("/api/v1/me").await.json();
    assert_eq!((&me["role"], &me["name"]), (&json!("relative"), &json!(GRANDMA)));
    let children = grandma.get("/api/v1/children").await.json();
    assert_eq!(children["children"].as_array().unwrap().len(), 1);
    assert_eq!(children["children"][0]["name"], "Mia");
    assert_eq!(children["children"][0]["latest_at"], Value::Null);
    assert_eq!(children["children"][0]["grant"]["needs_approval"], true);
    assert!(items(&grandma).await.is_empty(), "the toy's recording was not shared");
    let path = format!("/api/v1/children/{}/items", other.as_str().unwrap());
    assert_eq!(grandma.get(&path).await.error(), "no_such_child");
    let path = format!("/api/v1/children/{}/messages", other.as_str().unwrap());
    assert_eq!(grandma.post_wav(&path, wav(500)).await.error(), "no_such_child");
    let people = guardian.get("/api/v1/people").await.json();
    assert_eq!(people["relatives"][0]["id"], id.as_str());
    assert_eq!(people["relatives"][0]["state"], "active");
    assert_eq!(people["relatives"][0]["sign_in_name"], "gisela");
    assert_eq!(people["relatives"][0]["invite"], Value::Null);
    assert_eq!(sign_in(&hub, "Gisela", HERS).await.status, StatusCode::CREATED);
}

#[actix_web::test]
async fn what_is_wrong_is_said_and_uses_nothing_up() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let child = guardian.child().await["id"].clone();
    let grant = |limit: u32| json!({ "child": child, "relation": "aunt", "daily_limit": limit });
    for (body, code) in [
        (json!({ "name": "", "grants": [grant(1)] }), "bad_name"),
        (json!({ "name": "Ada", "grants": [] }), "no_children"),
        (json!({ "name": "Ada", "grants": [grant(0)] }), "bad_choice"),
        (json!({ "name": "Ada", "grants": [grant(101)] }), "bad_choice"),
        (json!({ "name": "Ada", "grants": [grant(1), grant(2)] }), "bad_choice"),
        (
            json!({ "name": "Ada", "grants": [{ "child": child, "relation": "boss" }] }),
            "bad_choice",
        ),
        (
            json!({ "name": "Ada", "grants": [{ "child": "a".repeat(26), "relation": "aunt" }] }),
            "no_such_child",
        ),
    ] {
        assert_eq!(guardian.post_json("/api/v1/relatives", &body).await.error(), code, "{body}");
    }
    let (_, token) = invite(&guardian).await;

    let short = accept(&hub, &token, "gisela", "kettle ok").await;
    let own_words = accept(&hub, &token, "gisela", "mia mia grandma gisela").await;
    let taken = accept(&hub, &token, crate::house::NAME, HERS).await;
    let nameless =
        hub.nobody().post_json("/api/v1/invites/accept", &json!({ "token": token })).await;

    assert_eq!(short.error(), "weak_password");
    assert_eq!(own_words.error(), "weak_password", "the link opens these names");
    assert_eq!(taken.error(), "name_taken");
    assert_eq!(nameless.error(), "bad_name");
    assert_eq!(accept(&hub, &token, "gisela", HERS).await.status, StatusCode::CREATED);
    assert_eq!(accept(&hub, &token, "again", HERS).await.error(), "no_such_invite");
}

#[actix_web::test]
async fn another_link_gives_another_key_and_keeps_what_was_shared() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, before) = relative(&hub, &guardian).await;
    let item = recording(&guardian).await;
    assert_eq!(share(&guardian, &item, &id).await.status, StatusCode::OK);

    let renewed = guardian.post(&format!("/api/v1/relatives/{id}/invite")).await;
    let still = before.get("/api/v1/me").await.status;
    let new = "kettle on a sunday";
    let accepted = accept(&hub, &secret(&renewed.json()), "gisela", new).await;
    let after = hub.with_cookies_of(&accepted);

    assert_eq!(renewed.status, StatusCode::CREATED);
    assert_eq!(still, StatusCode::OK, "what they have is good until then");
    assert_eq!(before.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&hub, "gisela", HERS).await.error(), "wrong_password");
    assert_eq!(sign_in(&hub, "gisela", new).await.status, StatusCode::CREATED);
    let heard = after.get(&format!("/api/v1/items/{item}/sound")).await;
    assert_eq!(heard.status, StatusCode::OK);
    assert_eq!(heard.body, guardian.get(&format!("/api/v1/items/{item}/sound")).await.body);
}

#[actix_web::test]
async fn what_was_shared_outlives_a_link_that_was_lost() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (relative, lost) = invite(&guardian).await;
    let id = relative["id"].as_str().unwrap();
    let item = recording(&guardian).await;
    assert_eq!(share(&guardian, &item, id).await.status, StatusCode::OK);
    let invite = relative["invite"]["id"].as_str().unwrap();
    let withdrawn = guardian.post(&format!("/api/v1/invites/{invite}/withdraw")).await;
    assert_eq!(withdrawn.status, StatusCode::NO_CONTENT);
    assert_eq!(accept(&hub, &lost, "gisela", HERS).await.error(), "no_such_invite");

    let renewed = guardian.post(&format!("/api/v1/relatives/{id}/invite")).await.json();
    let accepted = accept(&hub, &secret(&renewed), "gisela", HERS).await;

    let grandma = hub.with_cookies_of(&accepted);
    assert_eq!(items(&grandma).await[0]["id"], item.as_str());
}

#[actix_web::test]
async fn a_blocked_relative_is_out_until_let_in_again() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;

    let blocked = guardian.post(&format!("/api/v1/relatives/{id}/block")).await;
    let signed_out = grandma.get("/api/v1/me").await.status;
    let refused = sign_in(&hub, "gisela", HERS).await;
    let guessed = sign_in(&hub, "gisela", "something else").await;
    let link = guardian.post(&format!("/api/v1/relatives/{id}/invite")).await.json();
    let came_by_link = accept(&hub, &secret(&link), "gisela", HERS).await;
    let unblocked = guardian.post(&format!("/api/v1/relatives/{id}/unblock")).await;

    assert_eq!(blocked.json()["state"], "blocked");
    assert_eq!(signed_out, StatusCode::UNAUTHORIZED);
    assert_eq!((refused.status, refused.error()), (StatusCode::FORBIDDEN, "blocked".to_owned()));
    assert_eq!(guessed.error(), "wrong_password", "strangers do not learn of it");
    assert_eq!(came_by_link.error(), "blocked");
    assert_eq!(unblocked.json()["state"], "active");
    assert_eq!(sign_in(&hub, "gisela", HERS).await.status, StatusCode::CREATED);
}

#[actix_web::test]
async fn a_removed_relative_is_gone_and_what_they_sent_stays() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;
    let sent = grandma.message(500).await;

    let removed = guardian.post(&format!("/api/v1/relatives/{id}/remove")).await;

    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(grandma.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&hub, "gisela", HERS).await.error(), "wrong_password");
    assert_eq!(guardian.get("/api/v1/people").await.json()["relatives"], json!([]));
    let item = format!("/api/v1/items/{}", sent["id"].as_str().unwrap());
    assert_eq!(guardian.get(&item).await.json()["sender"], id.as_str());
    assert_eq!(guardian.get(&format!("{item}/sound")).await.status, StatusCode::OK);
    let again = guardian.post(&format!("/api/v1/relatives/{id}/remove")).await;
    assert_eq!(again.error(), "no_such_account");
}

#[actix_web::test]
async fn a_guardian_is_not_removed_as_a_relative() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let me = guardian.get("/api/v1/me").await.json()["id"].as_str().unwrap().to_owned();

    for action in ["remove", "block", "invite"] {
        let refused = guardian.post(&format!("/api/v1/relatives/{me}/{action}")).await;
        assert_eq!(refused.error(), "no_such_account", "{action}");
    }
    assert_eq!(guardian.get("/api/v1/me").await.status, StatusCode::OK, "nor signed out");
}

#[actix_web::test]
async fn a_relative_is_renamed_for_everybody() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;

    let path = format!("/api/v1/relatives/{id}");
    let renamed = guardian.post_json(&path, &json!({ "name": "Oma" })).await;

    assert_eq!(renamed.json()["name"], "Oma");
    assert_eq!(renamed.json()["grants"].as_array().unwrap().len(), 1);
    assert_eq!(grandma.get("/api/v1/me").await.json()["name"], "Oma");
}

#[actix_web::test]
async fn a_child_that_is_not_granted_any_more_takes_everything_along() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;
    let item = recording(&guardian).await;
    share(&guardian, &item, &id).await;
    let mine = grandma.message(500).await["id"].as_str().unwrap().to_owned();
    let leo = json!({ "name": "Leo", "animal": "cat", "color": "sky" });
    let leo = guardian.post_json("/api/v1/children", &leo).await.json()["id"].clone();
    assert_eq!(items(&grandma).await.len(), 2);

    let only_leo = json!({ "grants": [{ "child": leo, "relation": "grandmother" }] });
    let path = format!("/api/v1/relatives/{id}");
    let changed = guardian.post_json(&path, &only_leo).await;

    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    assert_eq!(grandma.child().await["name"], "Leo");
    for item in [&item, &mine] {
        assert_eq!(grandma.get(&format!("/api/v1/items/{item}")).await.error(), "no_such_item");
    }
    // Granted once more, the child is back; what was taken away is not.
    assert_eq!(regrant(&guardian, &id, json!({})).await.status, StatusCode::OK);
    assert_eq!(grandma.child().await["name"], "Mia");
    assert!(items(&grandma).await.is_empty());
}
