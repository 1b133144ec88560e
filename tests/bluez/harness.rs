//! The guest itself, without Hutch: what fails here is not the product's fault.

use std::fs;

use serde_json::json;

use crate::{adapter, bluetoothd, guest, hub::Household, toy::Toy};

#[test]
#[ignore = "needs the guest: make test-bluez"]
fn the_guest_has_a_bluetoothd_and_a_toy() {
    let [toy, new, far] = guest::begin();

    assert_eq!(adapter::is_powered(), Some(true));
    let state = toy.state();
    assert_eq!(state["advertising"], true);
    assert_eq!(state["connected"], false);
    assert_eq!(state["config"], "0411_23_16_05_09");
    assert_eq!(new.state()["config"], "");
    assert_eq!(far.state()["address"], "C0:FF:EE:00:00:03");
    assert_eq!(toy.violations(), [""; 0]);
}

#[test]
#[ignore = "needs the guest: make test-bluez"]
fn bluetoothd_hears_and_reaches_the_toys() {
    let toys = guest::begin();
    let [toy, new, _] = toys;
    assert_eq!(bluetoothd::devices(), [""; 0]);

    adapter::scan(3);
    assert_eq!(bluetoothd::devices(), toys.map(Toy::object));
    bluetoothd::call(&toy.object(), "org.bluez.Device1.Connect", &[]).unwrap();

    assert_eq!(toy.wait(json!({ "connected": true }))["mtu"], 23);
    assert_eq!(new.state()["connected"], false);
    toy.lose();
    toy.wait(json!({ "connected": false, "advertising": true }));
    bluetoothd::call(&toy.object(), "org.bluez.Device1.Connect", &[]).unwrap();
    toy.disconnect();
    toy.wait(json!({ "connected": false }));
}

#[test]
#[ignore = "needs the guest: make test-bluez"]
fn a_toy_does_what_a_test_tells_it() {
    let [toy, new, _] = guest::begin();
    let recording: Vec<u8> = b"MS".iter().copied().chain(std::iter::repeat_n(7, 100)).collect();
    let file = std::env::temp_dir().join("recording.bin");
    fs::write(&file, &recording).unwrap();

    toy.set(json!({ "time_scale": 0.1 }));
    assert!(!toy.press_play(), "there is nothing to play");
    toy.sleep();
    toy.wait(json!({ "awake": false, "advertising": false }));
    assert!(toy.press_record(2.0, &file));
    toy.wait(json!({ "awake": true, "doing": "", "recording": 102 }));

    let slot = toy.slot(0);
    assert_eq!(slot.bytes, recording);
    assert_eq!(slot.n_clip_bytes, 102);
    assert!(slot.is_complete && slot.is_well_filled);
    assert_eq!(toy.states(), [2, 1]);
    assert_eq!(toy.writes("command").len(), 0);
    assert!(new.slot(0).bytes.is_empty());
    toy.fault(json!({ "refuse_key": true, "times": 1 }));
    assert_eq!(toy.state()["faults"]["refuse_key"]["times"], 1);
    toy.behave();
    assert_eq!(toy.state()["faults"], json!({}));
    assert!(toy.try_ask(json!({ "do": "fly" })).is_err());
    toy.sleep();
    toy.wake();
    toy.reset();
    assert!(toy.slot(0).bytes.is_empty());
}

#[actix_web::test]
#[ignore = "needs the guest: make test-bluez"]
async fn a_test_with_tasks_waits_for_a_toy() {
    let [toy, ..] = guest::aside(guest::begin).await;

    let asleep = guest::aside(move || toy.wait(json!({ "awake": false })));
    let sleep = guest::aside(move || toy.sleep());

    let (state, ()) = futures_util::join!(asleep, sleep);
    assert_eq!(state["awake"], false);
}

#[test]
#[ignore = "needs the guest: make test-bluez"]
fn bluetoothd_comes_and_goes() {
    let [toy, ..] = guest::begin();
    let times = if guest::is_long() { 10 } else { 1 };
    for end in [bluetoothd::kill, bluetoothd::stop].repeat(times) {
        end();
        assert_eq!(adapter::is_powered(), None);
        bluetoothd::start();
        guest::until("the adapter is powered", || adapter::is_powered() == Some(true));
    }

    bluetoothd::freeze();
    assert_eq!(adapter::is_powered(), None);
    bluetoothd::thaw();

    assert_eq!(adapter::is_powered(), Some(true));
    assert_eq!(toy.state()["advertising"], true);
}

#[test]
#[ignore = "needs the guest: make test-bluez"]
fn the_adapter_comes_and_goes() {
    let [toy, ..] = guest::begin();

    adapter::power(false);
    assert_eq!(adapter::is_powered(), Some(false));
    adapter::power(true);
    toy.set(json!({ "rssi": -70 }));
    adapter::remove();
    guest::until("bluetoothd has seen it go", || adapter::is_powered().is_none());
    adapter::bring_back();

    assert_eq!(adapter::is_powered(), Some(true));
    assert_eq!(toy.state()["advertising"], true);
    adapter::scan(2);
    assert!(bluetoothd::devices().contains(&toy.object()));
}

#[test]
#[ignore = "needs the guest: make test-bluez"]
fn a_hub_runs_in_the_guest() {
    let mut household = Household::new("none");

    let mut hub = household.start();
    let child =
        hub.post("/api/v1/children", &json!({ "name": "Mia", "animal": "bear", "color": "plum" }));
    let children =
        hub.until("/api/v1/children", |all| !all["children"].as_array().unwrap().is_empty());
    assert_eq!(children["children"][0]["id"], child["id"]);
    hub.confirm();
    hub.kill();
    let mut hub = household.start_with(|command| {
        command.env("HUTCH_LOG", "debug");
    });

    assert_eq!(hub.get("/api/v1/children"), children);
    let (status, _error) = hub.try_ask("POST", "/api/v1/children", "application/json", b"{");
    assert_eq!(status, 400);
    assert!(hub.log().contains("DEBUG"), "{}", hub.log());
    hub.stop();
}
