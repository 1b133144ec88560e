//! The hub over HTTPS: translation between JSON and [`Hub`], and nothing else.
//!
//! What may be asked is data: [`ROUTES`] names every method, path and access, and is the only
//! place from which anything is mounted. `hutch openapi` prints the same table. What is *not*
//! here: rules. Who may do what, and what happens then, is the hub's to say; a handler
//! extracts, calls the hub once and converts.
//!
//! * Private data needs a [`Guardian`](crate::hub::Guardian) in the handler's signature: the
//!   hub's functions ask for it, and only a valid cookie makes one.
//! * One middleware stands before everything (`guard`): it refuses hosts that are not ours
//!   (a rebound name), requests that another site started, and puts the security headers on
//!   every answer, refusals included.
//! * Bodies are read by `upload` alone, with a limit, a deadline and a minimum rate, into
//!   memory: a child's voice or picture never reaches a temporary file.
//! * Errors are `{"error", "message"}`: the code is stable, the sentence is for people.

mod accounts;
mod activity;
mod admit;
mod amounts;
mod assets;
mod backups;
mod caller;
mod care;
mod children;
mod code;
mod deliveries;
mod demo;
mod device;
mod encoding;
mod entry;
mod erase;
mod error;
mod events;
mod guard;
mod h2;
mod health;
mod host;
mod invites;
mod items;
mod keys;
mod meetings;
mod once;
mod openapi;
mod overview;
mod people;
mod pictures;
mod plain;
mod range;
mod restoring;
mod route;
mod routes;
mod rules;
mod schema;
mod seats;
mod serve;
mod toys;
mod trust;
mod turns;
mod upload;

use std::sync::Arc;

use actix_web::web::{self, PathConfig, QueryConfig, ServiceConfig, ThinData};
use tokio_util::sync::CancellationToken;

pub use self::{
    admit::Admission,
    code::Code,
    host::Hosts,
    openapi::openapi,
    route::{Access, Method, Route},
    routes::ROUTES,
    serve::serve,
    trust::Trusted,
    upload::{Limits, MAX_UPLOAD_BYTES},
};

use self::error::ApiError;
use crate::hub::Hub;

/// How a hub is served.
#[derive(Clone)]
pub struct Options {
    /// The names by which browsers may call it.
    pub hosts: Hosts,
    /// Whose connections are taken.
    pub admission: Admission,
    /// What a device is to trust, and where the page is.
    pub trusted: Arc<dyn Trusted>,
    /// What a client may cost.
    pub limits: Limits,
    /// Ends every event stream when cancelled, so that the server can stop.
    pub stop: CancellationToken,
}

/// Returns what mounts the whole API and the page on an application.
pub fn configure(hub: Hub, options: Options) -> impl FnOnce(&mut ServiceConfig) {
    let Options { hosts, admission: _, trusted, limits, stop } = options;
    move |app| {
        let scope = web::scope("")
            .app_data(ThinData(hub))
            .app_data(ThinData(trusted))
            .app_data(ThinData(limits))
            .app_data(ThinData(stop))
            .app_data(PathConfig::default().error_handler(|_, _| ApiError::NotFound.into()))
            .app_data(QueryConfig::default().error_handler(|_, _| ApiError::BadQuery.into()));
        app.service(routes::mount(scope).wrap(guard::guard(hosts)));
    }
}
