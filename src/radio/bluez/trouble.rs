//! What an answer of BlueZ, or the lack of one, says about the radio.

use std::time::Duration;

use bluer::{Error, ErrorKind, InternalErrorKind};
use tokio::time::timeout;

use crate::radio::RadioState;

/// How long BlueZ may take to answer what needs no air. It may be stalled for some seconds and is
/// not to be given up for that.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// What BlueZ says when the controller answers "connection limit exceeded", which the kernel makes
/// `EMLINK` of. Source: `src/error.h` of BlueZ 5.66.
const CONNECTION_LIMITS: [&str; 2] =
    ["le-connection-concurrent-connection-limit", "br-connection-concurrent-connection-limit"];

/// Why something that BlueZ was asked for did not come.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It was refused.
    Refused(Error),
    /// There was no answer.
    NoAnswer,
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl Trouble {
    /// Returns whether the adapter holds as many connections as it can. BlueZ has words for that, and
    /// no error of its own.
    pub(super) fn is_no_room(&self) -> bool {
        matches!(self, Self::Refused(error) if CONNECTION_LIMITS.contains(&error.message.as_str()))
    }

    /// Returns whether BlueZ did not do what it was told because it is at it, it says. It says so of a
    /// connection that does not come about and cannot be given up, either.
    pub(super) fn is_in_progress(&self) -> bool {
        matches!(self, Self::Refused(error) if error.kind == ErrorKind::InProgress)
    }

    /// Returns what the radio is like, when this came of switching the adapter on.
    pub(super) fn state_of_switch(&self, is_blocked: bool) -> RadioState {
        let is_busy = match self {
            _ if is_blocked => return RadioState::Off,
            Self::NoAnswer => false,
            Self::Refused(Error { kind, .. }) => match kind {
                ErrorKind::InProgress => true,
                ErrorKind::Internal(InternalErrorKind::DBus(name)) => {
                    ["org.bluez.Error.Blocked", "org.bluez.Error.Busy"].contains(&name.as_str())
                }
                _ => false,
            },
        };
        // Somebody else is switching it.
        if is_busy { RadioState::Off } else { self.state() }
    }

    /// Returns what the radio is like, when this came of a question that a working one answers.
    pub(super) fn state(&self) -> RadioState {
        let Self::Refused(error) = self else { return RadioState::Stuck };
        match &error.kind {
            ErrorKind::NotFound | ErrorKind::DoesNotExist => RadioState::NoAdapter,
            ErrorKind::NotReady => RadioState::Off,
            ErrorKind::NotAuthorized | ErrorKind::NotPermitted => RadioState::Denied,
            ErrorKind::Internal(InternalErrorKind::DBus(name)) => match name.as_str() {
                "org.freedesktop.DBus.Error.AccessDenied" => RadioState::Denied,
                // The object, or its interface, is gone, and the daemon says so itself.
                "org.freedesktop.DBus.Error.UnknownMethod"
                | "org.freedesktop.DBus.Error.UnknownInterface" => RadioState::NoAdapter,
                // Nobody has the name, it could not be started, or it fell silent and was dropped.
                _ => RadioState::NoDaemon,
            },
            ErrorKind::Internal(InternalErrorKind::DBusConnectionLost) => RadioState::NoBus,
            _ => RadioState::Stuck,
        }
    }
}

/// Waits for an answer of BlueZ that needs no air.
pub(super) async fn answered<T>(
    answer: impl Future<Output = bluer::Result<T>>,
) -> Result<T, Trouble> {
    answered_within(ANSWERS_WITHIN, answer).await
}

/// Waits this long for an answer of BlueZ.
pub(super) async fn answered_within<T>(
    limit: Duration,
    answer: impl Future<Output = bluer::Result<T>>,
) -> Result<T, Trouble> {
    match timeout(limit, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_elapsed) => Err(Trouble::NoAnswer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(kind: ErrorKind, message: &str) -> Trouble {
        Trouble::Refused(Error { kind, message: message.to_owned() })
    }

    fn by_name(name: &str) -> Trouble {
        refused(ErrorKind::Internal(InternalErrorKind::DBus(name.to_owned())), "")
    }

    #[test]
    fn an_adapter_that_is_full_is_told_from_a_toy_that_cannot_be_had() {
        let full = [
            "le-connection-concurrent-connection-limit",
            "br-connection-concurrent-connection-limit",
        ];
        for words in full {
            assert!(refused(ErrorKind::Failed, words).is_no_room(), "{words}");
        }
        for words in ["le-connection-abort-by-local", "br-connection-canceled", ""] {
            assert!(!refused(ErrorKind::Failed, words).is_no_room(), "{words}");
        }
        assert!(!Trouble::NoAnswer.is_no_room());
    }

    #[test]
    fn an_adapter_that_cannot_be_switched_on_is_off_where_something_blocks_it_and_stuck_elsewhere()
    {
        let failed = || refused(ErrorKind::Failed, "Failed");

        assert_eq!(failed().state_of_switch(true), RadioState::Off);
        assert_eq!(failed().state_of_switch(false), RadioState::Stuck);
        assert_eq!(Trouble::NoAnswer.state_of_switch(false), RadioState::Stuck);
        let busy = by_name("org.bluez.Error.Busy");
        assert_eq!(busy.state_of_switch(false), RadioState::Off);
        let blocked = by_name("org.bluez.Error.Blocked");
        assert_eq!(blocked.state_of_switch(false), RadioState::Off);
        let denied = by_name("org.freedesktop.DBus.Error.AccessDenied");
        assert_eq!(denied.state_of_switch(false), RadioState::Denied);
        assert_eq!(
            refused(ErrorKind::DoesNotExist, "").state_of_switch(false),
            RadioState::NoAdapter
        );
    }
}
