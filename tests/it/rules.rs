//! What holds for a child: quiet hours, how loud its toys may be, how long things are kept.

use std::time::Duration;

use actix_web::http::StatusCode;
use hutch::{
    hub::{Event, HubError, rules::Rules},
    model::{Deed, DeliveryState, ItemId},
    store::{activity, tombstones},
    toy::firmware::Quirks,
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    house::{House, START},
    support::{Client, TestHub},
};

const DAY: Duration = Duration::from_secs(24 * 3_600);
const DAY_S: i64 = 24 * 3_600;

async fn path(client: &Client<'_>) -> String {
    format!("{}/rules", client.child_path().await)
}

/// Quiet all day but for a minute, now and on every day.
fn quiet_now() -> Value {
    let quiet: Vec<_> =
        (1..=7).map(|weekday| json!({ "weekday": weekday, "from": 1, "until": 0 })).collect();
    json!({ "quiet": quiet })
}

#[actix_web::test]
async fn a_child_has_no_rules_but_how_long_things_are_kept() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;

    let rules = guardian.get(&path(&guardian).await).await.json();

    insta::assert_json_snapshot!(rules, @r#"
    {
      "first_goes_at": null,
      "going": 0,
      "max_volume": null,
      "night_volume": null,
      "quiet": [],
      "quiet_at": null,
      "quiet_now": null,
      "retention_days": 90,
      "time_zone": null
    }
    "#);
}

#[actix_web::test]
async fn rules_are_set_as_a_whole_and_remembered() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = path(&guardian).await;
    let wanted = json!({
        "quiet": [
            { "weekday": 5, "from": 1_200, "until": 480 },
            { "weekday": 1, "from": 1_170, "until": 420 },
        ],
        "max_volume": 180,
        "night_volume": 60,
        "retention_days": 365,
    });

    let set = guardian.put_json(&path, &wanted).await;
    let found = guardian.get(&path).await.json();
    let again = guardian.put_json(&path, &json!({ "quiet": [] })).await.json();

    assert_eq!(set.status, StatusCode::OK, "{set:?}");
    assert_eq!(set.json(), found);
    assert_eq!(found["quiet"][0], wanted["quiet"][1], "from Monday on");
    assert_eq!(found["quiet"][1], wanted["quiet"][0]);
    assert_eq!((&found["max_volume"], &found["night_volume"]), (&json!(180), &json!(60)));
    assert_eq!(found["retention_days"], 365);
    assert!(found["quiet_at"].is_i64(), "{found}");
    assert_eq!(again["quiet"], json!([]));
    assert_eq!(again["retention_days"], Value::Null);
}

#[actix_web::test]
async fn rules_that_cannot_be_are_refused_and_nothing_changes() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = path(&guardian).await;
    let before = guardian.get(&path).await.json();
    let span = |weekday, from, until| json!({ "weekday": weekday, "from": from, "until": until });

    let bad = [
        json!({ "quiet": [span(0, 0, 60)] }),
        json!({ "quiet": [span(8, 0, 60)] }),
        json!({ "quiet": [span(1, 1_440, 60)] }),
        json!({ "quiet": [span(1, 0, 1_440)] }),
        json!({ "quiet": [span(1, 60, 60)] }),
        json!({ "quiet": [span(1, 0, 60), span(1, 120, 180)] }),
        json!({ "quiet": [], "retention_days": 0 }),
        json!({ "quiet": [], "retention_days": 3_651 }),
    ];
    for bad in bad {
        assert_eq!(guardian.put_json(&path, &bad).await.error(), "bad_choice", "{bad}");
    }
    let loud = json!({ "quiet": [], "max_volume": 256 });
    assert_eq!(guardian.put_json(&path, &loud).await.error(), "bad_json");
    let query = format!("{path}?retention_days=0");
    assert_eq!(guardian.get(&query).await.error(), "bad_query");
    let nobodys = format!("/api/v1/children/{}/rules", "a".repeat(26));
    assert_eq!(guardian.get(&nobodys).await.error(), "no_such_child");
    assert_eq!(guardian.put_json(&nobodys, &quiet_now()).await.error(), "no_such_child");

    assert_eq!(guardian.get(&path).await.json(), before);
}

/// No sound comes out of a child's screen at night; what the child says is kept.
#[actix_web::test]
async fn a_screen_plays_nothing_in_quiet_hours_and_listens_still() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (_, screen) = crate::relatives::screen(&hub, &guardian).await;
    let message = guardian.message(500).await;
    let sound = format!("/api/v1/items/{}/sound", message["id"].as_str().unwrap());
    let by_day = screen.get(&sound).await;

    guardian.put_json(&path(&guardian).await, &quiet_now()).await;
    let at_night = screen.get(&sound).await;
    let as_wav = screen.get(&format!("{sound}?as=wav")).await;
    let child = screen.child().await;
    let said = format!("{}/recordings", screen.child_path().await);
    let said = screen.post_wav(&said, crate::support::wav(700)).await;

    assert_eq!(by_day.status, StatusCode::OK);
    assert_eq!(at_night.error(), "quiet_hours");
    assert_eq!(at_night.json()["until"], child["quiet"]["until"]);
    assert_eq!(as_wav.error(), "quiet_hours");
    assert_eq!(child["quiet"]["because"], "hours");
    assert_eq!(said.status, StatusCode::CREATED, "{said:?}");
    let own = format!("/api/v1/items/{}/sound", said.json()["items"][0]["id"].as_str().unwrap());
    assert_eq!(screen.get(&own).await.error(), "quiet_hours");
    assert_eq!(guardian.get(&sound).await.status, StatusCode::OK, "a guardian may listen");
}

#[actix_web::test]
async fn a_delivery_says_that_it_waits_for_quiet_hours_to_end() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    guardian.put_json(&path(&guardian).await, &quiet_now()).await;

    let message = guardian.message(500).await;

    let delivery = &message["delivery"];
    assert_eq!(delivery["waits_for"], "quiet");
    assert_eq!(delivery["waits_until"], guardian.child().await["quiet"]["until"]);
}

#[actix_web::test]
async fn what_is_kept_does_not_go_and_only_guardians_see_when() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = crate::relatives::relative(&hub, &guardian).await;
    let item = crate::relatives::recording(&guardian).await;
    crate::relatives::share(&guardian, &item, &id).await;
    let path = format!("/api/v1/items/{item}");

    let before = guardian.get(&path).await.json();
    let kept = guardian.put_json(&format!("{path}/kept"), &json!({ "kept": true })).await;
    let hers = grandma.get(&path).await.json();
    let let_go = guardian.put_json(&format!("{path}/kept"), &json!({ "kept": false })).await;
    let theirs = grandma.get(&path).await.json();

    assert_eq!(before["kept"], false);
    assert_eq!(before["goes_at"], before["at"].as_i64().unwrap() + 90 * DAY_S);
    assert_eq!(kept.json()["kept"], true, "{kept:?}");
    assert_eq!(kept.json()["goes_at"], Value::Null);
    assert_eq!((&hers["kept"], &hers["goes_at"]), (&json!(false), &Value::Null));
    assert_eq!(let_go.json()["goes_at"], before["goes_at"]);
    assert_eq!(theirs["goes_at"], Value::Null);
    let nothing = format!("/api/v1/items/{}/kept", "a".repeat(26));
    let nothing = guardian.put_json(&nothing, &json!({ "kept": true })).await;
    assert_eq!(nothing.error(), "no_such_item");
}

/// Rules that keep things for so many days.
fn kept_for(days: u16) -> Rules {
    let retention_days = Some(days);
    Rules { quiet: Vec::new(), max_volume: None, night_volume: None, retention_days }
}

async fn deeds(house: &House) -> Vec<(String, Option<i64>)> {
    let page = house.tools.store.read(|tx| activity::page(tx, i64::MAX, None, 50)).await.unwrap();
    page.into_iter().map(|done| (done.deed, done.n)).collect()
}

fn item(n: u8) -> ItemId {
    ItemId::from_bytes([n; 16])
}

#[tokio::test(start_paused = true)]
async fn what_was_done_is_noted() {
    let house = House::without_keepers(Quirks::default()).await;
    house.add_recording(100).await;

    house.hub.set_rules(&house.confirmed().await, house.child, kept_for(30)).await.unwrap();
    house.hub.set_kept(&house.guardian, item(7), true).await.unwrap();
    house.hub.set_kept(&house.guardian, item(7), true).await.unwrap();
    house.hub.set_kept(&house.guardian, item(7), false).await.unwrap();

    let noted: Vec<_> = deeds(&house).await.into_iter().map(|(deed, _)| deed).take(3).collect();
    assert_eq!(noted, [Deed::Unkept, Deed::Kept, Deed::RulesChanged].map(Deed::word));
}

#[tokio::test(start_paused = true)]
async fn to_keep_things_for_less_long_takes_the_password() {
    let house = House::without_keepers(Quirks::default()).await;
    let set = async |rules| house.hub.set_rules(&house.guardian, house.child, rules).await;

    let shorter = set(kept_for(30)).await;
    let longer = set(kept_for(120)).await;
    let never = set(Rules { retention_days: None, ..kept_for(1) }).await;
    let ever_shorter = set(kept_for(3_650)).await;

    assert!(matches!(shorter, Err(HubError::ConfirmFirst)));
    assert!(longer.is_ok() && never.is_ok());
    assert!(matches!(ever_shorter, Err(HubError::ConfirmFirst)));
    let by = house.confirmed().await;
    assert!(house.hub.set_rules(&by, house.child, kept_for(30)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_is_over_goes_and_what_is_kept_stays() {
    let mut house = House::without_keepers(Quirks::default()).await;
    for n in 1..=3 {
        house.add_recording_as(item(n), 100).await;
    }
    house.hub.set_rules(&house.confirmed().await, house.child, kept_for(30)).await.unwrap();
    house.hub.set_kept(&house.guardian, item(2), true).await.unwrap();

    sleep(DAY * 30).await;
    house.hub.erase_what_is_over().await.unwrap();
    let in_time = house.recordings().await.len();
    sleep(Duration::from_secs(1)).await;
    house.hub.erase_what_is_over().await.unwrap();

    assert_eq!(in_time, 3, "not a second too early");
    let left: Vec<_> = house.recordings().await.into_iter().map(|item| item.id).collect();
    assert_eq!(left, [item(2)]);
    assert_eq!(deeds(&house).await[0], (Deed::TimeOver.word().to_owned(), Some(2)));
    let is_noted = house.tools.store.read(|tx| tombstones::contains(tx, item(1).as_bytes()));
    assert!(is_noted.await.unwrap());
    let gone = house.until(|event| match event {
        Event::Erased { id, .. } => Some(*id),
        _ => None,
    });
    assert_eq!(gone.await, item(1));
}

#[tokio::test(start_paused = true)]
async fn many_go_in_batches() {
    let house = House::without_keepers(Quirks::default()).await;
    for n in 0..120 {
        house.add_recording_as(item(n), 20).await;
    }
    house.hub.set_rules(&house.confirmed().await, house.child, kept_for(1)).await.unwrap();

    sleep(DAY * 2).await;
    house.hub.erase_what_is_over().await.unwrap();

    assert!(house.recordings().await.is_empty());
    let noted: Vec<_> = deeds(&house).await.into_iter().filter_map(|(_, n)| n).collect();
    assert_eq!(noted, [20, 100]);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_may_be_wrong_erases_nothing() {
    let house = House::without_keepers(Quirks::default()).await;
    house.add_recording(100).await;
    house.hub.set_rules(&house.confirmed().await, house.child, kept_for(10)).await.unwrap();
    sleep(DAY * 5).await;
    house.hub.erase_what_is_over().await.unwrap();

    // Far ahead, for no reason that anybody knows.
    house.clock.set_by(61 * DAY_S);
    house.hub.erase_what_is_over().await.unwrap();
    let ahead = house.recordings().await.len();
    // Then earlier than it was when the hub last looked.
    house.clock.set_by(-62 * DAY_S);
    house.hub.set_rules(&house.confirmed().await, house.child, kept_for(1)).await.unwrap();
    house.hub.erase_what_is_over().await.unwrap();
    let behind = house.recordings().await.len();
    house.clock.set_by(DAY_S);
    house.hub.erase_what_is_over().await.unwrap();

    assert_eq!((ahead, behind), (1, 1));
    assert!(house.recordings().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_message_on_its_way_stays_until_it_has_arrived_or_is_given_up() {
    let mut house = House::without_keepers(Quirks::default()).await;
    let sent = house.send(500).await;
    let delivery = sent.delivery.unwrap().id;
    house.hub.set_rules(&house.confirmed().await, house.child, kept_for(1)).await.unwrap();

    sleep(DAY * 3).await;
    house.hub.erase_what_is_over().await.unwrap();
    let waiting = house.delivery(delivery).await;
    let goes_at = house.hub.item(&house.guardian, sent.id).await.unwrap().goes_at;
    // A keeper gives it up.
    sleep(DAY * 5).await;
    house.start_keepers().await;
    house.until_state(delivery, "expired").await;
    house.hub.erase_what_is_over().await.unwrap();

    assert_eq!((waiting.state, goes_at), (DeliveryState::Queued, None));
    assert!(house.hub.item(&house.guardian, sent.id).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn what_goes_next_is_told_before_it_goes() {
    let house = House::without_keepers(Quirks::default()).await;
    house.add_recording(100).await;
    let rules = async |days| house.hub.rules(&house.guardian, house.child, days).await.unwrap();

    let now = rules(None).await;
    let if_shorter = rules(Some(7)).await;
    sleep(DAY * 84).await;
    let a_week_ahead = rules(None).await;
    let over = rules(Some(30)).await;

    let then = Some(START.after(90 * DAY_S));
    assert_eq!((now.n_going, now.first_goes_at), (0, None));
    assert_eq!(
        (if_shorter.n_going, if_shorter.first_goes_at),
        (0, None),
        "in a week and no sooner"
    );
    assert_eq!((a_week_ahead.n_going, a_week_ahead.first_goes_at), (1, then));
    assert_eq!((over.n_going, over.first_goes_at), (1, Some(START.after(84 * DAY_S))));
}
