//! What the toy's states say about the child.

use std::collections::VecDeque;

use super::words::{Event, Paw};
use crate::toy::{
    inferred::{CHILD_ENDS_TRANSFER, PRESS_IS_BRIEF, STREAMS, UNPLAYED},
    wire::ToyState,
};

/// Remembers what the toy is doing and turns its states into events.
pub(super) struct Watch {
    state: ToyState,
    /// The values without a meaning that were reported already.
    reported: [bool; 256],
}

impl Watch {
    pub(super) const fn new() -> Self {
        Self { state: ToyState::Invalid, reported: [false; 256] }
    }

    pub(super) const fn state(&self) -> ToyState {
        self.state
    }

    /// Takes the state that was read on connecting, which nothing follows from by itself.
    pub(super) fn set(&mut self, state: ToyState) {
        if has_meaning(state) {
            self.state = state;
        }
    }

    /// Takes a state that the toy notified.
    pub(super) fn observe(&mut self, state: ToyState, events: &mut VecDeque<Event>) {
        match state {
            ToyState::Other(value) => {
                if let Some(reported) = self.reported.get_mut(usize::from(value))
                    && !*reported
                {
                    *reported = true;
                    events.push_back(Event::Unknown(value));
                }
                return;
            }
            ToyState::RecordPaw => return events.push_back(Event::Paw(Paw::Record)),
            ToyState::PlayPaw => return events.push_back(Event::Paw(Paw::Play)),
            known if known == self.state => return,
            _ => {}
        }
        let before = self.state;
        self.state = state;
        events.push_back(Event::State(state));
        match (before, state) {
            (_, ToyState::Recording) => events.push_back(Event::RecordingStarted),
            (_, ToyState::Playback) => events.push_back(Event::PlaybackStarted),
            (ToyState::Recording, end) if is_rest(end) => {
                events.push_back(Event::RecordingEnded);
            }
            (ToyState::Playback, end) if is_rest(end) => events.push_back(Event::PlaybackEnded),
            _ => {}
        }
    }
}

/// Returns whether the state says what the toy is doing. A pressed paw and an unknown value do not:
/// the toy goes on with what it was doing.
const fn has_meaning(state: ToyState) -> bool {
    match state {
        ToyState::RecordPaw | ToyState::PlayPaw => !PRESS_IS_BRIEF,
        ToyState::Other(_) => false,
        _ => true,
    }
}

/// Returns whether the toy is doing nothing.
pub(super) const fn is_rest(state: ToyState) -> bool {
    matches!(state, ToyState::Idle | UNPLAYED)
}

/// Returns whether a transfer is going on.
pub(super) const fn is_transfer(state: ToyState) -> bool {
    matches!(
        state,
        ToyState::Upload
            | ToyState::BufferPrime
            | STREAMS
            | ToyState::Download
            | ToyState::KeyCheckFailed
    )
}

/// Returns whether the toy belongs to the child for the moment, and a transfer is over by that.
pub(super) const fn is_childs(state: ToyState) -> bool {
    CHILD_ENDS_TRANSFER && matches!(state, ToyState::Recording | ToyState::Playback)
}
