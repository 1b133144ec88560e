//! What a route is: a method and a path, who may use it, what goes in and comes out.

use actix_web::Route as Mount;
use serde_json::Value;

use super::{
    code::Code,
    schema::{Components, Shape},
};

/// A method of HTTP that some route uses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// Reads; `HEAD` is answered too where [`Route::takes_head`] says so.
    Get,
    /// Changes something.
    Post,
    /// Sets something as a whole: twice is the same as once.
    Put,
    /// Takes something away.
    Delete,
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// Everybody who can reach the hub.
    Public,
    /// Whoever is signed in: a guardian, a relative, a child screen.
    SignedIn,
    /// Whoever has a password: a guardian, a relative.
    Account,
    /// A guardian.
    Guardian,
    /// A child screen.
    ChildScreen,
    /// A guardian, in a demo; elsewhere there is no such route.
    DemoGuardian,
    /// A program with the token for figures that a guardian made.
    Meter,
    /// Whoever has the set-up code of a hub that was not set up yet.
    Newcomer,
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
    /// Which headers it looks at.
    pub(super) headers: &'static [Parameter],
    /// What the body may be.
    pub(super) request: Content,
    /// What comes back when it succeeds.
    pub(super) status: u16,
    /// As what.
    pub(super) response: Content,
    /// What may go wrong, besides what access implies.
    pub(super) errors: &'static [Code],
    pub(super) mount: fn(Mount) -> Mount,
}

/// A parameter in a query, or a header. None is required.
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
    /// A sound file of any kind that is played.
    SoundFile,
    /// A WAV file.
    Wav,
    /// A WAV file or nothing.
    WavOrNothing,
    /// Sound, whole or in part, of one of these types.
    Sound(&'static [&'static str]),
    /// A picture of any kind that is read.
    PictureFile,
    /// A picture, of one of these types; or the word that the browser has it.
    Picture(&'static [&'static str]),
    /// Server-sent events.
    Events,
    /// Bytes as they are.
    Bytes,
    /// A file of one of these types, to be kept.
    Download(&'static [&'static str]),
    /// A file of the page.
    File,
    /// Figures for Prometheus.
    Figures,
}

impl Method {
    /// Returns its name on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

impl Access {
    /// Returns the word for `x-access`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::SignedIn => "signed_in",
            Self::Account => "account",
            Self::Guardian => "guardian",
            Self::ChildScreen => "child_screen",
            Self::DemoGuardian => "demo_guardian",
            Self::Meter => "meter",
            Self::Newcomer => "newcomer",
        }
    }
}

impl Route {
    pub(super) const fn new(
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
            headers: &[],
            request: Content::Nothing,
            status: 200,
            response: Content::Nothing,
            errors: &[],
            mount,
        }
    }

    pub(super) const fn query(mut self, query: &'static [Parameter]) -> Self {
        self.query = query;
        self
    }

    pub(super) const fn headers(mut self, headers: &'static [Parameter]) -> Self {
        self.headers = headers;
        self
    }

    pub(super) const fn takes(mut self, request: Content) -> Self {
        self.request = request;
        self
    }

    pub(super) const fn answers(mut self, status: u16, response: Content) -> Self {
        self.status = status;
        self.response = response;
        self
    }

    pub(super) const fn fails(mut self, errors: &'static [Code]) -> Self {
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
pub(super) const fn json<T: Shape>() -> Content {
    Content::Json(T::shape)
}
