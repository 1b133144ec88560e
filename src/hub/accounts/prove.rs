//! Trying a password, and how often one may.
//!
//! Failures are counted in *lanes*. A browser in which somebody signed in to this account before
//! has a lane of its own; everybody else shares the lane of the name and the lane of the address. So
//! a stranger on the home network can neither guess faster from many addresses, nor keep the owner's
//! own browser out by failing all day. Lanes outlive a restart. A name that does not exist has a lane
//! too, costs the same hash, and gets the same answer.

use std::sync::Arc;

use tokio::{sync::OwnedSemaphorePermit, time::Instant};
use zeroize::Zeroizing;

use super::{
    Browser, fold,
    keys::{Behind, NewPassword, place},
};
use crate::{
    auth::{kdf, throttle, token},
    hub::{Hub, HubError, activity::note_failure, random},
    model::{AccountId, Deed, Timestamp},
    seal::{Opener, WrapKey},
    store::{
        StoreError, Transaction, accounts,
        activity::{Entry, Place},
        sessions, throttle as lanes,
    },
};

/// How long somebody is asked to wait when too many try at once.
const BUSY_S: u32 = 2;

/// Lanes in which a try is counted.
#[derive(Clone)]
pub(super) struct Lanes {
    keys: Vec<[u8; 32]>,
    is_known: bool,
}

/// Leave to try a password; a stranger's is one of a few.
struct Leave(#[allow(dead_code, reason = "held, not looked at")] Option<OwnedSemaphorePermit>);

/// A password that opened.
pub(super) struct Proved {
    pub(super) account: AccountId,
    pub(super) behind: Behind,
    pub(super) password: NewPassword,
    pub(super) row: accounts::Password,
}

/// A code of two-step sign-in that was right.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Second {
    /// There is none to give.
    NotNeeded,
    /// A code of this step.
    Step(i64),
    /// A recovery code, which is gone now.
    RecoveryCode,
}

impl Hub {
    /// Returns the lanes of somebody who signs in with a name.
    pub(super) async fn lanes(
        &self,
        browser: &Browser,
        name: &str,
    ) -> Result<(Lanes, Option<(AccountId, accounts::Password)>), HubError> {
        let lookup = browser.known.as_ref().map(token::lookup_id);
        let name = fold(name);
        let wanted = name.clone();
        let (found, is_known) = self
            .tools()
            .store
            .read(move |tx| {
                let found = accounts::by_name(tx, &wanted)?;
                let is_known = match (&found, &lookup) {
                    (Some((account, _)), Some(lookup)) => {
                        sessions::knows_browser(tx, lookup, *account)?
                    }
                    _ => false,
                };
                Ok((found, is_known))
            })
            .await?;
        let keys = match (lookup, is_known) {
            (Some(lookup), true) => {
                vec![self.lane(b"browser", &[lookup.as_slice(), name.as_bytes()].concat())]
            }
            _ => vec![
                self.lane(b"name", name.as_bytes()),
                self.lane(b"address", browser.address.as_bytes()),
            ],
        };
        Ok((Lanes { keys, is_known }, found))
    }

    /// Returns the lane of a session that gives its password once more.
    pub(super) fn lanes_of_session(&self, session: &[u8; 16]) -> Lanes {
        Lanes { keys: vec![self.lane(b"session", session)], is_known: true }
    }

    /// Returns the lane of an address that tries set-up codes.
    pub(super) fn lanes_of_setup(&self, browser: &Browser) -> Lanes {
        Lanes { keys: vec![self.lane(b"setup", browser.address.as_bytes())], is_known: false }
    }

    /// Returns the lane that strangers share who try this name.
    pub(super) fn lane_of_name(&self, name: &str) -> [u8; 32] {
        self.lane(b"name", fold(name).as_bytes())
    }

    /// Returns the lane of an address that tries links.
    pub(super) fn lanes_of_links(&self, browser: &Browser) -> Lanes {
        Lanes { keys: vec![self.lane(b"link", browser.address.as_bytes())], is_known: false }
    }

    /// Returns the lane of an address that tries recovery keys.
    pub(super) fn lanes_of_recovery(&self, browser: &Browser) -> Lanes {
        Lanes { keys: vec![self.lane(b"recovery", browser.address.as_bytes())], is_known: false }
    }

    fn lane(&self, sort: &[u8], of: &[u8]) -> [u8; 32] {
        self.tools().hash.mac(&[b"hutch lane ", sort, b"\0", of].concat())
    }

    /// Counts a try as failed before it is known whether it is, so that a thousand at once are not
    /// all admitted. Says after how many seconds the next is allowed, if none is now.
    pub(super) async fn count_try(&self, tried: &Lanes) -> Result<(), HubError> {
        let (now, keys) = (self.tools().clock.now(), tried.keys.clone());
        let wait = self.tools().store.write(move |tx| count(tx, &keys, now)).await?;
        wait.map_or(Ok(()), |seconds| Err(HubError::TryLater { seconds }))
    }

    /// Takes back what [`Hub::count_try`] counted, and all before it: somebody has got in.
    pub(super) async fn forget_tries(&self, tried: &Lanes) -> Result<(), HubError> {
        let keys = tried.keys.clone();
        let forget =
            move |tx: &Transaction<'_>| keys.iter().try_for_each(|key| lanes::delete(tx, key));
        Ok(self.tools().store.write(forget).await?)
    }

    /// Tries a password: of an account, or of nobody, which takes as long and fails.
    ///
    /// The try is counted; [`Settle`] takes that back. Two-step sign-in is not looked at.
    pub(super) async fn prove(
        &self,
        lanes: &Lanes,
        found: Option<(AccountId, accounts::Password)>,
        password: &Zeroizing<String>,
    ) -> Result<Proved, HubError> {
        // Before the try is counted: whom there is no time for has not failed.
        let leave = self.leave(lanes.is_known)?;
        self.count_try(lanes).await?;
        let (salt, cost) = match &found {
            Some((_, row)) => (row.salt, cost_of(row)?),
            None => (random(), self.cost_of_somebody(lanes).await?),
        };
        let key = self.key(leave, password, salt, cost).await?;
        let opened = found.and_then(|(account, row)| {
            let wrap = row.wrap.as_ref().ok()?;
            let bytes = key.open(&place(Opener::Password, account.as_bytes()), wrap).ok()?;
            let behind = Behind::decode(&bytes).ok()?;
            Some((account, behind, row))
        });
        let Some((account, behind, row)) = opened else {
            return Err(HubError::WrongPassword);
        };
        Ok(Proved { account, behind, password: NewPassword { salt, cost, key }, row })
    }

    /// Notes that somebody could not get in, for guardians to see. Names that nobody has are noted
    /// without one, and nothing tells the two apart: something is written each time.
    pub(super) async fn note_failure(
        &self,
        lanes: &Lanes,
        account: Option<AccountId>,
        place: Place,
    ) {
        let note = Entry { place: Some(place), ..self.note_of(Deed::SignInFailed) };
        let note = Entry { subject: account.map(|account| *account.as_bytes()), ..note };
        let keys = lanes.keys.clone();
        let noted = self.tools().store.write(move |tx| {
            for key in &keys {
                if let Some(lane) = lanes::find(tx, key)? {
                    lanes::set(tx, key, &lane)?;
                }
            }
            note_failure(tx, &note, account)
        });
        if let Err(error) = noted.await {
            tracing::warn!(%error, "could not note that somebody failed to sign in");
        }
    }

    /// Checks the code of two-step sign-in, if there is any. A recovery code is taken out of what
    /// lies behind the password; storing that is the caller's.
    pub(super) async fn second(
        &self,
        proved: &mut Proved,
        code: Option<&str>,
    ) -> Result<Second, HubError> {
        let Some(totp) = &mut proved.behind.totp else { return Ok(Second::NotNeeded) };
        let code = code.map(str::trim).filter(|code| !code.is_empty());
        let Some(code) = code else { return Err(HubError::TotpNeeded) };
        if totp.use_recovery_code(code) {
            return Ok(Second::RecoveryCode);
        }
        if !self.clock_is_trusted().await? {
            return Err(HubError::ClockNotTrusted);
        }
        match totp.verify(code, self.tools().clock.now(), proved.row.totp_step) {
            Some(step) => Ok(Second::Step(step)),
            None => Err(HubError::WrongTotp),
        }
    }

    /// Lets somebody try a password, unless too many strangers do.
    fn leave(&self, is_known: bool) -> Result<Leave, HubError> {
        if is_known {
            return Ok(Leave(None));
        }
        let ticket = Arc::clone(&self.accounts().strangers).try_acquire_owned();
        let ticket = ticket.map_err(|_none_left| HubError::TryLater { seconds: BUSY_S })?;
        Ok(Leave(Some(ticket)))
    }

    /// Makes a key of a password. One at a time, and strangers do not fill the queue.
    async fn key(
        &self,
        leave: Leave,
        password: &Zeroizing<String>,
        salt: [u8; 16],
        cost: kdf::Cost,
    ) -> Result<WrapKey, HubError> {
        let turn = Arc::clone(&self.accounts().hashing).acquire_owned().await;
        let turn = turn.map_err(|_closed| HubError::Stopping)?;
        let password = password.clone();
        let derive = move || {
            // Held by the work, not by whoever asked: they may leave.
            let _held = (leave, turn);
            kdf::derive(&password, &salt, cost)
        };
        let key = tokio::task::spawn_blocking(derive).await;
        let key = key.map_err(|_stopping| HubError::Stopping)?.map_err(HubError::PasswordKey)?;
        Ok(WrapKey::from_bytes(key.as_bytes()))
    }

    /// Measures what a key costs on this machine, and asks for more from here on if it is cheap.
    /// Passwords that cost less are made better when they are next used.
    ///
    /// Takes half a second or so of one core, and the memory of one key: call it once the page is
    /// served.
    pub async fn calibrate(&self, total_memory_bytes: u64) -> Result<(), HubError> {
        let accounts = self.accounts();
        let cost = kdf::Cost::for_memory(total_memory_bytes);
        let turn = Arc::clone(&accounts.hashing).acquire_owned().await;
        let turn = turn.map_err(|_closed| HubError::Stopping)?;
        let measure = move || {
            let _turn = turn;
            let started = Instant::now();
            kdf::derive("not a password of anybody", &random(), cost).map(|_key| started.elapsed())
        };
        let took = tokio::task::spawn_blocking(measure).await;
        let took = took.map_err(|_stopping| HubError::Stopping)?.map_err(HubError::PasswordKey)?;
        let cost = kdf::calibrated(cost, took);
        accounts.set_cost(cost);
        tracing::debug!(memory_kib = cost.memory_kib, passes = cost.passes, "measured a password");
        Ok(())
    }

    /// Makes a password to store, at what a key costs at present.
    pub(super) async fn new_password(
        &self,
        password: &Zeroizing<String>,
    ) -> Result<NewPassword, HubError> {
        self.new_password_at(self.accounts().cost(), password).await
    }

    /// Makes a password to store, at this cost. For whoever has proved to be somebody.
    pub(super) async fn new_password_at(
        &self,
        cost: kdf::Cost,
        password: &Zeroizing<String>,
    ) -> Result<NewPassword, HubError> {
        let salt = random();
        let key = self.key(Leave(None), password, salt, cost).await?;
        Ok(NewPassword { salt, cost, key })
    }

    /// Returns what the password of some account costs: always the same for the same name, so that
    /// how long it takes does not tell that there is no such account.
    async fn cost_of_somebody(&self, lanes: &Lanes) -> Result<kdf::Cost, HubError> {
        let costs = self.tools().store.read(accounts::costs).await?;
        let pick = lanes
            .keys
            .first()
            .and_then(|lane| lane.first())
            .map_or(0, |byte| usize::from(*byte).checked_rem(costs.len()).unwrap_or(0));
        let cost = costs
            .get(pick)
            .map(|(memory_kib, passes)| kdf::Cost { memory_kib: *memory_kib, passes: *passes });
        Ok(cost.unwrap_or_else(|| self.accounts().cost()))
    }
}

/// What is written once somebody has got in: used codes, a better wrap, no failures.
pub(super) struct Settle {
    lanes: Lanes,
    account: AccountId,
    before: accounts::Password,
    after: Option<accounts::Password>,
}

impl Settle {
    /// Prepares what follows from a proof.
    pub(super) fn new(lanes: Lanes, proved: &Proved, second: Second) -> Result<Self, HubError> {
        let Proved { account, behind, password, row } = proved;
        let after = match second {
            Second::NotNeeded => None,
            Second::Step(step) => Some(accounts::Password { totp_step: Some(step), ..row.clone() }),
            Second::RecoveryCode => {
                Some(password.wrap(*account, behind, row.changed_at, row.totp_step)?)
            }
        };
        Ok(Self { lanes, account: *account, before: row.clone(), after })
    }

    /// Whether a wrap is replaced, so that the old one is left in the database's log.
    pub(super) const fn replaces_wrap(&self) -> bool {
        self.after.is_some()
    }

    /// What the password will be once it is written.
    pub(super) fn current(&self) -> &accounts::Password {
        self.after.as_ref().unwrap_or(&self.before)
    }

    /// Puts something else in the place of the password.
    pub(super) fn replace(&mut self, password: accounts::Password) {
        self.after = Some(password);
    }

    /// Writes it, unless somebody changed the password or used its code meanwhile: then it
    /// returns `false` and nothing is written.
    pub(super) fn run(&self, tx: &Transaction<'_>) -> Result<bool, StoreError> {
        let Self { lanes, account, before, after } = self;
        let Some(stored) = accounts::password_of(tx, *account)? else { return Ok(false) };
        if stored.wrap != before.wrap || stored.totp_step != before.totp_step {
            return Ok(false);
        }
        if let Some(after) = after {
            accounts::set_password(tx, *account, after)?;
        }
        lanes.keys.iter().try_for_each(|key| lanes::delete(tx, key))?;
        Ok(true)
    }
}

/// Counts a failure in every lane, or returns how long to wait where one is not open.
fn count(
    tx: &Transaction<'_>,
    keys: &[[u8; 32]],
    now: Timestamp,
) -> Result<Option<u32>, StoreError> {
    let mut tried = Vec::with_capacity(keys.len());
    let mut longest = None;
    for key in keys {
        let before = lanes::find(tx, key)?.map_or(throttle::Lane::CLEAR, lane);
        let mut after = before;
        if let Err(throttle::RetryAfter { seconds }) = after.allow(now) {
            longest = longest.max(Some(seconds));
        }
        tried.push((key, before, after));
    }
    for (key, before, mut after) in tried {
        if longest.is_none() {
            after.failed(now);
        }
        // A stranger who does not wait costs no writing.
        if after != before {
            let throttle::Lane { failures, last_failed_at, blocked_until } = after;
            lanes::set(tx, key, &lanes::Lane { failures, last_failed_at, blocked_until })?;
        }
    }
    Ok(longest)
}

const fn lane(stored: lanes::Lane) -> throttle::Lane {
    let lanes::Lane { failures, last_failed_at, blocked_until } = stored;
    throttle::Lane { failures, last_failed_at, blocked_until }
}

fn cost_of(row: &accounts::Password) -> Result<kdf::Cost, HubError> {
    kdf::Cost::from_stored(row.memory_kib, row.passes).map_err(HubError::PasswordKey)
}
