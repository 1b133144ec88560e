//! Who a request comes from, as arguments of handlers.
//!
//! The hub's functions ask for a [`Guardian`], and only these extractors make one: a handler
//! that forgets to ask who is there cannot reach anything private.

use std::future::{Ready, ready};

use actix_web::{Error, FromRequest, HttpRequest, dev::Payload, web::ThinData};

use super::error::ApiError;
use crate::{
    demo::Playroom,
    hub::{Guardian, Hub},
};

/// The cookie's name. The prefix makes browsers insist that it was set by this very host, over
/// HTTPS, for all paths.
pub(super) const COOKIE: &str = "__Host-hutch";

impl FromRequest for Guardian {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        ready(guardian(request).map_err(Error::from))
    }
}

/// A guardian in a demo, where simulated toys can be played with. Elsewhere there is nothing.
pub(super) struct DemoGuardian(Hub);

impl DemoGuardian {
    /// Returns the simulated toys.
    pub(super) fn playroom(&self) -> Result<&Playroom, ApiError> {
        self.0.playroom().ok_or(ApiError::NotFound)
    }
}

impl FromRequest for DemoGuardian {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        ready(demo_guardian(request))
    }
}

fn guardian(request: &HttpRequest) -> Result<Guardian, ApiError> {
    let cookie = request.cookie(COOKIE).ok_or(ApiError::NotSignedIn)?;
    hub(request)?.guardian(cookie.value()).ok_or(ApiError::NotSignedIn)
}

fn demo_guardian(request: &HttpRequest) -> Result<DemoGuardian, ApiError> {
    guardian(request)?;
    let demo = DemoGuardian(hub(request)?.clone());
    demo.playroom()?;
    Ok(demo)
}

fn hub(request: &HttpRequest) -> Result<&Hub, ApiError> {
    let ThinData(hub) = request.app_data::<ThinData<Hub>>().ok_or(ApiError::NotSignedIn)?;
    Ok(hub)
}
