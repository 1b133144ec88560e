//! A clip on its way to the toy.

use std::time::{Duration, Instant};

use super::{
    Ending, Step,
    timing::{DATA_REQUEST_TIMEOUT, Silence, TRANSFER_LIMIT},
    watch::{is_childs, is_rest, is_transfer},
    words::{Event, Output},
};
use crate::{
    model::Slot,
    toy::{
        Confusion, ToyError,
        inferred::{CANCELS_UPLOAD, END_TIMEOUT, NEXT_REQUEST_TIMEOUT},
        wire::{CHUNK_BYTES, Characteristic, Command, DataRequest, FILL, HEADER_BYTES, ToyState},
    },
};

/// The most that is sent after the clip's end (our own limit): what one request can ask for. A toy
/// that wants still more is told that this was all.
pub const MAX_FILL_BYTES: usize = 0xffff;

enum Phase {
    /// The toy has yet to be told.
    Begin,
    /// Bytes go out as the toy asks for them.
    Send,
    /// The last byte is out; the toy has yet to say that it has the clip, and to come to rest.
    Finish,
}

pub(super) struct Upload {
    slot: Slot,
    clip: Vec<u8>,
    /// How much of the clip's header goes out twice.
    n_repeated: usize,
    /// How much went out of clip and repeated header.
    n_sent: usize,
    n_filled: usize,
    credit: usize,
    phase: Phase,
    /// The toy said that it takes an upload.
    is_begun: bool,
    /// The toy said that it has the clip.
    is_taken: bool,
    /// The toy has left the upload.
    is_left: bool,
    next_chunk: Option<Instant>,
    percent: usize,
    report: Option<Event>,
    silence: Silence,
    limit: Instant,
}

impl Upload {
    pub(super) fn new(slot: Slot, clip: Vec<u8>, now: Instant) -> Self {
        Self {
            slot,
            n_repeated: repeated_header(slot).min(clip.len()),
            clip,
            n_sent: 0,
            n_filled: 0,
            credit: 0,
            phase: Phase::Begin,
            is_begun: false,
            is_taken: false,
            is_left: false,
            next_chunk: None,
            percent: 0,
            report: None,
            silence: Silence::new(DATA_REQUEST_TIMEOUT),
            limit: now + TRANSFER_LIMIT,
        }
    }

    pub(super) fn poll(&mut self, gap: Duration, now: Instant) -> Step {
        if let Some(event) = self.report.take() {
            return Step::Output(Output::Event(event));
        }
        if self.limit <= now {
            return Step::End(stuck(ToyError::Confused(Confusion::EndlessTransfer)));
        }
        match self.phase {
            Phase::Begin => {
                self.phase = Phase::Send;
                Step::command(Command::BeginUpload { slot: self.slot })
            }
            Phase::Send if self.is_all_out() => {
                self.phase = Phase::Finish;
                self.silence = Silence::new(END_TIMEOUT);
                Step::command(Command::EndUpload)
            }
            Phase::Finish if self.is_taken && self.is_left => {
                Step::End(Ending::Settle(Event::Uploaded { slot: self.slot }))
            }
            Phase::Send if 0 < self.credit => match self.next_chunk {
                Some(at) if now < at => Step::wait(at),
                _ => {
                    self.next_chunk = Some(now + gap);
                    Step::Output(self.chunk())
                }
            },
            Phase::Send | Phase::Finish => {
                Step::listen(&mut self.silence, now, || stuck(ToyError::Silent))
            }
        }
    }

    pub(super) fn requested(&mut self, request: DataRequest) -> Option<Ending> {
        match (&self.phase, request.requested) {
            // Left over from an upload before this one, or from a toy that has not seen our last
            // byte yet.
            (Phase::Begin, _) | (Phase::Finish, 1..) => None,
            (Phase::Send, 1..) => {
                self.credit = self.credit.saturating_add(usize::from(request.requested));
                None
            }
            (Phase::Send | Phase::Finish, 0) => {
                self.is_taken = 0 < request.transferred && self.n_sent == self.n_total();
                let gave_up = Ending::Leave { write: None, error: ToyError::GaveUp };
                (!self.is_taken).then_some(gave_up)
            }
        }
    }

    pub(super) fn observed(&mut self, state: ToyState) -> Option<Ending> {
        match self.phase {
            Phase::Begin => None,
            Phase::Send | Phase::Finish if state == ToyState::KeyCheckFailed => {
                Some(Ending::Leave { write: None, error: ToyError::KeyRefused })
            }
            Phase::Send | Phase::Finish if is_transfer(state) => {
                self.is_begun = true;
                None
            }
            Phase::Send => {
                // A state from before our write may still have been on its way. A toy that has
                // all of the clip may come to rest before it hears of the end.
                let is_out = self.is_begun && (is_rest(state) || is_childs(state));
                self.is_left = is_out && self.is_taken;
                let gave_up = Ending::Leave { write: None, error: ToyError::GaveUp };
                (is_out && !self.is_taken).then_some(gave_up)
            }
            Phase::Finish => {
                self.is_left |= is_rest(state) || is_childs(state);
                None
            }
        }
    }

    /// Returns whether a state comes from after the upload, though its end is yet to be told.
    pub(super) const fn is_over(&self, state: ToyState) -> bool {
        let all_is_said = self.is_taken || matches!(self.phase, Phase::Finish);
        self.is_left || (all_is_said && is_childs(state))
    }

    /// Returns how to get out of it, if it is not too late.
    pub(super) fn cancel(&self) -> Option<Ending> {
        let error = ToyError::Cancelled;
        match self.phase {
            Phase::Begin => Some(Ending::Ready(Event::UploadFailed(error))),
            Phase::Send => Some(Ending::Leave { write: Some(CANCELS_UPLOAD), error }),
            Phase::Finish => None,
        }
    }

    const fn n_total(&self) -> usize {
        self.n_repeated + self.clip.len()
    }

    /// Returns whether the toy has all of the clip, and what it asked for beyond it.
    fn is_all_out(&self) -> bool {
        let is_filled = self.credit == 0 || self.is_taken || MAX_FILL_BYTES <= self.n_filled;
        self.n_sent == self.n_total() && is_filled
    }

    /// Takes the next chunk out of repeated header, clip and filling.
    fn chunk(&mut self) -> Output {
        let n_bytes = CHUNK_BYTES.min(self.credit);
        let mut bytes = Vec::with_capacity(n_bytes);
        if self.n_sent < self.n_repeated {
            let header = self.clip.iter().take(self.n_repeated).skip(self.n_sent);
            bytes.extend(header.take(n_bytes));
        }
        let from = (self.n_sent + bytes.len()).saturating_sub(self.n_repeated);
        let rest = self.clip.get(from..).unwrap_or_default();
        bytes.extend(rest.iter().take(n_bytes - bytes.len()));
        self.n_sent += bytes.len();
        self.n_filled += n_bytes - bytes.len();
        bytes.resize(n_bytes, FILL);
        self.credit -= n_bytes;
        self.silence = Silence::new(NEXT_REQUEST_TIMEOUT);
        self.note_progress();
        Output::Write { to: Characteristic::SendAudio, bytes, response: false }
    }

    fn note_progress(&mut self) {
        let (sent, total) = (self.n_sent, self.n_total());
        let percent = (sent * 100).checked_div(total).unwrap_or(0);
        if self.percent < percent {
            self.percent = percent;
            self.report = Some(Event::Progress { sent, total });
        }
    }
}

/// Returns how many header bytes a slot wants to see twice.
fn repeated_header(slot: Slot) -> usize {
    if slot == Slot::STREAMING { HEADER_BYTES } else { 0 }
}

const fn stuck(error: ToyError) -> Ending {
    Ending::Stuck(Event::UploadFailed(error))
}
