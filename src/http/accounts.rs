//! Accounts: the door, the first guardian, signing in and out, passwords and the recovery key.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Json, Path, Payload, ThinData},
};
use zeroize::Zeroizing;

use super::{
    caller::{Account, Anybody, cookies, no_cookie, same_cookie},
    error::ApiError,
    schema::{Vocabulary, Word, asked, body},
    upload::{self, Limits},
};
use crate::{
    hub::{self, Asks as _, Browser, Caller, Guardian, Hub, accounts, whole},
    model::{AccountId, Role, SessionId, Timestamp},
};

body! {
    /// What stands between whoever asks and the page.
    struct Door {
        /// Whether the hub is to be set up, or whether whoever asks is signed in.
        state: Word<Door>,
        /// Whether it is a demo, with simulated toys to play with.
        demo: bool,
        /// What time the hub has.
        now: Timestamp,
        /// Whether that can be right.
        clock_trusted: bool,
    }
}

body! {
    /// An account, as its owner sees it.
    struct Me {
        /// Its identifier.
        id: AccountId,
        /// The name that people see.
        name: String,
        /// What the family is called, if somebody said so.
        household: Option<String>,
        /// What it may do.
        role: Word<Role>,
        /// Why the password should be changed, if it should: `names` for one that holds a name of the
        /// family, `weak` for one that Hutch would not take today.
        password_advice: Option<&'static str>,
        /// Whether there is two-step sign-in.
        totp: bool,
        /// Until when the password counts as given just now.
        confirmed_until: Option<Timestamp>,
        /// Whether somebody has shown that the recovery key was written down.
        recovery_key_checked: bool,
        /// What is to be typed to show it.
        recovery_key_part: Option<RecoveryPart>,
        /// When the recovery key before was used to come back: the keys should be changed since.
        recovery_key_used_at: Option<Timestamp>,
    }
}

body! {
    /// A part of the recovery key.
    struct RecoveryPart {
        /// Its first letter, counted from 1 after `AGE-SECRET-KEY-1`.
        first: u32,
        /// How many letters it has.
        n: u32,
    }
}

body! {
    /// Somebody is signed in, and there is a new recovery key.
    struct SetUp {
        /// Who it is.
        me: Me,
        /// The recovery key, which is never shown again.
        recovery_key: String,
        /// The same as a QR code: a text for each row, "1" for a dark module.
        recovery_key_qr: Vec<String>,
    }
}

body! {
    /// The recovery key, which is never shown again.
    struct RecoveryKey {
        /// The key.
        recovery_key: String,
        /// The same as a QR code: a text for each row, "1" for a dark module.
        recovery_key_qr: Vec<String>,
    }
}

body! {
    /// A password that nobody guesses.
    struct Passphrase {
        /// Five words.
        passphrase: String,
    }
}

body! {
    /// A browser that is signed in.
    struct Session {
        /// Its identifier.
        id: SessionId,
        /// Whether it is the one that asks.
        current: bool,
        /// What sort of browser, on what.
        device: String,
        /// Where it was used last.
        address: String,
        /// When it was signed in.
        created_at: Timestamp,
        /// When it was last used, to some minutes.
        last_used_at: Timestamp,
        /// When it is signed out by itself unless it is used.
        expires_at: Timestamp,
    }
}

body! {
    /// Browsers that are signed in.
    struct Sessions {
        /// All of them, the one used last first.
        sessions: Vec<Session>,
    }
}

body! {
    /// A secret for two-step sign-in, which is not in use yet.
    struct NewTotp {
        /// The secret, in base 32.
        secret: String,
        /// The same for an authenticator.
        uri: String,
        /// The same as a QR code: a text for each row, "1" for a dark module.
        qr: Vec<String>,
    }
}

body! {
    /// Codes that are good once each, in the place of an authenticator that was lost.
    struct RecoveryCodes {
        /// All of them.
        recovery_codes: Vec<String>,
    }
}

impl Vocabulary for Door {
    fn words() -> Vec<&'static str> {
        vec!["set_up", "signed_out", "signed_in"]
    }
}

impl Vocabulary for Role {
    fn words() -> Vec<&'static str> {
        Self::ALL.map(Self::word).to_vec()
    }
}

impl From<hub::Me> for Me {
    fn from(me: hub::Me) -> Self {
        let hub::Me {
            id,
            role,
            name,
            household,
            advice,
            has_totp,
            confirmed_until,
            recovery_part,
            recovery_used_at: recovery_key_used_at,
        } = me;
        let password_advice = advice.map(|advice| match advice {
            accounts::Advice::Words => "names",
            accounts::Advice::Weak => "weak",
        });
        Self {
            id,
            name,
            household,
            role: Word::new(role.word()),
            password_advice,
            totp: has_totp,
            confirmed_until,
            recovery_key_used_at,
            recovery_key_checked: recovery_part.is_none(),
            recovery_key_part: recovery_part
                .map(|accounts::RecoveryPart { first, n }| RecoveryPart { first, n }),
        }
    }
}

impl From<accounts::SessionLine> for Session {
    fn from(line: accounts::SessionLine) -> Self {
        let accounts::SessionLine {
            id,
            is_current: current,
            device,
            address,
            created_at,
            last_used_at,
            expires_at,
        } = line;
        Self { id, current, device, address, created_at, last_used_at, expires_at }
    }
}

/// `GET /door`: what stands between whoever asks and the page.
pub(super) async fn door(
    ThinData(hub): ThinData<Hub>,
    Anybody(by): Anybody,
) -> Result<Json<Door>, ApiError> {
    let state = match by {
        Some(_) => "signed_in",
        None if hub.is_set_up().await? => "signed_out",
        None => "set_up",
    };
    Ok(Json(Door {
        state: Word::new(state),
        demo: hub.playroom().is_some(),
        now: hub.now(),
        clock_trusted: hub.clock_is_trusted().await?,
    }))
}

/// `GET /passphrase`: five words, others each time.
pub(super) async fn passphrase(ThinData(hub): ThinData<Hub>) -> Result<Json<Passphrase>, ApiError> {
    Ok(Json(Passphrase { passphrase: hub.passphrase().await?.to_string() }))
}

asked! {
    /// What the first guardian sends.
    struct Founding {
        /// The set-up code, as the hub shows it.
        code: String,
        /// The name that people see, which is also the one to sign in with.
        name: String,
        /// The password.
        password: Zeroizing<String>,
        /// What the family is called.
        household: Option<String>,
        /// Where it lives, as the IANA names it.
        time_zone: Option<String>,
    }
}

/// `POST /setup`: the first guardian.
pub(super) async fn set_up(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    browser: Browser,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let Founding { code, name, password, household, time_zone } =
        upload::json(&request, body, limits).await?;
    let founding = accounts::Founding { name, password, household, time_zone };
    let setting = hub.clone();
    let set_up = async move { setting.set_up(browser, &code, founding).await };
    let accounts::SetUp { signed_in, recovery_key } = whole(set_up).await?;
    let [session, known] = cookies(&signed_in);
    let body = SetUp {
        me: signed_in.me.into(),
        recovery_key_qr: hub.qr(&recovery_key),
        recovery_key: recovery_key.to_string(),
    };
    Ok(HttpResponse::Created().cookie(session).cookie(known).json(body))
}

asked! {
    /// What somebody sends who signs in.
    struct Credentials {
        /// The name to sign in with; case makes no difference.
        name: String,
        /// The password.
        password: Zeroizing<String>,
        /// The code of the authenticator, or a recovery code.
        totp: Option<String>,
    }
}

/// `POST /sessions`: signs in.
pub(super) async fn sign_in(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    browser: Browser,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let Credentials { name, password, totp } = upload::json(&request, body, limits).await?;
    let signing_in = async move { hub.sign_in(browser, &name, password, totp.as_deref()).await };
    let signed_in = whole(signing_in).await?;
    let [session, known] = cookies(&signed_in);
    Ok(HttpResponse::Created().cookie(session).cookie(known).json(Me::from(signed_in.me)))
}

/// `POST /sign-out`: signs out.
pub(super) async fn sign_out(
    ThinData(hub): ThinData<Hub>,
    by: Caller,
) -> Result<HttpResponse, ApiError> {
    whole(async move { hub.sign_out(by).await }).await?;
    Ok(HttpResponse::NoContent().cookie(no_cookie()).finish())
}

/// `GET /me`: who asks. The cookie of a child screen is renewed with it.
pub(super) async fn me(
    ThinData(hub): ThinData<Hub>,
    by: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let mut answer = HttpResponse::Ok();
    if by.role() == Role::ChildScreen
        && let Some(cookie) = same_cookie(&request, by.role())
    {
        answer.cookie(cookie);
    }
    Ok(answer.json(Me::from(hub.me(&by).await?)))
}

/// `GET /sessions`: where whoever asks is signed in.
pub(super) async fn sessions(
    ThinData(hub): ThinData<Hub>,
    Account(by): Account,
) -> Result<Json<Sessions>, ApiError> {
    let sessions = hub.sessions(&by).await?.into_iter().map(Session::from).collect();
    Ok(Json(Sessions { sessions }))
}

/// `POST /sessions/{session}/revoke`: signs out somewhere else.
pub(super) async fn revoke(
    ThinData(hub): ThinData<Hub>,
    Account(by): Account,
    session: Path<SessionId>,
) -> Result<HttpResponse, ApiError> {
    whole(async move { hub.revoke(&by, session.into_inner()).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /sessions/revoke-others`: signs out everywhere else.
pub(super) async fn revoke_others(
    ThinData(hub): ThinData<Hub>,
    Account(by): Account,
) -> Result<HttpResponse, ApiError> {
    whole(async move { hub.revoke_others(&by).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

asked! {
    /// The password once more.
    struct Again {
        /// The password.
        password: Zeroizing<String>,
        /// The code of the authenticator, or a recovery code.
        totp: Option<String>,
    }
}

/// `POST /me/confirm`: gives the password once more.
pub(super) async fn confirm(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    Account(by): Account,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<Me>, ApiError> {
    let Again { password, totp } = upload::json(&request, body, limits).await?;
    Ok(Json(hub.confirm(&by, password, totp.as_deref()).await?.into()))
}

asked! {
    /// A password and another one.
    struct Change {
        /// The password as it is.
        password: Zeroizing<String>,
        /// The code of the authenticator, or a recovery code.
        totp: Option<String>,
        /// The password as it shall be.
        new_password: Zeroizing<String>,
    }
}

/// `POST /me/password`: another password.
pub(super) async fn change_password(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    browser: Browser,
    Account(by): Account,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<Me>, ApiError> {
    let Change { password, totp, new_password } = upload::json(&request, body, limits).await?;
    let change = async move {
        hub.change_password(browser, &by, password, totp.as_deref(), new_password).await
    };
    let me = whole(change).await?;
    Ok(Json(me.into()))
}

/// `POST /me/totp/new`: a secret for two-step sign-in.
pub(super) async fn new_totp(
    ThinData(hub): ThinData<Hub>,
    Account(by): Account,
) -> Result<Json<NewTotp>, ApiError> {
    let accounts::NewTotp { secret, uri, qr } = hub.new_totp(&by).await?;
    let (secret, uri) = (secret.to_string(), uri.to_string());
    Ok(Json(NewTotp { secret, uri, qr }))
}

asked! {
    /// What switches two-step sign-in on.
    struct SwitchOn {
        /// The password.
        password: Zeroizing<String>,
        /// The secret, as it was given.
        secret: Zeroizing<String>,
        /// What the authenticator shows.
        code: String,
    }
}

/// `POST /me/totp`: switches two-step sign-in on.
pub(super) async fn switch_totp_on(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    Account(by): Account,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<RecoveryCodes>, ApiError> {
    let SwitchOn { password, secret, code } = upload::json(&request, body, limits).await?;
    let switch = async move { hub.switch_totp_on(&by, password, &secret, &code).await };
    let codes = whole(switch).await?;
    let recovery_codes = codes.iter().map(|code| code.to_string()).collect();
    Ok(Json(RecoveryCodes { recovery_codes }))
}

/// `POST /me/totp/off`: switches two-step sign-in off.
pub(super) async fn switch_totp_off(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    Account(by): Account,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<Me>, ApiError> {
    let Again { password, totp } = upload::json(&request, body, limits).await?;
    let switch = async move { hub.switch_totp_off(&by, password, totp.as_deref()).await };
    Ok(Json(whole(switch).await?.into()))
}

/// `POST /me/recovery-key`: another recovery key.
pub(super) async fn renew_recovery_key(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
) -> Result<Json<RecoveryKey>, ApiError> {
    let renewing = hub.clone();
    let renew = async move { renewing.renew_recovery_key(&renewing.confirmed(&by)?).await };
    let key = whole(renew).await?;
    Ok(Json(RecoveryKey { recovery_key_qr: hub.qr(&key), recovery_key: key.to_string() }))
}

asked! {
    /// A part of the recovery key.
    struct Part {
        /// The letters that were asked for.
        part: Zeroizing<String>,
    }
}

/// `POST /me/recovery-key/check`: shows that the recovery key was written down.
pub(super) async fn check_recovery_key(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    by: Guardian,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<Me>, ApiError> {
    let Part { part } = upload::json(&request, body, limits).await?;
    Ok(Json(hub.check_recovery_key(&by, &part).await?.into()))
}

asked! {
    /// What somebody sends who has lost the password.
    struct Lost {
        /// The name to sign in with.
        name: String,
        /// The recovery key.
        recovery_key: Zeroizing<String>,
        /// The password as it shall be.
        new_password: Zeroizing<String>,
    }
}

/// `POST /recover`: another password, by the recovery key.
pub(super) async fn recover(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    browser: Browser,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let Lost { name, recovery_key, new_password } = upload::json(&request, body, limits).await?;
    let recovering = hub.clone();
    let recover =
        async move { recovering.recover(browser, &name, &recovery_key, new_password).await };
    let accounts::Recovered { signed_in, recovery_key } = whole(recover).await?;
    let [session, known] = cookies(&signed_in);
    let body = SetUp {
        me: signed_in.me.into(),
        recovery_key_qr: hub.qr(&recovery_key),
        recovery_key: recovery_key.to_string(),
    };
    Ok(HttpResponse::Created().cookie(session).cookie(known).json(body))
}
