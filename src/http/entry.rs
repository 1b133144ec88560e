//! The way in: the printed URL becomes a cookie.
//!
//! The cookie is `SameSite=Strict`. That it is set by an answer that redirects is no trouble,
//! wherever the link was clicked: a browser takes a strict cookie from any navigation of a whole
//! window, and though it leaves it out of the redirected one when another site's page held the
//! link, the page at `/` is public. Its script asks the API as this site, cookie included.

use actix_web::{
    HttpResponse,
    cookie::{Cookie, SameSite},
    http::header,
    web::{Query, ThinData},
};
use serde::Deserialize;

use super::caller::COOKIE;
use crate::hub::Hub;

const REFUSAL: &str = "This address does not open Hutch, or no longer. Use the address that Hutch \
    printed when it was last started.\n";

/// Not `Debug`: the token opens the house.
#[derive(Deserialize)]
pub(super) struct Key {
    #[serde(default)]
    token: String,
}

/// `GET /open`: exchanges the token of the printed URL for the cookie.
pub(super) async fn open(ThinData(hub): ThinData<Hub>, key: Query<Key>) -> HttpResponse {
    let Some(value) = hub.enter(&key.token) else {
        return HttpResponse::Unauthorized()
            .content_type("text/plain; charset=utf-8")
            .body(REFUSAL);
    };
    let cookie = Cookie::build(COOKIE, value.expose())
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Strict)
        .finish();
    HttpResponse::SeeOther().insert_header((header::LOCATION, "/")).cookie(cookie).finish()
}
