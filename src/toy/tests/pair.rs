//! A session and a toy with the air between them.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::epoch;
use crate::{
    model::Character,
    toy::{
        Event, Firmware, Input, Output, Pacing, Request, Session,
        firmware::{FirmwareOutput, Quirks},
        wire::Characteristic,
    },
};

/// More steps than any test takes; whoever needs them does not come to an end.
const MAX_STEPS: usize = 2_000_000;

/// Two machines, their link, and a time of their own.
pub(super) struct Pair {
    pub(super) session: Session,
    pub(super) toy: Firmware,
    pub(super) now: Instant,
    /// All that the session told so far.
    pub(super) events: Vec<Event>,
    /// All writes so far.
    pub(super) writes: Vec<(Characteristic, Vec<u8>)>,
    /// Reads and subscriptions so far, reads first.
    pub(super) asked: Vec<(bool, Characteristic)>,
    pub(super) is_linked: bool,
    latency: Duration,
    to_toy: VecDeque<(Instant, ToToy)>,
    to_hub: VecDeque<(Instant, ToHub)>,
    /// The driver waits for the end of a write, a read or a subscription.
    blocked_until: Option<Instant>,
}

enum ToToy {
    Write(Characteristic, Vec<u8>),
    Read(Characteristic),
    Subscribe(Characteristic),
}

enum ToHub {
    Notified(Characteristic, Vec<u8>),
    Read(Characteristic, Vec<u8>),
}

impl Pair {
    /// Two machines without a link.
    pub(super) fn new(quirks: Quirks) -> Self {
        Self::with(quirks, Pacing::default(), Duration::from_millis(15))
    }

    pub(super) fn with(quirks: Quirks, pacing: Pacing, latency: Duration) -> Self {
        Self {
            session: Session::new(pacing),
            toy: Firmware::new(Character::Rabbit, quirks),
            now: epoch(),
            events: Vec::new(),
            writes: Vec::new(),
            asked: Vec::new(),
            is_linked: false,
            latency,
            to_toy: VecDeque::new(),
            to_hub: VecDeque::new(),
            blocked_until: None,
        }
    }

    /// A well-behaved toy, connected.
    pub(super) fn connected() -> Self {
        let mut pair = Self::new(Quirks::default());
        pair.connect();
        pair
    }

    /// Makes the link and waits until the session is ready, or knows that it will not be.
    pub(super) fn connect(&mut self) {
        self.toy.connect(self.now);
        self.session.connect(self.now);
        self.is_linked = true;
        self.wait_for(|event| matches!(event, Event::Ready { .. } | Event::ConnectFailed(_)));
    }

    pub(super) fn disconnect(&mut self) {
        self.toy.disconnect(self.now);
        self.lose_link();
    }

    fn lose_link(&mut self) {
        self.is_linked = false;
        self.to_toy.clear();
        self.to_hub.clear();
        self.blocked_until = None;
    }

    /// Asks and runs until the answer is there, which it returns; `None` when the link is lost.
    #[track_caller]
    pub(super) fn ask(&mut self, request: Request) -> Option<Event> {
        self.session.request(request, self.now).unwrap();
        self.wait_for(|event| {
            matches!(
                event,
                Event::Uploaded { .. }
                    | Event::UploadFailed(_)
                    | Event::Downloaded(_)
                    | Event::DownloadFailed(_)
                    | Event::Done
            )
        })
    }

    /// Runs until an event like this is told, which it returns; `None` when nothing more can
    /// happen.
    #[track_caller]
    pub(super) fn wait_for(&mut self, is_it: impl Fn(&Event) -> bool) -> Option<Event> {
        let from = self.events.len();
        self.run(None, |events| events.iter().skip(from).any(&is_it));
        self.events.iter().skip(from).find(|event| is_it(event)).cloned()
    }

    /// Runs for so long.
    #[track_caller]
    pub(super) fn run_for(&mut self, duration: Duration) {
        let until = self.now + duration;
        self.run(Some(until), |_| false);
        self.now = until;
    }

    #[track_caller]
    fn run(&mut self, until: Option<Instant>, is_over: impl Fn(&[Event]) -> bool) {
        for _ in 0..MAX_STEPS {
            if is_over(&self.events) {
                return;
            }
            let Some(next) = self.step() else { return };
            if until.is_some_and(|until| until < next) {
                return;
            }
            self.now = self.now.max(next);
        }
        panic!("no end in sight: {:?}", self.events.last());
    }

    /// Does one thing that is due and returns when to come back, if ever.
    fn step(&mut self) -> Option<Instant> {
        let mut next: Vec<Instant> = Vec::new();

        match self.to_toy.front() {
            Some((at, _)) if *at <= self.now => return self.arrive_at_toy(),
            Some((at, _)) => next.push(*at),
            None => {}
        }
        match self.toy.poll(self.now) {
            FirmwareOutput::Notify(from, bytes) => {
                if self.is_linked {
                    let message = ToHub::Notified(from, bytes);
                    self.to_hub.push_back((self.now + self.latency, message));
                }
                return Some(self.now);
            }
            FirmwareOutput::Disconnect => {
                self.lose_link();
                return Some(self.now);
            }
            FirmwareOutput::Wait(until) => next.extend(until),
        }
        if !self.is_linked {
            return next.into_iter().min();
        }
        match self.blocked_until {
            Some(at) if self.now < at => {
                next.push(at);
                return next.into_iter().min();
            }
            _ => self.blocked_until = None,
        }
        match self.session.poll(self.now) {
            Output::Event(event) => {
                self.events.push(event);
                Some(self.now)
            }
            Output::Write { to, bytes, response } => {
                self.writes.push((to, bytes.clone()));
                if response {
                    self.blocked_until = Some(self.now + 2 * self.latency);
                }
                Some(self.send(ToToy::Write(to, bytes)))
            }
            Output::Read(from) => {
                self.asked.push((true, from));
                Some(self.send(ToToy::Read(from)))
            }
            Output::Subscribe(to) => {
                self.asked.push((false, to));
                self.blocked_until = Some(self.now + 2 * self.latency);
                Some(self.send(ToToy::Subscribe(to)))
            }
            Output::Wait(until) => {
                match self.to_hub.front() {
                    Some((at, _)) if *at <= self.now => return self.arrive_at_hub(),
                    Some((at, _)) => next.push(*at),
                    None => {}
                }
                assert!(until.is_none_or(|until| self.now < until), "waits for the past");
                next.extend(until);
                next.into_iter().min()
            }
        }
    }

    fn send(&mut self, message: ToToy) -> Instant {
        self.to_toy.push_back((self.now + self.latency, message));
        self.now
    }

    fn arrive_at_toy(&mut self) -> Option<Instant> {
        match self.to_toy.pop_front()?.1 {
            // What the toy refuses it remembers; tests look at its violations.
            ToToy::Write(to, bytes) => drop(self.toy.write(to, &bytes, self.now)),
            ToToy::Read(from) => {
                if let Some(value) = self.toy.read(from)
                    && !self.toy.is_silent()
                {
                    let message = ToHub::Read(from, value);
                    self.to_hub.push_back((self.now + self.latency, message));
                }
            }
            ToToy::Subscribe(to) => self.toy.subscribe(to),
        }
        Some(self.now)
    }

    fn arrive_at_hub(&mut self) -> Option<Instant> {
        let (_, message) = self.to_hub.pop_front()?;
        let input = match &message {
            ToHub::Notified(from, bytes) => Input::Notified(*from, bytes),
            ToHub::Read(from, bytes) => Input::Read(*from, bytes),
        };
        self.session.handle(input, self.now);
        Some(self.now)
    }
}
