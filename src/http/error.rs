//! What a client may know about what went wrong.

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};

use super::schema::body;
use crate::hub::HubError;

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

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $code:ident = $status:literal $word:literal,)+) => {
        /// The stable half of an error: what a program may rely on.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum Code {
            $($(#[doc = $doc])+ $code,)+
        }

        impl Code {
            /// Returns the word in `error`.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$code => $word,)+
                }
            }

            /// Returns the HTTP status it comes with.
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$code => $status,)+
                }
            }
        }
    };
}

codes! {
    /// The query has a value that is not allowed.
    BadQuery = 400 "bad_query",
    /// The cursor is not one that the hub gave.
    BadCursor = 400 "bad_cursor",
    /// The body is not the JSON that is asked for.
    BadJson = 400 "bad_json",
    /// The body ended before it was complete.
    BrokenOff = 400 "broken_off",
    /// The cookie is missing or not valid.
    NotSignedIn = 401 "not_signed_in",
    /// Another site started the request.
    CrossSite = 403 "cross_site",
    /// There is nothing at this path.
    NotFound = 404 "not_found",
    /// There is no such child.
    NoSuchChild = 404 "no_such_child",
    /// There is no such toy.
    NoSuchToy = 404 "no_such_toy",
    /// There is no such item.
    NoSuchItem = 404 "no_such_item",
    /// There is no such delivery.
    NoSuchDelivery = 404 "no_such_delivery",
    /// The path exists, but not with this method.
    WrongMethod = 405 "wrong_method",
    /// The body came too slowly.
    TooSlow = 408 "too_slow",
    /// The child has no toy to deliver to.
    NoToy = 409 "no_toy",
    /// The delivery has gone too far for that.
    TooLate = 409 "too_late",
    /// The body is larger than is taken.
    TooLarge = 413 "too_large",
    /// The body is of a type that is not taken.
    WrongType = 415 "wrong_type",
    /// The range lies outside the sound.
    BadRange = 416 "bad_range",
    /// The request names a host that is not this hub.
    WrongHost = 421 "wrong_host",
    /// The message does not fit into one slot, and nobody said what to do then.
    MessageTooLong = 422 "message_too_long",
    /// The sound is too long even to be split.
    SoundTooLong = 422 "sound_too_long",
    /// The sound cannot be used.
    BadSound = 422 "bad_sound",
    /// The hub is stopping.
    Stopping = 503 "stopping",
    /// Something went wrong inside.
    Internal = 500 "internal",
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

impl ApiError {
    /// Returns the code for programs. A new error does not compile until it has one.
    fn code(&self) -> Code {
        match self {
            Self::BadQuery => Code::BadQuery,
            Self::BadJson => Code::BadJson,
            Self::BrokenOff => Code::BrokenOff,
            Self::NotSignedIn => Code::NotSignedIn,
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
                HubError::BadCursor => Code::BadCursor,
                HubError::Audio(_) => Code::BadSound,
                HubError::Stopping => Code::Stopping,
                HubError::Damaged(_) | HubError::Seal(_) | HubError::Store(_) => Code::Internal,
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
                "This browser is not signed in. Open the address that Hutch printed when it \
                 started."
            }
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
                HubError::BadCursor => "This list cannot go on from there. Reload the page.",
                HubError::Audio(fault) => return sentence(&fault.to_string()),
                HubError::Stopping => "Hutch is stopping. Try again in a moment.",
                // What went wrong inside is for the log, never for the client.
                HubError::Damaged(_) | HubError::Seal(_) | HubError::Store(_) => {
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
            Self::BadQuery
            | Self::BadJson
            | Self::NotSignedIn
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
        let errors: [ApiError; 18] = [
            ApiError::BadQuery,
            ApiError::BadJson,
            ApiError::BrokenOff,
            ApiError::NotSignedIn,
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
