//! What is sent twice because no answer came is stored once.

use std::time::Duration;

use actix_web::{
    http::{StatusCode, header::CONTENT_TYPE},
    test::TestRequest,
    web::Bytes,
};
use futures_util::{StreamExt as _, stream};
use hutch::{
    hub::{Event, HubError, RequestKey, Sending},
    store::{Store, requests},
    toy::firmware::Quirks,
};
use serde_json::{Value, json};

use crate::{
    house::{House, tone},
    relatives::{items, relative, screen},
    support::{Answer, Client, TestHub, wav},
};

const KEY: &str = "Idempotency-Key";

async fn messages(client: &Client<'_>) -> String {
    format!("{}/messages", client.child_path().await)
}

fn request(client: &Client<'_>, path: &str, key: &str) -> TestRequest {
    let request = client.request("POST", path).insert_header((CONTENT_TYPE, "audio/wav"));
    request.insert_header((KEY, key)).set_payload(wav(500))
}

async fn send(client: &Client<'_>, path: &str, key: &str) -> Answer {
    client.send(request(client, path, key)).await
}

fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let items = answer.json()["items"].as_array().unwrap().clone();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

fn how(key: &str) -> Sending {
    Sending { key: Some(RequestKey::parse(key).unwrap()), ..Sending::default() }
}

fn sound() -> Vec<u8> {
    hutch::audio::wav::write(&tone(16_000, 700))
}

#[actix_web::test]
async fn the_second_answer_is_the_first_and_nothing_is_stored_twice() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = messages(&guardian).await;
    let n_before = items(&guardian).await.len();

    let first = send(&guardian, &path, "a-key_1").await;
    let delivery = first.json()["items"][0]["delivery"]["id"].as_str().unwrap().to_owned();
    guardian.post(&format!("/api/v1/deliveries/{delivery}/withdraw")).await;
    let second = send(&guardian, &path, "a-key_1").await;
    let third = send(&guardian, &path, "a-key_2").await;
    let without = guardian.post_wav(&path, wav(500)).await;

    assert_eq!(ids(&first), ids(&second));
    assert_eq!(second.json()["items"][0]["delivery"]["state"], "withdrawn", "as it is by now");
    assert_ne!(ids(&first), ids(&third));
    assert_eq!(without.status, StatusCode::CREATED);
    assert_eq!(items(&guardian).await.len(), n_before + 3);
}

#[actix_web::test]
async fn parts_of_a_message_come_in_their_order_again() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = format!("{}?long=split", messages(&guardian).await);
    let send = || guardian.send(request(&guardian, &path, "k").set_payload(wav(90_000)));

    let (first, second) = (send().await, send().await);

    assert_eq!(ids(&first).len(), 3);
    assert_eq!(ids(&first), ids(&second));
}

#[actix_web::test]
async fn a_key_that_cannot_be_one_is_refused_before_anything_is_read() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = messages(&guardian).await;
    let n_before = items(&guardian).await.len();

    for key in ["", "a b", "a.b", "\u{e4}", "a,b", &"x".repeat(65)] {
        let answer = send(&guardian, &path, key).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{key}");
        assert_eq!(answer.error(), "bad_idempotency_key", "{key}");
    }
    let twice = request(&guardian, &path, "a").append_header((KEY, "b"));
    assert_eq!(guardian.send(twice).await.error(), "bad_idempotency_key");
    let no_text = request(&guardian, &path, "a").insert_header((KEY, b"\xff".as_slice()));
    assert_eq!(guardian.send(no_text).await.error(), "bad_idempotency_key");
    assert_eq!(items(&guardian).await.len(), n_before);
}

#[actix_web::test]
async fn a_key_is_for_one_request() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = messages(&guardian).await;
    let leo = json!({ "name": "Leo", "animal": "cat", "color": "sky" });
    let leo = guardian.post_json("/api/v1/children", &leo).await.json();
    let of_leo = format!("/api/v1/children/{}/messages", leo["id"].as_str().unwrap());
    let first = send(&guardian, &path, "k").await;
    let n_before = items(&guardian).await.len();

    for other in [of_leo, format!("{path}?long=cut"), format!("{path}?long=split")] {
        let refused = send(&guardian, &other, "k").await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{other}");
        assert_eq!(refused.error(), "idempotency_key_reused", "{other}");
    }
    assert_eq!(items(&guardian).await.len(), n_before);
    assert_eq!(ids(&send(&guardian, &path, "k").await), ids(&first));
}

#[actix_web::test]
async fn the_same_key_of_somebody_else_is_another() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (_, grandma) = relative(&hub, &guardian).await;
    let (_, screen) = screen(&hub, &guardian).await;
    let path = messages(&guardian).await;
    let recordings = path.replace("/messages", "/recordings");

    let of_guardian = ids(&send(&guardian, &path, "k").await);
    let of_grandma = ids(&send(&grandma, &path, "k").await);
    let of_screen = ids(&send(&screen, &recordings, "k").await);

    assert!(of_guardian != of_grandma && of_guardian != of_screen);
    assert_eq!(ids(&send(&guardian, &path, "k").await), of_guardian);
    assert_eq!(ids(&send(&grandma, &path, "k").await), of_grandma);
    assert_eq!(ids(&send(&screen, &recordings, "k").await), of_screen);
    assert_eq!(items(&guardian).await.len(), 4, "with the toy's own recording");
}

#[actix_web::test]
async fn what_was_refused_or_broke_off_may_be_sent_again() {
    let mut hub = TestHub::demo().await;
    hub.limits.grace = Duration::from_millis(300);
    let guardian = hub.guardian().await;
    let path = messages(&guardian).await;
    let n_before = items(&guardian).await.len();

    let too_long = request(&guardian, &path, "k").set_payload(wav(50_000));
    assert_eq!(guardian.send(too_long).await.error(), "message_too_long");
    let noise = request(&guardian, &path, "k").set_payload("RIFF");
    assert_eq!(guardian.send(noise).await.error(), "sound_cut_off");
    let half = stream::iter([Bytes::from(wav(500)[..9_000].to_vec())]).chain(stream::pending());
    let broken_off = guardian.post_stream_with(request(&guardian, &path, "k"), half).await;
    assert_eq!(broken_off.error(), "too_slow");
    assert_eq!(items(&guardian).await.len(), n_before);
    let cut = request(&guardian, &format!("{path}?long=cut"), "k").set_payload(wav(50_000));
    let sent = guardian.send(cut).await;

    assert_eq!(ids(&sent).len(), 1);
    assert_eq!(items(&guardian).await.len(), n_before + 1);
}

#[actix_web::test]
async fn two_at_once_are_one() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (relative_id, grandma) = relative(&hub, &guardian).await;
    let grant =
        json!({ "child": guardian.child().await["id"], "relation": "aunt", "daily_limit": 1 });
    let body = json!({ "grants": [grant] });
    guardian.post_json(&format!("/api/v1/relatives/{relative_id}"), &body).await;
    let path = messages(&grandma).await;

    let (one, other, third) = futures_util::join!(
        send(&grandma, &path, "k"),
        send(&grandma, &path, "k"),
        send(&grandma, &path, "k"),
    );

    assert_eq!(ids(&one), ids(&other));
    assert_eq!(ids(&one), ids(&third), "nor does it count twice");
    assert_eq!(items(&grandma).await.len(), 1);
    assert_eq!(send(&grandma, &path, "l").await.error(), "daily_limit");
    assert_eq!(ids(&send(&grandma, &path, "k").await), ids(&one));
}

#[actix_web::test]
async fn what_was_erased_does_not_come_back() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let confirm = json!({ "password": crate::house::PASSWORD });
    guardian.post_json("/api/v1/me/confirm", &confirm).await;
    let path = messages(&guardian).await;
    let split = format!("{path}?long=split");
    let send_long = || guardian.send(request(&guardian, &split, "long").set_payload(wav(50_000)));
    let (short, long) = (ids(&send(&guardian, &path, "k").await), ids(&send_long().await));
    let n_before = items(&guardian).await.len();

    for id in [&short[0], &long[0]] {
        let erased = guardian.post(&format!("/api/v1/items/{id}/erase")).await;
        assert!(erased.status.is_success(), "{erased:?}");
    }
    let again = send(&guardian, &path, "k").await;

    assert_eq!(again.status, StatusCode::GONE);
    assert_eq!(again.error(), "erased_since");
    assert_eq!(ids(&send_long().await), long[1..], "what is left of it");
    assert_eq!(items(&guardian).await.len(), n_before - 2);
}

#[actix_web::test]
async fn a_child_that_was_taken_away_is_not_written_to_by_asking_again() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;
    let path = messages(&grandma).await;
    ids(&send(&grandma, &path, "k").await);
    let leo = json!({ "name": "Leo", "animal": "cat", "color": "sky" });
    let leo = guardian.post_json("/api/v1/children", &leo).await.json();
    let body = json!({ "grants": [{ "child": leo["id"], "relation": "aunt" }] });
    guardian.post_json(&format!("/api/v1/relatives/{id}"), &body).await;

    assert_eq!(send(&grandma, &path, "k").await.error(), "no_such_child");
}

async fn n_requests(store: &Store) -> i64 {
    let count = |tx: &hutch::store::Transaction<'_>| {
        Ok(tx.query_row("select count(*) from request", [], |row| row.get(0))?)
    };
    store.read(count).await.unwrap()
}

#[actix_web::test]
async fn requests_go_with_their_account() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;
    let (screen_id, screen) = screen(&hub, &guardian).await;
    let path = messages(&grandma).await;
    ids(&send(&grandma, &path, "k").await);
    ids(&send(&screen, &path.replace("/messages", "/recordings"), "k").await);
    ids(&send(&guardian, &path, "k").await);
    let store = hub.store();
    let mut n = vec![n_requests(&store).await];

    for gone in [format!("relatives/{id}"), format!("screens/{screen_id}")] {
        let removed = guardian.post(&format!("/api/v1/{gone}/remove")).await;
        assert_eq!(removed.status, StatusCode::NO_CONTENT);
        n.push(n_requests(&store).await);
    }

    assert_eq!(n, [3, 2, 1]);
}

/// The hub stored it, and whoever sent it was gone before the answer.
#[tokio::test(start_paused = true)]
async fn who_leaves_before_the_answer_finds_it_stored_once() {
    let mut house = House::with_toy(Quirks::default()).await;
    let mut events = house.hub.events(&house.guardian);
    let stored = async {
        loop {
            if let Some(Event::Item { id, .. }) = events.next().await {
                return id;
            }
        }
    };

    let first = tokio::select! {
        biased;
        id = stored => id,
        _ = house.hub.send_message(&house.guardian, house.child, sound(), how("k")) => {
            panic!("the answer came before anybody was told")
        }
    };
    let again = house.hub.send_message(&house.guardian, house.child, sound(), how("k")).await;

    let again = again.unwrap();
    assert_eq!(again.iter().map(|item| item.id).collect::<Vec<_>>(), [first]);
    let page = house.hub.items(&house.guardian, house.child, None, 10).await.unwrap();
    assert_eq!(page.items.len(), 1);
    // Its keeper was told, too.
    let delivery = again[0].delivery.as_ref().unwrap().id;
    house.until_state(delivery, "on_toy").await;
}

#[tokio::test(start_paused = true)]
async fn a_request_is_known_for_a_week_and_then_forgotten() {
    let house = House::without_keepers(Quirks::default()).await;
    let send =
        |key: &'static str| house.hub.send_message(&house.guardian, house.child, sound(), how(key));
    let first = send("k").await.unwrap()[0].id;
    let day = 24 * 3_600;

    house.clock.set_by(7 * day - 60);
    house.hub.erase_what_is_over().await.unwrap();
    let known = send("k").await.unwrap()[0].id;
    // Of the latest hundred each is kept, so that no wrong clock makes the hub forget.
    let account = house.account;
    let fill = move |tx: &hutch::store::Transaction<'_>| {
        for n in 0..100 {
            let request = requests::Request { account, key_mac: [n; 32], asked_mac: [n; 32] };
            requests::insert(tx, &request, &[first], hutch::model::Timestamp(2_000_000_000))?;
        }
        Ok(())
    };
    house.clock.set_by(120);
    house.hub.erase_what_is_over().await.unwrap();
    let by_number = send("k").await.unwrap()[0].id;
    house.tools.store.write(fill).await.unwrap();
    house.hub.erase_what_is_over().await.unwrap();
    let forgotten = send("k").await.unwrap()[0].id;

    assert_eq!((known, by_number), (first, first));
    assert_ne!(forgotten, first);
}

#[tokio::test(start_paused = true)]
async fn nobody_finds_in_the_files_what_somebody_chose_as_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::with_store(Store::open(folder.path()).unwrap()).await;
    let key = "Grandma-Gisela-on-Sunday";
    let send = |key| house.hub.send_message(&house.guardian, house.child, sound(), how(key));
    let first = send(key).await.unwrap()[0].id;

    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let is_there = bytes.windows(key.len()).any(|window| window == key.as_bytes());
        assert!(!is_there, "the key is readable");
    }
    // With the files alone: a store that was closed knows it still.
    let store = &house.tools.store;
    assert_eq!(n_requests(store).await, 1);
    store.close().await;
    let again = Store::open(folder.path()).unwrap();
    let row = "select key_mac, asked_mac, account from request";
    let request = again.read(move |tx| {
        Ok(tx.query_row(row, [], |row| {
            let (key_mac, asked_mac) = (row.get(0)?, row.get(1)?);
            let account = hutch::model::AccountId::from_bytes(row.get(2)?);
            Ok(requests::Request { account, key_mac, asked_mac })
        })?)
    });
    let request = request.await.unwrap();
    let known = again.read(move |tx| requests::find(tx, &request)).await.unwrap();
    assert_eq!(known, Some(requests::Before::Stored(vec![first])));
}

#[test]
fn what_is_no_key_is_said_so() {
    let refused = RequestKey::parse("kl\u{fc}gel").err().unwrap();

    assert!(matches!(refused, HubError::BadRequestKey));
    let document: Value = hutch::http::openapi();
    let send = &document["paths"]["/api/v1/children/{child}/messages"]["post"];
    let parameters = send["parameters"].as_array().unwrap();
    let key = parameters.iter().find(|parameter| parameter["in"] == "header").unwrap();
    assert_eq!((&key["name"], &key["schema"]["maxLength"]), (&json!(KEY), &json!(64)));
}
