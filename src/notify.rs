//! Tells systemd how the daemon is (`sd_notify(3)`), when systemd asked for it.

use std::{
    ffi::{OsStr, OsString},
    io,
    os::{
        linux::net::SocketAddrExt as _,
        unix::{
            ffi::OsStrExt as _,
            net::{SocketAddr, UnixDatagram},
        },
    },
};

/// The daemon serves.
pub const READY: &str = "READY=1";
/// The daemon is alive: it was looked at just now.
pub const ALIVE: &str = "WATCHDOG=1";
/// The daemon is coming to its end.
pub const STOPPING: &str = "STOPPING=1";

/// The way to whoever started the daemon; nobody, if nobody wants to know.
#[derive(Debug, Default)]
pub struct Notifier(Option<(UnixDatagram, SocketAddr)>);

impl Notifier {
    /// Makes one of the value of `NOTIFY_SOCKET`: a path, or with `@` a name without a file.
    pub fn new(socket: Option<OsString>) -> io::Result<Self> {
        let Some(socket) = socket.filter(|socket| !socket.is_empty()) else {
            return Ok(Self(None));
        };
        let address = match socket.as_bytes() {
            [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
            path => SocketAddr::from_pathname(OsStr::from_bytes(path))?,
        };
        Ok(Self(Some((UnixDatagram::unbound()?, address))))
    }

    /// Tells. That nobody listens any more is no reason to stop serving.
    pub fn tell(&self, state: &str) {
        let Some((socket, address)) = &self.0 else { return };
        if let Err(error) = socket.send_to_addr(state.as_bytes(), address) {
            tracing::warn!(%error, state, "could not tell systemd");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(listener: &UnixDatagram) -> String {
        let mut bytes = [0; 64];
        let n_bytes = listener.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..n_bytes].to_vec()).unwrap()
    }

    #[test]
    fn tells_a_socket_with_a_path() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let listener = UnixDatagram::bind(&path).unwrap();

        Notifier::new(Some(path.into())).unwrap().tell(READY);

        assert_eq!(received(&listener), "READY=1");
    }

    #[test]
    fn tells_a_socket_without_a_path() {
        let name = format!("hutch-notify-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let listener = UnixDatagram::bind_addr(&address).unwrap();

        Notifier::new(Some(format!("@{name}").into())).unwrap().tell(STOPPING);

        assert_eq!(received(&listener), "STOPPING=1");
    }

    #[test]
    fn nobody_need_listen() {
        let dir = tempfile::tempdir().unwrap();

        Notifier::new(None).unwrap().tell(READY);
        Notifier::new(Some("".into())).unwrap().tell(READY);
        Notifier::new(Some(dir.path().join("gone").into())).unwrap().tell(READY);
        let too_long = "x".repeat(200);
        assert!(Notifier::new(Some(too_long.into())).is_err());
    }
}
