//! HTTP/2 over a connection that was let in.
//!
//! Written out here because actix's own has no bound on how many streams a client opens, nor on how
//! long the head of a request is, and it waits for ever for a client that takes no more of an answer.

use std::{future::poll_fn, net::SocketAddr, pin::pin, rc::Rc, task::Poll, time::Duration};

use actix_http::{
    BoxedPayloadStream, HttpMessage as _, Payload, Request, Response, ResponseHead, ServiceConfig,
    StatusCode,
    body::{BodySize, BoxBody, MessageBody as _},
    error::PayloadError,
    header::{self, HeaderName, HeaderValue},
};
use actix_service::Service;
use actix_web::web::{Bytes, BytesMut};
use futures_util::stream;
use h2::{
    Reason, RecvStream,
    server::{Builder, Connection, SendResponse},
};
use http::Version;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::admit::Seat;

#[cfg(test)]
mod tests;

/// How many requests may be open at once over one connection. A page asks for fewer files, and other
/// requests of a browser wait.
const MAX_STREAMS: u32 = 64;
/// How many answers are worked on at once for one connection. A stream that its client gave up counts
/// no more among those that are open, while its answer may still be worked on.
const MAX_ANSWERS: usize = 64;
/// How long the head of a request may be. A browser's has less than 1 KiB.
const MAX_HEAD_BYTES: u32 = 32 << 10;
/// What a client may send ahead on one request and on one connection. At a home network's round
/// trip of a few milliseconds this is not the limit, and it is what a connection can cost.
const STREAM_WINDOW_BYTES: u32 = 256 << 10;
const CONNECTION_WINDOW_BYTES: u32 = 512 << 10;
/// What waits to be sent on one request.
const SEND_BUFFER_BYTES: usize = 64 << 10;
/// What is sent of an answer at once.
const PIECE_BYTES: usize = 16 << 10;
/// How long a client may take no more of an answer.
const TAKES_NOTHING_FOR: Duration = Duration::from_secs(60);

/// Headers about an HTTP/1 connection, which HTTP/2 does not have (RFC 9113, 8.2.2).
const OF_HTTP_1: [HeaderName; 5] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// What is the same for every connection.
pub(super) struct Terms {
    /// How long a client may take until it has greeted.
    pub(super) greeting: Duration,
    /// How long a connection is kept on which nothing is asked for.
    pub(super) keep_alive: Duration,
    /// Ends every connection as soon as it has its answers.
    pub(super) stop: CancellationToken,
    /// Tells what day it is.
    pub(super) date: ServiceConfig,
}

/// Answers everything that comes over a connection, until either side has enough.
pub(super) async fn converse<T, S>(
    connection: T,
    caller: (Seat, Option<SocketAddr>),
    app: Rc<S>,
    terms: Rc<Terms>,
) where
    T: AsyncRead + AsyncWrite + Unpin,
    S: Service<Request> + 'static,
    S::Response: Into<Response<BoxBody>>,
    S::Error: Into<Response<BoxBody>>,
{
    let mut settings = Builder::new();
    settings
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEAD_BYTES)
        .initial_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_send_buffer_size(SEND_BUFFER_BYTES);
    let greeted = timeout(terms.greeting, settings.handshake::<_, Bytes>(connection)).await;
    let Ok(Ok(mut connection)) = greeted else { return };
    // They end with the connection.
    let mut answers = JoinSet::new();
    let mut is_leaving = false;
    loop {
        tokio::select! {
            next = next(&mut connection, answers.len() < MAX_ANSWERS) => {
                let Some((request, to)) = next else { return };
                let (seat, peer) = &caller;
                let asking = seat.asks();
                let is_head = request.method() == http::Method::HEAD;
                let request = request_of(request, seat.clone(), *peer);
                let (app, terms) = (Rc::clone(&app), Rc::clone(&terms));
                answers.spawn_local(async move {
                    let answer = match app.call(request).await {
                        Ok(answer) => answer.into(),
                        Err(answer) => answer.into(),
                    };
                    send(answer, to, is_head, &terms.date).await;
                    drop(asking);
                });
            }
            Some(_) = answers.join_next() => {}
            () = terms.stop.cancelled(), if !is_leaving => {
                is_leaving = true;
                connection.graceful_shutdown();
            }
            () = sleep(terms.keep_alive), if answers.is_empty() && !is_leaving => {
                is_leaving = true;
                connection.graceful_shutdown();
            }
        }
    }
}

/// Returns the next request, or none when the connection is over. Without `may_accept` it only
/// reads and writes what concerns those that there are.
async fn next<T: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection<T, Bytes>,
    may_accept: bool,
) -> Option<(http::Request<RecvStream>, SendResponse<Bytes>)> {
    poll_fn(|context| {
        if may_accept {
            connection.poll_accept(context).map(|next| next?.ok())
        } else {
            connection.poll_closed(context).map(|_over| None)
        }
    })
    .await
}

/// Returns a request as the application takes it.
fn request_of(request: http::Request<RecvStream>, seat: Seat, peer: Option<SocketAddr>) -> Request {
    let (parts, body) = request.into_parts();
    let pieces = stream::unfold(body, |mut body| async move {
        let piece = match body.data().await? {
            Ok(piece) => body.flow_control().release_capacity(piece.len()).map(|()| piece),
            Err(error) => Err(error),
        };
        Some((piece.map_err(PayloadError::Http2Payload), body))
    });
    let pieces: BoxedPayloadStream = Box::pin(pieces);
    let payload = Payload::Stream { payload: pieces };
    let mut request = Request::with_payload(payload);
    let head = request.head_mut();
    head.method = parts.method;
    head.uri = parts.uri;
    head.version = parts.version;
    head.headers = parts.headers.into();
    head.peer_addr = peer;
    request.extensions_mut().insert(seat);
    request
}

/// Sends an answer, or as much of it as the client takes.
async fn send(
    answer: Response<BoxBody>,
    mut to: SendResponse<Bytes>,
    is_head: bool,
    date: &ServiceConfig,
) {
    let (answer, body) = answer.into_parts();
    let size = body.size();
    let is_whole = is_head || size.is_eof();
    let Ok(mut to) = to.send_response(head_of(answer.head(), size, date), is_whole) else { return };
    if is_whole {
        return;
    }
    let mut body = pin!(body);
    loop {
        let piece = poll_fn(|context| match to.poll_reset(context) {
            // Whoever closed the page wants no more events.
            Poll::Ready(_) => Poll::Ready(None),
            Poll::Pending => body.as_mut().poll_next(context),
        });
        let Some(piece) = piece.await else { break };
        let Ok(mut piece) = piece else {
            to.send_reset(Reason::INTERNAL_ERROR);
            return;
        };
        while !piece.is_empty() {
            to.reserve_capacity(piece.len().min(PIECE_BYTES));
            let room = timeout(TAKES_NOTHING_FOR, poll_fn(|context| to.poll_capacity(context)));
            let Ok(Some(Ok(n_bytes))) = room.await else {
                to.send_reset(Reason::CANCEL);
                return;
            };
            let part = piece.split_to(n_bytes.min(piece.len()));
            if to.send_data(part, false).is_err() {
                return;
            }
        }
    }
    // If it fails, the client has gone.
    drop(to.send_data(Bytes::new(), true));
}

/// Returns the head of an answer as HTTP/2 has it.
fn head_of(head: &ResponseHead, size: BodySize, date: &ServiceConfig) -> http::Response<()> {
    let mut answer = http::Response::new(());
    *answer.status_mut() = head.status;
    *answer.version_mut() = Version::HTTP_2;
    let headers = answer.headers_mut();
    for (name, value) in &head.headers {
        if !OF_HTTP_1.contains(name) {
            headers.append(name.clone(), value.clone());
        }
    }
    if let (BodySize::Sized(n_bytes), false) = (size, head.status == StatusCode::NO_CONTENT) {
        headers.insert(header::CONTENT_LENGTH, n_bytes.into());
    }
    if !headers.contains_key(header::DATE) {
        let mut line = BytesMut::new();
        date.write_date_header(&mut line, false);
        let value = line.strip_prefix(b"date: ").map(<[u8]>::trim_ascii_end);
        if let Some(Ok(value)) = value.map(HeaderValue::from_bytes) {
            headers.insert(header::DATE, value);
        }
    }
    answer
}
