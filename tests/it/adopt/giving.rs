//! Toys get another name, and go to another child.

use std::time::Duration;

use actix_web::http::StatusCode;
use hutch::{
    hub::{
        Color, HubError, Presence, Sending, Signal, ToyChange, WaitsFor,
        children::NewChild,
        rules::{Quiet, Rules},
    },
    model::{Character, ChildId, DeliveryState, ToyId},
    store::{Transaction, deliveries, erase},
    toy::{firmware::Quirks, wire::Led},
};
use serde_json::json;
use tokio::time::sleep;

use super::BLINKS;
use crate::{
    house::{House, tone},
    support::TestHub,
};

impl House {
    async fn add_leo(&self) -> ChildId {
        let leo = NewChild { name: "Leo".to_owned(), animal: Character::Cat, color: Color::Sky };
        self.hub.add_child(&self.guardian, leo).await.unwrap().id
    }

    async fn give(&self, toy: ToyId, child: ChildId) {
        let change = ToyChange { child: Some(child), ..ToyChange::default() };
        let given = self.hub.change_toy(&self.guardian, toy, change).await.unwrap();
        assert_eq!((given.id, given.child), (toy, child));
    }

    /// Adopts the other toy, for Mia.
    async fn adopt_stray(&mut self) -> ToyId {
        let id = self.meet_and_squeeze().await;
        self.hub.adopt(&self.guardian, self.adoption(id)).await.unwrap().id
    }

    async fn until_overwritten(&self) {
        let toy = self.toy_id;
        for _ in 0..3_600 {
            let left = self.tools.store.read(move |tx| erase::overwrite_of(tx, toy)).await.unwrap();
            if left.is_none() {
                return;
            }
            sleep(Duration::from_secs(1)).await;
        }
        panic!("the toy is never overwritten");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unheard_message_is_not_for_the_next_child_and_comes_back_with_the_toy() {
    let mut house = House::with_toy(Quirks::default()).await;
    let leo = house.add_leo().await;
    let unheard = house.send(3_000).await.delivery.unwrap().id;
    house.until_state(unheard, "on_toy").await;
    let next = house.send(1_000).await.delivery.unwrap().id;
    house.until_heart(BLINKS).await;

    house.give(house.toy_id, leo).await;
    let held_back = [house.delivery(unheard).await, house.delivery(next).await];
    house.until_overwritten().await;
    house.until_heart(Led::Off).await;
    let held = house.mailbox();
    house.toy.press_play();
    sleep(Duration::from_secs(60)).await;
    let still = house.delivery(unheard).await.state;
    house.give(house.toy_id, house.child).await;
    house.until_state(unheard, "on_toy").await;

    for delivery in held_back {
        assert_eq!(delivery.state, DeliveryState::Queued);
        assert_eq!(delivery.waits_for, Some(WaitsFor::ToyOfTheirs));
    }
    assert!(held != House::clip(3_000) && !held.is_empty(), "silence lies over it");
    assert_eq!(still, DeliveryState::Queued, "what the other child heard was nothing");
    assert!(house.mailbox() == House::clip(3_000));
    assert_eq!(house.delivery(next).await.waits_for, Some(WaitsFor::Previous));
    assert_eq!(house.toy.violations(), []);
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_goes_on_to_another_toy_of_the_child() {
    let mut house = House::with_toy(Quirks::default()).await;
    let leo = house.add_leo().await;
    house.falls_asleep().await;
    let unheard = house.send(2_000).await.delivery.unwrap();
    assert_eq!(unheard.toy, house.toy_id);
    let other = house.adopt_stray().await;

    house.give(house.toy_id, leo).await;
    house.until_state(unheard.id, "on_toy").await;

    assert_eq!(house.delivery(unheard.id).await.toy, other);
    assert!(house.stray.slot(hutch::model::Slot::MAILBOX) == House::clip(2_000));
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_toy_goes_to_the_next_that_the_child_gets() {
    let mut house = House::with_toy(Quirks::default()).await;
    let leo = house.add_leo().await;
    house.falls_asleep().await;
    let waiting = house.send(2_000).await.delivery.unwrap().id;
    house.give(house.toy_id, leo).await;
    let nowhere = hutch::audio::wav::write(&tone(16_000, 500));
    let sent =
        house.hub.send_message(&house.guardian, house.child, nowhere, Sending::default()).await;

    let other = house.adopt_stray().await;
    house.until_state(waiting, "on_toy").await;

    assert!(matches!(sent, Err(HubError::NoToy)));
    assert_eq!(house.delivery(waiting).await.toy, other);
}

#[tokio::test(start_paused = true)]
async fn a_heard_message_is_overwritten_too() {
    let mut house = House::with_toy(Quirks::default()).await;
    let leo = house.add_leo().await;
    let heard = house.send(2_000).await.delivery.unwrap().id;
    house.until_state(heard, "on_toy").await;
    house.toy.press_play();
    house.until_state(heard, "heard").await;
    house.falls_asleep().await;

    house.give(house.toy_id, leo).await;
    house.toy.wake();
    house.until_overwritten().await;

    assert!(house.mailbox() != House::clip(2_000));
    assert_eq!(house.delivery(heard).await.state, DeliveryState::Heard);
}

#[tokio::test(start_paused = true)]
async fn recordings_are_of_the_child_that_had_the_toy() {
    let mut house = House::with_toy(Quirks::default()).await;
    let leo = house.add_leo().await;
    house.until_presence(Presence::Awake).await;
    house.record(2_000);
    house.until_item().await;

    house.give(house.toy_id, leo).await;
    sleep(Duration::from_secs(60)).await;
    let of_leo = house.hub.items(&house.guardian, leo, None, 10).await.unwrap().items;
    assert!(of_leo.is_empty(), "what lies on the toy is known");
    house.record(1_000);
    house.until_item().await;

    let of_leo = house.hub.items(&house.guardian, leo, None, 10).await.unwrap().items;
    assert_eq!(of_leo.len(), 1);
    assert!(of_leo[0].length_ms.abs_diff(1_000) < 20);
    assert_eq!(house.recordings().await.len(), 1, "Mia's stays hers");
}

#[tokio::test(start_paused = true)]
async fn the_rules_of_the_child_hold_that_has_the_toy() {
    let mut house = House::with_toy(Quirks::default()).await;
    let leo = house.add_leo().await;
    house.until_presence(Presence::Awake).await;
    let days = 1..=7;
    let quiet = days.map(|weekday| Quiet { weekday, from_minute: 1_200, until_minute: 360 });
    let rules = Rules {
        quiet: quiet.collect(),
        max_volume: Some(90),
        night_volume: None,
        retention_days: None,
    };
    house.hub.set_rules(&house.guardian, leo, rules).await.unwrap();

    house.give(house.toy_id, leo).await;
    sleep(Duration::from_secs(60)).await;

    assert_eq!(house.toy.look().volume, 90);
}

#[tokio::test(start_paused = true)]
async fn what_was_declined_finds_the_toy_that_the_child_has_by_then() {
    let mut house = House::with_toy(Quirks::default()).await;
    let leo = house.add_leo().await;
    house.falls_asleep().await;
    let declined = house.send(1_500).await.delivery.unwrap().id;
    let decline = move |tx: &Transaction<'_>| {
        let (from, to) = (["queued"], DeliveryState::Declined);
        deliveries::set_state(tx, declined, &from, to, crate::house::START)
    };
    house.tools.store.write(decline).await.unwrap();
    let other = house.adopt_stray().await;
    house.give(house.toy_id, leo).await;

    house.hub.approve(&house.guardian, declined).await.unwrap();
    house.until_state(declined, "on_toy").await;

    assert_eq!(house.delivery(declined).await.toy, other);
}

#[tokio::test(start_paused = true)]
async fn a_child_that_is_erased_takes_nothing_along_of_the_one_before() {
    let mut house = House::with_toy(Quirks::default()).await;
    let leo = house.add_leo().await;
    house.until_presence(Presence::Awake).await;
    house.record(2_000);
    house.until_item().await;
    house.falls_asleep().await;
    let waiting = house.send(500).await.delivery.unwrap().id;
    house.give(house.toy_id, leo).await;

    let by = house.confirmed().await;
    house.hub.erase_child(&house.hub.confirmed(&by).unwrap(), leo).await.unwrap();

    assert_eq!(house.recordings().await.len(), 1);
    assert_eq!(house.delivery(waiting).await.state, DeliveryState::Withdrawn);
    assert!(house.hub.toys(&house.guardian).await.unwrap().is_empty());
    let children = house.hub.children(&house.guardian).await.unwrap();
    assert_eq!((children.len(), children[0].toys.len()), (1, 0));
    // And the other way round: nothing is left of the one that had it first.
    let by = house.confirmed().await;
    let mia = house.child;
    house.hub.erase_child(&house.hub.confirmed(&by).unwrap(), mia).await.unwrap();
    assert!(house.hub.children(&house.guardian).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn only_a_toy_that_stays_is_given_and_only_to_a_child_that_there_is() {
    let house = House::with_toy(Quirks::default()).await;
    let leo = house.add_leo().await;
    let change = async |toy, name: Option<&str>, child| {
        let change = ToyChange { name: name.map(str::to_owned), child, ..ToyChange::default() };
        house.hub.change_toy(&house.guardian, toy, change).await.map(|toy| toy.name)
    };
    let (toy, nobody) = (house.toy_id, ChildId::from_bytes([9; 16]));

    assert!(matches!(change(toy, None, Some(nobody)).await, Err(HubError::NoSuchChild)));
    assert!(matches!(change(toy, Some(" "), None).await, Err(HubError::BadName)));
    let unknown = change(ToyId::from_bytes([9; 16]), None, Some(leo)).await;
    assert!(matches!(unknown, Err(HubError::NoSuchToy)));
    assert_eq!(change(toy, None, Some(house.child)).await.unwrap(), "Bentley");
    house.toy.sleep();
    house.hub.retire(&house.guardian, toy, false).await.unwrap();
    assert!(matches!(change(toy, None, Some(leo)).await, Err(HubError::NoSuchToy)));
    let deeds = house.hub.activity(&house.guardian, None, None, 10).await.unwrap().lines;
    assert!(deeds.iter().all(|line| line.deed != "toy_given" && line.deed != "toy_renamed"));
}

#[tokio::test(start_paused = true)]
async fn a_toy_is_heard_as_near_as_it_is() {
    let mut house = House::without_keepers(Quirks::default()).await;
    let signal = async |house: &House| house.hub.toys(&house.guardian).await.unwrap()[0].now.signal;
    assert_eq!(signal(&house).await, None, "nobody has heard it");
    house.toy.set_signal(-72);
    sleep(Duration::from_secs(1)).await;
    house.start_keepers().await;
    house.until_presence(Presence::Awake).await;
    let connected = signal(&house).await;
    house.falls_asleep().await;
    house.toy.set_signal(-90);
    // Somebody else has it, for a while.
    house.toy.wake();
    sleep(Duration::from_secs(40)).await;
    let far = signal(&house).await;
    house.falls_asleep().await;
    house.toy.set_signal(-78);
    house.toy.wake();
    sleep(Duration::from_secs(10)).await;

    assert_eq!(connected, Some(Signal::NextRoom));
    assert_eq!(far, Some(Signal::Faint));
    assert_eq!(signal(&house).await, Some(Signal::Faint), "it only sways");
}

#[actix_web::test]
async fn a_toy_is_renamed_and_given_from_the_page() {
    tokio::time::pause();
    let hub = TestHub::demo_at_work().await;
    let guardian = hub.guardian().await;
    let toy = guardian.child().await["toys"][0].as_str().unwrap().to_owned();
    let path = format!("/api/v1/toys/{toy}");
    let new = json!({ "name": "Leo", "animal": "cat", "color": "sky" });
    let leo = guardian.post_json("/api/v1/children", &new).await.json()["id"].clone();
    let newest = async || {
        let entries = guardian.get("/api/v1/activity?limit=1").await.json();
        entries["entries"][0].clone()
    };

    let renamed = guardian.post_json(&path, &json!({ "name": " Sir  Bentley " })).await;
    let noted = newest().await;
    let given = guardian.post_json(&path, &json!({ "child": leo })).await;

    assert_eq!((renamed.status, &renamed.json()["name"]), (StatusCode::OK, &json!("Sir Bentley")));
    assert_eq!(
        (&noted["deed"], &noted["subject_name"]),
        (&json!("toy_renamed"), &json!("Sir Bentley"))
    );
    let given = given.json();
    assert_eq!((&given["name"], &given["child"]), (&json!("Sir Bentley"), &leo));
    let noted = newest().await;
    assert_eq!((&noted["deed"], &noted["child"]), (&json!("toy_given"), &leo));
    let children = guardian.get("/api/v1/children").await.json();
    assert_eq!(children["children"][0]["toys"], json!([]));
    assert_eq!(children["children"][1]["toys"], json!([toy]));
    assert_eq!(guardian.post_json(&path, &json!({ "name": "" })).await.error(), "bad_name");
    let nobody = json!({ "child": "a".repeat(26) });
    assert_eq!(guardian.post_json(&path, &nobody).await.error(), "no_such_child");
}
