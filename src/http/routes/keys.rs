//! Routes of the household's keys.

use super::with_body;
use crate::http::{
    code::Code,
    invites, keys,
    route::{Access, Method, Route, json},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::Get,
            "/api/v1/keys",
            Access::Guardian,
            "Say whether the household's keys are being changed",
            |route| route.to(keys::keys),
        )
        .answers(200, json::<keys::Keys>()),
        Route::new(
            Method::Post,
            "/api/v1/keys/change",
            Access::Guardian,
            "Change the household's keys",
            |route| route.to(keys::change),
        )
        .takes(json::<keys::KeyChange>())
        .answers(200, json::<keys::ChangedKeys>())
        .fails(with_body![
            WrongPassword,
            TotpNeeded,
            WrongTotp,
            ClockNotTrusted,
            WeakPassword,
            KeysChanging,
            BadChoice,
            NoSuchAccount,
            TryLater,
            Stopping
        ]),
        Route::new(
            Method::Post,
            "/api/v1/guardians/{account}/invite",
            Access::Guardian,
            "Make another link for a guardian",
            |route| route.to(keys::renew_guardian),
        )
        .answers(201, json::<invites::NewInvite>())
        .fails(&[
            Code::ConfirmFirst,
            Code::BadChoice,
            Code::NoSuchAccount,
            Code::TryLater,
            Code::Stopping,
        ]),
    ]
}
