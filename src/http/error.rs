//! What a client may know about what went wrong.

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};

use super::{
    code::Code,
    schema::{Components, Shape as _, body},
};
use crate::{
    hub::{HubError, Reason, Suggestion},
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
    #[error("the body is too large")]
    TooLarge { max_bytes: usize },
    #[error("the body has a type that is not taken here")]
    WrongType { expected: &'static str },
    #[error("the range lies outside")]
    BadRange { n_bytes: usize },
    #[error("the request was for a host with another name")]
    WrongHost,
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
        /// Why, in sentences.
        reasons: Vec<String>,
        /// How to do better, in sentences.
        suggestions: Vec<String>,
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
            Self::TooLarge { .. } => Code::TooLarge,
            Self::WrongType { .. } => Code::WrongType,
            Self::BadRange { .. } => Code::BadRange,
            Self::WrongHost => Code::WrongHost,
            Self::Hub(error) => match error {
                HubError::NoSuchChild => Code::NoSuchChild,
                HubError::NoSuchToy => Code::NoSuchToy,
                HubError::NoSuchItem => Code::NoSuchItem,
                HubError::NoSuchDelivery => Code::NoSuchDelivery,
                HubError::NoToy => Code::NoToy,
                HubError::TooLong { .. } => Code::MessageTooLong,
                HubError::FarTooLong { .. } => Code::SoundTooLong,
                HubError::TooLate => Code::TooLate,
                HubError::NotSetUp => Code::NotSetUp,
                HubError::AlreadySetUp => Code::AlreadySetUp,
                HubError::WrongCode { .. } => Code::WrongCode,
                HubError::CodeRenewed => Code::CodeRenewed,
                HubError::BadName => Code::BadName,
                HubError::BadTimeZone => Code::BadTimeZone,
                HubError::WeakPassword(_) => Code::WeakPassword,
                HubError::WrongPassword => Code::WrongPassword,
                HubError::TotpNeeded => Code::TotpNeeded,
                HubError::WrongTotp => Code::WrongTotp,
                HubError::WrongTotpCode => Code::WrongTotpCode,
                HubError::TotpSwitched => Code::TotpSwitched,
                HubError::ClockNotTrusted => Code::ClockNotTrusted,
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
                HubError::Audio(_) => Code::BadSound,
                HubError::Stopping => Code::Stopping,
                HubError::DoesNotOpen { .. } => Code::Damaged,
                HubError::DiskFull(_) => Code::DiskFull,
                HubError::CannotWrite(_) => Code::CannotWrite,
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
            Self::WrongType { expected } => {
                return format!("Hutch takes {expected} here. Send the file as that.");
            }
            Self::BadRange { .. } => "The sound has no such part. Load it from the start.",
            Self::WrongHost => {
                "Hutch does not answer to this name. Open the address that it printed when it \
                 started."
            }
            Self::Hub(error) => match error {
                HubError::NoSuchChild => "There is no such child here. Reload the page.",
                HubError::NoSuchToy => "There is no such toy here. Reload the page.",
                HubError::NoSuchItem => "There is no such message here. Reload the page.",
                HubError::NoSuchDelivery => "There is no such delivery here. Reload the page.",
                HubError::NoToy => "This child has no toy yet. Adopt one first.",
                HubError::TooLong { length_ms, slot_ms } => {
                    return format!(
                        "The message is {} s long, and the toy keeps {} s at a time. Let Hutch \
                         cut it or split it.",
                        length_ms.div_ceil(1_000),
                        slot_ms / 1_000,
                    );
                }
                HubError::FarTooLong { length_ms, longest_ms } => {
                    return format!(
                        "This sound is {} min long, and Hutch sends up to {} min at once. Let \
                         Hutch cut it, or send it in several files.",
                        length_ms.div_ceil(60_000),
                        longest_ms / 60_000,
                    );
                }
                HubError::TooLate => {
                    "It is too late for that: the message has moved on. Reload the page to see \
                     where it is."
                }
                HubError::NotSetUp => {
                    "This hub has not been set up yet. Reload the page and set it up."
                }
                HubError::AlreadySetUp => {
                    "This hub has been set up already. Reload the page and sign in."
                }
                HubError::WrongCode { tries_left } => {
                    return format!(
                        "This is not the code that the hub shows. Look again and type it once \
                         more; after {tries_left} more wrong ones there is a new code."
                    );
                }
                HubError::CodeRenewed => {
                    "The hub shows a new code now, because the old one was tried too often or was \
                     too old. Look again and type the new one."
                }
                HubError::BadName => "A name has 1 to 64 letters. Choose another one.",
                HubError::BadTimeZone => {
                    "Hutch does not know this time zone. Choose one from the list."
                }
                HubError::WeakPassword(_) => {
                    "This password is too easy to guess. Choose a longer one, or take the five \
                     words that Hutch draws for you."
                }
                HubError::WrongPassword => {
                    "The name or the password is not right. Check both and try again."
                }
                HubError::TotpNeeded => {
                    "This account has two-step sign-in. Type the code that your authenticator \
                     shows."
                }
                HubError::WrongTotp => {
                    "This code is not right, or was used before. Wait for the next one and type it."
                }
                HubError::WrongTotpCode => {
                    "This is not what your authenticator should show. Check that its clock is \
                     right and type the code once more."
                }
                HubError::TotpSwitched => {
                    "Two-step sign-in is as you want it already. Reload the page."
                }
                HubError::ClockNotTrusted => {
                    "The hub's clock is not right, so it cannot check codes that go by the time. \
                     Use one of your recovery codes, or wait until the hub has found the time."
                }
                HubError::TryLater { seconds } => {
                    return match seconds {
                        0..=90 => format!("Too many tries. Wait {seconds} s and try again."),
                        _ => format!(
                            "Too many tries. Wait {} min and try again.",
                            seconds.div_ceil(60)
                        ),
                    };
                }
                HubError::ConfirmFirst => {
                    "This needs your password once more. Type it and try again."
                }
                HubError::NoSuchInvite => {
                    "This invitation was used, has ended or was taken back. Ask for another one."
                }
                HubError::TooManyInvites => {
                    "More invitations are open than anybody needs. Take some back and try again."
                }
                HubError::NameTaken => {
                    "Somebody in this household has that name already. Choose another one."
                }
                HubError::WrongRecoveryKey => {
                    "This is not the recovery key of this hub, or nobody has that name. Check \
                     both and try again."
                }
                HubError::SignedOut => {
                    "This browser is not signed in, or not any more. Sign in and go on."
                }
                HubError::NoSuchAccount => "There is no such person here. Reload the page.",
                HubError::Blocked => "A guardian has paused this account. Ask them.",
                HubError::KeysChanging => {
                    "The keys are being changed already. Wait until that is done, and try again."
                }
                HubError::NoChildren => "Choose at least one child for this relative.",
                HubError::BadChoice => {
                    "Something that was chosen is not possible. Reload the page and choose again."
                }
                HubError::NotGranted => {
                    "This relative may not hear from this child. Allow it first, among the people."
                }
                HubError::DailyLimit { limit, .. } => {
                    return format!(
                        "You may send {limit} {} a day, and today's are sent. Send the next \
                         tomorrow.",
                        if *limit == 1 { "message" } else { "messages" },
                    );
                }
                HubError::NotHere => {
                    "A demo's household is not erased by hand: it ends when the demo does."
                }
                HubError::WrongName => {
                    "This is not the name that was asked for, so nothing was erased. Type it as \
                     the page shows it."
                }
                HubError::QuietHours { .. } => {
                    "It is quiet time now. Listen again when it is over."
                }
                HubError::NoSuchSession => {
                    "This browser was signed out already. Reload the page to see who is left."
                }
                HubError::WrongPart => {
                    "This is not that part of the key. Look at the paper and type it once more."
                }
                HubError::BadCursor => "This list cannot go on from there. Reload the page.",
                HubError::Audio(fault) => return sentence(&fault.to_string()),
                HubError::Stopping => "Hutch is stopping. Try again in a moment.",
                HubError::DoesNotOpen { .. } => {
                    "This recording or message is damaged and does not open any more. The others do."
                }
                HubError::DiskFull(_) => {
                    "The hub's disk is full, so this was not kept; nothing kept before is lost. Make \
                     room on it and try again."
                }
                HubError::CannotWrite(_) => {
                    "The hub cannot write its files, so this was not kept; nothing kept before is \
                     lost. See that its disk is in order, start it again and try again."
                }
                // What went wrong inside is for the log, never for the client.
                HubError::Damaged(_)
                | HubError::Seal(_)
                | HubError::Store(_)
                | HubError::PasswordKey(_) => {
                    "Something went wrong in the hub. Try again; its log says more."
                }
            },
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
            Self::TooSlow | Self::TooLarge { .. } | Self::BrokenOff => {
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
            | Self::Hub(_) => {}
        }
        let error = self.code().word();
        let message = self.message();
        match self {
            Self::Hub(HubError::TooLong { length_ms, slot_ms }) => {
                let (length_ms, slot_ms) = (*length_ms, *slot_ms);
                answer.json(MessageTooLong { error, message, length_ms, slot_ms })
            }
            Self::Hub(HubError::WrongCode { tries_left }) => {
                answer.json(WrongCode { error, message, tries_left: *tries_left })
            }
            Self::Hub(HubError::WeakPassword(weak)) => {
                let reasons = weak.reasons.iter().map(Reason::sentence).collect();
                let suggestions = weak.suggestions.iter().map(Suggestion::sentence).collect();
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

/// Makes a sentence of an error's text, which begins small and ends without a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let rest = letters.as_str();
    let end = if rest.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{rest}{end}")
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

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;
    use crate::seal::SealError;

    async fn answer(error: ApiError) -> (u16, String) {
        let answer = error.error_response();
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body()).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[actix_web::test]
    async fn a_fault_inside_says_nothing_of_itself() {
        let fault = SealError::DoesNotOpen;
        let detail = fault.to_string();

        let (status, body) = answer(HubError::Seal(fault).into()).await;

        assert_eq!(status, 500);
        assert!(body.starts_with("{\"error\":\"internal\","), "{body}");
        assert!(!body.contains(&detail), "{body}");
    }

    #[actix_web::test]
    async fn every_refusal_is_a_sentence_that_ends() {
        let errors = [
            ApiError::BadQuery,
            ApiError::BadJson,
            ApiError::BrokenOff,
            ApiError::NotSignedIn,
            ApiError::NotAllowed,
            ApiError::CrossSite,
            ApiError::NotFound,
            ApiError::WrongMethod { allowed: "GET".to_owned() },
            ApiError::TooSlow,
            ApiError::TooLarge { max_bytes: 32 << 20 },
            ApiError::TooLarge { max_bytes: 16 << 10 },
            ApiError::WrongType { expected: "a WAV sound (audio/wav)" },
            ApiError::BadRange { n_bytes: 7 },
            ApiError::WrongHost,
            HubError::NoToy.into(),
            HubError::TooLate.into(),
            HubError::BadCursor.into(),
            HubError::Blocked.into(),
            HubError::NoChildren.into(),
            HubError::BadChoice.into(),
            HubError::NotGranted.into(),
            HubError::DailyLimit { limit: 1, seconds: 60 }.into(),
            HubError::QuietHours { until: None }.into(),
            HubError::TooLong { length_ms: 40_001, slot_ms: 40_000 }.into(),
            HubError::FarTooLong { length_ms: 600_001, longest_ms: 600_000 }.into(),
        ];
        for error in errors {
            let code = error.code();
            let message = error.message();

            let (status, body) = answer(error).await;

            assert_eq!(status, code.status());
            assert!(body.starts_with(&format!("{{\"error\":\"{}\"", code.word())), "{body}");
            assert!(message.starts_with(char::is_uppercase), "{message}");
            assert!(message.ends_with('.') && !message.contains("  "), "{message}");
        }
    }

    #[test]
    fn a_small_excess_is_not_rounded_away() {
        let error = ApiError::from(HubError::TooLong { length_ms: 40_001, slot_ms: 40_000 });

        assert!(error.message().starts_with("The message is 41 s long"));
    }

    #[test]
    fn texts_of_errors_become_sentences() {
        assert_eq!(sentence("the file is empty"), "The file is empty.");
        assert_eq!(sentence("Is it? Yes."), "Is it? Yes.");
        assert_eq!(sentence("über"), "Über.");
        assert_eq!(sentence(""), ".");
    }
}
