//! Who may come in: the first guardian, passwords, sessions, two-step sign-in, the recovery key.
//!
//! A password is never compared. A key is made of it, and that key opens the account's wrap or does
//! not; in the wrap lies the household's key. A session keeps the household's key in a wrap of its
//! own, under a key that only the cookie gives: the database alone opens nothing, and a session that
//! was ended is a key that is gone.
//!
//! Failures are counted where a stranger's do not keep the family out: see [`prove`].

mod accept;
mod breached;
mod callers;
mod invites;
mod keys;
mod passwords;
mod people;
mod prove;
mod recovery;
mod relative;
mod relatives;
mod rotation;
mod sessions;
mod setup;
mod sign_in;
mod terminal;
mod two_step;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use self::keys::{Behind, NewPassword, OwnKey, place, unwrap_household, wrap_own};
pub use self::{
    accept::LookedAt,
    callers::{Asks, Caller, Confirmed, Guardian, Seat},
    invites::{Invited, OpenInvite},
    people::{Grant, People, Person, RelativeLine, ScreenLine, Standing},
    recovery::{Recovered, RecoveryPart},
    relative::{Relative, Screen},
    relatives::NewRelative,
    rotation::{GuardianLink, KeyChange, KeysChanged},
    sessions::SessionLine,
    setup::{Announce, Founding, Newcomer, SetUp},
    terminal::AccountLine,
    two_step::NewTotp,
};
use super::{Fresh as _, Hub, HubError, items, quiet};
use crate::{
    auth::{self, kdf, token::Token},
    model::{AccountId, ItemId, Role, Timestamp},
    seal::{About, ContentKey, Kind, Part, SealError, new_content_key},
    store::{
        StoreError, Transaction, accounts, household,
        profiles::{NewProfile, Profile},
        recovery as recoveries,
    },
};

/// How many strangers may wait for their password to be tried; more are asked to come back.
const STRANGERS: usize = 3;

/// How often something begins anew because keys were changed or items shared meanwhile.
pub(super) const TRIES: u8 = 5;

/// The most letters of a name.
const NAME_LETTERS: usize = 64;

/// Where a request comes from.
pub struct Browser {
    /// Its address.
    pub address: String,
    /// What sort of browser, on what: "Firefox on Android".
    pub device: String,
    /// The cookie of its session.
    pub session: Option<Token>,
    /// The cookie that says that somebody signed in here before.
    pub known: Option<Token>,
}

/// Somebody has signed in.
pub struct SignedIn {
    /// The cookie of the session.
    pub session: Token,
    /// The cookie that the browser is recognized by.
    pub known: Token,
    /// Who it is.
    pub me: Me,
}

/// An account, as its owner sees it.
pub struct Me {
    /// Its identifier.
    pub id: AccountId,
    /// What it may do.
    pub role: Role,
    /// What people see of the name.
    pub name: String,
    /// What the family is called, if somebody said so.
    pub household: Option<String>,
    /// Why the password should be changed.
    pub advice: Option<Advice>,
    /// Whether there is two-step sign-in.
    pub has_totp: bool,
    /// Until when the password counts as given just now.
    pub confirmed_until: Option<Timestamp>,
    /// What of the recovery key is still to be typed, to show that it was written down.
    pub recovery_part: Option<RecoveryPart>,
    /// When the recovery key before was used; the household's keys should be changed since.
    pub recovery_used_at: Option<Timestamp>,
}

/// Why a password should be changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Advice {
    /// It holds a word of the household.
    Words,
    /// It is easy to guess, or on a list that thieves have.
    Weak,
}

/// What the accounts of a hub need besides the store.
pub struct Accounts {
    /// What a key costs to be made of a password.
    cost: Mutex<kdf::Cost>,
    /// Passwords from data breaches, if a list was imported.
    breached: Option<PathBuf>,
    /// One at a time: each takes tens of megabytes.
    hashing: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
    setup: Mutex<Option<setup::Waiting>>,
    links: Mutex<Vec<sign_in::Link>>,
    rotation: rotation::Job,
    visitors: sessions::Visitors,
}

impl Accounts {
    /// Makes what accounts need. `breached` is where an imported list of passwords would lie.
    pub fn new(cost: kdf::Cost, breached: Option<PathBuf>) -> Self {
        Self {
            cost: Mutex::new(cost),
            breached,
            hashing: Arc::new(Semaphore::new(1)),
            strangers: Arc::new(Semaphore::new(STRANGERS)),
            setup: Mutex::default(),
            links: Mutex::default(),
            rotation: rotation::Job::default(),
            visitors: sessions::Visitors::default(),
        }
    }

    fn set_cost(&self, cost: kdf::Cost) {
        *self.cost.lock().unwrap_or_else(PoisonError::into_inner) = cost;
    }

    fn cost(&self) -> kdf::Cost {
        *self.cost.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Advice {
    /// Returns the byte that stands for it behind a session's key.
    const fn code(advice: Option<Self>) -> u8 {
        match advice {
            None => 0,
            Some(Self::Words) => 1,
            Some(Self::Weak) => 2,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Words),
            2 => Some(Self::Weak),
            _ => None,
        }
    }
}

impl Hub {
    /// Returns whether there is a household.
    pub async fn is_set_up(&self) -> Result<bool, HubError> {
        Ok(self.tools().store.read(household::find).await?.is_some())
    }

    /// Returns whether the clock can be right: the system says so, or it shows no earlier time than
    /// it ever did.
    pub async fn clock_is_trusted(&self) -> Result<bool, HubError> {
        let household = self.tools().store.read(household::find).await?;
        Ok(self.moment().is_trusted(household.as_ref()))
    }

    /// Returns who asks.
    pub async fn me(&self, by: &impl Asks) -> Result<Me, HubError> {
        let (id, reader) = (by.account(), by.reader());
        let (account, password, recovery, family) = self
            .tools()
            .store
            .glance(move |tx| {
                let account = accounts::find(tx, id, reader)?;
                let (password, recovery) = (accounts::password_of(tx, id)?, recoveries::find(tx)?);
                Ok((account, password, recovery, household::profile(tx, reader)?))
            })
            .await?;
        let account = account.ok_or(HubError::SignedOut)?;
        let is_guardian = by.role() == Role::Guardian;
        let recovery = recovery.filter(|_| is_guardian);
        let about = about_account(account.profile.item, id);
        let family =
            family.map(|family| items::open_name(by, &about_household(family.item), &family));
        let Seat { advice, confirmed_until, .. } = by.seat();
        Ok(Me {
            id,
            role: by.role(),
            household: family.transpose()?,
            name: items::open_name(by, &about, &account.profile)?,
            advice,
            has_totp: password.is_some_and(|password| password.totp_step.is_some()),
            confirmed_until,
            recovery_used_at: recovery.as_ref().and_then(|recovery| recovery.used_at),
            recovery_part: recovery.as_ref().and_then(RecoveryPart::of),
        })
    }

    /// Lets a guardian do what needs the password once more.
    pub fn confirmed<'a>(&self, by: &'a Guardian) -> Result<Confirmed<'a>, HubError> {
        let now = self.tools().clock.now();
        match by.seat.confirmed_until {
            // A time that lies too far ahead was written by a clock that was wrong.
            Some(until) if now < until && until <= now.after(sessions::CONFIRMED_FOR_S) => {
                Ok(Confirmed(by))
            }
            _ => Err(HubError::ConfirmFirst),
        }
    }

    /// Returns every word of the household that a password must not be made of, as far as this key
    /// opens them.
    async fn household_words(
        &self,
        key: &OwnKey,
        account: Option<AccountId>,
    ) -> Result<Vec<Zeroizing<String>>, HubError> {
        let reader = account.filter(|_| key.role() != Role::Guardian);
        let (family, people, children, toys) = self
            .tools()
            .store
            .read(move |tx| {
                let family = household::profile(tx, reader)?;
                let Some(reader) = reader else {
                    let toys = crate::store::toys::list(tx)?;
                    let children = crate::store::children::list(tx)?;
                    return Ok((family, accounts::list(tx)?, children, toys));
                };
                let me = accounts::find(tx, reader, Some(reader))?;
                let children = crate::store::children::granted_to(tx, reader)?;
                Ok((family, me.into_iter().collect(), children, Vec::new()))
            })
            .await?;
        let mut words = Vec::new();
        // A name that does not open is not worth to keep anybody from signing in.
        let mut add = |about: About, profile: &Profile| {
            if let Ok(word) = items::open_text(|sealed| key.open(sealed, &about), &about, profile) {
                words.push(Zeroizing::new(word));
            }
        };
        if let Some(profile) = family {
            add(about_household(profile.item), &profile);
        }
        for person in people {
            add(about_account(person.profile.item, person.id), &person.profile);
        }
        for child in children {
            add(super::children::about(child.profile.item, child.id), &child.profile);
        }
        for toy in toys {
            add(super::toys::about(toy.profile.item), &toy.profile);
        }
        Ok(words)
    }
}

/// Returns a name as people are shown it: without what surrounds it.
pub(super) fn tidy(name: &str) -> Result<String, HubError> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_usable = !name.is_empty()
        && name.chars().count() <= NAME_LETTERS
        && !name.chars().any(|letter| letter.is_control() || is_invisible(letter));
    if is_usable { Ok(name) } else { Err(HubError::BadName) }
}

/// Whether a letter shows nothing, or turns what follows around: two names could look the same.
const fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}'
    )
}

/// Returns a name as one signs in with it: case, spaces and how an accent was typed make no
/// difference.
pub(super) fn fold(name: &str) -> String {
    let name = auth::folded(&name.split_whitespace().collect::<Vec<_>>().join(" "));
    // Nothing longer was ever stored.
    name.chars().take(NAME_LETTERS).collect()
}

/// Seals a name for the household.
fn profile(
    about: impl FnOnce(ItemId) -> About,
    name: &str,
    household: &crate::seal::PublicKey,
) -> Result<NewProfile, SealError> {
    sealed_profile(about, name, household).map(|(profile, _about, _content)| profile)
}

/// The same, for whoever has others to seal it for.
fn sealed_profile(
    about: impl FnOnce(ItemId) -> About,
    name: &str,
    household: &crate::seal::PublicKey,
) -> Result<(NewProfile, About, ContentKey), SealError> {
    let item = ItemId::fresh();
    let about = about(item);
    let content = new_content_key();
    let name = content.seal(Part::Text, &about, name.as_bytes())?;
    let key = content.key_for(household, &about);
    Ok((NewProfile { item, name, key }, about, content))
}

pub(super) const fn about_account(item: ItemId, account: AccountId) -> About {
    About { item, kind: Kind::AccountProfile, child: None, sender: Some(account) }
}

const fn about_household(item: ItemId) -> About {
    About { item, kind: Kind::HouseholdProfile, child: None, sender: None }
}

/// Remembers how late it is. A clock that the system vouches for is believed whatever it says; any
/// other only in steps that a hub can have slept through, so that one wrong jump ahead is not
/// remembered for years.
pub(super) fn saw_time(
    tx: &Transaction<'_>,
    now: Timestamp,
    is_sure: bool,
) -> Result<(), StoreError> {
    if is_sure {
        return household::set_time(tx, now);
    }
    let latest = household::find(tx)?.map(|household| household.latest_at);
    match latest {
        Some(latest) if now <= latest.after(quiet::LONGEST_SLEEP_S) => household::saw_time(tx, now),
        _ => Ok(()),
    }
}
