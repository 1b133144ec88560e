//! The journey of one message to one toy.

/// Where a delivery is.
///
/// `Sending` exists only while a keeper is at it: what is stored is [`DeliveryState::Queued`],
/// so that a power cut in the middle of an upload leaves a delivery that starts again.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum DeliveryState {
    /// A guardian has yet to let it through.
    AwaitingApproval,
    /// Waiting for the toy, or for the message before it to be heard.
    Queued,
    /// In the toy's mailbox, its heart blinking.
    OnToy,
    /// The child played it to its end.
    Heard,
    /// A guardian said no.
    Declined,
    /// The last try failed; another follows by itself, unless it is [`Failure::Damaged`].
    Failed(Failure),
    /// Nobody heard it in time.
    Expired,
    /// Taken back, and still in the toy's mailbox until the next contact.
    Withdrawing,
    /// Taken back.
    Withdrawn,
}

/// Why a try to deliver failed. Each has a sentence of its own on the page.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The connection could not be made.
    Unreachable,
    /// The connection broke in the middle.
    LinkLost,
    /// The toy stopped answering.
    Silent,
    /// The toy gave up in the middle of the upload.
    GaveUp,
    /// The toy refused the upload key.
    KeyRefused,
    /// The toy said or did what the protocol does not allow.
    Confused,
    /// The clip that was to be sent is gone or does not open; no other try will help.
    Damaged,
}

impl DeliveryState {
    /// Returns the word for it, as stored and as sent to the page.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AwaitingApproval => "awaiting_approval",
            Self::Queued => "queued",
            Self::OnToy => "on_toy",
            Self::Heard => "heard",
            Self::Declined => "declined",
            Self::Failed(_) => "failed",
            Self::Expired => "expired",
            Self::Withdrawing => "withdrawing",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Returns whether nothing will ever change it.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Heard | Self::Declined | Self::Expired | Self::Withdrawn => true,
            Self::AwaitingApproval
            | Self::Queued
            | Self::OnToy
            | Self::Failed(_)
            | Self::Withdrawing => false,
        }
    }
}

impl Failure {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Unreachable,
        Self::LinkLost,
        Self::Silent,
        Self::GaveUp,
        Self::KeyRefused,
        Self::Confused,
        Self::Damaged,
    ];

    /// Returns the word for it, as stored and as sent to the page.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::LinkLost => "link_lost",
            Self::Silent => "silent",
            Self::GaveUp => "gave_up",
            Self::KeyRefused => "key_refused",
            Self::Confused => "confused",
            Self::Damaged => "damaged",
        }
    }

    /// Returns the failure with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.word() == word)
    }
}
