//! Our side of one connection to a toy, as a machine without I/O.

mod connecting;
mod download;
mod timing;
mod upload;
mod watch;
mod words;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use connecting::Connecting;
use download::Download;
use timing::Silence;
pub use timing::{CHUNK_GAP, CONNECT_LIMIT, DATA_REQUEST_TIMEOUT, SETTLE, TRANSFER_LIMIT};
use upload::Upload;
use watch::{Watch, is_transfer};
pub use words::{Busy, Event, Input, Output, Pacing, Paw, Request};

use super::{
    ToyError,
    inferred::LEAVE_TIMEOUT,
    wire::{Characteristic, Command, DataRequest, ToyState, encode_volume},
};

pub use download::MAX_RECORDING_BYTES;
pub use upload::MAX_FILL_BYTES;

/// How many events are held back, should a toy chatter while we connect or it is left alone.
const MAX_HELD_EVENTS: usize = 64;

/// Our side of one connection to a toy.
///
/// Its methods are of four kinds:
///
/// * [`Session::connect`], [`Session::request`] and [`Session::cancel`] say what is wanted;
/// * [`Session::handle`] says what happened outside;
/// * [`Session::poll`] says what to do outside;
/// * [`Session::is_idle`] and the like say how it stands, and [`Session::needs_reconnect`] whether
///   the session is of any more use.
///
/// After each call of the first two kinds, poll until [`Output::Wait`]: everything before it is to
/// be done in that order, each read, subscription and write *completed* before the next poll (which
/// is all the back-pressure there is). Then wait for an input or for the deadline, whichever comes
/// first; when the deadline passes, hand in [`Input::Expired`] and poll again. Time never goes
/// backwards between calls. A request is taken while nothing else is going on; what a caller
/// promised to do later is the caller's to remember.
///
/// One connection has one session: when the link is lost, drop the session, or call `connect` for
/// the next link, which forgets everything.
pub struct Session {
    pacing: Pacing,
    stage: Stage,
    watch: Watch,
    events: VecDeque<Event>,
    /// Events that come after the outcome of what is going on.
    held: VecDeque<Event>,
}

/// What is going on.
enum Stage {
    /// No link yet.
    Offline,
    /// The toy is being asked who and how it is.
    Connecting(Connecting),
    /// Nothing.
    Idle,
    /// One write and nothing to wait for; `None` once it was handed out.
    Writing(Option<(Characteristic, Vec<u8>)>),
    /// A clip is on its way to the toy.
    Uploading(Upload),
    /// The recording is on its way to us.
    Downloading(Download),
    /// An upload is over, but the toy has yet to leave it.
    Leaving {
        /// What to write first, if we are the one who leaves.
        write: Option<Command>,
        error: ToyError,
        silence: Silence,
    },
    /// The toy wants peace before the next procedure.
    Settling { event: Event, until: Instant },
    /// The toy may be in the middle of something; only a new link tells.
    Stuck,
}

/// The next thing that a procedure wants.
enum Step {
    Output(Output),
    End(Ending),
}

/// How a procedure ended, and how much the toy wants to be left alone.
enum Ending {
    /// The toy is ready for the next procedure.
    Ready(Event),
    /// The toy is idle and wants peace.
    Settle(Event),
    /// The upload failed and the toy has yet to leave it.
    Leave { write: Option<Command>, error: ToyError },
    /// Nobody knows what the toy is at.
    Stuck(Event),
}

impl Session {
    /// Makes a session for a link that is yet to be made.
    pub fn new(pacing: Pacing) -> Self {
        Self {
            pacing,
            stage: Stage::Offline,
            watch: Watch::new(),
            events: VecDeque::new(),
            held: VecDeque::new(),
        }
    }

    /// Begins the conversation on a link that was just made; ends in [`Event::Ready`] or
    /// [`Event::ConnectFailed`].
    pub fn connect(&mut self, now: Instant) {
        *self = Self::new(self.pacing);
        self.stage = Stage::Connecting(Connecting::new(now));
    }

    /// Begins a procedure, unless one is going on.
    pub fn request(&mut self, request: Request, now: Instant) -> Result<(), Busy> {
        match self.stage {
            Stage::Idle => {}
            Stage::Offline | Stage::Stuck => return Err(Busy::NeedsReconnect),
            Stage::Connecting(_)
            | Stage::Writing(_)
            | Stage::Uploading(_)
            | Stage::Downloading(_)
            | Stage::Leaving { .. }
            | Stage::Settling { .. } => return Err(Busy::Procedure),
        }
        let is_recording = self.watch.state() == ToyState::Recording;
        if is_recording && request.would_cut_a_recording() {
            return Err(Busy::Recording);
        }
        let command =
            |command: Command| Stage::Writing(Some((Characteristic::Command, command.encode())));
        self.stage = match request {
            Request::Upload { slot, clip } => Stage::Uploading(Upload::new(slot, clip, now)),
            Request::Download => Stage::Downloading(Download::new(now)),
            Request::Play(slot) => command(Command::Play(slot)),
            Request::Stop => command(Command::Stop),
            Request::Led(led) => Stage::Writing(Some((Characteristic::Led, led.encode()))),
            Request::Volume(level) => {
                Stage::Writing(Some((Characteristic::Volume, encode_volume(level))))
            }
            Request::GameMode(on) => command(Command::GameMode(on)),
            Request::Loop { loops, length_ms } => command(Command::Loop { loops, length_ms }),
            Request::StopLoop => command(Command::STOP_LOOP),
            Request::Identify(id) => {
                Stage::Writing(Some((Characteristic::Config, id.as_bytes().to_vec())))
            }
        };
        Ok(())
    }

    /// Gives up a running upload or download; without one, or too late, it changes nothing.
    ///
    /// An upload ends with the toy idle and [`Event::UploadFailed`]; its slot then holds nothing or
    /// the beginning of the clip, and is to be overwritten before a paw is pressed. After its last
    /// byte an upload can no longer be given up and ends as if nothing had been said. The toy knows
    /// no end of a download, so one that is given up needs a new link.
    pub fn cancel(&mut self, now: Instant) {
        let ending = match &self.stage {
            Stage::Uploading(upload) => upload.cancel(),
            Stage::Downloading(download) => Some(download.cancel()),
            Stage::Offline
            | Stage::Connecting(_)
            | Stage::Idle
            | Stage::Writing(_)
            | Stage::Leaving { .. }
            | Stage::Settling { .. }
            | Stage::Stuck => None,
        };
        if let Some(ending) = ending {
            self.end(ending, now);
        }
    }

    /// Returns whether a request would be taken: nothing is going on, and nothing is left to be told.
    pub fn is_idle(&self) -> bool {
        matches!(self.stage, Stage::Idle) && self.events.is_empty()
    }

    /// Returns whether a recording is on its way to us, so that the loss of the link would cut it off.
    pub const fn is_downloading(&self) -> bool {
        matches!(self.stage, Stage::Downloading(_))
    }

    /// Returns whether only a new link can bring the toy back to a state that we know.
    pub const fn needs_reconnect(&self) -> bool {
        matches!(self.stage, Stage::Offline | Stage::Stuck)
    }

    /// Returns what the toy last said it was doing.
    pub const fn state(&self) -> ToyState {
        self.watch.state()
    }

    /// Takes in what happened outside.
    ///
    /// Bytes that mean nothing are dropped: a toy that says nothing sensible is silent.
    pub fn handle(&mut self, input: Input<'_>, now: Instant) {
        match input {
            Input::Read(from, bytes) => {
                if let Stage::Connecting(connecting) = &mut self.stage {
                    let ending = connecting.answered(from, bytes, &mut self.watch);
                    self.end_if(ending, now);
                }
            }
            Input::Notified(Characteristic::State, bytes) => {
                if let Some(state) = ToyState::decode(bytes) {
                    self.observe(state, now);
                }
            }
            Input::Notified(Characteristic::DataRequest, bytes) => {
                if let (Stage::Uploading(upload), Some(request)) =
                    (&mut self.stage, DataRequest::decode(bytes))
                {
                    let ending = upload.requested(request);
                    self.end_if(ending, now);
                }
            }
            Input::Notified(Characteristic::ReceiveAudio, bytes) => {
                if let Stage::Downloading(download) = &mut self.stage {
                    let ending = download.received(bytes);
                    self.end_if(ending, now);
                }
            }
            // `poll` compares the deadlines with its own `now`; the rest does not notify.
            Input::Expired
            | Input::Notified(
                Characteristic::Command
                | Characteristic::SendAudio
                | Characteristic::Config
                | Characteristic::Led
                | Characteristic::Volume,
                _,
            ) => {}
        }
    }

    /// Returns the next thing to do outside.
    pub fn poll(&mut self, now: Instant) -> Output {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Output::Event(event);
            }
            match self.step(now) {
                Step::Output(output) => return output,
                Step::End(ending) => self.end(ending, now),
            }
        }
    }

    fn step(&mut self, now: Instant) -> Step {
        match &mut self.stage {
            Stage::Offline | Stage::Idle | Stage::Stuck => Step::Output(Output::Wait(None)),
            Stage::Connecting(connecting) => connecting.poll(now),
            Stage::Writing(write) => match write.take() {
                Some((to, bytes)) => Step::Output(Output::Write { to, bytes, response: true }),
                None => Step::End(Ending::Ready(Event::Done)),
            },
            Stage::Uploading(upload) => upload.poll(self.pacing.gap, now),
            Stage::Downloading(download) => download.poll(now),
            Stage::Leaving { write, error, silence } => match write.take() {
                Some(command) => Step::command(command),
                None => match silence.check(now) {
                    Ok(deadline) => Step::Output(Output::Wait(Some(deadline))),
                    Err(timing::Expired) => Step::End(Ending::Stuck(Event::UploadFailed(*error))),
                },
            },
            Stage::Settling { event, until } => {
                if now < *until {
                    Step::Output(Output::Wait(Some(*until)))
                } else {
                    Step::End(Ending::Ready(event.clone()))
                }
            }
        }
    }

    fn observe(&mut self, state: ToyState, now: Instant) {
        // What the child does before the link is ready, or as an upload ends, must not overtake
        // the news that it is, or how the upload ended.
        let is_held = match &self.stage {
            Stage::Connecting(_) | Stage::Settling { .. } => true,
            Stage::Uploading(upload) => upload.is_over(state),
            Stage::Offline
            | Stage::Idle
            | Stage::Writing(_)
            | Stage::Downloading(_)
            | Stage::Leaving { .. }
            | Stage::Stuck => false,
        };
        if is_held {
            self.watch.observe(state, &mut self.held);
            self.held.truncate(MAX_HELD_EVENTS);
        } else {
            self.watch.observe(state, &mut self.events);
        }
        match &mut self.stage {
            Stage::Uploading(upload) => {
                let ending = upload.observed(state);
                self.end_if(ending, now);
            }
            Stage::Downloading(download) => {
                let ending = download.observed(state);
                self.end_if(ending, now);
            }
            Stage::Leaving { error, .. } => {
                // A slow toy may enter the upload only after we left it.
                if watch::is_rest(state) || watch::is_childs(state) {
                    let event = Event::UploadFailed(*error);
                    self.end(Ending::Settle(event), now);
                }
            }
            Stage::Offline
            | Stage::Connecting(_)
            | Stage::Idle
            | Stage::Writing(_)
            | Stage::Settling { .. }
            | Stage::Stuck => {}
        }
    }

    fn end_if(&mut self, ending: Option<Ending>, now: Instant) {
        if let Some(ending) = ending {
            self.end(ending, now);
        }
    }

    fn end(&mut self, ending: Ending, now: Instant) {
        self.stage = match ending {
            Ending::Ready(event) => {
                self.events.push_back(event);
                self.events.append(&mut self.held);
                Stage::Idle
            }
            Ending::Settle(event) => Stage::Settling { event, until: now + SETTLE },
            Ending::Leave { write, error } => {
                let is_out = write.is_none() && !is_transfer(self.watch.state());
                if is_out {
                    let event = Event::UploadFailed(error);
                    Stage::Settling { event, until: now + SETTLE }
                } else {
                    Stage::Leaving { write, error, silence: Silence::new(LEAVE_TIMEOUT) }
                }
            }
            Ending::Stuck(event) => {
                self.events.push_back(event);
                self.events.append(&mut self.held);
                Stage::Stuck
            }
        };
    }
}

impl Step {
    fn command(command: Command) -> Self {
        let to = Characteristic::Command;
        Self::Output(Output::Write { to, bytes: command.encode(), response: true })
    }

    const fn wait(until: Instant) -> Self {
        Self::Output(Output::Wait(Some(until)))
    }

    /// Waits until something is heard, or ends when it is not heard in time.
    fn listen(silence: &mut Silence, now: Instant, expired: impl FnOnce() -> Ending) -> Self {
        match silence.check(now) {
            Ok(deadline) => Self::wait(deadline),
            Err(timing::Expired) => Self::End(expired()),
        }
    }
}

impl Default for Pacing {
    fn default() -> Self {
        Self { gap: CHUNK_GAP }
    }
}

impl Pacing {
    /// As fast as credit and link allow.
    pub const NONE: Self = Self { gap: Duration::ZERO };
}
