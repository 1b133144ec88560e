//! Routes of children's pictures.

use super::super::{
    children,
    code::Code,
    pictures,
    route::{Access, Content, Method, Route, json},
};

pub(super) fn routes() -> Vec<Route> {
    let path = "/api/v1/children/{child}/picture";
    vec![
        Route::new(Method::Get, path, Access::SignedIn, "See a child's picture", |route| {
            route.to(pictures::show)
        })
        .answers(200, Content::Picture(&[pictures::JPEG, pictures::PNG]))
        .fails(&[Code::NoSuchChild, Code::NoSuchPicture]),
        Route::new(
            Method::Put,
            path,
            Access::Guardian,
            "Give a child a picture, in the place of the one before",
            |route| route.to(pictures::set),
        )
        .takes(Content::PictureFile)
        .answers(200, json::<children::Child>())
        .fails(&[
            Code::BrokenOff,
            Code::TooSlow,
            Code::PictureTooHeavy,
            Code::WrongType,
            Code::NoSuchChild,
            Code::EmptyPicture,
            Code::NoPicture,
            Code::UnknownPicture,
            Code::PictureCutOff,
            Code::DamagedPicture,
            Code::PictureTooLarge,
            Code::RoomKept,
            Code::Stopping,
        ]),
        Route::new(
            Method::Delete,
            path,
            Access::Guardian,
            "Take a child's picture away",
            |route| route.to(pictures::remove),
        )
        .answers(200, json::<children::Child>())
        .fails(&[Code::NoSuchChild, Code::NoSuchPicture, Code::Stopping]),
    ]
}
