//! What goes right.

use super::*;
use crate::{
    model::Slot,
    toy::{
        Busy, Event, Pacing, Paw, Request, ToyError,
        firmware::{Quirks, Refusal},
        session::SETTLE,
        wire::{Characteristic, ConfigId, Led, ToyState},
    },
};

fn upload(slot: Slot, clip: Vec<u8>) -> Request {
    Request::Upload { slot, clip }
}

#[test]
fn asks_who_the_toy_is_before_it_listens_and_how_it_is_after() {
    let mut pair = Pair::new(Quirks::default());

    pair.connect();

    let config = ConfigId::decode(b"0311_23_16_05_09");
    let ready = Event::Ready { config, state: ToyState::Idle, volume: Some(0x80) };
    assert_eq!(pair.events, [ready]);
    assert_eq!(
        pair.asked,
        [
            (true, Characteristic::Config),
            (false, Characteristic::State),
            (false, Characteristic::ReceiveAudio),
            (false, Characteristic::DataRequest),
            (true, Characteristic::State),
            (true, Characteristic::Volume),
        ]
    );
}

#[test]
fn puts_a_clip_into_the_mailbox() {
    let mut pair = Pair::connected();
    let clip = clip(500);

    let end = pair.ask(upload(Slot::MAILBOX, clip.clone()));

    assert_eq!(end, Some(Event::Uploaded { slot: Slot::MAILBOX }));
    assert_eq!(pair.toy.slot(Slot::MAILBOX), clip);
    assert_eq!(pair.toy.violations(), []);
    let progress: Vec<(usize, usize)> = pair
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Progress { sent, total } => Some((*sent, *total)),
            _ => None,
        })
        .collect();
    assert_eq!(progress.len(), 100);
    assert_eq!(progress.last(), Some(&(clip.len(), clip.len())));
}

#[test]
fn takes_a_clip_of_forty_seconds_whose_count_does_not_fit() {
    let mut pair = Pair::connected();
    let clip = clip(2_000);

    let end = pair.ask(upload(Slot::MAILBOX, clip.clone()));

    assert_eq!(end, Some(Event::Uploaded { slot: Slot::MAILBOX }));
    assert_eq!(pair.toy.slot(Slot::MAILBOX), clip);
}

#[test]
fn keeps_the_gap_between_chunks() {
    let quirks = Quirks { credit: vec![60_000], ..Quirks::default() };
    let mut pair = Pair::with(quirks, Pacing { gap: ms(8) }, Duration::ZERO);
    pair.connect();
    let before = pair.now;

    pair.ask(upload(Slot::MAILBOX, clip(100)));

    // 4,032 bytes and what fills up to 60,000 are 3,000 chunks.
    let took = pair.now - before;
    assert!(ms(2_999 * 8) <= took && took < ms(2_999 * 8 + 400), "{took:?}");
}

#[test]
fn needs_no_time_without_a_gap() {
    let quirks = Quirks { credit: vec![60_000], ..Quirks::default() };
    let mut pair = Pair::with(quirks, Pacing::NONE, Duration::ZERO);
    pair.connect();
    let before = pair.now;

    pair.ask(upload(Slot::MAILBOX, clip(2_000)));

    let took = pair.now - before;
    assert!(took < ms(400), "{took:?}");
}

#[test]
fn leaves_the_toy_alone_after_an_upload() {
    let mut pair = Pair::connected();
    pair.session.request(upload(Slot::MAILBOX, clip(1)), pair.now).unwrap();
    pair.wait_for(|event| *event == Event::State(ToyState::Idle));
    let idle_at = pair.now;

    let too_soon = pair.session.request(Request::Play(Slot::MAILBOX), pair.now);
    pair.wait_for(|event| matches!(event, Event::Uploaded { .. }));

    assert_eq!(too_soon, Err(Busy::Procedure));
    assert!(SETTLE <= pair.now - idle_at);
    assert_eq!(pair.session.request(Request::Play(Slot::MAILBOX), pair.now), Ok(()));
}

#[test]
fn sends_the_header_twice_to_the_streaming_slot() {
    let mut pair = Pair::connected();
    let clip = clip(3);

    let end = pair.ask(upload(Slot::STREAMING, clip.clone()));

    assert_eq!(end, Some(Event::Uploaded { slot: Slot::STREAMING }));
    let sent: Vec<u8> = pair
        .writes
        .iter()
        .filter(|(to, _)| *to == Characteristic::SendAudio)
        .flat_map(|(_, bytes)| bytes.clone())
        .collect();
    assert_eq!(sent[..32], clip[..32]);
    assert_eq!(sent[32..32 + clip.len()], clip);
    assert!(sent[32 + clip.len()..].iter().all(|byte| *byte == 0x80));
    assert_eq!(pair.toy.slot(Slot::STREAMING), clip);
}

#[test]
fn fills_up_what_the_toy_asks_for_beyond_the_clip() {
    let mut pair = Pair::new(Quirks { credit: vec![100], low_water: 0, ..Quirks::default() });
    pair.connect();

    pair.ask(upload(Slot::MAILBOX, clip(1)));

    let sent: Vec<u8> = pair
        .writes
        .iter()
        .filter(|(to, _)| *to == Characteristic::SendAudio)
        .flat_map(|(_, bytes)| bytes.clone())
        .collect();
    assert_eq!(sent[..72], clip(1));
    assert_eq!(sent[72..], [0x80; 28]);
    assert_eq!(pair.toy.slot(Slot::MAILBOX), clip(1));
}

#[test]
fn fetches_what_the_child_recorded() {
    let mut pair = Pair::connected();
    let file = recording(300);
    pair.toy.record(file.clone(), ms(1_600), pair.now);
    pair.wait_for(|event| *event == Event::RecordingEnded);

    let end = pair.ask(Request::Download);

    assert_eq!(end, Some(Event::Downloaded(file.clone())));
    assert_eq!(pair.toy.recording(), file);
    assert_eq!(pair.toy.violations(), []);
    let progress = Event::DownloadProgress { received: 2_000 };
    assert!(pair.events.contains(&progress));
}

#[test]
fn fetches_the_same_again() {
    let mut pair = Pair::connected();
    pair.toy.record(recording(3), ms(500), pair.now);
    pair.wait_for(|event| *event == Event::RecordingEnded);

    let first = pair.ask(Request::Download);
    let second = pair.ask(Request::Download);

    assert_eq!(first, Some(Event::Downloaded(recording(3))));
    assert_eq!(second, first);
}

#[test]
fn fetches_nothing_where_nothing_is() {
    let mut pair = Pair::connected();

    assert_eq!(pair.ask(Request::Download), Some(Event::Downloaded(Vec::new())));
}

#[test]
fn learns_of_a_recording_made_while_away() {
    let mut pair = Pair::new(Quirks::default());
    pair.toy.record(recording(5), ms(500), pair.now);
    pair.run_for(ms(2_000));

    pair.connect();
    let end = pair.ask(Request::Download);
    pair.disconnect();
    pair.connect();

    let state = |event: &Event| match event {
        Event::Ready { state, .. } => Some(*state),
        _ => None,
    };
    let states: Vec<ToyState> = pair.events.iter().filter_map(state).collect();
    assert_eq!(states, [ToyState::UnplayedRecording, ToyState::Idle]);
    assert_eq!(end, Some(Event::Downloaded(recording(5))));
}

#[test]
fn sees_the_child_listen_to_the_end() {
    let mut pair = Pair::connected();
    pair.ask(upload(Slot::MAILBOX, clip(100)));
    pair.events.clear();
    let pressed_at = pair.now;

    pair.toy.press_play(pair.now);
    pair.wait_for(|event| *event == Event::PlaybackEnded);

    assert_eq!(
        pair.events,
        [
            Event::State(ToyState::Playback),
            Event::PlaybackStarted,
            Event::State(ToyState::Idle),
            Event::PlaybackEnded
        ]
    );
    assert!(ms(2_000) <= pair.now - pressed_at);
}

#[test]
fn sees_the_child_record() {
    let mut pair = Pair::connected();
    pair.events.clear();

    pair.toy.record(recording(1), ms(700), pair.now);
    pair.wait_for(|event| *event == Event::RecordingEnded);

    assert_eq!(
        pair.events,
        [
            Event::State(ToyState::Recording),
            Event::RecordingStarted,
            Event::State(ToyState::Idle),
            Event::RecordingEnded
        ]
    );
}

#[test]
fn a_playback_under_way_while_connecting_is_heard_to_its_end() {
    let mut pair = Pair::connected();
    pair.ask(upload(Slot::MAILBOX, clip(100)));
    pair.disconnect();
    pair.toy.press_play(pair.now);
    pair.events.clear();

    pair.connect();
    pair.wait_for(|event| *event == Event::PlaybackEnded);

    assert!(matches!(pair.events[0], Event::Ready { state: ToyState::Playback, .. }));
    assert_eq!(pair.events[1..], [Event::State(ToyState::Idle), Event::PlaybackEnded]);
}

#[test]
fn what_happens_while_connecting_is_told_after_ready() {
    let mut pair = Pair::connected();
    pair.ask(upload(Slot::MAILBOX, clip(100)));
    pair.disconnect();
    pair.events.clear();
    pair.toy.connect(pair.now);
    pair.session.connect(pair.now);
    pair.is_linked = true;
    // By then the state is subscribed, but not read yet.
    pair.run_for(ms(110));
    pair.toy.press_play(pair.now);

    pair.wait_for(|event| *event == Event::PlaybackEnded);

    assert!(matches!(pair.events[0], Event::Ready { .. }), "{:?}", pair.events);
    assert!(pair.events.contains(&Event::PlaybackStarted));
}

#[test]
fn plays_stops_and_loops() {
    let mut pair = Pair::connected();
    pair.ask(upload(Slot::MAILBOX, clip(50)));

    assert_eq!(pair.ask(Request::Play(Slot::MAILBOX)), Some(Event::Done));
    pair.run_for(ms(200));
    assert_eq!(pair.toy.state(), ToyState::Playback);
    assert_eq!(pair.ask(Request::Stop), Some(Event::Done));
    pair.run_for(ms(200));
    assert_eq!(pair.toy.state(), ToyState::Idle);

    pair.ask(Request::Loop { loops: 3, length_ms: 1_000 });
    pair.run_for(ms(2_900));
    assert_eq!(pair.toy.state(), ToyState::Playback);
    pair.run_for(ms(200));
    assert_eq!(pair.toy.state(), ToyState::Idle);

    pair.ask(Request::Loop { loops: 300, length_ms: 1_000 });
    pair.run_for(ms(5_000));
    pair.ask(Request::StopLoop);
    pair.run_for(ms(200));
    assert_eq!(pair.toy.state(), ToyState::Idle);
    assert_eq!(pair.toy.violations(), []);
}

#[test]
fn sets_heart_and_volume() {
    let mut pair = Pair::connected();

    assert_eq!(pair.ask(Request::Led(Led::MESSAGE_WAITS)), Some(Event::Done));
    assert_eq!(pair.ask(Request::Volume(7)), Some(Event::Done));

    assert_eq!(pair.toy.led(), Led::Blink { period_ms: 500 });
    assert_eq!(pair.toy.volume(), 7);
    assert_eq!(pair.toy.violations(), []);
}

#[test]
fn paws_report_in_game_mode() {
    let mut pair = Pair::connected();
    pair.ask(upload(Slot::MAILBOX, clip(50)));
    pair.ask(Request::GameMode(true));
    pair.events.clear();

    pair.toy.press_play(pair.now);
    pair.run_for(ms(500));
    pair.toy.press_record(pair.now);
    pair.run_for(ms(500));

    assert_eq!(pair.events, [Event::Paw(Paw::Play), Event::Paw(Paw::Record)]);
    pair.ask(Request::GameMode(false));
    pair.toy.press_play(pair.now);
    pair.wait_for(|event| *event == Event::PlaybackEnded).unwrap();
}

#[test]
fn a_paw_does_not_end_what_is_playing_in_game_mode() {
    let mut pair = Pair::connected();
    pair.ask(upload(Slot::MAILBOX, clip(50)));
    pair.ask(Request::GameMode(true));
    pair.ask(Request::Play(Slot::MAILBOX));
    pair.run_for(ms(300));
    pair.events.clear();

    pair.toy.press_play(pair.now);
    pair.wait_for(|event| *event == Event::PlaybackEnded);

    assert_eq!(
        pair.events,
        [Event::Paw(Paw::Play), Event::State(ToyState::Idle), Event::PlaybackEnded]
    );
}

#[test]
fn does_not_interrupt_a_child() {
    let mut pair = Pair::connected();
    pair.toy.record(recording(1), ms(3_000), pair.now);
    pair.wait_for(|event| *event == Event::RecordingStarted);

    let refused = [upload(Slot::MAILBOX, clip(1)), Request::Download, Request::Play(Slot::MAILBOX)]
        .map(|request| pair.session.request(request, pair.now));

    assert_eq!(refused, [Err(Busy::Recording); 3]);
    assert_eq!(pair.session.request(Request::Led(Led::On), pair.now), Ok(()));
}

#[test]
fn one_thing_at_a_time() {
    let mut pair = Pair::new(Quirks::default());
    assert_eq!(pair.session.request(Request::Download, pair.now), Err(Busy::NeedsReconnect));
    pair.connect();

    pair.session.request(upload(Slot::MAILBOX, clip(1)), pair.now).unwrap();

    for request in [Request::Download, Request::Led(Led::On), upload(Slot::MAILBOX, clip(1))] {
        assert_eq!(pair.session.request(request, pair.now), Err(Busy::Procedure));
    }
}

#[test]
fn a_cancelled_upload_leaves_the_toy_ready() {
    for wait in [0, 10, 60, 100, 1_000] {
        let mut pair = Pair::connected();
        pair.session.request(upload(Slot::MAILBOX, clip(500)), pair.now).unwrap();
        pair.run_for(ms(wait));

        pair.session.cancel(pair.now);
        let end = pair.wait_for(|event| matches!(event, Event::UploadFailed(_)));

        assert_eq!(end, Some(Event::UploadFailed(ToyError::Cancelled)), "after {wait} ms");
        assert!(!pair.session.needs_reconnect(), "after {wait} ms");
        let again = pair.ask(upload(Slot::MAILBOX, clip(20)));
        assert_eq!(again, Some(Event::Uploaded { slot: Slot::MAILBOX }), "after {wait} ms");
        assert_eq!(pair.toy.slot(Slot::MAILBOX), clip(20));
        assert_eq!(pair.toy.violations(), [], "after {wait} ms");
    }
}

#[test]
fn after_its_last_byte_an_upload_is_not_cancelled() {
    let mut pair = Pair::connected();
    pair.session.request(upload(Slot::MAILBOX, clip(5)), pair.now).unwrap();
    while pair.writes.last() != Some(&(Characteristic::Command, vec![0x01])) {
        pair.run_for(ms(1));
    }

    pair.session.cancel(pair.now);
    let end =
        pair.wait_for(|event| matches!(event, Event::Uploaded { .. } | Event::UploadFailed(_)));

    assert_eq!(end, Some(Event::Uploaded { slot: Slot::MAILBOX }));
}

#[test]
fn a_cancelled_download_needs_a_new_link() {
    let mut pair = Pair::new(Quirks { notify_gap: ms(8), ..Quirks::default() });
    pair.connect();
    pair.toy.record(recording(300), ms(500), pair.now);
    pair.wait_for(|event| *event == Event::RecordingEnded);
    pair.session.request(Request::Download, pair.now).unwrap();
    pair.run_for(ms(200));

    pair.session.cancel(pair.now);
    let end = pair.wait_for(|event| matches!(event, Event::DownloadFailed(_)));

    assert_eq!(end, Some(Event::DownloadFailed(ToyError::Cancelled)));
    assert!(pair.session.needs_reconnect());
    pair.disconnect();
    pair.connect();
    assert_eq!(pair.ask(Request::Download), Some(Event::Downloaded(recording(300))));
    assert_eq!(pair.toy.violations(), []);
}

#[test]
fn a_link_lost_halfway_empties_the_slot_and_keeps_the_rest() {
    let mut pair = Pair::connected();
    let slot = Slot::new(3).unwrap();
    pair.ask(upload(slot, clip(7)));
    pair.ask(upload(Slot::MAILBOX, clip(9)));
    pair.session.request(upload(Slot::MAILBOX, clip(500)), pair.now).unwrap();
    pair.run_for(ms(500));

    pair.disconnect();

    assert!(pair.toy.slot(Slot::MAILBOX).is_empty());
    assert_eq!(pair.toy.slot(slot), clip(7));
    assert_eq!(pair.toy.state(), ToyState::Idle);
    pair.connect();
    let end = pair.ask(upload(Slot::MAILBOX, clip(500)));
    assert_eq!(end, Some(Event::Uploaded { slot: Slot::MAILBOX }));
}

#[test]
fn a_child_who_plays_in_the_middle_of_an_upload_does_nothing() {
    let mut pair = Pair::connected();
    pair.ask(upload(Slot::MAILBOX, clip(9)));
    pair.session.request(upload(Slot::MAILBOX, clip(500)), pair.now).unwrap();
    pair.run_for(ms(500));

    pair.toy.press_play(pair.now);
    pair.toy.record(recording(1), ms(500), pair.now);
    let end = pair.wait_for(|event| matches!(event, Event::Uploaded { .. }));

    assert!(end.is_some());
    assert!(pair.toy.recording().is_empty());
}

#[test]
fn a_child_who_plays_in_the_middle_of_a_download_does_nothing() {
    let mut pair = Pair::new(Quirks { notify_gap: ms(8), ..Quirks::default() });
    pair.connect();
    pair.ask(upload(Slot::MAILBOX, clip(9)));
    pair.toy.record(recording(300), ms(500), pair.now);
    pair.wait_for(|event| *event == Event::RecordingEnded);
    pair.session.request(Request::Download, pair.now).unwrap();
    pair.run_for(ms(500));

    pair.toy.press_play(pair.now);
    let end = pair.wait_for(|event| matches!(event, Event::Downloaded(_)));

    assert_eq!(end, Some(Event::Downloaded(recording(300))));
}

#[test]
fn an_upload_to_the_streaming_slot_replaces_the_recording() {
    let mut pair = Pair::new(Quirks::default());
    pair.toy.record(recording(5), ms(500), pair.now);
    pair.run_for(ms(1_000));
    pair.connect();

    pair.ask(upload(Slot::STREAMING, clip(2)));
    pair.disconnect();
    pair.connect();

    assert!(pair.toy.recording().is_empty());
    assert!(matches!(pair.events.last(), Some(Event::Ready { state: ToyState::Idle, .. })));
}

#[test]
fn sound_does_not_show_in_what_is_logged() {
    let event = format!("{:?}", Event::Downloaded(vec![77; 3]));

    assert_eq!(event, "Downloaded(3 bytes)");
}

#[test]
fn the_toy_obeys_a_stranger_and_remembers() {
    let mut pair = Pair::connected();

    let answer = pair.toy.write(Characteristic::Command, &[0x08, 0x02], pair.now);
    pair.run_for(ms(1_000));

    assert_eq!(answer, Ok(()));
    assert_eq!(pair.toy.violations(), [Refusal::MicrophoneStarted]);
    assert_eq!(pair.toy.state(), ToyState::Recording);
    pair.ask(Request::Stop);
    pair.wait_for(|event| *event == Event::RecordingEnded).unwrap();
    assert!(pair.toy.recording().starts_with(b"MS"));
}
