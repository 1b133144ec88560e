//! What guardians look back on, and what they should know of.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Json, Payload, Query, ThinData},
};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use super::{
    error::ApiError,
    items::{DEFAULT_LIMIT, MAX_LIMIT},
    schema::{Components, Shape, asked, body},
    upload::{self, Limits},
};
use crate::{
    hub::{Guardian, Hub, activity, whole},
    model::{AccountId, ChildId, ItemId, Timestamp},
};

/// A link of the chain, as text.
pub(super) struct Chain([u8; 32]);

impl Serialize for Chain {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&HEXLOWER.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Chain {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        let bytes = HEXLOWER.decode(text.as_bytes()).ok();
        let link = bytes.and_then(|bytes| bytes.try_into().ok());
        link.map(Self).ok_or_else(|| serde::de::Error::custom("not a link of the chain"))
    }
}

impl Shape for Chain {
    fn shape(_known: &mut Components) -> Value {
        json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })
    }
}

body! {
    /// Something that was done.
    struct ActivityEntry {
        /// Its number, from 1 and without gaps.
        id: i64,
        /// When.
        at: Timestamp,
        /// What, in a word. A later version may have more of them.
        deed: String,
        /// By which account; null for the hub itself, or somebody who is not known.
        account: Option<AccountId>,
        /// The name that people see, while the account is there.
        account_name: Option<String>,
        /// To whom or what: an account, a toy, a session, an invitation.
        subject: Option<AccountId>,
        /// The name that people see, if it is an account or a toy that is there.
        subject_name: Option<String>,
        /// With which recording or message.
        item: Option<ItemId>,
        /// For which child.
        child: Option<ChildId>,
        /// Its nickname, while the child is there.
        child_name: Option<String>,
        /// To how many.
        n: Option<i64>,
        /// From which address; forgotten after 90 days.
        address: Option<String>,
        /// With what sort of browser, on what; forgotten after 90 days.
        device: Option<String>,
    }
}

body! {
    /// A page of the activity, the latest first.
    struct Activity {
        /// What was done.
        entries: Vec<ActivityEntry>,
        /// Give it as `before` to get the next page; null at the end.
        next: Option<i64>,
    }
}

body! {
    /// The end of the activity's chain, for a browser to remember.
    struct ActivityHead {
        /// The number of the last entry.
        id: i64,
        /// Its link.
        chain: Chain,
    }
}

body! {
    /// How the activity was found.
    struct CheckedActivity {
        /// Its end, also if something before it does not fit; null if nothing was ever done.
        head: Option<ActivityHead>,
        /// The number of the first entry that does not fit; null if all do.
        first_wrong: Option<i64>,
    }
}

body! {
    /// What a guardian should know of and has not been shown.
    struct News {
        /// What was done, the latest first; 20 at the most.
        entries: Vec<ActivityEntry>,
        /// How many there are.
        n: usize,
        /// Send it back once these have been shown.
        up_to: i64,
    }
}

impl From<activity::Line> for ActivityEntry {
    fn from(line: activity::Line) -> Self {
        let activity::Line {
            id,
            at,
            deed,
            account,
            account_name,
            subject,
            subject_name,
            item,
            child,
            child_name,
            n,
            place,
        } = line;
        let (address, device) = place.unzip();
        Self {
            id,
            at,
            deed,
            account,
            account_name,
            subject,
            subject_name,
            item,
            child,
            child_name,
            n,
            address,
            device,
        }
    }
}

/// Which page of the activity.
#[derive(Deserialize)]
pub(super) struct WhichPage {
    before: Option<i64>,
    item: Option<ItemId>,
    limit: Option<u16>,
}

/// `GET /activity`: a page of what was done.
pub(super) async fn list(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    which: Query<WhichPage>,
) -> Result<Json<Activity>, ApiError> {
    let WhichPage { before, item, limit } = which.into_inner();
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) || before.is_some_and(|before| before < 1) {
        return Err(ApiError::BadQuery);
    }
    let activity::Lines { lines, next } = hub.activity(&by, before, item, limit.into()).await?;
    Ok(Json(Activity { entries: lines.into_iter().map(ActivityEntry::from).collect(), next }))
}

asked! {
    /// What a browser remembers of the activity: an entry with its link, or neither.
    struct RememberedActivity {
        /// The number of an entry.
        id: Option<i64>,
        /// Its link.
        chain: Option<Chain>,
        /// The numbers of entries that do not fit, as somebody knows: they are passed over.
        looked_at: Option<Vec<i64>>,
    }
}

/// `POST /activity/check`: goes through the whole activity.
pub(super) async fn check(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<CheckedActivity>, ApiError> {
    let RememberedActivity { id, chain, looked_at } = upload::json(&request, body, limits).await?;
    let remembered = id.zip(chain).map(|(id, Chain(chain))| activity::Head { id, chain });
    let looked_at = looked_at.unwrap_or_default().into_iter().collect();
    let checked = hub.check_activity(&by, remembered, looked_at).await?;
    let activity::Checked { head, first_wrong } = checked;
    let head = head.map(|activity::Head { id, chain }| ActivityHead { id, chain: Chain(chain) });
    Ok(Json(CheckedActivity { head, first_wrong }))
}

/// `GET /activity/news`: what a guardian should know of.
pub(super) async fn news(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
) -> Result<Json<News>, ApiError> {
    let activity::News { lines, n, up_to } = hub.news(&by).await?;
    Ok(Json(News { entries: lines.into_iter().map(ActivityEntry::from).collect(), n, up_to }))
}

asked! {
    /// Up to where a guardian was shown the news.
    struct SeenNews {
        /// `up_to` of the news.
        up_to: i64,
    }
}

/// `POST /activity/seen`: a guardian was shown the news.
pub(super) async fn seen(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let SeenNews { up_to } = upload::json(&request, body, limits).await?;
    whole(async move { hub.have_seen(&by, up_to).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}
