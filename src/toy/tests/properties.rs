//! What holds whatever the toy, the air or a stranger does.

use proptest::prelude::*;

use super::*;
use crate::{
    model::{Character, Slot},
    toy::{
        Event, Firmware, Input, Output, Pacing, Request, Session,
        firmware::{FirmwareOutput, Quirks},
        wire::{CHUNK_BYTES, Characteristic, Command, DataRequest, Led},
    },
};

/// Credit patterns with skipped turns in them, but never only those.
fn credit() -> impl Strategy<Value = Vec<u16>> {
    let one = prop_oneof![1 => Just(0_u16), 2 => 1_u16..25, 3 => 1_u16..3_000];
    prop::collection::vec(one, 1..8)
        .prop_filter("asks at last", |turns| turns.iter().any(|turn| *turn != 0))
}

fn any_slot() -> impl Strategy<Value = Slot> {
    prop::sample::select(Slot::ALL.to_vec())
}

fn any_characteristic() -> impl Strategy<Value = Characteristic> {
    prop::sample::select(Characteristic::ALL.to_vec())
}

/// What a session may be told at any time.
#[derive(Clone, Debug)]
enum Told {
    Notified(Characteristic, Vec<u8>),
    Read(Characteristic, Vec<u8>),
    Expired,
    Upload(Slot, Vec<u8>),
    Request(u8),
    Cancel,
    Connect,
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..24)
}

fn told() -> impl Strategy<Value = (u64, Told)> {
    let states = prop_oneof![0_u8..20, any::<u8>()];
    let told = prop_oneof![
        4 => states.prop_map(|state| Told::Notified(Characteristic::State, vec![state])),
        4 => (any::<u16>(), any::<u16>()).prop_map(|(requested, transferred)| {
            let request = DataRequest { requested, transferred };
            Told::Notified(Characteristic::DataRequest, request.encode())
        }),
        2 => (any_characteristic(), bytes()).prop_map(|(from, bytes)| Told::Notified(from, bytes)),
        2 => (any_characteristic(), bytes()).prop_map(|(from, bytes)| Told::Read(from, bytes)),
        1 => Just(Told::Expired),
        2 => (any_slot(), prop::collection::vec(any::<u8>(), 0..300))
            .prop_map(|(slot, clip)| Told::Upload(slot, clip)),
        2 => any::<u8>().prop_map(Told::Request),
        1 => Just(Told::Cancel),
        1 => Just(Told::Connect),
    ];
    (prop_oneof![3 => Just(0), 2 => 0_u64..300, 1 => 0_u64..12_000], told)
}

fn request(number: u8) -> Request {
    match number % 8 {
        0 => Request::Download,
        1 => Request::Play(Slot::MAILBOX),
        2 => Request::Stop,
        3 => Request::Led(Led::On),
        4 => Request::Volume(number),
        5 => Request::GameMode(true),
        6 => Request::Loop { loops: 2, length_ms: 8 },
        _ => Request::StopLoop,
    }
}

/// Follows what a session may send.
#[derive(Default)]
struct Accountant {
    credit: usize,
    n_sent: usize,
}

impl Accountant {
    fn heard(&mut self, input: &Input<'_>) {
        if let Input::Notified(Characteristic::DataRequest, bytes) = input
            && let Some(request) = DataRequest::decode(bytes)
        {
            self.credit += usize::from(request.requested);
        }
    }

    /// Polls to the end and checks every output.
    fn drain(&mut self, session: &mut Session, now: Instant) -> Result<(), TestCaseError> {
        // A clip and all that fills up, byte by byte, has fewer outputs than this.
        for _ in 0..70_000 {
            match session.poll(now) {
                Output::Write { to: Characteristic::SendAudio, bytes, .. } => {
                    prop_assert!(bytes.len() <= CHUNK_BYTES && !bytes.is_empty());
                    self.n_sent += bytes.len();
                    prop_assert!(self.n_sent <= self.credit, "sent beyond credit");
                }
                Output::Write { to: Characteristic::Command, bytes, .. } => {
                    prop_assert!(!bytes.starts_with(&[0x08, 0x02]));
                    if bytes.first() == Some(&0) {
                        *self = Self::default();
                    }
                }
                Output::Wait(until) => {
                    prop_assert!(until.is_none_or(|until| now < until), "waits for the past");
                    return Ok(());
                }
                Output::Read(_)
                | Output::Subscribe(_)
                | Output::Write { .. }
                | Output::Event(_) => {}
            }
        }
        Err(TestCaseError::fail("spins"))
    }
}

proptest! {
    // A failing case belongs into an example test, not into a file of its own.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The toy refuses bytes beyond its credit, so its violations say whether any were sent.
    #[test]
    fn any_clip_arrives_whole_and_in_order_under_any_credit(
        clip in prop::collection::vec(any::<u8>(), 1..3_000),
        slot in any_slot(),
        credit in credit(),
        low_water in 0_usize..2_000,
        latency in 0_u64..60,
        gap in 0_u64..12,
    ) {
        // Its header would make the toy wait for as many frames as chance has it.
        prop_assume!(!clip.starts_with(b"AU"));
        let quirks = Quirks { credit, low_water, ..Quirks::default() };
        let mut pair = Pair::with(quirks, Pacing { gap: ms(gap) }, ms(latency));
        pair.connect();

        let end = pair.ask(Request::Upload { slot, clip: clip.clone() });

        prop_assert_eq!(end, Some(Event::Uploaded { slot }));
        prop_assert_eq!(pair.toy.violations(), []);
        // Without a header the toy cannot tell the clip from the header before and the filling
        // after it.
        let kept = pair.toy.slot(slot);
        let kept = if slot == Slot::STREAMING && 32 <= clip.len() {
            kept
        } else {
            kept.strip_prefix(&clip[..if slot == Slot::STREAMING { clip.len() } else { 0 }])
                .unwrap()
        };
        let filling = kept.strip_prefix(&clip[..]).unwrap();
        prop_assert!(filling.iter().all(|byte| *byte == 0x80));
    }

    #[test]
    fn any_real_clip_is_kept_without_what_filled_it_up(
        n_frames in 1_u32..120,
        slot in any_slot(),
        credit in credit(),
        over_ask in 0_usize..3_000,
    ) {
        let quirks = Quirks { credit, over_ask, ..Quirks::default() };
        let mut pair = Pair::with(quirks, Pacing::NONE, ms(5));
        pair.connect();

        let end = pair.ask(Request::Upload { slot, clip: clip(n_frames) });

        prop_assert_eq!(end, Some(Event::Uploaded { slot }));
        prop_assert_eq!(pair.toy.slot(slot), clip(n_frames));
        prop_assert_eq!(pair.toy.violations(), []);
    }

    #[test]
    fn any_recording_comes_home_whole(
        file in prop::collection::vec(any::<u8>(), 0..3_000),
        gap in 0_u64..20,
        latency in 0_u64..60,
    ) {
        let quirks = Quirks { notify_gap: ms(gap), ..Quirks::default() };
        let mut pair = Pair::with(quirks, Pacing::NONE, ms(latency));
        pair.connect();
        pair.toy.record(file.clone(), ms(300), pair.now);
        pair.wait_for(|event| *event == Event::RecordingEnded);

        let end = pair.ask(Request::Download);

        prop_assert_eq!(end, Some(Event::Downloaded(file)));
    }

    #[test]
    fn nothing_a_toy_says_makes_a_session_panic_overrun_or_spin(
        script in prop::collection::vec(told(), 1..80),
    ) {
        let mut now = epoch();
        let mut session = Session::new(Pacing::NONE);
        let mut accountant = Accountant::default();
        session.connect(now);
        accountant.drain(&mut session, now)?;
        for (from, bytes) in [
            (Characteristic::Config, &[][..]),
            (Characteristic::State, &[1]),
            (Characteristic::Volume, &[]),
        ] {
            session.handle(Input::Read(from, bytes), now);
            accountant.drain(&mut session, now)?;
        }

        for (wait, told) in &script {
            now += ms(*wait);
            let input = match told {
                Told::Notified(from, bytes) => Some(Input::Notified(*from, bytes)),
                Told::Read(from, bytes) => Some(Input::Read(*from, bytes)),
                Told::Expired => Some(Input::Expired),
                Told::Upload(slot, clip) => {
                    let request = Request::Upload { slot: *slot, clip: clip.clone() };
                    let _: Result<(), _> = session.request(request, now);
                    None
                }
                Told::Request(number) => {
                    let _: Result<(), _> = session.request(request(*number), now);
                    None
                }
                Told::Cancel => {
                    session.cancel(now);
                    None
                }
                Told::Connect => {
                    session.connect(now);
                    None
                }
            };
            if let Some(input) = input {
                accountant.heard(&input);
                session.handle(input, now);
            }
            accountant.drain(&mut session, now)?;
        }

        // Whatever it was at, it comes to an end when nothing more is said.
        for _ in 0..10 {
            if let Output::Wait(Some(until)) = session.poll(now) {
                now = until;
                session.handle(Input::Expired, now);
                accountant.drain(&mut session, now)?;
            }
        }
        prop_assert_eq!(session.poll(now), Output::Wait(None));
    }

    #[test]
    fn nothing_a_hub_writes_makes_a_toy_panic_or_chatter(
        script in prop::collection::vec((0_u64..400, any_characteristic(), written()), 1..60),
        credit in prop::collection::vec(any::<u16>(), 0..4),
        stuck_in in prop::option::of(0_u8..20),
        n_bytes in prop::option::of(0_usize..60),
    ) {
        let quirks = Quirks {
            credit,
            stuck_in: stuck_in.map(crate::toy::wire::ToyState::from_byte),
            give_up_after: n_bytes,
            ..Quirks::default()
        };
        let mut toy = Firmware::new(Character::Cat, quirks);
        let mut now = epoch();
        toy.connect(now);
        for one in Characteristic::ALL {
            toy.subscribe(one);
        }

        for (number, (wait, to, bytes)) in script.into_iter().enumerate() {
            now += ms(wait);
            match number % 7 {
                3 => toy.press_play(now),
                4 => toy.record(recording(2), ms(wait), now),
                5 => toy.press_record(now),
                6 if wait < 40 => {
                    toy.disconnect(now);
                    toy.connect(now);
                }
                _ => drop(toy.write(to, &bytes, now)),
            }
            let mut n_outputs = 0;
            while !matches!(toy.poll(now), FirmwareOutput::Wait(_)) {
                n_outputs += 1;
                prop_assert!(n_outputs < 10_000, "chatters");
            }
            for slot in Slot::ALL {
                prop_assert!(toy.slot(slot).len() <= crate::toy::inferred::SLOT_BYTES);
            }
        }
    }
}

/// Writes that now and then mean something.
fn written() -> impl Strategy<Value = Vec<u8>> {
    let command = (any_slot(), any::<u16>(), any::<u16>(), 0_u8..8).prop_map(
        |(slot, loops, length_ms, which)| match which {
            0 => Command::BeginUpload { slot }.encode(),
            1 => Command::EndUpload.encode(),
            2 => Command::Download.encode(),
            3 => Command::Play(slot).encode(),
            4 => Command::Stop.encode(),
            5 => Command::GameMode(loops % 2 == 0).encode(),
            6 => Command::Loop { loops, length_ms }.encode(),
            _ => vec![0x08, 0x02],
        },
    );
    let header = any::<u32>().prop_map(|n_frames| {
        let mut bytes = b"AU".to_vec();
        bytes.extend_from_slice(&[0; 6]);
        bytes.extend_from_slice(&n_frames.to_le_bytes());
        bytes
    });
    prop_oneof![4 => command, 1 => header, 2 => bytes()]
}
