//! Asks whoever is at the terminal before something is done that nobody can undo.

use std::io::{IsTerminal as _, Write as _, stderr, stdin};

use anyhow::{Context as _, bail};

/// What is asked, and what is said to whoever does not agree.
pub(super) struct Question<'a> {
    /// What will happen, in whole lines.
    pub about: &'a str,
    /// What somebody types who means it.
    pub word: &'a str,
    /// What to do where nobody can be asked.
    pub unasked: &'static str,
    /// How it stands when somebody typed something else.
    pub declined: &'static str,
}

/// Asks, and returns an error unless the word is typed.
pub(super) fn confirm(question: &Question<'_>) -> anyhow::Result<()> {
    let Question { about, word, unasked, declined } = *question;
    if !stdin().is_terminal() {
        bail!(unasked);
    }
    write!(stderr(), "{about}Type {word} to go on: ")?;
    stderr().flush()?;
    let mut line = String::new();
    stdin().read_line(&mut line).context("reading your answer")?;
    if line.trim() != word {
        bail!(declined);
    }
    Ok(())
}
