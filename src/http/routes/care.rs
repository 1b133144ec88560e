//! The routes of what needs care, and of figures.

use crate::http::{
    backups, care,
    code::Code,
    route::{Access, Content, Method, Route, json},
};

pub(super) fn routes() -> Vec<Route> {
    let (meter, guardian) = ("/api/v1/care/meter", Access::Guardian);
    vec![
        Route::new(
            Method::Get,
            "/api/v1/care",
            guardian,
            "Show what was found of the hub and its computer",
            |route| route.to(care::show),
        )
        .answers(200, json::<care::Care>()),
        Route::new(
            Method::Post,
            "/api/v1/care/look",
            guardian,
            "Look at everything anew; this takes seconds, or longer where much is kept",
            |route| route.to(care::look),
        )
        .answers(200, json::<care::Care>()),
        Route::new(
            Method::Get,
            "/api/v1/backups",
            guardian,
            "Show what is known of the household's backups",
            |route| route.to(backups::show),
        )
        .answers(200, json::<backups::Backups>()),
        Route::new(
            Method::Post,
            "/api/v1/backups",
            guardian,
            "Have a backup made in each folder that is there, and show what is known then",
            |route| route.to(backups::make),
        )
        .answers(200, json::<backups::Backups>()),
        Route::new(
            Method::Post,
            "/api/v1/backups/replaced/erase",
            guardian,
            "Erase the household that was here before a restore, and show what is known then",
            |route| route.to(backups::erase_replaced),
        )
        .answers(200, json::<backups::Backups>())
        .fails(&[Code::ConfirmFirst, Code::Stopping]),
        Route::new(Method::Get, meter, guardian, "Show whether there is a token for figures", |route| {
            route.to(care::meter)
        })
        .answers(200, json::<care::Meter>()),
        Route::new(
            Method::Post,
            meter,
            guardian,
            "Make a token for figures, in the place of the one before",
            |route| route.to(care::make_meter),
        )
        .answers(201, json::<care::MadeMeter>())
        .fails(&[Code::ConfirmFirst]),
        Route::new(Method::Delete, meter, guardian, "Take the token for figures back", |route| {
            route.to(care::revoke_meter)
        })
        .answers(200, json::<care::Meter>()),
        Route::new(
            Method::Get,
            "/api/v1/metrics",
            Access::Meter,
            "Count what the hub does, for Prometheus: no names, no addresses. There is nothing here \
             until a guardian makes a token, which comes as `Authorization: Bearer`",
            |route| route.to(care::figures),
        )
        .answers(200, Content::Figures),
    ]
}
