//! Adopting over HTTP.

use std::time::Duration;

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{Client, TestHub};

const STRAY: &str = "C0:FF:EE:00:00:03";

/// The simulated toy that nobody has adopted, as the playroom calls it.
async fn stray(guardian: &Client<'_>) -> Value {
    let toys = guardian.get("/api/v1/demo/toys").await.json();
    let mut toys = toys["toys"].as_array().unwrap().iter();
    toys.find(|toy| toy["address"] == STRAY).unwrap().clone()
}

async fn until(guardian: &Client<'_>, path: &str, state: &str) -> Value {
    for _ in 0..1_000 {
        let meeting = guardian.get(path).await.json();
        if meeting["state"] == state {
            return meeting;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("the meeting never comes to {state}");
}

async fn squeeze(guardian: &Client<'_>) {
    let id = stray(guardian).await["id"].as_str().unwrap().to_owned();
    let squeezed = guardian.post(&format!("/api/v1/demo/toys/{id}/play")).await;
    assert_eq!(squeezed.status, StatusCode::OK);
}

#[actix_web::test]
async fn a_toy_is_adopted_from_the_page() {
    tokio::time::pause();
    let hub = TestHub::demo_at_work().await;
    let guardian = hub.guardian().await;
    sleep(Duration::from_secs(1)).await;

    let radio = guardian.get("/api/v1/radio").await.json();
    let expected = json!({
        "address": STRAY, "name": "CloudPets B 1.0.19", "signal_dbm": -55, "character": "rabbit",
        "toy": null, "child": null,
    });
    assert_eq!(radio["state"], "works");
    assert!(radio["toys"].as_array().unwrap().contains(&expected), "{radio}");

    let begun = guardian.post_json("/api/v1/meetings", &json!({ "address": STRAY })).await;
    assert_eq!(begun.status, StatusCode::CREATED);
    let begun = begun.json();
    assert_eq!(begun["state"], "connecting");
    let path = format!("/api/v1/meetings/{}", begun["id"].as_str().unwrap());
    until(&guardian, &path, "waiting").await;
    squeeze(&guardian).await;
    let squeezed = until(&guardian, &path, "squeezed").await;
    let expected = json!({
        "id": begun["id"], "address": STRAY, "state": "squeezed", "why": null,
        "character": "rabbit",
    });
    assert_eq!(squeezed, expected);

    let child = guardian.child().await["id"].clone();
    let new = json!({ "meeting": begun["id"], "child": child, "name": "Bubbles" });
    let adopted = guardian.post_json("/api/v1/toys", &new).await;
    assert_eq!(adopted.status, StatusCode::CREATED, "{}", adopted.text());
    let adopted = adopted.json();
    assert_eq!((&adopted["name"], &adopted["character"]), (&json!("Bubbles"), &json!("rabbit")));
    assert_eq!((&adopted["retiring"], &adopted["guard"]), (&json!(false), &json!(null)));
    let toys = guardian.get("/api/v1/toys").await.json();
    assert_eq!(toys["toys"].as_array().unwrap().len(), 2);
    assert_eq!(guardian.get(&path).await.json()["state"], "adopted");
    // The playroom knows it by its name from here on, and by the one that it had before.
    assert_eq!(stray(&guardian).await["id"], adopted["id"]);
    let news = guardian.get("/api/v1/activity?limit=1").await.json();
    let entry = &news["entries"][0];
    assert_eq!(entry["deed"], "toy_adopted");
    assert_eq!((&entry["subject"], &entry["child"]), (&adopted["id"], &child));
    assert_eq!(entry["subject_name"], "Bubbles");
}

#[actix_web::test]
async fn what_cannot_be_is_refused_with_a_word() {
    tokio::time::pause();
    let hub = TestHub::demo_at_work().await;
    let guardian = hub.guardian().await;
    sleep(Duration::from_secs(1)).await;
    let nobody = "a".repeat(26);

    let meet = async |address: &str| {
        guardian.post_json("/api/v1/meetings", &json!({ "address": address })).await.error()
    };
    assert_eq!(meet("C0:FF:EE:00:00:01").await, "already_adopted");
    assert_eq!(meet("00:00:00:00:00:00").await, "not_heard");
    assert_eq!(meet("everywhere").await, "bad_json");
    let path = format!("/api/v1/meetings/{nobody}");
    assert_eq!(guardian.get(&path).await.error(), "no_such_meeting");
    assert_eq!(guardian.post(&format!("{path}/end")).await.error(), "no_such_meeting");

    let begun = guardian.post_json("/api/v1/meetings", &json!({ "address": STRAY })).await.json();
    let path = format!("/api/v1/meetings/{}", begun["id"].as_str().unwrap());
    let child = guardian.child().await["id"].clone();
    let adopt = async |changes: Value| {
        let mut new = json!({ "meeting": begun["id"], "child": child, "name": "Bubbles" });
        new.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        guardian.post_json("/api/v1/toys", &new).await.error()
    };
    assert_eq!(adopt(json!({ "meeting": nobody })).await, "no_such_meeting");
    assert_eq!(adopt(json!({})).await, "not_squeezed");
    until(&guardian, &path, "waiting").await;
    squeeze(&guardian).await;
    until(&guardian, &path, "squeezed").await;
    assert_eq!(adopt(json!({ "name": "" })).await, "bad_name");
    assert_eq!(adopt(json!({ "name": "x".repeat(65) })).await, "bad_name");
    assert_eq!(adopt(json!({ "child": nobody })).await, "no_such_child");
    assert_eq!(adopt(json!({ "character": "dragon" })).await, "bad_choice");

    let ended = guardian.post(&format!("{path}/end")).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert_eq!(guardian.get(&path).await.json()["state"], "cancelled");
    assert_eq!(guardian.post(&format!("{path}/end")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(adopt(json!({})).await, "not_squeezed");
}

#[actix_web::test]
async fn a_toy_is_retired_from_the_page() {
    tokio::time::pause();
    let hub = TestHub::demo_at_work().await;
    let guardian = hub.guardian().await;
    let toy = guardian.child().await["toys"][0].as_str().unwrap().to_owned();
    let path = format!("/api/v1/toys/{toy}/retire");
    let retire = async |at_once| guardian.post_json(&path, &json!({ "at_once": at_once })).await;

    let retired = retire(false).await;
    let toys = guardian.get("/api/v1/toys").await.json();
    let lost = retire(true).await;
    let gone = retire(false).await;

    assert_eq!((retired.status, retired.json()), (StatusCode::ACCEPTED, json!({})));
    assert_eq!(toys["toys"][0]["retiring"], true);
    assert_eq!(lost.status, StatusCode::ACCEPTED);
    assert_eq!(gone.error(), "no_such_toy");
    assert_eq!(guardian.get("/api/v1/toys").await.json()["toys"], json!([]));
    assert_eq!(guardian.post_json(&path, &json!({})).await.error(), "bad_json");
}
