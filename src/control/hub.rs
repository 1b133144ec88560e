//! The hub as a [`Terminal`].

use async_trait::async_trait;
use zeroize::Zeroizing;

use super::{Account, HeardToy, Refused, Terminal, Toy};
use crate::hub::{
    Hub, HubError, Nearby, NearbyToy,
    accounts::AccountLine,
    probe::{ProbeError, Progress, Wanted},
    toys::ToyLine,
};

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

    async fn note_new_root(&self) -> Result<(), Refused> {
        Ok(Self::note_new_root(self).await?)
    }

    async fn erase_household(&self) -> Result<(), Refused> {
        Ok(self.reset()?)
    }

    async fn heard(&self) -> Result<(String, String, Vec<HeardToy>), Refused> {
        let Nearby { state, toys } = self.hear().await?;
        let toys = toys.into_iter().map(HeardToy::from).collect();
        Ok((state.word().to_owned(), state.to_string(), toys))
    }

    async fn toys(&self) -> Result<Vec<Toy>, Refused> {
        Ok(self.toy_lines().await?.into_iter().map(Toy::from).collect())
    }

    async fn begin_probe(&self, wanted: &Wanted) -> Result<(), Refused> {
        Ok(Self::begin_probe(self, wanted).await?)
    }

    async fn probe(&self) -> Result<Progress, Refused> {
        Ok(Self::probe(self)?)
    }
}

impl From<NearbyToy> for HeardToy {
    fn from(toy: NearbyToy) -> Self {
        let NearbyToy { address, name, signal_dbm, character: _, adopted } = toy;
        let toy = adopted.map(|(toy, _)| toy.to_string());
        Self { address: address.in_full(), name, signal_dbm, toy }
    }
}

impl From<ToyLine> for Toy {
    fn from(line: ToyLine) -> Self {
        let ToyLine { id, address, character, presence, adopted_at, is_retiring, guard, baseline } =
            line;
        let table = baseline.table.map(|table| table.map(|byte| format!("{byte:02x}")).concat());
        Self {
            id: id.to_string(),
            address: address.in_full(),
            character: character.word().to_owned(),
            presence: presence.word().to_owned(),
            adopted_at: adopted_at.0,
            retiring: is_retiring,
            guard: guard.map(|sign| sign.word().to_owned()),
            config: baseline.config,
            firmware: baseline.firmware,
            table,
            signal_floor: baseline.signal_floor,
        }
    }
}

impl From<AccountLine> for Account {
    fn from(line: AccountLine) -> Self {
        let AccountLine { name, role, created_at, last_used_at } = line;
        Self { name, role, created_at: created_at.0, last_used_at: last_used_at.map(|at| at.0) }
    }
}

impl From<ProbeError> for Refused {
    fn from(error: ProbeError) -> Self {
        match error {
            ProbeError::Hub(error) => error.into(),
            // It says what to do, and nothing is wrong with the hub.
            error => Self(error.to_string()),
        }
    }
}

impl From<HubError> for Refused {
    fn from(error: HubError) -> Self {
        // Whoever is at the terminal may read the log too; what failed inside stands there.
        tracing::error!(%error, "the hub could not do what a terminal asked");
        Self(error.to_string())
    }
}
