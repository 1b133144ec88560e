//! Everybody of the household, as guardians see them.

use super::{Guardian, OpenInvite, about_account, invites::is_open};
use crate::{
    hub::{Hub, HubError, items},
    model::{AccountId, ChildId, Relation, Role, Timestamp},
    store::{StoreError, Transaction, accounts, grants, invites, recipients, sessions},
};

/// Everybody of the household.
pub struct People {
    /// The guardians, the first first.
    pub guardians: Vec<Person>,
    /// The relatives, the first invited first.
    pub relatives: Vec<RelativeLine>,
    /// The child screens, the first added first.
    pub screens: Vec<ScreenLine>,
}

/// A guardian, as guardians see each other.
pub struct Person {
    /// Its identifier.
    pub id: AccountId,
    /// What people see of the name.
    pub name: String,
    /// The name to sign in with.
    pub sign_in_name: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Whether it is the one that asks.
    pub is_me: bool,
    /// Whether it has a password: without one, it needs a link.
    pub has_password: bool,
    /// The link that is open, if there is one.
    pub invite: Option<OpenInvite>,
}

/// A relative, as guardians see them.
pub struct RelativeLine {
    /// Its identifier.
    pub id: AccountId,
    /// What people see of the name.
    pub name: String,
    /// The name to sign in with, once they have accepted.
    pub sign_in_name: Option<String>,
    /// When they were invited.
    pub created_at: Timestamp,
    /// How it stands with them.
    pub standing: Standing,
    /// The invitation that is open, if there is one.
    pub invite: Option<OpenInvite>,
    /// The children granted to them.
    pub grants: Vec<Grant>,
}

/// A child screen, as guardians see it.
pub struct ScreenLine {
    /// Its identifier.
    pub id: AccountId,
    /// What it is called.
    pub name: String,
    /// The child that it is for.
    pub child: ChildId,
    /// When it was added.
    pub created_at: Timestamp,
    /// How it stands with it.
    pub standing: Standing,
    /// The invitation that is open, if there is one.
    pub invite: Option<OpenInvite>,
    /// When it was last used, to some minutes.
    pub last_used_at: Option<Timestamp>,
}

/// How it stands with a relative or child screen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// The invitation was not accepted yet.
    Invited,
    /// All is well.
    Active,
    /// Signed out, and kept from signing in.
    Blocked,
}

/// A child granted to a relative.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Grant {
    /// The child.
    pub child: ChildId,
    /// What the relative is to it.
    pub relation: Relation,
    /// Whether a guardian listens to each message before the child does.
    pub needs_approval: bool,
    /// How many messages a day, if not as many as they like.
    pub daily_limit: Option<u32>,
}

/// An account with what belongs to it.
struct Found {
    account: accounts::Account,
    grants: Vec<grants::Grant>,
    invite: Option<invites::Invite>,
    has_accepted: bool,
    has_password: bool,
    last_used_at: Option<Timestamp>,
}

impl Standing {
    /// Returns the word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Blocked => "blocked",
        }
    }
}

impl Grant {
    pub(super) const fn to_store(self) -> grants::Grant {
        let Self { child, relation, needs_approval, daily_limit } = self;
        grants::Grant { child, relation: Some(relation), needs_approval, daily_limit }
    }

    pub(in crate::hub) fn from_store(stored: grants::Grant) -> Self {
        let grants::Grant { child, relation, needs_approval, daily_limit } = stored;
        let relation = relation.unwrap_or(Relation::Other);
        Self { child, relation, needs_approval, daily_limit }
    }
}

impl Hub {
    /// Returns everybody of the household.
    pub async fn people(&self, by: &Guardian) -> Result<People, HubError> {
        let all = self.tools().store.read(|tx| {
            let open = invites::list(tx)?;
            accounts::list(tx)?.into_iter().map(|account| found(tx, account, &open)).collect()
        });
        let all: Vec<Found> = all.await?;
        let now = self.tools().clock.now();
        let mut people =
            People { guardians: Vec::new(), relatives: Vec::new(), screens: Vec::new() };
        for found in all {
            match found.account.role {
                Role::Guardian => people.guardians.push(guardian(by, found, now)?),
                Role::Relative => people.relatives.push(relative(by, found, now)?),
                Role::ChildScreen => people.screens.extend(screen(by, found, now)?),
            }
        }
        Ok(people)
    }

    /// Returns a relative.
    pub(super) async fn relative(
        &self,
        by: &Guardian,
        id: AccountId,
    ) -> Result<RelativeLine, HubError> {
        let relatives = self.people(by).await?.relatives;
        relatives.into_iter().find(|line| line.id == id).ok_or(HubError::NoSuchAccount)
    }

    /// Returns a child screen.
    pub(super) async fn screen(
        &self,
        by: &Guardian,
        id: AccountId,
    ) -> Result<ScreenLine, HubError> {
        let screens = self.people(by).await?.screens;
        screens.into_iter().find(|line| line.id == id).ok_or(HubError::NoSuchAccount)
    }
}

fn found(
    tx: &Transaction<'_>,
    account: accounts::Account,
    open: &[invites::Invite],
) -> Result<Found, StoreError> {
    let id = account.id;
    Ok(Found {
        grants: grants::of_account(tx, id)?,
        invite: open.iter().find(|invite| invite.account == Some(id)).cloned(),
        has_accepted: recipients::has_own(tx, id)?,
        has_password: accounts::password_of(tx, id)?.is_some(),
        last_used_at: sessions::of_account(tx, id)?.first().map(|session| session.last_used_at),
        account,
    })
}

fn name(by: &Guardian, account: &accounts::Account) -> Result<String, HubError> {
    let about = about_account(account.profile.item, account.id);
    Ok(items::open_name(by, &about, &account.profile)?)
}

fn guardian(by: &Guardian, found: Found, now: Timestamp) -> Result<Person, HubError> {
    let Found { account, has_password, invite, .. } = found;
    Ok(Person {
        id: account.id,
        name: name(by, &account)?,
        is_me: account.id == by.account(),
        sign_in_name: account.name.unwrap_or_default(),
        created_at: account.created_at,
        has_password,
        invite: open(invite, now),
    })
}

fn relative(by: &Guardian, found: Found, now: Timestamp) -> Result<RelativeLine, HubError> {
    let standing = standing(&found);
    let Found { account, grants, invite, .. } = found;
    Ok(RelativeLine {
        id: account.id,
        name: name(by, &account)?,
        standing,
        invite: open(invite, now),
        sign_in_name: account.name,
        created_at: account.created_at,
        grants: grants.into_iter().map(Grant::from_store).collect(),
    })
}

fn screen(by: &Guardian, found: Found, now: Timestamp) -> Result<Option<ScreenLine>, HubError> {
    let standing = standing(&found);
    let Found { account, grants, invite, last_used_at, .. } = found;
    // It goes with its child.
    let Some(grants::Grant { child, .. }) = grants.first().copied() else { return Ok(None) };
    Ok(Some(ScreenLine {
        id: account.id,
        name: name(by, &account)?,
        child,
        created_at: account.created_at,
        standing,
        invite: open(invite, now),
        last_used_at,
    }))
}

const fn standing(found: &Found) -> Standing {
    match (found.account.blocked_at, found.has_accepted) {
        (Some(_), _) => Standing::Blocked,
        (None, false) => Standing::Invited,
        (None, true) => Standing::Active,
    }
}

fn open(invite: Option<invites::Invite>, now: Timestamp) -> Option<OpenInvite> {
    invite.filter(|invite| is_open(invite, now)).map(|invite| OpenInvite {
        id: invite.id,
        made_at: invite.made_at,
        ends_at: invite.ends_at,
    })
}
