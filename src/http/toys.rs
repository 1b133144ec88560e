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
    model::{Character, ChildId, MeetingId, Sign, ToyId},
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

impl From<hub::Toy> for Toy {
    fn from(toy: hub::Toy) -> Self {
        let hub::Toy { id, name, character, child, presence, volume, is_retiring, guard } = toy;
        let (character, presence) = (Word::new(character.word()), Word::new(presence.word()));
        let guard = guard.map(|sign| Word::new(sign.word()));
        Self { id, name, character, child, presence, volume, retiring: is_retiring, guard }
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
