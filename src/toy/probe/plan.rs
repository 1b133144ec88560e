//! What to do with the toy.

use std::{
    collections::VecDeque,
    fmt,
    time::{Duration, Instant},
};

use crate::toy::{
    session::Request,
    wire::{Led, ToyState},
};

/// How long the heart is lit for its owner to see it.
const LIT_FOR: Duration = Duration::from_secs(2);

/// How long a squeeze is waited for.
const SQUEEZED_WITHIN: Duration = Duration::from_secs(30);

/// How long it is waited for the end of a squeeze. A paw that is held may show for as long.
const RELEASED_WITHIN: Duration = Duration::from_secs(8);

/// The pause after a squeeze, so that what is left of it is not taken for the next one.
const AFTER_A_SQUEEZE: Duration = Duration::from_secs(1);

/// The longest time that a toy is held to see whether it falls asleep.
pub const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// What the owner of the toy allows besides the rest.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Wishes {
    /// Fetch the recording, of which only the header is kept.
    pub fetch: bool,
    /// Hold the toy for so long at the end; at most [`LONGEST_WAIT`].
    pub wait: Duration,
}

/// Something to do.
#[derive(Clone, Eq, PartialEq)]
pub enum Act {
    /// Ask this of the session, and say when it is over.
    Request(Request),
    /// Tell the toy's owner.
    Tell(Tell),
    /// Nothing until a state comes, a request is over, or this time.
    Wait(Option<Instant>),
    /// Let the toy go.
    End,
}

/// Something that the toy's owner should know or do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tell {
    /// Look at the heart.
    Heart,
    /// Squeeze the paw that plays.
    Play,
    /// Squeeze the paw that records.
    Record,
    /// Squeeze the paw that plays for longer.
    Hold,
    /// The recording is fetched.
    Fetch,
    /// The toy is held for so long.
    Wait(Duration),
}

impl Tell {
    /// Returns the word for it in a transcript.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Heart => "heart",
            Self::Play => "play",
            Self::Record => "record",
            Self::Hold => "hold",
            Self::Fetch => "fetch",
            Self::Wait(_) => "wait",
        }
    }
}

impl fmt::Display for Tell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heart => f.write_str(
                "Look at its heart: it should light up for two seconds. Only you can tell whether \
                 it does.",
            ),
            Self::Play => f.write_str("Squeeze the paw that plays messages, and let go."),
            Self::Record => f.write_str("Squeeze the paw that records, and let go."),
            Self::Hold => {
                f.write_str("Squeeze the paw that plays once more, and hold it for three seconds.")
            }
            Self::Fetch => f.write_str("Its recording is fetched. Leave the toy alone."),
            Self::Wait(wait) => write!(
                f,
                "Leave the toy alone: it is watched for {} s whether it falls asleep.",
                wait.as_secs()
            ),
        }
    }
}

/// What is left to do with a toy that is connected and ready.
///
/// After each call of [`Plan::saw`] and [`Plan::is_over`], and when the time of an [`Act::Wait`] has come,
/// poll until [`Act::Wait`] or [`Act::End`]. A request of a plan changes nothing that lasts once the plan is
/// at its end, and none uploads, plays, records or writes an identifier.
pub struct Plan {
    steps: VecDeque<Step>,
    stage: Stage,
}

enum Step {
    Request(Request),
    Tell(Tell),
    Pause(Duration),
    Squeeze,
}

enum Stage {
    /// Nothing: the next step may begin.
    Free,
    /// A request is being carried out.
    Requested,
    Pausing(Instant),
    /// A squeeze is waited for.
    Squeeze(Instant),
    /// A paw was squeezed, and is waited for to be let go.
    Release(Instant),
}

impl Plan {
    /// Makes the plan of a whole probe.
    pub fn new(wishes: Wishes) -> Self {
        let mut steps = VecDeque::from([
            Step::Tell(Tell::Heart),
            Step::Request(Request::Led(Led::On)),
            Step::Pause(LIT_FOR),
            Step::Request(Request::Led(Led::Off)),
            Step::Request(Request::GameMode(true)),
        ]);
        for squeeze in [Tell::Play, Tell::Record, Tell::Hold] {
            steps.extend([Step::Tell(squeeze), Step::Squeeze, Step::Pause(AFTER_A_SQUEEZE)]);
        }
        steps.push_back(Step::Request(Request::GameMode(false)));
        if wishes.fetch {
            steps.extend([Step::Tell(Tell::Fetch), Step::Request(Request::Download)]);
        }
        let wait = wishes.wait.min(LONGEST_WAIT);
        if !wait.is_zero() {
            steps.extend([Step::Tell(Tell::Wait(wait)), Step::Pause(wait)]);
        }
        Self { steps, stage: Stage::Free }
    }

    /// Makes the plan of leaving a toy as it was found, wherever a probe has come to.
    pub fn farewell() -> Self {
        let steps = [Request::GameMode(false), Request::Led(Led::Off)].map(Step::Request);
        Self { steps: steps.into(), stage: Stage::Free }
    }

    /// Takes a state that the toy notified.
    pub fn saw(&mut self, state: ToyState, now: Instant) {
        let is_paw = matches!(state, ToyState::RecordPaw | ToyState::PlayPaw);
        match self.stage {
            Stage::Squeeze(_) if is_paw => self.stage = Stage::Release(now + RELEASED_WITHIN),
            Stage::Release(_) if !is_paw => self.stage = Stage::Free,
            _ => {}
        }
    }

    /// The last request is over, well or badly.
    pub fn is_over(&mut self) {
        if matches!(self.stage, Stage::Requested) {
            self.stage = Stage::Free;
        }
    }

    /// Returns the next thing to do.
    pub fn poll(&mut self, now: Instant) -> Act {
        loop {
            match self.stage {
                Stage::Free => {}
                Stage::Requested => return Act::Wait(None),
                Stage::Pausing(until) | Stage::Squeeze(until) | Stage::Release(until) => {
                    if now < until {
                        return Act::Wait(Some(until));
                    }
                    self.stage = Stage::Free;
                }
            }
            match self.steps.pop_front() {
                None => return Act::End,
                Some(Step::Request(request)) => {
                    self.stage = Stage::Requested;
                    return Act::Request(request);
                }
                Some(Step::Tell(tell)) => return Act::Tell(tell),
                Some(Step::Pause(pause)) => self.stage = Stage::Pausing(now + pause),
                Some(Step::Squeeze) => self.stage = Stage::Squeeze(now + SQUEEZED_WITHIN),
            }
        }
    }
}
