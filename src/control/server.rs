//! The hub's half.

use std::{
    fs, io,
    os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use data_encoding::HEXLOWER;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::{Answer, Door, MAX_LINE_BYTES, Refused, Request, Terminal};
use crate::{
    hub::probe::{Ended, Progress, Wanted},
    lan::kernel,
    tls::Fingerprints,
};

/// How many may be connected at once. More wait until one of them is done.
const MAX_CLIENTS: usize = 8;
/// How long a client may take to send a line, or to take one.
const LINE_DEADLINE: Duration = Duration::from_secs(5);
/// How long the hub may take over an answer.
const WORK_DEADLINE: Duration = Duration::from_secs(60);
/// How long clients may go on when the hub stops.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// The pause after the system refused a connection, as when it has too many files open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// Why there is no control socket.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Another hub answers there.
    #[error(
        "another hub answers at {}; stop it first, or name another run folder",
        .path.display()
    )]
    InUse {
        /// Where.
        path: PathBuf,
    },
    /// Something else is in its place.
    #[error("{} is not a socket; move it away, or name another run folder", .path.display())]
    NotASocket {
        /// What.
        path: PathBuf,
    },
    /// The system refused.
    #[error("could not {action} {}; name another run folder if this one cannot be used", .path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The socket, bound. Dropping it removes the file.
#[derive(Debug)]
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
    /// Device and number of the file, by which we know it from another hub's.
    file: (u64, u64),
}

impl Socket {
    /// Binds the socket in a folder that is ours alone. Needs a runtime.
    ///
    /// A file that a killed hub left there is replaced; one at which a hub answers is not.
    pub fn bind(path: &Path) -> Result<Self, ControlError> {
        let failed =
            |action| move |source| ControlError::Io { action, path: path.to_owned(), source };
        if let Ok(found) = fs::symlink_metadata(path) {
            if !found.file_type().is_socket() {
                return Err(ControlError::NotASocket { path: path.to_owned() });
            }
            match std::os::unix::net::UnixStream::connect(path) {
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                _ => return Err(ControlError::InUse { path: path.to_owned() }),
            }
        }
        // It gets its name when it has its mode, so that nobody ever sees it without.
        let part = path.with_extension("part");
        match fs::remove_file(&part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed("make")(error));
            }
            _ => {}
        }
        let listener = UnixListener::bind(&part).map_err(failed("make"))?;
        let named = fs::set_permissions(&part, fs::Permissions::from_mode(0o600))
            .and_then(|()| fs::metadata(&part))
            .and_then(|found| fs::rename(&part, path).map(|()| (found.dev(), found.ino())));
        if named.is_err() {
            drop(fs::remove_file(&part));
        }
        let file = named.map_err(failed("make"))?;
        Ok(Self { listener, path: path.to_owned(), file })
    }

    /// Answers until `stop` is cancelled, then removes the socket. `door` is the page's.
    pub async fn serve(
        self,
        terminal: Arc<dyn Terminal>,
        door: Arc<dyn Door>,
        stop: CancellationToken,
    ) {
        let seats = Arc::new(Semaphore::new(MAX_CLIENTS));
        let mut clients = JoinSet::new();
        let accepting = async |clients: &mut JoinSet<()>| {
            while let Ok(seat) = Arc::clone(&seats).acquire_owned().await {
                while clients.try_join_next().is_some() {}
                let client = match self.listener.accept().await {
                    Ok((client, _)) => client,
                    Err(error) => {
                        tracing::warn!(%error, "nobody can reach the control socket");
                        sleep(ACCEPT_PAUSE).await;
                        continue;
                    }
                };
                let (terminal, door) = (Arc::clone(&terminal), Arc::clone(&door));
                clients.spawn(async move {
                    if let Err(error) = talk(client, &*terminal, &door).await {
                        tracing::debug!(%error, "a terminal went away");
                    }
                    drop(seat);
                });
            }
        };
        tokio::select! {
            () = accepting(&mut clients) => {}
            () = stop.cancelled() => {}
        }
        // Whoever asked the hub to end is told that it does.
        let answered = async { while clients.join_next().await.is_some() {} };
        if timeout(LAST_WORDS, answered).await.is_err() {
            tracing::debug!("a terminal was still connected");
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let is_ours = |found: &fs::Metadata| (found.dev(), found.ino()) == self.file;
        if fs::symlink_metadata(&self.path).is_ok_and(|found| is_ours(&found)) {
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Answers one client until it has no more to ask.
async fn talk(client: UnixStream, terminal: &dyn Terminal, door: &Arc<dyn Door>) -> io::Result<()> {
    let peer = client.peer_cred()?.uid();
    let (reader, mut writer) = client.into_split();
    let mut reader = BufReader::new(reader);
    if !may_ask(peer, rustix::process::geteuid().as_raw()) {
        tracing::warn!(user = peer, "somebody who may not asked at the control socket");
        let message = "only root and the user that the hub runs as may ask".to_owned();
        return send(&mut writer, &Answer::Error { message }).await;
    }
    loop {
        let mut line = Vec::new();
        let limit = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
        let mut limited = (&mut reader).take(limit);
        timeout(LINE_DEADLINE, limited.read_until(b'\n', &mut line)).await??;
        if line.is_empty() {
            return Ok(());
        }
        if line.last() != Some(&b'\n') {
            let message = "a request is one line of JSON, and not a long one".to_owned();
            return send(&mut writer, &Answer::Error { message }).await;
        }
        let answer = timeout(WORK_DEADLINE, answer(&line, terminal, door)).await?;
        send(&mut writer, &answer).await?;
    }
}

/// Whether this user may ask a hub that runs as `own`.
pub(super) const fn may_ask(user: u32, own: u32) -> bool {
    user == 0 || user == own
}

async fn answer(line: &[u8], terminal: &dyn Terminal, door: &Arc<dyn Door>) -> Answer {
    let Ok(request) = serde_json::from_slice(line) else {
        let message = "this hub does not know that request; \
                       it may be another version of Hutch than the command: restart it"
            .to_owned();
        return Answer::Error { message };
    };
    let outcome = match request {
        Request::SetupCode => terminal.setup_code().await.map(|code| Answer::SetupCode {
            code: code.map(|code| code.to_string()),
            places: door.places(),
        }),
        Request::Accounts => {
            terminal.accounts().await.map(|accounts| Answer::Accounts { accounts })
        }
        Request::ResetAccount { name } => terminal
            .reset_account(&name)
            .await
            .map(|next| Answer::AccountReset { next: next.to_string() }),
        Request::EraseHousehold => terminal.erase_household().await.map(|()| Answer::Erasing),
        Request::Fingerprints => Ok(door.fingerprints().into()),
        Request::NewRoot => {
            let door = Arc::clone(door);
            // It waits for the disk.
            let made = tokio::task::spawn_blocking(move || door.new_root()).await;
            let stopping = |_stopping| Err(Refused("the hub is stopping".to_owned()));
            let made = made.unwrap_or_else(stopping);
            // It is so, noted or not.
            if made.is_ok()
                && let Err(error) = terminal.note_new_root().await
            {
                tracing::warn!(%error, "guardians do not see that the hub has another root");
            }
            made.map(Answer::from)
        }
        Request::Kernel => Ok(Answer::Kernel { kernel: kernel().await.word().to_owned() }),
        Request::Heard => {
            let heard = terminal.heard().await;
            heard.map(|(radio, about, toys)| Answer::Heard { radio, about, toys })
        }
        Request::Toys => terminal.toys().await.map(|toys| Answer::Toys { toys }),
        Request::BeginProbe { address, fetch, wait_s } => {
            let wanted = Wanted { address, fetch, wait: Duration::from_secs(wait_s) };
            terminal.begin_probe(&wanted).await.map(|()| Answer::ProbeBegun)
        }
        Request::Probe => terminal.probe().await.map(|Progress { told, ended }| {
            let (transcript, trouble) = match ended {
                Some(Ended { transcript, trouble }) => (Some(transcript), trouble),
                None => (None, None),
            };
            Answer::Probe { told, transcript, trouble: trouble.map(str::to_owned) }
        }),
    };
    outcome.unwrap_or_else(|Refused(message)| Answer::Error { message })
}

impl From<Fingerprints> for Answer {
    fn from(fingerprints: Fingerprints) -> Self {
        let Fingerprints { root, names, addresses } = fingerprints;
        let [root, names, addresses] = [root, names, addresses].map(|one| HEXLOWER.encode(&one));
        Self::Fingerprints { root, names, addresses }
    }
}

async fn send(
    writer: &mut (impl tokio::io::AsyncWrite + Unpin),
    answer: &Answer,
) -> io::Result<()> {
    let mut line = Zeroizing::new(serde_json::to_vec(answer)?);
    line.push(b'\n');
    timeout(LINE_DEADLINE, writer.write_all(&line)).await?
}
