//! Everybody of the household, and what guardians do about relatives and child screens.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Json, Path, Payload, ThinData},
};

use super::{
    error::ApiError,
    invites::{self, Invite, NewInvite},
    schema::{Chosen, Vocabulary, Word, asked, body},
    upload::{self, Limits},
};
use crate::{
    hub::{Guardian, Hub, accounts, whole},
    model::{AccountId, ChildId, Relation, Role, Timestamp},
};

body! {
    /// A guardian, as guardians see each other.
    struct Person {
        /// Its identifier.
        id: AccountId,
        /// The name that people see.
        name: String,
        /// The name to sign in with.
        sign_in_name: String,
        /// Since when.
        created_at: Timestamp,
        /// Whether it is the one that asks.
        me: bool,
        /// Whether it has a password: without one, it needs a link.
        has_password: bool,
        /// The link that is open, if there is one.
        invite: Option<Invite>,
    }
}

body! {
    /// A child that a relative may write to and hear from.
    struct Grant {
        /// The child.
        child: ChildId,
        /// What the relative is to the child.
        relation: Word<Relation>,
        /// Whether a guardian listens to each message before the child does.
        needs_approval: bool,
        /// How many messages a day, if not as many as they like.
        daily_limit: Option<u32>,
    }
}

body! {
    /// A relative, as guardians see them.
    struct Relative {
        /// Its identifier.
        id: AccountId,
        /// The name that people see.
        name: String,
        /// The name to sign in with, once they have accepted.
        sign_in_name: Option<String>,
        /// When they were invited.
        created_at: Timestamp,
        /// How it stands with them.
        state: Word<accounts::Standing>,
        /// The invitation that is open, if there is one.
        invite: Option<Invite>,
        /// The children that they may write to and hear from.
        grants: Vec<Grant>,
    }
}

body! {
    /// A child screen, as guardians see it.
    struct Screen {
        /// Its identifier.
        id: AccountId,
        /// What it is called.
        name: String,
        /// The child that it is for.
        child: ChildId,
        /// When it was added.
        created_at: Timestamp,
        /// How it stands with it.
        state: Word<accounts::Standing>,
        /// The invitation that is open, if there is one.
        invite: Option<Invite>,
        /// When it was last used, to some minutes.
        last_used_at: Option<Timestamp>,
    }
}

body! {
    /// Everybody of the household.
    struct People {
        /// The guardians, the first first.
        guardians: Vec<Person>,
        /// The relatives, the first invited first.
        relatives: Vec<Relative>,
        /// The child screens, the first added first.
        screens: Vec<Screen>,
    }
}

body! {
    /// A relative who was just invited.
    struct InvitedRelative {
        /// The relative.
        relative: Relative,
        /// The link, which is never shown again.
        invite: NewInvite,
    }
}

body! {
    /// A child screen that was just added.
    struct AddedScreen {
        /// The screen.
        screen: Screen,
        /// The link, which is never shown again.
        invite: NewInvite,
    }
}

impl Vocabulary for accounts::Standing {
    fn words() -> Vec<&'static str> {
        [Self::Invited, Self::Active, Self::Blocked].map(Self::word).to_vec()
    }
}

impl From<accounts::Person> for Person {
    fn from(person: accounts::Person) -> Self {
        let accounts::Person {
            id,
            name,
            sign_in_name,
            created_at,
            is_me: me,
            has_password,
            invite,
        } = person;
        let invite = invite.map(Invite::from);
        Self { id, name, sign_in_name, created_at, me, has_password, invite }
    }
}

impl From<accounts::RelativeLine> for Relative {
    fn from(line: accounts::RelativeLine) -> Self {
        let accounts::RelativeLine { id, name, sign_in_name, created_at, standing, invite, grants } =
            line;
        let grants = grants.into_iter().map(|grant| {
            let accounts::Grant { child, relation, needs_approval, daily_limit } = grant;
            Grant { child, relation: Word::new(relation.word()), needs_approval, daily_limit }
        });
        Self {
            id,
            name,
            sign_in_name,
            created_at,
            state: Word::new(standing.word()),
            invite: invite.map(Invite::from),
            grants: grants.collect(),
        }
    }
}

impl From<accounts::ScreenLine> for Screen {
    fn from(line: accounts::ScreenLine) -> Self {
        let accounts::ScreenLine { id, name, child, created_at, standing, invite, last_used_at } =
            line;
        let (state, invite) = (Word::new(standing.word()), invite.map(Invite::from));
        Self { id, name, child, created_at, state, invite, last_used_at }
    }
}

/// `GET /people`: everybody of the household.
pub(super) async fn list(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
) -> Result<Json<People>, ApiError> {
    let accounts::People { guardians, relatives, screens } = hub.people(&by).await?;
    Ok(Json(People {
        guardians: guardians.into_iter().map(Person::from).collect(),
        relatives: relatives.into_iter().map(Relative::from).collect(),
        screens: screens.into_iter().map(Screen::from).collect(),
    }))
}

asked! {
    /// A child that a relative shall write to and hear from.
    struct WantedGrant {
        /// The child.
        child: ChildId,
        /// What the relative is to the child.
        relation: Chosen<Relation>,
        /// Whether a guardian listens to each message before the child does; so unless said
        /// otherwise.
        needs_approval: Option<bool>,
        /// How many messages a day, 1 to 100, if not as many as they like.
        daily_limit: Option<u32>,
    }
}

impl WantedGrant {
    fn into_grant(self) -> Result<accounts::Grant, ApiError> {
        let Self { child, relation, needs_approval, daily_limit } = self;
        let relation = relation.pick(Relation::from_word)?;
        let needs_approval = needs_approval.unwrap_or(true);
        Ok(accounts::Grant { child, relation, needs_approval, daily_limit })
    }
}

fn grants(wanted: Vec<WantedGrant>) -> Result<Vec<accounts::Grant>, ApiError> {
    wanted.into_iter().map(WantedGrant::into_grant).collect()
}

asked! {
    /// A relative to invite.
    struct NewRelative {
        /// The name that people see.
        name: String,
        /// The children that they shall write to and hear from.
        grants: Vec<WantedGrant>,
    }
}

/// `POST /relatives`: invites a relative.
pub(super) async fn invite_relative(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let NewRelative { name, grants: wanted } = upload::json(&request, body, limits).await?;
    let new = accounts::NewRelative { name, grants: grants(wanted)? };
    let (relative, invited) = hub.invite_relative(&by, new).await?;
    let invite = invites::shown(&hub, &request, &invited)?;
    Ok(HttpResponse::Created().json(InvitedRelative { relative: relative.into(), invite }))
}

asked! {
    /// What becomes different about a relative.
    struct ChangedRelative {
        /// The name that people see.
        name: Option<String>,
        /// The children that they shall write to and hear from, instead of those so far.
        grants: Option<Vec<WantedGrant>>,
    }
}

/// `POST /relatives/{account}`: changes a relative's name or children.
pub(super) async fn change_relative(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    account: Path<AccountId>,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<Relative>, ApiError> {
    let ChangedRelative { name, grants: wanted } = upload::json(&request, body, limits).await?;
    let (id, granted) = (account.into_inner(), wanted.map(grants).transpose()?);
    let change = async move { hub.change_relative(&by, id, name.as_deref(), granted).await };
    Ok(Json(whole(change).await?.into()))
}

/// `POST /relatives/{account}/invite`: another link for a relative.
pub(super) async fn renew_relative(
    hub: ThinData<Hub>,
    by: Guardian,
    account: Path<AccountId>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    renew(hub, by, account, request, Role::Relative).await
}

/// `POST /screens/{account}/invite`: another link for a child screen.
pub(super) async fn renew_screen(
    hub: ThinData<Hub>,
    by: Guardian,
    account: Path<AccountId>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    renew(hub, by, account, request, Role::ChildScreen).await
}

async fn renew(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    account: Path<AccountId>,
    request: HttpRequest,
    role: Role,
) -> Result<HttpResponse, ApiError> {
    let renewing = hub.clone();
    let id = account.into_inner();
    let invited = whole(async move { renewing.renew_invite(&by, id, role).await }).await?;
    Ok(HttpResponse::Created().json(invites::shown(&hub, &request, &invited)?))
}

/// `POST /relatives/{account}/block`: keeps a relative from signing in.
pub(super) async fn block(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    account: Path<AccountId>,
) -> Result<Json<Relative>, ApiError> {
    let block = async move { hub.set_blocked(&by, account.into_inner(), true).await };
    Ok(Json(whole(block).await?.into()))
}

/// `POST /relatives/{account}/unblock`: lets a relative sign in again.
pub(super) async fn unblock(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    account: Path<AccountId>,
) -> Result<Json<Relative>, ApiError> {
    let relative = hub.set_blocked(&by, account.into_inner(), false).await?;
    Ok(Json(relative.into()))
}

/// `POST /relatives/{account}/remove`: removes a relative.
pub(super) async fn remove_relative(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    account: Path<AccountId>,
) -> Result<HttpResponse, ApiError> {
    let id = account.into_inner();
    whole(async move { hub.remove_account(&by, id, Role::Relative).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

asked! {
    /// A child screen to add.
    struct NewScreen {
        /// What it is called.
        name: String,
        /// The child that it is for.
        child: ChildId,
    }
}

/// `POST /screens`: adds a child screen.
pub(super) async fn add_screen(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let NewScreen { name, child } = upload::json(&request, body, limits).await?;
    let (screen, invited) = hub.add_screen(&by, &name, child).await?;
    let invite = invites::shown(&hub, &request, &invited)?;
    Ok(HttpResponse::Created().json(AddedScreen { screen: screen.into(), invite }))
}

/// `POST /screens/{account}/remove`: removes a child screen.
pub(super) async fn remove_screen(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    account: Path<AccountId>,
) -> Result<HttpResponse, ApiError> {
    let id = account.into_inner();
    whole(async move { hub.remove_account(&by, id, Role::ChildScreen).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}
