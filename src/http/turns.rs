//! One request after the other over HTTP/1.
//!
//! Whoever sends many requests at once and reads no answer would have all of them kept in memory: the
//! library decodes whatever has come, and a request of 30 bytes takes a hundred times as much there. No
//! browser does that. So what comes over a connection is passed on up to the end of a head, then what the
//! request has of a body, and nothing more before it is answered.

use std::{
    cell::RefCell,
    io,
    mem::MaybeUninit,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How much of a body is taken at once: a record of TLS.
const PIECE_BYTES: usize = 16 << 10;
/// How much of what comes next is taken before it is its turn: without that it would not be seen that
/// the other side has closed the connection.
const AHEAD_BYTES: usize = 1 << 10;

/// A connection whose requests take turns.
#[derive(Debug)]
pub(super) struct InTurn<T> {
    connection: T,
    turns: Turns,
    /// What came and is not passed on yet.
    ahead: Vec<u8>,
}

/// Whose turn it is at a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns(Rc<RefCell<State>>);

#[derive(Debug, Default)]
struct State {
    line: Line,
    /// How much of a body is to be passed on.
    body_bytes: u64,
    /// Whether a whole head was passed on whose request is not answered yet.
    is_answering: bool,
    /// Who waits until it is.
    waits: Option<Waker>,
}

/// Where in a head it is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Line {
    /// Nothing of the head has come.
    #[default]
    Before,
    /// At the beginning of one of its lines.
    Empty,
    /// In one of its lines.
    Begun,
}

/// A request that is not answered yet; it is when this value goes.
#[derive(Debug)]
pub(super) struct Turn(Turns);

impl<T> InTurn<T> {
    pub(super) fn new(connection: T) -> Self {
        Self { connection, turns: Turns::default(), ahead: Vec::new() }
    }

    pub(super) fn turns(&self) -> Turns {
        self.turns.clone()
    }

    pub(super) fn connection(&self) -> &T {
        &self.connection
    }
}

impl Turns {
    /// A request was decoded that has a body of so many bytes.
    pub(super) fn begin(&self, body_bytes: u64) -> Turn {
        let mut state = self.0.borrow_mut();
        state.body_bytes = body_bytes;
        state.is_answering = true;
        // What is left of it may have come already.
        state.wake();
        drop(state);
        Turn(self.clone())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.0.0.borrow_mut();
        state.is_answering = false;
        state.wake();
    }
}

impl State {
    /// Returns how many of these bytes may be passed on now.
    fn pass(&mut self, bytes: &[u8]) -> usize {
        if 0 < self.body_bytes {
            let of_body = usize::try_from(self.body_bytes).unwrap_or(usize::MAX).min(bytes.len());
            self.body_bytes -= u64::try_from(of_body).unwrap_or(u64::MAX);
            return of_body;
        }
        if self.is_answering {
            return 0;
        }
        for (before, byte) in bytes.iter().enumerate() {
            // Lines end as the library has it: a return before is optional, and empty lines before a head
            // are none of it.
            self.line = match (byte, self.line) {
                (b'\n', Line::Empty) => {
                    (self.line, self.is_answering) = (Line::Before, true);
                    return before + 1;
                }
                (b'\n', Line::Begun) => Line::Empty,
                (b'\r' | b'\n', line) => line,
                _ => Line::Begun,
            };
        }
        bytes.len()
    }

    fn is_answering(&self) -> bool {
        self.is_answering && self.body_bytes == 0
    }

    fn wake(&mut self) {
        if let Some(waits) = self.waits.take() {
            waits.wake();
        }
    }
}

impl<T: AsyncRead + Unpin> InTurn<T> {
    /// Passes on what came before, as far as it may be and there is room.
    fn pass_on(&mut self, into: &mut ReadBuf<'_>) {
        let room = self.ahead.len().min(into.remaining());
        let n_passed = self.turns.0.borrow_mut().pass(self.ahead.get(..room).unwrap_or_default());
        into.put_slice(self.ahead.get(..n_passed).unwrap_or_default());
        self.ahead.drain(..n_passed);
    }

    /// Takes more, up to what is taken ahead; nothing once the other side has closed.
    fn take(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let of_body = usize::try_from(self.turns.0.borrow().body_bytes).unwrap_or(usize::MAX);
        let room = of_body.clamp(AHEAD_BYTES - self.ahead.len(), PIECE_BYTES);
        let mut piece = [const { MaybeUninit::uninit() }; PIECE_BYTES];
        let mut taken = ReadBuf::uninit(piece.get_mut(..room).unwrap_or_default());
        std::task::ready!(Pin::new(&mut self.connection).poll_read(context, &mut taken))?;
        self.ahead.extend_from_slice(taken.filled());
        Poll::Ready(Ok(taken.filled().len()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for InTurn<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            let filled = into.filled().len();
            this.pass_on(into);
            if filled < into.filled().len() || into.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            if AHEAD_BYTES <= this.ahead.len() {
                // It is not its turn, and who sends more has to wait.
                this.turns.0.borrow_mut().waits = Some(context.waker().clone());
                return Poll::Pending;
            }
            match this.take(context) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Ok(())),
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    if this.turns.0.borrow().is_answering() {
                        this.turns.0.borrow_mut().waits = Some(context.waker().clone());
                    }
                    return Poll::Pending;
                }
            }
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for InTurn<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().connection).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().connection).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex},
        time::timeout,
    };

    use super::*;

    const HEAD: &[u8] = b"GET / HTTP/1.1\r\nhost: hub\r\n\r\n";

    fn connection() -> (DuplexStream, InTurn<DuplexStream>) {
        let (phone, hub) = duplex(1 << 20);
        (phone, InTurn::new(hub))
    }

    /// What is passed on until nothing more is for now.
    async fn passed(connection: &mut InTurn<DuplexStream>) -> Vec<u8> {
        let mut whole = Vec::new();
        let mut piece = [0; 1 << 10];
        while let Ok(read) =
            timeout(std::time::Duration::from_secs(1), connection.read(&mut piece)).await
        {
            match read.unwrap() {
                0 => break,
                n_bytes => whole.extend_from_slice(&piece[..n_bytes]),
            }
        }
        whole
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_request_waits_until_this_one_is_answered() {
        let (mut phone, mut hub) = connection();
        let turns = hub.turns();
        phone.write_all(&HEAD.repeat(3_000)).await.unwrap();

        for _ in 0..3 {
            assert_eq!(passed(&mut hub).await, HEAD);
            let turn = turns.begin(0);
            assert!(passed(&mut hub).await.is_empty(), "it is not answered");
            assert!(hub.ahead.len() <= AHEAD_BYTES, "{}", hub.ahead.len());
            drop(turn);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_is_woken_by_the_answer() {
        let (mut phone, mut hub) = connection();
        let turns = hub.turns();
        phone.write_all(&HEAD.repeat(100)).await.unwrap();
        assert_eq!(passed(&mut hub).await, HEAD);
        let turn = turns.begin(0);
        let answers = async {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            drop(turn);
        };

        let mut piece = [0; 1 << 10];
        let (n_bytes, ()) = tokio::join!(hub.read(&mut piece), answers);

        assert_eq!(&piece[..n_bytes.unwrap()], HEAD);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_is_passed_on_whole_and_what_follows_is_not() {
        let (mut phone, mut hub) = connection();
        let turns = hub.turns();
        let body = vec![b'\n'; 100_000];
        phone.write_all(&[HEAD, &body, HEAD].concat()).await.unwrap();
        assert_eq!(passed(&mut hub).await, HEAD);

        let turn = turns.begin(body.len().try_into().unwrap());
        assert_eq!(passed(&mut hub).await, body);
        drop(turn);

        assert_eq!(passed(&mut hub).await, HEAD);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_left_of_a_body_that_nobody_wanted_is_no_request() {
        let (mut phone, mut hub) = connection();
        let turns = hub.turns();
        phone.write_all(&[HEAD, HEAD, HEAD].concat()).await.unwrap();
        assert_eq!(passed(&mut hub).await, HEAD);

        drop(turns.begin(HEAD.len().try_into().unwrap()));

        let mut rest = vec![0; 2 * HEAD.len()];
        hub.read_exact(&mut rest).await.unwrap();
        assert_eq!(rest, [HEAD, HEAD].concat());
        assert!(turns.0.borrow().is_answering(), "the second of them");
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_is_seen_while_an_answer_goes_on() {
        let (mut phone, mut hub) = connection();
        phone.write_all(HEAD).await.unwrap();
        assert_eq!(passed(&mut hub).await, HEAD);
        let _turn = hub.turns().begin(0);

        drop(phone);

        assert_eq!(hub.read(&mut [0; 8]).await.unwrap(), 0);
    }

    #[test]
    fn heads_end_as_the_library_has_it() {
        let ends = |bytes: &[u8]| {
            let mut state = State::default();
            let passed = state.pass(bytes);
            state.is_answering.then_some(passed)
        };

        assert_eq!(ends(b"GET / HTTP/1.1\r\n\r\nmore"), Some(18));
        assert_eq!(ends(b"GET / HTTP/1.1\n\nmore"), Some(16));
        assert_eq!(ends(b"\r\n\r\n\nGET / HTTP/1.1\r\na: b\r\n\r\n"), Some(29));
        assert_eq!(ends(b"\r\n\r\n\r\n"), None);
        assert_eq!(ends(b"GET / HTTP/1.1\r\na: b\r\n"), None);
    }

    proptest! {
        #[test]
        fn in_whatever_pieces_it_comes_all_is_passed_on_in_its_turn(
            pieces in prop::collection::vec(1_usize..40, 1..30),
            bodies in prop::collection::vec(0_usize..3_000, 1..6),
        ) {
            let sent: Vec<u8> = bodies
                .iter()
                .flat_map(|n_bytes| [HEAD.to_vec(), vec![b'x'; *n_bytes]].concat())
                .collect();
            let mut state = State::default();
            let (mut at, mut heads) = (0, 0);
            for n_bytes in pieces.iter().cycle().take(20_000) {
                let end = (at + n_bytes).min(sent.len());
                at += state.pass(&sent[at..end]);
                if state.is_answering && state.body_bytes == 0 {
                    if heads < bodies.len() {
                        state.body_bytes = bodies[heads].try_into().unwrap();
                        heads += 1;
                    }
                    state.is_answering = false;
                }
                if at == sent.len() {
                    break;
                }
            }
            prop_assert_eq!(at, sent.len());
            prop_assert_eq!(heads, bodies.len());
        }
    }
}
