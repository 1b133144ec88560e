//! Hutch: a home hub for talking plush toys.
//!
//! A parent speaks into a page, the toy's heart blinks, the child squeezes a paw and hears it,
//! answers into the toy, and the parent hears the answer. All of it stays in one house.
//! This page is the map; each module says what is in it and what is not.
//!
//! ```text
//! browser ──HTTPS── http ── hub ── store (SQLite)
//! terminal ──────── cli ─────┤ │ │
//!                       events │ seal
//!                              │
//!                         keeper per toy ── toy::session ── radio ── simulated toys
//!                                            (sans-I/O)
//!                         audio (PCM ⇄ Audio32, ADPCM, Opus, WAV)
//! ```
//!
//! # Layers
//!
//! A module may use what is below it, by these arrows and no others;
//! `tests/it/architecture.rs` reads the source and holds us to them.
//!
//! | layer | modules | invariant |
//! |---|---|---|
//! | 0 | [`model`] | Words without behavior. No I/O, no clock, no randomness. |
//! | 1 | [`audio`], [`picture`], [`toy`], [`seal`], [`auth`], [`lan`], [`update`] | Pure: bytes in, bytes out. Time is an argument. Any bytes may come; none can make them panic. |
//! | 2 | [`clock`], [`radio`], [`state`], [`store`], [`tls`], [`notify`], [`care`] | The outside world, one door each. [`store`] takes sound and names only as [`seal::Sealed`]. |
//! | 3 | [`backup`] | Files from which a household comes back. |
//! | 3 | [`hub`], [`demo`] | Every rule of the household, once. A caller proves itself with [`hub::Guardian`]. |
//! | 4 | [`http`], [`cli`], [`control`], [`config`] | Translation. They decide nothing. |
//! | 5 | [`daemon`] | The only place that knows every concrete type. |
//!
//! # What never happens
//!
//! - **Nobody but a paw starts a microphone.** The opcode for it can be spelled in the simulated
//!   toy only, which has to understand strangers; a test reads every command that can be sent.
//! - **No keeper can open what is sealed for people.** It holds the household's public key, and may
//!   not name the module of the private one.
//! - **Nothing is half there.** What a keeper does is one transaction at a time; a power cut leaves the
//!   old state or the next one.
//! - **Nothing leaves the house.** There is no code in here that opens a connection to anywhere.

pub mod model;

pub mod audio;
pub mod auth;
pub mod lan;
pub mod picture;
pub mod seal;
pub mod toy;
pub mod update;

pub mod care;
pub mod clock;
pub mod notify;
pub mod radio;
pub mod state;
pub mod store;
pub mod tls;

pub mod backup;
pub mod demo;
pub mod hub;

pub mod cli;
pub mod config;
pub mod control;
pub mod http;

pub mod daemon;
