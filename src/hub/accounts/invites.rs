//! Inviting another guardian, by a link that is good once.
//!
//! The link's secret wraps the household's key until somebody accepts: that needs nobody to be
//! signed in. It stands behind the `#` of the link, which browsers do not send; the page does, in
//! the body of a request.

use zeroize::Zeroizing;

use super::{
    Behind, Browser, Confirmed, Guardian, SignedIn, about_account, fold, place, profile,
    sessions::How, tidy, unwrap_household, wrap_household,
};
use crate::{
    auth::token::{self, Token},
    hub::{Fresh as _, Hub, HubError, items},
    model::{AccountId, InviteId, Timestamp},
    seal::{Opener, household::HouseholdKey},
    store::{
        StoreError,
        accounts::{self, NewAccount},
        invites::{self, Invite, NewInvite},
    },
};

/// How long an invitation is open.
const LASTS_S: i64 = 3_600;

/// The most invitations that are open at a time.
const MAX_OPEN: usize = 20;

/// An invitation that was just made.
pub struct Invited {
    /// Its identifier.
    pub id: InviteId,
    /// The secret of the link. It opens the household.
    pub token: Token,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// An open invitation.
#[derive(Clone, Copy, Debug)]
pub struct OpenInvite {
    /// Its identifier.
    pub id: InviteId,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
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
}

impl Hub {
    /// Returns all guardians, the first first.
    pub async fn people(&self, by: &Guardian) -> Result<Vec<Person>, HubError> {
        let found = self.tools().store.read(accounts::list).await?;
        let people = found.into_iter().map(|account| {
            let accounts::Account { id, name, profile, created_at } = account;
            let about = about_account(profile.item, id);
            Ok(Person {
                id,
                name: items::open_name(by, &about, &profile.key, &profile.name)?,
                sign_in_name: name.unwrap_or_default(),
                created_at,
                is_me: id == by.account(),
            })
        });
        people.collect()
    }

    /// Invites another guardian.
    pub async fn invite(&self, by: &Confirmed<'_>) -> Result<Invited, HubError> {
        let Guardian { account, household, .. } = by.0;
        let (token, id, now) = (Token::generate(), InviteId::fresh(), self.tools().clock.now());
        let place = place(Opener::Link, id.as_bytes());
        let ends_at = now.after(LASTS_S);
        let new = NewInvite {
            id,
            lookup: token::lookup_id(&token),
            wrap: wrap_household(&token, &place, household, None)?,
            made_by: *account,
            made_at: now,
            ends_at,
        };
        let made = self
            .tools()
            .store
            .write(move |tx| {
                invites::delete_ended(tx, now)?;
                if MAX_OPEN <= invites::list(tx)?.len() {
                    return Ok(false);
                }
                invites::insert(tx, &new).map(|()| true)
            })
            .await?;
        if !made {
            return Err(HubError::TooManyInvites);
        }
        tracing::info!(account.id = %account, invite.id = %id, "a guardian was invited");
        Ok(Invited { id, token, ends_at })
    }

    /// Returns the invitations that are open.
    pub async fn invites(&self, _by: &Guardian) -> Result<Vec<OpenInvite>, HubError> {
        let now = self.tools().clock.now();
        let found = self.tools().store.read(invites::list).await?;
        let open = found.iter().filter(|invite| is_open(invite, now));
        Ok(open
            .map(|invite| OpenInvite {
                id: invite.id,
                made_at: invite.made_at,
                ends_at: invite.ends_at,
            })
            .collect())
    }

    /// Takes an invitation back.
    pub async fn withdraw_invite(&self, _by: &Guardian, id: InviteId) -> Result<(), HubError> {
        if !self.tools().store.write(move |tx| invites::delete(tx, id)).await? {
            return Err(HubError::NoSuchInvite);
        }
        self.scrub().await;
        Ok(())
    }

    /// Returns when an invitation ends, to whoever has its link.
    pub async fn look_at_invite(
        &self,
        browser: &Browser,
        token: &str,
    ) -> Result<Timestamp, HubError> {
        let lanes = self.lanes_of_links(browser);
        self.count_try(&lanes).await?;
        let (_token, invite) = self.open_invite(token).await?;
        self.forget_tries(&lanes).await?;
        Ok(invite.ends_at)
    }

    /// Accepts an invitation: whoever has the link becomes a guardian. It is good once.
    pub async fn accept_invite(
        &self,
        browser: Browser,
        token: &str,
        name: &str,
        password: Zeroizing<String>,
    ) -> Result<SignedIn, HubError> {
        let lanes = self.lanes_of_links(&browser);
        self.count_try(&lanes).await?;
        let (token, invite) = self.open_invite(token).await?;
        self.forget_tries(&lanes).await?;
        let wrap = invite.wrap.as_ref().map_err(|error| *error)?;
        let (household, _) =
            unwrap_household(&token, &place(Opener::Link, invite.id.as_bytes()), wrap)?;

        let name = tidy(name)?;
        let mut words = self.household_words(&household).await?;
        words.push(Zeroizing::new(name.clone()));
        self.check_new_password(&password, words).await?;
        let (id, now) = (AccountId::fresh(), self.tools().clock.now());
        let password = self.new_password(&password).await?;
        let behind =
            Behind { household: HouseholdKey::from_bytes(&household.to_bytes()), totp: None };
        let account = NewAccount {
            id,
            name: fold(&name),
            profile: profile(|item| about_account(item, id), &name, &household.public())?,
            password: password.wrap(id, &behind, now, None)?,
            created_at: now,
        };
        let accepted = self
            .tools()
            .store
            .write(move |tx| {
                // Whoever comes second finds it gone.
                if !invites::delete(tx, invite.id)? {
                    return Ok(false);
                }
                accounts::insert_guardian(tx, &account).map(|()| true)
            })
            .await;
        match accepted {
            Ok(true) => {}
            Ok(false) => return Err(HubError::NoSuchInvite),
            Err(StoreError::Conflict { .. }) => return Err(HubError::NameTaken),
            Err(error) => return Err(error.into()),
        }
        self.scrub().await;
        tracing::info!(account.id = %id, "an invited guardian has come");
        self.begin_session(browser, id, household, How::Password(None), None).await
    }

    /// Finds an open invitation by its secret.
    async fn open_invite(&self, token: &str) -> Result<(Token, Invite), HubError> {
        let token = Token::parse(token).map_err(|_not_one| HubError::NoSuchInvite)?;
        let (lookup, now) = (token::lookup_id(&token), self.tools().clock.now());
        let found = self.tools().store.read(move |tx| invites::by_lookup(tx, &lookup)).await?;
        let invite = found.filter(|invite| is_open(invite, now));
        Ok((token, invite.ok_or(HubError::NoSuchInvite)?))
    }
}

/// Whether an invitation can be accepted; a clock that was set back does not lengthen it.
fn is_open(invite: &Invite, now: Timestamp) -> bool {
    now < invite.ends_at && invite.made_at <= now.after(LASTS_S)
}
