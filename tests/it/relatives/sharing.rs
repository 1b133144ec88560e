//! A recording reaches a relative only when a guardian shares it.

use super::*;

#[actix_web::test]
async fn a_shared_recording_is_heard_and_taken_away_again() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;
    let item = recording(&guardian).await;
    let path = format!("/api/v1/items/{item}");
    let unshared = grandma.get(&path).await;

    let shared = share(&guardian, &item, &id).await;
    let heard = grandma.get(&format!("{path}/sound")).await;
    let listed = items(&grandma).await;
    let body = json!({ "account": id });
    let taken = guardian.post_json(&format!("{path}/unshare"), &body).await;

    assert_eq!(unshared.error(), "no_such_item");
    assert_eq!(unshared.body, grandma.get(&format!("/api/v1/items/{}", "a".repeat(26))).await.body);
    assert_eq!(shared.json()["shared_with"], json!([id]));
    assert_eq!(heard.status, StatusCode::OK);
    assert_eq!(listed[0]["id"], item.as_str());
    assert_eq!(listed[0]["shared_with"], json!([]), "only guardians see with whom");
    assert_eq!(taken.json()["shared_with"], json!([]));
    assert_eq!(grandma.get(&format!("{path}/sound")).await.error(), "no_such_item");
    assert!(items(&grandma).await.is_empty());
}

#[actix_web::test]
async fn only_a_relative_of_that_child_is_shared_with() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let leo = json!({ "name": "Leo", "animal": "cat", "color": "sky" });
    let leo = guardian.post_json("/api/v1/children", &leo).await.json()["id"].clone();
    let body = json!({ "name": "Uncle", "grants": [{ "child": leo, "relation": "uncle" }] });
    let uncle = guardian.post_json("/api/v1/relatives", &body).await.json();
    let me = guardian.get("/api/v1/me").await.json();
    let item = recording(&guardian).await;

    let with_uncle = share(&guardian, &item, uncle["relative"]["id"].as_str().unwrap()).await;
    let with_me = share(&guardian, &item, me["id"].as_str().unwrap()).await;
    let nothing = share(&guardian, &"a".repeat(26), me["id"].as_str().unwrap()).await;

    assert_eq!(with_uncle.error(), "not_granted");
    assert_eq!(with_me.error(), "no_such_account");
    assert_eq!(nothing.error(), "no_such_item");
}

#[actix_web::test]
async fn what_is_shared_before_somebody_comes_is_there_when_they_do() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (relative, token) = invite(&guardian).await;
    let item = recording(&guardian).await;

    let shared = share(&guardian, &item, relative["id"].as_str().unwrap()).await;
    let grandma = hub.with_cookies_of(&accept(&hub, &token, "gisela", HERS).await);

    assert_eq!(shared.status, StatusCode::OK);
    assert_eq!(grandma.get(&format!("/api/v1/items/{item}/sound")).await.status, StatusCode::OK);
}

#[actix_web::test]
async fn a_relative_hears_of_their_own_and_of_what_is_shared() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;
    let item = recording(&guardian).await;
    let mut events = grandma.events().await;
    assert!(events.next().await.unwrap().contains("event: hello"));

    // Nothing of this is for her.
    let theirs = guardian.message(500).await;
    guardian
        .post(&format!(
            "/api/v1/deliveries/{}/withdraw",
            theirs["delivery"]["id"].as_str().unwrap()
        ))
        .await;
    share(&guardian, &item, &id).await;

    let heard = events.next().await.unwrap();
    assert!(heard.contains("event: item") && heard.contains(&item), "{heard}");
    let path = format!("/api/v1/items/{item}/unshare");
    guardian.post_json(&path, &json!({ "account": id })).await;
    // Once for being shared as an item that she may see, once for being shared with her; then that
    // it was taken away.
    let mut told = String::new();
    while told.matches(&item).count() < 2 {
        told.push_str(&events.next().await.unwrap());
    }
    assert!(!told.contains(theirs["id"].as_str().unwrap()));
    guardian.post(&format!("/api/v1/relatives/{id}/remove")).await;
    while events.next().await.is_some() {}
}

/// Whichever comes first: what is shared while somebody gets another link or key is not lost, nor is
/// a child that is granted just then.
#[actix_web::test]
async fn nothing_is_lost_between_two_keys() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, _) = relative(&hub, &guardian).await;
    let item = recording(&guardian).await;
    let path = format!("/api/v1/items/{item}/unshare");
    let invite = format!("/api/v1/relatives/{id}/invite");
    for round in 0..6 {
        guardian.post_json(&path, &json!({ "account": id })).await;
        let leo = json!({ "name": "Leo", "animal": "cat", "color": "sky" });
        let leo = guardian.post_json("/api/v1/children", &leo).await.json()["id"].clone();
        let mia = guardian.child().await["id"].clone();
        let both = json!({ "grants": [
            { "child": mia, "relation": "aunt" }, { "child": leo, "relation": "aunt" },
        ] });
        let person = format!("/api/v1/relatives/{id}");

        let (link, shared) = if round % 2 == 0 {
            let link = guardian.post(&invite);
            let (link, shared, granted) = futures_util::join!(
                link,
                share(&guardian, &item, &id),
                guardian.post_json(&person, &both)
            );
            assert_eq!(granted.status, StatusCode::OK, "{granted:?}");
            (link, shared)
        } else {
            let link = guardian.post(&invite).await;
            assert_eq!(guardian.post_json(&person, &both).await.status, StatusCode::OK);
            (link, share(&guardian, &item, &id).await)
        };
        assert_eq!((link.status, shared.status), (StatusCode::CREATED, StatusCode::OK));
        guardian.post_json(&path, &json!({ "account": id })).await;
        let token = secret(&link.json());
        let (accepted, shared) = futures_util::join!(accept(&hub, &token, "gisela", HERS), async {
            // About when the key is made of the password.
            tokio::time::sleep(std::time::Duration::from_millis(round * 9)).await;
            share(&guardian, &item, &id).await
        });

        assert_eq!(shared.status, StatusCode::OK, "{shared:?}");
        let aunt = hub.with_cookies_of(&accepted);
        assert_eq!(aunt.get(&format!("/api/v1/items/{item}")).await.status, StatusCode::OK);
        let children = aunt.get("/api/v1/children").await;
        assert_eq!(children.json()["children"].as_array().unwrap().len(), 2, "{children:?}");
    }
}
