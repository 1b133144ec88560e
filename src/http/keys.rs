//! The household's keys: changed when somebody leaves, a password got out, or a card was stolen.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Json, Path, Payload, ThinData},
};
use zeroize::Zeroizing;

use super::{
    accounts::Me,
    error::ApiError,
    invites::{self, NewInvite},
    schema::{asked, body},
    upload::{self, Limits},
};
use crate::{
    hub::{self, Browser, Guardian, Hub, accounts, whole},
    model::AccountId,
};

body! {
    /// How it stands with the household's keys.
    struct Keys {
        /// How far a change has come, while one is under way.
        changing: Option<KeyProgress>,
    }
}

body! {
    /// How far a change of keys has come.
    struct KeyProgress {
        /// How many recordings, messages and names are sealed anew.
        done: u32,
        /// Of how many.
        of: u32,
    }
}

body! {
    /// The keys are being changed.
    struct ChangedKeys {
        /// Who asked.
        me: Me,
        /// The recovery key, which is never shown again. The one before opens older backups only.
        recovery_key: String,
        /// The same as a QR code: a text for each row, "1" for a dark module.
        recovery_key_qr: Vec<String>,
        /// The way back in for each other guardian: their passwords open nothing any more.
        links: Vec<GuardianLink>,
    }
}

body! {
    /// The way back in for another guardian.
    struct GuardianLink {
        /// Which.
        account: AccountId,
        /// The name that people see.
        name: String,
        /// The link, which is never shown again.
        invite: NewInvite,
    }
}

impl From<Option<hub::KeyProgress>> for Keys {
    fn from(changing: Option<hub::KeyProgress>) -> Self {
        let changing = changing.map(|hub::KeyProgress { done, of }| KeyProgress { done, of });
        Self { changing }
    }
}

/// `GET /keys`: whether they are being changed.
pub(super) async fn keys(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
) -> Result<Json<Keys>, ApiError> {
    let changing = hub.key_change(&by).await?;
    Ok(Json(changing.into()))
}

asked! {
    /// What a guardian sends who changes the keys.
    struct KeyChange {
        /// The password.
        password: Zeroizing<String>,
        /// The code of the authenticator, or a recovery code.
        totp: Option<String>,
        /// Another password, if this one is not to be used any more.
        new_password: Option<Zeroizing<String>>,
        /// A guardian who leaves the household with it.
        remove: Option<AccountId>,
        /// Whether the hub or its card was in other hands: then everybody is signed out.
        stolen: Option<bool>,
    }
}

/// `POST /keys/change`: other keys for the household, and another recovery key.
pub(super) async fn change(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    browser: Browser,
    by: Guardian,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<ChangedKeys>, ApiError> {
    let KeyChange { password, totp, new_password, remove: removes, stolen } =
        upload::json(&request, body, limits).await?;
    let is_stolen = stolen.unwrap_or(false);
    let wanted = accounts::KeyChange { password, totp, new_password, removes, is_stolen };
    let changing = hub.clone();
    let change = async move { changing.change_keys(browser, &by, wanted).await };
    let accounts::KeysChanged { me, recovery_key, links } = whole(change).await?;
    let links = links.into_iter().map(|link| {
        let accounts::GuardianLink { account, name, invited } = link;
        let invite = invites::shown(&hub, &request, &invited)?;
        Ok(GuardianLink { account, name, invite })
    });
    Ok(Json(ChangedKeys {
        me: me.into(),
        recovery_key_qr: hub.qr(&recovery_key),
        recovery_key: recovery_key.to_string(),
        links: links.collect::<Result<_, ApiError>>()?,
    }))
}

/// `POST /guardians/{account}/invite`: another link for a guardian.
pub(super) async fn renew_guardian(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    account: Path<AccountId>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (renewing, account) = (hub.clone(), account.into_inner());
    let renew = async move { renewing.renew_guardian(&renewing.confirmed(&by)?, account).await };
    let invited = whole(renew).await?;
    Ok(HttpResponse::Created().json(invites::shown(&hub, &request, &invited)?))
}
