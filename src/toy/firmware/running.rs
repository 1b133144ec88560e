//! What the toy does as time goes by.

use std::time::Instant;

use super::{Doing, Firmware, FirmwareOutput};
use crate::toy::{
    inferred::{ASK_AGAIN, SLOT_BYTES},
    wire::{CHUNK_BYTES, Characteristic, ToyState},
};

impl Firmware {
    /// Does, in order and each at its own time, all that was due until now.
    pub(super) fn run(&mut self, now: Instant) {
        while let Some(at) = self.next_timer() {
            if now < at {
                return;
            }
            self.fire(at);
        }
    }

    /// Returns when the toy next does something by itself. A toy that is stuck in a state does
    /// nothing that would lead out of it.
    pub(super) fn next_timer(&self) -> Option<Instant> {
        let doing = match &self.doing {
            Doing::Uploading(upload) if upload.is_primed || !self.is_stuck() => upload.ask_at,
            Doing::RefusingKey { until }
            | Doing::Playing { until }
            | Doing::Recording { until, .. }
                if !self.is_stuck() =>
            {
                Some(*until)
            }
            Doing::Nothing
            | Doing::Uploading(_)
            | Doing::RefusingKey { .. }
            | Doing::Playing { .. }
            | Doing::Recording { .. }
            | Doing::Downloading { .. } => None,
        };
        [doing, self.paw.map(|(_, release)| release)].into_iter().flatten().min()
    }

    fn fire(&mut self, at: Instant) {
        if self.paw.is_some_and(|(_, release)| release <= at) {
            self.paw = None;
            self.say_state(self.shown, at);
            return;
        }
        match &mut self.doing {
            Doing::Uploading(upload) if !upload.is_primed => {
                upload.is_primed = true;
                upload.ask_at = Some(at);
                self.enter(ToyState::Upload, at);
            }
            Doing::Uploading(_) => self.ask(at),
            Doing::RefusingKey { .. } => {
                self.doing = Doing::Nothing;
                self.enter(ToyState::Idle, at);
            }
            Doing::Playing { .. } | Doing::Recording { .. } => self.stop(at),
            Doing::Nothing | Doing::Downloading { .. } => {}
        }
    }

    /// Takes a turn in asking for more of an upload.
    fn ask(&mut self, at: Instant) {
        let Doing::Uploading(upload) = &mut self.doing else { return };
        upload.ask_at = None;
        let room = SLOT_BYTES - upload.n_granted.min(SLOT_BYTES);
        let wanted = upload.wants(self.quirks.over_ask).min(room);
        let Some(&turn) = self.quirks.credit.iter().cycle().nth(upload.turn) else { return };
        if wanted == 0 || self.quirks.low_water < upload.credit {
            return;
        }
        upload.turn = (upload.turn + 1) % self.quirks.credit.len();
        let granted = u16::try_from(wanted).map_or(turn, |wanted| wanted.min(turn));
        upload.credit += usize::from(granted);
        upload.n_granted += usize::from(granted);
        if upload.credit <= self.quirks.low_water {
            upload.ask_at = Some(at + ASK_AGAIN);
        }
        let transferred = u16::try_from(upload.bytes.len() & 0xffff).unwrap_or(0);
        if 0 < granted {
            self.request_data(granted, transferred, at);
        }
    }

    /// Returns the next piece of a recording that is being fetched.
    ///
    /// Pieces are made as they are asked for, so that a whole recording never stands in the queue.
    pub(super) fn next_audio(&mut self, now: Instant) -> Option<FirmwareOutput> {
        while let Doing::Downloading { n_sent, n_notified, next_at } = &mut self.doing {
            let is_quiet = self.link.is_mute || self.quirks.silent;
            if is_quiet || self.quirks.stuck_in == Some(self.shown) {
                return None;
            }
            if now < *next_at {
                return Some(FirmwareOutput::Wait(Some(*next_at)));
            }
            let (from, number) = (*n_sent, *n_notified);
            let rest = self.memory.recording().get(from..).unwrap_or_default();
            let mut piece: Vec<u8> = rest.iter().take(CHUNK_BYTES).copied().collect();
            if piece.is_empty() {
                self.memory.fetched();
                self.doing = Doing::Nothing;
                self.enter(ToyState::Idle, now);
                return self.link.queue.front().map(|(due, _)| FirmwareOutput::Wait(Some(*due)));
            }
            *n_sent += piece.len();
            *n_notified += 1;
            *next_at = now + self.quirks.notify_gap + self.quirks.slow;
            let n_sent = *n_sent;
            if let Some(at) = self.quirks.corrupt_download.and_then(|at| at.checked_sub(from))
                && let Some(byte) = piece.get_mut(at)
            {
                *byte = !*byte;
            }
            if self.strike_download(n_sent, now) {
                let due = self.link.queue.front().map(|(due, _)| *due);
                return due.map(|due| FirmwareOutput::Wait(Some(due)));
            }
            let is_lost = self.quirks.drop_notification == Some(number)
                || !self.link.subscribed.contains(&Characteristic::ReceiveAudio);
            if !is_lost {
                return Some(FirmwareOutput::Notify(Characteristic::ReceiveAudio, piece));
            }
        }
        None
    }
}
