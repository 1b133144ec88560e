//! The whole way over a real bluetoothd: a message to the toy, a paw, a recording home.

use hutch::hub::Presence;
use serde_json::json;

use crate::{
    guest::{self, aside},
    house::House,
};

/// On and off twice a second, as it was written.
const HEART_BLINKS: &str = "02f4016400";

#[actix_web::test]
#[ignore = "needs the guest: make test-bluez"]
async fn a_message_reaches_the_toy_and_is_heard_and_a_recording_comes_home() {
    let [toy, ..] = aside(guest::begin).await;
    aside(move || toy.set(json!({ "time_scale": 0.2 }))).await;
    let mut house = House::with_toys(1).await;
    house.until_presence(0, Presence::Awake).await;

    let message = house.send(0, 1_500).await;
    house.until_state(0, message, "on_toy").await;
    let slot = aside(move || toy.slot(1)).await;
    let clip = House::clip(1_500);
    assert!(slot.bytes[..slot.n_clip_bytes] == clip[..], "the toy holds something else");
    assert!(slot.is_complete && slot.is_well_filled);
    aside(move || toy.wait(json!({ "led": HEART_BLINKS }))).await;

    assert!(aside(move || toy.press_play()).await);
    house.until_state(0, message, "heard").await;

    let spoken = House::recording(2_000);
    let file = std::env::temp_dir().join("spoken.bin");
    std::fs::write(&file, &spoken).unwrap();
    assert!(aside(move || toy.press_record(2.0, &file)).await);
    house.until_item().await;

    let recordings = house.recordings(0).await;
    assert_eq!(recordings.len(), 1);
    assert_eq!(recordings[0].length_ms, House::recorded_ms(2_000));
    house.stop().await;
    assert_eq!(aside(move || toy.violations()).await, [""; 0]);
}
