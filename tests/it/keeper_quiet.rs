//! Quiet hours and how loud a toy may be: what the keeper holds back, and what goes on.

use std::time::Duration;

use hutch::{
    hub::{
        Because, Presence, QuietNow, WaitsFor,
        rules::{Quiet, Rules},
    },
    model::{DeliveryState, Timestamp},
    toy::{firmware::Quirks, wire::Led},
};
use tokio::time::{Instant, sleep, timeout};

use crate::house::{House, START};

const BLINKS: Led = Led::Blink { period_ms: 500 };

/// Minutes after midnight, so that the house's time begins within: at 22:13:20.
const TEN_PM: u16 = 22 * 60;

/// After how many seconds of the house's time it is so many minutes after ten.
const fn seconds_to(minutes_past_ten: i64) -> i64 {
    minutes_past_ten * 60 - (13 * 60 + 20)
}

const OPEN: Rules =
    Rules { quiet: Vec::new(), max_volume: None, night_volume: None, retention_days: None };

/// Quiet from ten o'clock each evening until so many minutes after.
fn quiet_until(minutes_past_ten: u16) -> Rules {
    let (from_minute, until_minute) = (TEN_PM, TEN_PM + minutes_past_ten);
    let quiet = (1..=7).map(|weekday| Quiet { weekday, from_minute, until_minute }).collect();
    Rules { quiet, ..OPEN }
}

async fn set(house: &House, rules: Rules) {
    house.hub.set_rules(&house.guardian, house.child, rules).await.unwrap();
}

fn now(house: &House) -> i64 {
    house.hub.now().0 - START.0
}

#[tokio::test(start_paused = true)]
async fn a_message_waits_for_the_morning() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    set(&house, quiet_until(20)).await;

    let delivery = house.send(500).await.delivery.unwrap().id;
    sleep(Duration::from_secs(300)).await;
    let waiting = house.delivery(delivery).await;
    let held_meanwhile = house.mailbox();
    house.until_state(delivery, "on_toy").await;

    let until = Timestamp(START.0 + seconds_to(20));
    assert_eq!(waiting.state, DeliveryState::Queued);
    assert_eq!(waiting.waits_for, Some(WaitsFor::Quiet { until: Some(until) }));
    assert!(held_meanwhile.is_empty());
    let late = now(&house) - seconds_to(20);
    assert!((0..60).contains(&late), "{late} s");
    house.until_heart(BLINKS).await;
    assert_eq!(house.toy.violations(), []);
}

#[tokio::test(start_paused = true)]
async fn a_toy_is_not_taken_again_for_a_message_that_waits() {
    let mut house = House::with_toy(Quirks::default()).await;
    set(&house, quiet_until(25)).await;
    house.until_presence(Presence::Awake).await;
    let delivery = house.send(500).await.delivery.unwrap().id;
    house.until_presence(Presence::Asleep).await;

    // It was let go, and is awake still.
    sleep(Duration::from_secs(60)).await;
    let is_taken = house.toy.look().connected;
    house.until_state(delivery, "on_toy").await;

    assert!(!is_taken);
    let late = now(&house) - seconds_to(25);
    assert!((0..60).contains(&late), "{late} s");
}

#[tokio::test(start_paused = true)]
async fn the_heart_is_dark_at_night_and_blinks_again_in_the_morning() {
    let mut house = House::with_toy(Quirks::default()).await;
    let delivery = house.send(500).await.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;
    house.until_heart(BLINKS).await;

    // From quarter past on.
    let mut night = quiet_until(20);
    for span in &mut night.quiet {
        span.from_minute += 15;
    }
    set(&house, night).await;
    house.until_heart(Led::Off).await;
    let late = now(&house) - seconds_to(15);
    let meanwhile = house.delivery(delivery).await;
    house.until_heart(BLINKS).await;
    let late_again = now(&house) - seconds_to(20);
    house.toy.press_play();
    house.until_state(delivery, "heard").await;

    assert!((0..60).contains(&late), "{late} s");
    assert_eq!(meanwhile.state, DeliveryState::OnToy);
    assert!((0..60).contains(&late_again), "{late_again} s");
}

#[tokio::test(start_paused = true)]
async fn a_toy_that_was_let_go_is_taken_again_to_darken_it() {
    let mut house = House::with_toy(Quirks::default()).await;
    let delivery = house.send(500).await.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;
    house.until_presence(Presence::Asleep).await;
    assert_eq!(house.toy.look().led, BLINKS);

    set(&house, quiet_until(50)).await;
    house.until_heart(Led::Off).await;

    assert_eq!(house.delivery(delivery).await.state, DeliveryState::OnToy);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_on_its_way_may_arrive() {
    let mut house = House::with_toy(Quirks::default()).await;
    let delivery = house.send(20_000).await.delivery.unwrap().id;
    house.until_sending(delivery, 30).await;

    set(&house, quiet_until(59)).await;
    house.until_state(delivery, "on_toy").await;
    sleep(Duration::from_secs(60)).await;

    assert!(house.mailbox() == House::clip(20_000));
    assert_eq!(house.toy.look().led, Led::Off);
}

#[tokio::test(start_paused = true)]
async fn other_rules_hold_at_once() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    set(&house, quiet_until(59)).await;
    let delivery = house.send(500).await.delivery.unwrap().id;
    sleep(Duration::from_secs(100)).await;

    set(&house, OPEN).await;
    let start = Instant::now();
    house.until_state(delivery, "on_toy").await;

    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_message_that_failed_is_not_tried_at_night() {
    let mut house = House::with_toy(Quirks { refuse_key: true, ..Quirks::default() }).await;
    let delivery = house.send(500).await.delivery.unwrap().id;
    house.until_state(delivery, "failed").await;
    house.toy.set_quirks(Quirks::default());

    set(&house, quiet_until(59)).await;
    let asked = house.hub.retry(&house.guardian, delivery).await.unwrap();
    sleep(Duration::from_secs(300)).await;
    let waiting = house.delivery(delivery).await;

    let until = Some(Timestamp(START.0 + seconds_to(59)));
    assert_eq!(asked.waits_for, Some(WaitsFor::Quiet { until }));
    assert_eq!(waiting.state, DeliveryState::Queued);
    assert!(house.mailbox().is_empty());
}

#[tokio::test(start_paused = true)]
async fn taking_back_and_fetching_go_on_at_night() {
    let mut house = House::with_toy(Quirks::default()).await;
    let delivery = house.send(500).await.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;
    set(&house, quiet_until(59)).await;

    house.hub.withdraw(&house.guardian, delivery).await.unwrap();
    house.until_state(delivery, "withdrawn").await;
    house.record(700);
    house.until_item().await;

    assert!(house.mailbox() != House::clip(500), "still there");
    assert_eq!(house.recordings().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn while_the_clock_is_not_right_it_is_quiet() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    let mut noon = quiet_until(30);
    for span in &mut noon.quiet {
        (span.from_minute, span.until_minute) = (12 * 60, 13 * 60);
    }
    set(&house, noon).await;
    house.clock.set_by(-7_200);

    let delivery = house.send(500).await.delivery.unwrap().id;
    sleep(Duration::from_secs(200)).await;
    let waiting = house.delivery(delivery).await;
    let mia = house.hub.children(&house.guardian).await.unwrap().pop().unwrap();
    house.clock.set_by(7_200);
    let start = Instant::now();
    house.until_state(delivery, "on_toy").await;

    assert_eq!(waiting.waits_for, Some(WaitsFor::Quiet { until: None }));
    assert_eq!(mia.quiet, Some(QuietNow { until: None, because: Because::Clock }));
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_child_without_quiet_hours_has_none_whatever_the_clock_says() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.clock.set_by(-7_200);

    let delivery = house.send(500).await.delivery.unwrap().id;

    house.until_state(delivery, "on_toy").await;
}

async fn until_volume(house: &House, wanted: u8) {
    let mut looks = house.toy.looks();
    let reached = looks.wait_for(|look| look.volume == wanted);
    timeout(Duration::from_secs(3_600), reached).await.expect("it is set").unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_toy_that_is_too_loud_is_turned_down_and_not_up_again() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    let volume = house.toy.look().volume;

    set(&house, Rules { max_volume: Some(volume - 20), ..OPEN }).await;
    until_volume(&house, volume - 20).await;
    set(&house, Rules { max_volume: Some(volume), ..OPEN }).await;
    sleep(Duration::from_secs(120)).await;

    assert_eq!(house.toy.look().volume, volume - 20);
    let toys = house.hub.toys(&house.guardian).await.unwrap();
    assert_eq!(toys[0].now.volume, Some(volume - 20), "the page says how loud it is");
    assert_eq!(house.toy.violations(), []);
}

#[tokio::test(start_paused = true)]
async fn at_night_a_toy_is_quieter() {
    let mut house = House::with_toy(Quirks::default()).await;
    let mut rules = quiet_until(20);
    for span in &mut rules.quiet {
        span.from_minute += 15;
    }
    house.until_presence(Presence::Awake).await;
    let volume = house.toy.look().volume;

    set(&house, Rules { night_volume: Some(9), ..rules }).await;
    sleep(Duration::from_secs(60)).await;
    let before = house.toy.look().volume;
    until_volume(&house, 9).await;

    assert_eq!(before, volume);
    let late = now(&house) - seconds_to(15);
    assert!((0..60).contains(&late), "{late} s");
}

#[tokio::test(start_paused = true)]
async fn in_the_morning_a_toy_is_as_loud_as_before_the_night_if_it_may() {
    for (cap, restarts) in [(None, false), (None, true), (Some(40), false)] {
        let mut house = House::with_toy(Quirks::default()).await;
        house.until_presence(Presence::Awake).await;
        let volume = house.toy.look().volume;
        assert!(40 < volume);
        let mut rules = quiet_until(20);
        set(&house, Rules { night_volume: Some(9), ..rules.clone() }).await;
        until_volume(&house, 9).await;
        if restarts {
            // What is known of it right now is gone with the keeper.
            house.restart().await;
        }
        rules.max_volume = cap;
        set(&house, Rules { night_volume: Some(9), ..rules }).await;

        until_volume(&house, cap.unwrap_or(volume)).await;

        let late = now(&house) - seconds_to(20);
        assert!((0..60).contains(&late), "{late} s");
        // From then on it is left alone: somebody may want it quieter.
        set(&house, Rules { max_volume: Some(5), ..OPEN }).await;
        until_volume(&house, 5).await;
        set(&house, OPEN).await;
        sleep(Duration::from_secs(120)).await;
        assert_eq!(house.toy.look().volume, 5);
        assert_eq!(house.toy.violations(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn a_toy_that_was_away_is_turned_down_when_it_comes() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.falls_asleep().await;

    set(&house, Rules { max_volume: Some(11), ..OPEN }).await;
    house.toy.wake();

    until_volume(&house, 11).await;
}
