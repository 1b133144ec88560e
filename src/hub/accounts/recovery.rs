//! The recovery key: made, shown once, and checked to have been written down.

use zeroize::Zeroizing;

use super::{Behind, Browser, Confirmed, Guardian, Me, OwnKey, SignedIn, fold, sessions::How};
use crate::{
    hub::{Hub, HubError, activity::place_of, random},
    model::{Deed, Role},
    seal::{
        PrivateKey as _,
        household::HouseholdKey,
        recovery::{RecoveryKey, SealedHousehold},
    },
    store::{
        accounts,
        activity::{self, Entry},
        invites, recipients,
        recovery::{self, NewRecovery, Recovery},
        rotation, sessions,
    },
};

/// What every recovery key begins with.
const PREFIX: &str = "AGE-SECRET-KEY-1";

/// How many letters and digits follow that.
const LETTERS: u32 = 58;

/// In groups of how many they are shown.
const GROUP_LETTERS: u32 = 4;

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

/// Somebody has come back with the recovery key.
pub struct Recovered {
    /// The guardian, signed in.
    pub signed_in: SignedIn,
    /// The recovery key from here on, which is never shown again.
    pub recovery_key: Zeroizing<String>,
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
        // People read it in groups of four; the part begins with one.
        let n_places = (LETTERS - PART_LETTERS) / GROUP_LETTERS + 1;
        let first = u32::from_be_bytes(random()) % n_places * GROUP_LETTERS + 1;
        let skip = usize::try_from(first - 1).unwrap_or(0);
        let n = usize::try_from(PART_LETTERS).unwrap_or(0);
        let part: Zeroizing<String> = Zeroizing::new(letters.chars().skip(skip).take(n).collect());
        let row = NewRecovery {
            public_key: key.public(),
            sealed: SealedHousehold::seal(household, &key.public()),
            made_at: self.tools().clock.now(),
            part: first,
            part_mac: self.part_mac(&part),
            used_at: None,
        };
        NewKey { key, row }
    }

    /// Puts a new recovery key in the place of the old one, which opens nothing from here on.
    pub async fn renew_recovery_key(
        &self,
        by: &Confirmed<'_>,
    ) -> Result<Zeroizing<String>, HubError> {
        let NewKey { key, row } = self.new_recovery_key(&by.0.household);
        let public = by.0.household.public();
        let note = self.note(by.0, Deed::RecoveryKeyMade);
        let set = self.tools().store.write(move |tx| {
            // The keys were changed meanwhile, and the recovery key with them.
            if !recipients::is_in_use(tx, &public)? {
                return Ok(false);
            }
            let used_at = recovery::find(tx)?.and_then(|before| before.used_at);
            recovery::set(tx, &NewRecovery { used_at, ..row })?;
            activity::insert(tx, &note).map(|_id| true)
        });
        if !set.await? {
            return Err(HubError::TryLater { seconds: 1 });
        }
        self.scrub().await;
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
        let lanes = self.lanes_of_session(by.session().as_bytes());
        self.count_try(&lanes).await?;
        let stored = self.tools().store.read(recovery::find).await?;
        if let Some((_, mac)) = stored.and_then(|recovery| recovery.unchecked) {
            // Compared as hashes under a key that nobody outside has: timing tells nothing.
            if self.part_mac(&typed) != mac {
                return Err(HubError::WrongPart);
            }
            if !self.tools().store.write(move |tx| recovery::checked(tx, Some(&mac))).await? {
                // There is another key by now, which nobody has shown.
                return Err(HubError::WrongPart);
            }
        }
        self.forget_tries(&lanes).await?;
        self.me(by).await
    }

    /// Gives a guardian a new password who has none any more, but the recovery key.
    ///
    /// All sessions of that account end, and there is another recovery key: the one that was used has
    /// been read by somebody. An unknown name and a wrong key get the same answer.
    pub async fn recover(
        &self,
        browser: Browser,
        name: &str,
        key: &str,
        new: Zeroizing<String>,
    ) -> Result<Recovered, HubError> {
        let lanes = self.lanes_of_recovery(&browser);
        self.count_try(&lanes).await?;
        let wanted = fold(name);
        let (found, recovery, previous) = self
            .tools()
            .store
            .read(move |tx| {
                // What a relative heard was never sealed for the recovery key.
                let found = accounts::guardian_by_name(tx, &wanted)?;
                let password = found.map(|id| accounts::password_of(tx, id)).transpose()?;
                Ok((found.zip(password), recovery::find(tx)?, rotation::previous(tx)?))
            })
            .await?;
        let household = RecoveryKey::from_text(key).ok().and_then(|key| {
            let sealed = recovery?.sealed.ok()?;
            key.open(&sealed).ok()
        });
        let known = found.as_ref().map(|(account, _password)| *account);
        let (Some(household), Some((account, row))) = (household, found) else {
            self.note_failure(&lanes, known, place_of(&browser)).await;
            return Err(HubError::WrongRecoveryKey);
        };
        let own = self.completed(OwnKey::Household(household), previous);
        let OwnKey::Household(household) = own else { return Err(HubError::WrongRecoveryKey) };
        self.forget_tries(&lanes).await?;
        let own = OwnKey::of_household(&household);
        let words = self.household_words(&own, Some(account)).await?;
        self.check_new_password(&new, Role::Guardian, words).await?;

        let now = self.tools().clock.now();
        let password = self.new_password(&new).await?;
        // Two-step sign-in goes, too: its secret lay behind the password that is lost.
        let behind = Behind { key: OwnKey::of_household(&household), totp: None };
        let changed = password.wrap(account, &behind, now, None)?;
        let NewKey { key, row: recovery_row } = self.new_recovery_key(&household);
        let recovery_row = NewRecovery { used_at: Some(now), ..recovery_row };
        let public = household.public();
        let note = self.note_of(Deed::RecoveryKeyUsed).by(account);
        let note = Entry { place: Some(place_of(&browser)), ..note };
        let ended = self
            .tools()
            .store
            .write(move |tx| {
                let stored = accounts::password_of(tx, account)?.map(|stored| stored.wrap);
                if stored != row.map(|row| row.wrap) || !recipients::is_in_use(tx, &public)? {
                    return Ok(None);
                }
                invites::replace(tx, account)?;
                accounts::set_password(tx, account, &changed)?;
                recovery::set(tx, &recovery_row)?;
                activity::insert(tx, &note)?;
                invites::delete_of(tx, account)?;
                sessions::forget_browsers(tx, account)?;
                sessions::delete_others(tx, account, None).map(Some)
            })
            .await?;
        self.tell_ended(ended.ok_or(HubError::TryLater { seconds: 1 })?).await;
        self.scrub().await;
        tracing::warn!(account.id = %account, "the recovery key was used");
        let signed_in =
            self.begin_session(browser, account, own, How::Password(None), None).await?;
        Ok(Recovered { signed_in, recovery_key: key.to_text() })
    }

    fn part_mac(&self, part: &str) -> [u8; 32] {
        let labelled = [b"hutch part of the recovery key\0", part.as_bytes()].concat();
        self.tools().hash.mac(&Zeroizing::new(labelled))
    }
}
