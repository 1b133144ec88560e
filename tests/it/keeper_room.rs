//! More toys than the Bluetooth adapter holds at once: they say so, and share what room there is.

use std::{sync::Arc, time::Duration};

use hutch::{
    hub::{MeetingState, Presence, WhyNot, toys},
    model::{Character, ToyId},
    radio::Radio as _,
    store,
    toy::firmware::Quirks,
};
use tokio::time::{Instant, sleep};

use crate::house::{House, STRAY};

impl House {
    /// A household with a second toy, and a radio that holds this many.
    async fn with_room_for(n_toys: usize) -> (Self, ToyId) {
        let mut house = Self::without_keepers(Quirks::default()).await;
        house.radio.make_room_for(n_toys);
        let other =
            toys::make(&house.tools, house.child, STRAY, Character::Rabbit, "Hops").unwrap();
        let id = other.id;
        let insert = move |tx: &store::Transaction<'_>| store::toys::insert(tx, &other);
        Arc::clone(&house.tools.store).write(insert).await.unwrap();
        house.start_keepers().await;
        (house, id)
    }

    async fn presence(&self, of: ToyId) -> Presence {
        let toys = self.hub.toys(&self.guardian).await.unwrap();
        toys.into_iter().find(|toy| toy.id == of).unwrap().now.presence
    }

    /// Waits until a toy is like this, and keeps it awake meanwhile.
    async fn until_present(&self, of: ToyId, wanted: Presence, within: Duration) {
        let limit = Instant::now() + within;
        while self.presence(of).await != wanted {
            assert!(Instant::now() < limit, "{wanted:?} not within {within:?}");
            self.stray.wake();
            self.toy.wake();
            sleep(Duration::from_millis(500)).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_toy_without_room_is_taken_as_soon_as_another_link_ends() {
    let mut house = House::without_keepers(Quirks::default()).await;
    house.radio.make_room_for(1);
    let held = house.radio.connect(STRAY).await.unwrap();
    house.start_keepers().await;
    house.until_presence(Presence::NoRoom).await;

    let message = house.send(500).await.delivery.unwrap().id;
    for _ in 0..100 {
        house.toy.wake();
        sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(house.presence(house.toy_id).await, Presence::NoRoom);
    assert_eq!(house.delivery(message).await.state.word(), "queued");
    drop(held);

    // By itself it would look again after a minute.
    house.until_present(house.toy_id, Presence::Awake, Duration::from_secs(3)).await;
    house.until_state(message, "on_toy").await;
    assert_eq!(house.toy.violations(), []);
}

#[tokio::test(start_paused = true)]
async fn a_toy_that_nobody_touches_makes_room_for_another_within_a_minute() {
    let (house, other) = House::with_room_for(1).await;
    let long = Duration::from_secs(30);
    let (first, second) = {
        sleep(Duration::from_secs(5)).await;
        let is_first = house.presence(house.toy_id).await == Presence::Awake;
        if is_first { (house.toy_id, other) } else { (other, house.toy_id) }
    };
    house.until_present(first, Presence::Awake, long).await;
    house.until_present(second, Presence::NoRoom, long).await;

    house.until_present(second, Presence::Awake, Duration::from_secs(70)).await;

    assert_eq!(house.presence(first).await, Presence::Asleep);
    assert_eq!(house.toy.violations(), []);
    assert_eq!(house.stray.violations(), []);
}

#[tokio::test(start_paused = true)]
async fn where_there_is_room_for_all_nobody_is_let_go() {
    let (house, other) = House::with_room_for(2).await;
    let within = Duration::from_secs(30);
    house.until_present(house.toy_id, Presence::Awake, within).await;
    house.until_present(other, Presence::Awake, within).await;

    sleep(Duration::from_secs(300)).await;

    assert_eq!(house.presence(house.toy_id).await, Presence::Awake);
    assert_eq!(house.presence(other).await, Presence::Awake);
}

#[tokio::test(start_paused = true)]
async fn a_toy_is_not_met_while_there_is_no_room_for_it_and_that_is_why() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    house.radio.make_room_for(1);
    house.stray.wake();
    sleep(Duration::from_secs(2)).await;

    let met = house.hub.meet(&house.guardian, STRAY).await.unwrap();
    let end = loop {
        sleep(Duration::from_millis(100)).await;
        let seen = house.hub.meeting(&house.guardian, met.id).unwrap();
        if seen.state != MeetingState::Connecting {
            break seen.state;
        }
    };

    assert_eq!(end, MeetingState::Failed(WhyNot::NoRoom));
    assert_eq!(house.presence(house.toy_id).await, Presence::Awake);
}
