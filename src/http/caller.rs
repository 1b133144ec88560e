//! Who a request comes from, as arguments of handlers.
//!
//! The hub's functions ask for a [`Guardian`], and only these extractors make one: a handler
//! that forgets to ask who is there cannot reach anything private.

use std::{
    future::{Ready, ready},
    pin::Pin,
};

use actix_web::{
    Error, FromRequest, HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
    http::header,
    web::ThinData,
};

use super::{device, error::ApiError};
use crate::{
    demo::Playroom,
    hub::{Browser, Guardian, Hub, SignedIn, Token},
};

/// The session's cookie. The prefix makes browsers insist that it was set by this very host, over
/// HTTPS, for all paths.
pub(super) const COOKIE: &str = "__Host-hutch";

/// The cookie by which a browser is recognized in which somebody signed in before. It opens nothing.
const KNOWN_COOKIE: &str = "__Host-hutch-known";

/// The longest that browsers keep a cookie.
const KNOWN_FOR: Duration = Duration::days(400);

/// As long as a session can last; the hub ends it earlier.
const SESSION_FOR: Duration = Duration::days(180);

impl FromRequest for Guardian {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let by = guardian(&request).await?;
            by.ok_or_else(|| ApiError::NotSignedIn.into())
        })
    }
}

/// A guardian, or nobody: for what both may ask.
pub(super) struct Anybody(pub(super) Option<Guardian>);

impl FromRequest for Anybody {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { guardian(&request).await.map(Anybody) })
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
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            guardian(&request).await?.ok_or(ApiError::NotSignedIn)?;
            let demo = Self(hub(&request)?.clone());
            demo.playroom()?;
            Ok(demo)
        })
    }
}

impl FromRequest for Browser {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        let token = |name| {
            request.cookie(name).and_then(|cookie: Cookie<'_>| Token::parse(cookie.value()).ok())
        };
        let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        ready(Ok(Self {
            address: address(request),
            device: device::describe(agent.unwrap_or_default()),
            session: token(COOKIE),
            known: token(KNOWN_COOKIE),
        }))
    }
}

/// Returns the cookies of somebody who has signed in.
pub(super) fn cookies(signed_in: &SignedIn) -> [Cookie<'static>; 2] {
    let SignedIn { session, known, .. } = signed_in;
    [
        cookie(COOKIE, session.to_text().to_string(), SESSION_FOR),
        cookie(KNOWN_COOKIE, known.to_text().to_string(), KNOWN_FOR),
    ]
}

/// Returns the cookie that takes a session's away.
pub(super) fn no_cookie() -> Cookie<'static> {
    cookie(COOKIE, String::new(), Duration::ZERO)
}

fn cookie(name: &'static str, value: String, lasts: Duration) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Strict)
        .max_age(lasts)
        .finish()
}

async fn guardian(request: &HttpRequest) -> Result<Option<Guardian>, ApiError> {
    let Some(cookie) = request.cookie(COOKIE) else { return Ok(None) };
    Ok(hub(request)?.guardian(cookie.value(), &address(request)).await?)
}

/// Returns the address that a request comes from, without its port.
fn address(request: &HttpRequest) -> String {
    request.peer_addr().map_or_else(String::new, |peer| peer.ip().to_canonical().to_string())
}

fn hub(request: &HttpRequest) -> Result<&Hub, ApiError> {
    let ThinData(hub) = request.app_data::<ThinData<Hub>>().ok_or(ApiError::NotSignedIn)?;
    Ok(hub)
}
