//! Tells systemd's watchdog that the hub is alive, for as long as it is.
//!
//! It asks like any device at home: over TLS, for `/api/v1/health`. So an answer says that the page's
//! server takes connections and works on them, that the database takes what is written, and that the
//! task of the radio goes round. Whatever of it does not answer for too long, systemd starts the hub anew.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_rustls::TlsConnector;

use crate::{
    http::Trusted,
    notify::{self, Notifier},
    tls::pinned,
};

/// How many looks fit into the time in which systemd wants to hear something: one that fails is not yet
/// the end.
const LOOKS: u32 = 4;
/// What a hub that is well answers first.
const WELL: &[u8] = b"HTTP/1.1 200 ";
/// More than its whole answer.
const MAX_ANSWER_BYTES: u64 = 16 << 10;

/// Where the hub can be asked, and as what.
pub(super) struct Asked {
    pub at: SocketAddr,
    /// The name in the leaf for names.
    pub name: String,
    pub trusted: Arc<dyn Trusted>,
}

impl Asked {
    /// Picks the address that is asked: this computer's own if the hub listens there.
    pub(super) fn new(
        at: &[IpAddr],
        port: u16,
        name: String,
        trusted: Arc<dyn Trusted>,
    ) -> Option<Self> {
        let reached = |at: &IpAddr| match at {
            // A socket for IPv6 is one for IPv4, too, where the service manager or we opened it.
            IpAddr::V6(v6) if v6.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            IpAddr::V4(v4) if v4.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            other => *other,
        };
        let at = at.iter().find(|at| reached(at).is_loopback()).or_else(|| at.first())?;
        Some(Self { at: SocketAddr::new(reached(at), port), name, trusted })
    }

    /// Asks whether the hub is well.
    async fn ask(&self) -> io::Result<bool> {
        ask_health(self.at, &self.name, self.trusted.fingerprints().names).await
    }
}

/// Asks the hub that shows the leaf for names with this SHA-256 whether it is well.
pub(super) async fn ask_health(at: SocketAddr, name: &str, leaf: [u8; 32]) -> io::Result<bool> {
    let config = pinned(leaf).map_err(io::Error::other)?;
    let server = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
    let stream = TcpStream::connect(at).await?;
    let mut stream = TlsConnector::from(Arc::new(config)).connect(server, stream).await?;
    let request = format!(
        "GET /api/v1/health HTTP/1.1\r\nHost: {name}:{}\r\nConnection: close\r\n\r\n",
        at.port()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    // It ends when the hub hangs up; one that does so without a farewell has said all the same.
    match stream.take(MAX_ANSWER_BYTES).read_to_end(&mut answer).await {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
        Err(error) => return Err(error),
    }
    Ok(answer.starts_with(WELL))
}

/// Looks at the hub again and again, and tells that it is alive whenever it is; `within` is how soon
/// systemd wants to hear that again. Does not end.
pub(super) async fn watch(notifier: Arc<Notifier>, within: Duration, asked: Asked) {
    let every = within / LOOKS;
    let mut looks = interval(every);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut was_well = true;
    loop {
        looks.tick().await;
        let looked = timeout(every, asked.ask()).await;
        let is_well = matches!(looked, Ok(Ok(true)));
        if is_well {
            notifier.tell(notify::ALIVE);
        }
        if is_well != was_well {
            was_well = is_well;
            match looked {
                Ok(Ok(true)) => tracing::info!("the hub is well again"),
                Ok(Ok(false)) => {
                    tracing::warn!("the database or the task of the radio does not answer");
                }
                Ok(Err(error)) => tracing::warn!(%error, "the page does not answer"),
                Err(_elapsed) => tracing::warn!("the page does not answer in time"),
            }
        }
    }
}
