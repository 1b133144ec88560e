//! The simulated toys of a demo: what a child would do with a real one.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Json, Path, Payload, ThinData},
};

use super::{
    caller::DemoGuardian,
    error::ApiError,
    items::WAV,
    range,
    schema::{Address, Vocabulary, Word, body},
    upload::{self, Limits},
};
use crate::{
    demo::{self, QuirksSpec},
    hub::HubError,
    model::{Character, Slot, ToyId},
};

body! {
    /// A simulated toy, as one sees and hears it.
    struct DemoToy {
        /// The toy that it plays; any other name for one that is not adopted.
        id: ToyId,
        /// Where it is found.
        address: Address,
        /// The animal that it is.
        character: Word<Character>,
        /// Whether it is switched on and awake.
        awake: bool,
        /// Whether the hub is connected to it.
        connected: bool,
        /// What it is doing, in the toy's own words.
        state: &'static str,
        /// Its heart.
        led: Led,
        /// How loud it is set.
        volume: u8,
        /// How much longer it plays, while it does.
        playing_ms: Option<u32>,
        /// Whether a message lies in its mailbox.
        has_message: bool,
        /// Whether it holds a recording that was not fetched.
        has_recording: bool,
    }
}

body! {
    /// A toy's heart.
    struct Led {
        /// What it does.
        mode: Word<Led>,
        /// How long one blink takes.
        period_ms: Option<u16>,
    }
}

body! {
    /// The simulated toys.
    struct DemoToys {
        /// All of them.
        toys: Vec<DemoToy>,
    }
}

impl Vocabulary for Led {
    fn words() -> Vec<&'static str> {
        vec!["off", "on", "blink"]
    }
}

impl From<demo::Led> for Led {
    fn from(led: demo::Led) -> Self {
        let (mode, period_ms) = match led {
            demo::Led::Off => ("off", None),
            demo::Led::On => ("on", None),
            demo::Led::Blink { period_ms } => ("blink", Some(period_ms)),
        };
        Self { mode: Word::new(mode), period_ms }
    }
}

impl From<demo::DemoToy> for DemoToy {
    fn from(toy: demo::DemoToy) -> Self {
        let demo::DemoToy {
            id,
            address,
            character,
            awake,
            connected,
            state,
            led,
            volume,
            playing_ms,
            has_message,
            has_recording,
        } = toy;
        Self {
            id,
            address: Address(address),
            character: Word::new(character.word()),
            awake,
            connected,
            state,
            led: led.into(),
            volume,
            playing_ms,
            has_message,
            has_recording,
        }
    }
}

/// `GET /demo/toys`: the simulated toys.
pub(super) async fn list(demo: DemoGuardian) -> Result<Json<DemoToys>, ApiError> {
    let toys = demo.playroom()?.toys();
    Ok(Json(DemoToys { toys: toys.into_iter().map(DemoToy::from).collect() }))
}

/// `POST /demo/toys/{toy}/play`: squeezes the play paw.
pub(super) async fn play(demo: DemoGuardian, toy: Path<ToyId>) -> Result<Json<DemoToy>, ApiError> {
    let toy = demo.playroom()?.play(toy.into_inner()).ok_or(HubError::NoSuchToy)?;
    Ok(Json(toy.into()))
}

/// `POST /demo/toys/{toy}/record`: holds the record paw and speaks.
pub(super) async fn record(
    demo: DemoGuardian,
    ThinData(limits): ThinData<Limits>,
    toy: Path<ToyId>,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<DemoToy>, ApiError> {
    let spoken = upload::optional_wav(&request, body, limits).await?;
    let toy = demo.playroom()?.record(toy.into_inner(), spoken).await.map_err(HubError::from)?;
    let toy = toy.ok_or(HubError::NoSuchToy)?;
    Ok(Json(toy.into()))
}

/// `POST /demo/toys/{toy}/sleep`: lets the toy fall asleep.
pub(super) async fn sleep(demo: DemoGuardian, toy: Path<ToyId>) -> Result<Json<DemoToy>, ApiError> {
    let toy = demo.playroom()?.sleep(toy.into_inner()).ok_or(HubError::NoSuchToy)?;
    Ok(Json(toy.into()))
}

/// `POST /demo/toys/{toy}/wake`: wakes the toy.
pub(super) async fn wake(demo: DemoGuardian, toy: Path<ToyId>) -> Result<Json<DemoToy>, ApiError> {
    let toy = demo.playroom()?.wake(toy.into_inner()).ok_or(HubError::NoSuchToy)?;
    Ok(Json(toy.into()))
}

/// `GET /demo/toys/{toy}/sound`: what the toy's speaker plays.
pub(super) async fn sound(
    demo: DemoGuardian,
    toy: Path<ToyId>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let sound = demo.playroom()?.speaker(toy.into_inner()).ok_or(ApiError::NotFound)?;
    range::answer(request.headers(), WAV, sound)
}

/// `GET /demo/toys/{toy}/slots/{slot}`: the bytes that the toy holds in a slot.
pub(super) async fn slot(
    demo: DemoGuardian,
    path: Path<(ToyId, u8)>,
) -> Result<HttpResponse, ApiError> {
    let (toy, slot) = path.into_inner();
    let slot = Slot::new(slot).ok_or(ApiError::NotFound)?;
    let bytes = demo.playroom()?.slot(toy, slot).ok_or(ApiError::NotFound)?;
    Ok(HttpResponse::Ok().content_type("application/octet-stream").body(bytes))
}

/// `POST /demo/toys/{toy}/quirks`: makes the toy misbehave.
pub(super) async fn set_quirks(
    demo: DemoGuardian,
    ThinData(limits): ThinData<Limits>,
    toy: Path<ToyId>,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<DemoToy>, ApiError> {
    let quirks: QuirksSpec = upload::json(&request, body, limits).await?;
    let toy = demo.playroom()?.set_quirks(toy.into_inner(), quirks).ok_or(HubError::NoSuchToy)?;
    Ok(Json(toy.into()))
}
