//! Invitations: made, looked at, accepted, taken back.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Json, Path, Payload, ThinData},
};
use zeroize::Zeroizing;

use super::{
    accounts::Me,
    caller::cookies,
    error::ApiError,
    schema::{Word, asked, body},
    upload::{self, Limits},
};
use crate::{
    hub::{Browser, Guardian, Hub, accounts, whole},
    model::{InviteId, Role, Timestamp},
};

body! {
    /// An invitation that was just made. Its link is never shown again.
    struct NewInvite {
        /// Its identifier.
        id: InviteId,
        /// The link. It opens the household once: send it to nobody else.
        link: String,
        /// The same as a QR code: a text for each row, "1" for a dark module.
        qr: Vec<String>,
        /// When it ends.
        expires_at: Timestamp,
    }
}

body! {
    /// An open invitation.
    struct Invite {
        /// Its identifier.
        id: InviteId,
        /// When it was made.
        created_at: Timestamp,
        /// When it ends.
        expires_at: Timestamp,
    }
}

body! {
    /// Open invitations of guardians.
    struct Invites {
        /// All of them, the newest first.
        invites: Vec<Invite>,
    }
}

body! {
    /// An invitation, as whoever has its link sees it.
    struct Looked {
        /// When it ends.
        expires_at: Timestamp,
        /// What whoever accepts becomes.
        role: Word<Role>,
        /// What the relative or child screen is called.
        name: Option<String>,
        /// What the family is called, if somebody said so.
        household: Option<String>,
        /// The nicknames of the children that it is for.
        children: Vec<String>,
    }
}

impl From<accounts::OpenInvite> for Invite {
    fn from(invite: accounts::OpenInvite) -> Self {
        let accounts::OpenInvite { id, made_at: created_at, ends_at: expires_at } = invite;
        Self { id, created_at, expires_at }
    }
}

/// `GET /invites`: open invitations of guardians.
pub(super) async fn list(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
) -> Result<Json<Invites>, ApiError> {
    let invites = hub.invites(&by).await?.into_iter().map(Invite::from);
    Ok(Json(Invites { invites: invites.collect() }))
}

/// `POST /invites`: invites another guardian.
pub(super) async fn invite(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let invited = hub.invite(&hub.confirmed(&by)?).await?;
    Ok(HttpResponse::Created().json(shown(&hub, &request, &invited)?))
}

/// Makes a link of an invitation that was just made.
pub(super) fn shown(
    hub: &Hub,
    request: &HttpRequest,
    invited: &accounts::Invited,
) -> Result<NewInvite, ApiError> {
    let accounts::Invited { id, token, ends_at } = invited;
    // The guard has seen that it is a name of ours, and that both agree where there are two.
    let host = request
        .uri()
        .authority()
        .map(actix_web::http::uri::Authority::as_str)
        .or_else(|| request.headers().get(header::HOST).and_then(|host| host.to_str().ok()));
    let host = host.ok_or(ApiError::WrongHost)?;
    let link = format!("https://{host}/#invite={}", *token.to_text());
    let qr = hub.qr(&link);
    Ok(NewInvite { id: *id, link, qr, expires_at: *ends_at })
}

/// `POST /invites/{invite}/withdraw`: takes one back.
pub(super) async fn withdraw(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    invite: Path<InviteId>,
) -> Result<HttpResponse, ApiError> {
    whole(async move { hub.withdraw_invite(&by, invite.into_inner()).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

asked! {
    /// What somebody sends who was invited.
    struct Look {
        /// What stands behind `#invite=` in the link.
        token: Zeroizing<String>,
    }
}

/// `POST /invites/look`: whether an invitation is still open.
pub(super) async fn look(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    browser: Browser,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<Looked>, ApiError> {
    let Look { token } = upload::json(&request, body, limits).await?;
    let accounts::LookedAt { ends_at: expires_at, role, name, household, children } =
        hub.look_at_invite(&browser, &token).await?;
    Ok(Json(Looked { expires_at, role: Word::new(role.word()), name, household, children }))
}

asked! {
    /// What somebody sends who accepts an invitation.
    struct Accept {
        /// What stands behind `#invite=` in the link.
        token: Zeroizing<String>,
        /// The name to sign in with, which people see of a guardian. A child screen has none.
        name: Option<String>,
        /// The password. A child screen has none.
        password: Option<Zeroizing<String>>,
    }
}

/// `POST /invites/accept`: becomes a guardian, a relative, a child screen.
pub(super) async fn accept(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    browser: Browser,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let Accept { token, name, password } = upload::json(&request, body, limits).await?;
    let accept = async move { hub.accept_invite(browser, &token, name.as_deref(), password).await };
    let signed_in = whole(accept).await?;
    let [session, known] = cookies(&signed_in);
    Ok(HttpResponse::Created().cookie(session).cookie(known).json(Me::from(signed_in.me)))
}
