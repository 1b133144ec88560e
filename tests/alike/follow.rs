//! Follows a transcript with a toy.

use std::{fmt::Write as _, time::Duration};

use hutch::toy::wire::{CHUNK_BYTES, Characteristic};

use super::script::{Line, Part, Script, Side, Step};

/// What is left unsaid at the end must be so for this long.
const QUIET_AT_END: Duration = Duration::from_millis(200);

/// How long a toy may take to say or note something.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A toy that a transcript can be followed with.
pub(crate) trait Toy {
    /// Which toy it is.
    const SIDE: Side;
    /// Whether its time is that of the clock, on whatever machine.
    const IS_REAL: bool;

    /// Makes the link.
    fn connect(&mut self);
    /// Has the link break; what was said and not looked at is gone.
    fn lose(&mut self);
    /// Has the toy fall asleep, which ends the link as well; a paw wakes it.
    fn sleep(&mut self);
    fn subscribe(&mut self, to: Characteristic);
    /// Writes; whether the toy says that it did not like it is not looked at.
    fn write(&mut self, to: Characteristic, bytes: &[u8], response: bool);
    /// Writes audio without response, in chunks.
    fn send(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(CHUNK_BYTES) {
            self.write(Characteristic::SendAudio, chunk, false);
        }
    }
    /// Reads, if that can be read.
    fn read(&mut self, from: Characteristic) -> Option<Vec<u8>>;
    fn press_play(&mut self);
    /// Holds the paw that records; the file is what the toy makes of what it hears.
    fn record(&mut self, file: &[u8], length: Duration);
    /// Lets time go by.
    fn pass(&mut self, time: Duration);
    /// How late it is.
    fn now(&mut self) -> Duration;
    /// Waits for the next notification: of this characteristic, where no order among them is known.
    fn notified(&mut self, by: Characteristic) -> Option<Said>;
    /// What it has notified and nobody asked for.
    fn left(&mut self) -> Vec<Said>;
    /// Returns the violation that it noted after so many others; it may take so long.
    fn violation(&mut self, after: usize, patience: Duration) -> Option<String>;
    /// Returns what is seen of it; a slot without what only filled it up.
    fn look(&mut self, at: Part) -> Vec<u8>;
}

/// A notification.
pub(crate) struct Said {
    pub(crate) from: Characteristic,
    pub(crate) bytes: Vec<u8>,
    pub(crate) at: Duration,
}

/// What a toy did when a transcript was followed.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) answers: Vec<Answer>,
    /// Where it is not what the transcript says.
    pub(crate) problems: Vec<String>,
}

/// What a toy did at one line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Answer {
    /// The number of the line; none at the end.
    pub(crate) line: usize,
    pub(crate) what: String,
    /// The protocol leaves open what it does here.
    pub(crate) is_open: bool,
}

struct Run<'a, T> {
    script: &'a Script,
    toy: &'a mut T,
    log: Log,
    n_violations: usize,
    /// When something was last done to it.
    done_at: Duration,
}

/// Follows a transcript with a toy that was just made.
pub(crate) fn follow<T: Toy>(script: &Script, toy: &mut T) -> Log {
    let done_at = toy.now();
    let mut run = Run { script, toy, log: Log::default(), n_violations: 0, done_at };
    for line in &script.lines {
        if line.only.is_none_or(|only| only == T::SIDE) {
            run.step(line);
        }
    }
    run.toy.pass(QUIET_AT_END);
    run.expect_nothing(0, false);
    while let Some(kind) = run.toy.violation(run.n_violations, Duration::ZERO) {
        run.n_violations += 1;
        run.note(0, false, format!("! {kind}"), "nothing more");
    }
    run.log
}

impl Log {
    /// What it did where every toy has to do the same.
    pub(crate) fn settled(&self) -> Vec<&Answer> {
        self.answers.iter().filter(|answer| !answer.is_open).collect()
    }
}

impl<T: Toy> Run<'_, T> {
    fn step(&mut self, line: &Line) {
        let (number, is_open) = (line.number, line.only.is_some());
        match &line.step {
            Step::Notified { from, bytes, after } => {
                let wanted = spell("<", *from, bytes);
                let (what, pace) = match self.toy.notified(*from) {
                    Some(said) => {
                        let taken = said.at.saturating_sub(self.done_at);
                        (spell("<", said.from, &said.bytes), pace::<T>(taken, *after))
                    }
                    None => ("nothing".to_owned(), ""),
                };
                self.note(number, is_open, what + pace, &wanted);
            }
            Step::Read { from, bytes } => {
                let spelt = |bytes: Option<&[u8]>| match bytes {
                    Some(bytes) => spell("=", *from, bytes),
                    None => format!("= {} refused", from.name()),
                };
                let wanted = spelt(bytes.as_deref());
                let what = self.toy.read(*from);
                self.note(number, is_open, spelt(what.as_deref()), &wanted);
            }
            Step::Violation(wanted) => {
                let kind = self.toy.violation(self.n_violations, PATIENCE);
                self.n_violations += usize::from(kind.is_some());
                let what = kind.map_or_else(|| "nothing".to_owned(), |kind| format!("! {kind}"));
                self.note(number, is_open, what, &format!("! {wanted}"));
            }
            Step::Look { at, bytes } => {
                let what = format!("{at:?} {bytes:02x?}", bytes = self.toy.look(*at));
                self.note(number, is_open, what, &format!("{at:?} {bytes:02x?}"));
            }
            Step::Quiet(time) => {
                self.toy.pass(*time);
                self.expect_nothing(number, is_open);
            }
            Step::Wait(time) => self.toy.pass(*time),
            done => {
                self.done_at = self.toy.now();
                self.act(done);
            }
        }
    }

    fn act(&mut self, step: &Step) {
        match step {
            Step::Connect => self.toy.connect(),
            Step::Lose => self.toy.lose(),
            Step::Sleep => self.toy.sleep(),
            Step::Subscribe(to) => self.toy.subscribe(*to),
            Step::Write { to, bytes, response } => self.toy.write(*to, bytes, *response),
            Step::Send(bytes) => self.toy.send(bytes),
            Step::PressPlay => self.toy.press_play(),
            Step::Record { file, length } => self.toy.record(file, *length),
            Step::Wait(_)
            | Step::Notified { .. }
            | Step::Read { .. }
            | Step::Violation(_)
            | Step::Quiet(_)
            | Step::Look { .. } => unreachable!("not something that is done to a toy"),
        }
    }

    fn expect_nothing(&mut self, number: usize, is_open: bool) {
        for said in self.toy.left() {
            self.note(number, is_open, spell("<", said.from, &said.bytes), "silence");
        }
    }

    fn note(&mut self, line: usize, is_open: bool, what: String, wanted: &str) {
        if what != wanted {
            let name = &self.script.name;
            self.log.problems.push(format!("{name}:{line}: {:?}: {what}, not {wanted}", T::SIDE));
        }
        self.log.answers.push(Answer { line, what, is_open });
    }
}

/// What to say of how long it took.
fn pace<T: Toy>(taken: Duration, wanted: Option<Duration>) -> &'static str {
    let Some(wanted) = wanted else { return "" };
    // The pace of a machine says nothing about a toy.
    let most = if T::IS_REAL { wanted * 5 + Duration::from_secs(5) } else { wanted * 3 / 2 };
    if taken < wanted / 2 {
        " too soon"
    } else if most < taken {
        " too late"
    } else {
        ""
    }
}

fn spell(sign: &str, characteristic: Characteristic, bytes: &[u8]) -> String {
    let mut text = format!("{sign} {}", characteristic.name());
    for byte in bytes {
        write!(text, " {byte:02x}").unwrap();
    }
    text
}
