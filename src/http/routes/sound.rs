//! Routes of children, and what goes to and fro.

use super::with_body;
use crate::{
    http::{
        children,
        code::Code,
        deliveries, events, items, once, overview,
        route::{Access, Content, Method, Parameter, Route, json},
    },
    hub::RequestKey,
};

/// The header by which a request is known when it is made again.
const KEY: Parameter = Parameter {
    name: once::HEADER,
    about: "By what this request is known for a week when the same account makes it again, because \
            no answer came: nothing is stored a second time, and the answer is 201 again, with what was \
            stored as it is now. Of a message in parts, those that were erased since are left out. A \
            request that was refused is not remembered.",
    schema: || {
        serde_json::json!({
            "type": "string",
            "pattern": "^[A-Za-z0-9_-]+$",
            "minLength": 1,
            "maxLength": RequestKey::MAX_LENGTH,
        })
    },
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        // First: a route with a name in it is found by trying one after the other, and this one is asked
        // for again and again.
        Route::new(
            Method::Get,
            "/api/v1/items/{item}/sound",
            Access::SignedIn,
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
        .fails(&[
            Code::BadQuery,
            Code::NoSuchItem,
            Code::QuietHours,
            Code::BadRange,
            Code::Stopping,
        ]),
        Route::new(Method::Get, "/api/v1/hub", Access::SignedIn, "The hub itself", |route| {
            route.to(overview::show)
        })
        .answers(200, json::<overview::Overview>()),
        Route::new(Method::Get, "/api/v1/children", Access::SignedIn, "List the children", |route| {
            route.to(children::list)
        })
        .answers(200, json::<children::Children>()),
        Route::new(
            Method::Get,
            "/api/v1/children/{child}/items",
            Access::SignedIn,
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
            Access::Account,
            "Send a message to a child",
            |route| route.to(items::send),
        )
        .query(&[
            Parameter {
                name: "long",
                about: "What to do with a message that does not fit into a slot.",
                schema: || serde_json::json!({ "type": "string", "enum": ["cut", "split"] }),
            },
            Parameter {
                name: "send_at",
                about: "When the message is to set out, if not at once: within 60 days. A time that \
                        is past by up to 300 seconds is now. What needs a guardian's approval waits \
                        for that, too. The limit of messages a day counts it on the day on which it \
                        is sent to the hub, and it is given up a week after it was to set out.",
                schema: || serde_json::json!({ "type": "integer", "format": "int64" }),
            },
        ])
        .headers(&[KEY])
        .takes(Content::SoundFile)
        .answers(201, json::<items::Sent>())
        .fails(&[
            Code::BadQuery,
            Code::BadRequestKey,
            Code::OtherRequest,
            Code::ErasedSince,
            Code::BrokenOff,
            Code::NoSuchChild,
            Code::NoToy,
            Code::TooSlow,
            Code::TooLarge,
            Code::WrongType,
            Code::MessageTooLong,
            Code::SoundTooLong,
            Code::BadSound,
            Code::EmptyFile,
            Code::NoSoundFile,
            Code::NoSoundTrack,
            Code::ProtectedSound,
            Code::UnknownEncoding,
            Code::SoundCutOff,
            Code::DamagedSound,
            Code::NoSound,
            Code::SoundTooHard,
            Code::DailyLimit,
            Code::BadSendAt,
            Code::ClockNotTrusted,
            Code::RoomKept,
            Code::Stopping,
        ]),
        Route::new(Method::Get, "/api/v1/items/{item}", Access::SignedIn, "Show an item", |route| {
            route.to(items::show)
        })
        .answers(200, json::<items::Item>())
        .fails(&[Code::NoSuchItem]),
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
            Access::Account,
            "Take a message back",
            |route| route.to(deliveries::withdraw),
        )
        .answers(200, json::<deliveries::Delivery>())
        .fails(&[Code::NoSuchDelivery, Code::TooLate]),
        Route::new(
            Method::Post,
            "/api/v1/deliveries/{delivery}/send-now",
            Access::Account,
            "Send a message now that was sent for later",
            |route| route.to(deliveries::send_now),
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
        Route::new(Method::Get, "/api/v1/events", Access::SignedIn, "Follow what happens", |route| {
            route.to(events::follow)
        })
        .answers(200, Content::Events),
        Route::new(
            Method::Post,
            "/api/v1/children",
            Access::Guardian,
            "Add a child",
            |route| route.to(children::add),
        )
        .takes(json::<children::NewChild>())
        .answers(201, json::<children::Child>())
        .fails(with_body![BadName, BadChoice]),
        Route::new(
            Method::Post,
            "/api/v1/children/{child}",
            Access::Guardian,
            "Change what a child is called, or what stands for it",
            |route| route.to(children::change),
        )
        .takes(json::<children::ChangedChild>())
        .answers(200, json::<children::Child>())
        .fails(with_body![BadName, BadChoice, NoSuchChild]),
        Route::new(
            Method::Post,
            "/api/v1/children/{child}/recordings",
            Access::ChildScreen,
            "Keep what a child said to its screen",
            |route| route.to(items::record),
        )
        .headers(&[KEY])
        .takes(Content::Wav)
        .answers(201, json::<items::Sent>())
        .fails(&[
            Code::BadRequestKey,
            Code::OtherRequest,
            Code::ErasedSince,
            Code::BrokenOff,
            Code::NoSuchChild,
            Code::TooSlow,
            Code::TooLarge,
            Code::WrongType,
            Code::SoundTooLong,
            Code::BadSound,
            Code::Stopping,
        ]),
        Route::new(
            Method::Get,
            "/api/v1/waiting",
            Access::Guardian,
            "List the messages that wait for approval",
            |route| route.to(items::waiting),
        )
        .answers(200, json::<items::Waiting>()),
        Route::new(
            Method::Post,
            "/api/v1/items/{item}/share",
            Access::Guardian,
            "Let a relative hear an item",
            |route| route.to(items::share),
        )
        .takes(json::<items::With>())
        .answers(200, json::<items::Item>())
        .fails(with_body![NoSuchItem, NoSuchAccount, NotGranted, TryLater]),
        Route::new(
            Method::Post,
            "/api/v1/items/{item}/unshare",
            Access::Guardian,
            "Take an item away from a relative",
            |route| route.to(items::unshare),
        )
        .takes(json::<items::With>())
        .answers(200, json::<items::Item>())
        .fails(with_body![NoSuchItem, NoSuchAccount, Stopping]),
        Route::new(
            Method::Put,
            "/api/v1/items/{item}/note",
            Access::Account,
            "Write a note to an item, or take it away",
            |route| route.to(items::note),
        )
        .takes(json::<items::NewNote>())
        .answers(200, json::<items::Item>())
        .fails(with_body![NoSuchItem, TooLate, BadNote, Stopping]),
        Route::new(
            Method::Post,
            "/api/v1/deliveries/{delivery}/approve",
            Access::Guardian,
            "Approve a message",
            |route| route.to(deliveries::approve),
        )
        .answers(200, json::<deliveries::Delivery>())
        .fails(&[Code::NoSuchDelivery, Code::TooLate, Code::Stopping]),
        Route::new(
            Method::Post,
            "/api/v1/deliveries/{delivery}/decline",
            Access::Guardian,
            "Decline a message",
            |route| route.to(deliveries::decline),
        )
        .answers(200, json::<deliveries::Delivery>())
        .fails(&[Code::NoSuchDelivery, Code::TooLate]),
    ]
}
