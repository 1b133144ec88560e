//! Every route, as data.
//!
//! This list is the only place from which anything is mounted, the only list of what is public,
//! and what the OpenAPI document is made of. Errors that follow from a route's access (nobody is
//! signed in, another site asks, …) are not repeated here.

mod accounts;
mod activity;
mod amounts;
mod care;
mod demo;
mod erase;
mod health;
mod keys;
mod people;
mod pictures;
mod restoring;
mod rules;
mod sound;
mod toys;
mod trust;

use std::{future::ready, sync::LazyLock};

use actix_web::{HttpRequest, HttpResponse, Resource, Scope, http, web};

use super::{
    assets,
    error::ApiError,
    guard,
    route::{Access, Content, Method, Route},
};

/// What may go wrong with a small JSON body.
macro_rules! with_body {
    ($($code:ident),* $(,)?) => {
        &[
            Code::BadJson,
            Code::BrokenOff,
            Code::TooSlow,
            Code::TooLarge,
            Code::WrongType,
            $(Code::$code,)*
        ]
    };
}
use with_body;

/// All routes. The page's own files come last: their path matches everything. What is asked for most
/// comes first: paths with an identifier in them are tried one after the other.
pub static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let files =
        Route::new(Method::Get, "/{path:.*}", Access::Public, "The page and its files", |route| {
            route.to(assets::show)
        })
        .answers(200, Content::File);
    let mut routes = sound::routes();
    routes.extend(accounts::routes());
    routes.extend(activity::routes());
    routes.extend(amounts::routes());
    routes.extend(care::routes());
    routes.extend(keys::routes());
    routes.extend(people::routes());
    routes.extend(pictures::routes());
    routes.extend(toys::routes());
    routes.extend(erase::routes());
    routes.extend(rules::routes());
    routes.extend(trust::routes());
    routes.extend(restoring::routes());
    routes.extend(health::routes());
    routes.extend(demo::routes());
    routes.push(files);
    routes
});

/// Mounts all routes, and on every path an answer to the methods that it does not have.
pub(super) fn mount(scope: Scope) -> Scope {
    let mut paths: Vec<&str> = ROUTES.iter().map(|route| route.path).collect();
    paths.sort_by_key(|path| path.contains(".*"));
    let mut seen = std::collections::HashSet::new();
    paths.retain(|path| seen.insert(*path));
    paths.into_iter().fold(scope, |scope, path| scope.service(resource(path)))
}

fn resource(path: &'static str) -> Resource {
    let routes = || ROUTES.iter().filter(|route| route.path == path);
    let mut resource = web::resource(path);
    let mut allowed = Vec::new();
    for route in routes() {
        let method = match route.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Put => http::Method::PUT,
            Method::Delete => http::Method::DELETE,
        };
        allowed.push(route.method.word());
        resource = resource.route((route.mount)(web::method(method)));
        if route.takes_head() {
            allowed.push("HEAD");
            resource = resource.route((route.mount)(web::head()));
        }
    }
    let allowed = allowed.join(", ");
    let not_here = move |request: HttpRequest| ready(not_here(&request, &allowed));
    resource.default_service(web::to(not_here))
}

/// Answers a method that a path does not have. Paths that are nothing at all match the page's
/// files; in the API they are simply not there.
fn not_here(request: &HttpRequest, allowed: &str) -> Result<HttpResponse, ApiError> {
    let is_file = request.match_pattern().is_none_or(|pattern| pattern.contains(".*"));
    if is_file && guard::is_api(request.match_info().as_str()) {
        return Err(ApiError::NotFound);
    }
    Err(ApiError::WrongMethod { allowed: allowed.to_owned() })
}
