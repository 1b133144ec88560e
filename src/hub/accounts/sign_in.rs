//! Signing in: with a password, or by a link that is good once.

use std::sync::PoisonError;

use zeroize::Zeroizing;

use super::{
    Advice, Browser, OwnKey, SignedIn, place,
    prove::{Lanes, Settle},
    sessions::How,
    unwrap_household, wrap_own,
};
use crate::{
    auth::{
        password::{self, Policy},
        token::{self, Token},
    },
    hub::{Hub, HubError, activity::place_of, random},
    model::{AccountId, Role},
    seal::{Opener, Wrap, household::HouseholdKey},
    store::accounts,
};

/// A link that signs somebody in once. It lives in memory, and is gone with the hub.
pub(super) struct Link {
    id: [u8; 16],
    lookup: [u8; 32],
    account: AccountId,
    wrap: Wrap,
}

impl Hub {
    /// Signs in with a name and a password, and a code where two-step sign-in is on.
    ///
    /// An unknown name and a wrong password cannot be told apart, neither by the answer nor by how
    /// long it takes. The session that the browser had ends.
    pub async fn sign_in(
        &self,
        browser: Browser,
        name: &str,
        password: Zeroizing<String>,
        totp: Option<&str>,
    ) -> Result<SignedIn, HubError> {
        if !self.is_set_up().await? {
            return Err(HubError::NotSetUp);
        }
        let (lanes, found) = self.lanes(&browser, name).await?;
        let account = found.as_ref().map(|(account, _password)| *account);
        let place = place_of(&browser);
        let signed_in = self.try_to_sign_in(browser, lanes.clone(), found, password, totp).await;
        if let Err(HubError::WrongPassword | HubError::WrongTotp) = signed_in {
            self.note_failure(&lanes, account, place).await;
        }
        signed_in
    }

    async fn try_to_sign_in(
        &self,
        browser: Browser,
        lanes: Lanes,
        found: Option<(AccountId, accounts::Password)>,
        password: Zeroizing<String>,
        totp: Option<&str>,
    ) -> Result<SignedIn, HubError> {
        let mut proved = self.prove(&lanes, found, &password).await?;
        let second = self.second(&mut proved, totp).await?;
        let mut settle = Settle::new(lanes, &proved, second)?;

        let cost = self.accounts().cost().raised_to(&proved.password.cost);
        if cost != proved.password.cost {
            // Now is the moment: at no other time is the password here.
            match self.new_password_at(cost, &password).await {
                Ok(better) => {
                    let accounts::Password { changed_at, totp_step, .. } = *settle.current();
                    settle.replace(better.wrap(
                        proved.account,
                        &proved.behind,
                        changed_at,
                        totp_step,
                    )?);
                }
                // The password is right: whoever has it comes in.
                Err(error) => tracing::warn!(%error, "could not make a password's key better"),
            }
        }
        let (account, key) = (proved.account, self.complete(proved.behind.key).await?);
        let standing = self.tools().store.read(move |tx| accounts::standing(tx, account)).await?;
        match standing {
            Some((role, None)) if role == key.role() => {}
            Some((_, Some(_since))) => {
                // Only whoever has the password learns of it.
                self.settle(settle, None).await?;
                return Err(HubError::Blocked);
            }
            _ => return Err(HubError::WrongPassword),
        }
        let advice = self.advice(&key, account, password).await?;
        self.begin_session(browser, account, key, How::Password(advice), Some(settle)).await
    }

    /// Makes a link that signs in to this account once.
    pub fn make_link(
        &self,
        account: AccountId,
        household: &HouseholdKey,
    ) -> Result<Token, HubError> {
        let (token, id) = (Token::generate(), random());
        let place = place(Opener::Link, &id);
        let wrap = wrap_own(&token, &place, &OwnKey::of_household(household), None)?;
        let link = Link { id, lookup: token::lookup_id(&token), account, wrap };
        self.accounts().links.lock().unwrap_or_else(PoisonError::into_inner).push(link);
        Ok(token)
    }

    /// Signs in by a link. A wrong or used one gives nothing.
    pub async fn enter(&self, browser: Browser, token: &str) -> Result<Option<SignedIn>, HubError> {
        let Ok(token) = Token::parse(token) else { return Ok(None) };
        let lookup = token::lookup_id(&token);
        let link = {
            let mut links = self.accounts().links.lock().unwrap_or_else(PoisonError::into_inner);
            let at = links.iter().position(|link| link.lookup == lookup);
            at.map(|at| links.swap_remove(at))
        };
        let Some(Link { id, account, wrap, .. }) = link else { return Ok(None) };
        let household = unwrap_household(&token, &place(Opener::Link, &id), &wrap)?;
        let key = OwnKey::Household(household);
        self.begin_session(browser, account, key, How::Link, None).await.map(Some)
    }

    /// Looks at a password that was just used, with the words of the household that could not be
    /// opened when it was chosen.
    async fn advice(
        &self,
        key: &OwnKey,
        account: AccountId,
        password: Zeroizing<String>,
    ) -> Result<Option<Advice>, HubError> {
        let words = self.household_words(key, Some(account)).await?;
        let policy = policy(key.role());
        let breached = self.accounts().breached.clone();
        let look = move || {
            let words: Vec<&str> = words.iter().map(|word| word.as_str()).collect();
            let alone = weakness(&password, policy, &[], breached.as_deref());
            match alone {
                Some(_) => Some(Advice::Weak),
                None => weakness(&password, policy, &words, None).map(|_weak| Advice::Words),
            }
        };
        tokio::task::spawn_blocking(look).await.map_err(|_stopping| HubError::Stopping)
    }

    /// Refuses a password that is too weak for this role.
    pub(super) async fn check_new_password(
        &self,
        password: &Zeroizing<String>,
        role: Role,
        words: Vec<Zeroizing<String>>,
    ) -> Result<(), HubError> {
        let password = password.clone();
        let breached = self.accounts().breached.clone();
        let look = move || {
            let words: Vec<&str> = words.iter().map(|word| word.as_str()).collect();
            weakness(&password, policy(role), &words, breached.as_deref())
        };
        let weak =
            tokio::task::spawn_blocking(look).await.map_err(|_stopping| HubError::Stopping)?;
        weak.map_or(Ok(()), |weak| Err(HubError::WeakPassword(weak)))
    }
}

/// Returns how good a password must be. Child screens have none.
const fn policy(role: Role) -> Policy {
    match role {
        Role::Guardian => Policy::GUARDIAN,
        Role::Relative | Role::ChildScreen => Policy::RELATIVE,
    }
}

/// Returns why a password is too weak, if it is.
fn weakness(
    password: &str,
    policy: Policy,
    words: &[&str],
    breached: Option<&std::path::Path>,
) -> Option<password::Weak> {
    let mut index = breached.and_then(super::breached::open);
    let list = index.as_mut().map(|index| -> &mut dyn crate::auth::breached::Breached { index });
    password::check(password, policy, words, list).err()
}
