//! The first start: a code that only somebody in the house can see, and the first guardian.

use std::sync::PoisonError;

use zeroize::Zeroizing;

use super::{
    Accounts, Behind, Browser, OwnKey, SignedIn, about_account, about_household, fold, profile,
    recovery::NewKey, sessions::How, tidy,
};
use crate::{
    auth::token::SetupCode,
    hub::{Fresh as _, Hub, HubError},
    model::{AccountId, Deed, Role, Timestamp},
    seal::{PrivateKey as _, household::HouseholdKey, recovery::RecoveryKey},
    store::{
        StoreError,
        accounts::{self, NewAccount},
        activity, household, recipients, recovery as recoveries,
    },
};

/// How long a code is good.
const CODE_LASTS_S: i64 = 24 * 3_600;

/// How many wrong tries a code survives.
const CODE_TRIES: u8 = 10;

/// Is told the set-up code whenever there is another one, and nothing once it is not needed.
pub type Announce = Box<dyn Fn(Option<&SetupCode>) + Send + Sync>;

/// A household that waits to be set up.
pub(super) struct Waiting {
    code: SetupCode,
    made_at: Timestamp,
    tries_left: u8,
    /// How many are founding a household just now: one of them will.
    n_founding: u32,
    announce: Announce,
}

/// Somebody who knows the set-up code of a hub that was not set up yet.
pub struct Newcomer(());

/// What the first guardian says.
pub struct Founding {
    /// Their name, which is also the one to sign in with.
    pub name: String,
    /// Their password.
    pub password: Zeroizing<String>,
    /// What the family is called.
    pub household: Option<String>,
    /// Where it lives, as the IANA names it.
    pub time_zone: Option<String>,
}

impl Founding {
    /// Returns the name of the guardian, and of the family if it has one.
    fn names(&self) -> Result<(String, Option<String>), HubError> {
        let family = self.household.as_deref().filter(|family| !family.trim().is_empty());
        Ok((tidy(&self.name)?, family.map(tidy).transpose()?))
    }
}

/// A household was set up.
pub struct SetUp {
    /// The first guardian, signed in.
    pub signed_in: SignedIn,
    /// The recovery key, which is never shown again.
    pub recovery_key: Zeroizing<String>,
}

/// What a code that was tried came to.
enum Tried {
    Right,
    Wrong { tries_left: u8 },
    Renewed,
    NotWaiting,
}

impl Waiting {
    fn new(now: Timestamp, announce: Announce) -> Self {
        let code = SetupCode::generate();
        announce(Some(&code));
        Self { code, made_at: now, tries_left: CODE_TRIES, n_founding: 0, announce }
    }

    fn renew(&mut self, now: Timestamp) {
        self.code = SetupCode::generate();
        self.made_at = now;
        self.tries_left = CODE_TRIES;
        (self.announce)(Some(&self.code));
    }

    /// Whether the code's time is over; a clock that was set back does not lengthen it.
    fn is_over(&self, now: Timestamp) -> bool {
        now < self.made_at.after(-CODE_LASTS_S) || self.made_at.after(CODE_LASTS_S) <= now
    }

    fn try_code(&mut self, typed: &str, now: Timestamp) -> Tried {
        if self.is_over(now) {
            self.renew(now);
            return Tried::Renewed;
        }
        if SetupCode::parse(typed).is_some_and(|typed| self.code.matches(&typed)) {
            return Tried::Right;
        }
        self.tries_left -= 1;
        if self.tries_left == 0 {
            self.renew(now);
            return Tried::Renewed;
        }
        Tried::Wrong { tries_left: self.tries_left }
    }
}

impl Accounts {
    fn waiting<T>(&self, look: impl FnOnce(&mut Option<Waiting>) -> T) -> T {
        look(&mut self.setup.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Hub {
    /// Begins to wait for the first guardian, if there is none yet. `announce` is told the code.
    pub async fn await_set_up(&self, announce: Announce) -> Result<(), HubError> {
        if self.is_set_up().await? {
            announce(None);
            return Ok(());
        }
        let now = self.tools().clock.now();
        self.accounts().waiting(|waiting| *waiting = Some(Waiting::new(now, announce)));
        Ok(())
    }

    /// Returns the code that sets the household up, as it is typed; nothing if it is set up.
    ///
    /// For the terminal of this computer only. A code whose time is over is renewed by this.
    pub fn setup_code(&self) -> Option<Zeroizing<String>> {
        let now = self.tools().clock.now();
        self.accounts().waiting(|waiting| {
            let waiting = waiting.as_mut()?;
            if waiting.is_over(now) {
                waiting.renew(now);
            }
            Some(waiting.code.to_text())
        })
    }

    /// Sets the household up: whoever types the code becomes the first guardian.
    pub async fn set_up(
        &self,
        browser: Browser,
        code: &str,
        founding: Founding,
    ) -> Result<SetUp, HubError> {
        self.newcomer(&browser, code).await?;
        self.accounts().waiting(|waiting| {
            // In one step with the look: a restore begins while nobody founds, and the other way round.
            let waiting = waiting.as_mut().ok_or(HubError::AlreadySetUp)?;
            if self.restoring().is_under_way() {
                return Err(HubError::Restoring);
            }
            waiting.n_founding += 1;
            Ok(())
        })?;
        let key = HouseholdKey::generate();
        let founded = self.found(&founding, &key).await;
        self.accounts().waiting(|waiting| {
            if founded.is_ok() {
                if let Some(waiting) = waiting.take() {
                    (waiting.announce)(None);
                }
            } else if let Some(waiting) = waiting {
                waiting.n_founding -= 1;
            }
        });
        let (account, recovery) = founded?;
        self.forget_sent_backup().await;
        let key = OwnKey::Household(key);
        let signed_in =
            self.begin_session(browser, account, key, How::Password(None), None).await?;
        Ok(SetUp { signed_in, recovery_key: recovery.to_text() })
    }

    /// Returns that somebody knows the code of a hub that waits to be set up. Wrong ones are counted.
    pub async fn newcomer(&self, browser: &Browser, code: &str) -> Result<Newcomer, HubError> {
        if self.is_set_up().await? {
            return Err(HubError::AlreadySetUp);
        }
        let lanes = self.lanes_of_setup(browser);
        self.count_try(&lanes).await?;
        let now = self.tools().clock.now();
        let tried = self.accounts().waiting(|waiting| match waiting {
            Some(waiting) => waiting.try_code(code, now),
            None => Tried::NotWaiting,
        });
        match tried {
            Tried::Right => {}
            Tried::NotWaiting => return Err(HubError::AlreadySetUp),
            Tried::Wrong { tries_left } => return Err(HubError::WrongCode { tries_left }),
            Tried::Renewed => return Err(HubError::CodeRenewed),
        }
        // Whoever knows the code may take their time over the rest.
        self.forget_tries(&lanes).await?;
        Ok(Newcomer(()))
    }

    /// Does something on a hub that waits to be set up, unless somebody is doing that just now.
    pub(in crate::hub) fn unless_founding<T>(
        &self,
        work: impl FnOnce() -> T,
    ) -> Result<T, HubError> {
        self.accounts().waiting(|waiting| {
            let waiting = waiting.as_ref().ok_or(HubError::AlreadySetUp)?;
            if 0 < waiting.n_founding { Err(HubError::Restoring) } else { Ok(work()) }
        })
    }

    /// Founds a household with this key and a first guardian. A second time it is refused.
    pub async fn found(
        &self,
        founding: &Founding,
        key: &HouseholdKey,
    ) -> Result<(AccountId, RecoveryKey), HubError> {
        let (name, family) = founding.names()?;
        let words = [Some(name), family].into_iter().flatten().map(Zeroizing::new).collect();
        self.check_new_password(&founding.password, Role::Guardian, words).await?;
        self.found_with_drawn(founding, key).await
    }

    /// Does the same with a password that Hutch has drawn itself. How hard it is to guess needs not be
    /// looked at, for which some megabytes of words stay in memory.
    pub async fn found_with_drawn(
        &self,
        founding: &Founding,
        key: &HouseholdKey,
    ) -> Result<(AccountId, RecoveryKey), HubError> {
        let Founding { password, time_zone, .. } = founding;
        let (name, family) = founding.names()?;
        if time_zone.as_deref().is_some_and(|zone| jiff::tz::TimeZone::get(zone).is_err()) {
            return Err(HubError::BadTimeZone);
        }

        let (id, now, public) = (AccountId::fresh(), self.tools().clock.now(), key.public());
        let password = self.new_password(password).await?;
        let behind = Behind { key: OwnKey::of_household(key), totp: None };
        let account = NewAccount {
            id,
            name: fold(&name),
            profile: profile(|item| about_account(item, id), &name, &public)?,
            password: password.wrap(id, &behind, now, None)?,
            created_at: now,
        };
        let family = family.map(|family| profile(about_household, &family, &public)).transpose()?;
        let NewKey { key: recovery, row: recovery_row } = self.new_recovery_key(key);
        let time_zone = time_zone.clone();
        let note = self.note_of(Deed::SetUp).by(id);
        let founded = self
            .tools()
            .store
            .write(move |tx| {
                recipients::set_household(tx, &public, now)?;
                household::insert(tx, now, time_zone.as_deref(), family.as_ref())?;
                accounts::insert_guardian(tx, &account)?;
                recoveries::set(tx, &recovery_row)?;
                let up_to = activity::insert(tx, &note)?;
                activity::set_seen(tx, id, up_to)
            })
            .await;
        match founded {
            Ok(()) => {}
            Err(StoreError::Conflict { .. }) => return Err(HubError::AlreadySetUp),
            Err(error) => return Err(error.into()),
        }
        self.tools().household.set(public);
        tracing::info!(account.id = %id, "the household was set up");
        Ok((id, recovery))
    }
}
