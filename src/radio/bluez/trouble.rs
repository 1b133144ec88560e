//! What an answer of BlueZ, or the lack of one, says about the radio.

use std::time::Duration;

use bluer::{Error, ErrorKind, InternalErrorKind};
use tokio::time::timeout;

use crate::radio::RadioState;

/// How long BlueZ may take to answer what needs no air. It may be stalled for some seconds and is
/// not to be given up for that.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

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
