//! What the radio hears, and meetings: looks at a toy before it is adopted.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Json, Path, Payload, ThinData},
};

use super::{
    error::ApiError,
    schema::{Address, Vocabulary, Word, asked, body},
    upload::{self, Limits},
};
use crate::{
    hub::{self, Guardian, Hub, MeetingState, WhyNot, whole},
    model::{Character, ChildId, MeetingId, ToyId},
};

body! {
    /// Whether Bluetooth works.
    struct RadioState {
        /// How it is.
        state: Word<hub::RadioState>,
    }
}

body! {
    /// Whether Bluetooth works, and what is heard.
    struct Radio {
        /// How it is.
        state: Word<hub::RadioState>,
        /// The toys that are heard, whoever's they are, the strongest first.
        toys: Vec<NearbyToy>,
    }
}

body! {
    /// A toy that is heard.
    struct NearbyToy {
        /// Where it is found.
        address: Address,
        /// What it calls itself.
        name: String,
        /// How strong it is heard; null where nobody can say.
        signal_dbm: Option<i16>,
        /// The animal that it is; null if it does not say so.
        character: Option<Word<Character>>,
        /// The toy that was adopted at this address; null if none was.
        toy: Option<ToyId>,
        /// The child that it belongs to.
        child: Option<ChildId>,
    }
}

body! {
    /// A look at a toy that somebody may adopt.
    struct Meeting {
        /// Its identifier.
        id: MeetingId,
        /// Where the toy is found.
        address: Address,
        /// How far it has come.
        state: Word<MeetingState>,
        /// Why it came to nothing, if it did.
        why: Option<Word<WhyNot>>,
        /// The animal that the toy is; null if it does not say so.
        character: Option<Word<Character>>,
    }
}

asked! {
    /// A toy to look at.
    struct NewMeeting {
        /// Where it is found.
        address: Address,
    }
}

impl Vocabulary for hub::RadioState {
    fn words() -> Vec<&'static str> {
        Self::ALL.map(Self::word).to_vec()
    }
}

impl Vocabulary for MeetingState {
    fn words() -> Vec<&'static str> {
        let [why, ..] = WhyNot::ALL;
        [
            Self::Connecting,
            Self::Waiting,
            Self::Squeezed,
            Self::Failed(why),
            Self::Cancelled,
            Self::Adopted,
        ]
        .map(Self::word)
        .to_vec()
    }
}

impl Vocabulary for WhyNot {
    fn words() -> Vec<&'static str> {
        Self::ALL.map(Self::word).to_vec()
    }
}

impl From<hub::RadioState> for RadioState {
    fn from(state: hub::RadioState) -> Self {
        Self { state: Word::new(state.word()) }
    }
}

impl From<hub::NearbyToy> for NearbyToy {
    fn from(toy: hub::NearbyToy) -> Self {
        let hub::NearbyToy { address, name, signal_dbm, character, adopted } = toy;
        let (toy, child) = adopted.unzip();
        let character = character.map(|character| Word::new(character.word()));
        Self { address: Address(address), name, signal_dbm, character, toy, child }
    }
}

impl From<hub::Meeting> for Meeting {
    fn from(meeting: hub::Meeting) -> Self {
        let hub::Meeting { id, address, state, character } = meeting;
        let why = match state {
            MeetingState::Failed(why) => Some(Word::new(why.word())),
            _ => None,
        };
        let character = character.map(|character| Word::new(character.word()));
        Self { id, address: Address(address), state: Word::new(state.word()), why, character }
    }
}

/// `GET /radio`: whether Bluetooth works, and what is heard.
pub(super) async fn radio(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
) -> Result<Json<Radio>, ApiError> {
    let hub::Nearby { state, toys } = hub.nearby(&by).await?;
    let toys = toys.into_iter().map(NearbyToy::from).collect();
    Ok(Json(Radio { state: Word::new(state.word()), toys }))
}

/// `POST /meetings`: begins to look at a toy.
pub(super) async fn begin(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let NewMeeting { address: Address(address) } = upload::json(&request, body, limits).await?;
    let meeting = hub.meet(&by, address).await?;
    Ok(HttpResponse::Created().json(Meeting::from(meeting)))
}

/// `GET /meetings/{meeting}`: how far it has come.
pub(super) async fn show(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    meeting: Path<MeetingId>,
) -> Result<Json<Meeting>, ApiError> {
    Ok(Json(hub.meeting(&by, meeting.into_inner())?.into()))
}

/// `POST /meetings/{meeting}/end`: lets the toy go.
pub(super) async fn end(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    meeting: Path<MeetingId>,
) -> Result<HttpResponse, ApiError> {
    let meeting = meeting.into_inner();
    whole(async move { hub.end_meeting(&by, meeting).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}
