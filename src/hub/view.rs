//! What the hub answers with: opened, joined with what is going on right now, ready to be shown. Plain
//! structs without `Serialize`: how they look on a wire is `http`'s affair.

use std::fmt;

use super::{events::KeyProgress, once::RequestKey};
use crate::{
    demo::DemoToy,
    model::{
        AccountId, Character, ChildId, DeliveryId, DeliveryState, ItemId, MeetingId, PictureId,
        Relation, SessionId, Sign, Slot, Timestamp, ToyAddress, ToyId,
    },
    radio::RadioState,
};

/// A child, with its nickname.
pub struct Child {
    /// Its identifier.
    pub id: ChildId,
    /// Its nickname.
    pub name: String,
    /// The animal that stands for it where a picture would.
    pub animal: Character,
    /// Its color.
    pub color: Color,
    /// Which picture it has, if it has one.
    pub picture: Option<PictureId>,
    /// Its toys, the first adopted first.
    pub toys: Vec<ToyId>,
    /// When the last recording or message was made that the caller may open.
    pub latest_at: Option<Timestamp>,
    /// What goes with it, for a relative to whom it was granted.
    pub granted: Option<Granted>,
    /// Its quiet hours, while they last.
    pub quiet: Option<QuietNow>,
    /// When they begin next.
    pub quiet_at: Option<Timestamp>,
}

/// Quiet hours that last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct QuietNow {
    /// When they end, if anybody can say.
    pub until: Option<Timestamp>,
    /// Why it is quiet.
    pub because: Because,
}

/// Why it is quiet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Because {
    /// It is in the child's rules.
    Hours,
    /// Nobody can say how late it is, so quiet hours count as on.
    Clock,
}

/// What goes with a child that was granted to the relative who asks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Granted {
    /// What they are to the child.
    pub relation: Relation,
    /// Whether a guardian listens to each message before the child does.
    pub needs_approval: bool,
    /// How many messages a day, if not as many as they like.
    pub daily_limit: Option<u32>,
    /// How many they have sent today.
    pub sent_today: u32,
}

/// A toy, with its nickname and what is known of it right now.
pub struct Toy {
    /// Its identifier.
    pub id: ToyId,
    /// Its nickname.
    pub name: String,
    /// The animal that it is.
    pub character: Character,
    /// Whose it is.
    pub child: ChildId,
    /// How it is now.
    pub now: ToyNow,
    /// How loud a guardian wants it, until it is.
    pub wanted_volume: Option<u8>,
    /// How loud it may be now, by the rules of the child.
    pub loudest: Option<u8>,
    /// Whether a guardian has retired it: it is let go at the next contact.
    pub is_retiring: bool,
    /// What makes one doubt that it is the toy that was adopted.
    pub guard: Option<Sign>,
}

/// What is known of a toy right now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ToyNow {
    /// Whether it is there.
    pub presence: Presence,
    /// Its volume, 0 to 255, as last read.
    pub volume: Option<u8>,
    /// How well the hub heard it last, if it ever did.
    pub signal: Option<Signal>,
    /// The slot that it plays because a guardian wanted to hear it.
    pub playing: Option<Slot>,
    /// Counts how often what it holds became something else, since the hub began.
    pub n_changes: u32,
}

/// A slot of a toy, and what the hub knows of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SlotSeen {
    /// Which.
    pub slot: Slot,
    /// What it holds.
    pub holds: Holds,
    /// That very recording or message, if it is here still.
    pub item: Option<ItemId>,
    /// Whether it is overwritten with silence at the next contact.
    pub is_to_go: bool,
}

/// What a slot holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Holds {
    /// A message that the hub sent.
    Message,
    /// The recording that was fetched last, unless the toy has recorded another since.
    Recording,
    /// Silence.
    Silence,
    /// Nobody knows: the hub put nothing there.
    Unknown,
}

impl Holds {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Message, Self::Recording, Self::Silence, Self::Unknown];

    /// Returns the word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Recording => "recording",
            Self::Silence => "silence",
            Self::Unknown => "unknown",
        }
    }
}

/// What the radio hears.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Nearby {
    /// Whether the radio works.
    pub state: RadioState,
    /// The toys that are heard, the strongest first.
    pub toys: Vec<NearbyToy>,
}

/// A toy that is heard, whoever's it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NearbyToy {
    /// Where it is found.
    pub address: ToyAddress,
    /// What it calls itself.
    pub name: String,
    /// How strong, in dBm.
    pub signal_dbm: Option<i16>,
    /// The animal that it is, if it says so.
    pub character: Option<Character>,
    /// The toy that was adopted at this address, and whose it is.
    pub adopted: Option<(ToyId, ChildId)>,
}

/// A look at a toy that somebody may adopt: is it this one?
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Meeting {
    /// Its identifier.
    pub id: MeetingId,
    /// Where the toy is found.
    pub address: ToyAddress,
    /// How far it has come.
    pub state: MeetingState,
    /// The animal that the toy is, if it says so.
    pub character: Option<Character>,
}

/// How far a meeting has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MeetingState {
    /// The hub is getting hold of the toy.
    Connecting,
    /// Its heart blinks, and a paw is to be squeezed.
    Waiting,
    /// A paw was squeezed: it can be adopted.
    Squeezed,
    /// It came to nothing.
    Failed(WhyNot),
    /// Somebody ended it, or began another one.
    Cancelled,
    /// The toy is adopted.
    Adopted,
}

/// Why a meeting came to nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WhyNot {
    /// The toy could not be had: asleep again, out of range, or held by somebody.
    Unreachable,
    /// The Bluetooth adapter holds as many toys as it can.
    NoRoom,
    /// The connection broke.
    LinkLost,
    /// The toy stopped answering.
    Silent,
    /// The toy did what its protocol does not allow.
    Confused,
    /// Nobody squeezed a paw.
    NotSqueezed,
    /// Somebody adopted it meanwhile.
    Taken,
    /// Nobody gave it a name.
    TimedOut,
}

impl MeetingState {
    /// Returns the word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Waiting => "waiting",
            Self::Squeezed => "squeezed",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
            Self::Adopted => "adopted",
        }
    }
}

impl WhyNot {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Unreachable,
        Self::NoRoom,
        Self::LinkLost,
        Self::Silent,
        Self::Confused,
        Self::NotSqueezed,
        Self::Taken,
        Self::TimedOut,
    ];

    /// Returns the word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::NoRoom => "no_room",
            Self::LinkLost => "link_lost",
            Self::Silent => "silent",
            Self::Confused => "confused",
            Self::NotSqueezed => "not_squeezed",
            Self::Taken => "taken",
            Self::TimedOut => "timed_out",
        }
    }
}

/// A recording or a message, without its sound.
pub struct Item {
    /// Its identifier.
    pub id: ItemId,
    /// Which of the two.
    pub kind: ItemKind,
    /// From whom, or for whom.
    pub child: ChildId,
    /// When it was fetched or sent.
    pub at: Timestamp,
    /// How long it plays.
    pub length_ms: u32,
    /// Its loudest moments, one per 64th.
    pub waveform: [u8; 64],
    /// The toy that recorded it, or that it is for.
    pub toy: Option<ToyId>,
    /// Recorded by the toy while the hub was not connected.
    pub while_away: bool,
    /// Whether it stays whatever its age; only guardians see it.
    pub kept: bool,
    /// When its time is over and it is erased by itself; only guardians see it.
    pub goes_at: Option<Timestamp>,
    /// The account that sent the message, or the child screen that recorded it.
    pub sender: Option<AccountId>,
    /// Whether that is who asks.
    pub is_mine: bool,
    /// The relatives that may open it besides whoever sent it; only guardians see them.
    pub shared_with: Vec<AccountId>,
    /// What somebody wrote to it, for those who cannot hear it.
    pub note: Option<String>,
    /// A message's journey.
    pub delivery: Option<Delivery>,
}

/// Recording or message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ItemKind {
    /// Sound for a child.
    Message,
    /// Sound from a child.
    Recording,
}

/// The journey of one message to one toy.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its identifier.
    pub id: DeliveryId,
    /// The message.
    pub item: ItemId,
    /// The toy.
    pub toy: ToyId,
    /// How far it has come.
    pub state: DeliveryState,
    /// While it is being sent: how much of it, in percent.
    pub sending: Option<u8>,
    /// How many tries have failed.
    pub tries: u32,
    /// When the next try comes by itself.
    pub next_try_at: Option<Timestamp>,
    /// When it was sent on its way.
    pub queued_at: Timestamp,
    /// When the child heard it.
    pub heard_at: Option<Timestamp>,
    /// When it is given up unheard.
    pub expires_at: Timestamp,
    /// The toy was awake unobserved since the message lies in it.
    pub perhaps_heard: bool,
    /// While it is queued, or to be tried again: for what.
    pub waits_for: Option<WaitsFor>,
    /// When it is to set out, or was, if it was sent for later.
    pub send_at: Option<Timestamp>,
}

/// What a queued delivery waits for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WaitsFor {
    /// The toy, to wake up.
    Toy,
    /// The message before it, to be heard.
    Previous,
    /// Quiet hours, to end.
    Quiet {
        /// When they do, if anybody can say.
        until: Option<Timestamp>,
    },
    /// A toy of the child's own: the one that it was for is another's.
    ToyOfTheirs,
    /// A guardian, to sign in: it has no clip since the household came back from a backup.
    Guardian,
    /// The time for which it was sent.
    Time {
        /// When that is, while anybody can say how late it is.
        until: Option<Timestamp>,
    },
}

/// Whether a toy is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Presence {
    /// Not heard of for a while; or released, to let it sleep.
    Asleep,
    /// It was heard, and the hub is getting hold of it.
    Connecting,
    /// Connected.
    Awake,
    /// It was heard, and could not be had: asleep again, or held by somebody.
    Unreachable,
    /// It was heard, and the Bluetooth adapter holds as many toys as it can.
    NoRoom,
}

/// How well the hub hears a toy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Signal {
    /// As if it were in the same room.
    Close,
    /// As if there were a wall in between.
    NextRoom,
    /// Hardly.
    Faint,
}

/// From here on a toy is close. Ours to choose.
const CLOSE_DBM: i16 = -65;

/// Weaker than this, a connection may not come about: the weakest that the app accepted.
const FAINT_DBM: i16 = -80;

/// By how much a signal has to pass a limit before it counts as another: it never stands still.
const SWAY_DB: i16 = 4;

impl Signal {
    /// All of them, the strongest first.
    pub const ALL: [Self; 3] = [Self::Close, Self::NextRoom, Self::Faint];

    /// Returns the word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::NextRoom => "next_room",
            Self::Faint => "faint",
        }
    }

    /// Returns what a toy that was heard like `before` is heard like now.
    pub(super) fn of(dbm: i16, before: Option<Self>) -> Self {
        let is_now = [dbm.saturating_sub(SWAY_DB), dbm, dbm.saturating_add(SWAY_DB)].map(Self::at);
        match before {
            Some(before) if is_now.contains(&before) => before,
            Some(_) | None => Self::at(dbm),
        }
    }

    const fn at(dbm: i16) -> Self {
        match dbm {
            CLOSE_DBM.. => Self::Close,
            FAINT_DBM.. => Self::NextRoom,
            _ => Self::Faint,
        }
    }
}

impl Long {
    /// Returns the word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::Split => "split",
        }
    }
}

impl Presence {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Asleep, Self::Connecting, Self::Awake, Self::Unreachable, Self::NoRoom];

    /// Returns the word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asleep => "asleep",
            Self::Connecting => "connecting",
            Self::Awake => "awake",
            Self::Unreachable => "unreachable",
            Self::NoRoom => "no_room",
        }
    }
}

/// A child's color.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Color {
    /// A reddish violet.
    Plum,
    /// A calm green.
    Leaf,
    /// A light blue.
    Sky,
    /// A warm yellow.
    Sun,
}

impl Color {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Plum, Self::Leaf, Self::Sky, Self::Sun];

    /// Returns the word for it, as stored and as sent to the page.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Plum => "plum",
            Self::Leaf => "leaf",
            Self::Sky => "sky",
            Self::Sun => "sun",
        }
    }

    /// Returns the color with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|color| color.word() == word)
    }
}

/// A part of a conversation, newest first.
pub struct Page {
    /// The recordings and messages.
    pub items: Vec<Item>,
    /// Where the next, older page begins, if there is one.
    pub next: Option<String>,
}

/// How a message is to be sent.
#[derive(Default)]
pub struct Sending {
    /// What to do if it does not fit into a slot; if nothing, it is refused.
    pub long: Option<Long>,
    /// When it is to set out, if not at once. The limit of messages a day counts it on the day on
    /// which it is sent.
    pub send_at: Option<Timestamp>,
    /// By what it is known when it is sent again.
    pub key: Option<RequestKey>,
}

/// What to do with sound that is longer than a slot.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Long {
    /// Keep the beginning.
    Cut,
    /// Make several messages of it.
    Split,
}

/// What a sound is served as.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SoundFormat {
    /// Ogg Opus, as it is kept.
    Ogg,
    /// WAV, for browsers that cannot play the other.
    Wav,
}

/// Something that happened, by ids and states only: it could cross a wire.
#[derive(Clone, Debug)]
pub enum Event {
    /// A delivery moved on.
    Delivery(Delivery),
    /// There is a new recording or message.
    Item {
        /// Its identifier.
        id: ItemId,
        /// Whose conversation it belongs to.
        child: ChildId,
    },
    /// A recording or message was erased.
    Erased {
        /// Its identifier.
        id: ItemId,
        /// Whose conversation it belonged to.
        child: ChildId,
        /// The relatives and child screens that could open it: they see it go.
        readers: Vec<AccountId>,
    },
    /// A toy came, went, or was turned up.
    Toy {
        /// Its identifier.
        id: ToyId,
        /// How it is now.
        now: ToyNow,
    },
    /// Bluetooth works, or does not any more.
    Radio(RadioState),
    /// A meeting got further.
    Meeting(Meeting),
    /// A simulated toy looks different.
    DemoToy(DemoToy),
    /// An item was shared with an account, or taken away from it.
    Shared {
        /// The item.
        id: ItemId,
        /// Whose conversation it belongs to.
        child: ChildId,
        /// The account.
        account: AccountId,
    },
    /// Children, people, or what is granted to them have changed: read everything again.
    Changed,
    /// Items are being sealed anew because the keys are changed: how far that is, or that it is done.
    Keys(Option<KeyProgress>),
    /// Some events were missed: read everything again.
    Lagged,
    /// A session of this account has begun. Nobody else learns of it.
    SessionBegan(AccountId),
    /// A session of this account has ended, and its streams with it. Nobody else learns of it.
    SessionEnded(SessionId, AccountId),
    /// What was found of the hub and its computer is something else than before.
    Care,
}

macro_rules! no_names_in_debug {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("id", &self.id).finish_non_exhaustive()
            }
        }
    )*};
}

// Nicknames, notes and waveforms are sealed at rest; they do not get into a log this way either.
no_names_in_debug!(Child, Toy, Item);
