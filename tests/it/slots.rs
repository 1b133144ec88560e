//! What a toy holds, and what a guardian has it do: play a slot, be louder, forget a slot.

use std::time::Duration;

use actix_web::http::StatusCode;
use hutch::{
    hub::{
        Holds, HubError, Presence, ToyChange,
        rules::{Quiet, Rules},
    },
    model::{DeliveryState, Slot},
    toy::{firmware::Quirks, wire::ToyState},
};
use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::{
    house::{House, START},
    support::TestHub,
};

const OPEN: Rules =
    Rules { quiet: Vec::new(), max_volume: None, night_volume: None, retention_days: None };

impl House {
    async fn holds(&self) -> [Holds; 5] {
        let slots = self.hub.slots(&self.guardian, self.toy_id).await.unwrap();
        let holds: Vec<Holds> = slots.iter().map(|seen| seen.holds).collect();
        holds.try_into().unwrap()
    }

    async fn play(&self, slot: Slot) -> Result<(), HubError> {
        self.hub.play(&self.guardian, self.toy_id, slot).await
    }

    async fn silence(&self, slot: u8) {
        let slot = Slot::new(slot).unwrap();
        self.hub.silence(&self.guardian, self.toy_id, slot).await.unwrap();
    }

    async fn set_volume(&self, volume: u8) {
        let change = ToyChange { volume: Some(volume), ..ToyChange::default() };
        self.hub.change_toy(&self.guardian, self.toy_id, change).await.unwrap();
    }

    /// Waits until the toy is as loud as this.
    async fn until_volume(&self, wanted: u8) {
        let mut looks = self.toy.looks();
        let reached = looks.wait_for(|look| look.volume == wanted);
        timeout(Duration::from_secs(3_600), reached).await.expect("it is heard").unwrap();
    }

    async fn rule(&self, rules: Rules) {
        self.hub.set_rules(&self.guardian, self.child, rules).await.unwrap();
    }

    /// Quiet from ten in the evening, when the house's time begins, until so many minutes after.
    async fn quiet_until(&self, minutes_past_ten: u16, night_volume: Option<u8>) {
        let (from_minute, until_minute) = (22 * 60, 22 * 60 + minutes_past_ten);
        let days = 1..=7;
        let quiet = days.map(|weekday| Quiet { weekday, from_minute, until_minute }).collect();
        self.rule(Rules { quiet, night_volume, ..OPEN }).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_slots_hold_what_the_hub_put_or_fetched_there() {
    use Holds::{Message, Recording, Silence, Unknown};

    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    assert_eq!(house.holds().await, [Unknown; 5], "nobody knows what it held before");
    house.record(2_000);
    house.until_item().await;
    let message = house.send(1_000).await;
    let delivery = message.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;

    let slots = house.hub.slots(&house.guardian, house.toy_id).await.unwrap();
    assert_eq!(house.holds().await, [Recording, Message, Unknown, Unknown, Unknown]);
    assert_eq!(slots[0].item, Some(house.recordings().await[0].id));
    assert_eq!(slots[1].item, Some(message.id));
    house.toy.press_play();
    house.until_state(delivery, "heard").await;
    assert_eq!(house.holds().await[1], Message, "it stays for replay");

    let next = house.send(500).await.delivery.unwrap().id;
    house.until_state(next, "on_toy").await;
    house.hub.withdraw(&house.guardian, next).await.unwrap();
    house.until_state(next, "withdrawn").await;
    assert_eq!(house.holds().await[1], Silence);
    let nobody = house.hub.slots(&house.guardian, hutch::model::ToyId::from_bytes([9; 16])).await;
    assert!(matches!(nobody, Err(HubError::NoSuchToy)));
}

#[tokio::test(start_paused = true)]
async fn what_a_guardian_has_a_toy_play_is_unheard_still() {
    let mut house = House::with_toy(Quirks::default()).await;
    let delivery = house.send(3_000).await.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;

    house.play(Slot::MAILBOX).await.unwrap();
    let began = house.until(|event| match event {
        hutch::hub::Event::Toy { now, .. } => now.playing,
        _ => None,
    });
    let began = began.await;
    let state = house.toy.look().state;
    sleep(Duration::from_secs(10)).await;
    let after = house.hub.toys(&house.guardian).await.unwrap()[0].now.playing;

    assert_eq!((began, state, after), (Slot::MAILBOX, ToyState::Playback, None));
    assert_eq!(house.delivery(delivery).await.state, DeliveryState::OnToy);
    house.toy.press_play();
    house.until_state(delivery, "heard").await;
    assert_eq!(house.toy.violations(), []);
}

#[tokio::test(start_paused = true)]
async fn a_paw_after_a_slot_that_held_nothing_is_the_childs() {
    let mut house = House::with_toy(Quirks::default()).await;
    let delivery = house.send(1_000).await.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;
    house.play(Slot::new(3).unwrap()).await.unwrap();
    sleep(Duration::from_secs(30)).await;

    house.toy.press_play();
    house.until_state(delivery, "heard").await;
}

#[tokio::test(start_paused = true)]
async fn what_is_played_is_stopped() {
    let mut house = House::with_toy(Quirks::default()).await;
    let delivery = house.send(20_000).await.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;
    house.play(Slot::MAILBOX).await.unwrap();
    sleep(Duration::from_secs(2)).await;
    assert_eq!(house.toy.look().state, ToyState::Playback);

    house.hub.stop(&house.guardian, house.toy_id).await.unwrap();
    sleep(Duration::from_secs(1)).await;

    assert_eq!(house.toy.look().state, ToyState::Idle);
    assert_eq!(house.delivery(delivery).await.state, DeliveryState::OnToy);
    // What a paw plays is the child's to hear to its end.
    house.toy.press_play();
    sleep(Duration::from_secs(2)).await;
    house.hub.stop(&house.guardian, house.toy_id).await.unwrap();
    sleep(Duration::from_secs(2)).await;
    assert_eq!(house.toy.look().state, ToyState::Playback);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_played_on_a_toy_that_sleeps_or_in_quiet_hours() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    house.quiet_until(60, None).await;
    let quiet = house.play(Slot::MAILBOX).await;
    house.rule(OPEN).await;
    house.falls_asleep().await;

    assert!(matches!(quiet, Err(HubError::QuietHours { until: Some(_) })), "{quiet:?}");
    assert!(matches!(house.play(Slot::MAILBOX).await, Err(HubError::ToyAsleep)));
    let stopped = house.hub.stop(&house.guardian, house.toy_id).await;
    assert!(matches!(stopped, Err(HubError::ToyAsleep)));
    house.toy.wake();
    sleep(Duration::from_secs(30)).await;
    assert_eq!(house.toy.look().state, ToyState::Idle, "nobody waits for it any more");
}

#[tokio::test(start_paused = true)]
async fn a_child_that_records_is_not_played_at_later() {
    let mut house = House::with_toy(Quirks::default()).await;
    let delivery = house.send(1_000).await.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;
    house.record(5_000);
    sleep(Duration::from_secs(1)).await;

    house.play(Slot::MAILBOX).await.unwrap();
    house.until_item().await;
    sleep(Duration::from_secs(30)).await;

    assert!(house.recordings().await[0].length_ms.abs_diff(5_000) < 20, "it was not cut");
    assert_eq!(house.delivery(delivery).await.state, DeliveryState::OnToy);
}

#[tokio::test(start_paused = true)]
async fn a_slot_is_overwritten_when_the_toy_wakes() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.falls_asleep().await;
    house.silence(3).await;
    let slot = Slot::new(3).unwrap();
    let slots = house.hub.slots(&house.guardian, house.toy_id).await.unwrap();
    assert_eq!((slots[3].holds, slots[3].is_to_go), (Holds::Unknown, true));
    house.restart().await;

    house.toy.wake();
    for _ in 0..600 {
        if house.holds().await[3] == Holds::Silence {
            break;
        }
        sleep(Duration::from_secs(1)).await;
    }

    assert_eq!(house.holds().await[3], Holds::Silence);
    assert!(80_000 < house.toy.slot(slot).len(), "as long as the slot");
    assert!(house.toy.slot(Slot::new(2).unwrap()).is_empty(), "no other one");
    let newest = house.hub.activity(&house.guardian, None, None, 1).await.unwrap().lines.remove(0);
    assert_eq!((newest.deed.as_str(), newest.child), ("slot_silenced", Some(house.child)));
    assert_eq!(house.toy.violations(), []);
}

#[tokio::test(start_paused = true)]
async fn a_message_is_taken_back_by_silence_and_one_that_was_heard_overwritten() {
    let mut house = House::with_toy(Quirks::default()).await;
    let heard = house.send(1_000).await.delivery.unwrap().id;
    house.until_state(heard, "on_toy").await;
    house.toy.press_play();
    house.until_state(heard, "heard").await;
    house.silence(1).await;
    sleep(Duration::from_secs(120)).await;
    let over_heard = house.mailbox();
    let unheard = house.send(2_000).await.delivery.unwrap().id;
    house.until_state(unheard, "on_toy").await;

    house.silence(1).await;
    house.until_state(unheard, "withdrawn").await;

    assert!(over_heard != House::clip(1_000) && !over_heard.is_empty());
    assert!(house.mailbox() != House::clip(2_000));
    assert_eq!(house.delivery(heard).await.state, DeliveryState::Heard);
}

#[tokio::test(start_paused = true)]
async fn what_the_child_recorded_is_never_overwritten() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;

    let refused = house.hub.silence(&house.guardian, house.toy_id, Slot::STREAMING).await;

    assert!(matches!(refused, Err(HubError::BadChoice)));
}

#[tokio::test(start_paused = true)]
async fn a_toy_becomes_as_loud_as_somebody_wants_it() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    house.set_volume(60).await;
    house.until_volume(60).await;
    house.falls_asleep().await;

    house.set_volume(120).await;
    let toys = house.hub.toys(&house.guardian).await.unwrap();
    assert_eq!(toys[0].wanted_volume, Some(120));
    house.restart().await;
    house.toy.wake();
    house.until_volume(120).await;
    sleep(Duration::from_secs(60)).await;

    let toys = house.hub.toys(&house.guardian).await.unwrap();
    assert_eq!((toys[0].wanted_volume, toys[0].now.volume), (None, Some(120)));
}

#[tokio::test(start_paused = true)]
async fn a_toy_becomes_no_louder_than_the_rules_allow() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    house.rule(Rules { max_volume: Some(90), ..OPEN }).await;
    house.until_volume(90).await;

    house.set_volume(250).await;
    sleep(Duration::from_secs(60)).await;

    let toys = house.hub.toys(&house.guardian).await.unwrap();
    assert_eq!((house.toy.look().volume, toys[0].loudest), (90, Some(90)));
    assert_eq!(toys[0].wanted_volume, None, "it is as loud as it may be");
}

#[tokio::test(start_paused = true)]
async fn what_is_wanted_at_night_comes_in_the_morning() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    house.quiet_until(40, Some(30)).await;
    house.until_volume(30).await;

    house.set_volume(150).await;
    sleep(Duration::from_secs(120)).await;
    assert_eq!(house.toy.look().volume, 30);
    sleep(Duration::from_secs(1_500)).await;
    house.toy.wake();
    house.until_volume(150).await;

    // Ten in the evening is 800 s before the house's time begins.
    let late = house.hub.now().0 - (START.0 - 800);
    assert!(40 * 60 <= late, "{late} s after ten");
}

#[actix_web::test]
async fn slots_and_volume_are_seen_and_changed_from_the_page() {
    tokio::time::pause();
    let hub = TestHub::demo_at_work().await;
    let guardian = hub.guardian().await;
    let item = guardian.message_on_toy().await;
    let toy = item["toy"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/toys/{toy}");

    let slots = guardian.get(&format!("{path}/slots")).await.json()["slots"].clone();
    let expected = json!({ "slot": 1, "holds": "message", "item": item["id"], "to_go": false });
    assert_eq!(slots[1], expected);
    let unknown = json!({ "slot": 4, "holds": "unknown", "item": null, "to_go": false });
    assert_eq!(slots[4], unknown);
    let played = guardian.post(&format!("{path}/slots/1/play")).await;
    assert_eq!((played.status, played.json()), (StatusCode::ACCEPTED, json!({})));
    assert_eq!(guardian.post(&format!("{path}/stop")).await.status, StatusCode::ACCEPTED);
    let silenced = guardian.post(&format!("{path}/slots/4/silence")).await;
    assert_eq!(silenced.status, StatusCode::ACCEPTED);
    assert_eq!(guardian.post(&format!("{path}/slots/0/silence")).await.error(), "bad_choice");
    for slot in ["5", "256", "x"] {
        let answer = guardian.post(&format!("{path}/slots/{slot}/play")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{slot}");
    }
    let louder = guardian.post_json(&path, &json!({ "volume": 70 })).await.json();
    assert_eq!(louder["wanted_volume"], 70);
    let nonsense = guardian.post_json(&path, &json!({ "volume": 256 })).await;
    assert_eq!(nonsense.error(), "bad_json");
}
