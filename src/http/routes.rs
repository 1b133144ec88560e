//! Every route, as data.
//!
//! This list is the only place from which anything is mounted, the only list of what is public,
//! and what the OpenAPI document is made of. Errors that follow from a route's access (nobody is
//! signed in, another site asks, …) are not repeated here.

use std::future::ready;

use actix_web::{HttpRequest, HttpResponse, Resource, Route as Mount, Scope, http, web};
use serde_json::Value;

use super::{
    assets, children, deliveries, demo, entry,
    error::{ApiError, Code},
    events, guard, items, overview,
    schema::{Components, Shape},
};

/// A method of HTTP that some route uses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// Reads; `HEAD` is answered too where [`Route::takes_head`] says so.
    Get,
    /// Changes something.
    Post,
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// Everybody who can reach the hub.
    Public,
    /// A guardian.
    Guardian,
    /// A guardian, in a demo; elsewhere there is no such route.
    DemoGuardian,
}

/// One route: what is asked, who may ask, what comes back.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, parameters in braces.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What may stand in the query.
    pub(super) query: &'static [Parameter],
    /// What the body may be.
    pub(super) request: Content,
    /// What comes back when it succeeds.
    pub(super) status: u16,
    /// As what.
    pub(super) response: Content,
    /// What may go wrong, besides what access implies.
    pub(super) errors: &'static [Code],
    mount: fn(Mount) -> Mount,
}

/// A parameter in a query. None is required.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) schema: fn() -> Value,
}

/// What a body is.
#[derive(Clone, Copy)]
pub(super) enum Content {
    /// There is none.
    Nothing,
    /// JSON with this schema.
    Json(fn(&mut Components) -> Value),
    /// JSON of some object that only tests send.
    SomeJson,
    /// A WAV file.
    Wav,
    /// A WAV file or nothing.
    WavOrNothing,
    /// Sound, whole or in part, of one of these types.
    Sound(&'static [&'static str]),
    /// Server-sent events.
    Events,
    /// Bytes as they are.
    Bytes,
    /// A file of the page.
    File,
}

impl Method {
    /// Returns its name on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

impl Access {
    /// Returns the word for `x-access`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Guardian => "guardian",
            Self::DemoGuardian => "demo_guardian",
        }
    }
}

impl Route {
    const fn new(
        method: Method,
        path: &'static str,
        access: Access,
        summary: &'static str,
        mount: fn(Mount) -> Mount,
    ) -> Self {
        Self {
            method,
            path,
            access,
            summary,
            query: &[],
            request: Content::Nothing,
            status: 200,
            response: Content::Nothing,
            errors: &[],
            mount,
        }
    }

    const fn query(mut self, query: &'static [Parameter]) -> Self {
        self.query = query;
        self
    }

    const fn takes(mut self, request: Content) -> Self {
        self.request = request;
        self
    }

    const fn answers(mut self, status: u16, response: Content) -> Self {
        self.status = status;
        self.response = response;
        self
    }

    const fn fails(mut self, errors: &'static [Code]) -> Self {
        self.errors = errors;
        self
    }

    /// Returns whether `HEAD` is answered like `GET`. Only files are: everything else is asked
    /// for once, by a page that wants it.
    pub const fn takes_head(&self) -> bool {
        matches!(self.response, Content::File)
    }
}

/// Returns the schema of a body, for a route's [`Content::Json`].
const fn json<T: Shape>() -> Content {
    Content::Json(T::shape)
}

/// All routes. The page's own files come last: their path matches everything.
pub static ROUTES: &[Route] = &[
    Route::new(Method::Get, "/open", Access::Public, "Sign in with the printed URL", |route| {
        route.to(entry::open)
    })
    .query(&[Parameter {
        name: "token",
        about: "The token that was printed when the hub started.",
        schema: || serde_json::json!({ "type": "string" }),
    }])
    .answers(303, Content::Nothing)
    .fails(&[Code::BadQuery]),
    Route::new(Method::Get, "/api/v1/hub", Access::Guardian, "The hub itself", |route| {
        route.to(overview::show)
    })
    .answers(200, json::<overview::Overview>()),
    Route::new(Method::Get, "/api/v1/children", Access::Guardian, "List the children", |route| {
        route.to(children::list)
    })
    .answers(200, json::<children::Children>()),
    Route::new(Method::Get, "/api/v1/toys", Access::Guardian, "List the adopted toys", |route| {
        route.to(children::toys)
    })
    .answers(200, json::<children::Toys>()),
    Route::new(
        Method::Get,
        "/api/v1/children/{child}/items",
        Access::Guardian,
        "List the conversation with a child, newest first",
        |route| route.to(items::list),
    )
    .query(&[
        Parameter {
            name: "before",
            about: "The `next` of the page before.",
            schema: || serde_json::json!({ "type": "string" }),
        },
        Parameter {
            name: "limit",
            about: "How many items a page has.",
            schema: || {
                serde_json::json!({
                    "type": "integer",
                    "minimum": 1,
                    "maximum": items::MAX_LIMIT,
                    "default": items::DEFAULT_LIMIT,
                })
            },
        },
    ])
    .answers(200, json::<items::Page>())
    .fails(&[Code::BadQuery, Code::BadCursor, Code::NoSuchChild]),
    Route::new(
        Method::Post,
        "/api/v1/children/{child}/messages",
        Access::Guardian,
        "Send a message to a child",
        |route| route.to(items::send),
    )
    .query(&[Parameter {
        name: "long",
        about: "What to do with a message that does not fit into a slot.",
        schema: || serde_json::json!({ "type": "string", "enum": ["cut", "split"] }),
    }])
    .takes(Content::Wav)
    .answers(201, json::<items::Sent>())
    .fails(&[
        Code::BadQuery,
        Code::BrokenOff,
        Code::NoSuchChild,
        Code::NoToy,
        Code::TooSlow,
        Code::TooLarge,
        Code::WrongType,
        Code::MessageTooLong,
        Code::SoundTooLong,
        Code::BadSound,
        Code::Stopping,
    ]),
    Route::new(Method::Get, "/api/v1/items/{item}", Access::Guardian, "Show an item", |route| {
        route.to(items::show)
    })
    .answers(200, json::<items::Item>())
    .fails(&[Code::NoSuchItem]),
    Route::new(
        Method::Get,
        "/api/v1/items/{item}/sound",
        Access::Guardian,
        "Hear an item, whole or a range of it",
        |route| route.to(items::sound),
    )
    .query(&[Parameter {
        name: "as",
        about: "The format: Ogg Opus unless asked for WAV.",
        schema: || {
            serde_json::json!({ "type": "string", "enum": ["ogg", "wav"], "default": "ogg" })
        },
    }])
    .answers(200, Content::Sound(&[items::OGG, items::WAV]))
    .fails(&[Code::BadQuery, Code::NoSuchItem, Code::BadRange, Code::Stopping]),
    Route::new(
        Method::Post,
        "/api/v1/deliveries/{delivery}/retry",
        Access::Guardian,
        "Try a delivery again at once",
        |route| route.to(deliveries::retry),
    )
    .answers(200, json::<deliveries::Delivery>())
    .fails(&[Code::NoSuchDelivery, Code::TooLate]),
    Route::new(
        Method::Post,
        "/api/v1/deliveries/{delivery}/withdraw",
        Access::Guardian,
        "Take a message back",
        |route| route.to(deliveries::withdraw),
    )
    .answers(200, json::<deliveries::Delivery>())
    .fails(&[Code::NoSuchDelivery, Code::TooLate]),
    Route::new(
        Method::Post,
        "/api/v1/deliveries/{delivery}/heard",
        Access::Guardian,
        "Say that the child heard a message",
        |route| route.to(deliveries::mark_heard),
    )
    .answers(200, json::<deliveries::Delivery>())
    .fails(&[Code::NoSuchDelivery, Code::TooLate]),
    Route::new(Method::Get, "/api/v1/events", Access::Guardian, "Follow what happens", |route| {
        route.to(events::follow)
    })
    .answers(200, Content::Events),
    Route::new(
        Method::Get,
        "/api/v1/demo/toys",
        Access::DemoGuardian,
        "List the simulated toys",
        |route| route.to(demo::list),
    )
    .answers(200, json::<demo::DemoToys>()),
    Route::new(
        Method::Post,
        "/api/v1/demo/toys/{toy}/play",
        Access::DemoGuardian,
        "Squeeze the play paw",
        |route| route.to(demo::play),
    )
    .answers(200, json::<demo::DemoToy>())
    .fails(&[Code::NoSuchToy]),
    Route::new(
        Method::Post,
        "/api/v1/demo/toys/{toy}/record",
        Access::DemoGuardian,
        "Hold the record paw and speak",
        |route| route.to(demo::record),
    )
    .takes(Content::WavOrNothing)
    .answers(200, json::<demo::DemoToy>())
    .fails(&[
        Code::BrokenOff,
        Code::NoSuchToy,
        Code::TooSlow,
        Code::TooLarge,
        Code::WrongType,
        Code::BadSound,
    ]),
    Route::new(
        Method::Post,
        "/api/v1/demo/toys/{toy}/sleep",
        Access::DemoGuardian,
        "Let a toy fall asleep",
        |route| route.to(demo::sleep),
    )
    .answers(200, json::<demo::DemoToy>())
    .fails(&[Code::NoSuchToy]),
    Route::new(
        Method::Post,
        "/api/v1/demo/toys/{toy}/wake",
        Access::DemoGuardian,
        "Wake a toy",
        |route| route.to(demo::wake),
    )
    .answers(200, json::<demo::DemoToy>())
    .fails(&[Code::NoSuchToy]),
    Route::new(
        Method::Get,
        "/api/v1/demo/toys/{toy}/sound",
        Access::DemoGuardian,
        "Hear what the toy's speaker plays",
        |route| route.to(demo::sound),
    )
    .answers(200, Content::Sound(&[items::WAV]))
    .fails(&[Code::NoSuchToy, Code::BadRange]),
    Route::new(
        Method::Get,
        "/api/v1/demo/toys/{toy}/slots/{slot}",
        Access::DemoGuardian,
        "Read the bytes in a toy's slot",
        |route| route.to(demo::slot),
    )
    .answers(200, Content::Bytes)
    .fails(&[Code::NoSuchToy]),
    Route::new(
        Method::Post,
        "/api/v1/demo/toys/{toy}/quirks",
        Access::DemoGuardian,
        "Make a toy misbehave",
        |route| route.to(demo::set_quirks),
    )
    .takes(Content::SomeJson)
    .answers(200, json::<demo::DemoToy>())
    .fails(&[
        Code::BadJson,
        Code::BrokenOff,
        Code::NoSuchToy,
        Code::TooSlow,
        Code::TooLarge,
        Code::WrongType,
    ]),
    Route::new(
        Method::Get,
        "/{path:.*}",
        Access::Public,
        "The page and its files",
        |route| route.to(assets::show),
    )
    .answers(200, Content::File),
];

/// Mounts all routes, and on every path an answer to the methods that it does not have.
pub(super) fn mount(scope: Scope) -> Scope {
    let mut paths: Vec<&str> = ROUTES.iter().map(|route| route.path).collect();
    paths.dedup();
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
