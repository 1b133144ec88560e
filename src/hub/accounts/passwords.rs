//! Changing a password.

use zeroize::Zeroizing;

use super::{Asks, Browser, Me, place, wrap_own};
use crate::{
    auth::token,
    hub::{Hub, HubError},
    model::Deed,
    seal::Opener,
    store::{activity, invites, sessions},
};

impl Hub {
    /// Changes the password of whoever asks. All other sessions and their invitations end, and
    /// other browsers are forgotten: whoever knew the old password begins as a stranger.
    pub async fn change_password(
        &self,
        browser: Browser,
        by: &impl Asks,
        password: Zeroizing<String>,
        totp: Option<&str>,
        new: Zeroizing<String>,
    ) -> Result<Me, HubError> {
        let (proved, mut settle) = self.prove_again(by, &password, totp).await?;
        let own = &proved.behind.key;
        let words = self.household_words(own, Some(proved.account)).await?;
        self.check_new_password(&new, own.role(), words).await?;

        let now = self.tools().clock.now();
        let step = settle.current().totp_step;
        let password = self.new_password(&new).await?;
        settle.replace(password.wrap(proved.account, &proved.behind, now, step)?);
        let (account, session) = (by.account(), by.session());
        // The session's wrap says that the password should be changed, which it was.
        let place = place(Opener::Session, session.as_bytes());
        let cookie = browser.session.as_ref();
        let wrap = cookie.map(|cookie| wrap_own(cookie, &place, own, None)).transpose()?;
        let known = browser.known.as_ref().map(token::lookup_id);
        let note = self.note(by, Deed::PasswordChanged);
        let ended = self
            .tools()
            .store
            .write(move |tx| {
                if !settle.run(tx)? {
                    return Ok(None);
                }
                if let Some(wrap) = &wrap {
                    sessions::rewrap(tx, session, wrap)?;
                }
                invites::delete_of(tx, account)?;
                sessions::forget_browsers(tx, account)?;
                if let Some(known) = known {
                    sessions::remember_browser(tx, &known, account, now)?;
                }
                activity::insert(tx, &note)?;
                sessions::delete_others(tx, account, Some(session)).map(Some)
            })
            .await?;
        self.tell_ended(ended.ok_or(HubError::TryLater { seconds: 1 })?).await;
        // The wrap that the old password opened is in the log, too.
        self.scrub().await;
        tracing::info!(account.id = %account, "the password was changed");
        Ok(Me { advice: None, ..self.me(by).await? })
    }
}
