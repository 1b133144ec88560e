//! The children of the household and their toys.

use actix_web::web::{Json, ThinData};

use super::{
    error::ApiError,
    schema::{Vocabulary, Word, body},
};
use crate::{
    hub::{self, Guardian, Hub},
    model::{Character, ChildId, Timestamp, ToyId},
};

body! {
    /// A child's profile.
    struct Child {
        /// Its identifier.
        id: ChildId,
        /// Its nickname.
        name: String,
        /// The animal that stands for it.
        animal: Word<Character>,
        /// Its color, by the name that the page's style sheet knows.
        color: Word<hub::Color>,
        /// Its toys.
        toys: Vec<ToyId>,
        /// When the latest item of its conversation was recorded.
        latest_at: Option<Timestamp>,
    }
}

body! {
    /// The children of the household.
    struct Children {
        /// All of them.
        children: Vec<Child>,
    }
}

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
    }
}

body! {
    /// The adopted toys.
    struct Toys {
        /// All of them.
        toys: Vec<Toy>,
    }
}

impl Vocabulary for hub::Color {
    fn words() -> Vec<&'static str> {
        Self::ALL.iter().map(|color| color.word()).collect()
    }
}

impl Vocabulary for hub::Presence {
    fn words() -> Vec<&'static str> {
        [Self::Asleep, Self::Connecting, Self::Awake, Self::Unreachable].map(Self::word).to_vec()
    }
}

impl From<hub::Child> for Child {
    fn from(child: hub::Child) -> Self {
        let hub::Child { id, name, animal, color, toys, latest_at } = child;
        let (animal, color) = (Word::new(animal.word()), Word::new(color.word()));
        Self { id, name, animal, color, toys, latest_at }
    }
}

impl From<hub::Toy> for Toy {
    fn from(toy: hub::Toy) -> Self {
        let hub::Toy { id, name, character, child, presence, volume } = toy;
        let (character, presence) = (Word::new(character.word()), Word::new(presence.word()));
        Self { id, name, character, child, presence, volume }
    }
}

/// `GET /children`: the children of the household.
pub(super) async fn list(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
) -> Result<Json<Children>, ApiError> {
    let children = hub.children(&by).await?;
    Ok(Json(Children { children: children.into_iter().map(Child::from).collect() }))
}

/// `GET /toys`: the adopted toys.
pub(super) async fn toys(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
) -> Result<Json<Toys>, ApiError> {
    let toys = hub.toys(&by).await?;
    Ok(Json(Toys { toys: toys.into_iter().map(Toy::from).collect() }))
}
