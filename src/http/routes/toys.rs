//! Routes of toys: what is heard, who is met, what is adopted.

use super::with_body;
use crate::http::{
    code::Code,
    meetings,
    route::{Access, Content, Method, Route, json},
    schema::Nothing,
    toys,
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::Get,
            "/api/v1/radio",
            Access::Guardian,
            "Whether Bluetooth works, and which toys are heard",
            |route| route.to(meetings::radio),
        )
        .answers(200, json::<meetings::Radio>()),
        Route::new(
            Method::Post,
            "/api/v1/meetings",
            Access::Guardian,
            "Look at a toy that is heard, to adopt it",
            |route| route.to(meetings::begin),
        )
        .takes(json::<meetings::NewMeeting>())
        .answers(201, json::<meetings::Meeting>())
        .fails(with_body![NotHeard, AlreadyAdopted, Stopping]),
        Route::new(
            Method::Get,
            "/api/v1/meetings/{meeting}",
            Access::Guardian,
            "Show how far a meeting has come",
            |route| route.to(meetings::show),
        )
        .answers(200, json::<meetings::Meeting>())
        .fails(&[Code::NoSuchMeeting]),
        Route::new(
            Method::Post,
            "/api/v1/meetings/{meeting}/end",
            Access::Guardian,
            "End a meeting and let the toy go",
            |route| route.to(meetings::end),
        )
        .answers(204, Content::Nothing)
        .fails(&[Code::NoSuchMeeting, Code::Stopping]),
        Route::new(
            Method::Get,
            "/api/v1/toys",
            Access::Guardian,
            "List the adopted toys",
            |route| route.to(toys::list),
        )
        .answers(200, json::<toys::Toys>()),
        Route::new(
            Method::Post,
            "/api/v1/toys",
            Access::Guardian,
            "Adopt the toy of a meeting at which a paw was squeezed",
            |route| route.to(toys::adopt),
        )
        .takes(json::<toys::NewToy>())
        .answers(201, json::<toys::Toy>())
        .fails(with_body![
            NoSuchMeeting,
            NoSuchChild,
            NotSqueezed,
            AlreadyAdopted,
            BadName,
            BadChoice,
            CharacterMissing,
            Stopping,
        ]),
        Route::new(
            Method::Post,
            "/api/v1/toys/{toy}",
            Access::Guardian,
            "Change what a toy is called, whose it is, or how loud",
            |route| route.to(toys::change),
        )
        .takes(json::<toys::ChangedToy>())
        .answers(200, json::<toys::Toy>())
        .fails(with_body![NoSuchToy, NoSuchChild, BadName, Stopping]),
        Route::new(
            Method::Post,
            "/api/v1/toys/{toy}/retire",
            Access::Guardian,
            "Retire a toy: it is emptied and let go at the next contact, or let go at once",
            |route| route.to(toys::retire),
        )
        .takes(json::<toys::Retire>())
        .answers(202, json::<Nothing>())
        .fails(with_body![NoSuchToy, Stopping]),
        Route::new(
            Method::Post,
            "/api/v1/toys/{toy}/trust",
            Access::Guardian,
            "Say that it is still your toy: what is seen of it next counts from then on",
            |route| route.to(toys::trust),
        )
        .answers(204, Content::Nothing)
        .fails(&[Code::NoSuchToy, Code::Stopping]),
        Route::new(
            Method::Get,
            "/api/v1/toys/{toy}/slots",
            Access::Guardian,
            "Show what a toy holds",
            |route| route.to(toys::slots),
        )
        .answers(200, json::<toys::Slots>())
        .fails(&[Code::NoSuchToy]),
        Route::new(
            Method::Post,
            "/api/v1/toys/{toy}/slots/{slot}/play",
            Access::Guardian,
            "Have a toy play a slot aloud, if it is awake",
            |route| route.to(toys::play),
        )
        .answers(202, json::<Nothing>())
        .fails(&[Code::NoSuchToy, Code::NotFound, Code::ToyAsleep, Code::QuietHours]),
        Route::new(
            Method::Post,
            "/api/v1/toys/{toy}/slots/{slot}/silence",
            Access::Guardian,
            "Have a slot overwritten with silence as soon as the toy can be reached",
            |route| route.to(toys::silence),
        )
        .answers(202, json::<Nothing>())
        .fails(&[Code::NoSuchToy, Code::NotFound, Code::BadChoice, Code::Stopping]),
        Route::new(
            Method::Post,
            "/api/v1/toys/{toy}/stop",
            Access::Guardian,
            "Have a toy stop what a guardian had it play",
            |route| route.to(toys::stop),
        )
        .answers(202, json::<Nothing>())
        .fails(&[Code::NoSuchToy, Code::ToyAsleep]),
    ]
}
