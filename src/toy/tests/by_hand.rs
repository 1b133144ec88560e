//! What no toy of ours says, told to the session by hand.

use super::*;
use crate::{
    model::Slot,
    toy::{
        Confusion, Event, Input, Output, Pacing, Request, Session, ToyError,
        session::{MAX_FILL_BYTES, MAX_RECORDING_BYTES},
        wire::{Characteristic, Command, ConfigId, DataRequest, ToyState},
    },
};

/// A session that was connected by hand, so that a test can say what no toy would.
fn connected_by_hand() -> (Session, Instant) {
    let now = epoch();
    let mut session = Session::new(Pacing::NONE);
    session.connect(now);
    loop {
        match session.poll(now) {
            Output::Read(from) => session.handle(Input::Read(from, &[1, 1]), now),
            Output::Event(Event::Ready { .. }) => return (session, now),
            Output::Subscribe(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// Polls until there is nothing more to do.
fn drain(session: &mut Session, now: Instant) -> Vec<Output> {
    let mut outputs = Vec::new();
    loop {
        match session.poll(now) {
            Output::Wait(_) => return outputs,
            output => outputs.push(output),
        }
    }
}

/// Answers so many reads and returns the rest of what came out.
fn drain_reads(session: &mut Session, now: Instant, n_reads: usize) -> Vec<Output> {
    let mut outputs = Vec::new();
    let mut n_answered = 0;
    loop {
        match session.poll(now) {
            Output::Read(from) if n_answered < n_reads => {
                session.handle(Input::Read(from, &[1, 1]), now);
                n_answered += 1;
            }
            Output::Wait(_) => return outputs,
            output => outputs.push(output),
        }
    }
}

/// A session that has written the end of an upload of so many bytes.
fn uploaded_by_hand(n_bytes: u16) -> (Session, Instant) {
    let (mut session, now) = connected_by_hand();
    let clip = vec![1; usize::from(n_bytes)];
    session.request(Request::Upload { slot: Slot::MAILBOX, clip }, now).unwrap();
    drain(&mut session, now);
    say_state(&mut session, ToyState::Upload, now);
    say_request(&mut session, n_bytes, 0, now);
    drain(&mut session, now);
    (session, now)
}

fn say_state(session: &mut Session, state: ToyState, now: Instant) {
    session.handle(Input::Notified(Characteristic::State, &[state.to_byte()]), now);
}

fn say_request(session: &mut Session, requested: u16, transferred: u16, now: Instant) {
    let bytes = DataRequest { requested, transferred }.encode();
    session.handle(Input::Notified(Characteristic::DataRequest, &bytes), now);
}

#[test]
fn an_answer_that_is_no_state_ends_the_connecting() {
    let now = epoch();
    let mut session = Session::new(Pacing::NONE);
    session.connect(now);

    let end = loop {
        match session.poll(now) {
            Output::Read(from) => session.handle(Input::Read(from, &[]), now),
            Output::Event(event) => break event,
            Output::Subscribe(_) => {}
            other => panic!("{other:?}"),
        }
    };

    assert_eq!(end, Event::ConnectFailed(ToyError::Confused(Confusion::NoState)));
}

#[test]
fn stops_listening_to_a_recording_without_end() {
    let (mut session, now) = connected_by_hand();
    session.request(Request::Download, now).unwrap();
    drain(&mut session, now);
    say_state(&mut session, ToyState::Download, now);

    let mut n_heard = 0;
    let end = loop {
        session.handle(Input::Notified(Characteristic::ReceiveAudio, &[0; 20]), now);
        n_heard += 20;
        let ends = drain(&mut session, now);
        if let Some(Output::Event(end @ Event::DownloadFailed(_))) = ends.last() {
            break end.clone();
        }
    };

    assert!(n_heard <= MAX_RECORDING_BYTES + 20);
    let error = ToyError::Confused(Confusion::EndlessRecording);
    assert_eq!(end, Event::DownloadFailed(error));
    assert!(session.needs_reconnect());
}

#[test]
fn does_not_trickle_for_ever() {
    for (request, from, bytes) in [
        (Request::Download, Characteristic::ReceiveAudio, vec![0]),
        (
            Request::Upload { slot: Slot::MAILBOX, clip: vec![0; 80_032] },
            Characteristic::DataRequest,
            DataRequest { requested: 1, transferred: 0 }.encode(),
        ),
    ] {
        let (mut session, mut now) = connected_by_hand();
        session.request(request, now).unwrap();
        drain(&mut session, now);

        let end = loop {
            now += ms(4_000);
            session.handle(Input::Notified(from, &bytes), now);
            let end = drain(&mut session, now).into_iter().find_map(|output| match output {
                Output::Event(Event::DownloadFailed(error) | Event::UploadFailed(error)) => {
                    Some(error)
                }
                _ => None,
            });
            if let Some(end) = end {
                break end;
            }
        };

        assert_eq!(end, ToyError::Confused(Confusion::EndlessTransfer));
    }
}

#[test]
fn a_toy_that_never_stops_asking_is_told_that_this_was_all() {
    let (mut session, now) = connected_by_hand();
    session.request(Request::Upload { slot: Slot::MAILBOX, clip: vec![1; 100] }, now).unwrap();
    drain(&mut session, now);

    let mut n_sent = 0;
    let outputs = loop {
        say_request(&mut session, 10_000, 1, now);
        let outputs = drain(&mut session, now);
        n_sent += outputs
            .iter()
            .map(|output| match output {
                Output::Write { to: Characteristic::SendAudio, bytes, .. } => bytes.len(),
                _ => 0,
            })
            .sum::<usize>();
        let is_end =
            |output: &Output| matches!(output, Output::Write { to: Characteristic::Command, .. });
        if outputs.iter().any(is_end) {
            break outputs;
        }
        assert!(n_sent <= MAX_FILL_BYTES + 100 + 20);
    };

    let end = Command::EndUpload.encode();
    assert!(matches!(outputs.last(), Some(Output::Write { bytes, .. }) if *bytes == end));
}

#[test]
fn a_state_from_before_the_upload_does_not_end_it() {
    let (mut session, now) = connected_by_hand();
    say_state(&mut session, ToyState::Playback, now);
    drain(&mut session, now);
    session.request(Request::Upload { slot: Slot::MAILBOX, clip: vec![1; 10] }, now).unwrap();
    drain(&mut session, now);

    say_state(&mut session, ToyState::Idle, now);
    say_state(&mut session, ToyState::BufferPrime, now);
    say_state(&mut session, ToyState::Upload, now);
    say_request(&mut session, 10, 0, now);
    let outputs = drain(&mut session, now);

    let chunk =
        Output::Write { to: Characteristic::SendAudio, bytes: vec![1; 10], response: false };
    assert!(outputs.contains(&chunk));
}

#[test]
fn a_toy_that_falls_idle_halfway_gave_up() {
    let (mut session, now) = connected_by_hand();
    session.request(Request::Upload { slot: Slot::MAILBOX, clip: vec![1; 100] }, now).unwrap();
    drain(&mut session, now);
    say_state(&mut session, ToyState::Upload, now);
    say_request(&mut session, 10, 0, now);
    drain(&mut session, now);

    say_state(&mut session, ToyState::Idle, now);
    drain(&mut session, now);
    let outputs = drain(&mut session, now + ms(250));

    assert_eq!(outputs, [Output::Event(Event::UploadFailed(ToyError::GaveUp))]);
    assert!(!session.needs_reconnect());
}

#[test]
fn success_may_be_said_in_either_order() {
    for idle_first in [false, true] {
        let (mut session, now) = connected_by_hand();
        session.request(Request::Upload { slot: Slot::MAILBOX, clip: vec![1; 9] }, now).unwrap();
        drain(&mut session, now);
        say_state(&mut session, ToyState::Upload, now);
        say_request(&mut session, 9, 0, now);
        drain(&mut session, now);

        if idle_first {
            say_state(&mut session, ToyState::Idle, now);
        }
        say_request(&mut session, 0, 1, now);
        if !idle_first {
            say_state(&mut session, ToyState::Idle, now);
        }
        drain(&mut session, now);

        let outputs = drain(&mut session, now + ms(250));
        assert_eq!(outputs, [Output::Event(Event::Uploaded { slot: Slot::MAILBOX })]);
    }
}

#[test]
fn a_toy_at_rest_has_not_said_that_it_has_the_clip() {
    let (mut session, now) = uploaded_by_hand(9);

    say_state(&mut session, ToyState::Idle, now);
    drain(&mut session, now);

    assert_eq!(drain(&mut session, now + ms(9_999)), []);
    let silent = Event::UploadFailed(ToyError::Silent);
    assert_eq!(drain(&mut session, now + ms(10_000)), [Output::Event(silent)]);
}

#[test]
fn a_toy_that_has_enough_gets_no_more() {
    let (mut session, now) = connected_by_hand();
    session.request(Request::Upload { slot: Slot::MAILBOX, clip: vec![1; 20] }, now).unwrap();
    drain(&mut session, now);
    say_state(&mut session, ToyState::Upload, now);
    drain(&mut session, now);
    say_request(&mut session, 400, 0, now);
    let first = session.poll(now);

    say_request(&mut session, 0, 20, now);
    let rest = drain(&mut session, now);

    let write = |to, bytes, response| Output::Write { to, bytes, response };
    assert_eq!(first, write(Characteristic::SendAudio, vec![1; 20], false));
    let end = write(Characteristic::Command, Command::EndUpload.encode(), true);
    let progress = Output::Event(Event::Progress { sent: 20, total: 20 });
    assert_eq!(rest, [progress, end]);
}

#[test]
fn a_child_may_play_the_moment_the_clip_is_there() {
    let (mut session, now) = uploaded_by_hand(9);
    say_request(&mut session, 0, 1, now);

    say_state(&mut session, ToyState::Playback, now);
    drain(&mut session, now);
    say_state(&mut session, ToyState::Idle, now);
    let outputs = drain(&mut session, now + ms(250));

    assert_eq!(
        outputs,
        [
            Event::Uploaded { slot: Slot::MAILBOX },
            Event::State(ToyState::Playback),
            Event::PlaybackStarted,
            Event::State(ToyState::Idle),
            Event::PlaybackEnded
        ]
        .map(Output::Event)
    );
}

#[test]
fn what_the_child_does_before_we_look_does_not_overtake_the_upload() {
    let (mut session, now) = uploaded_by_hand(9);

    // All of it comes in one go.
    say_request(&mut session, 0, 1, now);
    say_state(&mut session, ToyState::Idle, now);
    say_state(&mut session, ToyState::Playback, now);
    let early = drain(&mut session, now);
    let late = drain(&mut session, now + ms(250));

    assert_eq!(early, [Output::Event(Event::State(ToyState::Idle))]);
    assert_eq!(late.first(), Some(&Output::Event(Event::Uploaded { slot: Slot::MAILBOX })));
    assert_eq!(late.last(), Some(&Output::Event(Event::PlaybackStarted)));
}

#[test]
fn a_playback_that_ends_while_connecting_was_one() {
    let now = epoch();
    let mut session = Session::new(Pacing::default());
    session.connect(now);
    let read = |session: &mut Session, from, bytes: &[u8]| {
        drain(session, now);
        session.handle(Input::Read(from, bytes), now);
    };
    read(&mut session, Characteristic::Config, b"0011_23_16_05_09");
    read(&mut session, Characteristic::State, &[ToyState::Playback.to_byte()]);

    say_state(&mut session, ToyState::Idle, now);
    read(&mut session, Characteristic::Volume, &[0, 9]);
    let outputs = drain(&mut session, now);

    let config = ConfigId::decode(b"0011_23_16_05_09");
    assert_eq!(
        outputs,
        [
            Event::Ready { config, state: ToyState::Playback, volume: Some(9) },
            Event::State(ToyState::Idle),
            Event::PlaybackEnded
        ]
        .map(Output::Event)
    );
}

#[test]
fn what_the_child_does_at_once_does_not_overtake_the_upload() {
    let (mut session, now) = uploaded_by_hand(9);
    say_request(&mut session, 0, 1, now);
    say_state(&mut session, ToyState::Idle, now);
    drain(&mut session, now);

    say_state(&mut session, ToyState::Playback, now);
    say_state(&mut session, ToyState::Idle, now);
    let early = drain(&mut session, now + ms(249));
    let late = drain(&mut session, now + ms(250));

    assert_eq!(early, []);
    assert_eq!(late.first(), Some(&Output::Event(Event::Uploaded { slot: Slot::MAILBOX })));
    assert_eq!(late.last(), Some(&Output::Event(Event::PlaybackEnded)));
}

#[test]
fn a_child_who_takes_the_toy_away_ends_a_transfer() {
    for (request, failed) in [
        (
            Request::Upload { slot: Slot::MAILBOX, clip: vec![1; 100] },
            Event::UploadFailed(ToyError::GaveUp),
        ),
        (Request::Download, Event::DownloadFailed(ToyError::GaveUp)),
    ] {
        let (mut session, now) = connected_by_hand();
        session.request(request, now).unwrap();
        drain(&mut session, now);
        say_state(&mut session, ToyState::BufferPrime, now);
        say_state(&mut session, ToyState::Download, now);

        say_state(&mut session, ToyState::Recording, now);
        let mut outputs = drain(&mut session, now);
        outputs.extend(drain(&mut session, now + ms(250)));

        assert!(outputs.contains(&Output::Event(failed)), "{outputs:?}");
        assert!(!session.needs_reconnect());
    }
}

#[test]
fn a_child_may_be_who_ends_the_wait_for_a_toy_that_gave_up() {
    let (mut session, now) = connected_by_hand();
    session.request(Request::Upload { slot: Slot::MAILBOX, clip: vec![1; 100] }, now).unwrap();
    drain(&mut session, now);
    say_state(&mut session, ToyState::Upload, now);
    say_request(&mut session, 0, 0, now);
    drain(&mut session, now);

    say_state(&mut session, ToyState::Playback, now);
    drain(&mut session, now);
    let outputs = drain(&mut session, now + ms(250));

    assert_eq!(outputs, [Output::Event(Event::UploadFailed(ToyError::GaveUp))]);
}

#[test]
fn a_state_from_before_the_download_does_not_end_it() {
    let (mut session, now) = connected_by_hand();
    say_state(&mut session, ToyState::Playback, now);
    session.request(Request::Download, now).unwrap();
    drain(&mut session, now);

    say_state(&mut session, ToyState::Idle, now);
    drain(&mut session, now);
    say_state(&mut session, ToyState::Download, now);
    session.handle(Input::Notified(Characteristic::ReceiveAudio, &[7]), now);
    say_state(&mut session, ToyState::Idle, now);
    let outputs = drain(&mut session, now);

    assert!(outputs.contains(&Output::Event(Event::Downloaded(vec![7]))));
}

#[test]
fn chatter_while_connecting_is_cut() {
    let now = epoch();
    let mut session = Session::new(Pacing::NONE);
    session.connect(now);
    let asked = drain_reads(&mut session, now, 1);
    assert_eq!(asked.last(), Some(&Output::Read(Characteristic::State)));
    for _ in 0..10_000 {
        say_state(&mut session, ToyState::Playback, now);
        say_state(&mut session, ToyState::Idle, now);
    }

    session.handle(Input::Read(Characteristic::State, &[1]), now);
    let outputs = drain_reads(&mut session, now, 1);

    assert!(matches!(outputs.first(), Some(Output::Event(Event::Ready { .. }))));
    assert!(1 < outputs.len() && outputs.len() < 100, "{}", outputs.len());
}

#[test]
fn answers_that_dribble_in_do_not_keep_the_connecting_alive() {
    let mut now = epoch();
    let mut session = Session::new(Pacing::NONE);
    session.connect(now);

    let end = loop {
        match session.poll(now) {
            // The link took so long, which the session cannot see but in the time.
            Output::Read(from) => {
                now += ms(9_000);
                session.handle(Input::Read(from, &[1, 1]), now);
            }
            Output::Subscribe(_) => now += ms(9_000),
            Output::Event(event) => break event,
            other => panic!("{other:?}"),
        }
    };

    assert_eq!(end, Event::ConnectFailed(ToyError::Silent));
}

#[test]
fn an_answer_to_another_question_is_no_answer() {
    let now = epoch();
    let mut session = Session::new(Pacing::NONE);
    session.connect(now);
    assert_eq!(session.poll(now), Output::Read(Characteristic::Config));

    session.handle(Input::Read(Characteristic::Volume, &[0, 9]), now);

    assert!(matches!(session.poll(now), Output::Wait(Some(_))));
}

#[test]
fn an_unplayed_recording_is_a_kind_of_idle() {
    let (mut session, now) = connected_by_hand();

    for state in [
        ToyState::Recording,
        ToyState::UnplayedRecording,
        ToyState::Playback,
        ToyState::UnplayedRecording,
    ] {
        say_state(&mut session, state, now);
    }
    let outputs = drain(&mut session, now);

    assert!(outputs.contains(&Output::Event(Event::RecordingEnded)));
    assert!(outputs.contains(&Output::Event(Event::PlaybackEnded)));
}

#[test]
fn streaming_is_a_kind_of_upload() {
    let (mut session, now) = connected_by_hand();
    session.request(Request::Upload { slot: Slot::STREAMING, clip: vec![1; 99] }, now).unwrap();
    drain(&mut session, now);
    say_state(&mut session, ToyState::Streaming, now);
    say_request(&mut session, 0, 0, now);

    let before = drain(&mut session, now + ms(4_000));
    say_state(&mut session, ToyState::Idle, now + ms(4_000));
    drain(&mut session, now + ms(4_000));
    let after = drain(&mut session, now + ms(4_250));

    assert_eq!(before, [Output::Event(Event::State(ToyState::Streaming))]);
    assert_eq!(after, [Output::Event(Event::UploadFailed(ToyError::GaveUp))]);
}
