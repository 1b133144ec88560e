//! Another version of Hutch, from a file: what is done in which order, and what if something is in the way.
//!
//! No I/O here. [`run`] is told how far it has come, and asks a [`Computer`] for one thing after the other;
//! before each it has the computer note where to go on. So the power may go at any moment: whoever calls
//! [`run`] with the note that was left comes to one of two ends, the new version or the one before.
//!
//! What is signed and what is not, [`signed`] says. Nothing here looks for another version by itself, and
//! nothing asks anybody outside.

pub mod signed;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

/// Where an update goes on.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The hub is stopped, and its database copied.
    Copying,
    /// The new version is installed.
    Installing,
    /// It is waited for until it answers.
    Waiting,
    /// It is well: what was kept to go back is given up.
    Settling,
    /// Nothing was changed yet, and nothing will be: the hub is started as it was.
    CallingOff,
    /// Database and package are put back.
    GoingBack,
    /// They are, and it is waited for until the hub answers.
    Returning,
}

/// What is noted, so that a power cut leaves something to go on from.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Journal {
    /// Where to go on.
    pub stage: Stage,
    /// The version before.
    pub from: String,
    /// The version to come.
    pub to: String,
    /// Whether there is a package of the version before, to go back to.
    pub has_way_back: bool,
    /// Why it goes back, once it does.
    pub because: Option<String>,
}

impl Journal {
    /// Begins.
    pub fn new(from: &str, to: &str, has_way_back: bool) -> Self {
        let (from, to) = (from.to_owned(), to.to_owned());
        Self { stage: Stage::Copying, from, to, has_way_back, because: None }
    }
}

/// Which version.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Which {
    /// The one before.
    Before,
    /// The one to come.
    New,
}

/// Something could not be done; in a sentence.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Trouble(pub String);

/// The computer, as an update sees it. Everything may be asked twice: the power may go before its end is
/// noted.
pub trait Computer {
    /// Keeps the note in the place of the one before, or forgets it.
    fn note(&mut self, journal: Option<&Journal>) -> Result<(), Trouble>;
    /// Stops the hub, so that nothing is said to it that a way back would lose.
    fn stop(&mut self) -> Result<(), Trouble>;
    /// Starts it.
    fn start(&mut self) -> Result<(), Trouble>;
    /// Copies the database.
    fn copy(&mut self) -> Result<(), Trouble>;
    /// Puts the copy back, unless the version before reads the database as it is.
    fn put_back(&mut self) -> Result<(), Trouble>;
    /// Removes the copy, if there is one.
    fn drop_copy(&mut self) -> Result<(), Trouble>;
    /// Installs a version, and starts it.
    fn install(&mut self, which: Which) -> Result<(), Trouble>;
    /// Waits until the hub answers that it is well, for as long as that may take.
    fn is_well(&mut self, which: Which) -> Result<(), Trouble>;
    /// Keeps the package of the new version, as the way back from the one after it.
    fn keep(&mut self) -> Result<(), Trouble>;
}

/// How an update ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum End {
    /// The new version runs.
    Updated,
    /// Something was in the way before anything was changed: the version before runs.
    CalledOff {
        /// What.
        because: String,
    },
    /// The new version does not work, and the one before runs again.
    WentBack {
        /// What does not work.
        because: String,
    },
    /// The new version does not work, and there is no package of the one before.
    NoWayBack {
        /// What does not work.
        because: String,
    },
}

/// Goes on until one of the ends. An error leaves the note: the next call goes on from there.
pub fn run(mut journal: Journal, computer: &mut impl Computer) -> Result<End, Trouble> {
    loop {
        computer.note(Some(&journal))?;
        let because = || journal.because.clone().unwrap_or_default();
        journal.stage = match journal.stage {
            Stage::Copying => match computer.stop().and_then(|()| computer.copy()) {
                Ok(()) => Stage::Installing,
                Err(trouble) => {
                    journal.because = Some(trouble.0);
                    Stage::CallingOff
                }
            },
            Stage::CallingOff => {
                computer.drop_copy()?;
                computer.start()?;
                let because = because();
                computer.note(None)?;
                return Ok(End::CalledOff { because });
            }
            Stage::Installing => match computer.install(Which::New) {
                Ok(()) => Stage::Waiting,
                Err(trouble) => {
                    journal.because = Some(trouble.0);
                    Stage::GoingBack
                }
            },
            Stage::Waiting => match computer.is_well(Which::New) {
                Ok(()) => Stage::Settling,
                Err(trouble) => {
                    journal.because = Some(trouble.0);
                    Stage::GoingBack
                }
            },
            Stage::Settling => {
                computer.drop_copy()?;
                computer.keep()?;
                computer.note(None)?;
                return Ok(End::Updated);
            }
            Stage::GoingBack if !journal.has_way_back => {
                // The copy stays: whoever installs the version before by hand needs it.
                let because = because();
                computer.note(None)?;
                return Ok(End::NoWayBack { because });
            }
            Stage::GoingBack => {
                computer.stop()?;
                computer.put_back()?;
                computer.install(Which::Before)?;
                Stage::Returning
            }
            Stage::Returning => {
                computer.is_well(Which::Before)?;
                computer.drop_copy()?;
                let because = because();
                computer.note(None)?;
                return Ok(End::WentBack { because });
            }
        };
    }
}
