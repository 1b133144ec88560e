//! Messages that are sent for later: what holds them back, and what happens when they are due.

use std::time::Duration;

use actix_web::http::StatusCode;
use hutch::{
    hub::{Delivery, HubError, Item, Presence, Sending, WaitsFor, rules::Quiet, rules::Rules},
    model::{DeliveryState, Timestamp},
    toy::{firmware::Quirks, wire::Led},
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    house::{House, START, tone},
    relatives::{items, relative, screen},
    support::{Answer, Client, TestHub, wav},
};

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 3_600;

fn at(seconds: i64) -> Timestamp {
    START.after(seconds)
}

fn how(seconds: i64) -> Sending {
    Sending { send_at: Some(at(seconds)), ..Sending::default() }
}

async fn try_send(house: &House, length_ms: u32, seconds: i64) -> Result<Item, HubError> {
    let wav = hutch::audio::wav::write(&tone(16_000, length_ms));
    let sent = house.hub.send_message(&house.guardian, house.child, wav, how(seconds)).await?;
    Ok(sent.into_iter().next().unwrap())
}

async fn send(house: &House, length_ms: u32, seconds: i64) -> Delivery {
    try_send(house, length_ms, seconds).await.unwrap().delivery.unwrap()
}

fn now(house: &House) -> i64 {
    house.hub.now().0 - START.0
}

#[track_caller]
fn assert_soon_after(house: &House, seconds: i64) {
    let late = now(house) - seconds;
    assert!((0..60).contains(&late), "{late} s");
}

const fn waits(seconds: i64) -> WaitsFor {
    WaitsFor::Time { until: Some(Timestamp(START.0 + seconds)) }
}

#[tokio::test(start_paused = true)]
async fn a_message_sets_out_when_it_is_due() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;

    let sent = send(&house, 500, 5 * MINUTE).await;
    sleep(Duration::from_secs(200)).await;
    let waiting = house.delivery(sent.id).await;
    let held_meanwhile = house.mailbox();
    house.until_state(sent.id, "on_toy").await;

    assert_eq!((sent.state, sent.waits_for), (DeliveryState::Queued, Some(waits(5 * MINUTE))));
    assert_eq!(sent.send_at, Some(at(5 * MINUTE)));
    assert_eq!(
        (waiting.state, waiting.waits_for),
        (DeliveryState::Queued, Some(waits(5 * MINUTE)))
    );
    assert!(held_meanwhile.is_empty());
    assert_soon_after(&house, 5 * MINUTE);
    assert!(house.mailbox() == House::clip(500));
    assert_eq!(house.toy.violations(), []);
}

#[tokio::test(start_paused = true)]
async fn a_toy_that_was_let_go_is_taken_again_when_a_message_is_due() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    let sent = send(&house, 500, 700).await;
    house.until_presence(Presence::Asleep).await;

    // It was let go, and is awake still.
    sleep(Duration::from_secs(60)).await;
    let is_taken = house.toy.look().connected;
    house.until_state(sent.id, "on_toy").await;

    assert!(!is_taken);
    assert_soon_after(&house, 700);
}

#[tokio::test(start_paused = true)]
async fn it_holds_nobody_up_and_takes_its_turn_when_it_is_due() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.falls_asleep().await;
    let began = now(&house);

    let last = send(&house, 500, began + 30 * MINUTE).await.id;
    let second = send(&house, 600, began + 10 * MINUTE).await.id;
    let first = house.send(700).await.delivery.unwrap();
    sleep(Duration::from_secs(20 * 60)).await;
    let third = house.send(800).await.delivery.unwrap().id;
    sleep(Duration::from_secs(20 * 60)).await;
    let waiting = house.delivery(second).await;
    house.toy.wake();

    assert_eq!(first.waits_for, Some(WaitsFor::Toy), "not for those that are sent later");
    assert_eq!(waiting.waits_for, Some(WaitsFor::Previous), "its time has come");
    for (id, length_ms) in [(first.id, 700), (second, 600), (third, 800), (last, 500)] {
        house.until_state(id, "on_toy").await;
        assert!(house.mailbox() == House::clip(length_ms), "{length_ms}");
        house.toy.press_play();
        house.until_state(id, "heard").await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_earlier_time_goes_first_whenever_it_was_sent() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;

    let late = send(&house, 500, 4 * MINUTE).await.id;
    let early = send(&house, 600, 2 * MINUTE).await.id;

    house.until_state(early, "on_toy").await;
    assert_soon_after(&house, 2 * MINUTE);
    sleep(Duration::from_secs(180)).await;
    assert_eq!(house.delivery(late).await.waits_for, Some(WaitsFor::Previous));
    house.toy.press_play();
    house.until_state(late, "on_toy").await;
}

#[tokio::test(start_paused = true)]
async fn everybody_is_told_when_the_wait_is_over() {
    let mut house = House::without_keepers(Quirks::default()).await;
    house.toy.sleep();
    house.start_keepers().await;
    let sent = send(&house, 500, 5 * MINUTE).await;

    let told = house.until(|event| match event {
        hutch::hub::Event::Delivery(it) if it.id == sent.id => {
            it.waits_for.filter(|waits_for| *waits_for == WaitsFor::Toy)
        }
        _ => None,
    });
    told.await;

    assert_soon_after(&house, 5 * MINUTE);
}

#[tokio::test(start_paused = true)]
async fn a_restart_changes_nothing_about_it() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    let (early, late) =
        (send(&house, 500, 2 * MINUTE).await.id, send(&house, 600, 9 * MINUTE).await.id);

    house.restart().await;
    sleep(Duration::from_secs(60)).await;
    let waiting = house.delivery(early).await.waits_for;
    house.stop_keepers().await;
    // The hub is off when the first is due.
    sleep(Duration::from_secs(120)).await;
    house.start_keepers().await;
    house.until_state(early, "on_toy").await;

    assert_eq!(waiting, Some(waits(2 * MINUTE)));
    assert_eq!(house.delivery(late).await.waits_for, Some(waits(9 * MINUTE)));
    house.toy.press_play();
    house.until_state(late, "on_toy").await;
    assert_soon_after(&house, 9 * MINUTE);
}

#[tokio::test(start_paused = true)]
async fn it_is_sent_now_or_taken_back_before_it_is_due() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    let (one, other) = (send(&house, 500, DAY).await.id, send(&house, 600, DAY).await.id);
    let hub = house.hub.clone();
    sleep(Duration::from_secs(90)).await;

    let withdrawn = hub.withdraw(&house.guardian, one).await.unwrap();
    let start = Instant::now();
    let sent = hub.send_now(&house.guardian, other).await.unwrap();
    house.until_state(other, "on_toy").await;

    assert_eq!(withdrawn.state, DeliveryState::Withdrawn);
    assert_eq!((sent.waits_for, sent.send_at), (Some(WaitsFor::Toy), None));
    assert_eq!(sent.expires_at, house.hub.now().after(7 * DAY - now(&house) + 90));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    for id in [one, other] {
        let again = hub.send_now(&house.guardian, id).await;
        assert!(matches!(again, Err(HubError::TooLate)));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_now_is_behind_what_was_sent_before() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.falls_asleep().await;
    let later = send(&house, 500, DAY).await.id;
    let first = house.send(600).await.delivery.unwrap().id;

    let sent = house.hub.send_now(&house.guardian, later).await.unwrap();
    house.toy.wake();
    house.until_state(first, "on_toy").await;

    assert_eq!(sent.waits_for, Some(WaitsFor::Previous));
    let once_more = house.hub.send_now(&house.guardian, first).await;
    assert!(matches!(once_more, Err(HubError::TooLate)), "it was never sent for later");
}

#[tokio::test(start_paused = true)]
async fn it_is_given_up_a_week_after_its_time() {
    let mut house = House::without_keepers(Quirks::default()).await;
    house.toy.sleep();
    house.start_keepers().await;

    let sent = send(&house, 500, 10 * DAY).await;
    sleep(Duration::from_secs(u64::try_from(17 * DAY - MINUTE).unwrap())).await;
    let waiting = house.delivery(sent.id).await;
    sleep(Duration::from_secs(120)).await;

    assert_eq!(sent.expires_at, at(17 * DAY));
    assert_eq!(waiting.waits_for, Some(WaitsFor::Toy));
    assert_eq!(house.delivery(sent.id).await.state, DeliveryState::Expired);
}

#[tokio::test(start_paused = true)]
async fn while_the_clock_is_not_right_it_waits() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    let sent = send(&house, 500, MINUTE).await.id;
    let by_hand = send(&house, 600, DAY).await.id;
    house.clock.set_by(-7_200);

    let refused = try_send(&house, 700, 0).await;
    sleep(Duration::from_secs(300)).await;
    let waiting = house.delivery(sent).await;
    let held_meanwhile = house.mailbox();
    let now = house.hub.send_now(&house.guardian, by_hand).await.unwrap();
    house.until_state(by_hand, "on_toy").await;
    house.toy.press_play();
    house.clock.set_by(7_200);
    let start = Instant::now();
    house.until_state(sent, "on_toy").await;

    assert!(matches!(refused, Err(HubError::NoClockToSendBy)), "{:?}", refused.err());
    assert_eq!(waiting.waits_for, Some(WaitsFor::Time { until: None }));
    assert!(held_meanwhile.is_empty());
    assert_eq!(now.waits_for, Some(WaitsFor::Toy), "that needs no clock");
    assert!(start.elapsed() < Duration::from_secs(90), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn quiet_hours_hold_it_back_once_it_is_due() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    // From ten until twenty-five past; it is 22:13:20.
    let quiet = (1..=7).map(|weekday| Quiet { weekday, from_minute: 1_320, until_minute: 1_345 });
    let rules = Rules {
        quiet: quiet.collect(),
        max_volume: None,
        night_volume: None,
        retention_days: None,
    };
    house.hub.set_rules(&house.guardian, house.child, rules).await.unwrap();
    let over = 11 * MINUTE + 40;

    let sent = send(&house, 500, 5 * MINUTE).await;
    sleep(Duration::from_secs(400)).await;
    let waiting = house.delivery(sent.id).await.waits_for;
    house.until_state(sent.id, "on_toy").await;

    assert_eq!(sent.waits_for, Some(waits(5 * MINUTE)));
    assert_eq!(waiting, Some(WaitsFor::Quiet { until: Some(at(over)) }));
    assert_soon_after(&house, over);
    house.until_heart(Led::Blink { period_ms: 500 }).await;
}

#[tokio::test(start_paused = true)]
async fn only_the_next_sixty_days_can_be_chosen() {
    let house = House::without_keepers(Quirks::default()).await;

    for seconds in [-301, -DAY, 60 * DAY + 9, i64::MAX - START.0] {
        let refused = try_send(&house, 500, seconds).await;
        assert!(matches!(refused, Err(HubError::BadSendAt)), "{seconds}");
    }
    for past in [-299, -1, 0] {
        let sent = send(&house, 500, past).await;
        assert_eq!((sent.waits_for, sent.send_at).1, None, "{past}: that is now");
    }
    assert_eq!(send(&house, 500, 60 * DAY).await.waits_for, Some(waits(60 * DAY)));
}

async fn send_for(client: &Client<'_>, hub: &TestHub, seconds: i64) -> Answer {
    let at = hub.hub.now().0 + seconds;
    let path = format!("{}/messages?send_at={at}", client.child_path().await);
    client.post_wav(&path, wav(500)).await
}

fn delivery(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.json()["items"][0]["delivery"].clone()
}

async fn act(client: &Client<'_>, delivery: &Value, action: &str) -> Answer {
    let id = delivery["id"].as_str().unwrap();
    client.post(&format!("/api/v1/deliveries/{id}/{action}")).await
}

#[actix_web::test]
async fn the_page_says_for_when() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;

    let before = hub.hub.now().0;
    let sent = delivery(&send_for(&guardian, &hub, 3_600).await);
    let too_far = send_for(&guardian, &hub, 61 * DAY).await;
    let path = format!("{}/messages?send_at=tomorrow", guardian.child_path().await);
    let nonsense = guardian.post_wav(&path, wav(500)).await;
    let now = act(&guardian, &sent, "send-now").await;
    let again = act(&guardian, &sent, "send-now").await;

    assert_eq!((&sent["state"], &sent["waits_for"]), (&json!("queued"), &json!("time")));
    assert_eq!(sent["waits_until"], sent["send_at"]);
    assert!((0..60).contains(&(sent["send_at"].as_i64().unwrap() - before - 3_600)));
    assert_eq!((too_far.status.as_u16(), too_far.error()), (422, "bad_send_at".to_owned()));
    assert_eq!(nonsense.error(), "bad_query");
    let now = now.json();
    assert_eq!((&now["waits_for"], &now["send_at"]), (&json!("toy"), &Value::Null));
    assert_eq!(again.error(), "too_late");
}

#[actix_web::test]
async fn a_childs_screen_does_not_find_it_before_its_time() {
    let hub = TestHub::demo_at_work().await;
    let guardian = hub.guardian().await;
    let (_, screen) = screen(&hub, &guardian).await;
    let ids = |items: Vec<Value>| -> Vec<Value> {
        items.into_iter().map(|item| item["delivery"]["id"].clone()).collect()
    };

    let withdrawn = delivery(&send_for(&guardian, &hub, 2).await);
    act(&guardian, &withdrawn, "withdraw").await;
    let by_hand = delivery(&send_for(&guardian, &hub, DAY).await);
    let due = delivery(&send_for(&guardian, &hub, 2).await);
    let before = ids(items(&screen).await);
    act(&guardian, &by_hand, "send-now").await;
    let after = ids(items(&screen).await);
    let mut later = Vec::new();
    for _ in 0..500 {
        later = ids(items(&screen).await);
        if later.contains(&due["id"]) {
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }

    assert!(before.is_empty(), "{before:?}");
    assert_eq!(after, [by_hand["id"].clone()]);
    assert_eq!(later.len(), 2);
    assert!(!later.contains(&withdrawn["id"]), "what was taken back before never comes");
}

#[actix_web::test]
async fn a_relatives_waits_for_a_guardian_and_then_for_its_time() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (_, grandma) = relative(&hub, &guardian).await;

    let sent = delivery(&send_for(&grandma, &hub, 3_600).await);
    let approved = act(&guardian, &sent, "approve").await.json();
    let second = delivery(&send_for(&grandma, &hub, 3_600).await);
    let without_time = act(&grandma, &second, "send-now").await.json();
    let approved_at_once = act(&guardian, &second, "approve").await.json();
    let third = delivery(&send_for(&grandma, &hub, 3_600).await);
    let of_guardian = delivery(&send_for(&guardian, &hub, 3_600).await);

    assert_eq!((&sent["state"], &sent["waits_for"]), (&json!("awaiting_approval"), &Value::Null));
    assert!(sent["send_at"].is_i64());
    assert_eq!((&approved["state"], &approved["waits_for"]), (&json!("queued"), &json!("time")));
    assert_eq!(approved["send_at"], sent["send_at"]);
    assert_eq!(without_time["state"], "awaiting_approval");
    assert_eq!(without_time["send_at"], Value::Null);
    assert_eq!(approved_at_once["state"], "queued");
    assert_ne!(approved_at_once["waits_for"], "time");
    assert_eq!(act(&grandma, &third, "withdraw").await.json()["state"], "withdrawn");
    assert_eq!(act(&grandma, &of_guardian, "send-now").await.error(), "no_such_delivery");
    assert_eq!(grandma.child().await["grant"]["sent_today"], 3, "they count when they are sent");
}

#[actix_web::test]
async fn what_is_approved_after_its_time_goes_at_once() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (_, grandma) = relative(&hub, &guardian).await;
    let (_, screen) = screen(&hub, &guardian).await;

    let sent = delivery(&send_for(&grandma, &hub, 1).await);
    // The clock of this hub goes with the runtime's.
    sleep(Duration::from_secs(2)).await;
    let approved = act(&guardian, &sent, "approve").await.json();

    assert_eq!((&approved["state"], &approved["waits_for"]), (&json!("queued"), &json!("toy")));
    let expires_in = approved["expires_at"].as_i64().unwrap() - hub.hub.now().0;
    assert!((7 * DAY - 60..=7 * DAY).contains(&expires_in), "{expires_in} s");
    assert_eq!(items(&screen).await.len(), 1);
}
