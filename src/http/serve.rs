//! The server: one worker, TLS.
//!
//! Put together by hand out of what actix's own is made of, which has no place for whoever decides
//! who may connect before TLS begins.

use std::{io, net::TcpListener, time::Duration};

use actix_http::{HttpService, Protocol};
use actix_rt::net::TcpStream;
use actix_server::Server;
use actix_service::{
    IntoServiceFactory as _, ServiceFactory, ServiceFactoryExt as _, fn_service, map_config,
};
use actix_tls::accept::rustls_0_23::{Acceptor, TlsStream};
use actix_web::{App, dev::AppConfig, web};
use rustls::ServerConfig;

use super::{Options, admit::Visitor, configure, plain};
use crate::hub::Hub;

/// One thread answers a household: handlers only wait, sound is worked on elsewhere. Each more
/// would cost memory for its own runtime and its own copy of every route.
const WORKERS: usize = 1;
/// Sound is worked on here, one message at a time, while a few others wait for the store.
const BLOCKING_THREADS: usize = 4;
/// How many connections the kernel keeps waiting.
const BACKLOG: u32 = 128;
/// How long a client may take over the TLS handshake, and over the head of its first request.
const GREETING_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection is kept that asks for nothing. Over HTTP/2 it is pinged this often, and
/// closed when no answer comes.
const KEEP_ALIVE: Duration = Duration::from_secs(60);
/// How long a client may take to say good-bye.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long requests may go on after the server was told to stop. An idle HTTP/2 connection of
/// an open page lasts this long too, so it is short.
const STOP_TIMEOUT_S: u64 = 2;
/// What a client may send ahead on one request and on one connection. At a home network's round
/// trip of a few milliseconds this is not the limit, and it is what a connection can cost.
const STREAM_WINDOW_BYTES: u32 = 256 << 10;
const CONNECTION_WINDOW_BYTES: u32 = 512 << 10;

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
    let mut server = Server::build()
        .workers(WORKERS)
        .worker_max_blocking_threads(BLOCKING_THREADS)
        .backlog(BACKLOG)
        .shutdown_timeout(STOP_TIMEOUT_S)
        .disable_signals();
    for listener in listeners {
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
    let (admission, stop) = (options.admission.clone(), options.stop.clone());
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
    let encrypted = acceptor.map_err(drop).map(|connection: TlsStream<Visitor>| {
        let (visitor, tls) = connection.get_ref();
        let protocol = match tls.alpn_protocol() {
            Some(b"h2") => Protocol::Http2,
            _ => Protocol::Http1,
        };
        let peer = visitor.peer();
        (connection, protocol, peer)
    });
    let app =
        App::new().configure(move |app: &mut web::ServiceConfig| configure(hub, options)(app));
    let app = app.into_factory().map_err(|error| error.error_response());
    let answered = HttpService::build()
        .graceful_shutdown_signal(move || {
            let stop = stop.clone();
            async move { stop.cancelled().await }
        })
        .client_request_timeout(GREETING_TIMEOUT)
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        // A client that closed its half has gone: an event stream must not outlive it.
        .h1_allow_half_closed(false)
        .h2_initial_window_size(STREAM_WINDOW_BYTES)
        .h2_initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .finish(map_config(app, |()| AppConfig::default()))
        .map_err(drop);
    admitted.and_then(redirected).and_then(encrypted).and_then(answered)
}
