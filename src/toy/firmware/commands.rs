//! What is written to the toy.

use std::time::{Duration, Instant};

use super::{Doing, Firmware, FirmwareOutput, GRACE, PEACE, Refusal, Upload};
use crate::{
    model::Slot,
    toy::{
        inferred::{
            FULL_SLOT_ENDS_UPLOAD, KEY_REFUSED, LONGEST_RECORDING, PLAYING_GIVES_WAY, PRIME,
            SLOT_BYTES, UPLOAD_ERASES_FIRST,
        },
        wire::{
            CHUNK_BYTES, Characteristic, ConfigId, DataRequest, Led, ToyState, UPLOAD_KEY,
            decode_volume,
        },
    },
};

/// Starts the toy's microphone, from anywhere in radio range. No other module knows it.
const START_RECORDING: [u8; 2] = [0x08, 0x02];

impl Firmware {
    /// Takes a write.
    ///
    /// A refusal is also kept among the [`Firmware::violations`]; what it says did not happen, but
    /// for a started microphone, which is taken as a real toy takes it. Silent: a toy may also keep
    /// a config identifier or a heart that is none; a volume that is none could not be read again.
    pub fn write(&mut self, to: Characteristic, bytes: &[u8], now: Instant) -> Result<(), Refusal> {
        self.run(now);
        self.take(to, bytes, now).map_err(|refusal| self.refuse(refusal))
    }

    fn take(&mut self, to: Characteristic, bytes: &[u8], now: Instant) -> Result<(), Refusal> {
        if !self.link.is_up {
            return Err(Refusal::NotConnected);
        }
        if self.link.is_dropping() {
            return Ok(());
        }
        if CHUNK_BYTES < bytes.len() {
            return Err(Refusal::TooLong { len: bytes.len() });
        }
        match to {
            Characteristic::Command => return self.obey(bytes, now),
            Characteristic::SendAudio => return self.take_audio(bytes, now),
            Characteristic::Config => {
                let id = ConfigId::decode(bytes).ok_or(Refusal::Malformed(to))?;
                self.config = id.as_bytes().to_vec();
            }
            Characteristic::Led => self.led = Led::decode(bytes).ok_or(Refusal::Malformed(to))?,
            Characteristic::Volume => match (bytes.len(), decode_volume(bytes)) {
                (2, Some(level)) => self.volume = level,
                _ => return Err(Refusal::Malformed(to)),
            },
            Characteristic::ReceiveAudio | Characteristic::State | Characteristic::DataRequest => {
                return Err(Refusal::NotWritable(to));
            }
        }
        Ok(())
    }

    fn obey(&mut self, bytes: &[u8], now: Instant) -> Result<(), Refusal> {
        let malformed = Err(Refusal::Malformed(Characteristic::Command));
        let Some(&opcode) = bytes.first() else { return malformed };
        // Silent: whether a toy does what comes too soon, and whether game mode is a procedure.
        if let Some((over, peace)) = self.upload_over
            && now < over + peace
        {
            return Err(Refusal::TooSoon { opcode });
        }
        if self.quirks.silent_after_command == Some(opcode) {
            self.go_silent();
        }
        match bytes {
            [0x00, slot, key @ ..] if key.len() == UPLOAD_KEY.len() => {
                let slot = Slot::new(*slot).ok_or(Refusal::NoSuchSlot(*slot))?;
                self.begin_upload(slot, key, now)
            }
            [0x01] => self.end_upload(now),
            [0x02] => self.begin_download(now),
            [0x08, 0x01, 0] => {
                self.stop(now);
                Ok(())
            }
            [0x08, 0x01, n] => {
                let slot = Slot::new(*n - 1).ok_or(Refusal::NoSuchSlot(*n - 1))?;
                let length = self.memory.length(slot);
                self.play(opcode, length, now)
            }
            bytes if bytes == START_RECORDING => {
                self.refuse(Refusal::MicrophoneStarted);
                self.start_recording(LONGEST_RECORDING, None, now);
                Ok(())
            }
            [0x0b, on @ (0 | 1)] => {
                self.game_mode = *on == 1;
                Ok(())
            }
            // A loop of one round and one millisecond is how a loop is stopped. Silent: whether it
            // also stops what is no loop.
            [0x0c, 1, 0, 1, 0] => {
                if matches!(self.doing, Doing::Playing { .. }) {
                    self.stop(now);
                }
                Ok(())
            }
            [0x0c, loops_low, loops_high, ms_low, ms_high] => {
                let loops = u16::from_le_bytes([*loops_low, *loops_high]);
                let ms = u16::from_le_bytes([*ms_low, *ms_high]);
                let length = Duration::from_millis(u64::from(ms)) * u32::from(loops);
                // Silent: rounds without length may also show as playing and be over at once.
                let has_clip = self.memory.length(Slot::MAILBOX).is_some() && !length.is_zero();
                self.play(opcode, has_clip.then_some(length), now)
            }
            [0x00 | 0x01 | 0x02 | 0x08 | 0x0b | 0x0c, ..] => malformed,
            _ => Err(Refusal::UnknownOpcode(opcode)),
        }
    }

    /// Returns whether the toy is free for a procedure; what it plays gives way.
    ///
    /// A child who records does not. Neither does a transfer. If that is new, the hub cannot know
    /// yet, and the command is ignored without blame (silent: also who cannot know may be blamed).
    /// Silent as well: a toy may refuse to be asked for a recording while it plays, may take
    /// commands while it shows a refused key, and may let a new upload replace a running one.
    fn is_free_for(&mut self, opcode: u8, now: Instant) -> Result<bool, Refusal> {
        match self.doing {
            Doing::Nothing => Ok(true),
            Doing::Playing { .. } => Ok(PLAYING_GIVES_WAY),
            Doing::Recording { .. } if self.since.is_none_or(|since| now < since + GRACE) => {
                Ok(false)
            }
            Doing::Recording { .. }
            | Doing::Uploading(_)
            | Doing::RefusingKey { .. }
            | Doing::Downloading { .. } => Err(Refusal::WrongState { opcode, state: self.shown }),
        }
    }

    fn begin_upload(&mut self, slot: Slot, key: &[u8], now: Instant) -> Result<(), Refusal> {
        if !self.is_free_for(0x00, now)? {
            return Ok(());
        }
        let is_wrong = key != UPLOAD_KEY;
        if is_wrong || self.quirks.refuse_key {
            self.doing = Doing::RefusingKey { until: now + KEY_REFUSED };
            self.enter(ToyState::KeyCheckFailed, now);
            return if is_wrong { Err(Refusal::WrongKey) } else { Ok(()) };
        }
        if UPLOAD_ERASES_FIRST {
            self.memory.erase(slot);
        }
        self.doing = Doing::Uploading(Upload {
            slot,
            bytes: Vec::new(),
            credit: 0,
            n_granted: 0,
            turn: 0,
            ask_at: Some(now + PRIME),
            is_primed: false,
        });
        if !self.strike_upload(0, now) {
            self.enter(ToyState::BufferPrime, now);
        }
        Ok(())
    }

    fn take_audio(&mut self, bytes: &[u8], now: Instant) -> Result<(), Refusal> {
        let Doing::Uploading(upload) = &mut self.doing else {
            return self.is_late(now).then_some(()).ok_or(Refusal::NoUpload);
        };
        let n_taken = bytes.len().min(upload.credit);
        upload.credit -= n_taken;
        upload.bytes.extend(bytes.iter().take(n_taken));
        if upload.credit <= self.quirks.low_water {
            upload.ask_at.get_or_insert(now);
        }
        let n_received = upload.bytes.len();
        // Silent: the slot may keep what came.
        let is_full = FULL_SLOT_ENDS_UPLOAD
            && n_received == SLOT_BYTES
            && upload.wants(self.quirks.over_ask) != 0;
        if !self.strike_upload(n_received, now) && is_full {
            self.give_up(now);
        }
        match bytes.len() - n_taken {
            0 => Ok(()),
            n_bytes => Err(Refusal::BeyondCredit { n_bytes }),
        }
    }

    fn end_upload(&mut self, now: Instant) -> Result<(), Refusal> {
        let Doing::Uploading(upload) = &mut self.doing else {
            let wrong = Refusal::WrongState { opcode: 0x01, state: self.shown };
            // Silent: whether the end of what has ended may still be on its way.
            return self.is_late(now).then_some(()).ok_or(wrong);
        };
        let bytes = std::mem::take(&mut upload.bytes);
        let slot = upload.slot;
        let is_failure = self.quirks.transferred_zero || bytes.is_empty();
        let transferred = if is_failure { 0 } else { n_transferred(bytes.len()) };
        if !is_failure {
            self.memory.keep_upload(slot, bytes);
        }
        self.doing = Doing::Nothing;
        // Peace is wanted after what is done, which a failed upload is not.
        self.upload_over = Some((now, if is_failure { Duration::ZERO } else { PEACE }));
        self.request_data(0, transferred, now);
        self.enter(ToyState::Idle, now);
        Ok(())
    }

    fn begin_download(&mut self, now: Instant) -> Result<(), Refusal> {
        if !self.is_free_for(0x02, now)? {
            return Ok(());
        }
        self.doing = Doing::Downloading { n_sent: 0, n_notified: 0, next_at: now };
        self.enter(ToyState::Download, now);
        self.strike_download(0, now);
        Ok(())
    }

    fn play(&mut self, opcode: u8, length: Option<Duration>, now: Instant) -> Result<(), Refusal> {
        if self.is_free_for(opcode, now)?
            && let Some(length) = length
        {
            self.start_playing(length, now);
        }
        Ok(())
    }

    pub(super) fn give_up(&mut self, now: Instant) {
        let Doing::Uploading(upload) = &self.doing else { return };
        // Nothing is kept. Of a clip that had come whole, a count would say that it was.
        let expected = super::memory::expected_bytes(upload.slot, &upload.bytes);
        let is_whole = expected.is_some_and(|expected| expected <= upload.bytes.len());
        let transferred = if is_whole { 0 } else { n_transferred(upload.bytes.len()) };
        self.doing = Doing::Nothing;
        // Nothing is to be left alone, but what was under way may still arrive.
        self.upload_over = Some((now, Duration::ZERO));
        self.request_data(0, transferred, now);
        self.enter(ToyState::Idle, now);
    }

    pub(super) fn request_data(&mut self, requested: u16, transferred: u16, now: Instant) {
        let request = DataRequest { requested, transferred };
        self.notify(Characteristic::DataRequest, request.encode(), now);
    }

    /// Does what the quirks want when an upload has come this far; returns whether it is over.
    fn strike_upload(&mut self, n_received: usize, now: Instant) -> bool {
        let strikes = |at: Option<usize>| at.is_some_and(|at| at <= n_received);
        if strikes(self.quirks.disconnect_after_upload) {
            self.drop_link(now);
            return true;
        }
        if strikes(self.quirks.silent_after_upload) {
            self.go_silent();
            return true;
        }
        if strikes(self.quirks.give_up_after) {
            self.give_up(now);
            return true;
        }
        false
    }

    /// Does what the quirks want when a download has come this far; returns whether it is over.
    pub(super) fn strike_download(&mut self, n_sent: usize, now: Instant) -> bool {
        let strikes = |at: Option<usize>| at.is_some_and(|at| at <= n_sent);
        if strikes(self.quirks.disconnect_after_download) {
            self.drop_link(now);
            return true;
        }
        if strikes(self.quirks.silent_after_download) {
            self.go_silent();
            return true;
        }
        false
    }

    fn drop_link(&mut self, now: Instant) {
        self.link.queue.clear();
        self.queue(FirmwareOutput::Disconnect, now);
        // Whatever else it would have said is not said any more.
        self.link.subscribed.clear();
        self.doing = Doing::Nothing;
    }

    fn go_silent(&mut self) {
        self.link.queue.clear();
        self.link.is_mute = true;
    }

    /// Returns whether bytes of an upload that has ended may still be on their way.
    fn is_late(&self, now: Instant) -> bool {
        self.upload_over.is_some_and(|(over, _)| now < over + GRACE)
    }
}

impl Upload {
    /// Returns how many more bytes the toy wants, as far as it knows.
    pub(super) fn wants(&self, over_ask: usize) -> usize {
        let expected = super::memory::expected_bytes(self.slot, &self.bytes);
        let most = expected.map_or(usize::MAX, |expected| expected.saturating_add(over_ask));
        most.saturating_sub(self.n_granted)
    }
}

/// Returns the toy's count of an upload: 16 bits, never zero for something. Silent: it may also stay
/// at its highest instead of beginning again.
fn n_transferred(n_bytes: usize) -> u16 {
    let count = u16::try_from(n_bytes & 0xffff).unwrap_or(0);
    if 0 < n_bytes { count.max(1) } else { 0 }
}
