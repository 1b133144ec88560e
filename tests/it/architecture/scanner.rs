//! What the rules find, and what they leave alone.

use super::*;

/// Returns what the rules say about this source, without file and line.
fn complaints(file: &str, text: &str) -> Vec<String> {
    let of = |sentence: String| sentence.split_once(' ').unwrap().1.to_owned();
    violations(file, text).into_iter().map(of).collect()
}

#[track_caller]
fn assert_found(file: &str, text: &str, wanted: &str) {
    let found = complaints(file, text);
    assert!(found.iter().any(|f| f.contains(wanted)), "{text:?} in {file}: {found:?}");
}

#[track_caller]
fn assert_clean(file: &str, text: &str) {
    assert_none(&violations(file, text));
}

#[test]
fn reads_paths_in_every_spelling() {
    assert_found("src/toy/wire.rs", "use crate::hub::Hub;", "crate::hub::Hub");
    assert_found(
        "src/toy/wire.rs",
        "use crate::{model::Slot, store::{self, items}};",
        "crate::store::items",
    );
    assert_found("src/toy/wire.rs", "use super::super::store::items;", "crate::store::items");
    assert_found("src/toy/mod.rs", "use super::store;", "crate::store");
    assert_found("src/toy/wire.rs", "pub(crate) use crate::store as keep;", "crate::store");
    assert_found(
        "src/toy/wire.rs",
        "fn f() { crate::store::items::find(); }",
        "crate::store::items::find",
    );
    assert_found(
        "src/toy/wire.rs",
        "mod a { fn f() { super::super::super::store::x(); } }",
        "crate::store::x",
    );
    assert_found("src/toy/wire.rs", "println!(\"{}\", crate::store::X);", "crate::store::X");
    assert_found("src/main.rs", "fn main() { hutch::store::open(); }", "crate::store::open");
}

#[test]
fn knows_the_line() {
    let found = violations("src/toy/wire.rs", "/* one\ntwo */\n\nuse crate::store;");

    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("src/toy/wire.rs:4 "), "{found:?}");
}

#[test]
fn is_not_fooled_by_comments_strings_and_lifetimes() {
    assert_clean("src/toy/wire.rs", "// use crate::store;\n/* crate::store::x /* */ std::fs */");
    assert_clean("src/toy/wire.rs", "const A: &str = \"crate::store::x \\\" std::fs::read\";");
    assert_clean("src/toy/wire.rs", "const A: &str = r#\"crate::store::x \" std::fs\"#;");
    assert_clean("src/toy/wire.rs", "fn f<'a>(x: &'a str) -> char { '\"' }");
    assert_found(
        "src/toy/wire.rs",
        "fn f<'a>(x: &'a str) { let q = '\"'; std::fs::read(x); }",
        "std::fs",
    );
    assert_found("src/toy/wire.rs", "const Q: u8 = b'\\''; use std::fs;", "std::fs");
    assert_found("src/toy/wire.rs", "fn r#use() {} use std::fs;", "std::fs");
}

#[test]
fn lets_tests_import_what_they_like() {
    assert_clean("src/toy/wire.rs", "#[cfg(test)]\nmod tests { use std::fs; use crate::store; }");
    assert_clean("src/toy/wire.rs", "#[cfg(test)] use crate::store;");
    assert_found("src/toy/wire.rs", "#[cfg(test)] mod tests { fn f() {} } use std::fs;", "std::fs");
    assert_found("src/toy/wire.rs", "#[cfg(test)] mod tests; use std::fs;", "std::fs");
    assert_eq!(
        Source::read("src/toy/mod.rs", "#[cfg(test)]\nmod tests;").test_modules,
        [["toy", "tests"].map(str::to_owned).to_vec()]
    );
}

#[test]
fn keeps_the_pure_layers_pure() {
    assert_found("src/audio/wav.rs", "use std::{fmt, fs::File, io};", "this layer is pure");
    assert_found(
        "src/model/time.rs",
        "use std::time::{Duration, SystemTime};",
        "this layer is pure",
    );
    assert_found("src/seal/mod.rs", "use tokio as runtime;", "this layer is pure");
    assert_found(
        "src/toy/session.rs",
        "use std::time::Instant; fn f() { Instant::now(); }",
        "this layer is pure",
    );
    assert_found(
        "src/toy/session.rs",
        "use std::time; fn f() { time::Instant::now(); }",
        "this layer is pure",
    );
    assert_clean("src/toy/session.rs", "use std::time::{Duration, Instant}; fn f(now: Instant) {}");
    assert_clean("src/store/mod.rs", "use std::fs;");
}

#[test]
fn keeps_dependencies_where_they_belong() {
    assert_found("src/hub/mod.rs", "fn f() -> anyhow::Result<()> {}", "only main, cli, daemon may");
    assert_found("src/hub/mod.rs", "use rusqlite::Transaction;", "only store may");
    assert_clean("src/cli/mod.rs", "use anyhow::Context as _;");
    assert_clean("src/audio/opus.rs", "use opus::Encoder;");
}

#[test]
fn keeps_the_household_key_from_keepers() {
    let why = "a keeper runs with nobody signed in";
    assert_found("src/hub/keeper.rs", "use crate::seal::household::HouseholdKey;", why);
    assert_found(
        "src/hub/keeper.rs",
        "use crate::seal; fn f(k: seal::household::HouseholdKey) {}",
        why,
    );
    assert_found("src/hub/keeper/mailbox.rs", "use super::super::Guardian;", why);
    assert_found("src/hub/keeper.rs", "use super::{Guardian, Hub};", why);
    assert_clean("src/hub/keeper.rs", "use crate::seal::device::DeviceKey;");
    assert_clean("src/hub/accounts/setup.rs", "use crate::seal::household::HouseholdKey;");
    assert_found("src/seal/mod.rs", "mod household; pub use household::HouseholdKey;", "one path");
    assert_found(
        "src/hub/mod.rs",
        "pub use crate::seal::household::HouseholdKey as Key;",
        "one path",
    );
}

#[test]
fn keeps_the_household_key_from_relatives_and_the_outbox_from_all_but_approval() {
    let why = "a relative";
    for file in ["accounts/relative", "items", "messages", "children"] {
        let file = format!("src/hub/{file}.rs");
        assert_found(&file, "use crate::seal::household::HouseholdKey;", why);
        assert_found(&file, "use crate::seal; fn f(k: &seal::household::HouseholdKey) {}", why);
    }
    assert_found("src/hub/accounts/relative.rs", "use super::keys::OwnKey;", why);
    let outbox = "use crate::store::{deliveries, outbox};";
    assert_found("src/hub/messages.rs", outbox, "only approval fills the outbox");
    assert_clean("src/hub/approval.rs", outbox);
}

#[test]
fn grants_no_more_than_the_arrow_says() {
    assert_clean("src/store/items.rs", "use crate::seal::{Sealed, SealedKey};");
    assert_found("src/store/items.rs", "use crate::seal::ContentKey;", "`store` may name");
    assert_found("src/store/items.rs", "use crate::seal;", "`store` may name");
    assert_found(
        "src/hub/mod.rs",
        "use crate::radio::{Radio, sim::SimRadio};",
        "the daemon decides",
    );
    assert_found("src/attic.rs", "use crate::model::Slot;", "no row in the table");
}

#[test]
fn hears_the_command_that_listens() {
    let what = "microphone";
    assert_found("src/toy/wire.rs", "const A: [u8; 2] = [0x08, 0x02];", what);
    assert_found("src/hub/keeper.rs", "f(&[0x08u8,\n 0x02_u8]);", what);
    assert_found("src/hub/keeper.rs", "f(b\"\\x08\\x02\");", what);
    assert_found("src/hub/keeper.rs", "f(0x0802_u16.to_be_bytes());", what);
    assert_clean("src/toy/firmware.rs", "const A: [u8; 2] = [0x08, 0x02];");
    assert_clean("src/toy/wire.rs", "const A: [u8; 3] = [0x08, 0x00, 0x02];");
}
