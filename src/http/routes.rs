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

use std::{
    collections::{BTreeMap, HashSet},
    future::ready,
    sync::LazyLock,
};

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

/// All routes. The page's own files come last: their path matches everything.
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

/// What the paths of the API begin with.
const API: &str = "/api/v1";

/// Mounts all routes, and on every path an answer to the methods that it does not have.
///
/// A path with an identifier in it is an expression, and those are tried one after the other: of those of
/// the API only the ones are that have the first word of what is asked for.
pub(super) fn mount(scope: Scope) -> Scope {
    let mut seen = HashSet::new();
    let (mut families, mut others) = (BTreeMap::<&str, Vec<&str>>::new(), Vec::new());
    for path in ROUTES.iter().map(|route| route.path).filter(|path| seen.insert(*path)) {
        match family(path) {
            Some(family) => families.entry(family).or_default().push(path),
            None => others.push(path),
        }
    }
    let scope = families.into_iter().fold(scope, |scope, (family, paths)| {
        let of_family = web::scope(family)
            .default_service(web::to(|| ready(Err::<HttpResponse, _>(ApiError::NotFound))));
        scope.service(paths.into_iter().fold(of_family, |of_family, path| {
            of_family.service(resource(path, path.strip_prefix(family).unwrap_or(path)))
        }))
    });
    others.sort_by_key(|path| path.contains(".*"));
    others.into_iter().fold(scope, |scope, path| scope.service(resource(path, path)))
}

/// Returns what a path of the API has in common with its family: everything up to and with its first word.
fn family(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(API)?.strip_prefix('/')?;
    let word = rest.split('/').next()?;
    path.get(..API.len() + 1 + word.len())
}

/// Returns what answers on a path; `rest` is what is left of it where that is mounted.
fn resource(path: &'static str, rest: &str) -> Resource {
    let routes = || ROUTES.iter().filter(|route| route.path == path);
    let mut resource = web::resource(rest);
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
