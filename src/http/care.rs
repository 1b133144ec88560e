//! What needs a guardian's care, and figures for a program that watches over the hub.

use std::pin::Pin;

use actix_web::{
    Error, FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::header,
    web::{Json, ThinData},
};

use super::{
    error::ApiError,
    schema::{Vocabulary, Word, body},
};
use crate::{
    hub::{
        Guardian, Hub,
        care::{self, PAIRS, Verdict},
        meter::{self, Counting},
    },
    model::Timestamp,
};

/// The text format of Prometheus.
pub(super) const FIGURES: &str = "text/plain; version=0.0.4; charset=utf-8";

const BEARER: &str = "Bearer ";

body! {
    /// What was found of the hub and its computer.
    struct Care {
        /// When everything was last looked at; null: not since the hub started.
        looked_at: Option<Timestamp>,
        /// What was found then, and what can be seen at once.
        findings: Vec<Finding>,
    }
}

body! {
    /// One thing that was looked at.
    struct Finding {
        /// What.
        about: Word<About>,
        /// How it is. With `about` it says everything but the numbers.
        how: Word<How>,
        /// Whether that is good.
        verdict: Word<Verdict>,
        /// The same in an English sentence.
        says: String,
        /// What to do about it, in another one.
        to_do: Option<String>,
        /// The numbers in the sentence.
        facts: Vec<Fact>,
        /// Whether a guardian should look at it, though they came for something else.
        calls: bool,
    }
}

body! {
    /// A number.
    struct Fact {
        /// What is counted: `mib`, `percent`, `days`, `major`, `minor`.
        name: &'static str,
        /// How many.
        value: i64,
    }
}

body! {
    /// The token for figures.
    struct Meter {
        /// When it was made; null: there is none.
        made_at: Option<Timestamp>,
        /// When it was last used, to the hour.
        used_at: Option<Timestamp>,
    }
}

body! {
    /// A token for figures that was just made.
    struct MadeMeter {
        /// The token, which is never shown again.
        token: String,
        /// When it was made.
        made_at: Timestamp,
    }
}

/// The first words of [`PAIRS`].
pub(super) struct About;
/// The second ones.
pub(super) struct How;

impl Vocabulary for About {
    fn words() -> Vec<&'static str> {
        once_each(PAIRS.iter().map(|(about, _)| *about))
    }
}

impl Vocabulary for How {
    fn words() -> Vec<&'static str> {
        once_each(PAIRS.iter().map(|(_, how)| *how))
    }
}

impl Vocabulary for Verdict {
    fn words() -> Vec<&'static str> {
        Self::ALL.map(Self::word).to_vec()
    }
}

fn once_each(words: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut words: Vec<_> = words.collect();
    words.sort_unstable();
    words.dedup();
    words
}

impl From<care::Care> for Care {
    fn from(care: care::Care) -> Self {
        let care::Care { looked_at, findings } = care;
        Self { looked_at, findings: findings.into_iter().map(Finding::from).collect() }
    }
}

impl From<care::Finding> for Finding {
    fn from(found: care::Finding) -> Self {
        let calls = found.calls();
        let care::Finding { about, how, verdict, says, to_do, facts, .. } = found;
        let fact = |(name, value)| Fact { name, value: i64::try_from(value).unwrap_or(i64::MAX) };
        Self {
            about: Word::new(about),
            how: Word::new(how),
            verdict: Word::new(verdict.word()),
            says,
            to_do,
            facts: facts.into_iter().map(fact).collect(),
            calls,
        }
    }
}

impl From<Option<meter::Meter>> for Meter {
    fn from(meter: Option<meter::Meter>) -> Self {
        let (made_at, used_at) = match meter {
            Some(meter::Meter { made_at, used_at }) => (Some(made_at), used_at),
            None => (None, None),
        };
        Self { made_at, used_at }
    }
}

impl FromRequest for Counting {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let shown = request.headers().get(header::AUTHORIZATION);
            let token = shown.and_then(|shown| shown.to_str().ok()?.strip_prefix(BEARER));
            let token = token.ok_or(ApiError::NotSignedIn)?;
            let ThinData(hub) = request.app_data::<ThinData<Hub>>().ok_or(ApiError::NotSignedIn)?;
            let counting = hub.counting(token).await.map_err(ApiError::from)?;
            counting.ok_or_else(|| ApiError::NotSignedIn.into())
        })
    }
}

/// `GET /care`: what was found of the hub and its computer.
pub(super) async fn show(ThinData(hub): ThinData<Hub>, by: Guardian) -> Json<Care> {
    Json(hub.care(&by).into())
}

/// `POST /care/look`: the same, after another look at everything.
pub(super) async fn look(ThinData(hub): ThinData<Hub>, by: Guardian) -> Json<Care> {
    Json(hub.look_again(&by).await.into())
}

/// `GET /care/meter`: whether there is a token for figures.
pub(super) async fn meter(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
) -> Result<Json<Meter>, ApiError> {
    Ok(Json(hub.meter(&by).await?.into()))
}

/// `POST /care/meter`: a token for figures, in the place of the one before.
pub(super) async fn make_meter(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
) -> Result<HttpResponse, ApiError> {
    let (token, meter) = hub.make_meter(&hub.confirmed(&by)?).await?;
    let token = token.to_text().to_string();
    Ok(HttpResponse::Created().json(MadeMeter { token, made_at: meter.made_at }))
}

/// `DELETE /care/meter`: no more figures for anybody.
pub(super) async fn revoke_meter(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
) -> Result<Json<Meter>, ApiError> {
    hub.revoke_meter(&by).await?;
    Ok(Json(None.into()))
}

/// `GET /metrics`: all figures, for whoever has the token.
pub(super) async fn figures(
    ThinData(hub): ThinData<Hub>,
    by: Counting,
) -> Result<HttpResponse, ApiError> {
    let figures = hub.figures(&by).await?;
    Ok(HttpResponse::Ok().content_type(FIGURES).body(figures))
}
