//! What is known of backups, and the wish for one.

use actix_web::web::{Json, ThinData};

use super::{error::ApiError, schema::body};
use crate::{
    hub::{Guardian, Hub, backups, whole},
    model::Timestamp,
};

body! {
    /// What is known of the backups of the household.
    struct Backups {
        /// The folders that they are put into; none where none are made.
        places: Vec<BackupPlace>,
        /// Which of them stay.
        keeps: BackupKeeps,
        /// Whether one is being made, or is about to be.
        under_way: bool,
        /// The household that was here before a restore, if it is kept.
        replaced: Option<ReplacedHousehold>,
    }
}

body! {
    /// Of how many of the last days, weeks and months one backup stays; all 0 where none are made.
    struct BackupKeeps {
        /// Days.
        days: u8,
        /// Weeks.
        weeks: u8,
        /// Months.
        months: u8,
    }
}

body! {
    /// The household that was here before a restore. What was erased since is in it still.
    struct ReplacedHousehold {
        /// Its size.
        bytes: i64,
        /// When it goes by itself.
        goes_at: Timestamp,
    }
}

body! {
    /// A folder for backups.
    struct BackupPlace {
        /// Where.
        folder: String,
        /// Whether it is there: a stick may be elsewhere.
        there: bool,
        /// Whether it can be looked into; if not, nobody knows how many are in it.
        readable: bool,
        /// How many backups are in it.
        n: u32,
        /// How large they are together.
        bytes: i64,
        /// How many of them stay until somebody removes them: those with a passphrase do.
        staying: u32,
        /// When the last of the others is gone at the latest, if one is made each night from now on.
        gone_by: Option<Timestamp>,
        /// When the hub last knew one to be made there.
        made_at: Option<Timestamp>,
        /// When the latest was made.
        latest_at: Option<Timestamp>,
        /// How large that is; 0 without one.
        latest_bytes: i64,
        /// When the oldest was made: what was erased since is in it still.
        oldest_at: Option<Timestamp>,
        /// When a restore was last rehearsed.
        rehearsed_at: Option<Timestamp>,
        /// Since when it fails.
        fails_since: Option<Timestamp>,
    }
}

impl From<backups::Backups> for Backups {
    fn from(known: backups::Backups) -> Self {
        let backups::Backups { places, keeps, is_under_way, replaced } = known;
        let backups::Keeps { days, weeks, months } = keeps;
        let keeps = BackupKeeps { days, weeks, months };
        let replaced = replaced.map(|kept| ReplacedHousehold {
            bytes: i64::try_from(kept.n_bytes).unwrap_or(i64::MAX),
            goes_at: kept.goes_at,
        });
        let places = places.into_iter().map(BackupPlace::from).collect();
        Self { places, keeps, under_way: is_under_way, replaced }
    }
}

impl From<backups::Place> for BackupPlace {
    fn from(place: backups::Place) -> Self {
        let backups::Place {
            folder,
            is_there,
            is_read: readable,
            n,
            n_bytes,
            n_staying: staying,
            gone_by,
            made_at,
            latest_at,
            latest_bytes,
            oldest_at,
            rehearsed_at,
            fails_since,
        } = place;
        let bytes = i64::try_from(n_bytes).unwrap_or(i64::MAX);
        let latest_bytes = i64::try_from(latest_bytes).unwrap_or(i64::MAX);
        Self {
            folder,
            there: is_there,
            readable,
            n,
            bytes,
            staying,
            gone_by,
            made_at,
            latest_at,
            latest_bytes,
            oldest_at,
            rehearsed_at,
            fails_since,
        }
    }
}

/// `GET /backups`: what is known of them.
pub(super) async fn show(ThinData(hub): ThinData<Hub>, by: Guardian) -> Json<Backups> {
    Json(hub.backups(&by).await.into())
}

/// `POST /backups`: the same, after one was asked for.
pub(super) async fn make(ThinData(hub): ThinData<Hub>, by: Guardian) -> Json<Backups> {
    Json(hub.back_up(&by).await.into())
}

/// `POST /backups/replaced/erase`: the same, after the household from before a restore was erased.
pub(super) async fn erase_replaced(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
) -> Result<Json<Backups>, ApiError> {
    let erase = async move { hub.erase_replaced(&hub.confirmed(&by)?).await };
    Ok(Json(whole(erase).await?.into()))
}
