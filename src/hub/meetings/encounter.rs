//! One meeting, from the first try to connect until the toy is let go.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout},
};

use super::{Ask, Held};
use crate::{
    hub::{
        keeper::Tools,
        nearby::shown,
        talk::{Said, Talk, now},
        view::{MeetingState, WhyNot},
    },
    model::{Baseline, Failure},
    radio::{Heard, Link, RadioError},
    toy::{
        ToyError,
        session::{Event, Request},
        wire::{ConfigId, Led},
    },
};

/// How often a connection is tried. It was heard a moment ago.
const CONNECT_TRIES: u32 = 3;

/// How long one try may take, whatever the radio promises.
const CONNECT_DEADLINE: Duration = Duration::from_secs(15);

/// The pause between two tries.
const CONNECT_PAUSE: Duration = Duration::from_secs(1);

/// How long the heart blinks for somebody to squeeze a paw.
const SQUEEZED_WITHIN: Duration = Duration::from_secs(60);

/// How long the toy is held for somebody to name it.
const NAMED_WITHIN: Duration = Duration::from_secs(300);

/// How long the toy is waited for when it is let go. A hub that stops has little time.
const CALMS_WITHIN: Duration = Duration::from_secs(3);

/// The heart's period: fast enough to be found among others.
const HEART_PERIOD_MS: u16 = 500;

/// What a meeting saw of the toy.
pub(super) struct Met {
    pub(super) baseline: Baseline,
}

pub(super) struct Encounter {
    tools: Arc<Tools>,
    held: Arc<Held>,
    asks: mpsc::Receiver<Ask>,
    /// How it advertised itself.
    heard: Heard,
    /// The weakest signal heard.
    floor: Option<i16>,
    /// The identifier that was read, or written.
    config: Option<ConfigId>,
    /// Game mode may be on, the heart lit.
    is_excited: bool,
    /// A paw was squeezed.
    is_squeezed: bool,
}

/// What came next.
enum Next {
    Event(Event),
    Asked(Ask),
    /// Nothing, until it was too late.
    Late,
}

/// What it has come to: no meeting goes on after that.
type End = MeetingState;

impl Encounter {
    pub(super) fn new(
        tools: Arc<Tools>,
        held: Arc<Held>,
        asks: mpsc::Receiver<Ask>,
        heard: Heard,
    ) -> Self {
        let floor = heard.signal_dbm;
        Self {
            tools,
            held,
            asks,
            heard,
            floor,
            config: None,
            is_excited: false,
            is_squeezed: false,
        }
    }

    /// Meets the toy, and lets it go.
    pub(super) async fn run(mut self) {
        let _when_dropped = self.held.ended.clone().drop_guard();
        let end = match self.connect().await {
            Err(end) => end,
            Ok(link) => {
                let mut talk = Talk::begin(link, self.tools.pacing);
                let end = self.meet(&mut talk).await;
                if self.is_excited {
                    let calmed = timeout(CALMS_WITHIN, self.calm(&mut talk)).await;
                    tracing::debug!(met = ?calmed, "a toy that was met is let go");
                }
                end
            }
        };
        let id = self.held.seen().id;
        tracing::info!(meeting.id = %id, state = end.word(), "a meeting has ended");
        self.held.change(|meeting| meeting.state = end);
    }

    async fn connect(&mut self) -> Result<Box<dyn Link>, End> {
        let (address, mut end) = (self.heard.address, of_radio(RadioError::Unreachable));
        for n_try in 0..CONNECT_TRIES {
            let pause = if n_try == 0 { Duration::ZERO } else { CONNECT_PAUSE };
            let cancel = self.held.cancel.clone();
            let attempt = async {
                sleep(pause).await;
                self.listen();
                timeout(CONNECT_DEADLINE, self.tools.radio.connect(address)).await
            };
            let outcome = tokio::select! {
                () = cancel.cancelled() => return Err(End::Cancelled),
                outcome = attempt => outcome,
            };
            match outcome {
                Ok(Ok(link)) => return Ok(link),
                Ok(Err(RadioError::NoRoom)) => end = of_radio(RadioError::NoRoom),
                Ok(Err(_)) | Err(_) => {}
            }
        }
        Err(end)
    }

    /// Takes note of how weak the toy is heard: connected, it says nothing any more.
    fn listen(&mut self) {
        let heard = self.tools.radio.heard();
        let signals = heard.iter().filter(|heard| heard.address == self.heard.address);
        self.floor = signals.filter_map(|heard| heard.signal_dbm).chain(self.floor).min();
    }

    async fn meet(&mut self, talk: &mut Talk) -> End {
        match self.come_together(talk).await {
            Ok(end) | Err(end) => end,
        }
    }

    async fn come_together(&mut self, talk: &mut Talk) -> Result<End, End> {
        self.config = self.introduce(talk).await?;
        if let Some(character) = self.config.as_ref().and_then(ConfigId::character) {
            self.held.change(|meeting| meeting.character = Some(character));
        } else {
            // What was advertised is not what was read.
            self.held.change(|meeting| meeting.character = None);
        }

        self.is_excited = true;
        self.request(talk, Request::GameMode(true)).await?;
        self.request(talk, Request::Led(Led::Blink { period_ms: HEART_PERIOD_MS })).await?;
        self.come_to(MeetingState::Waiting);
        let late = Instant::now() + SQUEEZED_WITHIN;
        while !self.is_squeezed {
            match self.next(talk, Some(late)).await? {
                Next::Event(event) => self.note(&event),
                // Nobody can ask for more yet.
                Next::Asked(_) => {}
                Next::Late => return Ok(End::Failed(WhyNot::NotSqueezed)),
            }
        }

        self.calm(talk).await?;
        self.come_to(MeetingState::Squeezed);
        let late = Instant::now() + NAMED_WITHIN;
        loop {
            match self.next(talk, Some(late)).await? {
                Next::Event(_) => {}
                Next::Asked(Ask::Identify(id, answer)) => {
                    self.identify(talk, id).await?;
                    // Whoever asked may have left; then they ask again.
                    drop(answer.send(self.met(talk)));
                }
                Next::Asked(Ask::End(end)) => return Ok(end),
                Next::Late => return Ok(End::Failed(WhyNot::TimedOut)),
            }
        }
    }

    /// Returns the identifier that the toy has, once it has said how it is.
    async fn introduce(&mut self, talk: &mut Talk) -> Result<Option<ConfigId>, End> {
        loop {
            match self.next(talk, None).await? {
                Next::Event(Event::Ready { config, .. }) => return Ok(config),
                Next::Event(Event::ConnectFailed(error)) => return Err(of_toy(error)),
                Next::Event(_) | Next::Asked(_) | Next::Late => {}
            }
        }
    }

    /// Gives the toy an identifier, unless it has one.
    async fn identify(&mut self, talk: &mut Talk, id: ConfigId) -> Result<(), End> {
        if self.config.is_none() {
            self.request(talk, Request::Identify(id)).await?;
            self.config = Some(id);
        }
        Ok(())
    }

    fn met(&self, talk: &Talk) -> Met {
        let identity = talk.link.identity();
        let name = shown(identity.name.as_ref().unwrap_or(&self.heard.name));
        let baseline = Baseline {
            config: self.config.map(|config| config.to_string()),
            firmware: Some(name).filter(|name| !name.is_empty()),
            table: Some(identity.table.0),
            signal_floor: self.floor,
        };
        Met { baseline }
    }

    /// Takes the toy out of game mode and darkens its heart.
    async fn calm(&mut self, talk: &mut Talk) -> Result<(), End> {
        self.write(talk, Request::GameMode(false)).await?;
        self.write(talk, Request::Led(Led::Off)).await?;
        self.is_excited = false;
        Ok(())
    }

    async fn request(&mut self, talk: &mut Talk, request: Request) -> Result<(), End> {
        if self.held.cancel.is_cancelled() {
            return Err(End::Cancelled);
        }
        self.write(talk, request).await
    }

    /// Has one short request written, whatever else is wanted.
    async fn write(&mut self, talk: &mut Talk, request: Request) -> Result<(), End> {
        talk.session.request(request, now()).map_err(|_busy| End::Failed(WhyNot::Confused))?;
        loop {
            match talk.step().await.map_err(of_radio)? {
                Some(Said::Event(Event::Done)) => return Ok(()),
                Some(Said::Event(event)) => self.note(&event),
                // A short request is over when it is written.
                Some(Said::Wait(_)) => return Err(End::Failed(WhyNot::Confused)),
                Some(Said::Config(_)) | None => {}
            }
        }
    }

    fn note(&mut self, event: &Event) {
        self.is_squeezed |= matches!(event, Event::Paw(_));
    }

    /// Returns what comes next, until it is too late.
    async fn next(&mut self, talk: &mut Talk, late: Option<Instant>) -> Result<Next, End> {
        loop {
            // Also of a toy that never falls silent.
            if late.is_some_and(|late| late <= Instant::now()) {
                return Ok(Next::Late);
            }
            let until = match talk.step().await.map_err(of_radio)? {
                Some(Said::Event(event)) => return Ok(Next::Event(event)),
                Some(Said::Wait(until)) => until,
                Some(Said::Config(_)) | None => continue,
            };
            let until = until.into_iter().chain(late).min();
            tokio::select! {
                () = self.held.cancel.cancelled() => return Err(End::Cancelled),
                Some(ask) = self.asks.recv() => return Ok(Next::Asked(ask)),
                heard = talk.listen(until) => heard.map_err(of_radio)?,
            }
        }
    }

    fn come_to(&self, state: MeetingState) {
        self.held.change(|meeting| meeting.state = state);
    }
}

fn of_radio(error: RadioError) -> End {
    End::Failed(match error {
        RadioError::Unreachable => WhyNot::Unreachable,
        RadioError::NoRoom => WhyNot::NoRoom,
        RadioError::LinkLost => WhyNot::LinkLost,
        RadioError::Silent => WhyNot::Silent,
    })
}

fn of_toy(error: ToyError) -> End {
    End::Failed(match error.failure() {
        Failure::Silent => WhyNot::Silent,
        _ => WhyNot::Confused,
    })
}
