//! The recording on its way from the toy.

use std::time::Instant;

use super::{
    Ending, Step,
    timing::{Silence, TRANSFER_LIMIT},
    watch::{is_childs, is_rest},
    words::{Event, Output},
};
use crate::toy::{
    Confusion, ToyError,
    inferred::DOWNLOAD_TIMEOUT,
    wire::{Command, ToyState},
};

/// The most that is taken for a recording. Forty seconds have at most 244 kB; whether the toy stops
/// by time or by bytes is unknown.
pub const MAX_RECORDING_BYTES: usize = 1 << 20;

/// How far a download gets between two events.
pub(super) const PROGRESS_BYTES: usize = 2_000;

pub(super) struct Download {
    is_written: bool,
    /// The toy said that it sends.
    is_begun: bool,
    bytes: Vec<u8>,
    n_reported: usize,
    silence: Silence,
    limit: Instant,
}

impl Download {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            is_written: false,
            is_begun: false,
            bytes: Vec::new(),
            n_reported: 0,
            silence: Silence::new(DOWNLOAD_TIMEOUT),
            limit: now + TRANSFER_LIMIT,
        }
    }

    pub(super) fn poll(&mut self, now: Instant) -> Step {
        if !self.is_written {
            self.is_written = true;
            return Step::command(Command::Download);
        }
        let received = self.bytes.len();
        if self.n_reported + PROGRESS_BYTES <= received {
            self.n_reported = received;
            return Step::Output(Output::Event(Event::DownloadProgress { received }));
        }
        if self.limit <= now {
            return Step::End(stuck(ToyError::Confused(Confusion::EndlessTransfer)));
        }
        Step::listen(&mut self.silence, now, || stuck(ToyError::Silent))
    }

    pub(super) fn received(&mut self, bytes: &[u8]) -> Option<Ending> {
        if MAX_RECORDING_BYTES < self.bytes.len() + bytes.len() {
            return Some(stuck(ToyError::Confused(Confusion::EndlessRecording)));
        }
        self.silence.broken();
        self.bytes.extend_from_slice(bytes);
        None
    }

    pub(super) fn observed(&mut self, state: ToyState) -> Option<Ending> {
        if state == ToyState::Download {
            self.is_begun = true;
            self.silence.broken();
            return None;
        }
        // A state from before our write may still have been on its way.
        if !self.is_begun {
            return None;
        }
        if is_rest(state) {
            let bytes = std::mem::take(&mut self.bytes);
            return Some(Ending::Ready(Event::Downloaded(bytes)));
        }
        is_childs(state).then_some(Ending::Ready(Event::DownloadFailed(ToyError::GaveUp)))
    }

    pub(super) const fn cancel(&self) -> Ending {
        let event = Event::DownloadFailed(ToyError::Cancelled);
        if self.is_written { Ending::Stuck(event) } else { Ending::Ready(event) }
    }
}

const fn stuck(error: ToyError) -> Ending {
    Ending::Stuck(Event::DownloadFailed(error))
}
