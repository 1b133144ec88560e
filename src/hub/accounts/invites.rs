//! Invitations: links that are good once, and not for long.
//!
//! A guardian's wraps the household's key until somebody accepts, a relative's or child screen's the
//! invitation's own: neither needs anybody to be signed in. The secret stands behind the `#` of the
//! link, which browsers do not send; the page does, in the body of a request.

use super::{
    Confirmed, Guardian, OwnKey,
    keys::{place, wrap_own},
};
use crate::{
    auth::token::{self, Token},
    hub::{Event, Fresh as _, Hub, HubError},
    model::{AccountId, Deed, InviteId, Role, Timestamp},
    seal::{Opener, PrivateKey as _},
    store::{
        StoreError, Transaction, activity,
        invites::{self, Invite, NewInvite},
        recipients,
    },
};

/// How long an invitation is open that is accepted by somebody near: it opens the household, or its
/// screen lies on the table.
const HOUR_S: i64 = 3_600;

/// How long a relative has, who may be somewhere else when the link comes.
const WEEK_S: i64 = 7 * 24 * HOUR_S;

/// The most invitations that are open at a time.
const MAX_OPEN: usize = 20;

/// An invitation that was just made.
pub struct Invited {
    /// Its identifier.
    pub id: InviteId,
    /// The secret of the link. It opens the household, or what is shared with whoever is invited.
    pub token: Token,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// An open invitation.
#[derive(Clone, Copy, Debug)]
pub struct OpenInvite {
    /// Its identifier.
    pub id: InviteId,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

impl Hub {
    /// Invites another guardian.
    pub async fn invite(&self, by: &Confirmed<'_>) -> Result<Invited, HubError> {
        let (public, account) = (by.0.household.public(), by.0.account());
        let own = OwnKey::of_household(&by.0.household);
        let (new, invited) = self.new_invite(by.0, &own, None)?;
        let (id, now) = (new.id, new.made_at);
        let note = self.note(by.0, Deed::GuardianInvited).to(id.as_bytes());
        let made = self
            .tools()
            .store
            .write(move |tx| {
                if are_too_many(tx, now)? {
                    return Ok(Some(false));
                }
                // The keys were changed meanwhile: this would open nothing.
                if !recipients::is_in_use(tx, &public)? {
                    return Ok(None);
                }
                invites::insert(tx, &new)?;
                activity::insert(tx, &note).map(|_id| Some(true))
            })
            .await?;
        match made {
            Some(true) => {}
            Some(false) => return Err(HubError::TooManyInvites),
            None => return Err(HubError::TryLater { seconds: 1 }),
        }
        tracing::info!(account.id = %account, invite.id = %id, "a guardian was invited");
        Ok(invited)
    }

    /// Makes an invitation whose secret opens this key: what is stored, and what is handed over.
    pub(super) fn new_invite(
        &self,
        by: &Guardian,
        own: &OwnKey,
        account: Option<AccountId>,
    ) -> Result<(NewInvite, Invited), HubError> {
        let (token, id) = (Token::generate(), InviteId::fresh());
        let lookup = token::lookup_id(&token);
        let wrap = wrap_own(&token, &place(Opener::Link, id.as_bytes()), own, None)?;
        let (role, made_by, made_at) = (own.role(), by.account(), self.tools().clock.now());
        let ends_at = made_at.after(lasts(role));
        let new = NewInvite { id, role, account, lookup, wrap, made_by, made_at, ends_at };
        Ok((new, Invited { id, token, ends_at }))
    }

    /// Returns the invitations of guardians that are open.
    pub async fn invites(&self, _by: &Guardian) -> Result<Vec<OpenInvite>, HubError> {
        let now = self.tools().clock.now();
        let found = self.tools().store.read(invites::list).await?;
        let open = found
            .iter()
            .filter(|invite| is_open(invite, now) && invite.role == Role::Guardian)
            .filter(|invite| invite.account.is_none())
            .map(|invite| OpenInvite {
                id: invite.id,
                made_at: invite.made_at,
                ends_at: invite.ends_at,
            });
        Ok(open.collect())
    }

    /// Takes an invitation back.
    pub async fn withdraw_invite(&self, by: &Guardian, id: InviteId) -> Result<(), HubError> {
        let note = self.note(by, Deed::InviteWithdrawn);
        let ended = self.tools().store.write(move |tx| {
            let account = invites::list(tx)?.into_iter().find(|invite| invite.id == id);
            let account = account.and_then(|invite| invite.account);
            let ended = invites::end(tx, id)?;
            if ended {
                let subject = account.map_or(*id.as_bytes(), |account| *account.as_bytes());
                activity::insert(tx, &note.to(&subject))?;
            }
            Ok(ended)
        });
        if !ended.await? {
            return Err(HubError::NoSuchInvite);
        }
        self.scrub().await;
        self.tools().bus.publish(Event::Changed);
        Ok(())
    }

    /// Returns the invitation that this link opens.
    pub(super) async fn open_invite(&self, token: &str) -> Result<(Token, Invite), HubError> {
        let token = Token::parse(token).map_err(|_not_one| HubError::NoSuchInvite)?;
        let (lookup, now) = (token::lookup_id(&token), self.tools().clock.now());
        let found = self.tools().store.read(move |tx| invites::by_lookup(tx, &lookup)).await?;
        let invite = found.filter(|invite| is_open(invite, now));
        Ok((token, invite.ok_or(HubError::NoSuchInvite)?))
    }
}

/// Ends what is over, and says whether as many as anybody needs are open still.
pub(super) fn are_too_many(tx: &Transaction<'_>, now: Timestamp) -> Result<bool, StoreError> {
    invites::delete_ended(tx, now)?;
    Ok(MAX_OPEN <= invites::list(tx)?.len())
}

/// Whether an invitation can be accepted; a clock that was set back does not lengthen it.
pub(super) fn is_open(invite: &Invite, now: Timestamp) -> bool {
    now < invite.ends_at && invite.made_at <= now.after(lasts(invite.role))
}

const fn lasts(role: Role) -> i64 {
    match role {
        Role::Guardian | Role::ChildScreen => HOUR_S,
        Role::Relative => WEEK_S,
    }
}
