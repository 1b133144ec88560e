//! Accepting an invitation, with nobody signed in: the link's secret is all that it takes.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{
    Behind, Browser, OwnKey, SignedIn, TRIES, about_account, about_household, fold,
    keys::{place, unwrap_own},
    profile,
    relatives::{self, ids, reseal},
    sessions::How,
    tidy,
};
use crate::{
    hub::{Fresh as _, Hub, HubError, items},
    model::{AccountId, Deed, Role, Timestamp},
    seal::{AccountKey, Kind, Opener, Part, PrivateKey as _, household::HouseholdKey},
    store::{
        StoreError,
        accounts::{self, NewAccount, Password},
        activity, children, household,
        invites::{self, Invite},
        item_keys, recipients, sessions,
    },
};

/// An invitation, as whoever has its link sees it.
pub struct LookedAt {
    /// When it ends.
    pub ends_at: Timestamp,
    /// What whoever accepts becomes.
    pub role: Role,
    /// What the relative or child screen is called.
    pub name: Option<String>,
    /// What the family is called, if somebody said so.
    pub household: Option<String>,
    /// The nicknames of the children that it is for.
    pub children: Vec<String>,
}

/// Somebody has taken an account that waited for them.
struct Taken {
    id: AccountId,
    key: OwnKey,
}

impl Hub {
    /// Shows an invitation to whoever has its link.
    pub async fn look_at_invite(
        &self,
        browser: &Browser,
        token: &str,
    ) -> Result<LookedAt, HubError> {
        let lanes = self.lanes_of_links(browser);
        self.count_try(&lanes).await?;
        let (token, invite) = self.open_invite(token).await?;
        self.forget_tries(&lanes).await?;
        let own = self.complete(open(&token, &invite)?).await?;
        let mut looked = LookedAt {
            ends_at: invite.ends_at,
            role: invite.role,
            name: None,
            household: None,
            children: Vec::new(),
        };
        for (kind, name) in self.names_of(&invite, &own).await? {
            match kind {
                Kind::AccountProfile => looked.name = Some(name),
                Kind::HouseholdProfile => looked.household = Some(name),
                Kind::ChildProfile => looked.children.push(name),
                Kind::ToyProfile | Kind::Recording | Kind::Message => {}
            }
        }
        Ok(looked)
    }

    /// Accepts an invitation. It is good once. A guardian or relative says what to sign in with; a
    /// child screen has nothing of the kind.
    pub async fn accept_invite(
        &self,
        browser: Browser,
        token: &str,
        name: Option<&str>,
        password: Option<Zeroizing<String>>,
    ) -> Result<SignedIn, HubError> {
        let lanes = self.lanes_of_links(&browser);
        self.count_try(&lanes).await?;
        let (token, invite) = self.open_invite(token).await?;
        self.forget_tries(&lanes).await?;
        if let Some(account) = invite.account
            && self.is_blocked(account).await?
        {
            // It is good still, once a guardian lets them in again.
            return Err(HubError::Blocked);
        }
        let (password, name) = (password.unwrap_or_default(), name.unwrap_or_default());
        let (account, key, how) = match (open(&token, &invite)?, invite.account) {
            (own @ OwnKey::Household(_), account) => {
                let OwnKey::Household(household) = self.complete(own).await? else {
                    return Err(HubError::NoSuchInvite);
                };
                let account = match account {
                    None => self.become_guardian(&invite, &household, name, &password).await?,
                    Some(account) => {
                        self.come_back(&invite, account, &household, &password).await?;
                        account
                    }
                };
                (account, OwnKey::Household(household), How::Password(None))
            }
            (own @ OwnKey::Relative(_), Some(account)) => {
                let account = self.become_relative(&invite, account, own, name, &password).await?;
                (account.id, account.key, How::Password(None))
            }
            (own @ OwnKey::Screen(_), Some(account)) => {
                let account = self.take(&invite, account, own, OwnKey::Screen, None).await?;
                (account.id, account.key, How::Link)
            }
            // A row that was changed by hand.
            _ => return Err(HubError::NoSuchInvite),
        };
        self.scrub().await;
        tracing::info!(account.id = %account, role = key.role().word(), "an invitation was accepted");
        self.tools().bus.publish(crate::hub::Event::Changed);
        self.begin_session(browser, account, key, how, None).await
    }

    async fn is_blocked(&self, account: AccountId) -> Result<bool, HubError> {
        let standing = self.tools().store.read(move |tx| accounts::standing(tx, account)).await?;
        Ok(standing.is_some_and(|(_, blocked_at)| blocked_at.is_some()))
    }

    async fn become_guardian(
        &self,
        invite: &Invite,
        household: &HouseholdKey,
        name: &str,
        password: &Zeroizing<String>,
    ) -> Result<AccountId, HubError> {
        let name = tidy(name)?;
        let own = OwnKey::of_household(household);
        let mut words = self.household_words(&own, None).await?;
        words.push(Zeroizing::new(name.clone()));
        self.check_new_password(password, Role::Guardian, words).await?;
        let (id, now) = (AccountId::fresh(), self.tools().clock.now());
        let password = self.new_password(password).await?;
        let account = NewAccount {
            id,
            name: fold(&name),
            profile: profile(|item| about_account(item, id), &name, &household.public())?,
            password: password.wrap(id, &Behind { key: own, totp: None }, now, None)?,
            created_at: now,
        };
        let invite = invite.id;
        let note = self.note_of(Deed::InviteAccepted).by(id).to(invite.as_bytes());
        let accepted = self.tools().store.write(move |tx| {
            // Whoever comes second finds it gone.
            if !invites::accept(tx, invite)? {
                return Ok(false);
            }
            accounts::insert_guardian(tx, &account)?;
            // What was done before is no news to them.
            let up_to = activity::insert(tx, &note)?;
            activity::set_seen(tx, id, up_to).map(|()| true)
        });
        match accepted.await {
            Ok(true) => Ok(id),
            Ok(false) => Err(HubError::NoSuchInvite),
            Err(StoreError::Conflict { .. }) => Err(HubError::NameTaken),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a guardian another password, whose own opens nothing any more. Two-step sign-in lay
    /// behind that, and is off.
    async fn come_back(
        &self,
        invite: &Invite,
        account: AccountId,
        household: &HouseholdKey,
        password: &Zeroizing<String>,
    ) -> Result<(), HubError> {
        let own = OwnKey::of_household(household);
        let words = self.household_words(&own, Some(account)).await?;
        self.check_new_password(password, Role::Guardian, words).await?;
        let now = self.tools().clock.now();
        let new = self.new_password(password).await?;
        let new = new.wrap(account, &Behind { key: own, totp: None }, now, None)?;
        let invite = invite.id;
        let note = self.note_of(Deed::InviteAccepted).by(account).to(invite.as_bytes());
        let ended = self.tools().store.write(move |tx| {
            if !invites::accept(tx, invite)? {
                return Ok(None);
            }
            accounts::set_password(tx, account, &new)?;
            activity::insert(tx, &note)?;
            sessions::forget_browsers(tx, account)?;
            sessions::delete_others(tx, account, None).map(Some)
        });
        self.tell_ended(ended.await?.ok_or(HubError::NoSuchInvite)?).await;
        Ok(())
    }

    async fn become_relative(
        &self,
        invite: &Invite,
        account: AccountId,
        own: OwnKey,
        name: &str,
        password: &Zeroizing<String>,
    ) -> Result<Taken, HubError> {
        let name = tidy(name)?;
        let names = self.names_of(invite, &own).await?.into_iter();
        let mut words: Vec<_> = names.map(|(_kind, name)| Zeroizing::new(name)).collect();
        words.push(Zeroizing::new(name.clone()));
        self.check_new_password(password, Role::Relative, words).await?;
        let new = self.new_password(password).await?;
        self.take(invite, account, own, OwnKey::Relative, Some((fold(&name), new))).await
    }

    /// Gives an account that waits a key of its own, to which everything goes over that was sealed
    /// for the invitation. What the account had before is gone: its key, password and sessions.
    async fn take(
        &self,
        invite: &Invite,
        account: AccountId,
        own: OwnKey,
        of_role: fn(AccountKey) -> OwnKey,
        credentials: Option<(String, super::NewPassword)>,
    ) -> Result<Taken, HubError> {
        let (id, now) = (invite.id, self.tools().clock.now());
        let key = AccountKey::generate();
        let public = key.public();
        let behind = Behind { key: of_role(key), totp: None };
        let credentials = match credentials {
            Some((name, new)) => Some((name, new.wrap(account, &behind, now, None)?)),
            None => None,
        };
        let key = behind.key;
        let own = Arc::new(own);
        for _ in 0..TRIES {
            let kept = self.kept(invite).await?;
            let before = ids(&kept);
            let own = Arc::clone(&own);
            let seal = move || reseal(&kept, |kept| own.pass_on(kept, &public));
            let shares = tokio::task::spawn_blocking(seal).await;
            let shares = shares.map_err(|_stopping| HubError::Stopping)?;
            let credentials: Option<(String, Password)> = credentials.clone();
            let note = self.note_of(Deed::InviteAccepted).by(account).to(id.as_bytes());
            let accepted = self.tools().store.write(move |tx| {
                let Some(recipient) = recipients::of_invite(tx, id)? else { return Ok(None) };
                if ids(&item_keys::of_recipient(tx, recipient.id)?) != before {
                    return Ok(Some(Err(())));
                }
                if !invites::accept(tx, id)? {
                    return Ok(None);
                }
                recipients::delete_own(tx, account)?;
                sessions::forget_browsers(tx, account)?;
                let ended = sessions::delete_others(tx, account, None)?;
                let recipient = recipients::insert(tx, account, None, &public, now)?;
                relatives::insert(tx, recipient, &shares)?;
                if let Some((name, password)) = credentials {
                    accounts::set_name(tx, account, &name)?;
                    accounts::set_password(tx, account, &password)?;
                }
                activity::insert(tx, &note)?;
                Ok(Some(Ok(ended)))
            });
            match accepted.await {
                Ok(Some(Ok(ended))) => {
                    self.tell_ended(ended).await;
                    return Ok(Taken { id: account, key });
                }
                // Something was shared meanwhile: begin again.
                Ok(Some(Err(()))) => {}
                Ok(None) => return Err(HubError::NoSuchInvite),
                Err(StoreError::Conflict { .. }) => return Err(HubError::NameTaken),
                Err(error) => return Err(error.into()),
            }
        }
        Err(HubError::TryLater { seconds: 1 })
    }

    /// Returns the names that the link opens.
    async fn names_of(
        &self,
        invite: &Invite,
        own: &OwnKey,
    ) -> Result<Vec<(Kind, String)>, HubError> {
        if let Some(household_key) = own.household() {
            let returning = invite.account;
            let (family, found, account) = self
                .tools()
                .store
                .read(move |tx| {
                    let account = returning.map(|id| accounts::find(tx, id, None)).transpose()?;
                    Ok((household::profile(tx, None)?, children::list(tx)?, account.flatten()))
                })
                .await?;
            let account = account
                .map(|account| (about_account(account.profile.item, account.id), account.profile));
            let about_child =
                |child: &children::Child| crate::hub::children::about(child.profile.item, child.id);
            let all = family
                .map(|profile| (about_household(profile.item), profile))
                .into_iter()
                .chain(account)
                .chain(found.into_iter().map(|child| (about_child(&child), child.profile)));
            // One that does not open hides none of the others.
            let names = all.filter_map(|(about, profile)| {
                let open = |sealed: &_| household_key.open(sealed, &about);
                Some((about.kind, items::open_text(open, &about, &profile).ok()?))
            });
            return Ok(names.collect());
        }
        let mut names = Vec::new();
        for item_keys::Kept { about, key, name } in self.kept(invite).await? {
            let (Some(Ok(name)), Ok(key)) = (name, key) else { continue };
            let text = own.open(&key, &about).and_then(|key| key.open(Part::Text, &about, &name));
            if let Ok(text) = text {
                names.push((about.kind, String::from_utf8_lossy(&text).into_owned()));
            }
        }
        Ok(names)
    }

    /// Returns everything that was sealed for an invitation.
    async fn kept(&self, invite: &Invite) -> Result<Vec<item_keys::Kept>, HubError> {
        let id = invite.id;
        let kept = self.tools().store.read(move |tx| match recipients::of_invite(tx, id)? {
            Some(recipient) => item_keys::of_recipient(tx, recipient.id),
            None => Ok(Vec::new()),
        });
        Ok(kept.await?)
    }
}

/// Opens what a link opens; whose key it is must be what the row says.
fn open(token: &super::Token, invite: &Invite) -> Result<OwnKey, HubError> {
    let wrap = invite.wrap.as_ref().map_err(|error| *error)?;
    let place = place(Opener::Link, invite.id.as_bytes());
    let (own, _advice) = unwrap_own(token, &place, wrap)?;
    if own.role() == invite.role { Ok(own) } else { Err(HubError::NoSuchInvite) }
}
