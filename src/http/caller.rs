//! Who a request comes from, as arguments of handlers.
//!
//! The hub's functions ask for a [`Guardian`] or somebody else who [`Asks`](crate::hub::Asks), and only
//! these extractors make one: a handler that forgets to ask who is there cannot reach anything
//! private. Which of them a handler takes must be what its route says; a test asks every route in
//! every role.

use std::{
    future::{Ready, ready},
    pin::Pin,
};

use actix_web::{
    Error, FromRequest, HttpMessage as _, HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
    http::header,
    web::ThinData,
};
use zeroize::Zeroizing;

use super::{admit::Seat, device, error::ApiError};
use crate::{
    demo::Playroom,
    hub::{
        Asks as _, Browser, Caller, Guardian, Hub, Screen, SignedIn, Token, restoring::Newcomer,
        whole,
    },
    model::Role,
};

/// The session's cookie. The prefix makes browsers insist that it was set by this very host, over
/// HTTPS, for all paths.
pub(super) const COOKIE: &str = "__Host-hutch";

/// The header in which somebody sends the set-up code who has no cookie yet.
pub(super) const SETUP_CODE: &str = "Hutch-Setup-Code";

/// The cookie by which a browser is recognized in which somebody signed in before. It opens nothing.
const KNOWN_COOKIE: &str = "__Host-hutch-known";

/// The longest that browsers keep a cookie.
const KNOWN_FOR: Duration = Duration::days(400);

/// As long as the session of a guardian or relative can last; the hub ends it earlier.
const SESSION_FOR: Duration = Duration::days(180);

/// As long as a child screen stays signed in that nobody uses.
const SCREEN_FOR: Duration = Duration::days(400);

/// Extracts somebody who is signed in; `$pick` takes who it must be or nobody.
macro_rules! extracts {
    ($who:ty, $pick:expr) => {
        impl FromRequest for $who {
            type Error = Error;
            type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

            fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
                let request = request.clone();
                Box::pin(async move {
                    let by = caller(&request).await?.ok_or(ApiError::NotSignedIn)?;
                    let picked: Option<Self> = $pick(by);
                    picked.ok_or_else(|| ApiError::NotAllowed.into())
                })
            }
        }
    };
}

/// Whoever has a password: a guardian or a relative.
pub(super) struct Account(pub(super) Caller);

extracts!(Caller, Some);
extracts!(Account, |by: Caller| (by.role() != Role::ChildScreen).then_some(Self(by)));
extracts!(Guardian, |by| match by {
    Caller::Guardian(guardian) => Some(guardian),
    Caller::Relative(_) | Caller::Screen(_) => None,
});
extracts!(Screen, |by| match by {
    Caller::Screen(screen) => Some(screen),
    Caller::Guardian(_) | Caller::Relative(_) => None,
});

impl FromRequest for Newcomer {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, body: &mut Payload) -> Self::Future {
        let request = request.clone();
        let browser = Browser::from_request(&request, body);
        Box::pin(async move {
            let code = request.headers().get(SETUP_CODE).and_then(|code| code.to_str().ok());
            let code = Zeroizing::new(code.ok_or(ApiError::NotSignedIn)?.to_owned());
            let hub = hub(&request)?.clone();
            let browser = browser.await?;
            // A try counts, also when whoever made it has left.
            let newcomer = whole(async move { hub.newcomer(&browser, &code).await }).await;
            Ok(newcomer.map_err(ApiError::from)?)
        })
    }
}

/// Somebody who is signed in, or nobody: for what both may ask.
pub(super) struct Anybody(pub(super) Option<Caller>);

impl FromRequest for Anybody {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { caller(&request).await.map(Anybody) })
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
            let by = caller(&request).await?.ok_or(ApiError::NotSignedIn)?;
            if by.role() != Role::Guardian {
                return Err(ApiError::NotAllowed);
            }
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
    let SignedIn { session, known, me } = signed_in;
    [
        cookie(COOKIE, session.to_text().to_string(), session_for(me.role)),
        cookie(KNOWN_COOKIE, known.to_text().to_string(), KNOWN_FOR),
    ]
}

/// Returns the cookie of a session that goes on, so that the browser keeps it as long again.
pub(super) fn same_cookie(request: &HttpRequest, role: Role) -> Option<Cookie<'static>> {
    let session = request.cookie(COOKIE)?;
    Some(cookie(COOKIE, session.value().to_owned(), session_for(role)))
}

const fn session_for(role: Role) -> Duration {
    match role {
        Role::Guardian | Role::Relative => SESSION_FOR,
        Role::ChildScreen => SCREEN_FOR,
    }
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

async fn caller(request: &HttpRequest) -> Result<Option<Caller>, ApiError> {
    let Some(cookie) = request.cookie(COOKIE) else { return Ok(None) };
    let caller = hub(request)?.caller(cookie.value(), &address(request)).await?;
    if let (Some(_), Some(seat)) = (&caller, request.extensions().get::<Seat>()) {
        seat.is_known();
    }
    Ok(caller)
}

/// Returns the address that a request comes from, without its port.
fn address(request: &HttpRequest) -> String {
    request.peer_addr().map_or_else(String::new, |peer| peer.ip().to_canonical().to_string())
}

fn hub(request: &HttpRequest) -> Result<&Hub, ApiError> {
    let ThinData(hub) = request.app_data::<ThinData<Hub>>().ok_or(ApiError::NotSignedIn)?;
    Ok(hub)
}
