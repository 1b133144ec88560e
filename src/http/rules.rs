//! What holds for a child: quiet hours, how loud its toys may be, how long things are kept.

use actix_web::{
    HttpRequest,
    web::{Json, Path, Payload, Query, ThinData},
};
use serde::Deserialize;

use super::{
    children::Quiet,
    error::ApiError,
    items::Item,
    schema::{asked, body},
    upload::{self, Limits},
};
use crate::{
    hub::{Guardian, Hub, rules, whole},
    model::{ChildId, ItemId, Timestamp},
};

body! {
    /// What holds for a child, and what follows.
    struct ChildRules {
        /// Its quiet hours, from Monday on: at most one span for each day.
        quiet: Vec<QuietSpan>,
        /// How loud its toys may be; null for as loud as they go.
        max_volume: Option<u8>,
        /// The same while quiet hours last.
        night_volume: Option<u8>,
        /// After how many days recordings and messages are erased by themselves; null for never.
        retention_days: Option<u16>,
        /// Where the household lives, as the IANA names it: hours are quiet by its clock. Null for
        /// UTC.
        time_zone: Option<String>,
        /// Its quiet hours, while they last.
        quiet_now: Option<Quiet>,
        /// When they begin next.
        quiet_at: Option<Timestamp>,
        /// How many recordings and messages are erased by themselves within a week.
        going: u32,
        /// When the first of them is.
        first_goes_at: Option<Timestamp>,
    }
}

body! {
    /// Quiet hours that begin on one day of each week.
    struct QuietSpan {
        /// The day on which they begin: 1 for Monday.
        weekday: u8,
        /// When they begin, in minutes after midnight.
        from: u16,
        /// When they end: on the next day unless that is later than the beginning.
        until: u16,
    }
}

asked! {
    /// What is to hold for a child.
    struct NewRules {
        /// Its quiet hours, at most one span for each day.
        quiet: Vec<NewQuietSpan>,
        /// How loud its toys may be, if not as loud as they go.
        max_volume: Option<u8>,
        /// The same while quiet hours last.
        night_volume: Option<u8>,
        /// After how many days recordings and messages are erased by themselves, if ever: 1 to 3650.
        retention_days: Option<u16>,
    }
}

asked! {
    /// Quiet hours that are to begin on one day of each week.
    struct NewQuietSpan {
        /// The day on which they begin: 1 for Monday to 7.
        weekday: u8,
        /// When they begin, in minutes after midnight: 0 to 1439.
        from: u16,
        /// When they end, another minute than that.
        until: u16,
    }
}

asked! {
    /// Whether something stays.
    struct Keep {
        /// Whatever its age.
        kept: bool,
    }
}

impl From<rules::InForce> for ChildRules {
    fn from(rules: rules::InForce) -> Self {
        let rules::InForce { rules, time_zone, quiet: now, quiet_at, n_going, first_goes_at } =
            rules;
        let rules::Rules { quiet, max_volume, night_volume, retention_days } = rules;
        Self {
            quiet: quiet.into_iter().map(QuietSpan::from).collect(),
            max_volume,
            night_volume,
            retention_days,
            time_zone,
            quiet_now: now.map(Quiet::from),
            quiet_at,
            going: n_going,
            first_goes_at,
        }
    }
}

impl From<rules::Quiet> for QuietSpan {
    fn from(quiet: rules::Quiet) -> Self {
        let rules::Quiet { weekday, from_minute: from, until_minute: until } = quiet;
        Self { weekday, from, until }
    }
}

/// For how long things would be kept.
#[derive(Deserialize)]
pub(super) struct If {
    retention_days: Option<u16>,
}

/// `GET /children/{child}/rules`: what holds for a child.
pub(super) async fn show(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    child: Path<ChildId>,
    wanted: Query<If>,
) -> Result<Json<ChildRules>, ApiError> {
    let days = wanted.retention_days;
    if days.is_some_and(|days| !(1..=rules::MOST_DAYS).contains(&days)) {
        return Err(ApiError::BadQuery);
    }
    let rules = hub.rules(&by, child.into_inner(), days).await?;
    Ok(Json(rules.into()))
}

/// `PUT /children/{child}/rules`: sets what holds for a child.
pub(super) async fn set(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    child: Path<ChildId>,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<ChildRules>, ApiError> {
    let NewRules { quiet, max_volume, night_volume, retention_days } =
        upload::json(&request, body, limits).await?;
    let quiet = quiet.into_iter().map(|span| {
        let NewQuietSpan { weekday, from: from_minute, until: until_minute } = span;
        rules::Quiet { weekday, from_minute, until_minute }
    });
    let quiet = quiet.collect();
    let rules = rules::Rules { quiet, max_volume, night_volume, retention_days };
    let set = async move { hub.set_rules(&by, child.into_inner(), rules).await };
    Ok(Json(whole(set).await?.into()))
}

/// `PUT /items/{item}/kept`: keeps an item whatever its age, or no longer.
pub(super) async fn keep(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    item: Path<ItemId>,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<Item>, ApiError> {
    let Keep { kept } = upload::json(&request, body, limits).await?;
    let item = hub.set_kept(&by, item.into_inner(), kept).await?;
    Ok(Json(item.into()))
}
