//! One probe, from listening until the toy is let go.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    Held,
    recorder::{Recorder, Shared},
};
use crate::{
    hub::{
        keeper::Tools,
        talk::{Said, Talk, now},
    },
    radio::{Heard, Link, RadioError},
    toy::{
        ToyError,
        probe::{Act, Advertised, End, Kept, Plan, Trace, Wishes},
        session::Event,
        wire::Characteristic,
    },
};

/// How long the toy is listened to before it is connected to.
const LISTENS_FOR: Duration = Duration::from_secs(5);

/// How often a connection is tried.
const CONNECT_TRIES: u32 = 3;

/// How long one try may take, whatever the radio promises.
const CONNECT_DEADLINE: Duration = Duration::from_secs(15);

/// The pause between two tries.
const CONNECT_PAUSE: Duration = Duration::from_secs(1);

/// How long the toy is waited for when it is let go. A hub that stops has little time.
const CALMS_WITHIN: Duration = Duration::from_secs(3);

pub(super) struct Work {
    tools: Arc<Tools>,
    held: Arc<Held>,
    heard: Heard,
    wishes: Wishes,
    shared: Shared,
}

impl Work {
    pub(super) fn new(tools: Arc<Tools>, held: Arc<Held>, heard: Heard, wishes: Wishes) -> Self {
        let shared = Shared::new(Trace::new(advertised(&heard)));
        Self { tools, held, heard, wishes, shared }
    }

    /// Probes the toy, and lets it go.
    pub(super) async fn run(self) {
        let end = match self.look().await {
            Ok(()) => End::Complete,
            Err(end) => end,
        };
        let transcript = self.shared.trace().transcript(env!("CARGO_PKG_VERSION"), end);
        self.held.has_ended(end, transcript);
    }

    async fn look(&self) -> Result<(), End> {
        self.listen().await?;
        let link = self.connect().await?;
        let recorder = Recorder::new(link, self.shared.clone());
        let mut talk = Talk::begin(Box::new(recorder), self.tools.pacing);
        self.introduce(&mut talk).await?;
        let plan = Plan::new(self.wishes);
        let went = self.carry_out(&mut talk, plan, &self.held.cancel).await;
        let is_lost = went == Err(End::LinkLost);
        self.shared.trace().let_go(is_lost, now());
        if went.is_err() && !is_lost {
            let nobody = CancellationToken::new();
            let farewell = self.carry_out(&mut talk, Plan::farewell(), &nobody);
            let calmed = timeout(CALMS_WITHIN, farewell).await;
            tracing::debug!(?calmed, "a toy that was probed is let go");
        }
        // That it fell asleep while it was left alone is what was to be found out.
        if is_lost && self.shared.trace().is_held() { Ok(()) } else { went }
    }

    /// Takes note of when the toy advertises.
    async fn listen(&self) -> Result<(), End> {
        let mut sightings = self.tools.radio.sightings(self.heard.address);
        sightings.mark_unchanged();
        let until = Instant::now() + LISTENS_FOR;
        loop {
            tokio::select! {
                () = self.held.cancel.cancelled() => return Err(End::Stopped),
                () = sleep_until(until) => return Ok(()),
                Ok(()) = sightings.changed() => {}
            }
            if let Some(at) = *sightings.borrow_and_update() {
                self.shared.trace().advertised(at.into_std());
            }
        }
    }

    async fn connect(&self) -> Result<Box<dyn Link>, End> {
        let mut end = End::Unreachable;
        for n_try in 1..=CONNECT_TRIES {
            let asked_at = Instant::now();
            let attempt = timeout(CONNECT_DEADLINE, self.tools.radio.connect(self.heard.address));
            let outcome = tokio::select! {
                () = self.held.cancel.cancelled() => return Err(End::Stopped),
                outcome = attempt => outcome,
            };
            match outcome {
                Ok(Ok(link)) => {
                    let mut trace = self.shared.trace();
                    trace.connected(asked_at.elapsed(), n_try, now());
                    trace.found(&link.identity().table.0, link.offers());
                    drop(trace);
                    return Ok(link);
                }
                Ok(Err(RadioError::NoRoom)) => end = End::NoRoom,
                Ok(Err(_)) | Err(_) => end = End::Unreachable,
            }
            tokio::select! {
                () = self.held.cancel.cancelled() => return Err(End::Stopped),
                () = sleep(CONNECT_PAUSE) => {}
            }
        }
        Err(end)
    }

    /// Waits until the toy has said how it is.
    async fn introduce(&self, talk: &mut Talk) -> Result<(), End> {
        loop {
            match self.next(talk, None, &self.held.cancel).await? {
                Some(Event::Ready { .. }) => break,
                Some(Event::ConnectFailed(error)) => return Err(of_toy(error)),
                Some(_) | None => {}
            }
        }
        self.shared.trace().ready(talk.link.mtu(), now());
        Ok(())
    }

    /// Does what a plan says, until its end or until `cancel` is cancelled.
    async fn carry_out(
        &self,
        talk: &mut Talk,
        mut plan: Plan,
        cancel: &CancellationToken,
    ) -> Result<(), End> {
        loop {
            let states = self.shared.trace().new_states();
            for state in states {
                plan.saw(state, now());
            }
            match plan.poll(now()) {
                Act::End => return Ok(()),
                Act::Tell(tell) => {
                    self.shared.trace().told(tell, now());
                    self.held.tell(tell);
                }
                Act::Request(request) => {
                    let taken = talk.session.request(request, now());
                    taken.map_err(|_busy| End::Confused)?;
                }
                Act::Wait(until) => {
                    let until = until.map(Instant::from_std);
                    match self.next(talk, until, cancel).await? {
                        Some(Event::Done | Event::Downloaded(_)) => plan.is_over(),
                        Some(Event::DownloadFailed(error)) => {
                            self.shared.trace().failed(why(error), now());
                            plan.is_over();
                        }
                        Some(_) | None => {}
                    }
                }
            }
        }
    }

    /// Does the next thing for the session, or waits for one until this time.
    async fn next(
        &self,
        talk: &mut Talk,
        until: Option<Instant>,
        cancel: &CancellationToken,
    ) -> Result<Option<Event>, End> {
        let sessions = match talk.step().await.map_err(of_radio)? {
            Some(Said::Event(event)) => return Ok(Some(event)),
            Some(Said::Wait(sessions)) => sessions,
            Some(Said::Config(_)) | None => return Ok(None),
        };
        let until = sessions.into_iter().chain(until).min();
        tokio::select! {
            () = cancel.cancelled() => Err(End::Stopped),
            heard = talk.listen(until) => heard.map(|()| None).map_err(of_radio),
        }
    }
}

fn advertised(heard: &Heard) -> Advertised {
    let Heard { address, name, signal_dbm, config, has_service, at: _ } = heard;
    Advertised {
        address: Kept::address(*address),
        name: Kept::name(name),
        signal_dbm: *signal_dbm,
        config: config.map(|config| Kept::value(Characteristic::Config, config.as_bytes())),
        has_service: *has_service,
    }
}

const fn of_radio(error: RadioError) -> End {
    match error {
        RadioError::Unreachable => End::Unreachable,
        RadioError::NoRoom => End::NoRoom,
        RadioError::LinkLost => End::LinkLost,
        RadioError::Silent => End::Silent,
    }
}

const fn of_toy(error: ToyError) -> End {
    match error {
        ToyError::Silent => End::Silent,
        ToyError::GaveUp | ToyError::KeyRefused | ToyError::Confused(_) | ToyError::Cancelled => {
            End::Confused
        }
    }
}

/// Returns why a recording did not come.
const fn why(error: ToyError) -> &'static str {
    match error {
        ToyError::Silent => "the recording stopped coming",
        ToyError::GaveUp => "the toy gave the recording up",
        ToyError::KeyRefused | ToyError::Confused(_) => "the recording made no sense",
        ToyError::Cancelled => "the recording was called off",
    }
}
