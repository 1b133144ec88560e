//! Routes of simulated toys, which only the demo has.

use crate::http::{
    code::Code,
    demo, items,
    route::{Access, Content, Method, Route, json},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
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
    ]
}
