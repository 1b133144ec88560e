//! What systemd's watchdog hears of a hub.

use std::{thread, time::Duration};

use rusqlite::{Connection, TransactionBehavior};

use super::Household;

/// How soon the watchdog wants to hear something.
const WITHIN: Duration = Duration::from_secs(4);

#[test]
fn a_hub_that_is_well_says_so_and_one_that_cannot_write_does_not() {
    let household = Household::new();
    let hub = household.start_with(|command| {
        command.env("WATCHDOG_USEC", WITHIN.as_micros().to_string());
    });
    for _ in 0..3 {
        assert_eq!(hub.notified(), "WATCHDOG=1");
    }

    // Somebody holds the database: nothing can be written.
    let mut other = Connection::open(household.state().join("hutch.db")).unwrap();
    other.busy_timeout(WITHIN).unwrap();
    let held = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    // What was on its way already.
    thread::sleep(WITHIN / 4);
    hub.notified.set_nonblocking(true).unwrap();
    while hub.notified.recv(&mut [0; 64]).is_ok() {}
    thread::sleep(WITHIN);
    assert!(hub.notified.recv(&mut [0; 64]).is_err(), "it says that it is well");
    drop(held);

    // And it is well again.
    hub.notified.set_nonblocking(false).unwrap();
    assert_eq!(hub.notified(), "WATCHDOG=1");
    assert!(hub.log().contains("does not answer"), "{}", hub.log());
    hub.stop();
}
