//! The route of whoever watches over the hub.

use crate::http::{
    code::Code,
    health,
    route::{Access, Method, Route, json},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::Get,
            "/api/v1/health",
            Access::Public,
            "Tell whether the hub is well",
            |route| route.to(health::show),
        )
        .answers(200, json::<health::Health>())
        .fails(&[Code::Ails]),
    ]
}
