//! What the hub needs of the computer goes and comes back: the bus, the adapter, the computer itself.

use std::{fs, path::PathBuf, process::Command, thread, time::Duration};

use hutch::{
    hub::Presence,
    radio::{Radio as _, RadioState},
};
use rustix::process::Signal;
use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::{
    adapter, adopts, bluetoothd, bus,
    guest::{self, aside},
    house::House,
    hub::Household,
};

/// How long the hub may take to work again once what it needs is back.
const BACK_WITHIN: Duration = Duration::from_secs(15);

const RADIO: &str = "/api/v1/radio";

#[test]
#[ignore = "needs the guest: make test-bluez"]
fn a_system_bus_that_comes_late_or_again_is_used_without_a_restart() {
    let [_, toy, _] = guest::begin();
    toy.set(json!({ "time_scale": 0.05 }));
    bus::kill();
    let mut household = Household::new("bluez");

    // It has a page, which says what is missing.
    let mut hub = household.start();
    hub.until(RADIO, |radio| radio["state"] == "no_bus");
    assert!(hub.log().contains("D-Bus"), "{}", hub.log());
    bus::start();
    hub.until(RADIO, |radio| radio["state"] == "no_daemon");
    bluetoothd::start();
    hub.until(RADIO, |radio| radio["state"] == "works");
    let child = adopts::adopt(&mut hub, toy, "Diesel");

    bus::kill();
    hub.until(RADIO, |radio| radio["state"] == "no_bus");
    hub.until("/api/v1/toys", |all| all["toys"][0]["presence"] != "awake");
    bus::start();
    bluetoothd::start();
    hub.until(RADIO, |radio| radio["state"] == "works");
    adopts::say_and_hear(&mut hub, toy, &child, 500);

    // The computer sleeps for an hour: nothing of it runs, and meanwhile the toy goes.
    let stopped = [hub.pid(), bluetoothd::pid(), adapter::pid()];
    toy.sleep();
    for pid in stopped {
        rustix::process::kill_process(pid, Signal::STOP).unwrap();
    }
    thread::sleep(Duration::from_secs(2));
    let clock = Ahead::by_an_hour();
    for pid in stopped {
        rustix::process::kill_process(pid, Signal::CONT).unwrap();
    }
    // Asleep, or out of reach if the hub noticed that it went and had begun to look for it.
    hub.until("/api/v1/toys", |all| {
        ["asleep", "unreachable"].contains(&all["toys"][0]["presence"].as_str().unwrap())
    });
    hub.until(RADIO, |radio| radio["state"] == "works");
    toy.wake();
    adopts::say_and_hear(&mut hub, toy, &child, 700);
    drop(clock);
    hub.stop();
}

/// The guest's clock, ahead until this is dropped: the next test wants the right time.
struct Ahead;

impl Ahead {
    fn by_an_hour() -> Self {
        set_clock_by(3_600);
        Self
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        set_clock_by(-3_600);
    }
}

fn set_clock_by(seconds: i64) {
    let to = format!("{seconds} seconds");
    assert!(Command::new("date").args(["-s", &to]).output().unwrap().status.success());
}

#[actix_web::test]
#[ignore = "needs the guest: make test-bluez"]
async fn another_adapter_is_used_when_the_first_goes_unless_one_was_chosen() {
    let [toy, ..] = aside(guest::begin).await;
    let peer = async |toy: crate::toy::Toy| aside(move || toy.state()["peer"].clone()).await;
    let mut house = House::with_adapter(1, None).await;
    house.until_presence(0, Presence::Awake).await;
    let first = peer(toy).await;

    // What comes meanwhile changes nothing.
    aside(|| adapter::plug(1)).await;
    sleep(Duration::from_secs(3)).await;
    assert_eq!(peer(toy).await, first);
    aside(|| adapter::unplug(0)).await;
    house.until_presence(0, Presence::Asleep).await;
    house.until_presence(0, Presence::Awake).await;
    house.until_radio(BACK_WITHIN, RadioState::Works).await;
    assert_ne!(peer(toy).await, first);
    let message = house.send(0, 500).await;
    house.until_state(0, message, "on_toy").await;
    house.stop().await;

    // The other one is there, and was not chosen; by its address it is.
    let mut house = House::with_adapter(1, Some("hci0")).await;
    house.until_radio(BACK_WITHIN, RadioState::NoAdapter).await;
    sleep(Duration::from_secs(3)).await;
    assert_eq!(house.radio_state(), RadioState::NoAdapter);
    assert!(peer(toy).await.is_null());
    aside(|| adapter::plug(0)).await;
    house.until_presence(0, Presence::Awake).await;
    assert_eq!(peer(toy).await, first);
    house.stop().await;
    aside(move || toy.wait(json!({ "connected": false, "advertising": true }))).await;
    let mut house = House::with_adapter(1, Some(adapter::ADDRESSES[1])).await;
    house.until_presence(0, Presence::Awake).await;
    assert_ne!(peer(toy).await, first);
    house.stop().await;
}

#[test]
#[ignore = "needs the guest: make test-bluez"]
fn an_adapter_that_takes_no_command_is_switched_once_and_used_when_it_does() {
    let [_toy, ..] = guest::begin();
    let mut household = Household::new("bluez");
    let hub = household.start();
    // Nobody has it listen yet.
    guest::until("the adapter works", || hub.log().contains("Bluetooth works"));

    adapter::set_deaf(true);
    hub.until(RADIO, |radio| radio["state"] == "stuck");
    assert_eq!(hub.log().matches("it is switched off and on").count(), 1, "{}", hub.log());
    for _ in 0..20 {
        assert_ne!(hub.get(RADIO)["state"], "works");
        thread::sleep(Duration::from_millis(500));
    }
    assert_eq!(hub.log().matches("it is switched off and on").count(), 1, "{}", hub.log());
    adapter::set_deaf(false);

    hub.until(RADIO, |radio| {
        radio["state"] == "works" && !radio["toys"].as_array().unwrap().is_empty()
    });
    hub.stop();
}

/// Where the kernel keeps the switch of the first adapter.
fn switch() -> PathBuf {
    let all = fs::read_dir("/sys/class/bluetooth/hci0").unwrap();
    let mut names = all.map(|entry| entry.unwrap().path());
    let is_switch =
        |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("rfkill");
    names.find(is_switch).unwrap().join("soft")
}

#[actix_web::test]
#[ignore = "needs the guest: make test-bluez"]
async fn an_adapter_that_was_blocked_is_said_to_be_off_and_used_again() {
    let [_toy, ..] = aside(guest::begin).await;
    let mut house = House::with_toys(1).await;
    house.until_presence(0, Presence::Awake).await;

    aside(|| fs::write(switch(), "1").unwrap()).await;
    house.until_radio(BACK_WITHIN, RadioState::Off).await;
    house.until_presence(0, Presence::Asleep).await;
    // However often it is tried, and not even for a moment.
    let mut states = house.radio.state();
    let is_else = states.wait_for(|state| *state != RadioState::Off);
    let was = timeout(Duration::from_secs(6), is_else).await.map(|state| *state.unwrap());
    assert!(was.is_err(), "{was:?}");
    aside(|| fs::write(switch(), "0").unwrap()).await;

    house.until_radio(BACK_WITHIN, RadioState::Works).await;
    house.until_presence(0, Presence::Awake).await;
    house.stop().await;
}
