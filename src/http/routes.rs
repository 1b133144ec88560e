//! Every route, as data.
//!
//! This list is the only place from which anything is mounted, the only list of what is public,
//! and what the OpenAPI document is made of. Errors that follow from a route's access (nobody is
//! signed in, another site asks, …) are not repeated here.

use std::future::ready;

use actix_web::{HttpRequest, HttpResponse, Resource, Scope, http, web};

use super::{
    accounts, assets, children,
    code::Code,
    deliveries, demo, entry,
    error::ApiError,
    events, guard, invites, items, overview,
    route::{Access, Content, Method, Parameter, Route, json},
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

/// All routes. The page's own files come last: their path matches everything.
pub static ROUTES: &[Route] = &[
    Route::new(Method::Get, "/open", Access::Public, "Sign in with the printed URL", |route| {
        route.to(entry::open)
    })
    .query(&[Parameter {
        name: "token",
        about: "The token that was printed when the hub started. It is good once.",
        schema: || serde_json::json!({ "type": "string" }),
    }])
    .answers(303, Content::Nothing)
    .fails(&[Code::BadQuery, Code::Internal]),
    Route::new(
        Method::Get,
        "/api/v1/door",
        Access::Public,
        "What stands between whoever asks and the page",
        |route| route.to(accounts::door),
    )
    .answers(200, json::<accounts::Door>())
    .fails(&[Code::Internal]),
    Route::new(Method::Get, "/api/v1/passphrase", Access::Public, "Draw a passphrase", |route| {
        route.to(accounts::passphrase)
    })
    .answers(200, json::<accounts::Passphrase>())
    .fails(&[Code::Stopping]),
    Route::new(Method::Post, "/api/v1/setup", Access::Public, "Set the hub up", |route| {
        route.to(accounts::set_up)
    })
    .takes(json::<accounts::Founding>())
    .answers(201, json::<accounts::SetUp>())
    .fails(with_body![
        WrongCode, CodeRenewed, AlreadySetUp, WeakPassword, BadName, BadTimeZone,
        TryLater, Stopping, Internal
    ]),
    Route::new(Method::Post, "/api/v1/sessions", Access::Public, "Sign in", |route| {
        route.to(accounts::sign_in)
    })
    .takes(json::<accounts::Credentials>())
    .answers(201, json::<accounts::Me>())
    .fails(with_body![
        WrongPassword, TotpNeeded, WrongTotp, ClockNotTrusted, NotSetUp, TryLater,
        Stopping, Internal
    ]),
    Route::new(
        Method::Get,
        "/api/v1/sessions",
        Access::Guardian,
        "List where one is signed in",
        |route| route.to(accounts::sessions),
    )
    .answers(200, json::<accounts::Sessions>()),
    Route::new(
        Method::Post,
        "/api/v1/sessions/revoke-others",
        Access::Guardian,
        "Sign out everywhere else",
        |route| route.to(accounts::revoke_others),
    )
    .answers(204, Content::Nothing),
    Route::new(
        Method::Post,
        "/api/v1/sessions/{session}/revoke",
        Access::Guardian,
        "Sign out in one place",
        |route| route.to(accounts::revoke),
    )
    .answers(204, Content::Nothing)
    .fails(&[Code::NoSuchSession]),
    Route::new(Method::Post, "/api/v1/sign-out", Access::Guardian, "Sign out here", |route| {
        route.to(accounts::sign_out)
    })
    .answers(204, Content::Nothing),
    Route::new(Method::Get, "/api/v1/me", Access::Guardian, "Say who asks", |route| {
        route.to(accounts::me)
    })
    .answers(200, json::<accounts::Me>()),
    Route::new(
        Method::Post,
        "/api/v1/me/confirm",
        Access::Guardian,
        "Give the password once more",
        |route| route.to(accounts::confirm),
    )
    .takes(json::<accounts::Again>())
    .answers(200, json::<accounts::Me>())
    .fails(with_body![
        WrongPassword, TotpNeeded, WrongTotp, ClockNotTrusted, TryLater, Stopping
    ]),
    Route::new(
        Method::Post,
        "/api/v1/me/password",
        Access::Guardian,
        "Change the password",
        |route| route.to(accounts::change_password),
    )
    .takes(json::<accounts::Change>())
    .answers(200, json::<accounts::Me>())
    .fails(with_body![
        WrongPassword, TotpNeeded, WrongTotp, ClockNotTrusted, WeakPassword, TryLater, Stopping
    ]),
    Route::new(
        Method::Post,
        "/api/v1/me/totp/new",
        Access::Guardian,
        "Draw a secret for two-step sign-in",
        |route| route.to(accounts::new_totp),
    )
    .answers(200, json::<accounts::NewTotp>()),
    Route::new(
        Method::Post,
        "/api/v1/me/totp",
        Access::Guardian,
        "Switch two-step sign-in on",
        |route| route.to(accounts::switch_totp_on),
    )
    .takes(json::<accounts::SwitchOn>())
    .answers(200, json::<accounts::RecoveryCodes>())
    .fails(with_body![
        WrongPassword, WrongTotpCode, ClockNotTrusted, TotpSwitched, TryLater, Stopping
    ]),
    Route::new(
        Method::Post,
        "/api/v1/me/totp/off",
        Access::Guardian,
        "Switch two-step sign-in off",
        |route| route.to(accounts::switch_totp_off),
    )
    .takes(json::<accounts::Again>())
    .answers(200, json::<accounts::Me>())
    .fails(with_body![
        WrongPassword, TotpNeeded, WrongTotp, ClockNotTrusted, TotpSwitched, TryLater, Stopping
    ]),
    Route::new(
        Method::Post,
        "/api/v1/me/recovery-key",
        Access::Guardian,
        "Make another recovery key",
        |route| route.to(accounts::renew_recovery_key),
    )
    .answers(200, json::<accounts::RecoveryKey>())
    .fails(&[Code::ConfirmFirst]),
    Route::new(
        Method::Post,
        "/api/v1/me/recovery-key/check",
        Access::Guardian,
        "Show that the recovery key was written down",
        |route| route.to(accounts::check_recovery_key),
    )
    .takes(json::<accounts::Part>())
    .answers(200, json::<accounts::Me>())
    .fails(with_body![WrongPart, TryLater]),
    Route::new(
        Method::Post,
        "/api/v1/recover",
        Access::Public,
        "Choose another password, with the recovery key",
        |route| route.to(accounts::recover),
    )
    .takes(json::<accounts::Lost>())
    .answers(201, json::<accounts::SetUp>())
    .fails(with_body![WrongRecoveryKey, WeakPassword, TryLater, Stopping, Internal]),
    Route::new(Method::Get, "/api/v1/people", Access::Guardian, "List the guardians", |route| {
        route.to(invites::people)
    })
    .answers(200, json::<invites::People>()),
    Route::new(
        Method::Get,
        "/api/v1/invites",
        Access::Guardian,
        "List the invitations that are open",
        |route| route.to(invites::list),
    )
    .answers(200, json::<invites::Invites>()),
    Route::new(
        Method::Post,
        "/api/v1/invites",
        Access::Guardian,
        "Invite another guardian",
        |route| route.to(invites::invite),
    )
    .answers(201, json::<invites::NewInvite>())
    .fails(&[Code::ConfirmFirst, Code::TooManyInvites]),
    Route::new(
        Method::Post,
        "/api/v1/invites/look",
        Access::Public,
        "Look at an invitation that one has the link of",
        |route| route.to(invites::look),
    )
    .takes(json::<invites::Look>())
    .answers(200, json::<invites::Looked>())
    .fails(with_body![NoSuchInvite, TryLater, Internal]),
    Route::new(
        Method::Post,
        "/api/v1/invites/accept",
        Access::Public,
        "Accept an invitation",
        |route| route.to(invites::accept),
    )
    .takes(json::<invites::Accept>())
    .answers(201, json::<accounts::Me>())
    .fails(with_body![
        NoSuchInvite, WeakPassword, BadName, NameTaken, TryLater, Stopping, Internal
    ]),
    Route::new(
        Method::Post,
        "/api/v1/invites/{invite}/withdraw",
        Access::Guardian,
        "Take an invitation back",
        |route| route.to(invites::withdraw),
    )
    .answers(204, Content::Nothing)
    .fails(&[Code::NoSuchInvite]),
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
