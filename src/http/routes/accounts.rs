//! Routes of the door and of accounts.

use super::with_body;
use crate::http::{
    accounts,
    code::Code,
    entry,
    route::{Access, Content, Method, Parameter, Route, json},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::Get, "/open", Access::Public, "Sign in with the printed URL", |route| {
            route.to(entry::open)
        })
        .query(&[Parameter {
            name: "token",
            about: "The token that was printed when the hub started. It is good once.",
            schema: || serde_json::json!({ "type": "string" }),
        }])
        .answers(303, Content::Nothing)
        .fails(&[Code::BadQuery, Code::Internal]),
        Route::new(
            Method::Get,
            "/api/v1/door",
            Access::Public,
            "What stands between whoever asks and the page",
            |route| route.to(accounts::door),
        )
        .answers(200, json::<accounts::Door>())
        .fails(&[Code::Internal]),
        Route::new(
            Method::Get,
            "/api/v1/passphrase",
            Access::Public,
            "Draw a passphrase",
            |route| route.to(accounts::passphrase),
        )
        .answers(200, json::<accounts::Passphrase>())
        .fails(&[Code::Stopping]),
        Route::new(Method::Post, "/api/v1/setup", Access::Public, "Set the hub up", |route| {
            route.to(accounts::set_up)
        })
        .takes(json::<accounts::Founding>())
        .answers(201, json::<accounts::SetUp>())
        .fails(with_body![
            WrongCode,
            CodeRenewed,
            AlreadySetUp,
            WeakPassword,
            BadName,
            BadTimeZone,
            TryLater,
            Stopping,
            Internal
        ]),
        Route::new(Method::Post, "/api/v1/sessions", Access::Public, "Sign in", |route| {
            route.to(accounts::sign_in)
        })
        .takes(json::<accounts::Credentials>())
        .answers(201, json::<accounts::Me>())
        .fails(with_body![
            WrongPassword,
            TotpNeeded,
            WrongTotp,
            ClockNotTrusted,
            NotSetUp,
            Blocked,
            TryLater,
            Stopping,
            Internal
        ]),
        Route::new(
            Method::Get,
            "/api/v1/sessions",
            Access::Account,
            "List where one is signed in",
            |route| route.to(accounts::sessions),
        )
        .answers(200, json::<accounts::Sessions>()),
        Route::new(
            Method::Post,
            "/api/v1/sessions/revoke-others",
            Access::Account,
            "Sign out everywhere else",
            |route| route.to(accounts::revoke_others),
        )
        .answers(204, Content::Nothing),
        Route::new(
            Method::Post,
            "/api/v1/sessions/{session}/revoke",
            Access::Account,
            "Sign out in one place",
            |route| route.to(accounts::revoke),
        )
        .answers(204, Content::Nothing)
        .fails(&[Code::NoSuchSession]),
        Route::new(Method::Post, "/api/v1/sign-out", Access::SignedIn, "Sign out here", |route| {
            route.to(accounts::sign_out)
        })
        .answers(204, Content::Nothing),
        Route::new(Method::Get, "/api/v1/me", Access::SignedIn, "Say who asks", |route| {
            route.to(accounts::me)
        })
        .answers(200, json::<accounts::Me>()),
        Route::new(
            Method::Post,
            "/api/v1/me/confirm",
            Access::Account,
            "Give the password once more",
            |route| route.to(accounts::confirm),
        )
        .takes(json::<accounts::Again>())
        .answers(200, json::<accounts::Me>())
        .fails(with_body![
            WrongPassword,
            TotpNeeded,
            WrongTotp,
            ClockNotTrusted,
            TryLater,
            Stopping
        ]),
        Route::new(
            Method::Post,
            "/api/v1/me/password",
            Access::Account,
            "Change the password",
            |route| route.to(accounts::change_password),
        )
        .takes(json::<accounts::Change>())
        .answers(200, json::<accounts::Me>())
        .fails(with_body![
            WrongPassword,
            TotpNeeded,
            WrongTotp,
            ClockNotTrusted,
            WeakPassword,
            TryLater,
            Stopping
        ]),
        Route::new(
            Method::Post,
            "/api/v1/me/totp/new",
            Access::Account,
            "Draw a secret for two-step sign-in",
            |route| route.to(accounts::new_totp),
        )
        .answers(200, json::<accounts::NewTotp>()),
        Route::new(
            Method::Post,
            "/api/v1/me/totp",
            Access::Account,
            "Switch two-step sign-in on",
            |route| route.to(accounts::switch_totp_on),
        )
        .takes(json::<accounts::SwitchOn>())
        .answers(200, json::<accounts::RecoveryCodes>())
        .fails(with_body![
            WrongPassword,
            WrongTotpCode,
            ClockNotTrusted,
            TotpSwitched,
            TryLater,
            Stopping
        ]),
        Route::new(
            Method::Post,
            "/api/v1/me/totp/off",
            Access::Account,
            "Switch two-step sign-in off",
            |route| route.to(accounts::switch_totp_off),
        )
        .takes(json::<accounts::Again>())
        .answers(200, json::<accounts::Me>())
        .fails(with_body![
            WrongPassword,
            TotpNeeded,
            WrongTotp,
            ClockNotTrusted,
            TotpSwitched,
            TryLater,
            Stopping
        ]),
        Route::new(
            Method::Post,
            "/api/v1/me/recovery-key",
            Access::Guardian,
            "Make another recovery key",
            |route| route.to(accounts::renew_recovery_key),
        )
        .answers(200, json::<accounts::RecoveryKey>())
        .fails(&[Code::ConfirmFirst]),
        Route::new(
            Method::Post,
            "/api/v1/me/recovery-key/check",
            Access::Guardian,
            "Show that the recovery key was written down",
            |route| route.to(accounts::check_recovery_key),
        )
        .takes(json::<accounts::Part>())
        .answers(200, json::<accounts::Me>())
        .fails(with_body![WrongPart, TryLater]),
        Route::new(
            Method::Post,
            "/api/v1/recover",
            Access::Public,
            "Choose another password, with the recovery key",
            |route| route.to(accounts::recover),
        )
        .takes(json::<accounts::Lost>())
        .answers(201, json::<accounts::SetUp>())
        .fails(with_body![WrongRecoveryKey, WeakPassword, TryLater, Stopping, Internal]),
    ]
}
