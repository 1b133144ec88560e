//! What is not the toy that was adopted, as far as bluetoothd lets one see: it is told of, and nothing
//! is written to it.

use std::time::Duration;

use hutch::{
    hub::{Event, Presence},
    model::Sign,
};
use serde_json::json;
use tokio::time::sleep;

use crate::{
    guest::{self, aside},
    house::House,
};

/// Waits until a guardian is shown this sign, the gravest of all, and returns how often it was noted.
async fn until_sign(house: &House, sign: Sign) -> usize {
    let shown = async {
        // Whoever looks at the page has the hub listen.
        while house.hub.nearby(&house.guardian).await.unwrap().toys.is_empty()
            || house.hub.toys(&house.guardian).await.unwrap()[0].guard != Some(sign)
        {
            sleep(Duration::from_millis(200)).await;
        }
    };
    let in_time = tokio::time::timeout(guest::PATIENCE, shown).await;
    let heard = house.hub.nearby(&house.guardian).await.unwrap();
    assert!(in_time.is_ok(), "{sign:?} is not shown; heard: {heard:?}");
    let lines = house.hub.activity(&house.guardian, None, None, 100).await.unwrap().lines;
    let deed = format!("guard_{}", sign.word());
    lines.iter().filter(|line| line.deed == deed).count()
}

#[actix_web::test]
#[ignore = "needs the guest: make test-bluez"]
async fn a_clone_and_another_toy_at_the_same_address_are_told_of_and_not_written_to() {
    let [toy, clone, _] = aside(guest::begin).await;
    let mut house = House::with_toys(1).await;
    house.until_presence(0, Presence::Awake).await;

    // It has the identifier of the toy, and another address.
    aside(move || clone.set(json!({ "config": toy.state()["config"] }))).await;
    assert_eq!(until_sign(&house, Sign::SecondAddress).await, 1);
    let events = aside(move || clone.state()["events"].to_string()).await;
    assert!(!events.contains("connected to"), "{events}");

    // It has the address of the toy, and not all that the toy has.
    aside(move || toy.set(json!({ "oad": false }))).await;
    house.until("a guardian is told", |event| matches!(event, Event::Changed).then_some(())).await;
    assert_eq!(until_sign(&house, Sign::Table).await, 1);
    let n_writes = aside(move || toy.ask(json!({ "do": "writes" }))["next"].clone()).await;
    let message = house.send(0, 500).await;
    let n_connections = async || {
        let events = aside(move || toy.state()["events"].to_string()).await;
        events.matches("connected to").count()
    };
    let before = n_connections().await;
    while n_connections().await <= before {
        sleep(Duration::from_millis(200)).await;
    }
    sleep(Duration::from_secs(2)).await;

    assert_eq!(house.delivery(0, message).await.state.word(), "queued");
    assert_eq!(aside(move || toy.ask(json!({ "do": "writes" }))["next"].clone()).await, n_writes);
    assert_eq!(until_sign(&house, Sign::Table).await, 1, "once for all that looks the same");
    house.stop().await;
}
