//! The children of the household.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Json, Path, Payload, ThinData},
};

use super::{
    error::ApiError,
    schema::{Chosen, Vocabulary, Word, asked, body},
    upload::{self, Limits},
};
use crate::{
    hub::{self, Caller, Guardian, Hub},
    model::{Character, ChildId, PictureId, Relation, Timestamp, ToyId},
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
        /// Which picture it has; null if it has none. Another picture has another one of these.
        picture: Option<PictureId>,
        /// Its toys.
        toys: Vec<ToyId>,
        /// When the latest item of its conversation was recorded that the caller may hear.
        latest_at: Option<Timestamp>,
        /// What goes with it, for a relative who may write to it.
        grant: Option<Granted>,
        /// Its quiet hours, while they last.
        quiet: Option<Quiet>,
        /// When they begin next.
        quiet_at: Option<Timestamp>,
    }
}

body! {
    /// Quiet hours that last.
    struct Quiet {
        /// When they end; null while nobody can say.
        until: Option<Timestamp>,
        /// Why it is quiet: the child's rules, or a clock that is not right.
        because: Word<hub::Because>,
    }
}

body! {
    /// What goes with a child that a relative may write to.
    struct Granted {
        /// What the relative is to the child.
        relation: Word<Relation>,
        /// Whether a guardian listens to each message before the child does.
        needs_approval: bool,
        /// How many messages a day, if not as many as they like.
        daily_limit: Option<u32>,
        /// How many they have sent today.
        sent_today: u32,
    }
}

body! {
    /// The children of the household.
    struct Children {
        /// All of them.
        children: Vec<Child>,
    }
}

impl Vocabulary for Relation {
    fn words() -> Vec<&'static str> {
        Self::ALL.map(Self::word).to_vec()
    }
}

impl Vocabulary for hub::Color {
    fn words() -> Vec<&'static str> {
        Self::ALL.iter().map(|color| color.word()).collect()
    }
}

impl Vocabulary for hub::Because {
    fn words() -> Vec<&'static str> {
        [Self::Hours, Self::Clock].map(because).to_vec()
    }
}

impl From<hub::QuietNow> for Quiet {
    fn from(quiet: hub::QuietNow) -> Self {
        let hub::QuietNow { until, because: why } = quiet;
        Self { until, because: Word::new(because(why)) }
    }
}

const fn because(why: hub::Because) -> &'static str {
    match why {
        hub::Because::Hours => "hours",
        hub::Because::Clock => "clock",
    }
}

impl From<hub::Child> for Child {
    fn from(child: hub::Child) -> Self {
        let hub::Child {
            id,
            name,
            animal,
            color,
            picture,
            toys,
            latest_at,
            granted,
            quiet,
            quiet_at,
        } = child;
        let (animal, color) = (Word::new(animal.word()), Word::new(color.word()));
        let grant = granted.map(|granted| {
            let hub::Granted { relation, needs_approval, daily_limit, sent_today } = granted;
            let relation = Word::new(relation.word());
            Granted { relation, needs_approval, daily_limit, sent_today }
        });
        let quiet = quiet.map(Quiet::from);
        Self { id, name, animal, color, picture, toys, latest_at, grant, quiet, quiet_at }
    }
}

/// `GET /children`: the children that the caller may know.
pub(super) async fn list(
    ThinData(hub): ThinData<Hub>,
    by: Caller,
) -> Result<Json<Children>, ApiError> {
    let children = hub.children(&by).await?;
    Ok(Json(Children { children: children.into_iter().map(Child::from).collect() }))
}

asked! {
    /// A child to add.
    struct NewChild {
        /// Its nickname.
        name: String,
        /// The animal that stands for it.
        animal: Chosen<Character>,
        /// Its color.
        color: Chosen<hub::Color>,
    }
}

/// `POST /children`: adds a child.
pub(super) async fn add(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let NewChild { name, animal, color } = upload::json(&request, body, limits).await?;
    let animal = animal.pick(Character::from_word)?;
    let color = color.pick(hub::Color::from_word)?;
    let child = hub.add_child(&by, hub::children::NewChild { name, animal, color }).await?;
    Ok(HttpResponse::Created().json(Child::from(child)))
}

asked! {
    /// What becomes different about a child.
    struct ChangedChild {
        /// Its nickname.
        name: Option<String>,
        /// The animal that stands for it.
        animal: Option<Chosen<Character>>,
        /// Its color.
        color: Option<Chosen<hub::Color>>,
    }
}

/// `POST /children/{child}`: changes what a child is called, or what stands for it.
pub(super) async fn change(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    child: Path<ChildId>,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<Child>, ApiError> {
    let ChangedChild { name, animal, color } = upload::json(&request, body, limits).await?;
    let animal = animal.map(|animal| animal.pick(Character::from_word)).transpose()?;
    let color = color.map(|color| color.pick(hub::Color::from_word)).transpose()?;
    let change = hub::children::Change { name, animal, color };
    let child = hub.change_child(&by, child.into_inner(), change).await?;
    Ok(Json(child.into()))
}
