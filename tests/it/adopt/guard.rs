//! Is it still the toy that was adopted?

use std::time::Duration;

use hutch::{
    hub::Presence,
    model::{Baseline, Sign},
    radio::{GattTable, Identity},
    store::{self, guard},
    toy::{
        firmware::Quirks,
        wire::{Characteristic, Led},
    },
};
use tokio::time::sleep;

use crate::house::House;

const NAME: &str = "CloudPets B 1.0.19";

fn genuine() -> GattTable {
    GattTable::of(Characteristic::ALL.map(|one| format!("{one:?}")))
}

fn other() -> GattTable {
    GattTable::of(["another".to_owned()])
}

fn face(name: &str, table: GattTable) -> Identity {
    Identity { name: Some(name.to_owned()), table }
}

impl House {
    /// A house whose toy was met once and sleeps.
    async fn watched() -> Self {
        let mut house = Self::with_toy(Quirks::default()).await;
        house.falls_asleep().await;
        // Whatever made a sound is over, and the toy is new to the radio when it wakes.
        sleep(Duration::from_secs(60)).await;
        house
    }

    async fn guard(&self) -> Option<Sign> {
        self.hub.toys(&self.guardian).await.unwrap()[0].guard
    }

    async fn baseline(&self) -> Baseline {
        let toy = self.toy_id;
        self.tools.store.read(move |tx| guard::baseline(tx, toy)).await.unwrap()
    }

    /// How often this was noted.
    async fn n_noted(&self, deed: &str) -> usize {
        let lines = self.hub.activity(&self.guardian, None, None, 100).await.unwrap().lines;
        let noted = lines.iter().filter(|line| line.deed == deed);
        noted
            .inspect(|line| assert_eq!((line.account, line.child), (None, Some(self.child))))
            .count()
    }

    async fn trust(&self) {
        self.hub.trust(&self.guardian, self.toy_id).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_toy_that_was_adopted_before_is_learnt_without_alarm() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    sleep(Duration::from_secs(1)).await;

    let learnt = Baseline {
        config: Some("0011_23_16_05_09".to_owned()),
        firmware: Some(NAME.to_owned()),
        table: Some(genuine().0),
        signal_floor: None,
    };
    assert_eq!(house.baseline().await, learnt);
    assert_eq!(house.guard().await, None);
    house.restart().await;
    house.until_presence(Presence::Awake).await;
    sleep(Duration::from_secs(3_600)).await;
    assert_eq!((house.guard().await, house.baseline().await), (None, learnt));
}

#[tokio::test(start_paused = true)]
async fn another_table_is_not_written_to_until_a_guardian_says_that_it_is_their_toy() {
    let mut house = House::watched().await;
    house.toy.set_identity(face(NAME, other()));
    let id = house.send(500).await.delivery.unwrap().id;
    house.toy.wake();
    sleep(Duration::from_secs(600)).await;
    house.toy.wake();
    sleep(Duration::from_secs(60)).await;

    assert_eq!(house.guard().await, Some(Sign::Table));
    assert_eq!(house.n_noted("guard_table").await, 1, "once, not every minute");
    assert!(house.mailbox().is_empty() && house.toy.look().led == Led::Off);
    assert_eq!(house.delivery(id).await.state.word(), "queued");
    let news = house.hub.news(&house.guardian).await.unwrap();
    assert!(news.lines.iter().any(|line| line.deed == "guard_table"));

    house.trust().await;
    house.until_state(id, "on_toy").await;

    assert_eq!(house.guard().await, None);
    assert_eq!(house.baseline().await.table, Some(other().0));
    // The one that was genuine before is another one now.
    house.toy.set_identity(face(NAME, genuine()));
    house.toy.drop_link();
    sleep(Duration::from_secs(60)).await;
    assert_eq!(house.n_noted("guard_table").await, 2);
}

#[tokio::test(start_paused = true)]
async fn the_genuine_toy_is_looked_after_as_before_when_it_comes_back() {
    let mut house = House::watched().await;
    house.toy.set_identity(face(NAME, other()));
    let id = house.send(500).await.delivery.unwrap().id;
    house.toy.wake();
    sleep(Duration::from_secs(60)).await;

    house.toy.set_identity(face(NAME, genuine()));
    house.until_state(id, "on_toy").await;

    assert_eq!(house.guard().await, Some(Sign::Table), "a guardian shall know of it");
}

#[tokio::test(start_paused = true)]
async fn another_identifier_is_read_and_nothing_is_written() {
    for config in [b"0011_24_16_05_09".to_vec(), Vec::new()] {
        let mut house = House::watched().await;
        house.toy.set_config(config.clone());
        let id = house.send(500).await.delivery.unwrap().id;
        house.toy.wake();
        sleep(Duration::from_secs(150)).await;

        assert_eq!(house.guard().await, Some(Sign::Config));
        assert_eq!(house.n_noted("guard_config").await, 1);
        assert!(house.mailbox().is_empty() && house.toy.look().led == Led::Off);

        house.trust().await;
        house.until_state(id, "on_toy").await;
        assert_eq!(house.guard().await, None);
        let learnt = house.baseline().await.config;
        assert_eq!(learnt, (!config.is_empty()).then(|| String::from_utf8(config).unwrap()));
    }
}

#[tokio::test(start_paused = true)]
async fn another_name_is_noted_and_keeps_nothing_back() {
    let mut house = House::watched().await;
    house.toy.set_identity(face("CloudPets A 1.0.20", genuine()));
    let id = house.send(500).await.delivery.unwrap().id;
    house.toy.wake();
    house.until_state(id, "on_toy").await;
    sleep(Duration::from_secs(1_800)).await;

    assert_eq!(house.guard().await, Some(Sign::Name));
    assert_eq!(house.n_noted("guard_name").await, 1);
    house.trust().await;
    // It has fallen asleep meanwhile.
    house.toy.wake();
    sleep(Duration::from_secs(60)).await;
    assert_eq!(house.guard().await, None);
    assert_eq!(house.baseline().await.firmware.as_deref(), Some("CloudPets A 1.0.20"));
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_only_heard_in_part_is_no_alarm() {
    let house = House::watched().await;
    house.toy.set_identity(face("CloudPets", genuine()));
    house.toy.wake();
    sleep(Duration::from_secs(60)).await;

    assert_eq!(house.guard().await, None);
    assert_eq!(house.baseline().await.firmware.as_deref(), Some(NAME));
}

#[tokio::test(start_paused = true)]
async fn a_second_address_with_the_same_identifier_is_noted_while_the_toy_is_held() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    let config = house.toy.config().unwrap();
    house.stray.set_config(config.as_bytes().to_vec());
    house.stray.wake();
    sleep(Duration::from_secs(120)).await;

    assert_eq!(house.guard().await, Some(Sign::SecondAddress));
    assert_eq!(house.n_noted("guard_second_address").await, 1);
    house.trust().await;
    house.stray.wake();
    sleep(Duration::from_secs(120)).await;
    assert_eq!(house.guard().await, None, "it is heard still, and a guardian knows of it");
    assert_eq!(house.n_noted("guard_second_address").await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_paw_that_is_reported_says_that_somebody_switched_game_mode_on() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(Presence::Awake).await;
    sleep(Duration::from_secs(30)).await;
    assert_eq!(house.guard().await, None);

    // What a toy would say that is in game mode.
    let garbage = vec![(Characteristic::State, vec![19])];
    house.toy.set_quirks(Quirks { garbage, ..Quirks::default() });
    house.send(500).await;
    sleep(Duration::from_secs(300)).await;

    assert_eq!(house.guard().await, Some(Sign::Game));
    assert_eq!(house.n_noted("guard_game").await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_toy_that_was_left_in_game_mode_is_no_alarm() {
    let mut house = House::watched().await;
    house.toy.wake();
    house.until_presence(Presence::Awake).await;
    let mut stranger = house.stranger_connects().await;
    stranger.write(Characteristic::Command, &[0x0b, 1], true).await.unwrap();
    drop(stranger);
    house.toy.press_play();
    house.until_presence(Presence::Awake).await;
    sleep(Duration::from_secs(60)).await;

    assert_eq!(house.guard().await, None);
    assert!(!house.toy.game_mode());
}

#[tokio::test(start_paused = true)]
async fn the_gravest_sign_is_shown_and_changing_faces_fill_no_card() {
    let house = House::without_keepers(Quirks::default()).await;
    let toy = house.toy_id;
    let note = async |sign, seen: u8, after_s| {
        let at = crate::house::START.after(after_s);
        let noted = move |tx: &store::Transaction<'_>| guard::note(tx, toy, sign, &[seen; 32], at);
        house.tools.store.write(noted).await.unwrap()
    };

    assert!(note(Sign::Name, 1, 0).await);
    assert!(note(Sign::Table, 1, 1).await);
    assert!(!note(Sign::Name, 1, 10_000).await, "the same");
    assert!(!note(Sign::Table, 2, 300).await, "too soon");
    assert!(note(Sign::Table, 2, 602).await);
    assert!(!note(Sign::Table, 2, -10_000).await, "a clock that was put back");
    assert_eq!(house.guard().await, Some(Sign::Table));
    house.trust().await;
    assert!(note(Sign::Table, 2, 603).await, "it was trusted, and another one is seen again");
}
