//! Routes for a device that is to trust the hub.

use crate::http::{
    route::{Access, Content, Method, Route, json},
    trust,
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::Get,
            "/api/v1/trust",
            Access::Public,
            "Show what a device needs to trust the hub",
            |route| route.to(trust::show),
        )
        .answers(200, json::<trust::Trust>()),
        Route::new(
            Method::Get,
            "/trust/{file}",
            Access::Public,
            "Install the household's root",
            |route| route.to(trust::install),
        )
        .answers(200, Content::Download(&trust::TYPES)),
        Route::new(
            Method::Get,
            "/probe",
            Access::Public,
            "Ask for nothing, to find out whether a device trusts the hub",
            |route| route.to(trust::probe),
        )
        .answers(204, Content::Nothing),
    ]
}
