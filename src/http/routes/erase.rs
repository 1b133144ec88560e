//! Routes of what is gone for good.

use super::with_body;
use crate::http::{
    code::Code,
    erase,
    route::{Access, Content, Method, Route, json},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::Post,
            "/api/v1/items/{item}/erase",
            Access::Guardian,
            "Erase a recording or message",
            |route| route.to(erase::item),
        )
        .answers(200, json::<erase::Erasure>())
        .fails(&[Code::ConfirmFirst, Code::NoSuchItem, Code::Stopping]),
        Route::new(
            Method::Post,
            "/api/v1/children/{child}/erase",
            Access::Guardian,
            "Erase a child, with everything of it",
            |route| route.to(erase::child),
        )
        .answers(200, json::<erase::Erasure>())
        .fails(&[Code::ConfirmFirst, Code::NoSuchChild, Code::Stopping]),
        Route::new(
            Method::Post,
            "/api/v1/relatives/{account}/erase",
            Access::Guardian,
            "Erase a relative, with everything that they sent",
            |route| route.to(erase::relative),
        )
        .answers(200, json::<erase::Erasure>())
        .fails(&[Code::ConfirmFirst, Code::NoSuchAccount, Code::Stopping]),
        Route::new(
            Method::Post,
            "/api/v1/household/erase",
            Access::Guardian,
            "Erase the household: the hub begins anew",
            |route| route.to(erase::household),
        )
        .takes(json::<erase::TypedName>())
        .answers(204, Content::Nothing)
        .fails(with_body![ConfirmFirst, NotHere, WrongName, Stopping]),
    ]
}
