//! Who may connect at all: decided before a byte is read or written, and before TLS.

use std::{
    io,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use actix_rt::net::{ActixStream, Ready, TcpStream};
use rustix::net::sockopt::set_tcp_user_timeout;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::seats::{Most, Seats};
use crate::lan::Lan;

/// A browser holds one connection over HTTP/2 and six without; a device has a few browsers.
const MAX_OF_ONE: usize = 64;
/// One browser without HTTP/2, and what it has just closed.
const FEW: usize = 8;
/// A family has a dozen devices.
pub(super) const MAX_IN_ALL: usize = 256;

/// How long a client may leave unread what was sent to it. One that is gone without a word, such as a
/// phone that was carried out of the house, does not read either.
const UNREAD_FOR: Duration = Duration::from_secs(60);

/// Lets connections in, and knows how many there are.
#[derive(Clone, Debug)]
pub struct Admission {
    lan: Lan,
    seats: Arc<Mutex<Seats>>,
}

/// The right to be connected; it ends with the last of these values.
#[derive(Clone, Debug)]
pub(super) struct Seat(Arc<Taken>);

#[derive(Debug)]
struct Taken {
    seats: Arc<Mutex<Seats>>,
    number: u64,
    leaves: CancellationToken,
}

/// A request that is not answered whole yet; it is when this value goes.
#[derive(Debug)]
pub(super) struct Asking(Seat);

/// A connection that was let in.
#[derive(Debug)]
pub(super) struct Visitor {
    stream: TcpStream,
    seat: Seat,
}

impl Admission {
    /// Lets in who connects from an address of this network to an address of it.
    pub fn new(lan: Lan) -> Self {
        Self::with(lan, Most { of_one: MAX_OF_ONE, in_all: MAX_IN_ALL, few: FEW })
    }

    fn with(lan: Lan, most: Most) -> Self {
        Self { lan, seats: Arc::new(Mutex::new(Seats::new(most))) }
    }

    /// Lets a connection in, or closes it.
    pub(super) fn admit(&self, stream: TcpStream) -> Option<Visitor> {
        // Both: what was sent to an address that the internet knows came through an open router,
        // from wherever it says it came.
        let (peer, local) = (stream.peer_addr().ok()?.ip(), stream.local_addr().ok()?.ip());
        let seat = self.seat(peer, local)?;
        // Answers are small, and somebody waits.
        drop(stream.set_nodelay(true));
        let unread_ms = u32::try_from(UNREAD_FOR.as_millis()).unwrap_or(u32::MAX);
        if let Err(error) = set_tcp_user_timeout(&stream, unread_ms) {
            tracing::debug!(%error, "a client that does not read may stay longer");
        }
        Some(Visitor { stream, seat })
    }

    pub(super) fn seat(&self, peer: IpAddr, local: IpAddr) -> Option<Seat> {
        if !self.lan.has(peer) || !self.lan.has(local) {
            return None;
        }
        let leaves = CancellationToken::new();
        let number = locked(&self.seats).take(peer, Instant::now(), leaves.clone())?;
        Some(Seat(Arc::new(Taken { seats: Arc::clone(&self.seats), number, leaves })))
    }
}

fn locked(seats: &Mutex<Seats>) -> MutexGuard<'_, Seats> {
    seats.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Seat {
    /// Somebody asks who is signed in.
    pub(super) fn is_known(&self) {
        self.seats().is_known(self.0.number);
    }

    /// A request begins.
    pub(super) fn asks(&self) -> Asking {
        self.seats().asks(self.0.number);
        Asking(self.clone())
    }

    /// Returns when the connection must end: somebody else needs the seat, or it has not finished a
    /// request for so long, nor is there one that is worked on.
    pub(super) async fn must_end(&self, idle_for: Duration) {
        self.0.leaves.run_until_cancelled(self.idles(idle_for)).await;
    }

    async fn idles(&self, idle_for: Duration) {
        loop {
            let since = self.seats().idle_since(self.0.number);
            let idle = since.map_or(Duration::ZERO, |since| since.elapsed());
            match idle_for.checked_sub(idle) {
                None | Some(Duration::ZERO) => return,
                Some(rest) => sleep(rest).await,
            }
        }
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        locked(&self.0.seats)
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.seats().is_answered(self.0.0.number, Instant::now());
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        locked(&self.seats).leave(self.number);
    }
}

impl Default for Admission {
    /// Lets in who is at home.
    fn default() -> Self {
        Self::new(Lan::default())
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

    pub(super) fn seat(&self) -> Seat {
        self.seat.clone()
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
    use rustix::net::sockopt::tcp_user_timeout;
    use tokio::net::TcpListener;

    use super::*;

    const HOME: &str = "192.168.1.2";

    fn admission(of_one: usize, in_all: usize) -> Admission {
        Admission::with(Lan::default(), Most { of_one, in_all, few: 1 })
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

    #[tokio::test]
    async fn the_kernel_ends_a_connection_whose_other_side_reads_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (phone, accepted) =
            tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());

        let visitor = Admission::default().admit(accepted.unwrap().0).unwrap();

        let unread_ms = tcp_user_timeout(&visitor.stream).unwrap();
        assert_eq!(unread_ms, u32::try_from(UNREAD_FOR.as_millis()).unwrap());
        drop(phone);
    }

    #[test]
    fn a_seat_is_given_back_with_the_last_that_holds_it() {
        let admission = admission(1, 9);
        let one = seat(&admission, "10.0.0.1").unwrap();
        let asking = one.asks();

        drop(one);
        assert!(seat(&admission, "10.0.0.1").is_none(), "its request is worked on");
        drop(asking);

        assert!(seat(&admission, "10.0.0.1").is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_gives_way_must_end_at_once() {
        let admission = admission(2, 2);
        let waits = seat(&admission, "10.0.0.1").unwrap();
        let works = seat(&admission, "10.0.0.2").unwrap();
        let _asking = works.asks();
        let started = Instant::now();

        let newcomer = seat(&admission, "10.0.0.3").unwrap();

        waits.must_end(Duration::from_secs(60)).await;
        assert_eq!(started.elapsed(), Duration::ZERO);
        drop((works, newcomer));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_asks_for_nothing_must_end_after_a_while() {
        let admission = admission(2, 2);
        let seat = seat(&admission, "10.0.0.1").unwrap();
        let (started, idle) = (Instant::now(), Duration::from_secs(60));
        let asking = seat.asks();
        let asks = async {
            sleep(Duration::from_secs(100)).await;
            drop(asking);
        };

        let ((), ()) = tokio::join!(asks, seat.must_end(idle));

        let took = started.elapsed();
        assert!(Duration::from_secs(160) <= took && took < Duration::from_secs(230), "{took:?}");
    }
}
