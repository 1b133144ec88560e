//! Transcripts that every toy is held against, and what it takes to follow one: see `README.md`.

pub(crate) mod firmware;
pub(crate) mod follow;
pub(crate) mod script;

pub(crate) use firmware::Simulated;
pub(crate) use follow::follow;
pub(crate) use script::Script;
