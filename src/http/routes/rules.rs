//! Routes of what holds for a child, and of what stays whatever its age.

use super::with_body;
use crate::{
    http::{
        code::Code,
        items,
        route::{Access, Method, Parameter, Route, json},
        rules,
    },
    hub::rules::MOST_DAYS,
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::Get,
            "/api/v1/children/{child}/rules",
            Access::Guardian,
            "Show what holds for a child",
            |route| route.to(rules::show),
        )
        .query(&[Parameter {
            name: "retention_days",
            about: "Count what goes next as if things were kept for that many days.",
            schema: || serde_json::json!({ "type": "integer", "minimum": 1, "maximum": MOST_DAYS }),
        }])
        .answers(200, json::<rules::ChildRules>())
        .fails(&[Code::BadQuery, Code::NoSuchChild]),
        Route::new(
            Method::Put,
            "/api/v1/children/{child}/rules",
            Access::Guardian,
            "Set what holds for a child",
            |route| route.to(rules::set),
        )
        .takes(json::<rules::NewRules>())
        .answers(200, json::<rules::ChildRules>())
        .fails(with_body![BadChoice, ConfirmFirst, NoSuchChild, Stopping]),
        Route::new(
            Method::Put,
            "/api/v1/items/{item}/kept",
            Access::Guardian,
            "Keep an item whatever its age, or no longer",
            |route| route.to(rules::keep),
        )
        .takes(json::<rules::Keep>())
        .answers(200, json::<items::Item>())
        .fails(with_body![NoSuchItem]),
    ]
}
