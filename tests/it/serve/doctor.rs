//! `hutch doctor`: what it says of a hub that is well, of one that is not there, and of a damaged one.

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::FileExt as _,
    process::Output,
};

use serde_json::Value;

use super::{Household, text};

fn examined(household: &Household, more: &[&str]) -> Output {
    household.command("doctor").args(more).output().unwrap()
}

/// Returns the verdicts on one subject.
fn verdicts(output: &Output, about: &str) -> Vec<String> {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().clone();
    let of = findings.iter().filter(|finding| finding["about"] == about);
    of.map(|finding| finding["verdict"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_hub_that_is_well_has_nothing_that_ails() {
    let household = Household::new();
    let hub = household.start();

    let output = examined(&household, &[]);

    let said = text(&output.stdout);
    assert!(output.status.success(), "{said}{}", text(&output.stderr));
    let (_, place) = hub.asked();
    assert!(said.contains(&place) && said.contains("Bluetooth works"), "{said}");
    let output = examined(&household, &["--json"]);
    for about in ["hub", "folder", "database", "certificate", "bluetooth"] {
        assert_eq!(verdicts(&output, about), ["good"], "{about}");
    }
    assert_eq!(verdicts(&output, "kernel").len(), 1);
    hub.stop();
}

#[test]
fn a_report_for_others_names_neither_addresses_nor_folders() {
    let household = Household::new();
    let hub = household.start();

    let output = examined(&household, &["--redact"]);

    let said = text(&output.stdout);
    assert!(said.contains("[left out]") && !said.contains("https://"), "{said}");
    assert!(!said.contains(household.dir.path().to_str().unwrap()), "{said}");
    hub.stop();
}

#[test]
fn without_a_hub_it_says_so_and_what_to_do() {
    let household = Household::new();

    let output = examined(&household, &[]);

    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stdout);
    assert!(said.contains("ails  no hub runs here\n      -> start it"), "{said}");
    // It looked, and made nothing.
    assert!(!household.state().exists());
}

#[test]
fn a_damaged_database_is_found_and_left_alone() {
    let household = Household::new();
    household.start().stop();
    let file = household.state().join("hutch.db");
    let page_of_a_table = 4_096 * 2;
    let database = OpenOptions::new().write(true).open(&file).unwrap();
    database.write_all_at(&[0xA5; 2_048], page_of_a_table).unwrap();
    let before = fs::read(&file).unwrap();

    let output = examined(&household, &["--json"]);

    assert_eq!(output.status.code(), Some(1));
    assert_eq!(verdicts(&output, "database"), ["ails"]);
    assert_eq!(fs::read(&file).unwrap(), before);
}
