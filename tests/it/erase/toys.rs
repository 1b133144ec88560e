//! What was erased here leaves the toy, and does not come back from it.

use std::time::Duration;

use hutch::{
    hub::{Event, HubError, Presence},
    model::ItemId,
    store::erase,
    toy::{firmware::Quirks, wire::Led},
};
use tokio::time::sleep;

use crate::house::House;

/// Waits until nothing is to be overwritten in the toy any more.
async fn until_overwritten(house: &House) {
    let toy = house.toy_id;
    for _ in 0..3_600 {
        if house.tools.store.read(move |tx| erase::overwrite_of(tx, toy)).await.unwrap().is_none() {
            return;
        }
        sleep(Duration::from_secs(1)).await;
    }
    panic!("the toy is never overwritten");
}

async fn is_there(house: &House, id: ItemId) -> bool {
    match house.hub.item(&house.guardian, id).await {
        Ok(_) => true,
        Err(HubError::NoSuchItem) => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_erased_recording_that_is_still_on_the_toy_does_not_come_back() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    house.record(2_000);
    house.until_item().await;
    let recording = house.recordings().await.remove(0).id;

    let erasure = house.erase(recording).await;
    house.toy.drop_link();
    sleep(Duration::from_secs(300)).await;
    let reconnected = house.recordings().await.len();
    house.restart().await;
    sleep(Duration::from_secs(300)).await;

    assert!(erasure.is_gone);
    assert!(!is_there(&house, recording).await);
    assert_eq!((reconnected, house.recordings().await.len()), (0, 0));
    // What the child says next is another matter.
    house.record(1_000);
    house.until_item().await;
    assert_eq!(house.recordings().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_an_erased_recording_does_not_come_back_either() {
    for restarts in [false, true] {
        let quirks = Quirks { drop_notification: Some(9), ..Quirks::default() };
        let mut house = House::with_toy(quirks).await;
        house.until_presence(Presence::Awake).await;
        house.record(2_000);
        house.until_item().await;
        let part = house.recordings().await.remove(0).id;

        house.erase(part).await;
        house.toy.set_quirks(Quirks::default());
        if restarts {
            house.restart().await;
        } else {
            house.toy.drop_link();
        }
        sleep(Duration::from_secs(600)).await;

        assert!(house.recordings().await.is_empty(), "after a restart: {restarts}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_erased_on_the_toy_is_overwritten_and_the_heart_goes_dark() {
    let mut house = House::with_toy(Quirks::default()).await;
    let item = house.send(3_000).await;
    house.until_state(item.delivery.unwrap().id, "on_toy").await;
    house.until_heart(Led::Blink { period_ms: 500 }).await;

    house.erase(item.id).await;
    until_overwritten(&house).await;
    house.until_heart(Led::Off).await;

    let left = house.mailbox();
    assert!(House::clip(3_000).len() <= left.len(), "silence as long as the message");
    assert!(left != House::clip(3_000), "still there");
}

#[tokio::test(start_paused = true)]
async fn a_sleeping_toy_is_overwritten_when_it_wakes_though_the_hub_was_restarted() {
    let mut house = House::with_toy(Quirks::default()).await;
    let item = house.send(500).await;
    house.until_state(item.delivery.unwrap().id, "on_toy").await;
    house.falls_asleep().await;

    house.erase(item.id).await;
    house.restart().await;
    sleep(Duration::from_secs(60)).await;
    let held_meanwhile = house.mailbox();
    house.toy.wake();
    until_overwritten(&house).await;
    house.until_heart(Led::Off).await;

    assert!(held_meanwhile == House::clip(500));
    assert!(house.mailbox() != House::clip(500), "still there");
}

#[tokio::test(start_paused = true)]
async fn a_heard_message_that_stays_for_replay_is_overwritten_too() {
    let mut house = House::with_toy(Quirks::default()).await;
    let item = house.send(500).await;
    let delivery = item.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;
    house.hub.mark_heard(&house.guardian, delivery).await.unwrap();

    house.erase(item.id).await;
    until_overwritten(&house).await;

    assert!(house.mailbox() != House::clip(500), "still there");
}

#[tokio::test(start_paused = true)]
async fn a_message_erased_while_it_is_sent_does_not_stay_and_the_next_one_goes() {
    let mut house = House::with_toy(Quirks::default()).await;
    let first = house.send(5_000).await;
    let second = house.send(700).await.delivery.unwrap().id;
    house.until_sending(first.delivery.unwrap().id, 30).await;

    house.erase(first.id).await;
    house
        .until(|event| match event {
            Event::Delivery(it) if it.id == second => it.waits_for,
            _ => None,
        })
        .await;
    house.until_state(second, "on_toy").await;

    let toy = house.toy_id;
    let left = house.tools.store.read(move |tx| erase::overwrite_of(tx, toy)).await.unwrap();
    assert_eq!(left, None, "silence went before the next one");
    assert!(house.mailbox() == House::clip(700));
}

#[tokio::test(start_paused = true)]
async fn a_message_erased_before_it_left_never_leaves() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.falls_asleep().await;
    let item = house.send(500).await.id;

    house.erase(item).await;
    house.toy.wake();
    sleep(Duration::from_secs(60)).await;

    assert!(house.mailbox().is_empty());
    assert!(!is_there(&house, item).await);
}

#[tokio::test(start_paused = true)]
async fn the_toys_of_an_erased_child_are_let_go() {
    let mut house = House::with_toy(Quirks::default()).await;
    let item = house.send(5_000).await;
    house.until_sending(item.delivery.unwrap().id, 30).await;

    let by = house.confirmed().await;
    let by = house.hub.confirmed(&by).unwrap();
    let erasure = house.hub.erase_child(&by, house.child).await.unwrap();

    assert!(erasure.is_gone);
    assert!(house.hub.toys(&house.guardian).await.unwrap().is_empty());
    assert!(house.hub.children(&house.guardian).await.unwrap().is_empty());
    // Nobody holds it: its one connection is to be had at once.
    let link = house.connects().await;
    assert!(link.is_some(), "the keeper has let it go");
    assert!(matches!(house.hub.erase_child(&by, house.child).await, Err(HubError::NoSuchChild)));
}
