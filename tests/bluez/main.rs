//! Hutch against a real bluetoothd, which drives an emulated adapter and hears emulated toys.
//!
//! Every test needs the guest of `guest/run-in-uml.sh`, so an ordinary run leaves all of them out;
//! `make test-bluez` runs them there, one after the other: they share one bluetoothd, and each puts
//! it right for itself with [`guest::begin`].
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod adapter;
mod adopts;
mod alike;
mod bluetoothd;
mod bus;
mod delivers;
mod guest;
mod harness;
mod house;
mod hub;
mod outages;
mod policy;
mod probes;
mod recovers;
mod strangers;
mod toy;
