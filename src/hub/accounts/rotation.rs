//! New keys for the household: when a guardian leaves, a password got out, or a card was stolen.
//!
//! All at once there is another key pair, which everything new is sealed for, and another recovery
//! key. What the key before had been wrapped into is gone: sessions, passwords and invitations of the
//! other guardians, who get a link each. The content keys that were sealed for it are sealed anew
//! after that, by a job that holds both keys. It needs nobody signed in to go on, but a guardian's
//! next request to go on after a restart.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use zeroize::Zeroizing;

use super::{
    Browser, Confirmed, Guardian, Invited, Me, OwnKey, about_account,
    keys::{place, wrap_own},
    recovery::NewKey,
};
use crate::{
    auth::token,
    hub::{Event, Hub, HubError, KeyProgress, items},
    model::{AccountId, Deed, ItemId, Role},
    seal::{KeyFor, Opener, PrivateKey as _, PublicKey, SealError, household::HouseholdKey},
    store::{
        Transaction, accounts, activity,
        invites::{self, NewInvite},
        item_keys, meter, recipients, recovery,
        rotation::{self, NewRotation},
        sessions::{self, Ended},
    },
};

/// How many items are sealed anew at a time.
const BATCH: u32 = 64;

/// Why the keys are changed, and what goes with that.
pub struct KeyChange {
    /// The password of the guardian who asks.
    pub password: Zeroizing<String>,
    /// A code, where two-step sign-in is on.
    pub totp: Option<String>,
    /// Another password, if the one before is not to be used any more.
    pub new_password: Option<Zeroizing<String>>,
    /// A guardian who leaves.
    pub removes: Option<AccountId>,
    /// The hub or its card was in other hands: everybody is signed out.
    pub is_stolen: bool,
}

/// The keys are being changed.
pub struct KeysChanged {
    /// The guardian who asked, signed in still.
    pub me: Me,
    /// The recovery key from here on, which is never shown again.
    pub recovery_key: Zeroizing<String>,
    /// A link for each of the other guardians: what their passwords opened is gone.
    pub links: Vec<GuardianLink>,
}

/// The way back in for another guardian.
pub struct GuardianLink {
    /// Which.
    pub account: AccountId,
    /// What people see of the name.
    pub name: String,
    /// The link.
    pub invited: Invited,
}

/// Whether the job runs.
#[derive(Default)]
pub(super) struct Job(AtomicBool);

/// A job that runs, for as long as this lives: also one that breaks off makes room for the next.
struct Running(Hub);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.accounts().rotation.0.store(false, Ordering::Release);
    }
}

/// What came of the beginning.
enum Begun {
    Done(Vec<Ended>),
    UnderWay,
    /// Somebody changed keys, password or guardians meanwhile.
    Again,
}

impl Hub {
    /// Changes the household's keys, and the recovery key with them. All sessions of the other
    /// guardians end, or of everybody after a theft.
    pub async fn change_keys(
        &self,
        browser: Browser,
        by: &Guardian,
        change: KeyChange,
    ) -> Result<KeysChanged, HubError> {
        let KeyChange { password, totp, new_password, removes, is_stolen } = change;
        let (account, session) = (by.account(), by.session());
        if removes == Some(account) {
            return Err(HubError::BadChoice);
        }
        let (mut proved, mut settle) = self.prove_again(by, &password, totp.as_deref()).await?;
        if let Some(new) = &new_password {
            let words = self.household_words(&proved.behind.key, Some(account)).await?;
            self.check_new_password(new, Role::Guardian, words).await?;
        }
        let OwnKey::Household(before) = &proved.behind.key else {
            return Err(HubError::SignedOut);
        };
        let next = HouseholdKey::generate();
        let (before_public, public) = (before.public(), next.public());
        let now = self.tools().clock.now();
        let previous = before.seal_for_next(&next);
        let next = next.with_previous(&previous)?;
        let new_rotation =
            NewRotation { public_key: public, previous, begun_by: account, begun_at: now };

        proved.behind.key = OwnKey::of_household(&next);
        let chosen = new_password.as_ref().unwrap_or(&password);
        let new = self.new_password(chosen).await?;
        let (step, changed_at) = (settle.current().totp_step, proved.row.changed_at);
        let changed_at = if new_password.is_some() { now } else { changed_at };
        settle.replace(new.wrap(account, &proved.behind, changed_at, step)?);
        let place = place(Opener::Session, session.as_bytes());
        let cookie = browser.session.as_ref().ok_or(HubError::SignedOut)?;
        let advice = by.seat.advice.filter(|_| new_password.is_none());
        let wrap = wrap_own(cookie, &place, &proved.behind.key, advice)?;
        let NewKey { key: recovery_key, row: recovery_row } = self.new_recovery_key(&next);

        let is_new_password = new_password.is_some();
        let known = browser.known.as_ref().map(token::lookup_id);
        let (others, links) = self.links_for_others(by, &next, removes).await?;
        let mut notes = vec![self.note(by, Deed::KeysChanging)];
        if is_stolen {
            notes.push(self.note(by, Deed::HubStolen));
        }
        if is_new_password {
            notes.push(self.note(by, Deed::PasswordChanged));
        }
        if let Some(removed) = removes {
            notes.push(self.note(by, Deed::AccountRemoved).to(removed.as_bytes()));
        }
        let begun = self.tools().store.write(move |tx| {
            if rotation::find(tx)?.is_some() {
                return Ok(Begun::UnderWay);
            }
            // All that may be in the way comes first: what returns from here writes nothing.
            let expected = others.iter().filter_map(|link| link.account);
            let expected = expected.chain([account]).chain(removes);
            let is_as_seen = expected.collect::<BTreeSet<_>>() == accounts::guardians(tx)?;
            if !is_as_seen || !recipients::is_in_use(tx, &before_public)? || !settle.run(tx)? {
                return Ok(Begun::Again);
            }
            rotation::begin(tx, &new_rotation)?;
            recovery::set(tx, &recovery_row)?;
            accounts::forget_passwords(tx, account)?;
            sessions::rewrap(tx, session, &wrap)?;
            // Before whoever leaves is gone: their streams are told.
            let ended = sessions::delete_all(tx, session, is_stolen)?;
            if let Some(removed) = removes {
                accounts::remove(tx, removed, Role::Guardian)?;
            }
            // A thief may have signed in: their browser begins as a stranger, too.
            if is_stolen {
                meter::delete(tx)?;
                sessions::forget_all_browsers(tx)?;
            } else if is_new_password {
                sessions::forget_browsers(tx, account)?;
            }
            if let Some(known) = &known {
                sessions::remember_browser(tx, known, account, now)?;
            }
            invites::delete_guardians(tx)?;
            others.iter().try_for_each(|link| invites::insert(tx, link))?;
            notes.iter().try_for_each(|note| activity::insert(tx, note).map(|_id| ()))?;
            Ok(Begun::Done(ended))
        });
        let ended = match begun.await? {
            Begun::Done(ended) => ended,
            Begun::UnderWay => return Err(HubError::KeysChanging),
            Begun::Again => return Err(HubError::TryLater { seconds: 1 }),
        };
        self.tools().household.set(public);
        self.go_on(&next);
        tracing::warn!(account.id = %account, stolen = is_stolen, "the household's keys are changed");
        self.tell_ended(ended).await;
        // What the passwords and invitations before opened is in the log, too.
        self.scrub().await;
        self.tools().bus.publish(Event::Changed);
        if is_stolen {
            self.give_up_identity();
        }
        let by = Guardian { seat: super::Seat { advice, ..by.seat }, household: next };
        Ok(KeysChanged { me: self.me(&by).await?, recovery_key: recovery_key.to_text(), links })
    }

    /// Makes another link for a guardian: the password was forgotten, or what it opened is gone.
    pub async fn renew_guardian(
        &self,
        by: &Confirmed<'_>,
        account: AccountId,
    ) -> Result<Invited, HubError> {
        if account == by.0.account() {
            return Err(HubError::BadChoice);
        }
        let own = OwnKey::of_household(&by.0.household);
        let (link, invited) = self.new_invite(by.0, &own, Some(account))?;
        let public = by.0.household.public();
        let note = self.note(by.0, Deed::LinkRenewed).to(account.as_bytes());
        let made = self.tools().store.write(move |tx| {
            let is_one = matches!(accounts::standing(tx, account)?, Some((Role::Guardian, _)));
            if !is_one || !recipients::is_in_use(tx, &public)? {
                return Ok(is_one.then_some(false));
            }
            invites::replace(tx, account)?;
            invites::insert(tx, &link)?;
            activity::insert(tx, &note)?;
            Ok(Some(true))
        });
        match made.await? {
            Some(true) => {}
            Some(false) => return Err(HubError::TryLater { seconds: 1 }),
            None => return Err(HubError::NoSuchAccount),
        }
        self.scrub().await;
        tracing::info!(account.id = %account, "a new link was made");
        self.tools().bus.publish(Event::Changed);
        Ok(invited)
    }

    /// Says how far the change of keys has come, if one is under way.
    pub async fn key_change(&self, _by: &Guardian) -> Result<Option<KeyProgress>, HubError> {
        let found = self.tools().store.read(rotation::find).await?;
        Ok(found.as_ref().map(progress))
    }

    /// Makes a link for each guardian but the one who asks and the one who leaves.
    async fn links_for_others(
        &self,
        by: &Guardian,
        household: &HouseholdKey,
        removes: Option<AccountId>,
    ) -> Result<(Vec<NewInvite>, Vec<GuardianLink>), HubError> {
        let all = self.tools().store.read(accounts::list).await?;
        if let Some(removed) = removes {
            let is_one = |account: &accounts::Account| {
                account.id == removed && account.role == Role::Guardian
            };
            all.iter().find(|account| is_one(account)).ok_or(HubError::NoSuchAccount)?;
        }
        let others = all.into_iter().filter(|other| {
            other.role == Role::Guardian && other.id != by.account() && Some(other.id) != removes
        });
        let own = OwnKey::of_household(household);
        let (mut to_store, mut links) = (Vec::new(), Vec::new());
        for other in others {
            let (link, invited) = self.new_invite(by, &own, Some(other.id))?;
            // A name that does not open any more keeps nobody out.
            let about = about_account(other.profile.item, other.id);
            let name = items::open_name(by, &about, &other.profile);
            let name = name.unwrap_or_else(|_damaged| other.name.unwrap_or_default());
            to_store.push(link);
            links.push(GuardianLink { account: other.id, name, invited });
        }
        Ok((to_store, links))
    }

    /// Goes on with a change of keys, unless that runs already: a job of its own, which ends with
    /// the change or with the hub.
    pub(super) fn go_on(&self, household: &HouseholdKey) {
        if self.accounts().rotation.0.swap(true, Ordering::AcqRel) {
            return;
        }
        let (running, key) = (Running(self.clone()), household.again());
        tokio::spawn(async move {
            if let Err(error) = running.0.seal_anew(key).await {
                tracing::error!(%error, "the change of keys stopped; it goes on at a guardian's next visit");
            }
        });
    }

    async fn seal_anew(&self, key: HouseholdKey) -> Result<(), HubError> {
        let public = key.public();
        let key = Arc::new(key);
        let found = self.tools().store.read(rotation::find).await?;
        let Some(KeyProgress { mut done, of }) = found.as_ref().map(progress) else {
            return Ok(());
        };
        loop {
            let mut broken = BTreeSet::new();
            let mut after: Option<ItemId> = None;
            loop {
                let left = self.tools().store.read(move |tx| rotation::left(tx, after, BATCH));
                let left = left.await?;
                let Some(last) = left.last() else { break };
                after = Some(last.about.item);
                let opener = Arc::clone(&key);
                let seal = move || sealed_anew(&left, &opener, &public);
                let sealed = tokio::task::spawn_blocking(seal).await;
                let (sealed, those) = sealed.map_err(|_stopping| HubError::Stopping)?;
                broken.extend(those);
                done += u32::try_from(sealed.len()).unwrap_or(0);
                let write = move |tx: &Transaction<'_>| {
                    // There is another key by now: another job's affair.
                    if !recipients::is_in_use(tx, &public)? {
                        return Ok(false);
                    }
                    let mut sealed = sealed.iter();
                    sealed.try_for_each(|(item, key)| rotation::seal_anew(tx, *item, key))?;
                    Ok(true)
                };
                if !self.tools().store.write(write).await? {
                    return Ok(());
                }
                let of = of.max(done);
                self.tools().bus.publish(Event::Keys(Some(KeyProgress { done, of })));
            }
            if self.finish(public, broken).await? {
                return Ok(());
            }
            // Something was still being sealed for the key before when this round began.
        }
    }

    /// Gives the key before up, unless there is more to seal anew.
    async fn finish(&self, public: PublicKey, broken: BTreeSet<ItemId>) -> Result<bool, HubError> {
        let now = self.tools().clock.now();
        let finished = self.tools().store.write(move |tx| {
            let Some(under_way) = rotation::find(tx)? else { return Ok(true) };
            if !recipients::is_in_use(tx, &public)? {
                return Ok(true);
            }
            if !rotation::finish(tx, &broken)? {
                return Ok(false);
            }
            let note = activity::Entry::new(now, Deed::KeysChanged).by(under_way.begun_by);
            let note = activity::Entry { n: Some(i64::from(under_way.n_items)), ..note };
            activity::insert(tx, &note).map(|_id| true)
        });
        if !finished.await? {
            return Ok(false);
        }
        self.scrub().await;
        tracing::info!("the household's keys were changed");
        self.tools().bus.publish(Event::Keys(None));
        Ok(true)
    }
}

/// Seals content keys for the new key. Says which do not open: nobody could open them before, either.
fn sealed_anew(
    left: &[item_keys::Kept],
    key: &HouseholdKey,
    public: &PublicKey,
) -> (Vec<(ItemId, KeyFor)>, Vec<ItemId>) {
    let mut broken = Vec::new();
    let mut sealed = Vec::with_capacity(left.len());
    for item_keys::Kept { about, key: stored, .. } in left {
        let opened: Result<_, SealError> =
            stored.as_ref().map_err(|error| *error).and_then(|stored| key.open(stored, about));
        match opened {
            Ok(content) => sealed.push((about.item, content.key_for(public, about))),
            Err(error) => {
                tracing::error!(item.id = %about.item, %error, "does not open");
                broken.push(about.item);
            }
        }
    }
    (sealed, broken)
}

fn progress(found: &rotation::Rotation) -> KeyProgress {
    let rotation::Rotation { n_items: of, n_left, .. } = *found;
    KeyProgress { done: of.saturating_sub(n_left), of }
}
