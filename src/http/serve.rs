//! The server: one worker, TLS.
//!
//! Put together by hand out of what actix's own is made of, which has no place for whoever decides
//! who may connect before TLS begins.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use actix_http::{
    Extensions, HttpMessage as _, HttpService, Request, Response, ServiceConfig,
    body::{BodySize, BoxBody, MessageBody},
    error::DispatchError,
};
use actix_rt::net::TcpStream;
use actix_server::Server;
use actix_service::{
    Service, ServiceFactory, ServiceFactoryExt as _, apply_fn, apply_fn_factory, fn_factory,
    fn_service, map_config,
};
use actix_tls::accept::{
    max_concurrent_tls_connect,
    rustls_0_23::{Acceptor, TlsStream},
};
use actix_web::{
    App, ResponseError as _,
    dev::AppConfig,
    http::header,
    web::{self, Bytes},
};
use futures_util::future::ready;
use rustls::ServerConfig;
use tokio_util::sync::CancellationToken;

use super::{
    ApiError, Options,
    admit::{Asking, MAX_IN_ALL, Seat, Visitor},
    configure,
    h2::{self, Terms},
    plain,
    turns::{InTurn, Turn, Turns},
};
use crate::hub::Hub;

type Encrypted = TlsStream<Visitor>;

/// One thread answers a household: handlers only wait, sound is worked on elsewhere. Each more
/// would cost memory for its own runtime and its own copy of every route.
const WORKERS: usize = 1;
/// Sound is worked on here, one message at a time, while a few others wait for the store.
const BLOCKING_THREADS: usize = 4;
/// How many connections the kernel keeps waiting. Where there are too many it drops the first packet
/// of the next, which its client sends again after a second: too late for somebody who looks at a page.
const BACKLOG: i32 = 4_096;
/// How long a client may take over the TLS handshake, and over the head of its first request.
const GREETING_TIMEOUT: Duration = Duration::from_secs(5);
/// How much longer than is agreed a connection may ask for nothing. Then it is closed whatever it does
/// meanwhile: one that begins a request and never comes to its end is not asked to say good-bye.
const IDLE_GRACE: Duration = Duration::from_secs(5);
/// How long a client may take to say good-bye.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long requests may go on after the server was told to stop.
const STOP_TIMEOUT_S: u64 = 2;
/// How many connections may be on their way in or out. Those with a seat are fewer; beyond so many
/// the kernel lets newcomers wait, so that files are left for everything else.
const MAX_OPEN: usize = 2 * MAX_IN_ALL;

/// Serves the hub on these listeners until `options.stop` is cancelled, then lets requests finish.
///
/// The hub itself goes on: stop it afterwards. Dropping the future closes everything at once.
pub async fn serve(
    listeners: impl IntoIterator<Item = TcpListener>,
    tls: ServerConfig,
    hub: Hub,
    options: Options,
) -> io::Result<()> {
    let stop = options.stop.clone();
    // It would not even look at whom else to let in. Seats are what is counted.
    max_concurrent_tls_connect(MAX_OPEN);
    let mut server = Server::build()
        .workers(WORKERS)
        .worker_max_blocking_threads(BLOCKING_THREADS)
        .max_concurrent_connections(MAX_OPEN)
        .shutdown_timeout(STOP_TIMEOUT_S)
        .disable_signals();
    for listener in listeners {
        // The server's own setting is for sockets that it makes itself.
        rustix::net::listen(&listener, BACKLOG)?;
        let (tls, hub, options) = (tls.clone(), hub.clone(), options.clone());
        server = server.listen("page", listener, move || {
            connections(tls.clone(), hub.clone(), options.clone())
        })?;
    }
    let server = server.run();
    let handle = server.handle();
    let mut server = std::pin::pin!(server);
    tokio::select! {
        ended = &mut server => return ended,
        () = stop.cancelled() => {}
    }
    // Not actix's own shutdown signal: that also stops its runtime, and waits for it.
    let (ended, ()) = tokio::join!(server, handle.stop(true));
    ended
}

/// Returns what makes of each connection what it is: let in, encrypted (or sent to where it will be),
/// and answered.
fn connections(
    tls: ServerConfig,
    hub: Hub,
    options: Options,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = (), InitError = ()> {
    let admission = options.admission.clone();
    let idle_for = options.limits.keep_alive + IDLE_GRACE;
    let admitted = fn_service(move |stream: TcpStream| {
        let admitted = admission.admit(stream);
        async move { admitted.ok_or(()) }
    });
    let hosts = options.hosts.clone();
    let redirected = fn_service(move |visitor: Visitor| {
        let hosts = hosts.clone();
        async move { plain::encrypted(visitor, &hosts, GREETING_TIMEOUT).await.ok_or(()) }
    });
    let mut acceptor = Acceptor::new(tls);
    acceptor.set_handshake_timeout(GREETING_TIMEOUT);
    let encrypted = acceptor.map_err(drop);
    let seated = apply_fn_factory(
        redirected.and_then(encrypted).and_then(answered(hub, options)),
        move |visitor: Visitor, talk: &_| {
            let (seat, talk) = (visitor.seat(), Service::call(talk, visitor));
            async move {
                tokio::select! {
                    biased;
                    () = seat.must_end(idle_for) => Err(()),
                    done = talk => done,
                }
            }
        },
    );
    admitted.and_then(seated)
}

/// Returns what answers everything that comes over an encrypted connection.
fn answered(
    hub: Hub,
    options: Options,
) -> impl ServiceFactory<Encrypted, Config = (), Response = (), Error = (), InitError = ()> {
    let (stop, keep_alive) = (options.stop.clone(), options.limits.keep_alive);
    let app =
        App::new().configure(move |app: &mut web::ServiceConfig| configure(hub, options)(app));
    let app = map_config(app, |()| AppConfig::default());
    let app = Rc::new(app.map_err(|error| Response::from(error.error_response())));
    fn_factory(move || {
        let (app, stop) = (Rc::clone(&app), stop.clone());
        async move {
            // One for both protocols: it has every route.
            let app = Rc::new(app.new_service(()).await?);
            let http_1 = http_1(Rc::clone(&app), stop.clone(), keep_alive);
            let http_1 = Rc::new(http_1.new_service(()).await?);
            let terms = Rc::new(Terms {
                greeting: GREETING_TIMEOUT,
                keep_alive,
                stop,
                date: ServiceConfig::default(),
            });
            Ok(fn_service(move |connection: Encrypted| {
                let (visitor, tls) = connection.get_ref();
                let is_http_2 = tls.alpn_protocol() == Some(b"h2");
                let (seat, peer) = (visitor.seat(), visitor.peer());
                let (app, http_1, terms) = (Rc::clone(&app), Rc::clone(&http_1), Rc::clone(&terms));
                async move {
                    if is_http_2 {
                        h2::converse(connection, (seat, peer), app, terms).await;
                        return Ok(());
                    }
                    http_1.call((InTurn::new(connection), peer)).await.map_err(drop)
                }
            }))
        }
    })
}

/// Returns what answers over HTTP/1.
fn http_1<S>(
    app: Rc<S>,
    stop: CancellationToken,
    keep_alive: Duration,
) -> impl ServiceFactory<
    (InTurn<Encrypted>, Option<SocketAddr>),
    Config = (),
    Response = (),
    Error = DispatchError,
    InitError = (),
>
where
    S: Service<Request, Error = Response<BoxBody>> + 'static,
    S::Response: Into<Response<BoxBody>>,
{
    let counted = fn_factory(move || {
        let app = Rc::clone(&app);
        ready(Ok::<_, ()>(apply_fn(app, |request: Request, app: &Rc<S>| {
            let seat = request.conn_data::<Seat>().cloned();
            let asking = seat.as_ref().map(Seat::asks);
            let body_bytes = body_bytes(&request);
            let turn =
                request.conn_data::<Turns>().map(|turns| turns.begin(body_bytes.unwrap_or(0)));
            if let Some(seat) = seat {
                request.extensions_mut().insert(seat);
            }
            let answer = body_bytes.map(|_taken| app.call(request));
            async move {
                let answer = match answer {
                    Some(answer) => answer.await?.into(),
                    None => ApiError::NoLength.error_response().into(),
                };
                Ok(answer.map_body(|_, body| Counted { body, _asking: asking, _turn: turn }))
            }
        })))
    });
    HttpService::build()
        .on_connect_ext(|connection: &InTurn<Encrypted>, data: &mut Extensions| {
            data.insert(connection.connection().get_ref().0.seat());
            data.insert(connection.turns());
        })
        .graceful_shutdown_signal(move || {
            let stop = stop.clone();
            async move { stop.cancelled().await }
        })
        .client_request_timeout(GREETING_TIMEOUT)
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        .keep_alive(keep_alive)
        // A client that closed its half has gone: an event stream must not outlive it.
        .h1_allow_half_closed(false)
        .h1(counted)
}

/// Returns how long the body of a request is; nothing if that is not said before. Requests could not take
/// turns then, and no browser sends one.
fn body_bytes(request: &Request) -> Option<u64> {
    if request.chunked().unwrap_or(true) {
        return None;
    }
    let length = request.headers().get(header::CONTENT_LENGTH);
    length.map_or(Some(0), |length| length.to_str().ok()?.parse().ok())
}

/// What is left of an answer over HTTP/1, whose request lasts as long.
struct Counted {
    body: BoxBody,
    _asking: Option<Asking>,
    _turn: Option<Turn>,
}

impl MessageBody for Counted {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
