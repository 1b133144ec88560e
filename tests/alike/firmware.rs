//! The crate's own toy, in simulated time.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use hutch::{
    model::Character,
    toy::{
        Firmware,
        firmware::{FirmwareOutput, Quirks, Refusal},
        wire::Characteristic,
    },
};

use super::{
    follow::{PATIENCE, Said, Toy},
    script::{Manner, Part, Side},
};

/// How many requests for data a transcript may go through before their pattern repeats.
const MAX_REQUESTS: usize = 100;

pub(crate) struct Simulated {
    firmware: Firmware,
    epoch: Instant,
    now: Instant,
    said: VecDeque<Said>,
}

impl Simulated {
    pub(crate) fn new(manner: &Manner) -> Self {
        let last = manner.credit.last().copied();
        let credit = manner.credit.iter().copied().chain(last.into_iter().cycle());
        let quirks = Quirks {
            credit: credit.take(MAX_REQUESTS).collect(),
            low_water: manner.low_water.into(),
            over_ask: manner.over_ask,
            ..Quirks::default()
        };
        let firmware = if manner.is_new {
            Firmware::factory_new(quirks)
        } else {
            Firmware::new(Character::Unicorn, quirks)
        };
        #[allow(clippy::disallowed_methods, reason = "only distances from it are ever looked at")]
        let epoch = Instant::now();
        Self { firmware, epoch, now: epoch, said: VecDeque::new() }
    }

    /// Goes on until then, or until something was said.
    fn run(&mut self, until: Instant, stop_when_said: bool) {
        while !stop_when_said || self.said.is_empty() {
            match self.firmware.poll(self.now) {
                FirmwareOutput::Notify(from, bytes) => {
                    let at = self.now.duration_since(self.epoch);
                    self.said.push_back(Said { from, bytes, at });
                }
                FirmwareOutput::Wait(Some(at)) if at <= until => self.now = at,
                FirmwareOutput::Wait(_) => {
                    self.now = until;
                    return;
                }
                FirmwareOutput::Disconnect => unreachable!("it behaves well"),
            }
        }
    }
}

impl Toy for Simulated {
    const SIDE: Side = Side::Firmware;
    const IS_REAL: bool = false;

    fn connect(&mut self) {
        self.firmware.connect(self.now);
    }

    fn lose(&mut self) {
        self.firmware.disconnect(self.now);
        self.said.clear();
    }

    fn sleep(&mut self) {
        // That nobody reaches a toy that sleeps is the radio's part.
        self.lose();
    }

    fn subscribe(&mut self, to: Characteristic) {
        self.firmware.subscribe(to);
    }

    fn write(&mut self, to: Characteristic, bytes: &[u8], _response: bool) {
        let _also_noted = self.firmware.write(to, bytes, self.now);
    }

    fn read(&mut self, from: Characteristic) -> Option<Vec<u8>> {
        self.firmware.read(from)
    }

    fn press_play(&mut self) {
        self.firmware.press_play(self.now);
    }

    fn record(&mut self, file: &[u8], length: Duration) {
        self.firmware.record(file.to_vec(), length, self.now);
    }

    fn pass(&mut self, time: Duration) {
        self.run(self.now + time, false);
    }

    fn now(&mut self) -> Duration {
        self.now.duration_since(self.epoch)
    }

    fn notified(&mut self, _by: Characteristic) -> Option<Said> {
        self.run(self.now + PATIENCE, true);
        self.said.pop_front()
    }

    fn left(&mut self) -> Vec<Said> {
        self.said.drain(..).collect()
    }

    fn violation(&mut self, after: usize, _patience: Duration) -> Option<String> {
        self.firmware.violations().get(after).map(|refusal| word(*refusal))
    }

    fn look(&mut self, at: Part) -> Vec<u8> {
        match at {
            Part::Heart => self.firmware.led().encode(),
            Part::Game => vec![u8::from(self.firmware.game_mode())],
            Part::Slot(slot) => self.firmware.slot(slot).to_vec(),
        }
    }
}

/// Returns what transcripts call a violation.
fn word(refusal: Refusal) -> String {
    let word = match refusal {
        Refusal::NotConnected => "not_connected",
        Refusal::NotWritable(_) => "not_writable",
        Refusal::TooLong { .. } => "too_long",
        Refusal::Malformed(of) => of.name(),
        Refusal::UnknownOpcode(_) | Refusal::NoSuchSlot(_) => "command",
        Refusal::WrongKey => "key",
        Refusal::WrongState { .. } => "busy",
        Refusal::TooSoon { .. } => "too_soon",
        Refusal::NoUpload => "no_upload",
        Refusal::BeyondCredit { n_bytes } => return format!("beyond_credit {n_bytes}"),
        Refusal::MicrophoneStarted => "microphone",
    };
    word.to_owned()
}
