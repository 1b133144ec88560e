//! Children's pictures.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Json, Path, Payload, ThinData},
};

use super::{
    children::Child,
    error::ApiError,
    upload::{self, Limits},
};
use crate::{
    hub::{Caller, Guardian, Hub, PictureFormat, whole},
    model::ChildId,
};

pub(super) const JPEG: &str = "image/jpeg";
pub(super) const PNG: &str = "image/png";

/// `GET /children/{child}/picture`: what a child looks like.
pub(super) async fn show(
    ThinData(hub): ThinData<Hub>,
    by: Caller,
    child: Path<ChildId>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (id, picture) = hub.picture(&by, child.into_inner()).await?;
    let tag = format!("\"{id}\"");
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let is_known = known.is_some_and(|tags| tags.split(',').any(|one| one.trim() == tag));
    let mut answer = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::ETAG, tag));
    if is_known {
        return Ok(answer.finish());
    }
    answer.content_type(match picture.format() {
        PictureFormat::Jpeg => JPEG,
        PictureFormat::Png => PNG,
    });
    Ok(answer.body(picture.into_bytes()))
}

/// `PUT /children/{child}/picture`: gives a child a picture.
pub(super) async fn set(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    child: Path<ChildId>,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<Child>, ApiError> {
    let file = upload::picture(&request, body, limits).await?;
    let set = async move { hub.set_picture(&by, child.into_inner(), file).await };
    Ok(Json(whole(set).await?.into()))
}

/// `DELETE /children/{child}/picture`: takes it away.
pub(super) async fn remove(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    child: Path<ChildId>,
) -> Result<Json<Child>, ApiError> {
    let remove = async move { hub.remove_picture(&by, child.into_inner()).await };
    Ok(Json(whole(remove).await?.into()))
}
