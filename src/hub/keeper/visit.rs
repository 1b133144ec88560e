//! One connection to a toy, from the first read to the last write.

mod face;
mod farewell;
mod playing;
mod sending;

use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use self::face::Face;
use super::{
    Charge, Ended, Tools, backoff,
    fetch::{self, Fetched, How},
    mailbox::{self, Mailbox},
    remembered::{Fetch, Remembered},
};
use crate::{
    audio::Clip,
    hub::{
        talk::{Said, Talk, now},
        view::{Delivery, Presence},
    },
    model::{DeliveryId, DeliveryState, Failure, Slot},
    radio::{Link, RadioError},
    store::{StoreError, erase::Overwrite},
    toy::{
        ToyError,
        inferred::{UNPLAYED, WAKING_PAW_PLAYS},
        session::{Event, Request},
        wire::{Led, ToyState},
    },
};

/// A toy whose paws nobody touches is let go after this long: holding it may keep it from sleeping.
const RELEASE_AFTER: Duration = Duration::from_secs(600);

/// The same, when another toy waits because the radio holds no more.
const SHARES_AFTER: Duration = Duration::from_secs(30);

/// The heart's period while a message waits. Source: the app.
const HEART_PERIOD_MS: u16 = 500;

/// The pause after a withdrawn message could not be overwritten.
const OVERWRITE_PAUSE: Duration = Duration::from_secs(60);

/// A toy that stays in a busy state for longer than any slot plays is stuck. Ours to choose.
const STUCK_AFTER: Duration = Duration::from_secs(90);

/// How often the mailbox is looked at although nobody poked: messages expire.
const LOOKS_EVERY: Duration = Duration::from_secs(30);

/// A connection that lasts this long is no failure, however it ends.
const LASTING: Duration = Duration::from_secs(60);

/// Why a connection cannot go on.
enum Trouble {
    Radio(RadioError),
    /// The toy stopped making sense; only a new connection helps.
    Reset,
    Stopped,
    /// It is not the toy that was adopted, as far as one can see.
    Stranger,
    Store(StoreError),
}

impl From<RadioError> for Trouble {
    fn from(error: RadioError) -> Self {
        Self::Radio(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What is being uploaded to the mailbox.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Upload {
    /// This message.
    Message(DeliveryId),
    /// Silence, over this message.
    Silence(DeliveryId),
    /// Silence, over a message that was erased.
    OverErased(Overwrite),
    /// Silence, into a slot that a guardian wants to be silent.
    Silencing(Slot),
    /// Silence, into a slot of a toy that is about to be let go.
    Emptying(Slot),
}

pub(super) struct Visit<'a> {
    tools: &'a Tools,
    charge: Charge,
    remembered: &'a mut Remembered,
    talk: Talk,
    began_at: Instant,
    is_ready: bool,
    /// A message, silence or a recording arrived where it should.
    achieved: bool,
    /// What the mailbox was when last looked at; nothing: look again.
    mailbox: Option<(Mailbox, Instant)>,
    uploading: Option<Upload>,
    /// What was told last of the message that is being uploaded.
    told: Option<Delivery>,
    /// The message that the child is listening to.
    hearing: Option<DeliveryId>,
    /// The slot that the toy was asked to play, and when.
    asked: Option<(Slot, Instant)>,
    /// What the heart was last told on this connection.
    heart: Option<Led>,
    /// Requests to be made before anything else.
    first: Vec<Request>,
    state: ToyState,
    state_since: Instant,
    /// What the toy plays without end was told to stop.
    stopped_loop: bool,
    last_paw: Instant,
    face: Face,
}

/// How a connection went.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    pub(super) ended: Ended,
    /// It was of use, or lasted: the next one need not be put off.
    pub(super) was_good: bool,
}

impl<'a> Visit<'a> {
    pub(super) fn new(
        tools: &'a Tools,
        charge: Charge,
        remembered: &'a mut Remembered,
        link: Box<dyn Link>,
    ) -> Self {
        let now = Instant::now();
        Self {
            tools,
            charge,
            remembered,
            talk: Talk::begin(link, tools.pacing),
            began_at: now,
            is_ready: false,
            achieved: false,
            mailbox: None,
            uploading: None,
            told: None,
            hearing: None,
            asked: None,
            heart: None,
            first: Vec::new(),
            state: ToyState::Idle,
            state_since: now,
            stopped_loop: false,
            last_paw: now,
            face: Face::default(),
        }
    }

    /// Stays with the toy until the connection ends.
    pub(super) async fn run(mut self, poke: &Notify, stop: &CancellationToken) -> Outcome {
        let ended = match self.stay(poke, stop).await {
            Ok(ended) => ended,
            Err(trouble) => self.broke_off(trouble).await,
        };
        self.not_sending();
        self.not_playing();
        let lasted = self.is_ready && LASTING <= self.began_at.elapsed();
        Outcome { ended, was_good: self.achieved || lasted }
    }

    /// Takes note of what the end of the connection cut off.
    async fn broke_off(&mut self, trouble: Trouble) -> Ended {
        let (ended, failure) = match trouble {
            Trouble::Stopped => (Ended::Stopped, None),
            Trouble::Stranger => (Ended::Lost, None),
            Trouble::Radio(error) => (Ended::Lost, Some(error.failure())),
            Trouble::Reset => (Ended::Lost, Some(Failure::Confused)),
            Trouble::Store(error) => {
                tracing::error!(toy.id = %self.charge.toy, error = %error, "the store failed a keeper");
                (Ended::Lost, Some(Failure::LinkLost))
            }
        };
        if ended == Ended::Lost && self.talk.session.is_downloading() {
            self.remembered.fetch.failed();
        }
        if let Some(failure) = failure
            && let Err(error) = self.upload_failed(failure).await
        {
            tracing::error!(toy.id = %self.charge.toy, %error, "could not note a failed delivery");
        }
        ended
    }

    async fn stay(&mut self, poke: &Notify, stop: &CancellationToken) -> Result<Ended, Trouble> {
        self.look_at_it().await?;
        loop {
            let mut deadline = self.drain(poke, stop).await?;
            if self.is_ready && self.talk.session.is_idle() {
                match self.next().await? {
                    Next::Request(request) => {
                        if let Err(busy) = self.talk.session.request(request, now()) {
                            tracing::warn!(toy.id = %self.charge.toy, %busy, "an idle session refused");
                            return Err(Trouble::Reset);
                        }
                        continue;
                    }
                    Next::Release => return Ok(Ended::Released),
                    Next::LetGo => {
                        self.let_go().await?;
                        return Ok(Ended::LetGo);
                    }
                    Next::Wait(until) => {
                        deadline = Some(deadline.map_or(until, |deadline| deadline.min(until)));
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => return Err(Trouble::Stopped),
                () = poke.notified() => self.poked().await?,
                heard = self.talk.listen(deadline) => heard?,
            }
        }
    }

    /// Does all that the session wants done, and returns until when it can wait.
    async fn drain(
        &mut self,
        poke: &Notify,
        stop: &CancellationToken,
    ) -> Result<Option<Instant>, Trouble> {
        loop {
            // During an upload there is always a next chunk: whoever takes a message back must be
            // heard in between.
            if poke.notified().now_or_never().is_some() {
                self.poked().await?;
            }
            match self.talk.step().await? {
                Some(Said::Event(event)) => self.note(event).await?,
                Some(Said::Config(config)) => self.identified(config).await?,
                Some(Said::Wait(deadline)) => return Ok(deadline),
                None => {}
            }
            if stop.is_cancelled() {
                return Err(Trouble::Stopped);
            }
        }
    }

    /// Takes note of what the session learned.
    async fn note(&mut self, event: Event) -> Result<(), Trouble> {
        match event {
            Event::Ready { config, state, volume } => {
                self.learn(config).await?;
                self.ready(state, volume).await?;
            }
            Event::ConnectFailed(error) => return Err(self.trouble(error)),
            Event::State(state) => self.entered(state),
            Event::Progress { sent, total } => self.progress(sent, total).await?,
            Event::Uploaded { .. } => self.uploaded().await?,
            Event::UploadFailed(error) => {
                self.upload_failed(error.failure()).await?;
                if self.talk.session.needs_reconnect() {
                    return Err(Trouble::Reset);
                }
            }
            Event::PlaybackStarted => self.began_playing().await?,
            Event::PlaybackEnded => self.ended_playing().await?,
            Event::RecordingStarted => self.squeezed(),
            Event::Paw(_) => {
                self.squeezed();
                self.reported().await?;
            }
            Event::RecordingEnded => {
                self.last_paw = Instant::now();
                self.remembered.fetch = Fetch::of_new_recording(self.last_paw);
                self.remembered.partial = None;
            }
            Event::Downloaded(file) => self.downloaded(file).await?,
            Event::DownloadFailed(error) => {
                tracing::info!(toy.id = %self.charge.toy, %error, "a recording did not come");
                // A child who squeezed a paw meanwhile was in its right.
                if error == ToyError::GaveUp {
                    self.remembered.fetch.leave_in_peace();
                } else {
                    self.remembered.fetch.failed();
                }
                if self.talk.session.needs_reconnect() {
                    return Err(Trouble::Reset);
                }
            }
            Event::Unknown(state) => {
                tracing::info!(toy.id = %self.charge.toy, state, "the toy is in a state that nobody knows");
            }
            Event::Done => self.written(),
            Event::DownloadProgress { .. } => {}
        }
        Ok(())
    }

    async fn ready(&mut self, state: ToyState, volume: Option<u8>) -> Result<(), Trouble> {
        self.is_ready = true;
        self.entered(state);
        // Somebody may have left it in game mode, where the paws do nothing by themselves.
        self.first.push(Request::GameMode(false));
        let fetch = &mut self.remembered.fetch;
        fetch.wanted = true;
        if state == UNPLAYED {
            // Announced like this, it was made without us.
            fetch.witnessed = false;
        } else if !fetch.witnessed {
            fetch.leave_in_peace();
        }
        if let Some(id) = self.look().await?.on_toy {
            if state == ToyState::Playback {
                self.hearing = Some(id);
            } else if WAKING_PAW_PLAYS {
                mailbox::perhaps_heard(self.tools, id).await?;
            }
        }
        self.tools.bus.change(self.charge.toy, |live| {
            live.presence = Presence::Awake;
            live.volume = volume.or(live.volume);
        });
        Ok(())
    }

    /// A paw was squeezed: somebody is with the toy.
    fn squeezed(&mut self) {
        self.last_paw = Instant::now();
        self.remembered.fetch.leave_in_peace();
    }

    fn entered(&mut self, state: ToyState) {
        self.state = state;
        self.state_since = Instant::now();
        self.stopped_loop = false;
    }

    /// Returns what to do, now that the session has nothing to do.
    async fn next(&mut self) -> Result<Next, Trouble> {
        // The child came between the stopped loop and the upload, which has not begun: plan again.
        let is_childs = matches!(self.state, ToyState::Playback | ToyState::Recording);
        if is_childs && self.uploading.take().is_some() {
            self.first.clear();
            self.not_sending();
        }
        if let Some(request) = self.first.pop() {
            return Ok(Next::Request(request));
        }
        if let Some(request) = self.wished() {
            return Ok(Next::Request(request));
        }
        let now = Instant::now();
        if !self.is_at_rest() {
            let stuck_at = self.state_since + STUCK_AFTER;
            if now < stuck_at {
                return Ok(Next::Wait(stuck_at));
            }
            // No message lasts that long: somebody left a loop running.
            if self.state == ToyState::Playback && !self.stopped_loop {
                self.stopped_loop = true;
                self.state_since = now;
                return Ok(Next::Request(Request::StopLoop));
            }
            return Err(Trouble::Reset);
        }

        // An unplayed recording cannot wait: the next squeeze of the record paw replaces it. One
        // that fails to come again and again must not keep messages from coming through.
        let fetch = self.remembered.fetch;
        let may_fetch = fetch.wanted && fetch.not_before <= now;
        let is_fresh = fetch.witnessed || self.state == UNPLAYED;
        if may_fetch && is_fresh && fetch.is_promising() {
            return Ok(Next::Request(Request::Download));
        }

        let mailbox = self.look().await?;
        if mailbox.is_retiring {
            return Ok(self.farewell());
        }
        if let Some(request) = self.mailbox_request(mailbox).await? {
            return Ok(Next::Request(request));
        }
        if self.mailbox.is_none() {
            // What was to be done for it fell through: look for what comes after it.
            return Ok(Next::Wait(now));
        }
        if may_fetch {
            return Ok(Next::Request(Request::Download));
        }

        let is_crowded = self.tools.bus.is_crowded();
        let release_at = self.last_paw + if is_crowded { SHARES_AFTER } else { RELEASE_AFTER };
        if release_at <= now {
            return Ok(Next::Release);
        }
        let mut until = release_at.min(now + LOOKS_EVERY);
        if fetch.wanted {
            until = until.min(fetch.not_before);
        }
        if let Some(at) = mailbox.changes_at() {
            let seconds = at.0.saturating_sub(self.tools.clock.now().0);
            let pause = Duration::from_secs(u64::try_from(seconds).unwrap_or(0).max(1));
            until = until.min(now + pause);
        }
        Ok(Next::Wait(until))
    }

    /// Returns whether the toy does nothing that has to come to its end first.
    const fn is_at_rest(&self) -> bool {
        !matches!(
            self.state,
            ToyState::Playback
                | ToyState::Recording
                | ToyState::Upload
                | ToyState::Download
                | ToyState::BufferPrime
        )
    }

    /// Returns what the mailbox needs done to the toy, most urgent first.
    async fn mailbox_request(&mut self, mailbox: Mailbox) -> Result<Option<Request>, Trouble> {
        let bus = &self.tools.bus;
        let (level, changed) = mailbox::volume(self.tools, self.charge, mailbox).await?;
        if changed {
            self.mailbox = None;
        }
        if let Some(level) = level {
            bus.change(self.charge.toy, |live| live.volume = Some(level));
            return Ok(Some(Request::Volume(level)));
        }
        let is_lit = mailbox.is_lit();
        let heart = if is_lit { Led::Blink { period_ms: HEART_PERIOD_MS } } else { Led::Off };
        if self.heart != Some(heart) {
            self.heart = Some(heart);
            self.remembered.blinks |= heart != Led::Off;
            return Ok(Some(Request::Led(heart)));
        }
        self.remembered.blinks = heart != Led::Off;
        let is_to_overwrite = mailbox.withdrawing.is_some() || mailbox.erased.is_some();
        if is_to_overwrite && Instant::now() < self.remembered.overwrite_at {
            return Ok(None);
        }
        if let Some(erased) = mailbox.erased {
            self.uploading = Some(Upload::OverErased(erased));
            return Ok(Some(upload(mailbox::silence(erased.length_ms))));
        }
        if let Some(id) = mailbox.withdrawing {
            let silence = mailbox::silence_over(self.tools, id).await?;
            self.uploading = Some(Upload::Silence(id));
            return Ok(Some(upload(silence)));
        }
        let (None, Some(id)) = (mailbox.on_toy, mailbox.next) else {
            return Ok(self.silencing(mailbox));
        };
        let clip = mailbox::clip(self.tools, self.charge, id).await?;
        let Some(clip) = clip else {
            tracing::error!(delivery.id = %id, "a clip in the outbox does not open");
            mailbox::fail(self.tools, id, Failure::Damaged).await?;
            self.mailbox = None;
            return Ok(None);
        };
        if !mailbox::begin(self.tools, id).await? {
            self.mailbox = None;
            return Ok(None);
        }
        self.uploading = Some(Upload::Message(id));
        self.progress(0, clip.as_bytes().len()).await?;
        // A loop that somebody left running would play the new message over and over.
        self.first.push(upload(clip));
        Ok(Some(Request::StopLoop))
    }

    async fn look(&mut self) -> Result<Mailbox, Trouble> {
        let now = Instant::now();
        match self.mailbox {
            Some((mailbox, at)) if now.duration_since(at) < LOOKS_EVERY => {
                // What failed may be tried again meanwhile, or the night has come.
                let due = mailbox.changes_at().is_some_and(|at| at <= self.tools.clock.now());
                if !due {
                    return Ok(mailbox);
                }
            }
            Some(_) | None => {}
        }
        let last_look = &mut self.remembered.last_look;
        let mailbox = mailbox::look(self.tools, self.charge, last_look).await?;
        self.mailbox = Some((mailbox, now));
        Ok(mailbox)
    }

    /// Somebody changed something in the store.
    async fn poked(&mut self) -> Result<(), Trouble> {
        (self.mailbox, self.told) = (None, None);
        let Some(Upload::Message(id)) = self.uploading else { return Ok(()) };
        if mailbox::is_under_way(self.tools, id).await? {
            return Ok(());
        }
        if self.first.is_empty() {
            self.talk.session.cancel(now());
        } else {
            // It was about to begin.
            self.first.clear();
            self.uploading = None;
            self.not_sending();
        }
        Ok(())
    }

    async fn uploaded(&mut self) -> Result<(), Trouble> {
        let uploaded = self.uploading.take();
        self.not_sending();
        self.mailbox = None;
        match uploaded {
            Some(Upload::Message(id)) => {
                // The heart is about to blink, and the child about to squeeze. What was taken back
                // in the last moment is «withdrawing» and stays so.
                self.remembered.fetch.leave_in_peace();
                mailbox::advance(self.tools, id, mailbox::UNDER_WAY, DeliveryState::OnToy).await?;
            }
            Some(Upload::Silence(id)) => {
                mailbox::advance(self.tools, id, &["withdrawing"], DeliveryState::Withdrawn)
                    .await?;
            }
            Some(Upload::OverErased(erased)) => mailbox::overwritten(self.tools, erased).await?,
            Some(Upload::Silencing(slot)) => self.silenced(slot).await?,
            Some(Upload::Emptying(slot)) => self.emptied(slot),
            None => {}
        }
        self.tools.bus.holds_something_else(self.charge.toy);
        self.achieved |= uploaded.is_some();
        Ok(())
    }

    async fn upload_failed(&mut self, failure: Failure) -> Result<(), StoreError> {
        let failed = self.uploading.take();
        self.first.clear();
        self.not_sending();
        self.mailbox = None;
        // What was overwritten with silence in vain stays «withdrawing» and is tried again.
        if let Some(Upload::Message(id)) = failed {
            tracing::info!(delivery.id = %id, reason = failure.word(), "delivery failed");
            mailbox::fail(self.tools, id, failure).await?;
        } else if let Some(Upload::Silence(_) | Upload::OverErased(_) | Upload::Silencing(_)) =
            failed
        {
            self.remembered.overwrite_at = Instant::now() + backoff::jittered(OVERWRITE_PAUSE);
        } else if let Some(Upload::Emptying(slot)) = failed {
            self.not_emptied(slot);
        }
        Ok(())
    }

    async fn downloaded(&mut self, file: Vec<u8>) -> Result<(), Trouble> {
        let Remembered { fetch, partial, .. } = &mut *self.remembered;
        let last_try = fetch.is_last_try();
        let how = How { witnessed: fetch.witnessed, last_try };
        match fetch::keep(self.tools, self.charge, file, how, partial).await? {
            Fetched::NotWhole => fetch.failed(),
            Fetched::Kept => {
                fetch.done();
                self.achieved = true;
                self.tools.bus.holds_something_else(self.charge.toy);
            }
            Fetched::Known | Fetched::Nothing => fetch.done(),
        }
        Ok(())
    }

    fn trouble(&self, error: ToyError) -> Trouble {
        tracing::info!(toy.id = %self.charge.toy, %error, "the toy does not answer as it should");
        Trouble::Reset
    }
}

/// What to do next with a toy whose session is idle.
enum Next {
    Request(Request),
    Release,
    /// The toy holds nothing any more, and was retired.
    LetGo,
    Wait(Instant),
}

fn upload(clip: Clip) -> Request {
    Request::Upload { slot: Slot::MAILBOX, clip: clip.into_bytes() }
}
