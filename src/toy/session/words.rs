//! What goes into a session and what comes out of it.

use std::{
    fmt,
    time::{Duration, Instant},
};

use crate::{
    model::Slot,
    toy::{
        ToyError,
        inferred::COMMANDS_CUT_RECORDING,
        wire::{Characteristic, ConfigId, Led, ToyState},
    },
};

/// How fast chunks follow each other, besides the toy's credit and the link's back-pressure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pacing {
    /// The time from one chunk to the next; zero for none. The default is
    /// [`super::CHUNK_GAP`].
    pub gap: Duration,
}

/// Something that happened outside.
#[derive(Clone, Copy)]
pub enum Input<'a> {
    /// The toy sent a notification. A link hands them in as the toy sent them, in one order over
    /// all characteristics.
    Notified(Characteristic, &'a [u8]),
    /// The answer to [`Output::Read`].
    Read(Characteristic, &'a [u8]),
    /// The deadline of the last [`Output::Wait`] has passed.
    Expired,
}

/// Something to do outside.
#[derive(Clone, Eq, PartialEq)]
pub enum Output {
    /// Read this value, hand it in as [`Input::Read`], then poll again.
    Read(Characteristic),
    /// Switch these notifications on, then poll again.
    Subscribe(Characteristic),
    /// Write these bytes, then poll again.
    Write {
        /// Where they go.
        to: Characteristic,
        /// At most [`super::super::wire::CHUNK_BYTES`].
        bytes: Vec<u8>,
        /// Whether the toy confirms the write.
        response: bool,
    },
    /// Tell whoever asked, then poll again.
    Event(Event),
    /// Nothing more to do until an input or this deadline.
    Wait(Option<Instant>),
}

/// Something to do with the toy. Each ends in one event.
#[derive(Clone, Eq, PartialEq)]
pub enum Request {
    /// Put a clip into a slot; ends in [`Event::Uploaded`] or [`Event::UploadFailed`].
    Upload {
        /// Where it goes.
        slot: Slot,
        /// The clip, header and all.
        clip: Vec<u8>,
    },
    /// Fetch the recording; ends in [`Event::Downloaded`] or [`Event::DownloadFailed`].
    Download,
    /// Play a slot; ends in [`Event::Done`] when it was written, as do all below.
    Play(Slot),
    /// Stop a playback or a recording.
    Stop,
    /// Set the heart.
    Led(Led),
    /// Set the volume.
    Volume(u8),
    /// Switch game mode on or off. Do not leave it on when the link is released.
    GameMode(bool),
    /// Play slot 1 over and over. Do not leave it running when the link is released.
    Loop {
        /// How often.
        loops: u16,
        /// How long the clip is.
        length_ms: u16,
    },
    /// Stop a loop, if there is one.
    StopLoop,
    /// Give a toy that has none its config identifier.
    Identify(ConfigId),
}

impl Request {
    /// Returns whether the toy would have to stop listening to the child.
    pub(super) const fn would_cut_a_recording(&self) -> bool {
        match self {
            Self::Upload { .. } | Self::Download | Self::Play(_) | Self::Loop { .. } => {
                COMMANDS_CUT_RECORDING
            }
            Self::Stop
            | Self::Led(_)
            | Self::Volume(_)
            | Self::GameMode(_)
            | Self::StopLoop
            | Self::Identify(_) => false,
        }
    }
}

/// Why a request was not taken; nothing was sent and nothing changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Busy {
    /// The procedure before it is not over yet.
    #[error("the toy is busy with something else")]
    Procedure,
    /// The child is recording; ask again after [`Event::RecordingEnded`].
    #[error("the child is recording")]
    Recording,
    /// There is no link, or what was tried last left the toy in the middle of something.
    #[error("the toy needs a new connection first")]
    NeedsReconnect,
}

/// A paw that was pressed in game mode.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Paw {
    /// The one that records.
    Record,
    /// The one that plays.
    Play,
}

/// Something to know about the toy.
#[derive(Clone, Eq, PartialEq)]
pub enum Event {
    /// The link is ready for requests. Comes before everything that happened meanwhile.
    Ready {
        /// Who the toy is; `None` when it is factory-new.
        config: Option<ConfigId>,
        /// What it is doing. A recording or playback that was already going on has no start event.
        state: ToyState,
        /// How loud it is.
        volume: Option<u8>,
    },
    /// The first exchange failed; drop the link.
    ConnectFailed(ToyError),
    /// An upload got further. At most one per percent.
    Progress {
        /// Bytes sent, without those that only fill up.
        sent: usize,
        /// Bytes to send.
        total: usize,
    },
    /// The clip is in the slot, and the toy is ready for more. Comes before everything that the
    /// child did since.
    Uploaded {
        /// Where it is.
        slot: Slot,
    },
    /// The clip is not in the slot; begin again from its first byte. See
    /// [`super::Session::needs_reconnect`] for whether the link is still of use.
    UploadFailed(ToyError),
    /// A download got further. At most one per [`super::download::PROGRESS_BYTES`].
    DownloadProgress {
        /// Bytes received; how many there will be, nobody knows.
        received: usize,
    },
    /// The recording, as the toy sent it: whether it is whole, its format tells. Empty when the toy
    /// has none.
    Downloaded(Vec<u8>),
    /// The recording did not come; it is still on the toy.
    DownloadFailed(ToyError),
    /// The toy says that it does something else now.
    State(ToyState),
    /// The toy began to play.
    PlaybackStarted,
    /// The toy played to the end, or was stopped by a paw.
    PlaybackEnded,
    /// The child began to record.
    RecordingStarted,
    /// The child ended a recording; it can be fetched.
    RecordingEnded,
    /// A paw was pressed in game mode.
    Paw(Paw),
    /// The toy said a state that the protocol does not have. Once per value.
    Unknown(u8),
    /// A short request was written.
    Done,
}

// What people said must not end up in a log, so sound shows its length only.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready { config, state, volume } => f
                .debug_struct("Ready")
                .field("config", config)
                .field("state", state)
                .field("volume", volume)
                .finish(),
            Self::ConnectFailed(error) => f.debug_tuple("ConnectFailed").field(error).finish(),
            Self::Progress { sent, total } => {
                f.debug_struct("Progress").field("sent", sent).field("total", total).finish()
            }
            Self::Uploaded { slot } => f.debug_struct("Uploaded").field("slot", slot).finish(),
            Self::UploadFailed(error) => f.debug_tuple("UploadFailed").field(error).finish(),
            Self::DownloadProgress { received } => {
                f.debug_struct("DownloadProgress").field("received", received).finish()
            }
            Self::Downloaded(bytes) => write!(f, "Downloaded({} bytes)", bytes.len()),
            Self::DownloadFailed(error) => f.debug_tuple("DownloadFailed").field(error).finish(),
            Self::State(state) => f.debug_tuple("State").field(state).finish(),
            Self::PlaybackStarted => f.write_str("PlaybackStarted"),
            Self::PlaybackEnded => f.write_str("PlaybackEnded"),
            Self::RecordingStarted => f.write_str("RecordingStarted"),
            Self::RecordingEnded => f.write_str("RecordingEnded"),
            Self::Paw(paw) => f.debug_tuple("Paw").field(paw).finish(),
            Self::Unknown(value) => f.debug_tuple("Unknown").field(value).finish(),
            Self::Done => f.write_str("Done"),
        }
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(from) => f.debug_tuple("Read").field(from).finish(),
            Self::Subscribe(to) => f.debug_tuple("Subscribe").field(to).finish(),
            Self::Write { to: Characteristic::SendAudio, bytes, .. } => {
                write!(f, "Write(SendAudio, {} bytes)", bytes.len())
            }
            Self::Write { to, bytes, .. } => write!(f, "Write({to:?}, {bytes:02x?})"),
            Self::Event(event) => f.debug_tuple("Event").field(event).finish(),
            Self::Wait(until) => f.debug_tuple("Wait").field(until).finish(),
        }
    }
}
