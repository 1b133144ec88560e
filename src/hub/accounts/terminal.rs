//! What somebody at this computer's terminal may know of accounts, with nobody signed in.

use super::fold;
use crate::{
    hub::{Hub, HubError},
    model::{Deed, Timestamp},
    store::{accounts, activity, invites, sessions, throttle},
};

/// An account as a terminal lists it: nothing that is sealed for people.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccountLine {
    /// The name to sign in with.
    pub name: String,
    /// Its role, in a word.
    pub role: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When any of its sessions was last used.
    pub last_used_at: Option<Timestamp>,
}

impl Hub {
    /// Returns all accounts, the oldest first.
    ///
    /// For the terminal of this computer only.
    pub async fn account_lines(&self) -> Result<Vec<AccountLine>, HubError> {
        let lines = self.tools().store.read(accounts::lines).await?;
        let lines = lines.into_iter().map(|line| {
            let accounts::Line { name, role, created_at, last_used_at } = line;
            AccountLine { name, role, created_at, last_used_at }
        });
        Ok(lines.collect())
    }

    /// Signs an account out everywhere, takes its invitations back, forgets the browsers that it was
    /// used in, and lets it be tried again at once. Its password stays as it is.
    ///
    /// For the terminal of this computer only.
    pub async fn reset_account(&self, name: &str) -> Result<(), HubError> {
        let lane = self.lane_of_name(name);
        let name = fold(name);
        let note = self.note_of(Deed::AccountReset);
        let ended = self
            .tools()
            .store
            .write(move |tx| {
                let Some((account, _password)) = accounts::by_name(tx, &name)? else {
                    return Ok(None);
                };
                throttle::delete(tx, &lane)?;
                invites::delete_of(tx, account)?;
                sessions::forget_browsers(tx, account)?;
                activity::insert(tx, &note.to(account.as_bytes()))?;
                Ok(Some((account, sessions::delete_others(tx, account, None)?)))
            })
            .await?;
        let (account, ended) = ended.ok_or(HubError::NoSuchAccount)?;
        tracing::info!(account.id = %account, "an account was signed out from the terminal");
        self.tell_ended(ended).await;
        Ok(())
    }

    /// Notes that the certificates of the hub have another root, which somebody at the terminal of this
    /// computer wanted.
    pub async fn note_new_root(&self) -> Result<(), HubError> {
        let note = self.note_of(Deed::RootChanged);
        self.tools().store.write(move |tx| activity::insert(tx, &note)).await?;
        Ok(())
    }
}
