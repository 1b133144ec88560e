//! Everything that Hutch takes a real toy to be like and that nobody has seen one do.
//!
//! All of it was read between the lines of code that drives a real toy, or is only likely. Each stands
//! here once, is used from here, and says what follows if it is otherwise. An owner of a toy can settle
//! most of it: `hutch toy probe` records what their toy does beside what is written here
//! ([`super::probe`]). The README lists them all.
//!
//! What was seen (the bytes of every command, 20 bytes per write, 250 ms of peace) stands where it is
//! used, and so do limits of our own choice.

use std::time::Duration;

use super::wire::{Command, ToyState};

/// How often a toy that is awake advertises.
///
/// Likely: devices of its kind do so about every second. If it is rarer, a toy is heard late and seems to
/// fall asleep. A probe measures it before it connects.
pub const ADVERTISES_EVERY: Duration = Duration::from_secs(1);

/// Whether the advertisement has the UUID of the toy's service.
///
/// The app looks for names alone, so nothing says that it has. Hutch looks for names, too; if it has,
/// looking for the service is surer. A probe sees it.
pub const SERVICE_IS_ADVERTISED: bool = false;

/// How long a toy that is awake may take until a connection stands.
///
/// Likely: a device of its kind needs half a second. If a toy needs longer, it is given up as asleep. A
/// probe measures it.
pub const CONNECTS_WITHIN: Duration = Duration::from_secs(4);

/// How long a toy stays awake that nobody squeezes and nobody is connected to.
///
/// A guess; only simulated toys keep to it. A probe cannot see it: it holds the toy.
pub const FALLS_ASLEEP_AFTER: Duration = Duration::from_secs(180);

/// Whether a toy stays awake as long as somebody is connected to it.
///
/// The app says nothing about it. It is why a keeper lets go of a toy that is left alone; if it is not so,
/// toys drop the link by themselves. A probe sees it when it is told to wait.
pub const HELD_STAYS_AWAKE: bool = true;

/// From a command to what the toy says about it.
///
/// A guess, of which only simulated toys and measurements know. A probe measures it.
pub const ANSWER: Duration = Duration::from_millis(5);

/// The period that is written for a heart that does not blink.
///
/// Nobody would see another one. If a toy minds, its heart does not light up or go dark. A probe switches
/// the heart on and off, and asks for a look at it.
pub const STEADY_PERIOD_MS: u16 = 0;

/// How long a pressed paw shows in game mode.
///
/// A guess; only simulated toys keep to it. If a toy shows it for as long as it is pressed, games can know
/// that. A probe asks for a short and for a long squeeze.
pub const PRESS: Duration = Duration::from_millis(100);

/// Whether a toy goes on with what it did after a paw was pressed in game mode.
///
/// The names of states 18 and 19 say so. If it is not so, a hub takes the toy for busy. A probe sees which
/// state follows.
pub const PRESS_IS_BRIEF: bool = true;

/// Whether game mode outlasts the link in which it was switched on.
///
/// Nothing says that a toy leaves it. Hutch switches it off at the begin of every connection; if it
/// does not outlast, that is for nothing. A probe cannot see it: it leaves no toy in game mode.
pub const GAME_MODE_OUTLASTS_LINK: bool = true;

/// What a toy says on connecting when it has a recording that was made without a hub.
///
/// By its name. It counts as a kind of idle. If a toy says something else, such recordings are fetched
/// later, not at once. A probe sees it, if a paw recorded something before.
pub const UNPLAYED: ToyState = ToyState::UnplayedRecording;

/// How long a download may pause before the toy counts as silent.
///
/// As a data request, for which the app waits that long. If a toy pauses longer, its recordings do not
/// come through. A probe that may fetch measures the longest pause.
pub const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest recording.
///
/// From what a slot holds of uploaded sound; whether the toy stops by time or by bytes is not known. Only
/// simulated toys keep to it. A probe that may fetch counts the bytes of a recording.
pub const LONGEST_RECORDING: Duration = Duration::from_secs(40);

/// What a slot holds, in bytes.
///
/// From 40 s of sound. Only simulated toys keep to it; if a toy holds less, a long message fails at the same
/// byte every time. A probe uploads nothing and cannot see it.
pub const SLOT_BYTES: usize = 80 * 1024;

/// How long a toy primes its buffer before it takes an upload.
///
/// A guess; only simulated toys keep to it. A probe uploads nothing and cannot see it.
pub const PRIME: Duration = Duration::from_millis(30);

/// How many bytes a toy asks for at a time: the first of these, then the others in turn.
///
/// A second of sound, then half a second. A guess; only simulated toys keep to it, and the hub sends
/// what it is asked for. A probe uploads nothing and cannot see it.
pub const CREDIT: [u16; 4] = [2_000, 1_000, 1_000, 1_000];

/// How many bytes of credit are left when a toy asks for more.
///
/// A guess; only simulated toys keep to it. A probe uploads nothing and cannot see it.
pub const LOW_WATER: usize = 1_000;

/// From one data request to the next while a toy wants still more.
///
/// A guess; only simulated toys keep to it. A probe uploads nothing and cannot see it.
pub const ASK_AGAIN: Duration = Duration::from_millis(20);

/// How long a toy may take to ask for more bytes of an upload.
///
/// As long as for the first ones, for which the app waits that long. If a toy needs longer, long messages
/// fail. A probe uploads nothing and cannot see it.
pub const NEXT_REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a toy may take to confirm the end of an upload.
///
/// As a write's response, for which the app waits that long. If a toy needs longer, messages that have
/// arrived are sent again. A probe uploads nothing and cannot see it.
pub const END_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a toy may take to leave an upload that failed.
///
/// As a data request. If a toy needs longer, it is connected to once more. A probe uploads nothing and
/// cannot see it.
pub const LEAVE_TIMEOUT: Duration = Duration::from_secs(5);

/// What gives an upload up before its last byte.
///
/// It ends one after the last byte. If a toy takes it for a whole clip, a child may hear the beginning of a
/// message that was withdrawn meanwhile. A probe uploads nothing and cannot see it.
pub const CANCELS_UPLOAD: Command = Command::EndUpload;

/// How long a refused upload key shows.
///
/// A guess; only simulated toys keep to it. A probe uploads nothing and cannot see it.
pub const KEY_REFUSED: Duration = Duration::from_millis(500);

/// What a toy says while the streaming slot is written, where the others say that they are.
///
/// By its name. If it says something else, an upload to slot 0 counts as given up. A probe uploads
/// nothing and cannot see it.
pub const STREAMS: ToyState = ToyState::Streaming;

/// Whether an upload ends when a slot is full.
///
/// Likely. Only simulated toys keep to it. A probe uploads nothing and cannot see it.
pub const FULL_SLOT_ENDS_UPLOAD: bool = true;

/// Whether a slot is empty from the first moment of an upload.
///
/// A toy overwrites its memory as bytes come in. Only simulated toys keep to it; the hub takes a slot for
/// unusable after a broken upload either way. A probe uploads nothing and cannot see it.
pub const UPLOAD_ERASES_FIRST: bool = true;

/// Whether a child who plays or records ends a transfer.
///
/// A toy has one audio chip. If a transfer goes on, it is begun again for nothing. A probe asks for no
/// squeeze during a transfer and cannot see it.
pub const CHILD_ENDS_TRANSFER: bool = true;

/// Whether the paws do nothing during a transfer.
///
/// A toy has one audio chip. Only simulated toys keep to it. A probe asks for no squeeze during a transfer
/// and cannot see it.
pub const PAWS_REST_IN_TRANSFER: bool = true;

/// Whether what a toy plays gives way to a transfer.
///
/// A toy has one audio chip. Only simulated toys keep to it. A probe plays nothing and cannot see it.
pub const PLAYING_GIVES_WAY: bool = true;

/// Whether a transfer, or sound to be played, would cut off a child who records.
///
/// A toy has one audio chip. Hutch waits until the recording is over; if it is not so, it need not. A
/// probe starts nothing during a recording and cannot see it.
pub const COMMANDS_CUT_RECORDING: bool = true;

/// Whether the paw that wakes a toy plays the message as well.
///
/// Nothing says that it does not. It is why a message that lies on a toy counts as perhaps heard after it
/// woke. A probe cannot see it: the toy is awake when it begins.
pub const WAKING_PAW_PLAYS: bool = true;
