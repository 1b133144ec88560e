//! Browsers that are signed in: recognized, listed, signed out.

use zeroize::Zeroizing;

use super::{
    Advice, Asks, Browser, Caller, Me, Seat, SignedIn,
    keys::{OwnKey, place, unwrap_own, wrap_own},
    prove::{Proved, Settle},
    saw_time,
};
use crate::{
    auth::token::{self, Token},
    hub::{Event, Fresh as _, Hub, HubError, activity::place_of},
    model::{AccountId, Deed, Role, SessionId, Timestamp},
    seal::{
        Opener, PrivateKey as _, PublicKey, SealError, SealedPrevious, household::HouseholdKey,
    },
    store::{
        Memo, StoreError, Stored, Transaction,
        accounts::{self, Password},
        activity::{self, Entry},
        invites, recipients, rotation,
        sessions::{self, Ended, NewSession, Session},
    },
};

const DAY_S: i64 = 24 * 3_600;

/// The session of a guardian or relative ends when nobody used it for this long.
const IDLE_S: i64 = 30 * DAY_S;

/// The session of a guardian or relative ends after this long, however much it was used.
pub(super) const LONGEST_S: i64 = 180 * DAY_S;

/// A child screen stays signed in until nobody used it for this long, which is as long as browsers
/// keep a cookie.
const SCREEN_S: i64 = 400 * DAY_S;

/// How long the password counts as given just now.
pub(super) const CONFIRMED_FOR_S: i64 = 10 * 60;

/// How exactly a session knows when it was last used: each note is a write to the card.
const TOUCH_EVERY_S: i64 = 5 * 60;

/// The same for a browser whose address changes: it may have two and take turns.
const MOVE_EVERY_S: i64 = 60;

/// Sessions, by what they are found by, and the key before while the household's keys are changed: every
/// request asks for them.
pub(super) type Visitors = Memo<[u8; 32], (Option<Session>, Option<Stored<SealedPrevious>>)>;

/// How somebody has come in.
pub(super) enum How {
    /// With the password, which should perhaps be changed.
    Password(Option<Advice>),
    /// By a link: nobody gave a password.
    Link,
}

/// A session, as its owner sees it.
pub struct SessionLine {
    /// Its identifier.
    pub id: SessionId,
    /// Whether it is the one that asks.
    pub is_current: bool,
    /// What sort of browser, on what.
    pub device: String,
    /// Where it was used last.
    pub address: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to some minutes.
    pub last_used_at: Timestamp,
    /// When it ends by itself unless it is used.
    pub expires_at: Timestamp,
}

/// A session that was made, and its cookie.
pub(super) struct Made {
    pub(super) cookie: Token,
    pub(super) row: NewSession,
}

/// Makes a session; the account's key goes into its wrap.
pub(super) fn make(
    browser: &Browser,
    account: AccountId,
    key: &OwnKey,
    now: Timestamp,
    advice: Option<Advice>,
    confirmed_until: Option<Timestamp>,
) -> Result<Made, HubError> {
    let cookie = Token::generate();
    let id = SessionId::fresh();
    let place = place(Opener::Session, id.as_bytes());
    let wrap = wrap_own(&cookie, &place, key, advice)?;
    let row = NewSession {
        id,
        account,
        lookup: token::lookup_id(&cookie),
        wrap,
        created_at: now,
        ends_at: now.after(lasts(key.role())),
        address: browser.address.clone(),
        device: browser.device.clone(),
        confirmed_until,
    };
    Ok(Made { cookie, row })
}

/// Stores a session in the place of the one that the browser had, and remembers the browser.
/// Returns which sessions ended with that; nothing if the account may not sign in.
pub(super) fn begin(
    tx: &Transaction<'_>,
    new: &NewSession,
    household: Option<&PublicKey>,
    before: Option<&[u8; 32]>,
    known: &[u8; 32],
    is_sure: bool,
) -> Result<Option<Vec<Ended>>, StoreError> {
    let now = new.created_at;
    if let Some(household) = household
        && !recipients::is_in_use(tx, household)?
    {
        // The keys were changed meanwhile: the session would open nothing.
        return Ok(None);
    }
    let mut ended = sessions::delete_ended(tx, now, now.after(-IDLE_S))?;
    if let Some(before) = before
        && let Some(session) = sessions::by_lookup(tx, before)?
        && sessions::delete(tx, session.account, session.id)?
    {
        ended.push(Ended { session: session.id, account: session.account });
    }
    // A relative may have been blocked while the password was looked at.
    if !matches!(accounts::standing(tx, new.account)?, Some((_, None))) {
        return Ok(None);
    }
    sessions::insert(tx, new)?;
    sessions::remember_browser(tx, known, new.account, now)?;
    saw_time(tx, now, is_sure)?;
    Ok(Some(ended))
}

impl Hub {
    /// Signs in whoever has proved to be this account.
    pub(super) async fn begin_session(
        &self,
        browser: Browser,
        account: AccountId,
        key: OwnKey,
        how: How,
        settle: Option<Settle>,
    ) -> Result<SignedIn, HubError> {
        let key = self.complete(key).await?;
        let now = self.tools().clock.now();
        let is_sure = self.tools().clock.is_synchronized();
        let (advice, confirmed_until) = match how {
            How::Password(advice) => (advice, Some(now.after(CONFIRMED_FOR_S))),
            How::Link => (None, None),
        };
        let Made { cookie, row } = make(&browser, account, &key, now, advice, confirmed_until)?;
        let household = key.household().map(HouseholdKey::public);
        let before = browser.session.as_ref().map(token::lookup_id);
        let place = place_of(&browser);
        let known = browser.known.unwrap_or_else(Token::generate);
        let known_lookup = token::lookup_id(&known);
        let session = row.id;
        let replaces_wrap = settle.as_ref().is_some_and(Settle::replaces_wrap);
        let ended = self
            .tools()
            .store
            .write(move |tx| {
                if !settle.map_or(Ok(true), |settle| settle.run(tx))? {
                    return Ok(None);
                }
                let is_known = sessions::knows_browser(tx, &known_lookup, account)?;
                let household = household.as_ref();
                let ended = begin(tx, &row, household, before.as_ref(), &known_lookup, is_sure)?;
                if ended.is_some() {
                    let deed = if is_known { Deed::SignedIn } else { Deed::NewDevice };
                    let note = Entry::new(now, deed).by(account).to(session.as_bytes());
                    activity::insert(tx, &Entry { place: Some(place), ..note })?;
                }
                Ok(ended)
            })
            .await?;
        self.tell_ended(ended.ok_or(HubError::TryLater { seconds: 1 })?).await;
        self.tools().bus.publish(Event::SessionBegan(account));
        if replaces_wrap {
            self.scrub().await;
        }
        if let OwnKey::Household(household) = &key {
            self.send_anew(household.again());
        }
        let caller = Caller::new(Seat { account, session, confirmed_until, advice }, key);
        Ok(SignedIn { session: cookie, known, me: self.me(&caller).await? })
    }

    /// Lets in whoever has the cookie of a session, from this address.
    pub async fn caller(&self, cookie: &str, address: &str) -> Result<Option<Caller>, HubError> {
        let Ok(cookie) = Token::parse(cookie) else { return Ok(None) };
        let lookup = token::lookup_id(&cookie);
        let look = move |tx: &Transaction<'_>| {
            Ok((sessions::by_lookup(tx, &lookup)?, rotation::previous(tx)?))
        };
        let found = self.accounts().visitors.recall(&self.tools().store, lookup, look).await?;
        let (Some(session), previous) = found else { return Ok(None) };
        let now = self.tools().clock.now();
        if expires_at(&session) <= now {
            self.end(session.account, session.id).await?;
            return Ok(None);
        }
        let place = place(Opener::Session, session.id.as_bytes());
        let wrap = session.wrap.as_ref().map_err(|error| *error);
        let opened = wrap.and_then(|wrap| unwrap_own(&cookie, &place, wrap));
        let of_role = opened.and_then(|(key, advice)| {
            // A role that was changed by hand.
            let is_theirs = key.role() == session.role;
            is_theirs.then_some((key, advice)).ok_or(SealError::DoesNotOpen)
        });
        let (key, advice) = match of_role {
            Ok((key, advice)) => (self.completed(key, previous), advice),
            Err(error) => {
                // Of no use to anybody: whoever has the cookie signs in again.
                tracing::error!(session.id = %session.id, %error, "a session does not open");
                self.end(session.account, session.id).await?;
                return Ok(None);
            }
        };
        if is_to_be_noted(&session, now, address)
            && let Err(error) = self.touch(&session, now, address).await
        {
            // A full disk keeps nobody from looking.
            tracing::warn!(%error, "could not note that a session was used");
        }
        let Session { id, account, confirmed_until, .. } = session;
        Ok(Some(Caller::new(Seat { account, session: id, confirmed_until, advice }, key)))
    }

    /// Gives a guardian's key the one before, if the keys are being changed.
    pub(super) async fn complete(&self, key: OwnKey) -> Result<OwnKey, HubError> {
        if key.household().is_none() {
            return Ok(key);
        }
        let previous = self.tools().store.read(rotation::previous).await?;
        Ok(self.completed(key, previous))
    }

    /// Gives a guardian's key the one before, while the keys are changed, and has that go on.
    pub(super) fn completed(
        &self,
        key: OwnKey,
        previous: Option<Stored<SealedPrevious>>,
    ) -> OwnKey {
        let (OwnKey::Household(household), Some(previous)) = (&key, previous) else { return key };
        match previous.and_then(|previous| household.again().with_previous(&previous)) {
            Ok(both) => {
                self.go_on(&both);
                OwnKey::Household(both)
            }
            Err(error) => {
                tracing::error!(%error, "the household's key before does not open");
                key
            }
        }
    }

    /// Returns whether a session is still going on.
    pub async fn is_signed_in(&self, session: SessionId) -> Result<bool, HubError> {
        let found = self.tools().store.read(move |tx| sessions::find(tx, session)).await?;
        let now = self.tools().clock.now();
        Ok(found.is_some_and(|session| now < expires_at(&session)))
    }

    /// Returns the sessions of whoever asks, the one used last first.
    pub async fn sessions(&self, by: &impl Asks) -> Result<Vec<SessionLine>, HubError> {
        let (account, current) = (by.account(), by.session());
        let found = self.tools().store.read(move |tx| sessions::of_account(tx, account)).await?;
        let now = self.tools().clock.now();
        let lines = found.into_iter().filter(|session| now < expires_at(session));
        Ok(lines
            .map(|session| SessionLine {
                id: session.id,
                is_current: session.id == current,
                expires_at: expires_at(&session),
                device: session.device,
                address: session.address,
                created_at: session.created_at,
                last_used_at: session.last_used_at,
            })
            .collect())
    }

    /// Ends the session that asks.
    pub async fn sign_out(&self, by: impl Asks) -> Result<(), HubError> {
        self.end(by.account(), by.session()).await?;
        Ok(())
    }

    /// Ends a session of whoever asks.
    pub async fn revoke(&self, by: &impl Asks, session: SessionId) -> Result<(), HubError> {
        let account = by.account();
        let note = Entry { n: Some(1), ..self.note(by, Deed::SessionsEnded) };
        let ended = self.tools().store.write(move |tx| {
            let ended = sessions::delete(tx, account, session)?;
            if ended {
                activity::insert(tx, &note)?;
            }
            Ok(ended)
        });
        if !ended.await? {
            return Err(HubError::NoSuchSession);
        }
        self.tell_ended([Ended { session, account }]).await;
        Ok(())
    }

    /// Ends all sessions of whoever asks but the one that asks.
    pub async fn revoke_others(&self, by: &impl Asks) -> Result<(), HubError> {
        let (account, but) = (by.account(), by.session());
        let note = self.note(by, Deed::SessionsEnded);
        let ended = self.tools().store.write(move |tx| {
            let ended = sessions::delete_others(tx, account, Some(but))?;
            if !ended.is_empty() {
                let n = i64::try_from(ended.len()).ok();
                activity::insert(tx, &Entry { n, ..note })?;
            }
            Ok(ended)
        });
        self.tell_ended(ended.await?).await;
        Ok(())
    }

    /// Takes the password once more, for what needs it.
    pub async fn confirm(
        &self,
        by: &impl Asks,
        password: Zeroizing<String>,
        totp: Option<&str>,
    ) -> Result<Me, HubError> {
        let (_proved, settle) = self.prove_again(by, &password, totp).await?;
        let session = by.session();
        let until = self.tools().clock.now().after(CONFIRMED_FOR_S);
        let settled = self
            .tools()
            .store
            .write(move |tx| {
                let settled = settle.run(tx)?;
                if settled {
                    sessions::confirm(tx, session, until)?;
                }
                Ok(settled)
            })
            .await?;
        if !settled {
            return Err(HubError::TryLater { seconds: 1 });
        }
        Ok(Me { confirmed_until: Some(until), ..self.me(by).await? })
    }

    /// Tries the password of whoever is signed in, and the code of two-step sign-in if there is any.
    pub(super) async fn prove_again(
        &self,
        by: &impl Asks,
        password: &Zeroizing<String>,
        totp: Option<&str>,
    ) -> Result<(Proved, Settle), HubError> {
        let row = self.password_of(by).await?;
        let lanes = self.lanes_of_session(by.session().as_bytes());
        let found = Some((by.account(), row));
        let mut proved = self.prove(&lanes, found, password).await?;
        let second = self.second(&mut proved, totp).await?;
        // What is wrong with the request from here on is no guess at the password.
        self.forget_tries(&lanes).await?;
        let settle = Settle::new(lanes, &proved, second)?;
        Ok((proved, settle))
    }

    /// Writes what follows from a proof, and what is to be noted of it.
    pub(super) async fn settle(&self, settle: Settle, note: Option<Entry>) -> Result<(), HubError> {
        let settled = self.tools().store.write(move |tx| {
            let settled = settle.run(tx)?;
            if let Some(note) = note.filter(|_| settled) {
                activity::insert(tx, &note)?;
            }
            Ok(settled)
        });
        settled.await?.then_some(()).ok_or(HubError::TryLater { seconds: 1 })?;
        self.scrub().await;
        Ok(())
    }

    /// Returns what the password of whoever asks opens.
    pub(super) async fn password_of(&self, by: &impl Asks) -> Result<Password, HubError> {
        let account = by.account();
        let row = self.tools().store.read(move |tx| accounts::password_of(tx, account)).await?;
        row.ok_or(HubError::SignedOut)
    }

    async fn touch(
        &self,
        session: &Session,
        now: Timestamp,
        address: &str,
    ) -> Result<(), HubError> {
        let (id, role, address) = (session.id, session.role, address.to_owned());
        let is_sure = self.tools().clock.is_synchronized();
        self.tools()
            .store
            .write(move |tx| {
                let (latest_end, is_rolling) = (now.after(lasts(role)), role == Role::ChildScreen);
                sessions::touch(tx, id, now, &address, latest_end, is_rolling)?;
                saw_time(tx, now, is_sure)
            })
            .await?;
        Ok(())
    }

    async fn end(&self, account: AccountId, session: SessionId) -> Result<bool, HubError> {
        let ended =
            self.tools().store.write(move |tx| sessions::delete(tx, account, session)).await?;
        if ended {
            self.tell_ended([Ended { session, account }]).await;
        }
        Ok(ended)
    }

    /// Tells the streams of sessions that ended, and has what their cookies opened overwritten in
    /// the log, too.
    pub(in crate::hub) async fn tell_ended(&self, ended: impl IntoIterator<Item = Ended>) {
        let mut any = false;
        for Ended { session, account } in ended {
            any = true;
            self.tools().bus.publish(Event::SessionEnded(session, account));
        }
        if any {
            self.scrub().await;
        }
    }

    /// Takes away sessions and invitations that have ended, with what they opened, and forgets where
    /// things were done long ago. Call it now and then: nothing that has ended is of use, but its
    /// wrap is still there.
    pub async fn tidy(&self) -> Result<(), HubError> {
        let now = self.tools().clock.now();
        let ended = self
            .tools()
            .store
            .write(move |tx| {
                invites::delete_ended(tx, now)?;
                sessions::delete_ended(tx, now, now.after(-IDLE_S))
            })
            .await?;
        if ended.is_empty() {
            // Also for what was erased while somebody read.
            self.scrub().await;
        }
        self.tell_ended(ended).await;
        self.forget_places().await
    }

    /// Empties the database's log of what was deleted. Reading takes moments, so a few tries do.
    /// Returns whether it could be done: if not, it is tried again until it can.
    pub(in crate::hub) async fn scrub(&self) -> bool {
        for pause_ms in [0, 20, 100, 500] {
            tokio::time::sleep(std::time::Duration::from_millis(pause_ms)).await;
            match self.tools().store.scrub().await {
                Ok(true) => return true,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "could not empty the database's log"),
            }
        }
        tracing::warn!("the database's log holds what was deleted until it is next emptied");
        self.0.unscrubbed.notify_one();
        false
    }

    /// Waits until the database's log could not be emptied: then there is something to tidy.
    pub async fn is_untidy(&self) {
        self.0.unscrubbed.notified().await;
    }
}

/// Whether the use of a session is worth a write to the card.
fn is_to_be_noted(session: &Session, now: Timestamp, address: &str) -> bool {
    let every_s = if session.address == address { TOUCH_EVERY_S } else { MOVE_EVERY_S };
    // Written by a clock that was ahead, or long enough ago.
    now < session.last_used_at || session.last_used_at.after(every_s) <= now
}

/// How long a session can last from now on.
const fn lasts(role: Role) -> i64 {
    match role {
        Role::Guardian | Role::Relative => LONGEST_S,
        Role::ChildScreen => SCREEN_S,
    }
}

/// When a session ends unless it is used.
fn expires_at(session: &Session) -> Timestamp {
    match session.role {
        Role::Guardian | Role::Relative => session.ends_at.min(session.last_used_at.after(IDLE_S)),
        Role::ChildScreen => session.ends_at,
    }
}
