//! What goes wrong: each misbehaviour, how it ends, and that it leaves no trace.

use super::*;
use crate::{
    model::{Failure, Slot},
    toy::{
        Confusion, Event, Request, ToyError,
        firmware::Quirks,
        session::CONNECT_LIMIT,
        wire::{Characteristic, ToyState},
    },
};

/// How a procedure with a misbehaving toy ends.
#[derive(Debug, PartialEq)]
enum End {
    /// Well.
    Fine,
    /// With this error, on a link that is still of use.
    Clean(ToyError),
    /// With this error, on a link that is not.
    Stuck(ToyError),
    /// With the link.
    LinkLost,
    /// With another recording than the toy has.
    Damaged,
}

impl End {
    fn of(pair: &Pair, event: Option<Event>, wanted: &[u8]) -> Self {
        match event {
            None => Self::LinkLost,
            Some(Event::Uploaded { slot }) => {
                assert_eq!(pair.toy.slot(slot), wanted);
                Self::Fine
            }
            Some(Event::Downloaded(bytes)) if bytes == wanted => Self::Fine,
            Some(Event::Downloaded(_)) => Self::Damaged,
            Some(Event::UploadFailed(error) | Event::DownloadFailed(error)) => {
                if pair.session.needs_reconnect() { Self::Stuck(error) } else { Self::Clean(error) }
            }
            Some(other) => panic!("ended in {other:?}"),
        }
    }
}

fn quirks(with: impl FnOnce(&mut Quirks)) -> Quirks {
    let mut quirks = Quirks::default();
    with(&mut quirks);
    quirks
}

#[track_caller]
fn assert_ends(request: &Request, name: &str, quirks: Quirks, wanted: &End) {
    let file = recording(300);
    let bytes = match request {
        Request::Upload { clip, .. } => clip.clone(),
        _ => file.clone(),
    };
    let mut pair = Pair::connected();
    pair.toy.record(file, ms(500), pair.now);
    pair.wait_for(|event| *event == Event::RecordingEnded);
    pair.toy.set_quirks(quirks);

    let event = pair.ask(request.clone());
    let end = End::of(&pair, event, &bytes);

    assert_eq!(&end, wanted, "{name}");
    assert_eq!(pair.toy.violations(), [], "{name}");
    // What was not a lost link already is one after this.
    pair.toy.set_quirks(Quirks::default());
    if pair.is_linked && matches!(end, End::Stuck(_)) {
        pair.disconnect();
    }
    if !pair.is_linked {
        pair.connect();
    }
    let again = pair.ask(request.clone());
    assert_eq!(End::of(&pair, again, &bytes), End::Fine, "{name}, and once more");
    assert!(!pair.session.needs_reconnect(), "{name}");
    assert_eq!(pair.toy.violations(), [], "{name}, and once more");
}

#[test]
fn every_misbehaviour_in_an_upload_has_its_end() {
    use End::{Clean, Fine, LinkLost, Stuck};
    use ToyError::{GaveUp, KeyRefused, Silent};

    let last = clip(100).len();
    let garbage = vec![
        (Characteristic::State, vec![]),
        (Characteristic::State, vec![0xee]),
        (Characteristic::DataRequest, vec![0, 0, 0]),
        (Characteristic::ReceiveAudio, vec![1; 20]),
        (Characteristic::Volume, vec![0xff; 20]),
    ];
    let table = [
        ("well-behaved", quirks(|_| {}), Fine),
        ("silent from now on", quirks(|q| q.silent = true), Stuck(Silent)),
        ("silent at the command", quirks(|q| q.silent_after_command = Some(0)), Stuck(Silent)),
        ("silent at the first byte", quirks(|q| q.silent_after_upload = Some(0)), Stuck(Silent)),
        ("silent halfway", quirks(|q| q.silent_after_upload = Some(2_000)), Stuck(Silent)),
        ("silent at the last byte", quirks(|q| q.silent_after_upload = Some(last)), Stuck(Silent)),
        ("silent at the end", quirks(|q| q.silent_after_command = Some(1)), Stuck(Silent)),
        ("gone at once", quirks(|q| q.disconnect_after_upload = Some(0)), LinkLost),
        ("gone halfway", quirks(|q| q.disconnect_after_upload = Some(1_999)), LinkLost),
        ("gone at the last byte", quirks(|q| q.disconnect_after_upload = Some(last)), LinkLost),
        ("key refused", quirks(|q| q.refuse_key = true), Clean(KeyRefused)),
        (
            "key refused for ever",
            quirks(|q| {
                q.refuse_key = true;
                q.stuck_in = Some(ToyState::KeyCheckFailed);
            }),
            Stuck(KeyRefused),
        ),
        ("gives up at once", quirks(|q| q.give_up_after = Some(0)), Clean(GaveUp)),
        ("gives up halfway", quirks(|q| q.give_up_after = Some(1_000)), Clean(GaveUp)),
        ("gives up at the last byte", quirks(|q| q.give_up_after = Some(last)), Clean(GaveUp)),
        ("takes nothing", quirks(|q| q.transferred_zero = true), Clean(GaveUp)),
        (
            "gives up and stays",
            quirks(|q| {
                q.give_up_after = Some(1_000);
                q.stuck_in = Some(ToyState::Upload);
            }),
            Stuck(GaveUp),
        ),
        ("primes for ever", quirks(|q| q.stuck_in = Some(ToyState::BufferPrime)), Stuck(Silent)),
        ("uploads for ever", quirks(|q| q.stuck_in = Some(ToyState::Upload)), Stuck(Silent)),
        ("never asks", quirks(|q| q.credit = vec![0]), Stuck(Silent)),
        ("asks byte by byte", quirks(|q| (q.credit, q.low_water) = (vec![1], 0)), Fine),
        ("asks now and then", quirks(|q| q.credit = vec![0, 0, 0, 30]), Fine),
        ("asks for more than there is", quirks(|q| q.over_ask = 5_000), Fine),
        ("slow", quirks(|q| q.slow = ms(2_000)), Fine),
        ("too slow", quirks(|q| q.slow = ms(6_000)), Stuck(Silent)),
        ("says unknown states", quirks(|q| q.unknown_state = Some(99)), Fine),
        ("says garbage", quirks(|q| q.garbage = garbage), Fine),
        ("says more than a state", quirks(|q| q.state_tail = vec![1, 2, 3]), Fine),
    ];

    for (name, quirks, wanted) in table {
        let request = Request::Upload { slot: Slot::MAILBOX, clip: clip(100) };
        assert_ends(&request, name, quirks, &wanted);
    }
}

#[test]
fn every_misbehaviour_in_a_download_has_its_end() {
    use End::{Damaged, Fine, LinkLost, Stuck};
    use ToyError::Silent;

    let last = recording(300).len();
    let garbage = vec![
        (Characteristic::State, vec![]),
        (Characteristic::DataRequest, vec![0, 0, 0, 0]),
        (Characteristic::DataRequest, vec![9; 20]),
        (Characteristic::Led, vec![0xff; 20]),
    ];
    let table = [
        ("well-behaved", quirks(|_| {}), Fine),
        ("silent from now on", quirks(|q| q.silent = true), Stuck(Silent)),
        ("silent at the command", quirks(|q| q.silent_after_command = Some(2)), Stuck(Silent)),
        ("silent at once", quirks(|q| q.silent_after_download = Some(0)), Stuck(Silent)),
        ("silent halfway", quirks(|q| q.silent_after_download = Some(3_000)), Stuck(Silent)),
        ("silent at the end", quirks(|q| q.silent_after_download = Some(last)), Stuck(Silent)),
        ("gone at once", quirks(|q| q.disconnect_after_download = Some(0)), LinkLost),
        ("gone halfway", quirks(|q| q.disconnect_after_download = Some(3_000)), LinkLost),
        ("gone at the end", quirks(|q| q.disconnect_after_download = Some(last)), LinkLost),
        ("damages a byte", quirks(|q| q.corrupt_download = Some(1_234)), Damaged),
        ("loses a notification", quirks(|q| q.drop_notification = Some(7)), Damaged),
        ("never ends", quirks(|q| q.stuck_in = Some(ToyState::Download)), Stuck(Silent)),
        ("slow", quirks(|q| q.slow = ms(1_000)), Fine),
        ("too slow", quirks(|q| q.slow = ms(6_000)), Stuck(Silent)),
        ("says unknown states", quirks(|q| q.unknown_state = Some(20)), Fine),
        ("says garbage", quirks(|q| q.garbage = garbage), Fine),
        ("says more than a state", quirks(|q| q.state_tail = vec![2]), Fine),
    ];

    for (name, quirks, wanted) in table {
        assert_ends(&Request::Download, name, quirks, &wanted);
    }
}

#[test]
fn every_error_has_a_word_for_the_household() {
    let errors = [
        (ToyError::Silent, Failure::Silent),
        (ToyError::GaveUp, Failure::GaveUp),
        (ToyError::KeyRefused, Failure::KeyRefused),
        (ToyError::Confused(Confusion::NoState), Failure::Confused),
        (ToyError::Cancelled, Failure::GaveUp),
    ];

    for (error, failure) in errors {
        assert_eq!(error.failure(), failure);
    }
}

#[test]
fn says_an_unknown_state_once() {
    let mut pair = Pair::connected();
    pair.toy.set_quirks(quirks(|q| q.unknown_state = Some(77)));

    pair.ask(Request::Upload { slot: Slot::MAILBOX, clip: clip(10) });

    let n_said = pair.events.iter().filter(|event| **event == Event::Unknown(77)).count();
    assert_eq!(n_said, 1);
}

#[test]
fn gives_up_on_a_toy_that_is_silent_from_the_start() {
    let mut pair = Pair::new(quirks(|q| q.silent = true));
    let before = pair.now;

    pair.connect();

    assert_eq!(pair.events, [Event::ConnectFailed(ToyError::Silent)]);
    assert!(pair.session.needs_reconnect());
    assert!(pair.now - before <= CONNECT_LIMIT);
}
