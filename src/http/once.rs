//! The key of a request that may be made again.

use actix_web::http::header::HeaderMap;

use super::error::ApiError;
use crate::hub::{HubError, RequestKey};

/// The header that it stands in.
pub(super) const HEADER: &str = "Idempotency-Key";

/// Reads the key of a request, if it has one.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<RequestKey>, ApiError> {
    let mut given = headers.get_all(HEADER);
    let Some(key) = given.next() else { return Ok(None) };
    let (Ok(key), None) = (key.to_str(), given.next()) else {
        return Err(HubError::BadRequestKey.into());
    };
    Ok(Some(RequestKey::parse(key)?))
}
