//! The server: one worker, TLS.

use std::{io, net::TcpListener, time::Duration};

use actix_web::{App, HttpServer, web};
use rustls::ServerConfig;

use super::{Options, configure};
use crate::hub::Hub;

/// One thread answers a household: handlers only wait, sound is worked on elsewhere. Each more
/// would cost memory for its own runtime and its own copy of every route.
const WORKERS: usize = 1;
/// Sound is worked on here, one message at a time, while a few others wait for the store.
const BLOCKING_THREADS: usize = 4;
/// A browser holds one connection over HTTP/2 and six without; a family has a dozen devices.
const MAX_CONNECTIONS: usize = 256;
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
    let mut server = HttpServer::new(move || {
        let (hub, options) = (hub.clone(), options.clone());
        App::new().configure(move |app: &mut web::ServiceConfig| configure(hub, options)(app))
    })
    .workers(WORKERS)
    .worker_max_blocking_threads(BLOCKING_THREADS)
    .max_connections(MAX_CONNECTIONS)
    .backlog(BACKLOG)
    .tls_handshake_timeout(GREETING_TIMEOUT)
    .client_request_timeout(GREETING_TIMEOUT)
    .client_disconnect_timeout(DISCONNECT_TIMEOUT)
    .keep_alive(KEEP_ALIVE)
    // A client that closed its half has gone: an event stream must not outlive it.
    .h1_allow_half_closed(false)
    .h2_initial_window_size(STREAM_WINDOW_BYTES)
    .h2_initial_connection_window_size(CONNECTION_WINDOW_BYTES)
    .tcp_nodelay(true)
    .shutdown_timeout(STOP_TIMEOUT_S)
    .disable_signals();
    for listener in listeners {
        server = server.listen_rustls_0_23(listener, tls.clone())?;
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
