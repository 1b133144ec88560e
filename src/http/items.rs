//! Conversations: messages to a child and recordings from it, and how they sound.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Json, Path, Payload, Query, ThinData},
};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    caller::Account,
    deliveries::Delivery,
    error::ApiError,
    once, range,
    schema::{Vocabulary, Waveform, Word, asked, body},
    upload::{self, Limits},
};
use crate::{
    hub::{self, Caller, Guardian, Hub, Screen, whole},
    model::{AccountId, ChildId, ItemId, Timestamp, ToyId},
};

/// How many items a page has unless the request says otherwise.
pub(super) const DEFAULT_LIMIT: u16 = 50;
/// How many items a page may have.
pub(super) const MAX_LIMIT: u16 = 100;

pub(super) const OGG: &str = "audio/ogg; codecs=opus";
pub(super) const WAV: &str = "audio/wav";

body! {
    /// A message to a child or a recording from it, without its sound.
    struct Item {
        /// Its identifier.
        id: ItemId,
        /// Which of the two.
        kind: Word<hub::ItemKind>,
        /// The child that it is for or from.
        child: ChildId,
        /// When it was recorded.
        at: Timestamp,
        /// How long it is.
        length_ms: u32,
        /// The peaks of 64 equal parts of it.
        waveform: Waveform,
        /// The toy that recorded it.
        toy: Option<ToyId>,
        /// Whether the toy recorded it while the hub was not connected.
        while_away: bool,
        /// Whether it stays whatever its age; guardians see it.
        kept: bool,
        /// When it is erased by itself, if it is; guardians see it.
        goes_at: Option<Timestamp>,
        /// The account that sent the message, or the child screen that recorded it.
        sender: Option<AccountId>,
        /// Whether that is who asks.
        mine: bool,
        /// The relatives that may hear it besides whoever sent it; guardians see them.
        shared_with: Vec<AccountId>,
        /// What somebody wrote to it, for those who cannot hear it: whoever may hear it may read it.
        note: Option<String>,
        /// How its delivery stands, if it is a message.
        delivery: Option<Delivery>,
    }
}

body! {
    /// A page of a conversation, newest first.
    struct Page {
        /// The items.
        items: Vec<Item>,
        /// Give it as `before` to get the next page; null at the end.
        next: Option<String>,
    }
}

body! {
    /// What became of a message: several items if it was split.
    struct Sent {
        /// The items, in the order in which the child hears them.
        items: Vec<Item>,
    }
}

impl Vocabulary for hub::ItemKind {
    fn words() -> Vec<&'static str> {
        [Self::Message, Self::Recording].map(kind).to_vec()
    }
}

impl From<hub::Item> for Item {
    fn from(item: hub::Item) -> Self {
        let hub::Item {
            id,
            kind: which,
            child,
            at,
            length_ms,
            waveform,
            toy,
            while_away,
            kept,
            goes_at,
            sender,
            is_mine: mine,
            shared_with,
            note,
            delivery,
        } = item;
        Self {
            id,
            kind: Word::new(kind(which)),
            child,
            at,
            length_ms,
            waveform: Waveform(waveform),
            toy,
            while_away,
            kept,
            goes_at,
            sender,
            mine,
            shared_with,
            note,
            delivery: delivery.map(Delivery::from),
        }
    }
}

/// Which page of a conversation.
#[derive(Deserialize)]
pub(super) struct Which {
    before: Option<String>,
    limit: Option<u16>,
}

/// `GET /children/{child}/items`: a page of the conversation with a child.
pub(super) async fn list(
    ThinData(hub): ThinData<Hub>,
    by: Caller,
    child: Path<ChildId>,
    which: Query<Which>,
) -> Result<Json<Page>, ApiError> {
    let Which { before, limit } = which.into_inner();
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(ApiError::BadQuery);
    }
    let page = hub.items(&by, child.into_inner(), before.as_deref(), limit.into()).await?;
    let hub::Page { items, next } = page;
    Ok(Json(Page { items: items.into_iter().map(Item::from).collect(), next }))
}

/// `GET /items/{item}`: everything about an item except its sound.
pub(super) async fn show(
    ThinData(hub): ThinData<Hub>,
    by: Caller,
    item: Path<ItemId>,
) -> Result<Json<Item>, ApiError> {
    let item = hub.item(&by, item.into_inner()).await?;
    Ok(Json(item.into()))
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    #[default]
    Ogg,
    Wav,
}

/// In which format.
#[derive(Deserialize)]
pub(super) struct As {
    #[serde(default, rename = "as")]
    format: Format,
}

/// `GET /items/{item}/sound`: how an item sounds.
pub(super) async fn sound(
    ThinData(hub): ThinData<Hub>,
    by: Caller,
    item: Path<ItemId>,
    wanted: Query<As>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (format, content_type) = match wanted.format {
        Format::Ogg => (hub::SoundFormat::Ogg, OGG),
        Format::Wav => (hub::SoundFormat::Wav, WAV),
    };
    let sound = hub.sound(&by, item.into_inner(), format).await?;
    range::answer(request.headers(), content_type, sound)
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Long {
    Cut,
    Split,
}

/// How a message is to be sent.
#[derive(Deserialize)]
pub(super) struct How {
    long: Option<Long>,
    send_at: Option<Timestamp>,
}

/// `POST /children/{child}/messages`: sends a message to a child.
pub(super) async fn send(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    Account(by): Account,
    child: Path<ChildId>,
    how: Query<How>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let key = once::key(request.headers())?;
    let file = upload::sound_file(&request, body, limits).await?;
    let How { long, send_at } = how.into_inner();
    let long = long.map(|long| match long {
        Long::Cut => hub::Long::Cut,
        Long::Split => hub::Long::Split,
    });
    let items = hub
        .send_message(&by, child.into_inner(), file, hub::Sending { long, send_at, key })
        .await?;
    let items = items.into_iter().map(Item::from).collect();
    Ok(HttpResponse::Created().json(Sent { items }))
}

/// `POST /children/{child}/recordings`: keeps what a child said to its screen.
pub(super) async fn record(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Screen,
    child: Path<ChildId>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let key = once::key(request.headers())?;
    let wav = upload::wav(&request, body, limits).await?;
    let items = hub.record(&by, child.into_inner(), wav, key).await?;
    let items = items.into_iter().map(Item::from).collect();
    Ok(HttpResponse::Created().json(Sent { items }))
}

body! {
    /// Messages that wait for a guardian's approval.
    struct Waiting {
        /// Up to 100 of them, the oldest first.
        items: Vec<Item>,
    }
}

/// `GET /waiting`: what a guardian is to listen to first.
pub(super) async fn waiting(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
) -> Result<Json<Waiting>, ApiError> {
    let items = hub.to_approve(&by).await?.into_iter().map(Item::from).collect();
    Ok(Json(Waiting { items }))
}

asked! {
    /// With whom.
    struct With {
        /// The relative.
        account: AccountId,
    }
}

/// `POST /items/{item}/share`: lets a relative hear it.
pub(super) async fn share(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    item: Path<ItemId>,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<Item>, ApiError> {
    let With { account } = upload::json(&request, body, limits).await?;
    let item = hub.share(&by, item.into_inner(), account).await?;
    Ok(Json(item.into()))
}

/// `POST /items/{item}/unshare`: takes it away from a relative.
pub(super) async fn unshare(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    item: Path<ItemId>,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<Item>, ApiError> {
    let With { account } = upload::json(&request, body, limits).await?;
    let unshare = async move { hub.unshare(&by, item.into_inner(), account).await };
    Ok(Json(whole(unshare).await?.into()))
}

asked! {
    /// What is to be written to an item.
    struct NewNote {
        /// Up to 1000 characters of any script, and line feeds; no other control character. Nothing
        /// but blanks takes the note away.
        text: Zeroizing<String>,
    }
}

/// `PUT /items/{item}/note`: writes a note to it, or takes that away.
pub(super) async fn note(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    Account(by): Account,
    item: Path<ItemId>,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<Item>, ApiError> {
    let NewNote { text } = upload::json(&request, body, limits).await?;
    let note = async move { hub.set_note(&by, item.into_inner(), text).await };
    Ok(Json(whole(note).await?.into()))
}

const fn kind(kind: hub::ItemKind) -> &'static str {
    match kind {
        hub::ItemKind::Message => "message",
        hub::ItemKind::Recording => "recording",
    }
}
