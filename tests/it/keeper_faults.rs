//! The keeper with toys, links, strangers and clocks that do not do as they should.

use std::time::Duration;

use hutch::{
    hub::{Event, Presence, WaitsFor},
    model::{DeliveryState, Failure},
    seal::{About, DeviceKey, Kind},
    store::{self, outbox},
    toy::{
        firmware::Quirks,
        wire::{Characteristic, Led, ToyState},
    },
};
use tokio::time::{Instant, sleep, timeout};

use crate::house::House;

const BLINKS: Led = Led::Blink { period_ms: 500 };

/// Every way in which the toy can misbehave during an upload: the delivery fails with a reason,
/// the toy is left in a clean state, and the message arrives once the toy behaves again.
#[tokio::test(start_paused = true)]
async fn every_fault_ends_clean() {
    for (name, quirks, failure) in faults() {
        let mut house = House::with_toy(quirks).await;
        let delivery = house.send(1_000).await.delivery.unwrap().id;

        let failed = house.until_state(delivery, "failed").await;
        house.toy.set_quirks(Quirks::default());
        house.until_state(delivery, "on_toy").await;
        house.until_heart(BLINKS).await;
        house.toy.press_play();
        house.until_state(delivery, "heard").await;

        assert_eq!(failed.state, DeliveryState::Failed(failure), "{name}");
        assert!(failed.heard_at.is_none(), "{name}");
        assert_eq!(house.toy.look().state, ToyState::Idle, "{name}");
        assert_eq!(house.toy.violations(), [], "{name}");
    }
}

fn faults() -> Vec<(&'static str, Quirks, Failure)> {
    let well = Quirks::default;
    vec![
        ("never asks", Quirks { credit: Vec::new(), ..well() }, Failure::Silent),
        (
            "mute from the first byte",
            Quirks { silent_after_upload: Some(0), ..well() },
            Failure::Silent,
        ),
        ("mute half-way", Quirks { silent_after_upload: Some(900), ..well() }, Failure::Silent),
        (
            "mute after the last byte",
            Quirks { silent_after_command: Some(1), ..well() },
            Failure::Silent,
        ),
        (
            "link lost at once",
            Quirks { disconnect_after_upload: Some(0), ..well() },
            Failure::LinkLost,
        ),
        (
            "link lost half-way",
            Quirks { disconnect_after_upload: Some(900), ..well() },
            Failure::LinkLost,
        ),
        ("refuses the key", Quirks { refuse_key: true, ..well() }, Failure::KeyRefused),
        ("gives up at once", Quirks { give_up_after: Some(0), ..well() }, Failure::GaveUp),
        ("gives up half-way", Quirks { give_up_after: Some(900), ..well() }, Failure::GaveUp),
        (
            "gives up at the last byte",
            Quirks { give_up_after: Some(House::clip(1_000).len()), ..well() },
            Failure::GaveUp,
        ),
        ("took nothing", Quirks { transferred_zero: true, ..well() }, Failure::GaveUp),
    ]
}

/// What a toy may do without being in the way of a message.
#[tokio::test(start_paused = true)]
async fn oddities_do_not_matter() {
    let well = Quirks::default;
    let oddities = [
        ("slow", Quirks { slow: Duration::from_secs(1), ..well() }),
        ("asks for single bytes", Quirks { credit: vec![1, 0, 19, 21], low_water: 0, ..well() }),
        ("asks for too much", Quirks { over_ask: 777, ..well() }),
        ("unknown states", Quirks { unknown_state: Some(99), ..well() }),
        ("long states", Quirks { state_tail: vec![1, 2, 3], ..well() }),
        (
            "garbage",
            Quirks {
                garbage: vec![
                    (Characteristic::State, vec![]),
                    (Characteristic::DataRequest, vec![1]),
                    (Characteristic::ReceiveAudio, vec![0; 20]),
                    (Characteristic::Command, vec![0xFF; 20]),
                ],
                ..well()
            },
        ),
    ];
    for (name, quirks) in oddities {
        println!("{name}");
        let mut house = House::with_toy(quirks).await;

        let delivery = house.send(1_000).await.delivery.unwrap().id;
        house.until_state(delivery, "on_toy").await;
        house.toy.press_play();
        let heard = house.until_state(delivery, "heard").await;

        assert!(house.mailbox().starts_with(&House::clip(1_000)), "{name}");
        assert_eq!(heard.tries, 0, "{name}");
        assert_eq!(house.toy.violations(), [], "{name}");
    }
}

/// The toy has all of it, the hub does not know, and the try is started over.
#[tokio::test(start_paused = true)]
async fn a_message_that_may_be_there_is_overwritten_though_it_waits_for_another_try() {
    let quirks = Quirks { silent_after_command: Some(1), ..Quirks::default() };
    let mut house = House::with_toy(quirks).await;
    let delivery = house.send(500).await.delivery.unwrap().id;
    house.until_state(delivery, "failed").await;
    house.toy.set_quirks(Quirks::default());
    house.toy.sleep();
    house.until_presence(Presence::Asleep).await;

    let again = house.hub.retry(&house.guardian, delivery).await.unwrap();
    let withdrawing = house.hub.withdraw(&house.guardian, delivery).await.unwrap();
    let held_meanwhile = house.mailbox();
    house.toy.wake();
    house.until_state(delivery, "withdrawn").await;

    assert_eq!(again.state, DeliveryState::Queued);
    assert_eq!(withdrawing.state, DeliveryState::Withdrawing);
    assert!(held_meanwhile == House::clip(500), "the toy had it after all");
    assert!(house.mailbox() != House::clip(500), "the child can still hear it");
}

#[tokio::test(start_paused = true)]
async fn a_message_cut_short_by_a_restart_is_overwritten_when_it_is_taken_back() {
    let mut house = House::with_toy(Quirks::default()).await;
    let delivery = house.send(5_000).await.delivery.unwrap().id;
    house.until_sending(delivery, 30).await;
    house.stop_keepers().await;

    let withdrawing = house.hub.withdraw(&house.guardian, delivery).await.unwrap();
    house.start_keepers().await;
    house.until_state(delivery, "withdrawn").await;

    assert_eq!(withdrawing.state, DeliveryState::Withdrawing);
    assert!(!house.mailbox().is_empty(), "overwritten with silence");
}

#[tokio::test(start_paused = true)]
async fn taking_back_ends_an_upload_over_a_link_that_is_never_idle() {
    let mut house = House::with_slow_air(Duration::from_millis(30)).await;
    let delivery = house.send(5_000).await.delivery.unwrap().id;
    house.until_sending(delivery, 30).await;
    let start = Instant::now();

    house.hub.withdraw(&house.guardian, delivery).await.unwrap();
    house.until_state(delivery, "withdrawn").await;

    // Silence as long as the message takes 15 s over this link; the rest of it took 10 s more.
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_is_behind_hears_when_its_turn_comes() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.falls_asleep().await;
    let first = house.send(500).await.delivery.unwrap();
    let second = house.send(700).await.delivery.unwrap();

    house.hub.withdraw(&house.guardian, first.id).await.unwrap();
    let moved_up = house.until(|event| match event {
        Event::Delivery(it) if it.id == second.id => it.waits_for,
        _ => None,
    });

    assert_eq!(first.waits_for, Some(WaitsFor::Toy));
    assert_eq!(second.waits_for, Some(WaitsFor::Previous));
    assert_eq!(moved_up.await, WaitsFor::Toy);
}

#[tokio::test(start_paused = true)]
async fn what_is_behind_a_message_on_its_way_waits_for_it() {
    let mut house = House::with_toy(Quirks::default()).await;
    let first = house.send(3_000).await.delivery.unwrap().id;
    house.until_sending(first, 20).await;

    let second = house.send(700).await.delivery.unwrap();

    assert_eq!(second.waits_for, Some(WaitsFor::Previous));
}

#[tokio::test(start_paused = true)]
async fn a_clip_that_is_lost_is_in_nobodys_way() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.falls_asleep().await;
    let first = house.send(500).await.delivery.unwrap().id;
    let second = house.send(700).await.delivery.unwrap().id;
    // Sealed under the key of another hub.
    let item = house.delivery(first).await.item;
    let about = About { item, kind: Kind::Message, child: Some(house.child), sender: None };
    let clip = DeviceKey::generate().seal(&about, b"a clip").unwrap();
    let replace = move |tx: &store::Transaction<'_>| {
        outbox::erase(tx, first)?;
        outbox::insert(tx, first, &clip)
    };
    house.tools.store.write(replace).await.unwrap();

    house.toy.wake();
    house.until_state(second, "on_toy").await;

    let lost = house.delivery(first).await;
    assert_eq!(lost.state, DeliveryState::Failed(Failure::Damaged));
    assert_eq!(lost.next_try_at, None);
    let withdrawn = house.hub.withdraw(&house.guardian, first).await.unwrap();
    assert_eq!(withdrawn.state, DeliveryState::Withdrawn, "no toy ever had any of it");
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_a_stranger_left_running_is_stopped() {
    let mut house = House::with_toy(Quirks::default()).await;
    let first = house.send(1_000).await.delivery.unwrap().id;
    house.until_state(first, "on_toy").await;
    let mut stranger = house.stranger_connects().await;
    // Ten thousand times five seconds.
    let forever = [0x0c, 0x10, 0x27, 0x88, 0x13];
    stranger.write(Characteristic::Command, &forever, true).await.unwrap();
    drop(stranger);

    let second = house.send(700).await.delivery.unwrap().id;
    let start = Instant::now();
    house.until_state(second, "on_toy").await;

    assert!(start.elapsed() < Duration::from_secs(300), "{:?}", start.elapsed());
    assert_eq!(house.toy.look().state, ToyState::Idle);
}

#[tokio::test(start_paused = true)]
async fn a_recording_that_never_comes_whole_does_not_keep_messages_back() {
    let quirks = Quirks { disconnect_after_download: Some(100), ..Quirks::default() };
    let mut house = House::with_toy(quirks).await;
    let stranger = house.stranger_connects().await;
    house.until_presence(Presence::Unreachable).await;
    house.record(1_000);
    sleep(Duration::from_secs(20)).await;
    drop(stranger);

    let delivery = house.send(500).await.delivery.unwrap().id;
    let start = Instant::now();
    house.until_state(delivery, "on_toy").await;
    let took = start.elapsed();
    let n_connections = house.connections_within(Duration::from_secs(3_600)).await;
    house.toy.set_quirks(Quirks::default());
    // It was let go long ago.
    house.toy.wake();
    house.until_item().await;

    assert!(took < Duration::from_secs(180), "{took:?}");
    assert!(n_connections < 40, "{n_connections} connections in an hour");
    assert!(house.recordings().await[0].while_away);
}

#[tokio::test(start_paused = true)]
async fn a_toy_that_cannot_be_overwritten_is_not_pestered() {
    let mut house = House::with_toy(Quirks::default()).await;
    let delivery = house.send(500).await.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;
    house.toy.set_quirks(Quirks { disconnect_after_upload: Some(40), ..Quirks::default() });

    house.hub.withdraw(&house.guardian, delivery).await.unwrap();
    let n_connections = house.connections_within(Duration::from_secs(3_600)).await;
    house.toy.set_quirks(Quirks::default());
    house.until_state(delivery, "withdrawn").await;

    assert!((5..100).contains(&n_connections), "{n_connections} connections in an hour");
}

#[tokio::test(start_paused = true)]
async fn a_link_that_breaks_does_not_make_a_recording_one_from_away() {
    let quirks = Quirks { disconnect_after_download: Some(100), ..Quirks::default() };
    let mut house = House::with_toy(quirks).await;
    house.until_presence(Presence::Awake).await;

    house.record(1_000);
    house.until_presence(Presence::Asleep).await;
    house.toy.set_quirks(Quirks::default());
    house.until_item().await;

    assert!(!house.recordings().await[0].while_away);
}

#[tokio::test(start_paused = true)]
async fn the_same_said_twice_is_two_recordings() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;

    house.record(1_000);
    house.until_item().await;
    house.record(1_000);
    house.until_item().await;
    // What lies on the toy is known by now, however often it is found there.
    house.toy.drop_link();
    sleep(Duration::from_secs(120)).await;

    assert_eq!(house.recordings().await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_part_of_a_recording_is_kept_until_the_whole_comes() {
    let quirks = Quirks { drop_notification: Some(9), ..Quirks::default() };
    let mut house = House::with_toy(quirks).await;
    house.until_presence(Presence::Awake).await;
    house.record(2_000);
    house.until_item().await;
    let part = house.recordings().await;
    // Found again with the same hole in it, it is the same.
    house.toy.drop_link();
    sleep(Duration::from_secs(300)).await;
    let again = house.recordings().await;

    house.toy.set_quirks(Quirks::default());
    house.toy.drop_link();
    house.until_item().await;
    sleep(Duration::from_secs(300)).await;

    let whole = house.recordings().await;
    assert_eq!((part.len(), again.len(), whole.len()), (1, 1, 1));
    assert_eq!(part[0].id, again[0].id);
    assert!(part[0].length_ms < whole[0].length_ms, "{} ms", part[0].length_ms);
    assert!(whole[0].length_ms.abs_diff(2_000) < 20, "{} ms", whole[0].length_ms);
    assert_eq!((whole[0].at, whole[0].while_away), (part[0].at, false));
}

#[tokio::test(start_paused = true)]
async fn the_whole_takes_the_place_of_a_part_after_a_restart_and_stays_if_that_was_to() {
    let quirks = Quirks { drop_notification: Some(9), ..Quirks::default() };
    let mut house = House::with_toy(quirks).await;
    house.until_presence(Presence::Awake).await;
    house.record(2_000);
    house.until_item().await;
    let part = house.recordings().await.remove(0);
    house.hub.set_kept(&house.guardian, part.id, true).await.unwrap();
    // Found again with a hole in it, it is no better.
    house.restart().await;
    sleep(Duration::from_secs(300)).await;
    let again = house.recordings().await;

    house.toy.set_quirks(Quirks::default());
    house.restart().await;
    house.until_item().await;
    sleep(Duration::from_secs(300)).await;

    let whole = house.recordings().await;
    assert_eq!((again.len(), whole.len()), (1, 1));
    assert_eq!(again[0].id, part.id);
    assert!(part.length_ms < whole[0].length_ms, "{} ms", part.length_ms);
    assert_eq!((whole[0].at, whole[0].while_away), (part.at, part.while_away));
    assert!(whole[0].kept);
}

/// Nobody who is not signed in could take the note along.
#[tokio::test(start_paused = true)]
async fn a_part_with_a_note_stays_beside_the_whole() {
    let quirks = Quirks { drop_notification: Some(9), ..Quirks::default() };
    let mut house = House::with_toy(quirks).await;
    house.until_presence(Presence::Awake).await;
    house.record(2_000);
    house.until_item().await;
    let part = house.recordings().await.remove(0);
    let note = zeroize::Zeroizing::new("She says good night.".to_owned());
    house.hub.set_note(&house.guardian, part.id, note).await.unwrap();
    house.until_item().await;

    house.toy.set_quirks(Quirks::default());
    house.restart().await;
    house.until_item().await;
    sleep(Duration::from_secs(300)).await;

    let recordings = house.recordings().await;
    assert_eq!(recordings.len(), 2);
    let part = recordings.iter().find(|item| item.id == part.id).unwrap();
    assert_eq!(part.note.as_deref(), Some("She says good night."));
}

#[tokio::test(start_paused = true)]
async fn a_heart_that_blinks_for_nothing_is_darkened_though_the_toy_was_let_go() {
    let mut house = House::with_toy(Quirks::default()).await;
    let delivery = house.send(500).await.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;
    house.until_heart(BLINKS).await;
    house.until_presence(Presence::Asleep).await;
    let is_held = house.toy.look().connected;

    house.hub.mark_heard(&house.guardian, delivery).await.unwrap();
    let start = Instant::now();
    house.until_heart(Led::Off).await;

    assert!(!is_held);
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

impl House {
    /// Counts how often the hub gets hold of the toy within so long.
    async fn connections_within(&mut self, time: Duration) -> usize {
        let mut n_connections = 0;
        let count = async {
            loop {
                let connecting = |event: &Event| {
                    let is_new = matches!(event, Event::Toy { now, .. } if now.presence == Presence::Connecting);
                    is_new.then_some(())
                };
                self.until(connecting).await;
                n_connections += 1;
            }
        };
        let _elapsed: Result<(), _> = timeout(time, count).await;
        n_connections
    }
}
