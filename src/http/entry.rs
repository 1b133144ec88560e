//! The way in by a link that is good once: the URL that the demo prints becomes a cookie.
//!
//! The cookie is `SameSite=Strict`. That it is set by an answer that redirects is no trouble,
//! wherever the link was clicked: a browser takes a strict cookie from any navigation of a whole
//! window, and though it leaves it out of the redirected one when another site's page held the
//! link, the page at `/` is public. Its script asks the API as this site, cookie included.

use actix_web::{
    HttpResponse,
    http::header,
    web::{Query, ThinData},
};
use serde::Deserialize;

use super::{
    caller::{Anybody, cookies},
    error::ApiError,
};
use crate::hub::{Browser, Hub};

/// Where the page shows the first conversation: whoever opens the printed address came to try it.
const FIRST: &str = "/#/first";

/// Where the page says that the link was used.
const USED: &str = "/#used";

/// Not `Debug`: the token opens the house.
#[derive(Deserialize)]
pub(super) struct Key {
    #[serde(default)]
    token: String,
}

/// `GET /open`: exchanges the token of the printed URL for cookies, once.
pub(super) async fn open(
    ThinData(hub): ThinData<Hub>,
    browser: Browser,
    Anybody(by): Anybody,
    key: Query<Key>,
) -> Result<HttpResponse, ApiError> {
    let mut answer = HttpResponse::SeeOther();
    match hub.enter(browser, &key.token).await? {
        Some(signed_in) => {
            for cookie in cookies(&signed_in) {
                answer.cookie(cookie);
            }
            answer.insert_header((header::LOCATION, FIRST));
        }
        // A bookmark of the printed address is as good as any other to whoever is inside.
        None if by.is_some() => {
            answer.insert_header((header::LOCATION, "/"));
        }
        None => {
            answer.insert_header((header::LOCATION, USED));
        }
    }
    Ok(answer.finish())
}
