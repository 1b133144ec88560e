//! The whole loop by the hub's own page, as a household has it: a toy is met and adopted, a message
//! goes to it, is heard, and is answered.

use hutch::audio::{prepare, wav};
use serde_json::json;

use crate::{
    guest,
    house::{House, tone},
    hub::{Household, Hub},
    toy::Toy,
};

/// Meets a toy from the factory and adopts it for a child, and returns the child.
pub(crate) fn adopt(hub: &mut Hub, toy: Toy, name: &str) -> String {
    let mia = json!({ "name": "Mia", "animal": "dog", "color": "plum" });
    let child = hub.post("/api/v1/children", &mia)["id"].as_str().unwrap().to_owned();
    let address = toy.state()["address"].clone();
    let nearby = hub.until("/api/v1/radio", |radio| {
        radio["toys"].as_array().unwrap().iter().any(|toy| toy["address"] == address)
    });
    assert_eq!(nearby["state"], "works");

    let met = hub.post("/api/v1/meetings", &json!({ "address": address }));
    let meeting = format!("/api/v1/meetings/{}", met["id"].as_str().unwrap());
    hub.until(&meeting, |meeting| meeting["state"] == "waiting");
    assert_eq!(toy.state()["game_mode"], true);
    assert!(toy.press_play());
    hub.until(&meeting, |meeting| meeting["state"] == "squeezed");
    assert_eq!(toy.state()["game_mode"], false);
    let adopted = hub.post(
        "/api/v1/toys",
        &json!({ "meeting": met["id"], "child": child, "name": name, "character": "dog" }),
    );
    assert_eq!(adopted["character"], "dog");
    let config = toy.state()["config"].as_str().unwrap().to_owned();
    assert!(config.starts_with("02") && config.len() == 16, "{config}");
    child
}

/// Sends a message to the child's toy, which plays it, and has the child answer for as long.
pub(crate) fn say_and_hear(hub: &mut Hub, toy: Toy, child: &str, length_ms: u32) {
    let spoken = wav::write(&tone(16_000, length_ms));
    hub.ask("POST", &format!("/api/v1/children/{child}/messages"), "audio/wav", &spoken);
    let items = format!("/api/v1/children/{child}/items");
    let n_items = hub.get(&items)["items"].as_array().unwrap().len();
    hub.until(&items, |all| all["items"][0]["delivery"]["state"] == "on_toy");
    let slot = toy.slot(1);
    let clip = prepare(&wav::read(&spoken).unwrap()).unwrap();
    let clip = hutch::audio::Clip::encode(&clip).unwrap().into_bytes();
    assert!(slot.bytes[..slot.n_clip_bytes] == clip[..], "the toy holds something else");
    assert!(toy.press_play());
    hub.until(&items, |all| all["items"][0]["delivery"]["state"] == "heard");

    let file = std::env::temp_dir().join(format!("answer-{length_ms}.bin"));
    std::fs::write(&file, House::recording(length_ms)).unwrap();
    assert!(toy.press_record(f64::from(length_ms) / 1_000.0, &file));
    let all = hub.until(&items, |all| n_items < all["items"].as_array().unwrap().len());
    let answers = all["items"].as_array().unwrap();
    let answer = answers.iter().find(|item| item["delivery"].is_null()).unwrap();
    assert_eq!(answer["length_ms"], House::recorded_ms(length_ms));
    let sound = hub.bytes(&format!("/api/v1/items/{}/sound", answer["id"].as_str().unwrap()));
    assert_eq!(&sound[..4], b"OggS");
}

#[test]
#[ignore = "needs the guest: make test-bluez"]
fn a_toy_from_the_factory_is_adopted_and_carries_a_message_and_an_answer() {
    let [_, toy, _] = guest::begin();
    toy.set(json!({ "time_scale": 0.2 }));
    let mut household = Household::new("bluez");
    let mut hub = household.start();

    let child = adopt(&mut hub, toy, "Diesel");
    say_and_hear(&mut hub, toy, &child, 1_500);

    hub.stop();
    toy.wait(json!({ "connected": false }));
    assert_eq!(toy.violations(), [""; 0]);
}
