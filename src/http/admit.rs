//! Who may connect at all: decided before a byte is read or written, and before TLS.

use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use actix_rt::net::{ActixStream, Ready, TcpStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::lan::Lan;

/// A browser holds one connection over HTTP/2 and six without; a device has a few browsers.
const MAX_OF_ONE: usize = 64;
/// A family has a dozen devices.
const MAX_IN_ALL: usize = 256;

/// Lets connections in, and knows how many there are.
#[derive(Clone, Debug)]
pub struct Admission {
    lan: Lan,
    most: Most,
    seats: Arc<Mutex<Seats>>,
}

/// How many connections there may be.
#[derive(Clone, Copy, Debug)]
struct Most {
    of_one: usize,
    in_all: usize,
}

#[derive(Debug, Default)]
struct Seats {
    n_taken: usize,
    by_peer: HashMap<IpAddr, usize>,
}

/// The right to be connected; it ends with this value.
#[derive(Debug)]
struct Seat {
    seats: Arc<Mutex<Seats>>,
    peer: IpAddr,
}

/// A connection that was let in.
#[derive(Debug)]
pub(super) struct Visitor {
    stream: TcpStream,
    _seat: Seat,
}

impl Admission {
    /// Lets in who connects from an address of this network to an address of it.
    pub fn new(lan: Lan) -> Self {
        let most = Most { of_one: MAX_OF_ONE, in_all: MAX_IN_ALL };
        Self { lan, most, seats: Arc::default() }
    }

    /// Lets a connection in, or closes it.
    pub(super) fn admit(&self, stream: TcpStream) -> Option<Visitor> {
        // Both: what was sent to an address that the internet knows came through an open router,
        // from wherever it says it came.
        let (peer, local) = (stream.peer_addr().ok()?.ip(), stream.local_addr().ok()?.ip());
        let seat = self.seat(peer, local)?;
        // Answers are small, and somebody waits.
        drop(stream.set_nodelay(true));
        Some(Visitor { stream, _seat: seat })
    }

    fn seat(&self, peer: IpAddr, local: IpAddr) -> Option<Seat> {
        if !self.lan.has(peer) || !self.lan.has(local) {
            return None;
        }
        let peer = peer.to_canonical();
        let mut seats = self.seats();
        if self.most.in_all <= seats.n_taken {
            return None;
        }
        let of_peer = seats.by_peer.entry(peer).or_default();
        if self.most.of_one <= *of_peer {
            return None;
        }
        *of_peer += 1;
        seats.n_taken += 1;
        Some(Seat { seats: Arc::clone(&self.seats), peer })
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Admission {
    /// Lets in who is at home.
    fn default() -> Self {
        Self::new(Lan::default())
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        seats.n_taken = seats.n_taken.saturating_sub(1);
        if let Some(of_peer) = seats.by_peer.get_mut(&self.peer) {
            *of_peer = of_peer.saturating_sub(1);
            if *of_peer == 0 {
                seats.by_peer.remove(&self.peer);
            }
        }
    }
}

impl ActixStream for Visitor {
    fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_read_ready(&self.stream, context)
    }

    fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_write_ready(&self.stream, context)
    }
}

impl Visitor {
    /// Waits for the first byte, which stays where it is; nothing if there is none.
    pub(super) async fn first_byte(&self) -> Option<u8> {
        let mut first = [0];
        let n = self.stream.peek(&mut first).await.ok()?;
        first.get(..n)?.first().copied()
    }

    /// Returns where it comes from.
    pub(super) fn peer(&self) -> Option<std::net::SocketAddr> {
        self.stream.peer_addr().ok()
    }
}

impl AsyncRead for Visitor {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Visitor {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "192.168.1.2";

    fn admission(of_one: usize, in_all: usize) -> Admission {
        Admission { most: Most { of_one, in_all }, ..Admission::default() }
    }

    fn seat(admission: &Admission, peer: &str) -> Option<Seat> {
        admission.seat(peer.parse().unwrap(), HOME.parse().unwrap())
    }

    #[test]
    fn both_ends_must_be_at_home() {
        let admission = Admission::default();
        let is_let_in = |peer: &str, local: &str| {
            admission.seat(peer.parse().unwrap(), local.parse().unwrap()).is_some()
        };

        assert!(is_let_in("192.168.1.7", HOME));
        assert!(is_let_in("::ffff:192.168.1.7", "::ffff:192.168.1.2"));
        assert!(is_let_in("fe80::7", "fe80::2"));
        assert!(!is_let_in("203.0.113.7", HOME));
        assert!(!is_let_in("::ffff:203.0.113.7", HOME));
        assert!(!is_let_in("192.168.1.7", "203.0.113.2"), "a router that forwards hides who asks");
        assert!(!is_let_in("fd00::7", "2001:db8::2"), "an address that the internet knows");
    }

    #[test]
    fn one_device_takes_no_more_than_its_share_and_gives_it_back() {
        let admission = admission(2, 3);
        let one = [seat(&admission, "10.0.0.1").unwrap(), seat(&admission, "10.0.0.1").unwrap()];

        assert!(seat(&admission, "10.0.0.1").is_none());
        assert!(seat(&admission, "::ffff:10.0.0.1").is_none(), "the same by another way");
        let other = seat(&admission, "10.0.0.2").unwrap();
        assert!(seat(&admission, "10.0.0.3").is_none(), "all are taken");
        drop(one);
        assert!(seat(&admission, "10.0.0.3").is_some());
        assert!(seat(&admission, "10.0.0.1").is_some());
        drop(other);
        assert!(admission.seats().by_peer.is_empty(), "nobody is remembered who has left");
        assert_eq!(admission.seats().n_taken, 0);
    }
}
