//! What the hub keeps of whom, in numbers.

use actix_web::web::{Json, ThinData};

use super::{error::ApiError, schema::body};
use crate::{
    hub::{Guardian, Hub, amounts},
    model::{AccountId, ChildId, Timestamp},
};

body! {
    /// What is kept of whom. Bytes are those of what is stored: sealed, without what it takes to find it.
    struct Amounts {
        /// Of each child.
        children: Vec<ChildAmounts>,
        /// Of each relative.
        relatives: Vec<RelativeAmounts>,
        /// Browsers that are signed in.
        sessions: u32,
        /// Lines of the activity.
        activity: u32,
        /// How many of them still say where from, and with what kind of browser.
        places: u32,
        /// Clips that wait for their toy, sealed for this device.
        waiting: Amount,
        /// The size of the whole database.
        database_bytes: i64,
        /// The size of the household that was here before a restore, if it is kept.
        replaced_bytes: Option<i64>,
    }
}

body! {
    /// What is kept of a child, and when it goes.
    struct ChildAmounts {
        /// Whose it is.
        child: ChildId,
        /// Sound from it.
        recordings: Amount,
        /// Sound for it.
        messages: Amount,
        /// What was written to either.
        notes: Amount,
        /// Pictures of how loud either is.
        pictures: Amount,
        /// Its own picture, if it has one.
        own_picture: Amount,
        /// How many of either stay whatever their age.
        kept: u32,
        /// When the oldest of either is from.
        oldest_at: Option<Timestamp>,
        /// After how many days recordings and messages are erased by themselves; null for never.
        retention_days: Option<u16>,
        /// How many of them are within a day.
        going: u32,
        /// When the next of them is, if that is within a day.
        next_goes_at: Option<Timestamp>,
    }
}

body! {
    /// What is kept of a relative.
    struct RelativeAmounts {
        /// Whose it is.
        account: AccountId,
        /// The messages that they sent; they count with the children, too.
        messages: Amount,
        /// How many recordings they may hear.
        shared: u32,
    }
}

body! {
    /// How many of something there are, and their bytes.
    struct Amount {
        /// How many.
        n: u32,
        /// Their bytes.
        bytes: i64,
    }
}

impl From<amounts::Amount> for Amount {
    fn from(amount: amounts::Amount) -> Self {
        let amounts::Amount { n, bytes } = amount;
        Self { n, bytes }
    }
}

impl From<amounts::Child> for ChildAmounts {
    fn from(of: amounts::Child) -> Self {
        let amounts::Child { kept, retention_days, n_going: going, next_goes_at } = of;
        let amounts::OfChild {
            child,
            recordings,
            messages,
            notes,
            pictures,
            own_picture,
            n_kept,
            oldest_at,
        } = kept;
        Self {
            child,
            recordings: recordings.into(),
            messages: messages.into(),
            notes: notes.into(),
            pictures: pictures.into(),
            own_picture: own_picture.into(),
            kept: n_kept,
            oldest_at,
            retention_days,
            going,
            next_goes_at,
        }
    }
}

impl From<amounts::OfRelative> for RelativeAmounts {
    fn from(of: amounts::OfRelative) -> Self {
        let amounts::OfRelative { account, messages, n_shared: shared } = of;
        Self { account, messages: messages.into(), shared }
    }
}

impl From<amounts::Amounts> for Amounts {
    fn from(found: amounts::Amounts) -> Self {
        let amounts::Amounts { children, relatives, all, n_replaced_bytes } = found;
        let amounts::OfAll { n_sessions, n_activity, n_places, waiting, database_bytes } = all;
        Self {
            children: children.into_iter().map(ChildAmounts::from).collect(),
            relatives: relatives.into_iter().map(RelativeAmounts::from).collect(),
            sessions: n_sessions,
            activity: n_activity,
            places: n_places,
            waiting: waiting.into(),
            database_bytes,
            replaced_bytes: n_replaced_bytes.map(|n| i64::try_from(n).unwrap_or(i64::MAX)),
        }
    }
}

/// `GET /privacy`: what is kept of whom.
pub(super) async fn show(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
) -> Result<Json<Amounts>, ApiError> {
    Ok(Json(hub.amounts(&by).await?.into()))
}
