//! Erasing over HTTP: who may, what others see of it, and what the activity says.

use actix_web::http::StatusCode;
use serde_json::json;

use crate::{
    house::PASSWORD,
    relatives::{items, recording, relative, screen, share},
    support::{Answer, Client, TestHub},
};

const NOBODY: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

async fn confirm(guardian: &Client<'_>) {
    let again = json!({ "password": PASSWORD });
    let confirmed = guardian.post_json("/api/v1/me/confirm", &again).await;
    assert_eq!(confirmed.status, StatusCode::OK);
}

async fn erase(by: &Client<'_>, path: &str) -> Answer {
    by.post(&format!("/api/v1/{path}/erase")).await
}

#[actix_web::test]
async fn an_erased_item_is_as_unknown_as_any_for_everybody() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;
    let item = recording(&guardian).await;
    share(&guardian, &item, &id).await;
    let mut events = grandma.events().await;
    assert!(events.next().await.unwrap().contains("event: hello"));

    let too_soon = erase(&guardian, &format!("items/{item}")).await;
    confirm(&guardian).await;
    let erased = erase(&guardian, &format!("items/{item}")).await;

    assert_eq!(too_soon.error(), "confirm_first");
    assert_eq!((erased.status, erased.json()), (StatusCode::OK, json!({ "gone": true })));
    for client in [&guardian, &grandma] {
        for after in ["", "/sound"] {
            let known = client.get(&format!("/api/v1/items/{item}{after}")).await;
            let unknown = client.get(&format!("/api/v1/items/{NOBODY}{after}")).await;
            assert_eq!(known.status, StatusCode::NOT_FOUND);
            assert_eq!(known.body, unknown.body);
        }
        assert!(items(client).await.is_empty());
    }
    let again = erase(&guardian, &format!("items/{item}")).await;
    assert_eq!(again.body, erase(&guardian, &format!("items/{NOBODY}")).await.body);
    assert_eq!(again.error(), "no_such_item");
    let told = events.next().await.unwrap();
    assert!(told.contains("event: erased") && told.contains(&item), "{told}");
}

#[actix_web::test]
async fn nobody_hears_of_the_end_of_what_they_could_not_open() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;
    let item = recording(&guardian).await;
    let sent = guardian.message(500).await["id"].as_str().unwrap().to_owned();
    share(&guardian, &item, &id).await;
    let mut events = grandma.events().await;
    assert!(events.next().await.unwrap().contains("event: hello"));
    confirm(&guardian).await;

    erase(&guardian, &format!("items/{sent}")).await;
    erase(&guardian, &format!("items/{item}")).await;

    let told = events.next().await.unwrap();
    assert!(told.contains(&item) && !told.contains(&sent), "{told}");
}

#[actix_web::test]
async fn an_erased_child_is_nowhere_and_its_screens_are_signed_out() {
    let hub = TestHub::demo_at_work().await;
    let guardian = hub.guardian().await;
    let (_, grandma) = relative(&hub, &guardian).await;
    let (_, tablet) = screen(&hub, &guardian).await;
    let item = recording(&guardian).await;
    let child = guardian.child().await["id"].as_str().unwrap().to_owned();

    let too_soon = erase(&guardian, &format!("children/{child}")).await;
    confirm(&guardian).await;
    let erased = erase(&guardian, &format!("children/{child}")).await;

    assert_eq!(too_soon.error(), "confirm_first");
    assert_eq!(erased.json(), json!({ "gone": true }));
    assert_eq!(guardian.get("/api/v1/children").await.json()["children"], json!([]));
    assert_eq!(guardian.get("/api/v1/toys").await.json()["toys"], json!([]));
    assert_eq!(guardian.get("/api/v1/people").await.json()["screens"], json!([]));
    assert_eq!(tablet.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(grandma.get("/api/v1/children").await.json()["children"], json!([]));
    let relatives = guardian.get("/api/v1/people").await.json()["relatives"].clone();
    assert_eq!(relatives[0]["grants"], json!([]), "she stays, with no child");
    assert_eq!(guardian.get(&format!("/api/v1/items/{item}")).await.error(), "no_such_item");
    let known = erase(&guardian, &format!("children/{child}")).await;
    assert_eq!(known.body, erase(&guardian, &format!("children/{NOBODY}")).await.body);
    assert_eq!(known.error(), "no_such_child");
}

#[actix_web::test]
async fn an_erased_relative_leaves_nothing_that_they_sent() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;
    let theirs = grandma.message(500).await["id"].as_str().unwrap().to_owned();
    let others = items(&guardian).await.len() - 1;
    let (screen_id, _) = screen(&hub, &guardian).await;

    let too_soon = erase(&guardian, &format!("relatives/{id}")).await;
    confirm(&guardian).await;
    let not_one = erase(&guardian, &format!("relatives/{screen_id}")).await;
    let erased = erase(&guardian, &format!("relatives/{id}")).await;

    assert_eq!(too_soon.error(), "confirm_first");
    assert_eq!(not_one.error(), "no_such_account");
    assert_eq!(erased.json(), json!({ "gone": true }));
    assert_eq!(guardian.get(&format!("/api/v1/items/{theirs}")).await.error(), "no_such_item");
    assert_eq!(items(&guardian).await.len(), others);
    assert_eq!(guardian.get("/api/v1/people").await.json()["relatives"], json!([]));
    assert_eq!(grandma.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    let known = erase(&guardian, &format!("relatives/{id}")).await;
    assert_eq!(known.body, erase(&guardian, &format!("relatives/{NOBODY}")).await.body);
}

#[actix_web::test]
async fn the_activity_says_who_erased_what() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;
    grandma.message(500).await;
    let item = recording(&guardian).await;
    let child = guardian.child().await["id"].as_str().unwrap().to_owned();
    confirm(&guardian).await;

    for path in [format!("items/{item}"), format!("relatives/{id}"), format!("children/{child}")] {
        assert_eq!(erase(&guardian, &path).await.status, StatusCode::OK, "{path}");
    }
    erase(&guardian, &format!("items/{item}")).await;

    let store = hub.store();
    let noted =
        store.read(|tx| hutch::store::activity::page(tx, i64::MAX, None, 100)).await.unwrap();
    let erased: Vec<_> = noted.iter().rev().filter(|done| done.deed.contains("erased")).collect();
    let words: Vec<_> = erased.iter().map(|done| done.deed.as_str()).collect();
    assert_eq!(words, ["erased", "account_erased", "child_erased"], "and nothing of the last");
    assert_eq!(erased[0].item.map(|id| id.to_string()), Some(item));
    assert_eq!(erased[0].child.map(|id| id.to_string()), Some(child.clone()));
    assert_eq!(erased[1].n, Some(1));
    assert_eq!(erased[2].child.map(|id| id.to_string()), Some(child));
    assert!(erased.iter().all(|done| done.account.is_some()));
}

#[actix_web::test]
async fn the_household_of_a_demo_is_not_erased_by_hand() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let body = json!({ "name": "Robin" });

    let too_soon = guardian.post_json("/api/v1/household/erase", &body).await;
    confirm(&guardian).await;
    let refused = guardian.post_json("/api/v1/household/erase", &body).await;

    assert_eq!(too_soon.error(), "confirm_first");
    assert_eq!(refused.error(), "not_here");
}
