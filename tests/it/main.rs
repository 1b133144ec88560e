//! All integration tests in one binary, so that the crate is linked once.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod account_cli;
mod accounts;
mod activity;
mod adopt;
mod alike;
mod amounts;
mod architecture;
mod attacks;
mod audio_cli;
mod backup;
mod care;
mod cmd;
mod erase;
mod first_page;
mod fuzz_bodies;
mod health;
mod house;
mod http_assets;
mod http_entry;
mod http_events;
mod http_guard;
mod http_items;
mod http_routes;
mod http_schema;
mod http_server;
mod http_sounds;
mod http_trust;
mod http_upload;
mod keeper;
mod keeper_faults;
mod keeper_quiet;
mod keeper_room;
mod kills;
mod later;
mod notes;
mod once;
mod pictures;
mod probe;
mod real_files;
mod relatives;
mod rules;
mod security_table;
mod serve;
mod slots;
mod support;
mod units;
