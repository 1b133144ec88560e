//! The keeper: messages reach the toy, recordings come home, whatever the toy does.

use std::time::Duration;

use hutch::{
    hub::{Event, Presence, WaitsFor},
    model::{DeliveryState, Failure},
    toy::{firmware::Quirks, wire::Led},
};
use tokio::time::{Instant, sleep};

use crate::house::House;

const BLINKS: Led = Led::Blink { period_ms: 500 };

#[tokio::test(start_paused = true)]
async fn a_message_reaches_the_toy_and_is_heard() {
    let mut house = House::with_toy(Quirks::default()).await;

    let message = house.send(1_500).await;
    let delivery = message.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;
    house.until_heart(BLINKS).await;
    let held = house.mailbox();
    house.toy.press_play();
    let heard = house.until_state(delivery, "heard").await;
    house.until_heart(Led::Off).await;

    assert!(held == House::clip(1_500), "the toy holds something else than the encoder made");
    assert!(heard.heard_at.is_some());
    assert_eq!(house.toy.violations(), []);
}

#[tokio::test(start_paused = true)]
async fn progress_is_told_in_steps_that_only_grow() {
    let mut house = House::with_toy(Quirks::default()).await;

    let delivery = house.send(3_000).await.delivery.unwrap().id;
    let mut seen = Vec::new();
    house
        .until(|event| match event {
            Event::Delivery(it) if it.id == delivery => {
                seen.extend(it.sending);
                (it.state == DeliveryState::OnToy).then_some(())
            }
            _ => None,
        })
        .await;

    assert!(20 < seen.len(), "{seen:?}");
    assert!(seen.is_sorted(), "{seen:?}");
    assert_eq!((seen.first(), seen.last()), (Some(&0), Some(&100)));
}

#[tokio::test(start_paused = true)]
async fn a_second_message_waits_until_the_first_was_heard() {
    let mut house = House::with_toy(Quirks::default()).await;
    let first = house.send(1_000).await.delivery.unwrap().id;
    let second = house.send(1_200).await.delivery.unwrap().id;
    house.until_state(first, "on_toy").await;

    sleep(Duration::from_secs(300)).await;
    let waiting = house.delivery(second).await;
    let held_meanwhile = house.mailbox();
    house.toy.press_play();
    house.until_state(first, "heard").await;
    house.until_state(second, "on_toy").await;

    assert_eq!(waiting.state, DeliveryState::Queued);
    assert_eq!(waiting.waits_for, Some(WaitsFor::Previous));
    assert!(held_meanwhile == House::clip(1_000));
    assert!(house.mailbox() == House::clip(1_200));
}

#[tokio::test(start_paused = true)]
async fn a_heard_message_stays_for_replay() {
    let mut house = House::with_toy(Quirks::default()).await;
    let delivery = house.send(1_000).await.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;
    house.toy.press_play();
    house.until_state(delivery, "heard").await;

    house.toy.press_play();
    sleep(Duration::from_secs(30)).await;

    assert!(house.mailbox() == House::clip(1_000));
    assert_eq!(house.delivery(delivery).await.state, DeliveryState::Heard);
}

#[tokio::test(start_paused = true)]
async fn a_message_waits_for_a_toy_that_sleeps() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.falls_asleep().await;

    let delivery = house.send(1_000).await.delivery.unwrap().id;
    sleep(Duration::from_secs(600)).await;
    let waiting = house.delivery(delivery).await;
    house.toy.wake();
    house.until_state(delivery, "on_toy").await;

    assert_eq!(waiting.state, DeliveryState::Queued);
    assert_eq!(waiting.waits_for, Some(WaitsFor::Toy));
    assert_eq!(waiting.tries, 0);
}

#[tokio::test(start_paused = true)]
async fn what_the_child_records_comes_home_once() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;

    house.record(2_000);
    house.until_item().await;
    house.toy.drop_link();
    sleep(Duration::from_secs(120)).await;

    let recordings = house.recordings().await;
    assert_eq!(recordings.len(), 1);
    assert!(recordings[0].length_ms.abs_diff(2_000) < 20, "{} ms", recordings[0].length_ms);
    assert!(!recordings[0].while_away);
    assert_eq!(recordings[0].toy, Some(house.toy_id));
}

#[tokio::test(start_paused = true)]
async fn a_recording_made_while_away_is_fetched_on_connecting() {
    let mut house = House::with_toy(Quirks::default()).await;
    let stranger = house.stranger_connects().await;
    house.until_presence(Presence::Unreachable).await;
    house.record(1_000);
    sleep(Duration::from_secs(20)).await;

    drop(stranger);
    house.until_item().await;

    let recordings = house.recordings().await;
    assert_eq!(recordings.len(), 1);
    assert!(recordings[0].while_away);
}

#[tokio::test(start_paused = true)]
async fn a_recording_with_a_hole_is_fetched_again() {
    let mut house =
        House::with_toy(Quirks { drop_notification: Some(7), ..Quirks::default() }).await;
    house.until_presence(Presence::Awake).await;

    house.record(2_000);
    sleep(Duration::from_secs(1)).await;
    let kept_too_early = house.recordings().await.len();
    house.toy.set_quirks(Quirks::default());
    house.until_item().await;

    assert_eq!(kept_too_early, 0);
    let recordings = house.recordings().await;
    assert!(recordings[0].length_ms.abs_diff(2_000) < 20, "{} ms", recordings[0].length_ms);
}

#[tokio::test(start_paused = true)]
async fn a_link_that_drops_at_any_byte_costs_nothing_but_time() {
    let size = House::clip(600).len();
    for byte in (0..size).step_by(size / 20) {
        let quirks = Quirks { disconnect_after_upload: Some(byte), ..Quirks::default() };
        let mut house = House::with_toy(quirks).await;

        let delivery = house.send(600).await.delivery.unwrap().id;
        let failed = house.until_state(delivery, "failed").await;
        house.toy.set_quirks(Quirks::default());
        house.until_state(delivery, "on_toy").await;

        assert_eq!(failed.state, DeliveryState::Failed(Failure::LinkLost), "at byte {byte}");
        assert!(failed.next_try_at.is_some());
        assert!(house.mailbox() == House::clip(600), "at byte {byte}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_delivery_is_tried_again_at_growing_pauses_and_never_marked_heard() {
    let mut house = House::with_toy(Quirks { refuse_key: true, ..Quirks::default() }).await;
    let delivery = house.send(500).await.delivery.unwrap().id;
    let mut failed_at = Vec::new();
    let start = Instant::now();

    while failed_at.len() < 5 {
        house
            .until(|event| match event {
                Event::Delivery(it) if it.id == delivery => {
                    assert_ne!(it.state, DeliveryState::Heard);
                    let refused = DeliveryState::Failed(Failure::KeyRefused);
                    (it.state == refused && it.sending.is_none()).then_some(())
                }
                _ => None,
            })
            .await;
        failed_at.push(start.elapsed().as_secs());
        // The same state is told again when the next try begins.
        sleep(Duration::from_secs(5)).await;
    }

    let pauses: Vec<u64> = failed_at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses.is_sorted(), "{pauses:?}");
    assert!((8..30).contains(&pauses[0]), "{pauses:?}");
}

#[tokio::test(start_paused = true)]
async fn try_now_does_not_wait() {
    let mut house = House::with_toy(Quirks { refuse_key: true, ..Quirks::default() }).await;
    let delivery = house.send(500).await.delivery.unwrap().id;
    house.until_state(delivery, "failed").await;
    house.toy.set_quirks(Quirks::default());

    house.hub.retry(&house.guardian, delivery).await.unwrap();
    let start = Instant::now();
    house.until_state(delivery, "on_toy").await;

    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_message_withdrawn_before_it_left_never_leaves() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.falls_asleep().await;
    let delivery = house.send(500).await.delivery.unwrap().id;

    let withdrawn = house.hub.withdraw(&house.guardian, delivery).await.unwrap();
    house.toy.wake();
    sleep(Duration::from_secs(60)).await;

    assert_eq!(withdrawn.state, DeliveryState::Withdrawn);
    assert!(house.mailbox().is_empty());
    assert!(house.hub.withdraw(&house.guardian, delivery).await.is_err(), "twice");
}

#[tokio::test(start_paused = true)]
async fn a_message_withdrawn_on_the_toy_is_overwritten_at_the_next_contact() {
    let mut house = House::with_toy(Quirks::default()).await;
    let delivery = house.send(500).await.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;
    house.falls_asleep().await;

    let withdrawing = house.hub.withdraw(&house.guardian, delivery).await.unwrap();
    sleep(Duration::from_secs(60)).await;
    let held_meanwhile = house.mailbox();
    house.toy.wake();
    house.until_state(delivery, "withdrawn").await;
    house.until_heart(Led::Off).await;

    assert_eq!(withdrawing.state, DeliveryState::Withdrawing);
    assert!(held_meanwhile == House::clip(500));
    assert!(house.mailbox() != House::clip(500), "still there");
}

/// The toy took it all, but its last answer was lost: to the hub the delivery failed.
#[tokio::test(start_paused = true)]
async fn a_failed_message_that_is_withdrawn_does_not_stay_on_the_toy() {
    let quirks = Quirks { silent_after_command: Some(1), ..Quirks::default() };
    let mut house = House::with_toy(quirks).await;
    let delivery = house.send(500).await.delivery.unwrap().id;
    house.until_state(delivery, "failed").await;

    house.hub.withdraw(&house.guardian, delivery).await.unwrap();
    house.toy.set_quirks(Quirks::default());
    house.until_state(delivery, "withdrawn").await;

    assert!(house.mailbox() != House::clip(500), "the child can still hear it");
}

#[tokio::test(start_paused = true)]
async fn a_message_withdrawn_while_it_is_being_sent_does_not_stay() {
    let mut house = House::with_toy(Quirks::default()).await;
    let delivery = house.send(5_000).await.delivery.unwrap().id;
    house
        .until(|event| match event {
            Event::Delivery(it) if 30 < it.sending.unwrap_or(0) => Some(()),
            _ => None,
        })
        .await;

    house.hub.withdraw(&house.guardian, delivery).await.unwrap();
    house.until_state(delivery, "withdrawn").await;
    sleep(Duration::from_secs(30)).await;

    assert!(!House::clip(5_000).starts_with(&house.mailbox()), "a part of it is still there");
    assert_eq!(house.toy.look().led, Led::Off);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_nobody_hears_expires_and_the_heart_goes_dark() {
    let mut house = House::with_toy(Quirks::default()).await;
    let first = house.send(500).await.delivery.unwrap().id;
    let second = house.send(700).await.delivery.unwrap().id;
    house.until_state(first, "on_toy").await;

    sleep(Duration::from_secs(7 * 24 * 3_600)).await;
    house.until_state(first, "expired").await;
    house.until_state(second, "expired").await;
    house.toy.wake();
    house.until_heart(Led::Off).await;

    assert_eq!(house.delivery(first).await.heard_at, None);
}

#[tokio::test(start_paused = true)]
async fn a_toy_that_was_awake_unseen_has_perhaps_been_heard() {
    let mut house = House::with_toy(Quirks::default()).await;
    let delivery = house.send(500).await.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;
    let before = house.delivery(delivery).await.perhaps_heard;
    house.falls_asleep().await;

    house.toy.wake();
    house.until_presence(Presence::Awake).await;
    let after = house.delivery(delivery).await;
    house.hub.mark_heard(&house.guardian, delivery).await.unwrap();
    house.until_heart(Led::Off).await;

    assert!(!before);
    assert!(after.perhaps_heard);
    assert_eq!(after.state, DeliveryState::OnToy);
}

#[tokio::test(start_paused = true)]
async fn a_playback_found_on_connecting_counts_when_it_ends() {
    let mut house = House::with_toy(Quirks::default()).await;
    let delivery = house.send(20_000).await.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;
    house.falls_asleep().await;

    // The paw that wakes the toy also plays.
    house.toy.press_play();
    house.until_presence(Presence::Awake).await;
    let while_playing = house.delivery(delivery).await;
    house.until_state(delivery, "heard").await;

    assert_eq!(while_playing.state, DeliveryState::OnToy);
    assert!(!while_playing.perhaps_heard);
}

#[tokio::test(start_paused = true)]
async fn a_toy_left_alone_is_let_go_and_taken_again_for_a_message() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    let start = Instant::now();

    house.until_presence(Presence::Asleep).await;
    let held = start.elapsed();
    // It is still awake, and heard.
    sleep(Duration::from_secs(100)).await;
    let is_taken_again = house.toy.look().connected;
    let delivery = house.send(500).await.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;

    assert!((590..620).contains(&held.as_secs()), "{held:?}");
    assert!(!is_taken_again, "it cannot fall asleep like this");
}

#[tokio::test(start_paused = true)]
async fn a_toy_that_was_let_go_is_taken_again_when_it_comes_back() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    house.until_presence(Presence::Asleep).await;

    // Left alone, it falls asleep by itself.
    sleep(Duration::from_secs(400)).await;
    let slept = !house.toy.look().awake;
    house.toy.wake();
    house.until_presence(Presence::Awake).await;

    assert!(slept);
}

#[tokio::test(start_paused = true)]
async fn a_restart_takes_up_where_it_was() {
    let mut house = House::with_toy(Quirks::default()).await;
    let first = house.send(500).await.delivery.unwrap().id;
    let second = house.send(20_000).await.delivery.unwrap().id;
    house.until_state(first, "on_toy").await;
    house.restart().await;

    house.until_heart(BLINKS).await;
    house.toy.press_play();
    house.until_state(first, "heard").await;
    house.restart().await;
    house.until_state(second, "on_toy").await;

    assert!(house.mailbox() == House::clip(20_000));
}
