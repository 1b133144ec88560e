//! What somebody at this computer's terminal may know of accounts, with nobody signed in.

use crate::{
    hub::{Hub, HubError},
    model::Timestamp,
    store::accounts,
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
}
