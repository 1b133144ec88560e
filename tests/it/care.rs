//! What guardians see of the hub and its computer, what happens when room runs out, and figures for
//! programs.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use actix_web::http::{StatusCode, header};
use hutch::hub::care::{Finding, PAIRS, Room, Site, Space, Verdict};
use serde_json::{Value, json};

use crate::{
    house::PASSWORD,
    relatives::{relative, screen},
    support::{Answer, Client, Events, TestHub, wav},
};

const TOTAL: u64 = 1_000_000;

/// A computer of which a test says how it is.
struct Computer {
    free_bytes: Mutex<u64>,
    n_looks: AtomicU32,
}

impl Computer {
    fn under(hub: &TestHub) -> Arc<Self> {
        let computer = Arc::new(Self { free_bytes: Mutex::new(TOTAL), n_looks: AtomicU32::new(0) });
        hub.hub.stand_on(Arc::<Self>::clone(&computer));
        computer
    }

    fn leave(&self, percent: u64) {
        *self.free_bytes.lock().unwrap() = TOTAL / 100 * percent;
    }
}

impl Space for Computer {
    fn room(&self) -> Option<Room> {
        Some(Room { free_bytes: *self.free_bytes.lock().unwrap(), total_bytes: TOTAL })
    }
}

#[async_trait::async_trait]
impl Site for Computer {
    async fn look(&self) -> Vec<Finding> {
        self.n_looks.fetch_add(1, Ordering::SeqCst);
        // Another request comes in between.
        tokio::task::yield_now().await;
        vec![Finding::new("database", "whole", Verdict::Good, "it is whole").with("mib", 3)]
    }
}

/// How the findings say that something is.
fn how(care: &Value, about: &str) -> Option<String> {
    let findings = care["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["about"] == about)?;
    Some(found["how"].as_str().unwrap().to_owned())
}

async fn care(guardian: &Client<'_>) -> Value {
    let answer = guardian.get("/api/v1/care").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

#[actix_web::test]
async fn a_guardian_sees_at_once_what_is_quick_to_say_and_the_rest_after_a_look() {
    let hub = TestHub::demo().await;
    let computer = Computer::under(&hub);
    let guardian = hub.guardian().await;

    let before = care(&guardian).await;
    let looked = guardian.post("/api/v1/care/look").await.json();
    let after = care(&guardian).await;

    assert_eq!(before["looked_at"], Value::Null);
    assert_eq!(how(&before, "room").as_deref(), Some("enough"));
    assert_eq!(how(&before, "bluetooth").as_deref(), Some("works"));
    assert!(how(&before, "clock").is_some());
    assert_eq!(how(&before, "database"), None, "nobody has read it yet");
    assert!(looked["looked_at"].is_number());
    assert_eq!(how(&looked, "database").as_deref(), Some("whole"));
    assert_eq!(after, looked);
    assert_eq!(computer.n_looks.load(Ordering::SeqCst), 1);
}

/// The next event that has this name; beats come in between.
async fn told(events: &mut Events, name: &str) {
    loop {
        let text = events.next().await.unwrap();
        if text.contains(&format!("event: {name}\n")) {
            return;
        }
        assert!(text.contains("event: beat\n"), "{name} was expected, not {text}");
    }
}

#[actix_web::test]
async fn guardians_are_told_when_something_else_is_found_and_nobody_else_is() {
    let hub = TestHub::demo().await;
    let computer = Computer::under(&hub);
    let guardian = hub.guardian().await;
    let (_, grandma) = relative(&hub, &guardian).await;
    let mut theirs = grandma.events().await;
    assert!(theirs.next().await.unwrap().contains("event: hello"));
    let mut events = guardian.events().await;
    assert!(events.next().await.unwrap().contains("event: hello"));

    guardian.post("/api/v1/care/look").await;
    told(&mut events, "care").await;
    tokio::time::pause();
    let watched = hub.hub.clone();
    let watching = actix_web::rt::spawn(async move { watched.watch_care().await });
    tokio::task::yield_now().await;
    computer.leave(1);
    told(&mut events, "care").await;
    assert_ne!(how(&care(&guardian).await, "room").as_deref(), Some("enough"));
    told(&mut theirs, "beat").await;
    watching.abort();
}

#[actix_web::test]
async fn everything_is_read_once_however_many_ask() {
    let hub = TestHub::demo().await;
    let computer = Computer::under(&hub);
    let guardian = hub.guardian().await;

    let (one, other) =
        tokio::join!(guardian.post("/api/v1/care/look"), guardian.post("/api/v1/care/look"));
    let again = guardian.post("/api/v1/care/look").await;

    for answer in [&one, &other, &again] {
        assert_eq!(how(&answer.json(), "database").as_deref(), Some("whole"));
    }
    assert_eq!(computer.n_looks.load(Ordering::SeqCst), 1);
}

#[actix_web::test]
async fn room_that_becomes_scarce_is_said_and_the_last_of_it_is_for_children() {
    let hub = TestHub::demo().await;
    let computer = Computer::under(&hub);
    let guardian = hub.guardian().await;
    let (_, grandma) = relative(&hub, &guardian).await;
    let (_, tablet) = screen(&hub, &guardian).await;
    let messages = format!("{}/messages", guardian.child_path().await);
    let picture = format!("{}/picture", guardian.child_path().await);
    let recordings = format!("{}/recordings", guardian.child_path().await);
    let send_picture = async || {
        let bytes = include_bytes!("../fuzz/corpus/picture/webp").to_vec();
        let request = guardian.request("PUT", &picture);
        let request = request.insert_header((header::CONTENT_TYPE, "image/webp"));
        guardian.send(request.set_payload(bytes)).await
    };
    let refused = |answer: &Answer| {
        assert_eq!(answer.status.as_u16(), 507, "{answer:?}");
        assert_eq!(answer.error(), "room_kept");
    };

    computer.leave(9);
    assert_eq!(how(&care(&guardian).await, "room").as_deref(), Some("scarce"));
    assert_eq!(guardian.post_wav(&messages, wav(500)).await.status, StatusCode::CREATED);
    computer.leave(5);
    assert_eq!(guardian.post_wav(&messages, wav(500)).await.status, StatusCode::CREATED);

    computer.leave(4);
    let short = care(&guardian).await;
    assert_eq!(how(&short, "room").as_deref(), Some("short"));
    let found = &short["findings"][0];
    assert_eq!((&found["verdict"], &found["calls"]), (&json!("ails"), &json!(true)));
    let facts = json!([{ "name": "mib", "value": 0 }, { "name": "percent", "value": 4 }]);
    assert_eq!(found["facts"], facts);
    refused(&guardian.post_wav(&messages, wav(500)).await);
    refused(&grandma.post_wav(&messages, wav(500)).await);
    refused(&send_picture().await);
    let said = tablet.post_wav(&recordings, wav(500)).await;
    assert_eq!(said.status, StatusCode::CREATED, "{said:?}");

    computer.leave(50);
    assert_eq!(guardian.post_wav(&messages, wav(500)).await.status, StatusCode::CREATED);
    assert_eq!(send_picture().await.status, StatusCode::OK);
}

#[actix_web::test]
async fn care_is_for_guardians() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (_, grandma) = relative(&hub, &guardian).await;

    for answer in [grandma.get("/api/v1/care").await, grandma.post("/api/v1/care/look").await] {
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
    }
}

/// What is found is put into words by the page, in every language: a title for each pair, and what to do
/// where it is not good.
#[test]
fn the_page_has_words_for_everything_that_can_be_found() {
    for language in ["en", "de", "es", "pt", "fr"] {
        let file = format!("{}/web/words/{language}.json", env!("CARGO_MANIFEST_DIR"));
        let words: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        for (about, how) in PAIRS {
            // The page had those before.
            let key = match *about {
                "bluetooth" if *how != "works" => format!("radio.{how}"),
                _ => format!("care.{about}_{how}"),
            };
            let has_words = words[&key].is_string() || words[&key].is_object();
            assert!(has_words, "{language} has no {key}");
        }
    }
}

/// Makes a token, and returns it.
async fn token(guardian: &Client<'_>) -> String {
    let refused = guardian.post("/api/v1/care/meter").await;
    assert_eq!(refused.error(), "confirm_first");
    guardian.post_json("/api/v1/me/confirm", &json!({ "password": PASSWORD })).await;
    let made = guardian.post("/api/v1/care/meter").await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    made.json()["token"].as_str().unwrap().to_owned()
}

async fn figures(hub: &TestHub, token: &str) -> Answer {
    let request = hub.nobody().request("GET", "/api/v1/metrics");
    hub.send(request.insert_header((header::AUTHORIZATION, format!("Bearer {token}")))).await
}

/// One figure, as it stands there.
fn figure(answer: &Answer, name: &str) -> Option<i64> {
    let line = answer.text().lines().find_map(|line| line.strip_prefix(&format!("{name} ")))?;
    line.parse().ok()
}

#[actix_web::test]
async fn whoever_has_the_token_may_count_and_nothing_else() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    relative(&hub, &guardian).await;
    guardian.message(500).await;
    let token = token(&guardian).await;

    let answer = figures(&hub, &token).await;

    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.header(header::CONTENT_TYPE), "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    for (name, value) in [
        ("hutch_children", 1),
        ("hutch_toys", 1),
        ("hutch_bluetooth_works", 1),
        ("hutch_accounts{role=\"guardian\"}", 1),
        ("hutch_accounts{role=\"relative\"}", 1),
        ("hutch_items{kind=\"recording\"}", 1),
        ("hutch_items{kind=\"message\"}", 1),
        ("hutch_deliveries{state=\"queued\"}", 1),
        ("hutch_clips_waiting", 1),
    ] {
        assert_eq!(figure(&answer, name), Some(value), "{name}\n{}", answer.text());
    }
    for line in answer.text().lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("hutch_") && value.parse::<i64>().is_ok(), "{line}");
    }
    // No name, no identifier, no address of anybody.
    let toy = guardian.child().await["toys"][0].as_str().unwrap().to_owned();
    for private in ["Mia", "Bentley", "Robin", "Gisela", "gisela", "C0:FF", "127.0.0.1", &toy] {
        assert!(!answer.text().contains(private), "{private}");
    }
    let request = hub.nobody().request("GET", "/api/v1/children");
    let bearer = request.insert_header((header::AUTHORIZATION, format!("Bearer {token}")));
    assert_eq!(hub.send(bearer).await.status, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn there_are_no_figures_until_a_guardian_makes_a_token_nor_after_it_is_taken_back() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let nobody_s = "A".repeat(43);
    assert_eq!(figures(&hub, &nobody_s).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(guardian.get("/api/v1/metrics").await.status, StatusCode::UNAUTHORIZED);
    let none = json!({ "made_at": null, "used_at": null });
    assert_eq!(guardian.get("/api/v1/care/meter").await.json(), none);

    let first = token(&guardian).await;
    assert_eq!(figures(&hub, &first).await.status, StatusCode::OK);
    for wrong in ["", "wrong", &nobody_s, &format!("{first}A"), &first[1..]] {
        assert_eq!(figures(&hub, wrong).await.status, StatusCode::UNAUTHORIZED, "{wrong}");
    }
    let known = guardian.get("/api/v1/care/meter").await.json();
    assert!(known["made_at"].is_number() && known["used_at"].is_number(), "{known}");
    let second = guardian.post("/api/v1/care/meter").await.json()["token"].clone();
    let second = second.as_str().unwrap();
    assert_eq!(figures(&hub, &first).await.status, StatusCode::UNAUTHORIZED, "another came");
    assert_eq!(figures(&hub, second).await.status, StatusCode::OK);

    let revoked = guardian.send(guardian.request("DELETE", "/api/v1/care/meter")).await;
    assert_eq!(revoked.json(), none);
    assert_eq!(figures(&hub, second).await.status, StatusCode::UNAUTHORIZED);
    let twice = guardian.send(guardian.request("DELETE", "/api/v1/care/meter")).await;
    assert_eq!(twice.status, StatusCode::OK, "it is as wanted");
    let log = guardian.get("/api/v1/activity").await.json();
    let deeds = log["entries"].as_array().unwrap().iter().map(|entry| entry["deed"].clone());
    let deeds: Vec<_> = deeds.filter(|deed| deed.as_str().unwrap().starts_with("meter")).collect();
    assert_eq!(deeds, ["meter_revoked", "meter_made", "meter_made"]);
}

#[actix_web::test]
async fn a_stolen_hub_tells_the_token_nothing_any_more() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let token = token(&guardian).await;

    let body = json!({ "password": PASSWORD, "stolen": true });
    let changed = guardian.post_json("/api/v1/keys/change", &body).await;

    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    assert_eq!(figures(&hub, &token).await.status, StatusCode::UNAUTHORIZED);
}
