//! What guardians do about relatives and child screens: invite, change, block, remove.
//!
//! Whoever is invited has an account from the start, and the invitation a key of its own: what is
//! shared with them meanwhile is sealed for that key, and goes over when they accept.

use std::sync::Arc;

use super::{
    Guardian, Invited, TRIES, invites as ours,
    keys::OwnKey,
    people::{Grant, RelativeLine, ScreenLine},
    sealed_profile, tidy,
};
use crate::{
    hub::{Event, Fresh as _, Hub, HubError, children, items},
    model::{AccountId, ChildId, Deed, ItemId, Role},
    seal::{
        About, AccountKey, ContentKey, PrivateKey as _, PublicKey, SealError, Sealed, SealedKey,
    },
    store::{
        StoreError, Transaction, accounts, activity, grants, household, invites, item_keys,
        profiles, recipients, sessions,
    },
};

/// The most messages a day that can be set as a limit.
const MAX_DAILY: u32 = 100;

/// A relative to invite.
pub struct NewRelative {
    /// What people see of the name.
    pub name: String,
    /// The children granted to them: at least one.
    pub grants: Vec<Grant>,
}

/// An item's content key in hand, and what it is about.
struct Held {
    about: About,
    content: ContentKey,
}

/// An item's content key, sealed for somebody.
pub(super) type Share = (ItemId, SealedKey);

impl Held {
    fn seal_for(&self, recipient: &PublicKey) -> Share {
        (self.about.item, self.content.seal_for(recipient, &self.about))
    }
}

/// An invitation with its key, and what is sealed for that.
struct Link {
    account: AccountId,
    new: invites::NewInvite,
    public: PublicKey,
}

impl Link {
    fn write(&self, tx: &Transaction<'_>, shares: &[Share]) -> Result<(), StoreError> {
        let Self { account, new, public } = self;
        invites::insert(tx, new)?;
        let recipient = recipients::insert(tx, *account, Some(new.id), public, new.made_at)?;
        insert(tx, recipient, shares)
    }
}

/// Returns which items they are.
pub(super) fn ids(kept: &[item_keys::Kept]) -> Vec<ItemId> {
    kept.iter().map(|kept| kept.about.item).collect()
}

pub(super) fn insert(
    tx: &Transaction<'_>,
    recipient: i64,
    shares: &[Share],
) -> Result<(), StoreError> {
    shares.iter().try_for_each(|(item, key)| item_keys::insert(tx, *item, recipient, key))
}

impl Hub {
    /// Invites a relative.
    pub async fn invite_relative(
        &self,
        by: &Guardian,
        new: NewRelative,
    ) -> Result<(RelativeLine, Invited), HubError> {
        let NewRelative { name, grants } = new;
        check(&grants)?;
        let stored = grants.into_iter().map(Grant::to_store).collect();
        let (id, invited) = self.add(by, Role::Relative, &name, stored).await?;
        tracing::info!(account.id = %by.account(), relative.id = %id, "a relative was invited");
        Ok((self.relative(by, id).await?, invited))
    }

    /// Adds a child screen.
    pub async fn add_screen(
        &self,
        by: &Guardian,
        name: &str,
        child: ChildId,
    ) -> Result<(ScreenLine, Invited), HubError> {
        let grant =
            grants::Grant { child, relation: None, needs_approval: true, daily_limit: None };
        let (id, invited) = self.add(by, Role::ChildScreen, name, vec![grant]).await?;
        tracing::info!(account.id = %by.account(), screen.id = %id, "a child screen was added");
        Ok((self.screen(by, id).await?, invited))
    }

    /// Makes an account that waits for somebody, and their link.
    async fn add(
        &self,
        by: &Guardian,
        role: Role,
        name: &str,
        granted: Vec<grants::Grant>,
    ) -> Result<(AccountId, Invited), HubError> {
        let name = tidy(name)?;
        let id = AccountId::fresh();
        let about = |item| super::about_account(item, id);
        let (profile, about, content) =
            sealed_profile(about, &name, &self.tools().household.key()?)?;
        let children: Vec<ChildId> = granted.iter().map(|grant| grant.child).collect();
        let mut held = self.names(by, &children).await?;
        held.push(Held { about, content });

        let (link, invited) = self.new_link(by, role, id)?;
        let shares: Vec<Share> = held.iter().map(|held| held.seal_for(&link.public)).collect();
        let note = self.note(by, Deed::Invited).to(id.as_bytes());
        let made = self
            .tools()
            .store
            .write(move |tx| {
                let at = link.new.made_at;
                if ours::are_too_many(tx, at)? {
                    return Ok(false);
                }
                accounts::insert_invited(tx, id, role, &profile, at)?;
                granted.iter().try_for_each(|grant| grants::set(tx, id, grant))?;
                link.write(tx, &shares)?;
                activity::insert(tx, &note).map(|_id| true)
            })
            .await?;
        if !made {
            return Err(HubError::TooManyInvites);
        }
        self.tools().bus.publish(Event::Changed);
        Ok((id, invited))
    }

    /// Makes another link for a relative or child screen: the one before was lost, or the password
    /// was forgotten. Whoever accepts it gets a new key; what they could open goes over to it. What
    /// they have now is good until then.
    pub async fn renew_invite(
        &self,
        by: &Guardian,
        id: AccountId,
        role: Role,
    ) -> Result<Invited, HubError> {
        let (link, invited) = self.new_link(by, role, id)?;
        let link = Arc::new(link);
        for _ in 0..TRIES {
            let kept = self.tools().store.read(move |tx| {
                let is_one = accounts::standing(tx, id)?.is_some_and(|(found, _)| found == role);
                is_one.then(|| item_keys::of_account(tx, id)).transpose()
            });
            let kept = kept.await?.ok_or(HubError::NoSuchAccount)?;
            let before = ids(&kept);
            let (own, public) = (OwnKey::of_household(&by.household), link.public);
            let household = by.household.public();
            // Each takes a fraction of a millisecond, but there may be thousands.
            let seal = move || reseal(&kept, |kept| own.pass_on(kept, &public));
            let shares = tokio::task::spawn_blocking(seal).await;
            let shares = shares.map_err(|_stopping| HubError::Stopping)?;
            let writing = Arc::clone(&link);
            let note = self.note(by, Deed::LinkRenewed).to(id.as_bytes());
            let made = self
                .tools()
                .store
                .write(move |tx| {
                    // Something was shared or taken away meanwhile: begin again.
                    if ids(&item_keys::of_account(tx, id)?) != before {
                        return Ok(false);
                    }
                    // The keys were changed meanwhile: what was not sealed anew yet was left out.
                    if !recipients::is_in_use(tx, &household)? {
                        return Ok(false);
                    }
                    invites::replace(tx, id)?;
                    writing.write(tx, &shares)?;
                    activity::insert(tx, &note).map(|_id| true)
                })
                .await?;
            if made {
                self.scrub().await;
                tracing::info!(account.id = %id, "a new link was made");
                self.tools().bus.publish(Event::Changed);
                return Ok(invited);
            }
        }
        Err(HubError::TryLater { seconds: 1 })
    }

    /// Changes what a relative is called, and which children are granted to them. What they could
    /// open of a child that is not among them any more is taken away.
    pub async fn change_relative(
        &self,
        by: &Guardian,
        id: AccountId,
        name: Option<&str>,
        granted: Option<Vec<Grant>>,
    ) -> Result<RelativeLine, HubError> {
        let before = self.relative(by, id).await?;
        let name = name.map(tidy).transpose()?;
        if let Some(granted) = &granted {
            check(granted)?;
        }
        let renamed = match name {
            Some(name) => Some(self.sealed_again(by, id, &name).await?),
            None => None,
        };
        let fresh: Vec<ChildId> = granted.iter().flatten().map(|grant| grant.child).collect();
        let held = self.names(by, &fresh).await?;
        let gone: Vec<ChildId> = match &granted {
            None => Vec::new(),
            Some(granted) => {
                let had = before.grants.iter().map(|grant| grant.child);
                had.filter(|had| granted.iter().all(|grant| grant.child != *had)).collect()
            }
        };
        let change = Arc::new((renamed, gone, granted));
        for _ in 0..TRIES {
            let recipients =
                self.tools().store.read(move |tx| recipients::of_account(tx, id)).await?;
            let shares = shares(&held, &recipients);
            let change = Arc::clone(&change);
            let note = self.note(by, Deed::AccountChanged).to(id.as_bytes());
            let changed = self.tools().store.write(move |tx| {
                // They got another key or link meanwhile, for which nothing was sealed.
                if recipients::of_account(tx, id)? != recipients {
                    return Ok(false);
                }
                let (renamed, gone, granted) = &*change;
                if let Some((item, name)) = renamed {
                    profiles::rename(tx, *item, name)?;
                }
                gone.iter().try_for_each(|child| grants::remove(tx, id, *child))?;
                for grant in granted.iter().flatten() {
                    grants::set(tx, id, &grant.to_store())?;
                }
                for (recipient, (item, key)) in &shares {
                    item_keys::insert(tx, *item, *recipient, key)?;
                }
                activity::insert(tx, &note).map(|_id| true)
            });
            if changed.await? {
                self.scrub().await;
                tracing::info!(account.id = %by.account(), relative.id = %id, "a relative was changed");
                self.tools().bus.publish(Event::Changed);
                return self.relative(by, id).await;
            }
        }
        Err(HubError::TryLater { seconds: 1 })
    }

    /// Keeps a relative from signing in, or lets them again. Nothing is lost by it.
    pub async fn set_blocked(
        &self,
        by: &Guardian,
        id: AccountId,
        is_blocked: bool,
    ) -> Result<RelativeLine, HubError> {
        let since = is_blocked.then(|| self.tools().clock.now());
        let deed = if is_blocked { Deed::AccountBlocked } else { Deed::AccountUnblocked };
        let note = self.note(by, deed).to(id.as_bytes());
        let ended = self
            .tools()
            .store
            .write(move |tx| {
                if !accounts::set_blocked(tx, id, since)? {
                    return Ok(None);
                }
                activity::insert(tx, &note)?;
                match since {
                    Some(_) => sessions::delete_others(tx, id, None).map(Some),
                    None => Ok(Some(Vec::new())),
                }
            })
            .await?;
        self.tell_ended(ended.ok_or(HubError::NoSuchAccount)?).await;
        tracing::info!(account.id = %by.account(), relative.id = %id, is_blocked, "a relative was blocked or let in again");
        self.tools().bus.publish(Event::Changed);
        self.relative(by, id).await
    }

    /// Removes a relative or child screen. What it sent or recorded stays.
    pub async fn remove_account(
        &self,
        by: &Guardian,
        id: AccountId,
        role: Role,
    ) -> Result<(), HubError> {
        let note = self.note(by, Deed::AccountRemoved).to(id.as_bytes());
        let ended = self
            .tools()
            .store
            .write(move |tx| {
                if !accounts::standing(tx, id)?.is_some_and(|(found, _)| found == role) {
                    return Ok(None);
                }
                let ended = sessions::delete_others(tx, id, None)?;
                accounts::remove(tx, id, role)?;
                activity::insert(tx, &note)?;
                Ok(Some(ended))
            })
            .await?;
        self.tell_ended(ended.ok_or(HubError::NoSuchAccount)?).await;
        self.scrub().await;
        tracing::info!(account.id = %by.account(), removed.id = %id, role = role.word(), "an account was removed");
        self.tools().bus.publish(Event::Changed);
        Ok(())
    }

    /// Opens the names that somebody with these children may know.
    async fn names(&self, by: &Guardian, wanted: &[ChildId]) -> Result<Vec<Held>, HubError> {
        let ids = wanted.to_vec();
        let (family, found) = self
            .tools()
            .store
            .read(move |tx| {
                let found = ids.iter().map(|id| crate::store::children::find(tx, *id));
                Ok((household::profile(tx, None)?, found.collect::<Result<Vec<_>, _>>()?))
            })
            .await?;
        let mut held = Vec::new();
        let mut add = |about: About, profile: &profiles::Profile| -> Result<(), HubError> {
            let key = profile.key.as_ref().map_err(|error| *error)?;
            held.push(Held { about, content: by.household.open(key, &about)? });
            Ok(())
        };
        for child in found {
            let child = child.ok_or(HubError::NoSuchChild)?;
            add(children::about(child.profile.item, child.id), &child.profile)?;
        }
        if let Some(profile) = family {
            add(super::about_household(profile.item), &profile)?;
        }
        Ok(held)
    }

    /// Seals another name for everybody who could open the one before.
    async fn sealed_again(
        &self,
        by: &Guardian,
        id: AccountId,
        name: &str,
    ) -> Result<(ItemId, Sealed), HubError> {
        let account = self.tools().store.read(move |tx| accounts::find(tx, id, None)).await?;
        let profile = account.ok_or(HubError::NoSuchAccount)?.profile;
        let about = super::about_account(profile.item, id);
        Ok((profile.item, items::seal_again(by, &about, &profile, name)?))
    }

    fn new_link(
        &self,
        by: &Guardian,
        role: Role,
        account: AccountId,
    ) -> Result<(Link, Invited), HubError> {
        let key = AccountKey::generate();
        let public = key.public();
        let own = match role {
            // A guardian's opens the household's key, and there is nothing to seal for it.
            Role::Guardian => return Err(HubError::NoSuchAccount),
            Role::Relative => OwnKey::Relative(key),
            Role::ChildScreen => OwnKey::Screen(key),
        };
        let (new, invited) = self.new_invite(by, &own, Some(account))?;
        Ok((Link { account, new, public }, invited))
    }
}

/// Seals everything that was kept for a new key. What does not open is left out: it hides nothing
/// of the rest.
pub(super) fn reseal(
    kept: &[item_keys::Kept],
    seal: impl Fn(&item_keys::Kept) -> Result<SealedKey, SealError>,
) -> Vec<Share> {
    let sealed = kept.iter().filter_map(|kept| {
        let key = seal(kept).inspect_err(
            |error| tracing::error!(item.id = %kept.about.item, %error, "does not open"),
        );
        Some((kept.about.item, key.ok()?))
    });
    sealed.collect()
}

impl OwnKey {
    /// Opens a content key and seals it for somebody else.
    pub(super) fn pass_on(
        &self,
        kept: &item_keys::Kept,
        to: &PublicKey,
    ) -> Result<SealedKey, SealError> {
        let key = kept.key.as_ref().map_err(|error| *error)?;
        Ok(self.open(key, &kept.about)?.seal_for(to, &kept.about))
    }
}

fn shares(held: &[Held], recipients: &[recipients::Recipient]) -> Vec<(i64, Share)> {
    let usable = recipients.iter().filter_map(|to| Some((to.id, to.public_key.ok()?)));
    usable.flat_map(|(id, key)| held.iter().map(move |held| (id, held.seal_for(&key)))).collect()
}

fn check(granted: &[Grant]) -> Result<(), HubError> {
    if granted.is_empty() {
        return Err(HubError::NoChildren);
    }
    let is_in_range =
        |grant: &Grant| grant.daily_limit.is_none_or(|limit| (1..=MAX_DAILY).contains(&limit));
    let mut children: Vec<ChildId> = granted.iter().map(|grant| grant.child).collect();
    children.sort_unstable();
    children.dedup();
    let is_each_once = children.len() == granted.len();
    if granted.iter().all(is_in_range) && is_each_once { Ok(()) } else { Err(HubError::BadChoice) }
}
