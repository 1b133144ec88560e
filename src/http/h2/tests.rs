use std::{cell::Cell, future::pending};

use actix_service::fn_service;
use actix_web::web::Buf as _;
use h2::client::{self, SendRequest};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex},
    task::{JoinHandle, LocalSet, spawn_local},
    time::Instant,
};

use super::{super::admit::Admission, *};
use crate::lan::Lan;

const GREETING: Duration = Duration::from_secs(5);
const KEEP_ALIVE: Duration = Duration::from_secs(60);
/// More than any of the limits.
const MUCH_BYTES: usize = 4 << 20;

/// One connection to a server that answers `/never`, `/much` and anything else.
struct House {
    /// Ends with the connection.
    server: JoinHandle<()>,
    stop: CancellationToken,
    n_at_work: Rc<Cell<usize>>,
    n_asked: Rc<Cell<usize>>,
}

/// Counts a request that is worked on.
struct AtWork(Rc<Cell<usize>>);

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl House {
    fn serve() -> (Self, DuplexStream) {
        let (theirs, ours) = duplex(1 << 20);
        let seat = Admission::new(Lan::default());
        let seat = seat.seat([127, 0, 0, 1].into(), [127, 0, 0, 1].into()).unwrap();
        let stop = CancellationToken::new();
        let terms = Terms {
            greeting: GREETING,
            keep_alive: KEEP_ALIVE,
            stop: stop.clone(),
            date: ServiceConfig::default(),
        };
        let (n_at_work, n_asked) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let (counts, asked) = (Rc::clone(&n_at_work), Rc::clone(&n_asked));
        let app = fn_service(move |mut request: Request| {
            counts.set(counts.get() + 1);
            asked.set(asked.get() + 1);
            let at_work = AtWork(Rc::clone(&counts));
            async move {
                let _at_work = at_work;
                let answer = match request.path() {
                    "/never" => pending().await,
                    "/much" => Response::ok().set_body(BoxBody::new(vec![b'x'; MUCH_BYTES])),
                    "/echo" => {
                        let body = actix_web::body::to_bytes(actix_web::body::BodyStream::new(
                            request.take_payload(),
                        ));
                        Response::ok().set_body(BoxBody::new(body.await.unwrap()))
                    }
                    _ => Response::ok().set_body(BoxBody::new("well")),
                };
                Ok::<_, Response<BoxBody>>(answer)
            }
        });
        let server = spawn_local(converse(ours, (seat, None), Rc::new(app), Rc::new(terms)));
        (Self { server, stop, n_at_work, n_asked }, theirs)
    }

    /// Connects as a browser does.
    async fn connect() -> (Self, SendRequest<Bytes>) {
        let (house, stream) = Self::serve();
        let (browser, connection) = client::handshake(stream).await.unwrap();
        spawn_local(async move { drop(connection.await) });
        (house, browser)
    }

    /// Returns how long it is until the server has closed the connection.
    async fn lasts(self) -> Duration {
        let started = Instant::now();
        self.server.await.unwrap();
        started.elapsed()
    }
}

fn get(path: &str) -> http::Request<()> {
    http::Request::get(format!("https://localhost{path}")).body(()).unwrap()
}

async fn ask(browser: &mut SendRequest<Bytes>, path: &str) -> (http::Response<()>, Vec<u8>) {
    let (answer, _) = browser.send_request(get(path), true).unwrap();
    read(answer.await.unwrap()).await
}

async fn read(answer: http::Response<RecvStream>) -> (http::Response<()>, Vec<u8>) {
    let (head, mut body) = answer.into_parts();
    let mut whole = Vec::new();
    while let Some(piece) = body.data().await {
        let piece = piece.unwrap();
        body.flow_control().release_capacity(piece.len()).unwrap();
        whole.extend_from_slice(&piece);
    }
    (http::Response::from_parts(head, ()), whole)
}

/// Runs a test; time passes as soon as everybody waits for it.
fn run(test: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().unwrap();
    LocalSet::new().block_on(&runtime, test);
}

/// A frame (RFC 9113, 4.1).
fn frame(kind: u8, flags: u8, stream: u32, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), content].concat()
}

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// `GET https://never/never`, in words of HPACK's own table (RFC 7541, appendix A).
const ASKS: &[u8] = b"\x82\x87\x41\x05never\x44\x06/never";

/// Greets and says nothing else.
async fn greet(stream: &mut DuplexStream) {
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
}

/// Reads frames until the server closes, and returns those of one kind.
async fn frames_of(kind: u8, stream: &mut DuplexStream) -> Vec<Vec<u8>> {
    let mut whole = Vec::new();
    drop(stream.read_to_end(&mut whole).await);
    let (mut rest, mut found) = (whole.as_slice(), Vec::new());
    while rest.len() >= 9 {
        let (mut head, after) = rest.split_at(9);
        let n_bytes = usize::try_from(head.get_uint(3)).unwrap();
        let content = after[..n_bytes.min(after.len())].to_vec();
        if head[0] == kind {
            found.push(content);
        }
        rest = &after[n_bytes.min(after.len())..];
    }
    found
}

#[test]
fn answers_whole() {
    run(async {
        let (house, mut browser) = House::connect().await;

        let (head, body) = ask(&mut browser, "/").await;
        assert_eq!((head.status().as_u16(), body.as_slice()), (200, &b"well"[..]));
        assert_eq!(head.headers()["content-length"], "4");
        assert!(head.headers()["date"].to_str().unwrap().ends_with(" GMT"));
        let (head, body) = ask(&mut browser, "/much").await;
        assert_eq!((head.status().as_u16(), body.len()), (200, MUCH_BYTES));

        let head = http::Request::head("https://localhost/much").body(()).unwrap();
        let (answer, _) = browser.send_request(head, true).unwrap();
        let (head, body) = read(answer.await.unwrap()).await;
        assert_eq!(head.headers()["content-length"], MUCH_BYTES.to_string());
        assert!(body.is_empty());
        assert_eq!(house.n_at_work.get(), 0);
    });
}

#[test]
fn takes_a_body_larger_than_what_may_be_sent_ahead() {
    run(async {
        let (_house, mut browser) = House::connect().await;
        let sent = vec![7; 1_000_000];
        let post = http::Request::post("https://localhost/echo").body(()).unwrap();
        let (answer, mut body) = browser.send_request(post, false).unwrap();
        let sends = async {
            let mut rest = Bytes::from(sent.clone());
            while !rest.is_empty() {
                body.reserve_capacity(rest.len());
                let room = poll_fn(|context| body.poll_capacity(context)).await.unwrap().unwrap();
                body.send_data(rest.split_to(room), rest.is_empty()).unwrap();
            }
        };

        let ((), answer) = tokio::join!(sends, async { read(answer.await.unwrap()).await });

        assert!(answer.1 == sent);
    });
}

#[test]
fn who_does_not_greet_is_closed() {
    run(async {
        let (house, mut stream) = House::serve();
        stream.write_all(b"PRI * HTTP/2.0\r\n").await.unwrap();

        assert_eq!(house.lasts().await, GREETING);
    });
}

#[test]
fn who_asks_for_nothing_is_sent_away() {
    run(async {
        let (house, mut browser) = House::connect().await;
        ask(&mut browser, "/").await;

        let lasted = house.lasts().await;

        assert!(KEEP_ALIVE <= lasted && lasted < KEEP_ALIVE + Duration::from_secs(1), "{lasted:?}");
        assert!(browser.ready().await.is_err());
    });
}

#[test]
fn the_end_waits_for_answers_and_takes_no_more_requests() {
    run(async {
        let (house, mut browser) = House::connect().await;
        let (answer, _) = browser.send_request(get("/much"), true).unwrap();
        let answer = answer.await.unwrap();
        house.stop.cancel();
        tokio::task::yield_now().await;

        let (_, body) = read(answer).await;

        assert_eq!(body.len(), MUCH_BYTES);
        assert_eq!(house.lasts().await, Duration::ZERO);
    });
}

#[test]
fn a_connection_that_ends_takes_its_requests_along() {
    run(async {
        let (house, mut browser) = House::connect().await;
        let (_answer, _) = browser.send_request(get("/never"), true).unwrap();
        sleep(Duration::from_millis(1)).await;
        assert_eq!(house.n_at_work.get(), 1);

        house.server.abort();
        sleep(Duration::from_millis(1)).await;

        assert_eq!(house.n_at_work.get(), 0);
    });
}

#[test]
fn who_takes_no_more_of_an_answer_does_not_get_the_rest() {
    run(async {
        let (house, mut browser) = House::connect().await;
        let (answer, _) = browser.send_request(get("/much"), true).unwrap();
        let mut body = answer.await.unwrap().into_body();

        // Nothing is released: the client's window stays full.
        let mut n_bytes = 0;
        let started = Instant::now();
        let broken = loop {
            match body.data().await.unwrap() {
                Ok(piece) => n_bytes += piece.len(),
                Err(error) => break error,
            }
        };

        assert!(0 < n_bytes && n_bytes < MUCH_BYTES, "{n_bytes}");
        assert_eq!(broken.reason(), Some(Reason::CANCEL));
        assert_eq!(started.elapsed(), TAKES_NOTHING_FOR);
        drop(house);
    });
}

#[test]
fn more_requests_than_are_allowed_at_once_are_refused() {
    run(async {
        let (house, mut stream) = House::serve();
        greet(&mut stream).await;
        for n in 0..100 {
            let asks = frame(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, ASKS);
            stream.write_all(&asks).await.unwrap();
        }
        sleep(Duration::from_secs(1)).await;

        assert_eq!(house.n_at_work.get(), usize::try_from(MAX_STREAMS).unwrap());

        stream.shutdown().await.unwrap();
        let refused = frames_of(RST_STREAM, &mut stream).await;
        assert_eq!(refused.len(), 100 - usize::try_from(MAX_STREAMS).unwrap());
        assert!(refused.iter().all(|reason| reason == &[0, 0, 0, 7]), "REFUSED_STREAM");
        drop(house);
    });
}

/// CVE-2023-44487: a request that is given up counts no more, and costs its work all the same.
#[test]
fn requests_that_are_given_up_at_once_do_not_pile_up() {
    run(async {
        let (house, mut stream) = House::serve();
        greet(&mut stream).await;
        let mut most = 0;
        for n in 0..10_000 {
            let mut both = frame(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, ASKS);
            both.extend(frame(RST_STREAM, 0, 2 * n + 1, &[0, 0, 0, 8]));
            if stream.write_all(&both).await.is_err() {
                break;
            }
            tokio::task::yield_now().await;
            most = most.max(house.n_at_work.get());
        }

        assert!(most <= MAX_ANSWERS, "{most} at once");
        assert!(house.n_asked.get() <= 10 * MAX_ANSWERS, "{} in all", house.n_asked.get());
        let told = frames_of(GOAWAY, &mut stream).await;
        // ENHANCE_YOUR_CALM.
        assert!(told.iter().any(|told| told[4..8] == [0, 0, 0, 11]), "{told:?}");
        assert_eq!(house.lasts().await, Duration::ZERO);
    });
}

#[test]
fn a_head_that_is_too_long_is_refused_and_costs_the_connection_nothing() {
    run(async {
        let (house, mut browser) = House::connect().await;
        let with = |n_bytes| {
            let long = "x".repeat(n_bytes);
            http::Request::get("https://localhost/").header("x-long", long).body(()).unwrap()
        };

        let (answer, _) = browser.send_request(with(30_000), true).unwrap();
        assert_eq!(answer.await.unwrap().status(), 200);
        let (answer, _) = browser.send_request(with(40_000), true).unwrap();
        assert_eq!(answer.await.unwrap().status(), 431);

        assert_eq!(house.n_asked.get(), 1);
        assert_eq!(ask(&mut browser, "/").await.1, b"well");
    });
}

/// Each header is another: a table of them must not grow until it breaks.
#[test]
fn a_head_of_countless_headers_is_refused() {
    run(async {
        let (house, mut stream) = House::serve();
        greet(&mut stream).await;
        stream.write_all(&frame(HEADERS, END_STREAM, 1, ASKS)).await.unwrap();
        let mut is_closed = false;
        for n in 0..2_000_u32 {
            let fields = (0..100).flat_map(|m| {
                let name = format!("x{:05}", n * 100 + m);
                [&[0_u8, 6][..], name.as_bytes(), &[0]].concat()
            });
            let more = frame(CONTINUATION, 0, 1, &fields.collect::<Vec<u8>>());
            is_closed |= stream.write_all(&more).await.is_err();
        }

        assert!(is_closed, "200,000 headers are read");
        assert_eq!(house.n_asked.get(), 0);
        assert_eq!(house.lasts().await, Duration::ZERO);
    });
}
