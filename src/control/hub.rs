//! The hub as a [`Terminal`].

use async_trait::async_trait;
use zeroize::Zeroizing;

use super::{Account, Refused, Terminal};
use crate::hub::{Hub, HubError, accounts::AccountLine};

/// What somebody can do whose account was reset. There is no back door, and it says so.
const RESET: &str = "Signed out everywhere, and failed tries are forgotten. The password is as it \
    was: nobody can change it from here. Who has lost it opens the page, chooses \"Forgotten your \
    password?\" and uses the recovery key, or asks another guardian for an invitation.";

#[async_trait]
impl Terminal for Hub {
    async fn setup_code(&self) -> Result<Option<Zeroizing<String>>, Refused> {
        Ok(Self::setup_code(self))
    }

    async fn accounts(&self) -> Result<Vec<Account>, Refused> {
        Ok(self.account_lines().await?.into_iter().map(Account::from).collect())
    }

    async fn reset_account(&self, name: &str) -> Result<Zeroizing<String>, Refused> {
        match Self::reset_account(self, name).await {
            Ok(()) => Ok(Zeroizing::new(RESET.to_owned())),
            Err(HubError::NoSuchAccount) => Err(Refused(
                "nobody signs in with that name; hutch account list shows who does".to_owned(),
            )),
            Err(error) => Err(error.into()),
        }
    }

    async fn erase_household(&self) -> Result<(), Refused> {
        Ok(self.reset()?)
    }
}

impl From<AccountLine> for Account {
    fn from(line: AccountLine) -> Self {
        let AccountLine { name, role, created_at, last_used_at } = line;
        Self { name, role, created_at: created_at.0, last_used_at: last_used_at.map(|at| at.0) }
    }
}

impl From<HubError> for Refused {
    fn from(error: HubError) -> Self {
        // Whoever is at the terminal may read the log too; what failed inside stands there.
        tracing::error!(%error, "the hub could not do what a terminal asked");
        Self(error.to_string())
    }
}
