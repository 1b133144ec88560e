//! Toys leave the household.

use std::time::Duration;

use hutch::{
    audio::wav,
    hub::{
        Color, HubError, MeetingState, Presence, Sending, children::NewChild, meetings::Adoption,
    },
    model::{Character, ChildId, DeliveryState, Slot, Timestamp, ToyId},
    store::{Transaction, deliveries, erase},
    toy::{firmware::Quirks, wire::Led},
};
use tokio::time::sleep;

use crate::house::{ADDRESS, House, tone};

impl House {
    async fn retire(&self, at_once: bool) {
        self.hub.retire(&self.guardian, self.toy_id, at_once).await.unwrap();
    }

    async fn n_toys(&self) -> usize {
        self.hub.toys(&self.guardian).await.unwrap().len()
    }

    async fn until_let_go(&self) {
        for _ in 0..3_600 {
            if self.n_toys().await == 0 {
                return;
            }
            sleep(Duration::from_secs(1)).await;
        }
        panic!("the toy is never let go");
    }

    /// What was done of late, the latest first.
    async fn deeds(&self) -> Vec<(String, bool)> {
        let lines = self.hub.activity(&self.guardian, None, None, 2).await.unwrap().lines;
        lines.into_iter().map(|line| (line.deed, line.account.is_some())).collect()
    }

    /// Adopts the toy that was retired, for whom the adoption says.
    async fn adopt_again(&mut self, child: ChildId) -> ToyId {
        sleep(Duration::from_secs(2)).await;
        let id = self.hub.meet(&self.guardian, ADDRESS).await.unwrap().id;
        self.until_meeting(id, MeetingState::Waiting).await;
        self.toy.press_play();
        self.until_meeting(id, MeetingState::Squeezed).await;
        let adoption = Adoption { child, ..self.adoption(id) };
        self.hub.adopt(&self.guardian, adoption).await.unwrap().id
    }
}

#[tokio::test(start_paused = true)]
async fn a_retired_toy_is_emptied_and_let_go() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    house.record(2_000);
    house.until_item().await;
    let unheard = house.send(3_000).await.delivery.unwrap().id;
    let waiting = house.send(1_000).await.delivery.unwrap().id;
    house.until_state(unheard, "on_toy").await;

    house.retire(false).await;
    let state = house.delivery(unheard).await.state.word();
    let is_retiring = house.hub.toys(&house.guardian).await.unwrap()[0].is_retiring;
    house.retire(false).await;
    house.until_let_go().await;

    assert_eq!((state, is_retiring), ("withdrawing", true));
    assert_eq!(house.delivery(unheard).await.state.word(), "withdrawn");
    assert_eq!(house.delivery(waiting).await.state.word(), "withdrawn");
    let silence = house.toy.slot(Slot::MAILBOX);
    assert!(80_000 < silence.len(), "as long as the slot: {}", silence.len());
    for slot in Slot::ALL {
        assert!(house.toy.slot(slot) == silence, "slot {}", slot.index());
    }
    let look = house.toy.look();
    assert_eq!((look.led, look.has_recording, house.toy.game_mode()), (Led::Off, false, false));
    assert_eq!(house.recordings().await.len(), 1, "what was said stays");
    assert_eq!(
        house.deeds().await,
        [("toy_let_go".to_owned(), false), ("toy_retired".to_owned(), true)]
    );
    assert_eq!(house.toy.violations(), []);
    sleep(Duration::from_secs(120)).await;
    assert!(house.connects().await.is_some(), "nobody holds it");
    assert!(house.hub.children(&house.guardian).await.unwrap()[0].toys.is_empty());
    let gone = house.hub.retire(&house.guardian, house.toy_id, true).await;
    assert!(matches!(gone, Err(HubError::NoSuchToy)));
}

#[tokio::test(start_paused = true)]
async fn a_sleeping_toy_is_let_go_when_it_wakes_though_the_hub_was_restarted() {
    let mut house = House::with_toy(Quirks::default()).await;
    let item = house.send(500).await;
    house.until_state(item.delivery.unwrap().id, "on_toy").await;
    house.falls_asleep().await;

    house.retire(false).await;
    sleep(Duration::from_secs(600)).await;
    let meanwhile = house.n_toys().await;
    let wav = wav::write(&tone(16_000, 500));
    let sent = house.hub.send_message(&house.guardian, house.child, wav, Sending::default()).await;
    house.restart().await;
    house.toy.wake();
    // The hub is restarted in the middle, too.
    sleep(Duration::from_secs(40)).await;
    house.restart().await;
    house.until_let_go().await;

    assert_eq!(meanwhile, 1);
    assert!(matches!(sent, Err(HubError::NoToy)));
    assert!(house.mailbox() != House::clip(500));
}

#[tokio::test(start_paused = true)]
async fn what_the_child_said_last_is_fetched_before() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.falls_asleep().await;
    house.retire(false).await;

    house.record(1_500);
    house.until_let_go().await;

    assert_eq!(house.recordings().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_streaming_slot_that_refuses_is_left_and_a_lost_link_is_made_again() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    house.retire(false).await;
    sleep(Duration::from_secs(60)).await;
    house.toy.drop_link();
    for _ in 0..600 {
        if !house.toy.slot(Slot::new(3).unwrap()).is_empty() {
            break;
        }
        sleep(Duration::from_secs(1)).await;
    }
    // The last but one is under way by now.
    sleep(Duration::from_secs(2)).await;
    house.toy.set_quirks(Quirks { refuse_key: true, ..Quirks::default() });

    house.until_let_go().await;

    assert!(house.toy.slot(Slot::STREAMING).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_lost_toy_is_let_go_at_once_and_overwritten_if_it_comes_back() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    house.record(2_000);
    house.until_item().await;
    let unheard = house.send(3_000).await.delivery.unwrap().id;
    let waiting = house.send(1_000).await.delivery.unwrap().id;
    house.until_state(unheard, "on_toy").await;
    house.falls_asleep().await;

    house.retire(true).await;
    let states = [house.delivery(unheard).await.state, house.delivery(waiting).await.state];
    let held = house.mailbox();
    let first = house.toy_id;
    let leo = NewChild { name: "Leo".to_owned(), animal: Character::Cat, color: Color::Sky };
    let leo = house.hub.add_child(&house.guardian, leo).await.unwrap().id;
    let deeds = house.deeds().await;
    house.toy.wake();
    let again = house.adopt_again(leo).await;
    house.until_presence(Presence::Awake).await;
    for _ in 0..600 {
        let left = house.tools.store.read(move |tx| erase::overwrite_of(tx, again)).await.unwrap();
        if left.is_none() {
            break;
        }
        sleep(Duration::from_secs(1)).await;
    }
    sleep(Duration::from_secs(60)).await;

    assert_eq!(states.map(DeliveryState::word), ["expired", "withdrawn"]);
    assert!(held == House::clip(3_000), "nobody reached it");
    assert_eq!(deeds[1], ("toy_let_go".to_owned(), true));
    assert_ne!(again, first);
    assert!(house.mailbox() != House::clip(3_000), "it was another child's");
    assert!(!house.mailbox().is_empty());
    // The recording that is still on the toy was the other child's: it stays there.
    let of_leo = house.hub.items(&house.guardian, leo, None, 10).await.unwrap().items;
    assert!(of_leo.is_empty());
    assert_eq!(house.recordings().await.len(), 1);
    assert_eq!(house.n_toys().await, 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_sets_out_for_a_toy_that_is_gone() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.falls_asleep().await;
    let sent = house.send(500).await.delivery.unwrap().id;
    house.retire(true).await;

    let again = house.hub.retry(&house.guardian, sent).await;
    // As if a guardian had declined it before.
    let declined = move |tx: &Transaction<'_>| {
        tx.execute("update delivery set state = 'declined'", [])?;
        deliveries::approve(tx, sent, Timestamp(i64::MAX))
    };
    let approved = house.tools.store.write(declined).await.unwrap();

    assert!(matches!(again, Err(HubError::TooLate)));
    assert!(!approved);
}

#[tokio::test(start_paused = true)]
async fn a_toy_may_come_and_go_as_often_as_it_likes() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    let child = house.child;
    for _ in 0..2 {
        house.retire(true).await;
        house.toy_id = house.adopt_again(child).await;
        house.until_presence(Presence::Awake).await;
    }

    let sent = house.send(500).await.delivery.unwrap().id;
    house.until_state(sent, "on_toy").await;
    assert_eq!(house.n_toys().await, 1);
}
