//! What guardians look back on. Whoever changes something notes it in the same transaction.

use std::collections::{BTreeSet, HashMap};

use super::{Asks, Browser, Guardian, Hub, HubError, accounts, children, items, random};
pub use crate::store::activity::Head;
use crate::{
    model::{AccountId, ChildId, Deed, ItemId, Timestamp, ToyId},
    store::{
        StoreError, Transaction, accounts as people, activity,
        activity::{Done, Entry, Place},
        children as stored, toys,
    },
};

const DAY_S: i64 = 24 * 3_600;

/// How long it is known where something was done, and with what.
const PLACES_S: i64 = 90 * DAY_S;

/// Who fails to sign in again and again is noted once in this time.
const FAILURES_S: i64 = 10 * 60;

/// The most of the news that is told at a time.
const MAX_NEWS: usize = 20;

/// What guardians should know of, whether they look for it or not.
const NEWS: [Deed; 11] = [
    Deed::NewDevice,
    Deed::SignInFailed,
    Deed::AccountReset,
    Deed::RootChanged,
    Deed::Restored,
    Deed::RecoveryKeyUsed,
    Deed::GuardTable,
    Deed::GuardConfig,
    Deed::GuardSecondAddress,
    Deed::GuardName,
    Deed::GuardGame,
];

/// Something that was done, with the names that the household's key opens.
pub struct Line {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What, in a word.
    pub deed: String,
    /// By which account; none for the hub itself, or somebody who is not known.
    pub account: Option<AccountId>,
    /// What people see of its name, while it is there.
    pub account_name: Option<String>,
    /// To whom or what: an identifier of an account, a toy, a session, an invitation.
    pub subject: Option<AccountId>,
    /// The name, where it is an account or a toy that is there.
    pub subject_name: Option<String>,
    /// With which recording or message.
    pub item: Option<ItemId>,
    /// For which child.
    pub child: Option<ChildId>,
    /// Its nickname, while it is there.
    pub child_name: Option<String>,
    /// To how many.
    pub n: Option<i64>,
    /// From which address, and with which device, unless that was forgotten.
    pub place: Option<(String, String)>,
}

/// A part of the activity, the latest first.
pub struct Lines {
    /// What was done.
    pub lines: Vec<Line>,
    /// Where the next, older part begins, if there is one.
    pub next: Option<i64>,
}

/// What a guardian should know of and has not been shown.
pub struct News {
    /// What was done, the latest first.
    pub lines: Vec<Line>,
    /// How many there are, more than are told perhaps.
    pub n: usize,
    /// The end of the activity: to have seen the news is to have seen it up to here.
    pub up_to: i64,
}

/// How the chain was found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Checked {
    /// Its end, to be remembered.
    pub head: Option<Head>,
    /// The number of the first row that does not fit, if there is one.
    pub first_wrong: Option<i64>,
}

impl Hub {
    /// Begins the note of what somebody does, now.
    pub(super) fn note(&self, by: &impl Asks, deed: Deed) -> Entry {
        self.note_of(deed).by(by.account())
    }

    /// The same for whoever has nobody's proof in hand.
    pub(super) fn note_of(&self, deed: Deed) -> Entry {
        Entry::new(self.tools().clock.now(), deed)
    }

    /// Returns up to `limit` of what was done before this number, or of the latest: all of it, or with
    /// one item alone.
    pub async fn activity(
        &self,
        by: &Guardian,
        before: Option<i64>,
        item: Option<ItemId>,
        limit: u32,
    ) -> Result<Lines, HubError> {
        let before = before.unwrap_or(i64::MAX);
        let (mut found, names) = self
            .tools()
            .store
            .read(move |tx| {
                Ok((activity::page(tx, before, item, limit.saturating_add(1))?, Sealed::read(tx)?))
            })
            .await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let is_more = limit < found.len();
        found.truncate(limit);
        let next = found.last().filter(|_| is_more).map(|last| last.id);
        let names = names.open(by);
        Ok(Lines { lines: found.into_iter().map(|done| names.line(done)).collect(), next })
    }

    /// Goes through the whole chain. With what somebody remembers of it, a row that was there must
    /// be there still. Of what they have looked at they hear no more.
    pub async fn check_activity(
        &self,
        _by: &Guardian,
        remembered: Option<Head>,
        looked_at: BTreeSet<i64>,
    ) -> Result<Checked, HubError> {
        let checked = self.tools().store.read(move |tx| {
            Ok(match activity::check(tx, remembered, &looked_at)? {
                Ok(head) => Checked { head, first_wrong: None },
                Err(first) => Checked { head: activity::head(tx)?, first_wrong: Some(first) },
            })
        });
        let checked = checked.await?;
        if let Some(row) = checked.first_wrong {
            tracing::warn!(row, "the activity was changed, or is not what a browser remembers");
        }
        Ok(checked)
    }

    /// Returns what a guardian should know of and has not been shown: not how they came in
    /// themselves just now.
    pub async fn news(&self, by: &Guardian) -> Result<News, HubError> {
        let (account, session) = (by.account(), by.session());
        let (mut found, up_to, names) = self
            .tools()
            .store
            .read(move |tx| {
                let seen = activity::seen(tx, account)?;
                let found = activity::news(tx, seen, &NEWS, session.as_bytes())?;
                let up_to = activity::head(tx)?.map_or(0, |head| head.id);
                Ok((found, up_to, Sealed::read(tx)?))
            })
            .await?;
        let n = found.len();
        found.truncate(MAX_NEWS);
        let names = names.open(by);
        Ok(News { lines: found.into_iter().map(|done| names.line(done)).collect(), n, up_to })
    }

    /// Remembers that a guardian was shown the news up to this number.
    pub async fn have_seen(&self, by: &Guardian, up_to: i64) -> Result<(), HubError> {
        let account = by.account();
        Ok(self.tools().store.write(move |tx| activity::set_seen(tx, account, up_to)).await?)
    }

    /// Forgets where something was done, when that was long ago. A clock that may be wrong says
    /// nothing about that.
    pub(super) async fn forget_places(&self) -> Result<(), HubError> {
        if !self.clock_is_trusted().await? {
            return Ok(());
        }
        let before = self.tools().clock.now().after(-PLACES_S);
        let n = self.tools().store.write(move |tx| activity::forget_places(tx, before)).await?;
        if 0 < n {
            self.scrub().await;
        }
        Ok(())
    }
}

/// Returns where a browser is.
pub(super) fn place_of(browser: &Browser) -> Place {
    let (address, device) = (browser.address.clone(), browser.device.clone());
    Place { salt: random(), address, device }
}

/// Notes that somebody failed to get in: once in a while for each account, and for all names that
/// nobody has, so that a stranger does not fill the card.
pub(super) fn note_failure(
    tx: &Transaction<'_>,
    note: &Entry,
    account: Option<AccountId>,
) -> Result<(), StoreError> {
    let last = activity::last_failure(tx, account)?;
    // Written by a clock that was ahead counts for nothing.
    let is_recent = last.is_some_and(|last| note.at.0.abs_diff(last.0) < FAILURES_S.unsigned_abs());
    if !is_recent {
        activity::insert(tx, note)?;
    }
    Ok(())
}

/// Everybody's names, as they are stored.
struct Sealed {
    accounts: Vec<people::Account>,
    children: Vec<stored::Child>,
    toys: Vec<toys::Toy>,
}

/// Everybody's names.
struct Names {
    accounts: HashMap<AccountId, String>,
    children: HashMap<ChildId, String>,
    toys: HashMap<ToyId, String>,
}

impl Sealed {
    fn read(tx: &Transaction<'_>) -> Result<Self, StoreError> {
        let (accounts, children) = (people::list(tx)?, stored::list(tx)?);
        Ok(Self { accounts, children, toys: toys::list(tx)? })
    }

    /// Opens what opens: a name that does not hides nothing of the rest.
    fn open(&self, by: &Guardian) -> Names {
        let accounts = self.accounts.iter().filter_map(|account| {
            let about = accounts::about_account(account.profile.item, account.id);
            Some((account.id, items::open_name(by, &about, &account.profile).ok()?))
        });
        let children = self.children.iter().filter_map(|child| {
            let about = children::about(child.profile.item, child.id);
            Some((child.id, items::open_name(by, &about, &child.profile).ok()?))
        });
        let toys = self.toys.iter().filter_map(|toy| {
            let about = super::toys::about(toy.profile.item);
            Some((toy.id, items::open_name(by, &about, &toy.profile).ok()?))
        });
        Names { accounts: accounts.collect(), children: children.collect(), toys: toys.collect() }
    }
}

impl Names {
    fn line(&self, done: Done) -> Line {
        let Done { id, at, deed, account, subject, item, child, n, place } = done;
        let toy = subject.and_then(|id| self.toys.get(&ToyId::from_bytes(id)).cloned());
        let subject = subject.map(AccountId::from_bytes);
        let name = |id: Option<AccountId>| self.accounts.get(&id?).cloned();
        Line {
            id,
            at,
            deed,
            account,
            account_name: name(account),
            subject,
            subject_name: name(subject).or(toy),
            item,
            child,
            child_name: child.and_then(|id| self.children.get(&id).cloned()),
            n,
            place,
        }
    }
}
