//! Routes of people: guardians, relatives, child screens, invitations.

use super::with_body;
use crate::http::{
    accounts,
    code::Code,
    invites, people,
    route::{Access, Content, Method, Route, json},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::Get,
            "/api/v1/people",
            Access::Guardian,
            "List everybody of the household",
            |route| route.to(people::list),
        )
        .answers(200, json::<people::People>()),
        Route::new(
            Method::Get,
            "/api/v1/invites",
            Access::Guardian,
            "List the invitations of guardians that are open",
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
            NoSuchInvite,
            Blocked,
            WeakPassword,
            BadName,
            NameTaken,
            TryLater,
            Stopping,
            Internal
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
        Route::new(
            Method::Post,
            "/api/v1/relatives",
            Access::Guardian,
            "Invite a relative",
            |route| route.to(people::invite_relative),
        )
        .takes(json::<people::NewRelative>())
        .answers(201, json::<people::InvitedRelative>())
        .fails(with_body![BadName, NoChildren, BadChoice, NoSuchChild, TooManyInvites]),
        Route::new(
            Method::Post,
            "/api/v1/relatives/{account}",
            Access::Guardian,
            "Change a relative's name or children",
            |route| route.to(people::change_relative),
        )
        .takes(json::<people::ChangedRelative>())
        .answers(200, json::<people::Relative>())
        .fails(with_body![
            BadName,
            NoChildren,
            BadChoice,
            NoSuchChild,
            NoSuchAccount,
            TryLater,
            Stopping
        ]),
        Route::new(
            Method::Post,
            "/api/v1/relatives/{account}/invite",
            Access::Guardian,
            "Make another link for a relative",
            |route| route.to(people::renew_relative),
        )
        .answers(201, json::<invites::NewInvite>())
        .fails(&[Code::NoSuchAccount, Code::TryLater, Code::Stopping]),
        Route::new(
            Method::Post,
            "/api/v1/relatives/{account}/block",
            Access::Guardian,
            "Keep a relative from signing in",
            |route| route.to(people::block),
        )
        .answers(200, json::<people::Relative>())
        .fails(&[Code::NoSuchAccount, Code::Stopping]),
        Route::new(
            Method::Post,
            "/api/v1/relatives/{account}/unblock",
            Access::Guardian,
            "Let a relative sign in again",
            |route| route.to(people::unblock),
        )
        .answers(200, json::<people::Relative>())
        .fails(&[Code::NoSuchAccount]),
        Route::new(
            Method::Post,
            "/api/v1/relatives/{account}/remove",
            Access::Guardian,
            "Remove a relative",
            |route| route.to(people::remove_relative),
        )
        .answers(204, Content::Nothing)
        .fails(&[Code::NoSuchAccount, Code::Stopping]),
        Route::new(
            Method::Post,
            "/api/v1/screens",
            Access::Guardian,
            "Add a child screen",
            |route| route.to(people::add_screen),
        )
        .takes(json::<people::NewScreen>())
        .answers(201, json::<people::AddedScreen>())
        .fails(with_body![BadName, NoSuchChild, TooManyInvites]),
        Route::new(
            Method::Post,
            "/api/v1/screens/{account}/invite",
            Access::Guardian,
            "Make another link for a child screen",
            |route| route.to(people::renew_screen),
        )
        .answers(201, json::<invites::NewInvite>())
        .fails(&[Code::NoSuchAccount, Code::TryLater, Code::Stopping]),
        Route::new(
            Method::Post,
            "/api/v1/screens/{account}/remove",
            Access::Guardian,
            "Remove a child screen",
            |route| route.to(people::remove_screen),
        )
        .answers(204, Content::Nothing)
        .fails(&[Code::NoSuchAccount, Code::Stopping]),
    ]
}
