//! Routes of a household that comes back from a backup.

use super::with_body;
use crate::http::{
    code::Code,
    restoring,
    route::{Access, Content, Method, Route, json},
};

pub(super) fn routes() -> Vec<Route> {
    let (path, newcomer) = ("/api/v1/restore", Access::Newcomer);
    vec![
        Route::new(
            Method::Get,
            "/api/v1/restore/backups",
            newcomer,
            "List the backups from which the household may come back",
            |route| route.to(restoring::offers),
        )
        .answers(200, json::<restoring::BackupOffers>())
        .fails(&[Code::NotHere]),
        Route::new(
            Method::Post,
            "/api/v1/restore/file",
            newcomer,
            "Send a backup, in the place of one that was sent before",
            |route| route.to(restoring::receive),
        )
        .takes(Content::Bytes)
        .answers(201, json::<restoring::BackupOffer>())
        .fails(&[
            Code::BrokenOff,
            Code::TooSlow,
            Code::WrongType,
            Code::NotHere,
            Code::NoBackup,
            Code::NoRoomForBackup,
            Code::Restoring,
        ]),
        Route::new(
            Method::Post,
            path,
            newcomer,
            "Begin to bring the household of a backup back, in the place of setting the hub up",
            |route| route.to(restoring::begin),
        )
        .takes(json::<restoring::ToRestore>())
        .answers(202, json::<restoring::Restoring>())
        .fails(with_body![NotHere, NoSuchBackup, Restoring]),
        Route::new(Method::Get, path, newcomer, "Show how far that is", |route| {
            route.to(restoring::show)
        })
        .answers(200, json::<restoring::Restoring>()),
    ]
}
