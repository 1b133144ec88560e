//! The adopted toys.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Json, Path, Payload, ThinData},
};

use super::{
    error::ApiError,
    schema::{Chosen, Nothing, Vocabulary, Word, asked, body},
    upload::{self, Limits},
};
use crate::{
    hub::{self, Guardian, Hub, meetings::Adoption, whole},
    model::{Character, ChildId, ItemId, MeetingId, Sign, Slot, ToyId},
};

body! {
    /// An adopted toy.
    struct Toy {
        /// Its identifier.
        id: ToyId,
        /// What the family calls it.
        name: String,
        /// The animal that it is.
        character: Word<Character>,
        /// The child that it belongs to.
        child: ChildId,
        /// Whether the hub has it.
        presence: Word<hub::Presence>,
        /// How loud it is set, as far as it was ever asked.
        volume: Option<u8>,
        /// How well the hub heard it last; null if it never did.
        signal: Option<Word<hub::Signal>>,
        /// The slot that it plays because a guardian wanted to hear it.
        playing: Option<u8>,
        /// Another number than before when its slots hold something else than before.
        holds: u32,
        /// How loud a guardian wants it, until it is.
        wanted_volume: Option<u8>,
        /// How loud it may be now, by the rules of the child; null for as loud as it goes.
        loudest: Option<u8>,
        /// Whether a guardian has retired it: it is let go at the next contact.
        retiring: bool,
        /// What makes one doubt that it is the toy that was adopted; null if nothing does.
        guard: Option<Word<Sign>>,
    }
}

body! {
    /// The adopted toys.
    struct Toys {
        /// All of them.
        toys: Vec<Toy>,
    }
}

impl Vocabulary for hub::Presence {
    fn words() -> Vec<&'static str> {
        Self::ALL.map(Self::word).to_vec()
    }
}

impl Vocabulary for hub::Signal {
    fn words() -> Vec<&'static str> {
        Self::ALL.map(Self::word).to_vec()
    }
}

impl From<hub::Toy> for Toy {
    fn from(toy: hub::Toy) -> Self {
        let hub::Toy {
            id,
            name,
            character,
            child,
            now,
            wanted_volume,
            loudest,
            is_retiring,
            guard,
        } = toy;
        let hub::ToyNow { presence, volume, signal, playing, n_changes: holds } = now;
        let guard = guard.map(|sign| Word::new(sign.word()));
        Self {
            id,
            name,
            character: Word::new(character.word()),
            child,
            presence: Word::new(presence.word()),
            volume,
            signal: signal.map(|signal| Word::new(signal.word())),
            playing: playing.map(Slot::index),
            holds,
            wanted_volume,
            loudest,
            retiring: is_retiring,
            guard,
        }
    }
}

/// `GET /toys`: the adopted toys.
pub(super) async fn list(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
) -> Result<Json<Toys>, ApiError> {
    let toys = hub.toys(&by).await?;
    Ok(Json(Toys { toys: toys.into_iter().map(Toy::from).collect() }))
}

asked! {
    /// A toy to adopt, of which a paw was squeezed.
    struct NewToy {
        /// The meeting at which that was.
        meeting: MeetingId,
        /// The child that it is to belong to.
        child: ChildId,
        /// What the family calls it.
        name: String,
        /// The animal that it is, should it not say so itself.
        character: Option<Chosen<Character>>,
    }
}

/// `POST /toys`: adopts a toy.
pub(super) async fn adopt(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let NewToy { meeting, child, name, character } = upload::json(&request, body, limits).await?;
    let character = character.map(|animal| animal.pick(Character::from_word)).transpose()?;
    let adoption = Adoption { meeting, child, name, character };
    let toy = whole(async move { hub.adopt(&by, adoption).await }).await?;
    Ok(HttpResponse::Created().json(Toy::from(toy)))
}

asked! {
    /// What becomes different about a toy.
    struct ChangedToy {
        /// What the family calls it.
        name: Option<String>,
        /// The child that it is to belong to.
        child: Option<ChildId>,
        /// How loud it is to be, as far as the rules of the child allow.
        volume: Option<u8>,
    }
}

/// `POST /toys/{toy}`: changes what a toy is called, whose it is, or how loud.
pub(super) async fn change(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    toy: Path<ToyId>,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<Toy>, ApiError> {
    let ChangedToy { name, child, volume } = upload::json(&request, body, limits).await?;
    let (toy, change) = (toy.into_inner(), hub::ToyChange { name, child, volume });
    let changed = whole(async move { hub.change_toy(&by, toy, change).await }).await?;
    Ok(Json(changed.into()))
}

asked! {
    /// How a toy is retired.
    struct Retire {
        /// Let it go without reaching it once more: what it holds stays on it.
        at_once: bool,
    }
}

/// `POST /toys/{toy}/retire`: retires a toy.
pub(super) async fn retire(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    toy: Path<ToyId>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let Retire { at_once } = upload::json(&request, body, limits).await?;
    let toy = toy.into_inner();
    whole(async move { hub.retire(&by, toy, at_once).await }).await?;
    Ok(HttpResponse::Accepted().json(Nothing {}))
}

/// `POST /toys/{toy}/trust`: a guardian says that it is still their toy.
pub(super) async fn trust(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    toy: Path<ToyId>,
) -> Result<HttpResponse, ApiError> {
    let toy = toy.into_inner();
    whole(async move { hub.trust(&by, toy).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

body! {
    /// A slot of a toy.
    struct SlotSeen {
        /// Which, 0 to 4. The toy keeps its recording in 0; the play paw plays 1.
        slot: u8,
        /// What it holds, as far as the hub knows.
        holds: Word<hub::Holds>,
        /// That recording or message.
        item: Option<ItemId>,
        /// Whether it is overwritten with silence as soon as the toy can be reached.
        to_go: bool,
    }
}

body! {
    /// What a toy holds.
    struct Slots {
        /// Its five slots.
        slots: Vec<SlotSeen>,
    }
}

impl Vocabulary for hub::Holds {
    fn words() -> Vec<&'static str> {
        Self::ALL.map(Self::word).to_vec()
    }
}

impl From<hub::SlotSeen> for SlotSeen {
    fn from(seen: hub::SlotSeen) -> Self {
        let hub::SlotSeen { slot, holds, item, is_to_go } = seen;
        Self { slot: slot.index(), holds: Word::new(holds.word()), item, to_go: is_to_go }
    }
}

/// `GET /toys/{toy}/slots`: what a toy holds.
pub(super) async fn slots(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    toy: Path<ToyId>,
) -> Result<Json<Slots>, ApiError> {
    let slots = hub.slots(&by, toy.into_inner()).await?;
    Ok(Json(Slots { slots: slots.into_iter().map(SlotSeen::from).collect() }))
}

/// `POST /toys/{toy}/slots/{slot}/play`: has the toy play a slot aloud.
pub(super) async fn play(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    path: Path<(ToyId, u8)>,
) -> Result<HttpResponse, ApiError> {
    let (toy, slot) = path.into_inner();
    let slot = Slot::new(slot).ok_or(ApiError::NotFound)?;
    hub.play(&by, toy, slot).await?;
    Ok(HttpResponse::Accepted().json(Nothing {}))
}

/// `POST /toys/{toy}/stop`: has the toy stop what a guardian had it play.
pub(super) async fn stop(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    toy: Path<ToyId>,
) -> Result<HttpResponse, ApiError> {
    hub.stop(&by, toy.into_inner()).await?;
    Ok(HttpResponse::Accepted().json(Nothing {}))
}

/// `POST /toys/{toy}/slots/{slot}/silence`: has a slot overwritten with silence.
pub(super) async fn silence(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    path: Path<(ToyId, u8)>,
) -> Result<HttpResponse, ApiError> {
    let (toy, slot) = path.into_inner();
    let slot = Slot::new(slot).ok_or(ApiError::NotFound)?;
    whole(async move { hub.silence(&by, toy, slot).await }).await?;
    Ok(HttpResponse::Accepted().json(Nothing {}))
}
