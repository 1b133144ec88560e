//! Reading what is sent to us: with a limit, a deadline and a minimum rate, into memory.

use std::time::Duration;

use actix_web::{
    HttpMessage as _, HttpRequest,
    http::header,
    web::{Buf as _, Bytes, Payload},
};
use futures_util::StreamExt as _;
use tokio::time::{Instant, timeout_at};

use super::error::ApiError;

/// The most that a body may have: three minutes of 44.1 kHz stereo 16-bit WAV (31.8 MB) fit, and
/// a message from the page (40 s, 16 kHz mono: 1.28 MB) many times over.
///
/// It is held in memory, because a child's voice never reaches a temporary file. What is decoded of
/// it comes to 40 MB at most, ten minutes of one channel at the toys' rate, and half as much again
/// once it is made ready. One is worked on at a time, so the smallest computer that Hutch runs on
/// (512 MB) can still give that.
pub const MAX_UPLOAD_BYTES: usize = 32 << 20;

/// The most that a picture may have. The page sends a hundredth of it; a camera's own file fits.
pub(super) const MAX_PICTURE_BYTES: usize = 5 << 20;

/// Only tests send JSON, and little of it.
const MAX_JSON_BYTES: usize = 16 << 10;

/// How much of a file is taken at once that goes to the disk.
const PIECE_BYTES: usize = 1 << 20;

/// Reserved before anything has arrived; more than this only grows with what does arrive.
const RESERVED_BYTES: usize = 2 << 20;

/// What browsers and recorders call a WAV file.
const WAV_TYPES: [&str; 4] = ["audio/wav", "audio/x-wav", "audio/vnd.wave", "audio/wave"];

/// What else a sound file may be called, besides all kinds of sound and video: a browser that does
/// not know a file's name calls it just bytes.
const FILE_TYPES: [&str; 2] = ["application/ogg", "application/octet-stream"];

/// What a client may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most bytes of a sound.
    pub max_bytes: usize,
    /// How long a whole body may take.
    pub deadline: Duration,
    /// How long a sender may lag behind the minimum rate, and how long it may say nothing.
    pub grace: Duration,
    /// The minimum rate. The default is half of what a message plays at: whoever is slower
    /// would wait longer than the message takes to say, twice over.
    pub min_bytes_per_second: u32,
    /// How long a connection is kept that asks for nothing.
    pub keep_alive: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: MAX_UPLOAD_BYTES,
            deadline: Duration::from_secs(300),
            grace: Duration::from_secs(10),
            min_bytes_per_second: 16_000,
            keep_alive: Duration::from_secs(60),
        }
    }
}

/// Reads a sound file of any kind: what it is, its bytes tell.
pub(super) async fn sound_file(
    request: &HttpRequest,
    body: Payload,
    limits: Limits,
) -> Result<Vec<u8>, ApiError> {
    let kind = request.content_type().to_ascii_lowercase();
    let is_file = ["audio/", "video/"].iter().any(|start| kind.starts_with(start))
        || FILE_TYPES.contains(&kind.as_str());
    if !is_file || request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(ApiError::WrongType { expected: "a sound file (audio/*)" });
    }
    read(request, body, limits).await
}

/// Reads a picture of any kind: what it is, its bytes tell.
pub(super) async fn picture(
    request: &HttpRequest,
    body: Payload,
    limits: Limits,
) -> Result<Vec<u8>, ApiError> {
    let kind = request.content_type().to_ascii_lowercase();
    let is_file = kind.starts_with("image/") || kind == "application/octet-stream";
    if !is_file || request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(ApiError::WrongType { expected: "a picture (image/*)" });
    }
    let limits = Limits { max_bytes: MAX_PICTURE_BYTES.min(limits.max_bytes), ..limits };
    read(request, body, limits).await.map_err(|error| match error {
        ApiError::TooLarge { max_bytes } => ApiError::PictureTooHeavy { max_bytes },
        error => error,
    })
}

/// Reads a sound, which must be WAV.
pub(super) async fn wav(
    request: &HttpRequest,
    body: Payload,
    limits: Limits,
) -> Result<Vec<u8>, ApiError> {
    let is_wav = WAV_TYPES.contains(&request.content_type().to_ascii_lowercase().as_str());
    if !is_wav || request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(ApiError::WrongType { expected: "a WAV sound (audio/wav)" });
    }
    read(request, body, limits).await
}

/// Reads a sound if there is a body at all.
pub(super) async fn optional_wav(
    request: &HttpRequest,
    body: Payload,
    limits: Limits,
) -> Result<Option<Vec<u8>>, ApiError> {
    if !request.headers().contains_key(header::CONTENT_TYPE) {
        // Without a type there may be no body either.
        let limits = Limits { max_bytes: 0, ..limits };
        return match read(request, body, limits).await {
            Ok(_empty) => Ok(None),
            Err(ApiError::TooLarge { .. }) => {
                Err(ApiError::WrongType { expected: "a WAV sound (audio/wav) or nothing" })
            }
            Err(error) => Err(error),
        };
    }
    let sound = wav(request, body, limits).await?;
    Ok(Some(sound).filter(|sound| !sound.is_empty()))
}

/// Reads a small JSON body.
pub(super) async fn json<T: serde::de::DeserializeOwned>(
    request: &HttpRequest,
    body: Payload,
    limits: Limits,
) -> Result<T, ApiError> {
    if !request.content_type().eq_ignore_ascii_case("application/json") {
        return Err(ApiError::WrongType { expected: "JSON (application/json)" });
    }
    let limits = Limits { max_bytes: MAX_JSON_BYTES, ..limits };
    // It may hold a password.
    let text = zeroize::Zeroizing::new(read(request, body, limits).await?);
    serde_json::from_slice(&text).map_err(|_not_that_json| ApiError::BadJson)
}

async fn read(
    request: &HttpRequest,
    mut body: Payload,
    limits: Limits,
) -> Result<Vec<u8>, ApiError> {
    let Limits { max_bytes, .. } = limits;
    let claimed = request.headers().get(header::CONTENT_LENGTH);
    let claimed = claimed.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if claimed.is_some_and(|claimed| max_bytes < claimed) {
        return Err(ApiError::TooLarge { max_bytes });
    }
    let started = Instant::now();
    let mut whole = Vec::with_capacity(claimed.unwrap_or(0).min(RESERVED_BYTES));
    loop {
        let due = limits.due(whole.len());
        let next = timeout_at(started + due, body.next()).await;
        let Some(chunk) = next.map_err(|_elapsed| ApiError::TooSlow)? else { break };
        let chunk: Bytes = chunk.map_err(|_broken| ApiError::BrokenOff)?;
        if max_bytes - whole.len() < chunk.remaining() {
            return Err(ApiError::TooLarge { max_bytes });
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole)
}

/// A file that is taken piece by piece: one of them is in memory.
pub(super) struct Pieces {
    body: Payload,
    limits: Limits,
    n_bytes: u64,
    n_read: u64,
    started: Instant,
    is_over: bool,
}

impl Pieces {
    /// Begins to read a body that claims to have so many bytes. However long that takes, it comes at the
    /// minimum rate.
    pub(super) fn new(body: Payload, limits: Limits, n_bytes: u64) -> Self {
        let limits = Limits { deadline: Duration::MAX, ..limits };
        Self { body, limits, n_bytes, n_read: 0, started: Instant::now(), is_over: false }
    }

    /// Returns the next piece; nothing at its end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, ApiError> {
        let mut piece = Vec::new();
        while !self.is_over && piece.len() < PIECE_BYTES {
            let due = self.limits.due(usize::try_from(self.n_read).unwrap_or(usize::MAX));
            let next = timeout_at(self.started + due, self.body.next()).await;
            let Some(chunk) = next.map_err(|_elapsed| ApiError::TooSlow)? else {
                self.is_over = true;
                break;
            };
            let chunk: Bytes = chunk.map_err(|_broken| ApiError::BrokenOff)?;
            self.n_read += u64::try_from(chunk.remaining()).unwrap_or(u64::MAX);
            if self.n_bytes < self.n_read {
                return Err(ApiError::BrokenOff);
            }
            piece.extend_from_slice(&chunk);
        }
        if self.is_over && self.n_read < self.n_bytes {
            return Err(ApiError::BrokenOff);
        }
        Ok(Some(piece).filter(|piece| !piece.is_empty()))
    }
}

impl Limits {
    /// Returns when, after the start, more than `n_bytes` must have arrived.
    fn due(&self, n_bytes: usize) -> Duration {
        let millis = u64::try_from(n_bytes).unwrap_or(u64::MAX).saturating_mul(1_000)
            / u64::from(self.min_bytes_per_second.max(1));
        self.grace.saturating_add(Duration::from_millis(millis)).min(self.deadline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_due_at_its_rate_and_never_after_the_deadline() {
        let limits = Limits::default();

        assert_eq!(limits.due(0), Duration::from_secs(10));
        assert_eq!(limits.due(1_600_000), Duration::from_secs(110));
        assert_eq!(limits.due(MAX_UPLOAD_BYTES), Duration::from_secs(300));
        assert_eq!(limits.due(usize::MAX), Duration::from_secs(300));
    }
}
