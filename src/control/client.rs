//! The terminal's half.

use std::{
    io::{self, ErrorKind, Read as _, Write as _},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

use zeroize::Zeroizing;

use super::{Answer, Request};

/// Longer than the hub takes over anything.
const PATIENCE: Duration = Duration::from_secs(70);

/// More than any answer has.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

/// Why there is no answer. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody listens there.
    #[error(
        "no hub answers at {}; is it running? Try: systemctl status hutch",
        .socket.display()
    )]
    Nobody {
        /// Where a hub would answer.
        socket: PathBuf,
    },
    /// The system does not let this user through to the socket.
    #[error("only root and the user that the hub runs as may ask it; try again with sudo")]
    NotAllowed,
    /// The hub says no, and why.
    #[error("{0}")]
    Refused(String),
    /// What came back is no answer.
    #[error("the hub's answer makes no sense; is it another version of Hutch? Restart it")]
    Garbled,
    /// The hub went silent, or away.
    #[error("the hub did not answer; look into its log: journalctl -u hutch")]
    Silent {
        /// What the system says.
        source: io::Error,
    },
}

/// Asks the hub that listens at this socket.
///
/// [`Answer::Error`] comes back as [`AskError::Refused`].
pub fn ask(socket: &Path, request: &Request) -> Result<Answer, AskError> {
    let connected = UnixStream::connect(socket);
    let mut hub = connected.map_err(|source| match source.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused | ErrorKind::NotADirectory => {
            AskError::Nobody { socket: socket.to_owned() }
        }
        ErrorKind::PermissionDenied => AskError::NotAllowed,
        _ => AskError::Silent { source },
    })?;
    let line = exchange(&mut hub, request).map_err(|source| AskError::Silent { source })?;
    match serde_json::from_slice(&line) {
        Ok(Answer::Error { message }) => Err(AskError::Refused(message)),
        Ok(answer) => Ok(answer),
        Err(_) if line.is_empty() => {
            Err(AskError::Silent { source: ErrorKind::UnexpectedEof.into() })
        }
        Err(_) => Err(AskError::Garbled),
    }
}

/// Sends one line and returns what comes back until the hub has no more to say.
fn exchange(hub: &mut UnixStream, request: &Request) -> io::Result<Zeroizing<Vec<u8>>> {
    hub.set_read_timeout(Some(PATIENCE))?;
    hub.set_write_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    hub.write_all(&line)?;
    // One request is all: the hub hangs up after the answer.
    hub.shutdown(std::net::Shutdown::Write)?;
    let mut answer = Zeroizing::new(Vec::with_capacity(super::MAX_LINE_BYTES));
    hub.take(MAX_ANSWER_BYTES).read_to_end(&mut answer)?;
    Ok(answer)
}
