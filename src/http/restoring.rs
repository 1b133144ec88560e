//! A household that comes back from a backup, on a hub that waits to be set up.

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse,
    http::header,
    web::{Json, Payload, ThinData},
};
use zeroize::Zeroizing;

use super::{
    error::ApiError,
    schema::{Vocabulary, Word, asked, body},
    upload::{self, Limits},
};
use crate::{
    hub::{
        Hub, HubError,
        restoring::{self, Fault, Newcomer, Offer, Opening, Stage},
    },
    model::Timestamp,
};

body! {
    /// A backup from which the household may come back.
    struct BackupOffer {
        /// What it is named by.
        id: String,
        /// The folder that it is in; null if a browser sent it.
        folder: Option<String>,
        /// When it was made, if that is known.
        made_at: Option<Timestamp>,
        /// How large it is.
        bytes: i64,
        /// What opens it, if that is known.
        opens: Option<Word<Opening>>,
        /// When the recovery key was made that opens it.
        key_made_at: Option<Timestamp>,
    }
}

body! {
    /// Backups from which the household may come back.
    struct BackupOffers {
        /// All of them, the latest first.
        backups: Vec<BackupOffer>,
    }
}

body! {
    /// How far it is that the household comes back.
    struct Restoring {
        /// `ready`: it is as good as here; the hub begins anew with it in a moment.
        state: Word<Stage>,
        /// How many bytes are unpacked, or how many names and sounds were opened.
        done: i64,
        /// Of how many bytes; 0 if that is not known.
        of: i64,
        /// Why it failed, if it did. Nothing was changed then.
        fault: Option<Word<Fault>>,
        /// What is as good as here.
        returned: Option<Returned>,
    }
}

body! {
    /// A household that comes back.
    struct Returned {
        /// As of when it is.
        made_at: Timestamp,
        /// How many recordings and messages it has.
        items: u32,
        /// How many things were erased again that had been erased since.
        erased: i64,
        /// Whether it is known what was erased since.
        knows_erased: bool,
    }
}

impl Vocabulary for Opening {
    fn words() -> Vec<&'static str> {
        vec!["recovery_key", "passphrase"]
    }
}

impl Vocabulary for Stage {
    fn words() -> Vec<&'static str> {
        vec!["idle", "looking", "unpacking", "opening", "failed", "ready"]
    }
}

impl Vocabulary for Fault {
    fn words() -> Vec<&'static str> {
        FAULTS.map(|(_fault, word)| word).to_vec()
    }
}

const FAULTS: [(Fault, &str); 11] = [
    (Fault::Mistyped, "mistyped"),
    (Fault::OtherKey, "other_key"),
    (Fault::WantsPassphrase, "wants_passphrase"),
    (Fault::WantsKey, "wants_key"),
    (Fault::NoBackup, "no_backup"),
    (Fault::Damaged, "damaged"),
    (Fault::Newer, "newer"),
    (Fault::NoRoom, "no_room"),
    (Fault::Unreadable, "unreadable"),
    (Fault::UnderWay, "under_way"),
    (Fault::Internal, "internal"),
];

impl From<Offer> for BackupOffer {
    fn from(offer: Offer) -> Self {
        let Offer { id, folder, made_at, n_bytes, opens } = offer;
        let (opens, key_made_at) = match opens {
            Some(Opening::RecoveryKey(made_at)) => (Some(Word::new("recovery_key")), Some(made_at)),
            Some(Opening::Passphrase) => (Some(Word::new("passphrase")), None),
            None => (None, None),
        };
        Self { id, folder, made_at, bytes: signed(n_bytes), opens, key_made_at }
    }
}

impl From<Stage> for Restoring {
    fn from(stage: Stage) -> Self {
        let (word, done, of) = match stage {
            Stage::Idle => ("idle", 0, 0),
            Stage::Looking => ("looking", 0, 0),
            Stage::Unpacking { done, of } => ("unpacking", done, of),
            Stage::Opening(n) => ("opening", n, 0),
            Stage::Failed(_) => ("failed", 0, 0),
            Stage::Ready(_) => ("ready", 0, 0),
        };
        let fault = match stage {
            Stage::Failed(fault) => FAULTS.into_iter().find(|(known, _word)| *known == fault),
            _ => None,
        };
        let returned = match stage {
            Stage::Ready(returned) => Some(returned.into()),
            _ => None,
        };
        Self {
            state: Word::new(word),
            done: signed(done),
            of: signed(of),
            fault: fault.map(|(_fault, word)| Word::new(word)),
            returned,
        }
    }
}

impl From<restoring::Returned> for Returned {
    fn from(returned: restoring::Returned) -> Self {
        let restoring::Returned { made_at, n_items, n_erased, knows_erased } = returned;
        Self { made_at, items: n_items, erased: signed(n_erased), knows_erased }
    }
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// `GET /restore/backups`: those from which the household may come back.
pub(super) async fn offers(
    ThinData(hub): ThinData<Hub>,
    by: Newcomer,
) -> Result<Json<BackupOffers>, ApiError> {
    let backups = hub.offers(&by).await?.into_iter().map(BackupOffer::from).collect();
    Ok(Json(BackupOffers { backups }))
}

/// `POST /restore/file`: a backup that the browser has, into the state folder, piece by piece. It is as
/// sealed as it was.
pub(super) async fn receive(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Newcomer,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let is_bytes = request.content_type().eq_ignore_ascii_case("application/octet-stream");
    if !is_bytes || request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(ApiError::WrongType { expected: "a backup (application/octet-stream)" });
    }
    // Without a length nobody knows whether there is room.
    let n_bytes = request.headers().get(header::CONTENT_LENGTH);
    let n_bytes = n_bytes.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let n_bytes = n_bytes.ok_or(ApiError::WrongType {
        expected: "a backup that says how large it is (Content-Length)",
    })?;
    let mut receiving = hub.receive_backup(&by, n_bytes).await?;
    let mut pieces = upload::Pieces::new(body, limits, n_bytes);
    while let Some(piece) = pieces.next().await? {
        receiving.take(piece).await.map_err(HubError::from)?;
    }
    let offer = receiving.end().await.map_err(HubError::from)?;
    Ok(HttpResponse::Created().json(BackupOffer::from(offer)))
}

asked! {
    /// Which backup, and what opens it.
    struct ToRestore {
        /// The `id` of a backup.
        backup: String,
        /// The recovery key, or the passphrase of the backup.
        key: Zeroizing<String>,
    }
}

/// `POST /restore`: begins to bring the household back.
pub(super) async fn begin(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Newcomer,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let ToRestore { backup, key } = upload::json(&request, body, limits).await?;
    let stage = hub.restore(&by, &backup, key)?;
    Ok(HttpResponse::Accepted().json(Restoring::from(stage)))
}

/// `GET /restore`: how far that is.
pub(super) async fn show(ThinData(hub): ThinData<Hub>, _by: Newcomer) -> Json<Restoring> {
    Json(hub.restoring().into())
}
