//! What the toy would suffer from, and says so.

use super::*;
use crate::{
    model::Slot,
    toy::{
        Event, Request, ToyError,
        firmware::{Quirks, Refusal},
        wire::{Characteristic, Command, ToyState},
    },
};

#[test]
fn the_toy_refuses_what_it_would_suffer_from() {
    let key: Vec<u8> = (0..16).collect();
    let begin = |slot: u8, key: &[u8]| [&[0, slot], key].concat();
    let state = |opcode, state| Refusal::WrongState { opcode, state };
    let command = Refusal::Malformed(Characteristic::Command);
    let table = [
        (Characteristic::Command, vec![], command),
        (Characteristic::Command, vec![0, 1], command),
        (Characteristic::Command, begin(1, &key[..15]), command),
        (Characteristic::Command, begin(5, &key), Refusal::NoSuchSlot(5)),
        (Characteristic::Command, begin(1, &[7; 16]), Refusal::WrongKey),
        (Characteristic::Command, vec![1], state(1, ToyState::Idle)),
        (Characteristic::Command, vec![2, 0], command),
        (Characteristic::Command, vec![3], Refusal::UnknownOpcode(3)),
        (Characteristic::Command, vec![8], command),
        (Characteristic::Command, vec![8, 1, 6], Refusal::NoSuchSlot(5)),
        (Characteristic::Command, vec![0x0b, 2], command),
        (Characteristic::Command, vec![0x0c, 1, 0], command),
        (Characteristic::SendAudio, vec![0; 20], Refusal::NoUpload),
        (Characteristic::SendAudio, vec![0; 21], Refusal::TooLong { len: 21 }),
        (Characteristic::State, vec![1], Refusal::NotWritable(Characteristic::State)),
        (Characteristic::Led, vec![2, 1], Refusal::Malformed(Characteristic::Led)),
        (Characteristic::Volume, vec![7], Refusal::Malformed(Characteristic::Volume)),
        (Characteristic::Config, vec![b'x'; 16], Refusal::Malformed(Characteristic::Config)),
    ];

    for (to, bytes, wanted) in table {
        let mut pair = Pair::connected();

        assert_eq!(pair.toy.write(to, &bytes, pair.now), Err(wanted), "{to:?} {bytes:02x?}");
        assert_eq!(pair.toy.violations(), [wanted]);
    }
}

#[test]
fn the_toy_refuses_bytes_beyond_the_credit() {
    let mut pair = Pair::connected();
    pair.toy.set_quirks(Quirks { credit: vec![25, 0], low_water: 0, ..Quirks::default() });
    let begin = Command::BeginUpload { slot: Slot::MAILBOX }.encode();
    pair.toy.write(Characteristic::Command, &begin, pair.now).unwrap();
    pair.now += ms(100);

    let first = pair.toy.write(Characteristic::SendAudio, &[1; 20], pair.now);
    let second = pair.toy.write(Characteristic::SendAudio, &[2; 20], pair.now);

    assert_eq!(first, Ok(()));
    assert_eq!(second, Err(Refusal::BeyondCredit { n_bytes: 15 }));
}

#[test]
fn the_toy_refuses_to_be_hurried_after_an_upload() {
    let mut pair = Pair::connected();
    pair.session.request(Request::Upload { slot: Slot::MAILBOX, clip: clip(1) }, pair.now).unwrap();
    pair.wait_for(|event| *event == Event::State(ToyState::Idle));

    let hurried = pair.toy.write(Characteristic::Command, &[0x0b, 0], pair.now);

    assert_eq!(hurried, Err(Refusal::TooSoon { opcode: 0x0b }));
}

#[test]
fn the_toy_gives_up_when_the_slot_is_full() {
    let mut pair = Pair::connected();

    let end = pair.ask(Request::Upload { slot: Slot::MAILBOX, clip: clip(2_100) });

    assert_eq!(end, Some(Event::UploadFailed(ToyError::GaveUp)));
    assert!(pair.toy.slot(Slot::MAILBOX).is_empty());
    assert_eq!(pair.toy.violations(), []);
}

#[test]
fn the_toy_asks_for_nothing_while_it_is_stuck_before_the_upload() {
    let stuck_in = Some(ToyState::BufferPrime);
    let mut pair = Pair::new(Quirks { stuck_in, ..Quirks::default() });
    pair.connect();

    pair.ask(Request::Upload { slot: Slot::MAILBOX, clip: clip(1) });

    assert!(pair.writes.iter().all(|(to, _)| *to != Characteristic::SendAudio));
}

#[test]
fn a_failed_upload_asks_for_no_peace() {
    let begin = Command::BeginUpload { slot: Slot::MAILBOX }.encode();
    let again = |sound: &[u8]| {
        let mut pair = Pair::connected();
        pair.toy.write(Characteristic::Command, &begin, pair.now).unwrap();
        pair.now += ms(100);
        pair.toy.write(Characteristic::SendAudio, sound, pair.now).unwrap();
        pair.toy.write(Characteristic::Command, &[0x01], pair.now).unwrap();
        pair.toy.write(Characteristic::Command, &begin, pair.now)
    };

    assert_eq!(again(&[1]), Err(Refusal::TooSoon { opcode: 0 }));
    assert_eq!(again(&[]), Ok(()));
}

#[test]
fn a_pressed_paw_can_be_read_until_it_is_let_go_or_something_happens() {
    let mut pair = Pair::connected();
    let game = Command::GameMode(true).encode();
    pair.toy.write(Characteristic::Command, &game, pair.now).unwrap();
    let state = |pair: &Pair| pair.toy.read(Characteristic::State).unwrap();

    pair.toy.press_play(pair.now);
    assert_eq!(state(&pair), [ToyState::PlayPaw.to_byte()]);
    assert_eq!(pair.toy.state(), ToyState::Idle);
    pair.now += ms(100);
    pair.toy.poll(pair.now);
    assert_eq!(state(&pair), [ToyState::Idle.to_byte()]);

    pair.toy.press_record(pair.now);
    assert_eq!(state(&pair), [ToyState::RecordPaw.to_byte()]);
    let begin = Command::BeginUpload { slot: Slot::MAILBOX }.encode();
    pair.toy.write(Characteristic::Command, &begin, pair.now).unwrap();
    assert_eq!(state(&pair), [ToyState::BufferPrime.to_byte()]);
}
