//! The toy's side of the protocol, as a machine without I/O.
//!
//! It behaves as far as anybody has seen a real toy behave, asserts what a real one would silently
//! suffer from, and misbehaves as its [`Quirks`] say. It knows lengths of sound, not sound.
//!
//! The command that starts the microphone is understood here and nowhere else: a real toy takes it
//! from any stranger, so this one does too, and counts it as a violation.

mod commands;
mod memory;
mod paws;
mod quirks;
mod refusal;
mod running;

use std::{
    collections::VecDeque,
    fmt,
    time::{Duration, Instant},
};

pub use quirks::Quirks;
pub use refusal::Refusal;

use self::memory::Memory;
use super::{
    inferred::{ANSWER, GAME_MODE_OUTLASTS_LINK, UNPLAYED},
    wire::{Characteristic, Led, ToyState, encode_volume},
};
use crate::model::{Character, Slot};

/// How long the toy suffers under commands after an upload (observed).
pub const PEACE: Duration = Duration::from_millis(250);
/// How long a hub may still do what fitted the state before, because it cannot know yet.
pub const GRACE: Duration = Duration::from_secs(1);

/// Violations that are remembered; a hub at fault may never stop.
const MAX_VIOLATIONS: usize = 1_000;

/// Something that the toy does over the air.
#[derive(Clone, Eq, PartialEq)]
pub enum FirmwareOutput {
    /// It notifies these bytes.
    Notify(Characteristic, Vec<u8>),
    /// It drops the link, of which it need not be told.
    Disconnect,
    /// Nothing until something is written, a paw is pressed, or this time comes.
    Wait(Option<Instant>),
}

impl fmt::Debug for FirmwareOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Notify(Characteristic::ReceiveAudio, bytes) => {
                write!(f, "Notify(ReceiveAudio, {} bytes)", bytes.len())
            }
            Self::Notify(from, bytes) => write!(f, "Notify({from:?}, {bytes:02x?})"),
            Self::Disconnect => f.write_str("Disconnect"),
            Self::Wait(until) => f.debug_tuple("Wait").field(until).finish(),
        }
    }
}

/// The toy's side of the protocol.
///
/// After each call that takes `now`, poll until [`FirmwareOutput::Wait`]. Time never goes backwards
/// between calls. Losing the link keeps slots, recording, volume, heart and game mode; an upload
/// that is cut off leaves its slot empty.
///
/// The transcripts of `tests/alike` hold it against an independent toy. Where the two differ because
/// the protocol is silent, a comment says so: a real toy may do either, and a hub must do with both.
pub struct Firmware {
    quirks: Quirks,
    config: Vec<u8>,
    volume: u8,
    led: Led,
    game_mode: bool,
    memory: Memory,
    doing: Doing,
    shown: ToyState,
    /// When the state last changed.
    since: Option<Instant>,
    /// A paw that was pressed in game mode, and when it stops to show.
    paw: Option<(ToyState, Instant)>,
    /// When an upload last came to its end, and whether to leave the toy alone after it.
    upload_over: Option<(Instant, Duration)>,
    link: Link,
    violations: Vec<Refusal>,
}

/// The link and what is about to go over it.
#[derive(Default)]
struct Link {
    is_up: bool,
    is_mute: bool,
    subscribed: Vec<Characteristic>,
    queue: VecDeque<(Instant, FirmwareOutput)>,
}

impl Link {
    /// Returns whether the toy is about to drop the link and takes nothing any more.
    fn is_dropping(&self) -> bool {
        self.queue.iter().any(|(_, output)| *output == FirmwareOutput::Disconnect)
    }
}

/// What the toy is doing.
enum Doing {
    Nothing,
    Uploading(Upload),
    RefusingKey {
        until: Instant,
    },
    Playing {
        until: Instant,
    },
    Recording {
        from: Instant,
        until: Instant,
        /// What the microphone hears; without it, silence.
        file: Option<Vec<u8>>,
    },
    Downloading {
        n_sent: usize,
        n_notified: usize,
        next_at: Instant,
    },
}

struct Upload {
    slot: Slot,
    bytes: Vec<u8>,
    /// How much may still come.
    credit: usize,
    n_granted: usize,
    /// The next place in the credit pattern.
    turn: usize,
    /// When to look whether to ask for more; while priming, when that ends.
    ask_at: Option<Instant>,
    is_primed: bool,
}

impl Firmware {
    /// Makes a toy that was set up once, holds nothing and is idle.
    pub fn new(model: Character, quirks: Quirks) -> Self {
        let animal = Character::ALL.iter().position(|one| *one == model).unwrap_or(0);
        Self {
            quirks,
            config: format!("{animal:02x}11_23_16_05_09").into_bytes(),
            volume: 0x80,
            led: Led::Off,
            game_mode: false,
            memory: Memory::default(),
            doing: Doing::Nothing,
            shown: ToyState::Idle,
            since: None,
            paw: None,
            upload_over: None,
            link: Link::default(),
            violations: Vec::new(),
        }
    }

    /// Makes a toy that was never set up: the same, without a config identifier.
    pub fn factory_new(quirks: Quirks) -> Self {
        Self { config: Vec::new(), ..Self::new(Character::Bear, quirks) }
    }

    /// Changes what its config identifier reads as, as another toy in its place would.
    pub fn set_config(&mut self, config: Vec<u8>) {
        self.config = config;
    }

    /// Changes how the toy misbehaves, from here on.
    pub fn set_quirks(&mut self, quirks: Quirks) {
        self.quirks = quirks;
    }

    /// Makes the link. Who connects subscribes anew.
    pub fn connect(&mut self, now: Instant) {
        self.run(now);
        self.link = Link { is_up: true, ..Link::default() };
        if self.memory.is_unfetched() && matches!(self.doing, Doing::Nothing) {
            self.shown = UNPLAYED;
        }
    }

    /// Loses the link. A transfer ends with it; playing and recording do not.
    pub fn disconnect(&mut self, now: Instant) {
        self.run(now);
        self.hang_up();
    }

    /// Switches the notifications of a characteristic on.
    pub fn subscribe(&mut self, to: Characteristic) {
        if !self.link.subscribed.contains(&to) {
            self.link.subscribed.push(to);
        }
    }

    /// Returns what a characteristic holds, if it can be read. Whether the toy answers at all, see
    /// [`Firmware::is_silent`].
    pub fn read(&self, from: Characteristic) -> Option<Vec<u8>> {
        match from {
            Characteristic::State => {
                Some(self.state_value(self.paw.map_or(self.shown, |(paw, _)| paw)))
            }
            Characteristic::Config => Some(self.config.clone()),
            Characteristic::Volume => Some(encode_volume(self.volume)),
            Characteristic::Command
            | Characteristic::SendAudio
            | Characteristic::ReceiveAudio
            | Characteristic::DataRequest
            | Characteristic::Led => None,
        }
    }

    /// Returns the next thing that the toy does over the air.
    pub fn poll(&mut self, now: Instant) -> FirmwareOutput {
        self.run(now);
        if let Some((due, _)) = self.link.queue.front() {
            let due = *due;
            if now < due {
                return FirmwareOutput::Wait(Some(self.next_timer().map_or(due, |at| at.min(due))));
            }
            if let Some((_, output)) = self.link.queue.pop_front() {
                if output == FirmwareOutput::Disconnect {
                    self.hang_up();
                }
                return output;
            }
        }
        match self.next_audio(now) {
            Some(output) => output,
            None => FirmwareOutput::Wait(self.next_timer()),
        }
    }

    /// Returns what a slot holds, without what only filled it up; slot 0 may hold the recording.
    pub fn slot(&self, slot: Slot) -> &[u8] {
        self.memory.slot(slot)
    }

    /// Returns the toy's recording, empty when it has none.
    pub fn recording(&self) -> &[u8] {
        self.memory.recording()
    }

    /// Returns what the heart does.
    pub const fn led(&self) -> Led {
        self.led
    }

    /// Returns how loud the toy is.
    pub const fn volume(&self) -> u8 {
        self.volume
    }

    /// Returns what the toy says it is doing, when no paw shows.
    pub const fn state(&self) -> ToyState {
        self.shown
    }

    /// Returns whether the paws report instead of playing and recording.
    pub const fn game_mode(&self) -> bool {
        self.game_mode
    }

    /// Returns until when the toy plays, if it does.
    pub const fn playing_until(&self) -> Option<Instant> {
        match self.doing {
            Doing::Playing { until } => Some(until),
            _ => None,
        }
    }

    /// Returns whether the toy leaves writes and reads unanswered, as a link has to know.
    pub const fn is_silent(&self) -> bool {
        self.link.is_mute || self.quirks.silent
    }

    /// Returns what hubs did so far that a real toy would suffer from.
    pub fn violations(&self) -> &[Refusal] {
        &self.violations
    }

    fn refuse(&mut self, refusal: Refusal) -> Refusal {
        if self.violations.len() < MAX_VIOLATIONS {
            self.violations.push(refusal);
        }
        refusal
    }

    fn hang_up(&mut self) {
        self.link = Link::default();
        self.game_mode &= GAME_MODE_OUTLASTS_LINK;
        match self.doing {
            Doing::Uploading(_) | Doing::RefusingKey { .. } | Doing::Downloading { .. } => {
                self.doing = Doing::Nothing;
                self.shown = ToyState::Idle;
            }
            Doing::Nothing => self.shown = ToyState::Idle,
            Doing::Playing { .. } | Doing::Recording { .. } => {}
        }
    }

    fn state_value(&self, state: ToyState) -> Vec<u8> {
        let mut value = vec![state.to_byte()];
        value.extend_from_slice(&self.quirks.state_tail);
        value
    }

    /// Goes to another state and says so, unless it is stuck in this one.
    fn enter(&mut self, state: ToyState, now: Instant) {
        if self.is_stuck() {
            return;
        }
        self.shown = state;
        self.paw = None;
        self.since = Some(now);
        self.say_state(state, now);
    }

    fn say_state(&mut self, state: ToyState, now: Instant) {
        if let Some(value) = self.quirks.unknown_state {
            self.notify(Characteristic::State, vec![value], now);
        }
        let value = self.state_value(state);
        self.notify(Characteristic::State, value, now);
    }

    fn is_stuck(&self) -> bool {
        self.quirks.stuck_in == Some(self.shown)
    }

    /// Puts a notification on its way, behind those that are on theirs.
    fn notify(&mut self, from: Characteristic, value: Vec<u8>, now: Instant) {
        let garbage = self.quirks.garbage.clone();
        for (from, value) in garbage {
            self.queue(FirmwareOutput::Notify(from, value), now);
        }
        if self.link.subscribed.contains(&from) {
            self.queue(FirmwareOutput::Notify(from, value), now);
        }
    }

    fn queue(&mut self, output: FirmwareOutput, now: Instant) {
        if !self.link.is_up || self.is_silent() {
            return;
        }
        let due = now + ANSWER + self.quirks.slow;
        let last = self.link.queue.back().map_or(due, |(last, _)| *last);
        self.link.queue.push_back((due.max(last), output));
    }
}
