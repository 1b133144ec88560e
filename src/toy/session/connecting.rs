//! The first exchange on a new link.

use std::time::Instant;

use super::{
    Ending, Step,
    timing::{CONNECT_LIMIT, Silence},
    watch::Watch,
    words::{Event, Output},
};
use crate::toy::{
    Confusion, ToyError,
    wire::{Characteristic, ConfigId, RESPONSE_TIMEOUT, ToyState, decode_volume},
};

#[derive(Clone, Copy)]
enum Ask {
    Read(Characteristic),
    Subscribe(Characteristic),
}

/// Subscriptions come before the state is read, so that no transition is lost in between.
const ORDER: [Ask; 6] = [
    Ask::Read(Characteristic::Config),
    Ask::Subscribe(Characteristic::State),
    Ask::Subscribe(Characteristic::ReceiveAudio),
    Ask::Subscribe(Characteristic::DataRequest),
    Ask::Read(Characteristic::State),
    Ask::Read(Characteristic::Volume),
];

pub(super) struct Connecting {
    n_asked: usize,
    awaited: Option<Characteristic>,
    silence: Silence,
    limit: Instant,
    config: Option<ConfigId>,
    /// As it was read: what the toy did since comes as events.
    state: ToyState,
    volume: Option<u8>,
}

impl Connecting {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            n_asked: 0,
            awaited: None,
            silence: Silence::new(RESPONSE_TIMEOUT),
            limit: now + CONNECT_LIMIT,
            config: None,
            state: ToyState::Invalid,
            volume: None,
        }
    }

    pub(super) fn answered(
        &mut self,
        from: Characteristic,
        bytes: &[u8],
        watch: &mut Watch,
    ) -> Option<Ending> {
        if self.awaited != Some(from) {
            return None;
        }
        self.awaited = None;
        match from {
            Characteristic::Config => self.config = ConfigId::decode(bytes),
            Characteristic::Volume => self.volume = decode_volume(bytes),
            Characteristic::State => match ToyState::decode(bytes) {
                Some(state) => {
                    watch.set(state);
                    self.state = watch.state();
                }
                None => return Some(failed(ToyError::Confused(Confusion::NoState))),
            },
            Characteristic::Command
            | Characteristic::SendAudio
            | Characteristic::ReceiveAudio
            | Characteristic::DataRequest
            | Characteristic::Led => {}
        }
        None
    }

    pub(super) fn poll(&mut self, now: Instant) -> Step {
        if self.limit <= now {
            return Step::End(failed(ToyError::Silent));
        }
        if self.awaited.is_some() {
            return Step::listen(&mut self.silence, now, || failed(ToyError::Silent));
        }
        let Some(ask) = ORDER.get(self.n_asked) else {
            let Self { config, state, volume, .. } = *self;
            return Step::End(Ending::Ready(Event::Ready { config, state, volume }));
        };
        self.n_asked += 1;
        match *ask {
            Ask::Read(from) => {
                self.awaited = Some(from);
                self.silence.broken();
                Step::Output(Output::Read(from))
            }
            Ask::Subscribe(to) => Step::Output(Output::Subscribe(to)),
        }
    }
}

const fn failed(error: ToyError) -> Ending {
    Ending::Stuck(Event::ConnectFailed(error))
}
