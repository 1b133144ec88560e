use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::{
    model::ToyAddress,
    toy::{
        session::Request,
        wire::{Characteristic, Command, Offer, SERVICE, ToyState},
    },
};

fn epoch() -> Instant {
    #[allow(clippy::disallowed_methods, reason = "only distances from it are ever looked at")]
    Instant::now()
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn heard(name: &str, config: Option<&[u8]>) -> Advertised {
    Advertised {
        address: Kept::address(ToyAddress([0xC0, 0xFF, 0xEE, 0xAB, 0xCD, 0xEF])),
        name: Kept::name(name),
        signal_dbm: Some(-61),
        config: config.map(|bytes| Kept::value(Characteristic::Config, bytes)),
        has_service: Some(true),
    }
}

fn name(name: &str) -> String {
    Kept::name(name).to_string()
}

#[test]
fn a_name_is_kept_if_it_is_the_makers_and_in_its_shape_if_not() {
    assert_eq!(name("CloudPets B 1.0.19"), "CloudPets B 1.0.19");
    assert_eq!(name("Cloud Pets A 1.0.15"), "Cloud Pets A 1.0.15");
    assert_eq!(name("CloudPets"), "CloudPets");
    assert_eq!(name("CloudPets of Mia 2"), "CloudPets aa Aaa 9");
    assert_eq!(name("CloudPets B 1.0.4915551234"), "CloudPets A 9.9.9999999999");
    assert_eq!(name("CloudPets B 1.0.19 Mia"), "CloudPets A 9.9.99 Aaa");
    assert_eq!(name("Mia's \u{1b}[2Jtoy"), "Aaa?a ??9Aaaa");
    assert_eq!(name(&"x".repeat(999)), "a".repeat(32));
    assert_eq!(name(""), "empty");
}

#[test]
fn an_identifier_is_kept_in_its_shape_and_an_address_without_its_half() {
    let config = |bytes: &[u8]| Kept::value(Characteristic::Config, bytes).to_string();

    assert_eq!(config(b"0311_23_16_05_09"), "9999_99_99_99_99 (16 bytes)");
    assert_eq!(config(b"MiaSmith"), "AaaAaaaa (8 bytes)");
    assert_eq!(config(&[0xff; 3]), "??? (3 bytes)");
    assert_eq!(config(b""), "empty (0 bytes)");
    let address = ToyAddress([0xC0, 0xFF, 0xEE, 0xAB, 0xCD, 0xEF]);
    assert_eq!(Kept::address(address).to_string(), "C0:FF:EE");
}

#[test]
fn values_are_kept_as_far_as_they_have_a_meaning() {
    let value = |of, bytes: &[u8]| Kept::value(of, bytes).to_string();

    assert_eq!(value(Characteristic::State, &[4]), "4 UnplayedRecording");
    assert_eq!(value(Characteristic::State, &[77, 1, 2]), "77, and 2 bytes");
    assert_eq!(value(Characteristic::State, &[]), "0 bytes");
    let request = [0xe8, 3, 1, 0, 9];
    let expected = "requested 1000, transferred 1, and 1 byte";
    assert_eq!(value(Characteristic::DataRequest, &request), expected);
    assert_eq!(value(Characteristic::Volume, &[0, 128]), "level 128");
    assert_eq!(value(Characteristic::Volume, &[1, 2, 3]), "3 bytes");
    assert_eq!(value(Characteristic::Led, b"Mia"), "3 bytes");
    assert_eq!(Kept::written(Characteristic::Command, &[0x0b, 1]).to_string(), "0b 01");
    assert_eq!(Kept::written(Characteristic::Config, b"0311_23_16_05_09").to_string(), "16 bytes");
    assert_eq!(Kept::written(Characteristic::Command, &[1; 18]).to_string(), "18 bytes");
}

#[test]
fn an_offer_of_ours_is_compared_and_of_another_the_first_group_is_kept() {
    let offer = |service, characteristic, properties| {
        Kept::offer(&Offer { service, characteristic, properties }).to_string()
    };
    let state = Characteristic::State.uuid();

    assert_eq!(offer(SERVICE, state, 0x12), "toy/0004 state read notify, as expected");
    assert_eq!(offer(SERVICE, state, 0x32), "toy/0004 state read notify indicate, not as expected");
    let battery = 0x0000_180f_0000_1000_8000_0080_5f9b_34fb;
    assert_eq!(offer(battery, battery + (0xa_u128 << 96), 2), "180f/1819 read");
    let other = 0xf000_ffc1_0451_4000_b000_aabb_ccdd_eeff;
    assert_eq!(
        offer(other, other, 0x0c),
        "f000ffc1-\u{2026}/f000ffc1-\u{2026} write write-without-response"
    );
}

/// Sentences that must not get out, at every place where a toy can say something.
#[test]
fn nothing_that_identifies_and_no_sound_is_in_a_transcript() {
    let now = epoch();
    let secret = b"Mia Smith 4915551234";
    let mut trace = Trace::new(heard("Mia Smith 4915551234", Some(secret)));
    trace.connected(ms(310), 1, now);
    let (service, characteristic) =
        (u128::from_be_bytes(*b"\xf0\0\xff\xc1Mia Smith 49"), u128::MAX);
    trace.found(&[0; 32], &[Offer { service, characteristic, properties: 2 }]);
    for of in Characteristic::ALL {
        trace.read(of, secret, now, now);
        trace.wrote(of, secret, now, now);
        trace.notified(of, secret, now);
    }
    trace.writes(Characteristic::Command, &Command::Download.encode(), now);
    // A header of 32 bytes; what comes after it is a child's voice, in pieces of any size.
    let header: Vec<u8> = (0x60..0x80).collect();
    let voice: Vec<u8> = (0xa0..=0xaf_u8).cycle().take(2_000).collect();
    let recording = [header, voice].concat();
    for piece in recording.chunks(7) {
        trace.notified(Characteristic::ReceiveAudio, piece, now);
    }
    trace.ready(Some(23), now);
    trace.failed("the link broke", now);

    let text = trace.transcript("0", End::LinkLost);

    let lower = text.to_lowercase();
    for word in ["mia", "smith", "4915551234", "491555", "4d 69 61", "4d6961", "ab:cd", "abcdef"] {
        assert!(!lower.contains(word), "{word}: {text}");
    }
    let header = (0x60..0x80).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    assert!(text.contains(&format!("\nrecording header: {header}\n")), "{text}");
    for byte in 0xa0..=0xaf_u8 {
        assert!(!lower.contains(&format!(" {byte:02x} ")), "{byte:02x}: {text}");
    }
    assert!(text.contains("\nrecording: 2032 bytes in 291 notifications"), "{text}");
}

proptest! {
    /// Whatever a toy says: each line is of ASCII but for the sign of what was left away, bounded, and
    /// holds no run of its bytes beyond a header's.
    #[test]
    fn any_bytes_from_a_toy_leave_a_transcript_of_plain_lines(
        said in prop::collection::vec((0..8_usize, prop::collection::vec(any::<u8>(), 0..600)), 0..60),
        name in "\\PC{0,80}",
        download in any::<bool>(),
    ) {
        let now = epoch();
        let mut trace = Trace::new(heard(&name, Some(name.as_bytes())));
        trace.connected(ms(1), 1, now);
        if download {
            trace.writes(Characteristic::Command, &Command::Download.encode(), now);
        }
        for (of, bytes) in &said {
            trace.notified(Characteristic::ALL[*of], bytes, now);
            trace.read(Characteristic::ALL[*of], bytes, now, now);
            trace.new_states();
        }

        let text = trace.transcript("0", End::Complete);

        prop_assert!(text.ends_with("\nend: complete\n"));
        for line in text.lines() {
            let is_plain = |letter| letter == '\u{2026}' || (' '..='~').contains(&letter);
            prop_assert!(line.chars().all(is_plain));
            prop_assert!(line.len() < 5_000);
        }
        let n_headers = text.lines().filter(|line| line.starts_with("recording header: ")).count();
        prop_assert!(n_headers <= usize::from(download));
        for line in text.lines().filter(|line| line.starts_with("recording header: ")) {
            prop_assert!(line.len() <= "recording header:".len() + 3 * 32);
        }
    }
}

#[test]
fn a_toy_that_chatters_fills_no_memory() {
    let now = epoch();
    let mut trace = Trace::new(heard("CloudPets", None));
    trace.connected(ms(1), 1, now);
    for n in 0..5_000_u16 {
        trace.notified(Characteristic::State, &[if n % 2 == 0 { 18 } else { 1 }], now);
    }

    let text = trace.transcript("0", End::Stopped);

    assert!(text.contains("\nleft out: 3000 lines\n"));
    assert!(text.contains("state 18 for 0 ms, and 988 more\n"), "{text}");
    assert!(text.lines().all(|line| line.len() < 500));
    assert!(text.lines().count() < 2_100);
    assert_eq!(trace.new_states().len(), 2_000);
}

/// What is in the module of what is inferred, in its order.
fn inferred() -> Vec<&'static str> {
    let lines = include_str!("../inferred.rs").lines();
    let names = lines.filter_map(|line| line.strip_prefix("pub const ")?.split(':').next());
    names.collect()
}

#[test]
fn a_transcript_says_of_all_that_is_inferred_what_was_seen() {
    let findings = findings::of(&Trace::new(heard("CloudPets", None)));

    let mut named: Vec<&str> = findings.iter().map(|finding| finding.name).collect();
    let mut inferred = inferred();
    assert!(20 < inferred.len());
    named.sort_unstable();
    inferred.sort_unstable();
    assert_eq!(named, inferred);
}

/// The whole, so that a change of it is a decision: whoever has transcripts reads this.
#[test]
fn a_transcript_looks_like_this() {
    let now = epoch();
    let mut trace = Trace::new(heard("CloudPets B 1.0.19", Some(b"0311_23_16_05_09")));
    for n in 0..3 {
        trace.advertised(now + ms(n * 900));
    }
    let at = now + ms(5_000);
    trace.connected(ms(310), 2, at);
    let uuid = Characteristic::State.uuid();
    let state = Offer { service: SERVICE, characteristic: uuid, properties: 0x12 };
    let led = Offer { characteristic: Characteristic::Led.uuid(), properties: 2, ..state };
    trace.found(&[0xab; 32], &[led, state]);
    trace.read(Characteristic::Config, b"0311_23_16_05_09", at, at + ms(8));
    trace.subscribed(Characteristic::State, at + ms(8), at + ms(16));
    trace.read(Characteristic::State, &[1], at + ms(16), at + ms(24));
    trace.read(Characteristic::Volume, &[0, 128], at + ms(24), at + ms(32));
    trace.ready(Some(23), at + ms(32));
    trace.told(Tell::Heart, at + ms(32));
    trace.wrote(Characteristic::Led, &[1, 0, 0, 0x64, 0], at + ms(32), at + ms(45));
    trace.wrote(Characteristic::Command, &[0x0b, 1], at + ms(2_000), at + ms(2_015));
    trace.told(Tell::Play, at + ms(2_015));
    trace.notified(Characteristic::State, &[19], at + ms(3_000));
    trace.notified(Characteristic::State, &[19], at + ms(3_050));
    trace.notified(Characteristic::State, &[1], at + ms(3_120));
    let download = Command::Download.encode();
    trace.writes(Characteristic::Command, &download, at + ms(9_000));
    trace.notified(Characteristic::State, &[7], at + ms(9_006));
    trace.wrote(Characteristic::Command, &download, at + ms(9_000), at + ms(9_011));
    for (n, len) in [(0, 20), (10, 20), (40, 7)] {
        trace.notified(Characteristic::ReceiveAudio, &vec![0x4d; len], at + ms(9_020 + n));
    }
    trace.notified(Characteristic::DataRequest, &[0, 0, 47, 0], at + ms(9_070));
    trace.told(Tell::Wait(ms(60_000)), at + ms(9_100));
    trace.let_go(false, at + ms(69_100));

    let text = trace.transcript("0.1.0", End::Complete);

    let (log, rest) = text.split_once("inferred FALLS_ASLEEP_AFTER").unwrap();
    let header = vec!["4d"; 32].join(" ");
    let expected = format!(
        "hutch-probe 1\n\
         hutch: 0.1.0\n\
         address: C0:FF:EE\n\
         name: CloudPets B 1.0.19\n\
         signal: -61 dBm\n\
         advertised config: 9999_99_99_99_99 (16 bytes)\n\
         advertised service: yes\n\
         advertised every: 900/900/900 ms\n\
         connected: after 310 ms, at try 2\n\
         ready: after 32 ms\n\
         mtu: 23\n\
         table: abababababababab\n\
         offers: toy/0004 state read notify, as expected\n\
         offers: toy/0007 led read, not as expected\n\
         +0 read config: 9999_99_99_99_99 (16 bytes), took 8 ms\n\
         +8 subscribed state, took 8 ms\n\
         +16 read state: 1 Idle, took 8 ms\n\
         +24 read volume: level 128, took 8 ms\n\
         +32 told: heart\n\
         +32 wrote led: 01 00 00 64 00, took 13 ms\n\
         +2000 wrote command: 0b 01, took 15 ms\n\
         +2015 told: play\n\
         +3000 heard state: 19 PlayPaw\n\
         +3050 heard state: 19 PlayPaw\n\
         +3120 heard state: 1 Idle\n\
         +9006 heard state: 7 Download\n\
         +9000 wrote command: 02, took 11 ms\n\
         +9070 heard data_request: requested 0, transferred 47\n\
         +9100 told: wait\n\
         recording: 47 bytes in 3 notifications; the first after 20 ms, the last 40 ms later\n\
         recording sizes: 1 of 7 bytes, 2 of 20 bytes\n\
         recording gaps: 10/20/30 ms\n\
         recording header: {header}\n\
         inferred ADVERTISES_EVERY: 1000 ms; seen 900/900/900 ms\n\
         inferred SERVICE_IS_ADVERTISED: no; seen yes\n\
         inferred CONNECTS_WITHIN: 4000 ms; seen 310 ms\n"
    );
    assert_eq!(log, expected);
    for line in [
        "inferred HELD_STAYS_AWAKE: yes; seen yes, for 60000 ms",
        "inferred ANSWER: 5 ms; seen commands confirmed after 11/13/15 ms, state 7 after 6 ms",
        "inferred STEADY_PERIOD_MS: 0; seen hearts confirmed after 13/13/13 ms",
        "inferred PRESS: 100 ms; seen state 19 for 120 ms",
        "inferred PRESS_IS_BRIEF: yes; seen state 1 after 19",
        "inferred UNPLAYED: 4 UnplayedRecording; seen 1 Idle on connecting",
        "inferred DOWNLOAD_TIMEOUT: 5000 ms; seen 30 ms",
        "inferred LONGEST_RECORDING: 40000 ms; seen 47 bytes",
        "inferred SLOT_BYTES: 81920; not probed",
        "end: complete",
    ] {
        assert!(rest.contains(&format!("\n{line}\n")), "{line}: {rest}");
    }
}

#[test]
fn what_never_came_is_said_to_be_missing() {
    let now = epoch();
    let mut nowhere = heard("CloudPets", None);
    (nowhere.signal_dbm, nowhere.has_service) = (None, None);
    let text = Trace::new(nowhere).transcript("0", End::Unreachable);
    assert!(text.contains("\nsignal: not known\nadvertised config: none\n"), "{text}");
    assert!(text.ends_with("\nend: unreachable\n"), "{text}");
    assert!(!text.contains("seen"), "{text}");

    let mut trace = Trace::new(heard("CloudPets", None));
    trace.connected(ms(1), 1, now);
    trace.notified(Characteristic::ReceiveAudio, &[1; 20], now);
    trace.notified(Characteristic::State, &[18], now);
    trace.told(Tell::Wait(ms(60_000)), now);
    trace.let_go(true, now + ms(7_000));
    let text = trace.transcript("0", End::LinkLost);
    assert!(text.contains("\nready: never\nmtu: not known\n"), "{text}");
    assert!(text.contains("\nsound that nobody asked for: 20 bytes\n"), "{text}");
    assert!(text.contains("seen state 18 without an end\n"), "{text}");
    assert!(text.contains("HELD_STAYS_AWAKE: yes; seen no, after 7000 ms\n"), "{text}");

    trace.writes(Characteristic::Command, &Command::Download.encode(), now);
    let asked = trace.transcript("0", End::Complete);
    assert!(
        asked.contains("\nsound that nobody asked for: 20 bytes\nrecording: 0 bytes\n"),
        "{asked}"
    );
}

/// Carries a plan out with an owner who squeezes as told, and returns all that it asked for.
fn carried_out(wishes: Wishes) -> (Vec<Request>, Vec<Tell>, Duration) {
    let began = epoch();
    let (mut plan, mut now) = (Plan::new(wishes), began);
    let (mut requests, mut tells) = (Vec::new(), Vec::new());
    loop {
        match plan.poll(now) {
            Act::Request(request) => {
                requests.push(request);
                assert!(matches!(plan.poll(now), Act::Wait(None)));
                plan.is_over();
            }
            Act::Tell(tell) => {
                tells.push(tell);
                if matches!(tell, Tell::Play | Tell::Record | Tell::Hold) {
                    assert!(matches!(plan.poll(now), Act::Wait(Some(_))));
                    now += ms(700);
                    plan.saw(ToyState::PlayPaw, now);
                    now += ms(100);
                    plan.saw(ToyState::Idle, now);
                }
            }
            Act::Wait(until) => now = until.unwrap(),
            Act::End => return (requests, tells, now - began),
        }
    }
}

#[test]
fn a_plan_asks_for_nothing_that_lasts() {
    let wishes = Wishes { fetch: true, wait: Duration::MAX };

    let (modest, _, took) = carried_out(Wishes::default());
    let (all, tells, held) = carried_out(wishes);

    assert_eq!(took, ms(2_000 + 3 * 1_800));
    assert_eq!(held, took + LONGEST_WAIT);
    let expected = [
        Request::Led(crate::toy::wire::Led::On),
        Request::Led(crate::toy::wire::Led::Off),
        Request::GameMode(true),
        Request::GameMode(false),
    ];
    assert!(modest == expected);
    assert!(all[..4] == expected && all[4..] == [Request::Download]);
    let told = [Tell::Heart, Tell::Play, Tell::Record, Tell::Hold, Tell::Fetch];
    assert_eq!(tells, [told.as_slice(), &[Tell::Wait(LONGEST_WAIT)]].concat());
}

#[test]
fn a_plan_goes_on_without_squeezes() {
    let began = epoch();
    let (mut plan, mut now, mut n_requests) = (Plan::new(Wishes::default()), began, 0);
    loop {
        match plan.poll(now) {
            Act::Request(_) => {
                n_requests += 1;
                plan.is_over();
            }
            Act::Tell(_) => {}
            Act::Wait(until) => now = until.unwrap(),
            Act::End => break,
        }
    }

    assert_eq!(n_requests, 4);
    assert_eq!((now - began).as_secs(), 2 + 3 * 31);
}

#[test]
fn a_paw_that_shows_for_ever_is_waited_for_in_vain() {
    let now = epoch();
    let mut plan = Plan::new(Wishes::default());
    let mut at = now;
    loop {
        match plan.poll(at) {
            Act::Tell(Tell::Play) => break,
            Act::Wait(Some(until)) => at = until,
            _ => plan.is_over(),
        }
    }

    plan.poll(at);
    plan.saw(ToyState::RecordPaw, at);
    plan.saw(ToyState::RecordPaw, at + ms(10));

    assert!(matches!(plan.poll(at), Act::Wait(Some(until)) if until == at + ms(8_000)));
    assert!(matches!(plan.poll(at + ms(8_000)), Act::Wait(Some(until)) if until == at + ms(9_000)));
}

#[test]
fn a_farewell_leaves_game_mode_and_darkens_the_heart() {
    let now = epoch();
    let mut plan = Plan::farewell();

    let off = crate::toy::wire::Led::Off;
    assert!(plan.poll(now) == Act::Request(Request::GameMode(false)));
    plan.is_over();
    assert!(plan.poll(now) == Act::Request(Request::Led(off)));
    plan.is_over();
    assert!(plan.poll(now) == Act::End);
}
