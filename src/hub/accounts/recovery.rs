//! The recovery key: made, shown once, and checked to have been written down.

use zeroize::Zeroizing;

use super::{Confirmed, Guardian, Me};
use crate::{
    hub::{Hub, HubError, random},
    seal::{
        household::HouseholdKey,
        recovery::{RecoveryKey, SealedHousehold},
    },
    store::recovery::{self, NewRecovery, Recovery},
};

/// What every recovery key begins with.
const PREFIX: &str = "AGE-SECRET-KEY-1";

/// How many letters and digits follow that.
const LETTERS: u32 = 58;

/// How many of them are asked for.
const PART_LETTERS: u32 = 8;

/// A part of the recovery key, by its place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RecoveryPart {
    /// Its first letter, counted from 1 after `AGE-SECRET-KEY-1`.
    pub first: u32,
    /// How many letters it has.
    pub n: u32,
}

/// A recovery key, and what is stored of it.
pub(super) struct NewKey {
    pub(super) key: RecoveryKey,
    pub(super) row: NewRecovery,
}

impl RecoveryPart {
    pub(super) fn of(recovery: &Recovery) -> Option<Self> {
        recovery.unchecked.map(|(first, _mac)| Self { first, n: PART_LETTERS })
    }
}

impl Hub {
    /// Makes another recovery key. What was there opens nothing any more once this is stored.
    pub(super) fn new_recovery_key(&self, household: &HouseholdKey) -> NewKey {
        let key = RecoveryKey::generate();
        let text = key.to_text();
        let letters = text.strip_prefix(PREFIX).unwrap_or(&text);
        let places = LETTERS - PART_LETTERS + 1;
        let first = u32::from_be_bytes(random()) % places + 1;
        let skip = usize::try_from(first - 1).unwrap_or(0);
        let n = usize::try_from(PART_LETTERS).unwrap_or(0);
        let part: Zeroizing<String> = Zeroizing::new(letters.chars().skip(skip).take(n).collect());
        let row = NewRecovery {
            public_key: key.public(),
            sealed: SealedHousehold::seal(household, &key.public()),
            made_at: self.tools().clock.now(),
            part: first,
            part_mac: self.part_mac(&part),
        };
        NewKey { key, row }
    }

    /// Puts a new recovery key in the place of the old one, which opens nothing from here on.
    pub async fn renew_recovery_key(
        &self,
        by: &Confirmed<'_>,
    ) -> Result<Zeroizing<String>, HubError> {
        let NewKey { key, row } = self.new_recovery_key(&by.0.household);
        self.tools().store.write(move |tx| recovery::set(tx, &row)).await?;
        Ok(key.to_text())
    }

    /// Checks that somebody has written the recovery key down: they type the part that is asked for.
    pub async fn check_recovery_key(&self, by: &Guardian, part: &str) -> Result<Me, HubError> {
        let typed: Zeroizing<String> = Zeroizing::new(
            part.chars()
                .filter(char::is_ascii_alphanumeric)
                .map(|letter| letter.to_ascii_uppercase())
                .collect(),
        );
        let lanes = self.lanes_of_session(by.session.as_bytes());
        self.count_try(&lanes).await?;
        let stored = self.tools().store.read(recovery::find).await?;
        if let Some((_, mac)) = stored.and_then(|recovery| recovery.unchecked) {
            // Compared as hashes under a key that nobody outside has: timing tells nothing.
            if self.part_mac(&typed) != mac {
                return Err(HubError::WrongPart);
            }
            self.tools().store.write(recovery::checked).await?;
            self.forget_tries(&lanes).await?;
        }
        self.me(by).await
    }

    fn part_mac(&self, part: &str) -> [u8; 32] {
        let labelled = [b"hutch part of the recovery key\0", part.as_bytes()].concat();
        self.tools().hash.mac(&Zeroizing::new(labelled))
    }
}
