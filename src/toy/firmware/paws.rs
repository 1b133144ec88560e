//! What the child does with the toy.

use std::time::{Duration, Instant};

use super::{Doing, Firmware, memory};
use crate::{
    model::Slot,
    toy::{
        inferred::{LONGEST_RECORDING, PAWS_REST_IN_TRANSFER, PRESS},
        wire::ToyState,
    },
};

impl Firmware {
    /// Presses the paw that plays slot 1 for as long as its clip lasts; in game mode it reports.
    ///
    /// During a transfer or a recording nothing happens.
    pub fn press_play(&mut self, now: Instant) {
        self.run(now);
        if self.game_mode {
            return self.report_paw(ToyState::PlayPaw, now);
        }
        if self.heeds_paws()
            && let Some(length) = self.memory.length(Slot::MAILBOX)
        {
            self.start_playing(length, now);
        }
    }

    /// Holds the paw that records for so long; in game mode it reports.
    ///
    /// The file is kept in slot 0 when the paw is let go, until another recording or an upload to
    /// that slot replaces it. During a transfer nothing happens.
    pub fn record(&mut self, ms_file: Vec<u8>, length: Duration, now: Instant) {
        self.run(now);
        if self.game_mode {
            return self.report_paw(ToyState::RecordPaw, now);
        }
        if self.heeds_paws() {
            self.start_recording(length, Some(ms_file), now);
        }
    }

    /// Presses the paw that records, briefly: in game mode it reports, else nothing worth keeping
    /// is recorded.
    pub fn press_record(&mut self, now: Instant) {
        self.record(memory::silence(PRESS), PRESS, now);
    }

    const fn heeds_paws(&self) -> bool {
        match self.doing {
            Doing::Nothing | Doing::Playing { .. } => true,
            Doing::Recording { .. } => false,
            Doing::Uploading(_) | Doing::RefusingKey { .. } | Doing::Downloading { .. } => {
                !PAWS_REST_IN_TRANSFER
            }
        }
    }

    pub(super) fn start_recording(
        &mut self,
        length: Duration,
        file: Option<Vec<u8>>,
        now: Instant,
    ) {
        // Silent: the command may also begin a recording anew.
        if self.heeds_paws() {
            let until = now + length.min(LONGEST_RECORDING);
            self.doing = Doing::Recording { from: now, until, file };
            self.enter(ToyState::Recording, now);
        }
    }

    pub(super) fn start_playing(&mut self, length: Duration, now: Instant) {
        self.doing = Doing::Playing { until: now + length };
        self.enter(ToyState::Playback, now);
    }

    /// Stops a playback or a recording, which keeps what it has.
    pub(super) fn stop(&mut self, now: Instant) {
        match &mut self.doing {
            Doing::Playing { .. } => {}
            Doing::Recording { from, file, .. } => {
                let length = now.saturating_duration_since(*from);
                let file = file.take().unwrap_or_else(|| memory::silence(length));
                self.memory.keep_recording(file, !self.link.is_up);
            }
            Doing::Nothing
            | Doing::Uploading(_)
            | Doing::RefusingKey { .. }
            | Doing::Downloading { .. } => return,
        }
        self.doing = Doing::Nothing;
        self.enter(ToyState::Idle, now);
    }

    /// Shows a pressed paw for a moment, or until the state changes; what the toy does goes on.
    fn report_paw(&mut self, paw: ToyState, now: Instant) {
        self.paw = Some((paw, now + PRESS));
        self.say_state(paw, now);
    }
}
