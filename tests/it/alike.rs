//! The crate's own toy answers as the transcripts say; `tests/bluez` holds an independent one against
//! the same.

#[path = "../alike/mod.rs"]
mod toys;

use toys::{Script, Simulated, follow, script};

#[test]
fn the_firmware_answers_as_every_transcript_says() {
    let scripts = script::all();

    let problems: Vec<String> = scripts
        .iter()
        .flat_map(|script| follow(script, &mut Simulated::new(&script.manner)).problems)
        .collect();

    assert!(20 < scripts.len());
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn a_toy_that_answers_otherwise_is_noticed() {
    let notices = |text: &str| {
        let script = Script::read("it", text).unwrap();
        follow(&script, &mut Simulated::new(&script.manner)).problems
    };
    let key_refused = "connect\nsubscribe state\n> command 00 01 ff*16\n";

    assert_eq!(
        notices("connect\n= volume 00 81"),
        ["it:2: Firmware: = volume 00 80, not = volume 00 81"]
    );
    assert_eq!(notices("connect\n= led 00"), ["it:2: Firmware: = led refused, not = led 00"]);
    assert_eq!(
        notices(&format!("{key_refused}< state 01\n! busy\nwait 400ms")),
        [
            "it:4: Firmware: < state 0f, not < state 01",
            "it:5: Firmware: ! key, not ! busy",
            "it:0: Firmware: < state 01, not silence",
        ]
    );
    assert_eq!(
        notices(&format!("{key_refused}quiet 10ms\n< state 01 after 2s")),
        [
            "it:4: Firmware: < state 0f, not silence",
            "it:5: Firmware: < state 01 too soon, not < state 01",
            "it:0: Firmware: ! key, not nothing more",
        ]
    );
    assert_eq!(
        notices("game 01\nslot 1 00\nheart 00*3 64 00\n< state 01"),
        [
            "it:1: Firmware: Game [00], not Game [01]",
            "it:2: Firmware: Slot(Slot(1)) [], not Slot(Slot(1)) [00]",
            "it:4: Firmware: nothing, not < state 01",
        ]
    );
}

#[test]
fn what_the_protocol_leaves_open_is_each_toys_own() {
    let text = "either\n= volume 00 80\nor\n= volume 00 01\nend\n= config \"0411_23_16_05_09\"";
    let script = Script::read("it", text).unwrap();

    let log = follow(&script, &mut Simulated::new(&script.manner));

    assert_eq!(log.problems, [""; 0]);
    assert_eq!(log.answers.len(), 2);
    assert_eq!(log.settled().len(), 1);
}

#[test]
fn a_transcript_that_cannot_be_read_says_where() {
    let error = |text: &str| Script::read("it", text).err();

    assert_eq!(error("connect\nfly"), Some("it:2: no such line: fly".to_owned()));
    assert_eq!(error("either\nwait 1s"), Some("it: either without end".to_owned()));
    assert_eq!(error("or"), Some("it:1: no such line: or".to_owned()));
    assert_eq!(error("= size 00"), Some("it:1: no characteristic size".to_owned()));
    assert!(error("> command 0g").is_some());
    assert!(error("wait 5").is_some());
    assert!(error("press ear").is_some());
}
