//! What a client may know about what went wrong.

mod sentence;
#[cfg(test)]
mod tests;

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};

use super::{
    code::Code,
    schema::{Components, Shape as _, body},
};
use crate::{
    hub::{FileError, HubError, PictureError, Reason, Suggestion, restoring::NotTaken},
    model::Timestamp,
};

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    #[error("the query cannot be read")]
    BadQuery,
    #[error("the body is not the JSON that is asked for")]
    BadJson,
    #[error("the body broke off")]
    BrokenOff,
    #[error("nobody is signed in")]
    NotSignedIn,
    #[error("whoever asks may not do that")]
    NotAllowed,
    #[error("another site started the request")]
    CrossSite,
    #[error("there is nothing here")]
    NotFound,
    #[error("the method is not for this path")]
    WrongMethod { allowed: String },
    #[error("the body came too slowly")]
    TooSlow,
    #[error("it was not said how long the body is")]
    NoLength,
    #[error("the body is too large")]
    TooLarge { max_bytes: usize },
    #[error("the picture's file is too large")]
    PictureTooHeavy { max_bytes: usize },
    #[error("the body has a type that is not taken here")]
    WrongType { expected: &'static str },
    #[error("the range lies outside")]
    BadRange { n_bytes: usize },
    #[error("the request was for a host with another name")]
    WrongHost,
    #[error("a part of the hub does not answer")]
    Ails,
    #[error(transparent)]
    Hub(#[from] HubError),
}

body! {
    /// Why a request was not answered as asked.
    struct Error {
        /// A stable code, for programs.
        error: &'static str,
        /// A sentence, for people.
        message: String,
    }
}

body! {
    /// The message does not fit into one slot: ask again with `long=cut` or `long=split`.
    struct MessageTooLong {
        /// Always `message_too_long`.
        error: &'static str,
        /// A sentence, for people.
        message: String,
        /// How long the message is.
        length_ms: u32,
        /// How much fits into a slot.
        slot_ms: u32,
    }
}

body! {
    /// The sound is of a kind that is not taken.
    struct UnknownEncoding {
        /// Always `unknown_encoding`.
        error: &'static str,
        /// A sentence, for people.
        message: String,
        /// What it is, as it stands in the sentence.
        encoding: &'static str,
    }
}

body! {
    /// The picture is of a kind that is not read.
    struct UnknownPicture {
        /// Always `unknown_picture`.
        error: &'static str,
        /// A sentence, for people.
        message: String,
        /// What it is: "HEIC".
        kind: &'static str,
    }
}

body! {
    /// The set-up code is not right.
    struct WrongCode {
        /// Always `wrong_code`.
        error: &'static str,
        /// A sentence, for people.
        message: String,
        /// How many more tries this code has.
        tries_left: u8,
    }
}

body! {
    /// The password is too easy to guess.
    struct WeakPassword {
        /// Always `weak_password`.
        error: &'static str,
        /// A sentence, for people.
        message: String,
        /// Why.
        reasons: Vec<Weakness>,
        /// How to do better.
        suggestions: Vec<Advice>,
    }
}

body! {
    /// What is wrong with a password.
    struct Weakness {
        /// A stable code, for programs.
        code: &'static str,
        /// A sentence, for people.
        message: String,
        /// The fewest characters that it may have, if it has fewer.
        min: Option<usize>,
        /// The most characters that it may have, if it has more.
        max: Option<usize>,
    }
}

body! {
    /// How to choose a better password.
    struct Advice {
        /// A stable code, for programs.
        code: &'static str,
        /// A sentence, for people.
        message: String,
    }
}

impl Weakness {
    fn of(reason: &Reason) -> Self {
        let (min, max) = match *reason {
            Reason::TooShort { min } => (Some(min), None),
            Reason::TooLong { max } => (None, Some(max)),
            _ => (None, None),
        };
        Self { code: reason.word(), message: reason.sentence(), min, max }
    }
}

impl Advice {
    fn of(suggestion: Suggestion) -> Self {
        Self { code: suggestion.word(), message: suggestion.sentence() }
    }
}

body! {
    /// Too many tries.
    struct TryLater {
        /// Always `try_later`.
        error: &'static str,
        /// A sentence, for people.
        message: String,
        /// After how many seconds the next is possible.
        retry_after_s: u32,
    }
}

body! {
    /// As many messages were sent today as may be.
    struct DailyLimit {
        /// Always `daily_limit`.
        error: &'static str,
        /// A sentence, for people.
        message: String,
        /// How many a day.
        limit: u32,
        /// After how many seconds the next day begins.
        retry_after_s: u32,
    }
}

body! {
    /// The child has its quiet hours, and its screen plays nothing meanwhile.
    struct QuietHours {
        /// Always `quiet_hours`.
        error: &'static str,
        /// A sentence, for people.
        message: String,
        /// When they end; null while the hub's clock is not right.
        until: Option<Timestamp>,
    }
}

/// Describes the body that comes with a code.
pub(super) fn shape(code: Code, known: &mut Components) -> serde_json::Value {
    match code {
        Code::MessageTooLong => MessageTooLong::shape(known),
        Code::UnknownEncoding => UnknownEncoding::shape(known),
        Code::UnknownPicture => UnknownPicture::shape(known),
        Code::WrongCode => WrongCode::shape(known),
        Code::WeakPassword => WeakPassword::shape(known),
        Code::TryLater => TryLater::shape(known),
        Code::DailyLimit => DailyLimit::shape(known),
        Code::QuietHours => QuietHours::shape(known),
        _ => Error::shape(known),
    }
}

impl ApiError {
    /// Returns the code for programs. A new error does not compile until it has one.
    fn code(&self) -> Code {
        match self {
            Self::BadQuery => Code::BadQuery,
            Self::BadJson => Code::BadJson,
            Self::BrokenOff => Code::BrokenOff,
            Self::NotSignedIn => Code::NotSignedIn,
            Self::NotAllowed => Code::NotAllowed,
            Self::CrossSite => Code::CrossSite,
            Self::NotFound => Code::NotFound,
            Self::WrongMethod { .. } => Code::WrongMethod,
            Self::TooSlow => Code::TooSlow,
            Self::NoLength => Code::NoLength,
            Self::TooLarge { .. } => Code::TooLarge,
            Self::PictureTooHeavy { .. } => Code::PictureTooHeavy,
            Self::WrongType { .. } => Code::WrongType,
            Self::BadRange { .. } => Code::BadRange,
            Self::WrongHost => Code::WrongHost,
            Self::Ails => Code::Ails,
            Self::Hub(error) => match error {
                HubError::NoSuchChild => Code::NoSuchChild,
                HubError::NoSuchToy => Code::NoSuchToy,
                HubError::NoSuchItem => Code::NoSuchItem,
                HubError::NoSuchPicture => Code::NoSuchPicture,
                HubError::NoSuchDelivery => Code::NoSuchDelivery,
                HubError::NoToy => Code::NoToy,
                HubError::TooLong { .. } => Code::MessageTooLong,
                HubError::FarTooLong { .. } => Code::SoundTooLong,
                HubError::TooLate => Code::TooLate,
                HubError::NotSetUp => Code::NotSetUp,
                HubError::AlreadySetUp => Code::AlreadySetUp,
                HubError::WrongCode { .. } => Code::WrongCode,
                HubError::Restoring | HubError::NotTaken(NotTaken::Busy) => Code::Restoring,
                HubError::NoSuchBackup => Code::NoSuchBackup,
                HubError::NotTaken(NotTaken::NoBackup) => Code::NoBackup,
                HubError::NotTaken(NotTaken::NoRoom) => Code::NoRoomForBackup,
                HubError::CodeRenewed => Code::CodeRenewed,
                HubError::BadName => Code::BadName,
                HubError::BadTimeZone => Code::BadTimeZone,
                HubError::WeakPassword(_) => Code::WeakPassword,
                HubError::WrongPassword => Code::WrongPassword,
                HubError::TotpNeeded => Code::TotpNeeded,
                HubError::WrongTotp => Code::WrongTotp,
                HubError::WrongTotpCode => Code::WrongTotpCode,
                HubError::TotpSwitched => Code::TotpSwitched,
                HubError::ClockNotTrusted | HubError::NoClockToSendBy => Code::ClockNotTrusted,
                HubError::TryLater { .. } => Code::TryLater,
                HubError::ConfirmFirst => Code::ConfirmFirst,
                HubError::SignedOut => Code::NotSignedIn,
                HubError::NoSuchAccount => Code::NoSuchAccount,
                HubError::Blocked => Code::Blocked,
                HubError::KeysChanging => Code::KeysChanging,
                HubError::NoChildren => Code::NoChildren,
                HubError::BadChoice => Code::BadChoice,
                HubError::NotGranted => Code::NotGranted,
                HubError::DailyLimit { .. } => Code::DailyLimit,
                HubError::NotHere => Code::NotHere,
                HubError::WrongName => Code::WrongName,
                HubError::QuietHours { .. } => Code::QuietHours,
                HubError::NoSuchSession => Code::NoSuchSession,
                HubError::NoSuchInvite => Code::NoSuchInvite,
                HubError::TooManyInvites => Code::TooManyInvites,
                HubError::NameTaken => Code::NameTaken,
                HubError::WrongRecoveryKey => Code::WrongRecoveryKey,
                HubError::WrongPart => Code::WrongPart,
                HubError::BadCursor => Code::BadCursor,
                HubError::BadSendAt => Code::BadSendAt,
                HubError::BadNote => Code::BadNote,
                HubError::NotTheirs => Code::NotAllowed,
                HubError::BadRequestKey => Code::BadRequestKey,
                HubError::OtherRequest => Code::OtherRequest,
                HubError::ErasedSince => Code::ErasedSince,
                HubError::ToyAsleep => Code::ToyAsleep,
                HubError::NotHeard => Code::NotHeard,
                HubError::AlreadyAdopted => Code::AlreadyAdopted,
                HubError::NoSuchMeeting => Code::NoSuchMeeting,
                HubError::NotSqueezed => Code::NotSqueezed,
                HubError::CharacterMissing => Code::CharacterMissing,
                HubError::Audio(_) => Code::BadSound,
                HubError::SoundFile(fault) => match fault {
                    FileError::Empty => Code::EmptyFile,
                    FileError::NoSoundFile => Code::NoSoundFile,
                    FileError::NoSoundTrack => Code::NoSoundTrack,
                    FileError::Protected => Code::ProtectedSound,
                    FileError::Encoding(_) => Code::UnknownEncoding,
                    FileError::Cut => Code::SoundCutOff,
                    FileError::Damaged => Code::DamagedSound,
                    FileError::NoSound => Code::NoSound,
                    FileError::TakesTooLong => Code::SoundTooHard,
                    FileError::Wav(_) => Code::BadSound,
                },
                HubError::Picture(fault) => match fault {
                    PictureError::Empty => Code::EmptyPicture,
                    PictureError::NoPicture => Code::NoPicture,
                    PictureError::Unread(_) => Code::UnknownPicture,
                    PictureError::Cut => Code::PictureCutOff,
                    PictureError::Damaged => Code::DamagedPicture,
                    PictureError::TooLarge => Code::PictureTooLarge,
                },
                HubError::Stopping => Code::Stopping,
                HubError::DoesNotOpen { .. } => Code::Damaged,
                HubError::DiskFull(_) => Code::DiskFull,
                HubError::RoomKept => Code::RoomKept,
                HubError::CannotWrite(_) | HubError::NotTaken(NotTaken::Failed) => {
                    Code::CannotWrite
                }
                HubError::Damaged(_)
                | HubError::Seal(_)
                | HubError::Store(_)
                | HubError::PasswordKey(_) => Code::Internal,
            },
        }
    }

    /// Returns the sentence for people: what happened and what to do.
    fn message(&self) -> String {
        let sentence = match self {
            Self::BadQuery => {
                "The address has a value after the question mark that Hutch does not know. \
                 Reload the page and try again."
            }
            Self::BadJson => {
                "Hutch could not read what was sent. Send the JSON that the API names."
            }
            Self::BrokenOff => "The connection broke off before everything had arrived. Try again.",
            Self::NotSignedIn => {
                "This browser is not signed in, or not any more. Sign in and go on."
            }
            Self::NotAllowed => "This is not for this account to do. Ask a guardian to do it.",
            Self::CrossSite => {
                "Another website asked Hutch to do this, so nothing was done. Use Hutch's own \
                 page."
            }
            Self::NotFound => "There is nothing at this address. Go back to the start page.",
            Self::WrongMethod { allowed } => {
                return format!("This address only answers to {allowed}. Use one of these.");
            }
            Self::NoLength => {
                "Hutch takes nothing over HTTP/1 of which it is not said before how long it is. Send it \
                 with a Content-Length, or over HTTP/2."
            }
            Self::TooSlow => {
                "The sound arrived too slowly, so nothing was kept. Go closer to the router and \
                 try again."
            }
            Self::TooLarge { max_bytes } => {
                let mib = max_bytes >> 20;
                return match mib {
                    0 => format!(
                        "This is more than the {max_bytes} bytes that Hutch takes here. Send less."
                    ),
                    _ => format!(
                        "This file is larger than the {mib} MiB that Hutch takes. Send a shorter \
                         sound."
                    ),
                };
            }
            Self::PictureTooHeavy { max_bytes } => {
                return format!(
                    "This picture's file is larger than the {} MiB that Hutch takes. Make it smaller and \
                     try again.",
                    max_bytes >> 20,
                );
            }
            Self::WrongType { expected } => {
                return format!("Hutch takes {expected} here. Send the file as that.");
            }
            Self::BadRange { .. } => "The sound has no such part. Load it from the start.",
            Self::WrongHost => {
                "Hutch does not answer to this name. Open the address that it printed when it \
                 started."
            }
            Self::Ails => {
                "Hutch does not work as it should just now, and is started anew by itself if that lasts. \
                 Try again in a minute."
            }
            Self::Hub(error) => return sentence::of_hub(error),
        };
        sentence.to_owned()
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(error = %chain(self), "request failed");
        }
        let mut answer = HttpResponse::build(status);
        match self {
            Self::WrongMethod { allowed } => {
                answer.insert_header((header::ALLOW, allowed.as_str()));
            }
            Self::BadRange { n_bytes } => {
                answer.insert_header((header::CONTENT_RANGE, format!("bytes */{n_bytes}")));
            }
            // What is left of the body would be read as the next request.
            Self::TooSlow
            | Self::NoLength
            | Self::TooLarge { .. }
            | Self::PictureTooHeavy { .. }
            | Self::BrokenOff
            | Self::Hub(HubError::NotTaken(_)) => {
                answer.force_close();
            }
            Self::Hub(HubError::TryLater { seconds } | HubError::DailyLimit { seconds, .. }) => {
                answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
            }
            Self::BadQuery
            | Self::BadJson
            | Self::NotSignedIn
            | Self::NotAllowed
            | Self::CrossSite
            | Self::NotFound
            | Self::WrongType { .. }
            | Self::WrongHost
            | Self::Ails
            | Self::Hub(_) => {}
        }
        let error = self.code().word();
        let message = self.message();
        match self {
            Self::Hub(HubError::TooLong { length_ms, slot_ms }) => {
                let (length_ms, slot_ms) = (*length_ms, *slot_ms);
                answer.json(MessageTooLong { error, message, length_ms, slot_ms })
            }
            Self::Hub(HubError::SoundFile(FileError::Encoding(encoding))) => {
                answer.json(UnknownEncoding { error, message, encoding })
            }
            Self::Hub(HubError::Picture(PictureError::Unread(kind))) => {
                answer.json(UnknownPicture { error, message, kind })
            }
            Self::Hub(HubError::WrongCode { tries_left }) => {
                answer.json(WrongCode { error, message, tries_left: *tries_left })
            }
            Self::Hub(HubError::WeakPassword(weak)) => {
                let reasons = weak.reasons.iter().map(Weakness::of).collect();
                let suggestions = weak.suggestions.iter().copied().map(Advice::of).collect();
                answer.json(WeakPassword { error, message, reasons, suggestions })
            }
            Self::Hub(HubError::TryLater { seconds }) => {
                answer.json(TryLater { error, message, retry_after_s: *seconds })
            }
            Self::Hub(HubError::DailyLimit { limit, seconds }) => {
                let (limit, retry_after_s) = (*limit, *seconds);
                answer.json(DailyLimit { error, message, limit, retry_after_s })
            }
            Self::Hub(HubError::QuietHours { until }) => {
                answer.json(QuietHours { error, message, until: *until })
            }
            _ => answer.json(Error { error, message }),
        }
    }
}

/// Returns an error with all its causes, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
