//! What happened, and the transcript of it.

use std::time::{Duration, Instant};

use super::{
    findings,
    keep::{Kept, state as spelt},
    plan::Tell,
    sound::{Sound, Spread},
};
use crate::toy::wire::{Characteristic, Command, Offer, ToyState};

/// The first line.
const VERSION: &str = "hutch-probe 1";

/// The most that is taken down of what happened; a toy may chatter without end.
const MAX_LINES: usize = 2_000;

/// A toy offers a dozen characteristics; whatever has more is none.
const MAX_OFFERS: usize = 64;

/// How a probe ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum End {
    /// All was done.
    Complete,
    /// Somebody called it off, or left.
    Stopped,
    /// The toy could not be reached.
    Unreachable,
    /// The radio held as many toys as it can.
    NoRoom,
    /// The link broke.
    LinkLost,
    /// The toy stopped answering.
    Silent,
    /// The toy did what its protocol does not allow.
    Confused,
}

impl End {
    /// Returns the word for it in a transcript.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Stopped => "stopped",
            Self::Unreachable => "unreachable",
            Self::NoRoom => "no room",
            Self::LinkLost => "link lost",
            Self::Silent => "silent",
            Self::Confused => "confused",
        }
    }
}

/// What was heard of the toy before it was connected to.
pub struct Advertised {
    /// Where.
    pub address: Kept,
    /// What it calls itself.
    pub name: Kept,
    /// How strong, in dBm.
    pub signal_dbm: Option<i16>,
    /// Its identifier, if it advertises one.
    pub config: Option<Kept>,
    /// Whether the UUID of the service was there, if the radio says so.
    pub has_service: Option<bool>,
}

/// What happened during a probe: nothing but what may be sent to strangers.
pub struct Trace {
    advertised: Advertised,
    pub(super) adverts: Spread,
    last_advert: Option<Instant>,
    pub(super) connected: Option<Connected>,
    /// How long it took from the connection until all was read.
    ready: Option<Duration>,
    lines: Vec<(Duration, What)>,
    n_left_out: usize,
    n_handed_out: usize,
    pub(super) sound: Sound,
    /// When the owner was told that the toy is held, and for how long it was.
    pub(super) held_since: Option<Instant>,
    pub(super) held_for: Option<Duration>,
    /// The link broke by itself.
    pub(super) is_lost: bool,
}

pub(super) struct Connected {
    at: Instant,
    pub(super) took: Duration,
    n_tries: u32,
    mtu: Option<usize>,
    table: Kept,
    offers: Vec<Kept>,
}

/// Something that went over the link, or was told.
pub(super) enum What {
    Subscribed(Characteristic, Duration),
    Read(Characteristic, Kept, Duration),
    /// The state that was read.
    ReadState(ToyState, Duration),
    Wrote(Characteristic, Kept, Duration),
    Notified(Characteristic, Kept),
    State(ToyState, Kept),
    Told(Tell),
    Failed(&'static str),
}

impl Trace {
    /// Begins with what was heard of a toy.
    pub const fn new(advertised: Advertised) -> Self {
        Self {
            advertised,
            adverts: Spread::NONE,
            last_advert: None,
            connected: None,
            ready: None,
            lines: Vec::new(),
            n_left_out: 0,
            n_handed_out: 0,
            sound: Sound::NONE,
            held_since: None,
            held_for: None,
            is_lost: false,
        }
    }

    /// The toy advertised.
    pub fn advertised(&mut self, now: Instant) {
        if let Some(last) = self.last_advert.replace(now) {
            self.adverts.add(now.saturating_duration_since(last));
        }
    }

    /// A connection stands: how long it took, and at which try.
    pub fn connected(&mut self, took: Duration, n_tries: u32, now: Instant) {
        let (table, offers) = (Kept::table(&[0; 32]), Vec::new());
        self.connected = Some(Connected { at: now, took, n_tries, mtu: None, table, offers });
    }

    /// What was found on the connection.
    pub fn found(&mut self, table: &[u8; 32], offers: &[Offer]) {
        if let Some(connected) = &mut self.connected {
            connected.table = Kept::table(table);
            let mut offers = offers.to_vec();
            // A radio finds them in any order.
            offers.sort_unstable_by_key(|offer| (offer.service, offer.characteristic));
            connected.offers = offers.iter().take(MAX_OFFERS).map(Kept::offer).collect();
        }
    }

    /// Everything that a session reads at the begin was read.
    pub fn ready(&mut self, mtu: Option<usize>, now: Instant) {
        if let Some(connected) = &mut self.connected {
            connected.mtu = mtu;
            self.ready = Some(now.saturating_duration_since(connected.at));
        }
    }

    /// A value was read.
    pub fn read(&mut self, from: Characteristic, bytes: &[u8], asked_at: Instant, now: Instant) {
        let took = now.saturating_duration_since(asked_at);
        let what = match (from, ToyState::decode(bytes)) {
            (Characteristic::State, Some(state)) => What::ReadState(state, took),
            _ => What::Read(from, Kept::value(from, bytes), took),
        };
        self.note(what, asked_at);
    }

    /// Notifications were switched on.
    pub fn subscribed(&mut self, to: Characteristic, asked_at: Instant, now: Instant) {
        self.note(What::Subscribed(to, now.saturating_duration_since(asked_at)), asked_at);
    }

    /// A write begins; what the toy says from now on may answer it.
    pub fn writes(&mut self, to: Characteristic, bytes: &[u8], now: Instant) {
        if to == Characteristic::Command && *bytes == Command::Download.encode() {
            self.sound.asked(now);
        }
    }

    /// A write was confirmed.
    pub fn wrote(&mut self, to: Characteristic, bytes: &[u8], asked_at: Instant, now: Instant) {
        let took = now.saturating_duration_since(asked_at);
        self.note(What::Wrote(to, Kept::written(to, bytes), took), asked_at);
    }

    /// The toy notified something.
    pub fn notified(&mut self, from: Characteristic, bytes: &[u8], now: Instant) {
        match (from, ToyState::decode(bytes)) {
            (Characteristic::ReceiveAudio, _) => self.sound.take(bytes, now),
            (Characteristic::State, Some(state)) => {
                self.note(What::State(state, Kept::value(from, bytes)), now);
            }
            _ => self.note(What::Notified(from, Kept::value(from, bytes)), now),
        }
    }

    /// The toy's owner was told something.
    pub fn told(&mut self, tell: Tell, now: Instant) {
        if let Tell::Wait(_) = tell {
            self.held_since = Some(now);
        }
        self.note(What::Told(tell), now);
    }

    /// Something went wrong, in words of our own.
    pub fn failed(&mut self, what: &'static str, now: Instant) {
        self.note(What::Failed(what), now);
    }

    /// The link ends now, or has ended by itself.
    pub fn let_go(&mut self, is_lost: bool, now: Instant) {
        self.is_lost = is_lost;
        self.held_for = self.held_since.map(|since| now.saturating_duration_since(since));
    }

    /// Returns whether the toy was being held to see whether it falls asleep.
    pub const fn is_held(&self) -> bool {
        self.held_since.is_some()
    }

    /// Returns the states that were notified since the last call.
    pub fn new_states(&mut self) -> Vec<ToyState> {
        let from = std::mem::replace(&mut self.n_handed_out, self.lines.len());
        let new = self.lines.get(from..).unwrap_or_default().iter();
        new.filter_map(
            |(_, what)| if let What::State(state, _) = what { Some(*state) } else { None },
        )
        .collect()
    }

    /// Returns what was taken down, each with its time after the connection.
    pub(super) fn log(&self) -> &[(Duration, What)] {
        &self.lines
    }

    pub(super) const fn has_service(&self) -> Option<bool> {
        self.advertised.has_service
    }

    /// Returns when the recording was asked for, after the connection.
    pub(super) fn fetched_at(&self) -> Option<Duration> {
        let connected = self.connected.as_ref()?;
        Some(self.sound.asked_at?.saturating_duration_since(connected.at))
    }

    fn note(&mut self, what: What, at: Instant) {
        if MAX_LINES <= self.lines.len() {
            self.n_left_out = self.n_left_out.saturating_add(1);
            return;
        }
        let began = self.connected.as_ref().map_or(at, |connected| connected.at);
        self.lines.push((at.saturating_duration_since(began), what));
    }

    /// Returns the transcript, made by this version of Hutch.
    pub fn transcript(&self, version: &'static str, end: End) -> String {
        let mut lines = vec![VERSION.to_owned(), format!("hutch: {version}")];
        self.advertised_lines(&mut lines);
        if let Some(connected) = &self.connected {
            let Connected { took, n_tries, mtu, table, offers, .. } = connected;
            lines.push(format!("connected: after {} ms, at try {n_tries}", took.as_millis()));
            let ready = self.ready.map(|took| format!("after {} ms", took.as_millis()));
            lines.push(format!("ready: {}", ready.unwrap_or_else(|| "never".to_owned())));
            lines.push(format!("mtu: {}", mtu.map_or_else(unknown, |mtu| mtu.to_string())));
            lines.push(format!("table: {table}"));
            lines.extend(offers.iter().map(|offer| format!("offers: {offer}")));
        }
        lines.extend(
            self.lines.iter().map(|(at, what)| format!("+{} {}", at.as_millis(), what.text())),
        );
        if 0 < self.n_left_out {
            lines.push(format!("left out: {} lines", self.n_left_out));
        }
        lines.extend(self.sound.lines());
        lines.extend(findings::of(self).iter().map(findings::Finding::line));
        lines.push(format!("end: {}", end.word()));
        lines.push(String::new());
        lines.join("\n")
    }

    fn advertised_lines(&self, lines: &mut Vec<String>) {
        let Advertised { address, name, signal_dbm, config, has_service } = &self.advertised;
        let signal = signal_dbm.map_or_else(unknown, |dbm| format!("{dbm} dBm"));
        let config = config.as_ref().map_or_else(|| "none".to_owned(), Kept::to_string);
        let service = has_service.map_or_else(unknown, |has| yes(has).to_owned());
        let gaps = self.adverts.text().unwrap_or_else(unknown);
        lines.extend([
            format!("address: {address}"),
            format!("name: {name}"),
            format!("signal: {signal}"),
            format!("advertised config: {config}"),
            format!("advertised service: {service}"),
            format!("advertised every: {gaps}"),
        ]);
    }
}

impl What {
    fn text(&self) -> String {
        match self {
            Self::Subscribed(to, took) => {
                format!("subscribed {}, took {} ms", to.name(), took.as_millis())
            }
            Self::Read(from, value, took) => {
                format!("read {}: {value}, took {} ms", from.name(), took.as_millis())
            }
            Self::ReadState(state, took) => {
                format!("read state: {}, took {} ms", spelt(*state), took.as_millis())
            }
            Self::Wrote(to, value, took) => {
                format!("wrote {}: {value}, took {} ms", to.name(), took.as_millis())
            }
            Self::Notified(from, value) => format!("heard {}: {value}", from.name()),
            Self::State(_, value) => format!("heard state: {value}"),
            Self::Told(tell) => format!("told: {}", tell.word()),
            Self::Failed(what) => format!("failed: {what}"),
        }
    }
}

pub(super) const fn yes(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}

fn unknown() -> String {
    "not known".to_owned()
}
