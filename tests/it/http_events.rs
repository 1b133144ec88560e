//! The event stream.

use std::time::Duration;

use actix_web::http::StatusCode;
use tokio::time::Instant;

use crate::{
    http_schema::validate,
    relatives::relative,
    support::{Client, Events, TestHub},
};

/// The next event, which must have this name and be as the document says.
async fn event(events: &mut Events, name: &str) -> serde_json::Value {
    let text = events.next().await.unwrap();
    let text = text.strip_prefix("retry: 2000\n").unwrap_or(&text);
    let data = text.strip_prefix(&format!("event: {name}\ndata: ")).unwrap_or_else(|| {
        panic!("{name} was expected, not {text}");
    });
    let data = serde_json::from_str(data.strip_suffix("\n\n").unwrap()).unwrap();
    let document = hutch::http::openapi();
    let stream = &document["paths"]["/api/v1/events"]["get"]["responses"]["200"]["content"];
    let kinds = stream["text/event-stream"]["itemSchema"]["oneOf"].as_array().unwrap();
    let kind = kinds.iter().find(|kind| kind["properties"]["event"]["const"] == name).unwrap();
    validate(&document, &kind["properties"]["data"]["contentSchema"], &data, name).unwrap();
    data
}

async fn followed(guardian: &Client<'_>) -> Events {
    let mut events = guardian.events().await;
    event(&mut events, "hello").await;
    events
}

#[actix_web::test]
async fn says_hello_and_then_what_happens() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let mut events = followed(&guardian).await;

    let sent = guardian.message(500).await;

    let item = event(&mut events, "item").await;
    assert_eq!(item, serde_json::json!({ "id": sent["id"], "child": sent["child"] }));
    let id = sent["delivery"]["id"].as_str().unwrap();
    let withdrawn = guardian.post(&format!("/api/v1/deliveries/{id}/withdraw")).await;
    let delivery = event(&mut events, "delivery").await;
    assert_eq!(delivery, withdrawn.json());
}

#[actix_web::test]
async fn a_toy_and_its_player_are_events_without_names() {
    use hutch::{
        hub::{Event, Presence, Signal, ToyNow},
        model::Slot,
    };

    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let mut events = followed(&guardian).await;
    let toy = guardian.child().await["toys"][0].clone();
    let id = toy.as_str().unwrap().parse().unwrap();
    let demo_toy = hub.hub.playroom().unwrap().toys().remove(0);

    let now = ToyNow {
        presence: Presence::Awake,
        volume: Some(200),
        signal: Some(Signal::Close),
        playing: Some(Slot::MAILBOX),
        n_changes: 7,
    };
    hub.bus.publish(Event::Toy { id, now });
    hub.bus.publish(Event::DemoToy(demo_toy));
    hub.bus.publish(Event::Lagged);

    let seen = event(&mut events, "toy").await;
    assert_eq!(
        seen,
        serde_json::json!({ "id": toy, "presence": "awake", "volume": 200, "signal": "close", "playing": 1, "holds": 7 })
    );
    assert_eq!(event(&mut events, "demo_toy").await["id"], toy);
    event(&mut events, "hello").await;
}

/// Browsers send the cookie of whoever signed in last, and whoever is signed in twice wants to know.
#[actix_web::test]
async fn a_stream_says_whose_it_is_and_which_sessions_of_theirs_come_and_go() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;
    let me = guardian.get("/api/v1/me").await.json();
    let mut events = guardian.events().await;
    assert_eq!(event(&mut events, "hello").await["account"], me["id"]);
    let mut theirs = grandma.events().await;
    assert_eq!(event(&mut theirs, "hello").await["account"], *id);

    let credentials = serde_json::json!({ "name": "gisela", "password": "sunday kettle" });
    let again = hub.nobody().post_json("/api/v1/sessions", &credentials).await;
    assert_eq!(again.status, StatusCode::CREATED, "{again:?}");
    assert_eq!(event(&mut theirs, "sessions").await, serde_json::Value::Null);
    hub.with_cookies_of(&again).post("/api/v1/sign-out").await;
    assert_eq!(event(&mut theirs, "sessions").await, serde_json::Value::Null);

    // A guardian reads of it in the activity, and is told nothing as if it were theirs.
    tokio::time::pause();
    assert_eq!(event(&mut events, "beat").await, serde_json::Value::Null);
}

#[actix_web::test]
async fn a_quiet_stream_beats_every_15_seconds() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    tokio::time::pause();
    let mut events = followed(&guardian).await;
    let started = Instant::now();

    for n in 1..=3 {
        assert_eq!(event(&mut events, "beat").await, serde_json::Value::Null);
        let elapsed = started.elapsed();
        let due = Duration::from_secs(15) * n;
        assert!(due <= elapsed && elapsed < due + Duration::from_secs(1), "{elapsed:?}");
    }
}

#[actix_web::test]
async fn ends_when_the_server_stops() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let mut events = followed(&guardian).await;

    hub.stop.cancel();

    assert_eq!(events.next().await, None);
}
