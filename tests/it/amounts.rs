//! What is kept of whom, in numbers, and when it goes.

use std::time::Duration;

use actix_web::http::{StatusCode, header};
use hutch::{hub::rules::Rules, model::ItemId, toy::firmware::Quirks};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    house::{House, START},
    relatives::{recording, relative, share},
    support::{Client, TestHub},
};

const PICTURE: &[u8] = include_bytes!("../fuzz/corpus/picture/jpeg");
const DAY_S: i64 = 24 * 3_600;

async fn amounts(guardian: &Client<'_>) -> Value {
    let answer = guardian.get("/api/v1/privacy").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

/// What the database says itself.
async fn stored(hub: &TestHub, sql: &'static str) -> i64 {
    hub.store().read(move |tx| Ok(tx.query_row(sql, [], |row| row.get(0))?)).await.unwrap()
}

#[actix_web::test]
async fn everything_of_a_child_and_a_relative_is_counted() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;
    let item = recording(&guardian).await;
    share(&guardian, &item, &id).await;
    let note = json!({ "text": "Good night" });
    let noted = guardian.put_json(&format!("/api/v1/items/{item}/note"), &note).await;
    assert_eq!(noted.status, StatusCode::OK, "{noted:?}");
    guardian.put_json(&format!("/api/v1/items/{item}/kept"), &json!({ "kept": true })).await;
    let path = format!("{}/picture", guardian.child_path().await);
    let request =
        guardian.request("PUT", &path).insert_header((header::CONTENT_TYPE, "image/jpeg"));
    let pictured = guardian.send(request.set_payload(PICTURE)).await;
    assert!(pictured.status.is_success(), "{pictured:?}");
    guardian.message(500).await;
    grandma.message(1_000).await;

    let all = amounts(&guardian).await;

    let of = |what: &Value| (what["n"].as_i64().unwrap(), what["bytes"].as_i64().unwrap());
    let child = &all["children"][0];
    assert_eq!(child["child"], guardian.child().await["id"]);
    let bytes = stored(
        &hub,
        "select sum(length(sealed)) from audio join item on item.id = audio.item
         where kind = 'recording'",
    );
    assert_eq!(of(&child["recordings"]), (1, bytes.await));
    let bytes = stored(
        &hub,
        "select sum(length(sealed)) from audio join item on item.id = audio.item
         where kind = 'message'",
    );
    assert_eq!(of(&child["messages"]), (2, bytes.await));
    assert_eq!(of(&child["notes"]), (1, stored(&hub, "select length(sealed) from note").await));
    let bytes = stored(&hub, "select sum(length(waveform)) from item");
    assert_eq!(of(&child["pictures"]), (3, bytes.await));
    let bytes = stored(&hub, "select length(sealed) from picture");
    assert_eq!(of(&child["own_picture"]), (1, bytes.await));
    assert_eq!((&child["kept"], &child["retention_days"]), (&json!(1), &json!(90)));
    assert_eq!((&child["going"], &child["next_goes_at"]), (&json!(0), &Value::Null));
    let hers = &all["relatives"][0];
    assert_eq!((&hers["account"], &hers["shared"]), (&json!(id), &json!(1)));
    let bytes = stored(
        &hub,
        "select length(sealed) from audio join item on item.id = audio.item
         where sender = (select id from account where role = 'relative')",
    );
    assert_eq!(of(&hers["messages"]), (1, bytes.await));
    assert_eq!(all["sessions"], stored(&hub, "select count(*) from session").await);
    assert_eq!(all["activity"], stored(&hub, "select count(*) from activity").await);
    assert_eq!(all["places"], stored(&hub, "select count(*) from activity_place").await);
    let bytes = stored(&hub, "select coalesce(sum(length(clip)), 0) from outbox").await;
    assert_eq!(all["waiting"]["bytes"], bytes);
    assert!(bytes < all["database_bytes"].as_i64().unwrap(), "{all}");
}

#[actix_web::test]
async fn a_child_of_whom_nothing_is_kept_is_there_with_nothing() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let leo = json!({ "name": "Leo", "animal": "cat", "color": "sky" });
    let leo = guardian.post_json("/api/v1/children", &leo).await.json()["id"].clone();

    let all = amounts(&guardian).await;

    let nothing = json!({ "n": 0, "bytes": 0 });
    assert_eq!(
        all["children"].as_array().unwrap().last().unwrap(),
        &json!({
            "child": leo, "recordings": nothing, "messages": nothing, "notes": nothing,
            "pictures": nothing, "own_picture": nothing, "kept": 0, "oldest_at": null, "retention_days": 90, "going": 0,
            "next_goes_at": null,
        })
    );
}

#[actix_web::test]
async fn only_guardians_are_told() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (_, grandma) = relative(&hub, &guardian).await;

    let refused = grandma.get("/api/v1/privacy").await;

    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn what_goes_within_a_day_is_told_with_its_time() {
    let house = House::without_keepers(Quirks::default()).await;
    for n in 1..=3 {
        house.add_recording_as(ItemId::from_bytes([n; 16]), 100).await;
    }
    let rules =
        Rules { quiet: Vec::new(), max_volume: None, night_volume: None, retention_days: Some(30) };
    house.hub.set_rules(&house.confirmed().await, house.child, rules).await.unwrap();
    house.hub.set_kept(&house.guardian, ItemId::from_bytes([2; 16]), true).await.unwrap();
    let going = async || {
        let all = house.hub.amounts(&house.guardian).await.unwrap();
        let [child] = all.children[..] else { panic!("there is one child") };
        (child.kept.recordings.n, child.n_going, child.next_goes_at)
    };

    sleep(Duration::from_secs(29 * 24 * 3_600)).await;
    let early = going().await;
    sleep(Duration::from_secs(1)).await;
    let within_a_day = going().await;

    assert_eq!(early, (3, 0, None), "a day and no less is left");
    assert_eq!(within_a_day, (3, 2, Some(START.after(30 * DAY_S))), "what is kept does not go");
}
