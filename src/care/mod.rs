//! What can be seen of a hub and of the computer that it runs on, and what to do about it.
//!
//! The checks stand here once. `hutch doctor` looks from outside, with no hub running if need be; the
//! running hub looks at itself and tells guardians. Nothing is changed, and nothing sealed is opened.
//! What is said names no person and no toy; what names this computer or its network is marked, so that
//! a report can leave it out.
//!
//! A [`Finding`] says what it is in two words for programs, and in an English sentence. The page has
//! sentences of its own for each pair of words, so [`PAIRS`] lists all there are.

mod bluez;
mod card;
mod checks;
mod room;
mod units;

use async_trait::async_trait;

pub use self::{
    bluez::bluez,
    card::{card, card_below},
    checks::{
        Backups, Certificates, backup, bluetooth, certificate, clock, database, folder, kernel,
        name, replaced,
    },
    room::{Disk, Room, Space, room},
    units::{units, units_of},
};

/// How something is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, and somebody should know.
    Mind,
    /// It does not work.
    Ails,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Good, Self::Mind, Self::Ails];

    /// Returns the word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Mind => "mind",
            Self::Ails => "ails",
        }
    }
}

/// Everything that can be found, as the two words of [`Finding`]: about what, and how it is.
pub const PAIRS: &[(&str, &str)] = &[
    ("folder", "closed"),
    ("folder", "open"),
    ("folder", "missing"),
    ("folder", "unseen"),
    ("database", "whole"),
    ("database", "missing"),
    ("database", "damaged"),
    ("room", "enough"),
    ("room", "scarce"),
    ("room", "short"),
    ("card", "fresh"),
    ("card", "worn"),
    ("card", "spent"),
    ("backup", "fresh"),
    ("backup", "none"),
    ("backup", "old"),
    ("backup", "failing"),
    ("replaced", "kept"),
    ("clock", "set"),
    ("clock", "plausible"),
    ("clock", "past"),
    ("certificate", "lasts"),
    ("certificate", "ends"),
    ("certificate", "root_ends"),
    ("certificate", "root_ahead"),
    ("certificate", "missing"),
    ("certificate", "unread"),
    ("name", "found"),
    ("name", "unheard"),
    ("name", "unasked"),
    ("bluetooth", "works"),
    ("bluetooth", "starting"),
    ("bluetooth", "unused"),
    ("bluetooth", "no_bus"),
    ("bluetooth", "denied"),
    ("bluetooth", "no_daemon"),
    ("bluetooth", "no_adapter"),
    ("bluetooth", "off"),
    ("bluetooth", "stuck"),
    ("bluez", "current"),
    ("bluez", "old"),
    ("kernel", "stops"),
    ("kernel", "lets"),
    ("kernel", "unknown"),
    ("socket", "guarded"),
    ("socket", "unguarded"),
    ("socket", "down"),
    ("service", "guarded"),
    ("service", "unguarded"),
    ("service", "down"),
];

/// What may be wrong without anybody noticing, so that a guardian is called when it is.
const CALLED_FOR: &[&str] = &["database", "room", "card", "certificate", "clock"];

/// One thing that was looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// What, in a word for programs.
    pub about: &'static str,
    /// How it is, in a word for programs.
    pub how: &'static str,
    /// Whether that is good.
    pub verdict: Verdict,
    /// The same in a sentence.
    pub says: String,
    /// What to do about it.
    pub to_do: Option<String>,
    /// The numbers in the sentence, by name.
    pub facts: Vec<(&'static str, u64)>,
    /// What in the sentence names this computer or its network.
    private: Vec<String>,
}

impl Finding {
    /// Says how something is.
    pub fn new(
        about: &'static str,
        how: &'static str,
        verdict: Verdict,
        says: impl Into<String>,
    ) -> Self {
        let (facts, private) = (Vec::new(), Vec::new());
        Self { about, how, verdict, says: says.into(), to_do: None, facts, private }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn do_this(mut self, what: impl Into<String>) -> Self {
        self.to_do = Some(what.into());
        self
    }

    /// Adds what in the sentence names this computer or its network.
    #[must_use]
    pub fn naming(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.private.extend(names);
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: u64) -> Self {
        self.facts.push((name, value));
        self
    }

    /// Returns it without what names this computer or its network.
    #[must_use]
    pub fn redacted(mut self) -> Self {
        for name in &self.private {
            self.says = self.says.replace(name, "[left out]");
        }
        self.private.clear();
        self
    }

    /// Whether a guardian should look at it, though they came for something else.
    pub fn calls(&self) -> bool {
        match self.verdict {
            Verdict::Good => false,
            // Somebody may have chosen the rest so, and lives with it.
            Verdict::Mind => {
                CALLED_FOR.contains(&self.about) && self.how != "plausible" && self.how != "missing"
            }
            // The page says elsewhere that toys are not heard.
            Verdict::Ails => self.about != "bluetooth",
        }
    }
}

/// The computer that a hub runs on, as far as the hub does not see it by itself.
#[async_trait]
pub trait Site: Space {
    /// Looks at everything but the room. Takes a few seconds, and longer where there is a lot to read.
    async fn look(&self) -> Vec<Finding>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_leaves_out_what_names_the_computer() {
        let finding = Finding::new(
            "hub",
            "runs",
            Verdict::Good,
            "its page is at https://10.0.0.7, and again https://10.0.0.7",
        )
        .naming(["https://10.0.0.7".to_owned()]);

        assert_eq!(finding.redacted().says, "its page is at [left out], and again [left out]");
    }

    #[test]
    fn guardians_are_called_for_what_nobody_would_notice() {
        let of = |about, how, verdict| Finding::new(about, how, verdict, "so").calls();

        assert!(of("room", "scarce", Verdict::Mind));
        assert!(of("database", "damaged", Verdict::Ails));
        assert!(!of("room", "enough", Verdict::Good));
        assert!(!of("kernel", "lets", Verdict::Mind), "it was started so");
        assert!(!of("clock", "plausible", Verdict::Mind), "it is so on many computers");
        assert!(!of("bluetooth", "off", Verdict::Ails), "another line says so");
    }
}
