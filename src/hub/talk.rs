//! A conversation with a toy: the session's machine, driven over a link.

use futures_util::FutureExt as _;
use tokio::time::{Instant, sleep_until, timeout};

use crate::{
    radio::{Link, RadioError},
    toy::{
        session::{Event, Input, Output, Pacing, Session},
        wire::{Characteristic, ConfigId, RESPONSE_TIMEOUT},
    },
};

/// One connection and its session.
pub(super) struct Talk {
    pub(super) link: Box<dyn Link>,
    pub(super) session: Session,
}

/// What a step led to.
pub(super) enum Said {
    /// The session learned something.
    Event(Event),
    /// The toy has this identifier. Nothing was written to it yet.
    Config(Option<ConfigId>),
    /// There is nothing to do until the toy says something, or this time comes.
    Wait(Option<Instant>),
}

impl Talk {
    /// Begins a conversation on a link that was just made.
    pub(super) fn begin(link: Box<dyn Link>, pacing: Pacing) -> Self {
        let mut session = Session::new(pacing);
        session.connect(now());
        Self { link, session }
    }

    /// Does the next thing that the session wants done; nothing is said of what is done by that.
    ///
    /// Must not be dropped half-way: what the session was handing out would be lost.
    pub(super) async fn step(&mut self) -> Result<Option<Said>, RadioError> {
        // During an upload there is always a next chunk: the toy must be heard in between.
        while let Some(notification) = self.link.notified().now_or_never() {
            let (from, bytes) = notification?;
            self.session.handle(Input::Notified(from, &bytes), now());
        }
        match self.session.poll(now()) {
            Output::Read(from) => {
                let bytes = in_time(self.link.read(from)).await?;
                self.session.handle(Input::Read(from, &bytes), now());
                if from == Characteristic::Config {
                    return Ok(Some(Said::Config(ConfigId::decode(&bytes))));
                }
            }
            Output::Subscribe(to) => in_time(self.link.subscribe(to)).await?,
            Output::Write { to, bytes, response } => {
                in_time(self.link.write(to, &bytes, response)).await?;
            }
            Output::Event(event) => return Ok(Some(Said::Event(event))),
            Output::Wait(until) => return Ok(Some(Said::Wait(until.map(Instant::from_std)))),
        }
        Ok(None)
    }

    /// Waits until the toy says something or the time comes. May be dropped at any moment.
    pub(super) async fn listen(&mut self, until: Option<Instant>) -> Result<(), RadioError> {
        tokio::select! {
            notification = self.link.notified() => {
                let (from, bytes) = notification?;
                self.session.handle(Input::Notified(from, &bytes), now());
            }
            () = sleep_until_some(until) => self.session.handle(Input::Expired, now()),
        }
        Ok(())
    }
}

/// Returns the time as sessions want it.
pub(super) fn now() -> std::time::Instant {
    Instant::now().into_std()
}

async fn in_time<T>(answer: impl Future<Output = Result<T, RadioError>>) -> Result<T, RadioError> {
    match timeout(RESPONSE_TIMEOUT, answer).await {
        Ok(answer) => answer,
        Err(_elapsed) => Err(RadioError::Silent),
    }
}

async fn sleep_until_some(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
