//! Is it this one?

use std::time::Duration;

use hutch::{
    hub::{HubError, MeetingState, Presence, RadioState, WhyNot},
    model::{Baseline, Character, ChildId, ToyAddress},
    radio::GattTable,
    store,
    toy::{
        firmware::Quirks,
        wire::{Characteristic, Led},
    },
};
use tokio::time::{Instant, sleep};

use super::BLINKS;
use crate::house::{ADDRESS, House, STRAY};

async fn n_adopted(house: &House) -> usize {
    house.hub.toys(&house.guardian).await.unwrap().len()
}

#[tokio::test(start_paused = true)]
async fn toys_that_are_heard_are_shown_with_whose_they_are() {
    let house = House::without_keepers(Quirks::default()).await;
    house.stray.set_signal(-70);
    sleep(Duration::from_secs(1)).await;

    let nearby = house.hub.nearby(&house.guardian).await.unwrap();
    house.toy.sleep();
    house.stray.sleep();
    sleep(Duration::from_secs(15)).await;
    let later = house.hub.nearby(&house.guardian).await.unwrap();

    assert_eq!(nearby.state, RadioState::Works);
    let [ours, other] = nearby.toys.as_slice() else { panic!("{nearby:?}") };
    assert_eq!((ours.address, ours.adopted), (ADDRESS, Some((house.toy_id, house.child))));
    assert_eq!((other.address, other.adopted), (STRAY, None));
    assert_eq!((ours.signal_dbm, other.signal_dbm), (Some(-55), Some(-70)));
    assert_eq!(other.name, "CloudPets B 1.0.19");
    assert_eq!(other.character, Some(Character::Rabbit));
    assert!(later.toys.is_empty(), "{later:?}");
}

#[tokio::test(start_paused = true)]
async fn a_toy_that_is_squeezed_is_adopted_and_looked_after() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.stray.set_signal(-71);
    let met = house.meet().await;
    assert_eq!((met.state, met.character), (MeetingState::Connecting, Some(Character::Rabbit)));
    house.until_meeting(met.id, MeetingState::Waiting).await;
    let waiting = (house.stray.look().led, house.stray.game_mode());
    house.stray.press_play();
    house.until_meeting(met.id, MeetingState::Squeezed).await;
    let squeezed = (house.stray.look().led, house.stray.game_mode());
    let held = house.stray.look().connected;

    let config = house.stray.config().unwrap();
    let adopted = house.hub.adopt(&house.guardian, house.adoption(met.id)).await.unwrap();
    house.until_presence(Presence::Awake).await;

    assert_eq!(waiting, (BLINKS, true));
    assert_eq!((squeezed, held), ((Led::Off, false), true));
    assert_eq!(
        (adopted.name.as_str(), adopted.character),
        ("Bubbles the Bunny", Character::Rabbit)
    );
    assert_eq!((adopted.child, adopted.is_retiring, adopted.guard), (house.child, false, None));
    assert_eq!(house.stray.config(), Some(config), "it had one already");
    let meeting = house.hub.meeting(&house.guardian, met.id).unwrap();
    assert_eq!(meeting.state, MeetingState::Adopted);
    let id = adopted.id;
    let stored = house.tools.store.read(move |tx| store::toys::find(tx, id)).await.unwrap();
    let table = GattTable::of(Characteristic::ALL.map(|one| format!("{one:?}")));
    let baseline = Baseline {
        config: Some(config.to_string()),
        firmware: Some("CloudPets B 1.0.19".to_owned()),
        table: Some(table.0),
        signal_floor: Some(-71),
    };
    assert_eq!(stored.unwrap().baseline, baseline);
    // It is a toy like any other from here on.
    house.toy.sleep();
    sleep(Duration::from_secs(1)).await;
    let sent = house.send(500).await.delivery.unwrap();
    assert_eq!(sent.toy, id);
    house.until_state(sent.id, "on_toy").await;
    assert_eq!(house.stray.violations(), []);
}

#[tokio::test(start_paused = true)]
async fn a_toy_that_was_never_set_up_gets_an_identifier_of_the_animal_that_somebody_named() {
    for unset in [Vec::new(), b"0311_23_16_05_0".to_vec(), vec![0xff; 16]] {
        let mut house = House::with_toy(Quirks::default()).await;
        house.stray.set_config(unset);
        let id = house.meet_and_squeeze().await;

        let unnamed = house.hub.adopt(&house.guardian, house.adoption(id)).await;
        let untouched = house.stray.config();
        let mut adoption = house.adoption(id);
        adoption.character = Some(Character::Unicorn);
        let adopted = house.hub.adopt(&house.guardian, adoption).await.unwrap();

        assert!(matches!(unnamed, Err(HubError::CharacterMissing)));
        assert_eq!(untouched, None);
        assert_eq!(adopted.character, Character::Unicorn);
        let config = house.stray.config().unwrap().to_string();
        assert!(config.starts_with("0411_14_22_13_"), "{config}");
        let toy = adopted.id;
        let stored = house.tools.store.read(move |tx| store::toys::find(tx, toy)).await.unwrap();
        assert_eq!(stored.unwrap().baseline.config, Some(config));
        assert_eq!(house.stray.violations(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn a_toy_that_nobody_squeezes_is_let_go() {
    let mut house = House::with_toy(Quirks::default()).await;
    let began = Instant::now();

    let id = house.meet().await.id;
    house.until_meeting(id, MeetingState::Failed(WhyNot::NotSqueezed)).await;

    assert!(house.stray_is_as_it_was());
    assert!((60..65).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    assert_eq!(n_adopted(&house).await, 1);
    assert_eq!(house.stray.violations(), []);
}

#[tokio::test(start_paused = true)]
async fn a_toy_that_nobody_names_is_let_go() {
    let mut house = House::with_toy(Quirks::default()).await;
    let id = house.meet_and_squeeze().await;
    let began = Instant::now();

    house.until_meeting(id, MeetingState::Failed(WhyNot::TimedOut)).await;

    assert_eq!(began.elapsed().as_secs(), 300);
    assert!(house.stray_is_as_it_was());
    let late = house.hub.adopt(&house.guardian, house.adoption(id)).await;
    assert!(matches!(late, Err(HubError::NotSqueezed)));
    assert_eq!(n_adopted(&house).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_meeting_fails_for_the_reason_it_has() {
    let mut house = House::with_toy(Quirks::default()).await;
    let id = house.meet().await.id;
    house.until_meeting(id, MeetingState::Waiting).await;
    house.stray.drop_link();
    house.until_meeting(id, MeetingState::Failed(WhyNot::LinkLost)).await;

    let id = house.meet().await.id;
    house.stray.sleep();
    house.until_meeting(id, MeetingState::Failed(WhyNot::Unreachable)).await;

    house.stray.wake();
    house.stray.set_quirks(Quirks { silent: true, ..Quirks::default() });
    let id = house.meet().await.id;
    house.until_meeting(id, MeetingState::Failed(WhyNot::Silent)).await;
    let quirks = Quirks { silent_after_command: Some(0x0b), ..Quirks::default() };
    house.stray.set_quirks(quirks);
    let id = house.meet().await.id;
    house.until_meeting(id, MeetingState::Failed(WhyNot::Silent)).await;
    assert!(!house.stray.look().connected);
}

#[tokio::test(start_paused = true)]
async fn a_guardian_ends_a_meeting_at_any_moment() {
    let mut house = House::with_toy(Quirks::default()).await;
    let states = [MeetingState::Connecting, MeetingState::Waiting, MeetingState::Squeezed];
    for state in states {
        let id = house.meet().await.id;
        if state != MeetingState::Connecting {
            house.until_meeting(id, MeetingState::Waiting).await;
        }
        if state == MeetingState::Squeezed {
            house.stray.press_play();
        }
        house.until_meeting(id, state).await;

        house.hub.end_meeting(&house.guardian, id).await.unwrap();

        let ended = house.hub.meeting(&house.guardian, id).unwrap();
        assert_eq!(ended.state, MeetingState::Cancelled, "{state:?}");
        assert!(house.stray_is_as_it_was(), "{state:?}");
        // Once more is as good as once.
        house.hub.end_meeting(&house.guardian, id).await.unwrap();
        let late = house.hub.adopt(&house.guardian, house.adoption(id)).await;
        assert!(matches!(late, Err(HubError::NotSqueezed)));
    }
    assert_eq!(n_adopted(&house).await, 1);
    assert_eq!(house.stray.violations(), []);
}

#[tokio::test(start_paused = true)]
async fn another_meeting_ends_the_one_before() {
    let mut house = House::with_toy(Quirks::default()).await;
    let first = house.meet_and_squeeze().await;

    // It holds the toy still, so it is heard for some seconds only.
    let second = house.hub.meet(&house.guardian, STRAY).await.unwrap().id;
    house.until_meeting(second, MeetingState::Waiting).await;

    let ended = house.hub.meeting(&house.guardian, first).unwrap().state;
    assert_eq!(ended, MeetingState::Cancelled);
    house.stray.press_play();
    house.until_meeting(second, MeetingState::Squeezed).await;
    house.hub.adopt(&house.guardian, house.adoption(second)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_hub_that_stops_leaves_the_toy_as_it_was() {
    let mut house = House::with_toy(Quirks::default()).await;
    let id = house.meet().await.id;
    house.until_meeting(id, MeetingState::Waiting).await;

    house.stop_keepers().await;

    assert!(house.stray_is_as_it_was());
    assert!(matches!(house.hub.meet(&house.guardian, STRAY).await, Err(HubError::Stopping)));
}

#[tokio::test(start_paused = true)]
async fn only_a_toy_that_is_heard_and_nobodys_is_met() {
    let house = House::with_toy(Quirks::default()).await;
    sleep(Duration::from_secs(1)).await;

    let ours = house.hub.meet(&house.guardian, ADDRESS).await;
    let nobody = house.hub.meet(&house.guardian, ToyAddress([1; 6])).await;
    house.stray.sleep();
    sleep(Duration::from_secs(11)).await;
    let asleep = house.hub.meet(&house.guardian, STRAY).await;

    // Connected, it is heard for some seconds more.
    assert!(matches!(ours, Err(HubError::AlreadyAdopted | HubError::NotHeard)), "{ours:?}");
    assert!(matches!(nobody, Err(HubError::NotHeard)), "{nobody:?}");
    assert!(matches!(asleep, Err(HubError::NotHeard)), "{asleep:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refused_adoption_can_be_tried_again() {
    let mut house = House::with_toy(Quirks::default()).await;
    let id = house.meet().await.id;
    house.until_meeting(id, MeetingState::Waiting).await;
    let early = house.hub.adopt(&house.guardian, house.adoption(id)).await;
    house.stray.press_play();
    house.until_meeting(id, MeetingState::Squeezed).await;

    let mut unnamed = house.adoption(id);
    unnamed.name = " ".to_owned();
    let unnamed = house.hub.adopt(&house.guardian, unnamed).await;
    let mut nobodys = house.adoption(id);
    nobodys.child = ChildId::from_bytes([9; 16]);
    let nobodys = house.hub.adopt(&house.guardian, nobodys).await;
    house.hub.adopt(&house.guardian, house.adoption(id)).await.unwrap();
    let twice = house.hub.adopt(&house.guardian, house.adoption(id)).await;

    assert!(matches!(early, Err(HubError::NotSqueezed)), "{early:?}");
    assert!(matches!(unnamed, Err(HubError::BadName)), "{unnamed:?}");
    assert!(matches!(nobodys, Err(HubError::NoSuchChild)), "{nobodys:?}");
    assert!(matches!(twice, Err(HubError::NotSqueezed)), "{twice:?}");
    assert_eq!(n_adopted(&house).await, 2);
}

#[tokio::test(start_paused = true)]
async fn either_paw_will_do_and_the_child_is_not_fetched_from() {
    let mut house = House::with_toy(Quirks::default()).await;
    let id = house.meet().await.id;
    house.until_meeting(id, MeetingState::Waiting).await;

    house.stray.record(vec![0; 4_000], Duration::from_secs(2));
    house.until_meeting(id, MeetingState::Squeezed).await;
    house.hub.end_meeting(&house.guardian, id).await.unwrap();

    assert!(house.recordings().await.is_empty());
    assert!(!house.stray.look().has_recording, "a paw reports in game mode, and does not record");
}
