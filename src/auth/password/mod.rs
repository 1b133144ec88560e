//! Which passwords are good enough.
//!
//! What counts is how many tries a thief needs, as zxcvbn estimates it, and not which kinds of
//! characters are in it: there are no rules of composition, spaces count, and pasting is fine. Names
//! that people around the household know count for nothing: without them, the rest must be as hard.
//!
//! Characters are Unicode scalar values after composition (NFC), the form that is hashed too: how a
//! keyboard makes an accent neither lengthens a password nor changes it. zxcvbn reads the first 100
//! of them; up to 256 are taken.
//!
//! zxcvbn makes copies of what it reads and does not zero them. They are in freed memory of this
//! process for a while, as is what the web server read the password into.

mod reason;
#[cfg(test)]
mod tests;

pub use reason::{Reason, Suggestion};

use zeroize::Zeroizing;
use zxcvbn::{Entropy, Match, feedback::Feedback, matching::patterns::MatchPattern};

use super::{
    breached::{Breached, Shipped},
    normal,
};

/// The most characters that a password may have.
pub const MAX_CHARACTERS: usize = 256;

/// Words that come to mind in front of a toy of this house, whatever its name is.
const OUR_WORDS: [&str; 2] = ["cloudpets", "hutch"];

/// Shorter parts of a name are in half of all passwords by chance.
const MIN_PART_CHARACTERS: usize = 3;

/// What is asked of a password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Policy {
    /// The fewest characters that it may have.
    pub min_characters: usize,
    /// The least score of zxcvbn, 0 to 4.
    pub min_score: u8,
}

impl Policy {
    /// For those who may open everything: more than 10^10 guesses.
    pub const GUARDIAN: Self = Self { min_characters: 12, min_score: 4 };

    /// For those with whom something is shared: more than 10^8 guesses.
    pub const RELATIVE: Self = Self { min_characters: 10, min_score: 3 };
}

/// Why a password is not good enough. It says nothing of the password itself.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this password is too easy to guess")]
pub struct Weak {
    /// What is wrong, the plainest first; never empty.
    pub reasons: Vec<Reason>,
    /// How to do better, the easiest first; never empty.
    pub suggestions: Vec<Suggestion>,
}

/// Decides whether a password is good enough.
///
/// `words` are the names around it: of the household, of accounts, children and toys. `breached` is
/// the list that the household imported, if it did.
pub fn check(
    password: &str,
    policy: Policy,
    words: &[&str],
    breached: Option<&mut dyn Breached>,
) -> Result<(), Weak> {
    let password = normal::nfc(password);
    let n_characters = password.chars().count();
    if MAX_CHARACTERS < n_characters {
        return Err(Weak {
            reasons: vec![Reason::TooLong { max: MAX_CHARACTERS }],
            suggestions: vec![Suggestion::TakePassphrase],
        });
    }
    let mut reasons = Vec::new();
    if n_characters < policy.min_characters {
        reasons.push(Reason::TooShort { min: policy.min_characters });
    }
    let is_listed =
        Shipped::contains(&password) || breached.is_some_and(|breached| breached.has(&password));
    if is_listed {
        reasons.push(Reason::Listed);
    }
    let words = spellings(words);
    let inputs: Vec<&str> = words.iter().map(String::as_str).collect();
    let is_weak = |strength: &Entropy| u8::from(strength.score()) < policy.min_score;
    let strength = zxcvbn::zxcvbn(&password, &inputs);
    let leans_on_names = without_names(&password, &words, &strength)
        .is_some_and(|rest| is_weak(&zxcvbn::zxcvbn(&rest, &inputs)));
    if leans_on_names {
        reasons.push(Reason::KnownName);
    }
    let is_guessable = is_weak(&strength);
    let feedback = strength.feedback();
    if is_guessable {
        reasons.extend(feedback.and_then(Feedback::warning).map(Reason::of));
    }
    if is_guessable && reasons.is_empty() {
        reasons.push(Reason::Guessable);
    }
    if reasons.is_empty() {
        return Ok(());
    }
    let of_zxcvbn = feedback.map(Feedback::suggestions).unwrap_or_default();
    let mut suggestions = vec![Suggestion::TakePassphrase, Suggestion::AddWords];
    if reasons.contains(&Reason::KnownName) {
        suggestions.push(Suggestion::LeaveOutNames);
    }
    for suggestion in of_zxcvbn.iter().copied().filter_map(Suggestion::of) {
        if !suggestions.contains(&suggestion) {
            suggestions.push(suggestion);
        }
    }
    reasons.dedup();
    Err(Weak { reasons, suggestions })
}

/// Returns each name as it may stand in a password: whole, run together, and its parts.
///
/// zxcvbn itself sees through case, reversal and simple substitutions.
fn spellings(words: &[&str]) -> Vec<String> {
    let mut spellings: Vec<String> = Vec::new();
    let mut add = |spelling: &str| {
        let is_long_enough = MIN_PART_CHARACTERS <= spelling.chars().count();
        if is_long_enough && spellings.iter().all(|known| known != spelling) {
            spellings.push(spelling.to_owned());
        }
    };
    for word in OUR_WORDS.iter().chain(words) {
        let lower = normal::lower_case(word.trim());
        let parts = || lower.split(|character: char| !character.is_alphanumeric());
        add(&lower);
        add(&parts().collect::<String>());
        parts().for_each(&mut add);
    }
    spellings
}

/// Returns what is left of a password without the names in it, if the cheapest way to guess it goes
/// through any.
///
/// A name gives a thief of this house nothing to guess. zxcvbn counts it as a word among others.
fn without_names(
    password: &str,
    names: &[String],
    strength: &Entropy,
) -> Option<Zeroizing<String>> {
    let of_names: Vec<_> = strength
        .sequence()
        .iter()
        .filter(|found| is_name(found, names))
        .map(Match::range_inclusive)
        .collect();
    if of_names.is_empty() {
        return None;
    }
    let mut rest = Zeroizing::new(String::with_capacity(password.len()));
    let characters = password.chars().enumerate();
    rest.extend(
        characters
            .filter(|(at, _)| !of_names.iter().any(|range| range.contains(at)))
            .map(|(_, character)| character),
    );
    Some(rest)
}

/// Whether this part of a password is a name, also if it is repeated.
fn is_name(found: &Match, names: &[String]) -> bool {
    match &found.pattern {
        MatchPattern::Dictionary(entry) => names.contains(&entry.matched_word),
        MatchPattern::Repeat(repeated) => {
            repeated.base_matches.iter().any(|found| is_name(found, names))
        }
        MatchPattern::Spatial(_)
        | MatchPattern::Sequence(_)
        | MatchPattern::Regex(_)
        | MatchPattern::Date(_)
        | MatchPattern::BruteForce => false,
    }
}
