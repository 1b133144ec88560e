//! Erasing: an item, a child, a relative, the household. The password must have been given a moment
//! ago.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Json, Path, Payload, ThinData},
};

use super::{
    error::ApiError,
    schema::{asked, body},
    upload::{self, Limits},
};
use crate::{
    hub::{self, Guardian, Hub, whole},
    model::{AccountId, ChildId, ItemId},
};

body! {
    /// What came of erasing something.
    struct Erasure {
        /// Whether it is gone from the database's log, too. If not, it was being read just then; it
        /// goes within a minute of that.
        gone: bool,
    }
}

impl From<hub::Erasure> for Erasure {
    fn from(erasure: hub::Erasure) -> Self {
        let hub::Erasure { is_gone: gone } = erasure;
        Self { gone }
    }
}

/// `POST /items/{item}/erase`: erases a recording or message.
pub(super) async fn item(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    item: Path<ItemId>,
) -> Result<Json<Erasure>, ApiError> {
    let erase = async move { hub.erase_item(&hub.confirmed(&by)?, item.into_inner()).await };
    Ok(Json(whole(erase).await?.into()))
}

/// `POST /children/{child}/erase`: erases a child, with everything of it.
pub(super) async fn child(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    child: Path<ChildId>,
) -> Result<Json<Erasure>, ApiError> {
    let erase = async move { hub.erase_child(&hub.confirmed(&by)?, child.into_inner()).await };
    Ok(Json(whole(erase).await?.into()))
}

/// `POST /relatives/{account}/erase`: erases a relative, with everything that they sent.
pub(super) async fn relative(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    account: Path<AccountId>,
) -> Result<Json<Erasure>, ApiError> {
    let id = account.into_inner();
    let erase = async move { hub.erase_relative(&hub.confirmed(&by)?, id).await };
    Ok(Json(whole(erase).await?.into()))
}

asked! {
    /// That it is meant.
    struct TypedName {
        /// What the household is called; if it has no name, the name of whoever asks.
        name: String,
    }
}

/// `POST /household/erase`: begins to erase everything.
pub(super) async fn household(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let TypedName { name } = upload::json(&request, body, limits).await?;
    let erase = async move { hub.erase_household(&hub.confirmed(&by)?, &name).await };
    whole(erase).await?;
    Ok(HttpResponse::NoContent().finish())
}
