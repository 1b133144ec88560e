//! The route of what is kept, in numbers.

use crate::http::{
    amounts,
    route::{Access, Method, Route, json},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::Get,
            "/api/v1/privacy",
            Access::Guardian,
            "Show what is kept of whom, in numbers",
            |route| route.to(amounts::show),
        )
        .answers(200, json::<amounts::Amounts>()),
    ]
}
