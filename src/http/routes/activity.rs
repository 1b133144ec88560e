//! Routes of the activity.

use serde_json::json as value;

use super::with_body;
use crate::http::{
    activity,
    code::Code,
    items::{DEFAULT_LIMIT, MAX_LIMIT},
    route::{Access, Content, Method, Parameter, Route, json},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::Get,
            "/api/v1/activity",
            Access::Guardian,
            "List who did what, the latest first",
            |route| route.to(activity::list),
        )
        .query(&[
            Parameter {
                name: "before",
                about: "The `next` of the page before.",
                schema: || value!({ "type": "integer", "minimum": 1, "maximum": i64::MAX }),
            },
            Parameter {
                name: "item",
                about: "Of one recording or message alone.",
                schema: || value!({ "type": "string", "pattern": "^[a-z2-7]{26}$" }),
            },
            Parameter {
                name: "limit",
                about: "How many entries a page has.",
                schema: || {
                    value!({
                        "type": "integer",
                        "minimum": 1,
                        "maximum": MAX_LIMIT,
                        "default": DEFAULT_LIMIT,
                    })
                },
            },
        ])
        .answers(200, json::<activity::Activity>())
        .fails(&[Code::BadQuery]),
        Route::new(
            Method::Post,
            "/api/v1/activity/check",
            Access::Guardian,
            "Look whether entries of the activity were changed or taken out",
            |route| route.to(activity::check),
        )
        .takes(json::<activity::RememberedActivity>())
        .answers(200, json::<activity::CheckedActivity>())
        .fails(with_body![]),
        Route::new(
            Method::Get,
            "/api/v1/activity/news",
            Access::Guardian,
            "Say what a guardian should know of and was not shown",
            |route| route.to(activity::news),
        )
        .answers(200, json::<activity::News>()),
        Route::new(
            Method::Post,
            "/api/v1/activity/seen",
            Access::Guardian,
            "Remember that a guardian was shown the news",
            |route| route.to(activity::seen),
        )
        .takes(json::<activity::SeenNews>())
        .answers(204, Content::Nothing)
        .fails(with_body![Stopping]),
    ]
}
