//! A probe: what a real toy does, written down by its owner beside what Hutch takes it to do.
//!
//! [`Plan`] says what to do with the toy, step by step, [`Trace`] takes down what happened, and makes the
//! transcript of it. Neither does I/O. Whoever runs a probe carries out what the plan says by a
//! [`super::Session`], and tells the trace of everything that goes over the link.
//!
//! # What a probe does to a toy
//!
//! Nothing that lasts. It reads, switches the heart on and off, and game mode, in which it asks for
//! squeezes; if its owner allows that, it fetches the recording, which stays on the toy. It uploads
//! nothing, plays nothing, and writes no identifier: a [`Plan`] has no words for it.
//!
//! # What is in a transcript
//!
//! Only what [`Kept`] lets through, which is a list of what is allowed, not of what is not.
//!
//! The first line is `hutch-probe 1`; the number changes when the meaning of a line does. A line that
//! begins with `+` is something that happened, so many milliseconds after the link stood. Every other
//! line is a name, a colon and what it says. Three figures with slashes are the least, the mean and
//! the most. Lines that begin with `inferred` have the name of a constant of [`super::inferred`], its
//! value, and what was seen of it. The last line is `end:` and how it ended; `end: complete` is the
//! good one.

mod findings;
mod keep;
mod plan;
mod sound;
#[cfg(test)]
mod tests;
mod trace;

pub use keep::Kept;
pub use plan::{Act, LONGEST_WAIT, Plan, Tell, Wishes};
pub use trace::{Advertised, End, Trace};
