//! What an owner of a toy would send, over a real bluetoothd.

use std::{
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use serde_json::json;

use crate::{guest, house::House, hub::Household};

const ADDRESS: &str = "C0:FF:EE:00:00:02";

/// Longer than a probe of a toy that nobody squeezes takes here.
const MANY_SQUEEZES: u32 = 400;

#[test]
#[ignore = "needs the guest: make test-bluez"]
fn the_transcript_of_a_toy_says_what_bluez_saw_of_it_and_the_toy_is_as_it_was() {
    let [_, toy, _] = guest::begin();
    let file = std::env::temp_dir().join("unheard.bin");
    let recording = House::recording(1_000);
    std::fs::write(&file, &recording).unwrap();
    assert!(toy.press_record(1.0, &file));
    toy.wait(json!({ "recording": recording.len() }));
    let mut household = Household::new("bluez");
    let hub = household.start();

    let mut owner = probe(&household.run());
    let mut n_squeezes = 0;
    while owner.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(500));
        if toy.state()["game_mode"] == true {
            toy.press_play();
        }
        n_squeezes += 1;
        assert!(n_squeezes < MANY_SQUEEZES, "it does not end; the hub's log: {}", hub.log());
    }
    let owner = owner.wait_with_output().unwrap();

    let said = String::from_utf8(owner.stderr).unwrap();
    assert!(owner.status.success(), "{said}");
    let transcript = String::from_utf8(owner.stdout).unwrap();
    for line in [
        "hutch-probe 1",
        "address: C0:FF:EE",
        "name: Cloud Pets A 1.0.15",
        "signal: -50 dBm",
        "advertised config: none",
        "mtu: 23",
        "offers: toy/0004 state read notify, as expected",
        "end: complete",
    ] {
        assert!(transcript.lines().any(|one| one == line), "no {line:?} in:\n{transcript}");
    }
    assert_eq!(transcript.matches(", as expected\n").count(), 8, "{transcript}");
    let count = format!("\nrecording: {} bytes in ", recording.len());
    for part in [
        &count,
        "\noffers: f000ffc0-",
        " wrote command: 0b 01, took ",
        " heard state: 19 PlayPaw\n",
        "inferred PRESS: 100 ms; seen state 19 for ",
        "\nrecording header: 4d 53 ",
    ] {
        assert!(transcript.contains(part), "no {part:?} in:\n{transcript}");
    }
    assert!(!transcript.contains("00:02"), "{transcript}");
    let state = toy.wait(json!({ "connected": false }));
    assert_eq!((&state["game_mode"], &state["config"]), (&json!(false), &json!("")));
    assert_eq!(toy.writes("config").len() + toy.writes("volume").len(), 0);
    let log = hub.log();
    assert!(log.contains("a probe has ended") && !log.contains("EE:00:00:02"), "{log}");
    hub.stop();
    assert_eq!(toy.violations(), [""; 0]);
}

/// The command, as an owner types it.
fn probe(run: &Path) -> std::process::Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hutch"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HUTCH_") {
            command.env_remove(name);
        }
    }
    command.args(["toy", "probe", ADDRESS, "--fetch", "--state"]).arg(run).arg("--run").arg(run);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}
