//! What the page must know about the hub before anything else.

use actix_web::web::{Json, ThinData};

use super::{schema::body, upload::Limits};
use crate::{
    hub::{Caller, Hub, LONGEST_MS, SLOT_MS},
    lan,
};

pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

body! {
    /// The hub itself.
    struct Overview {
        /// What it calls itself.
        name: &'static str,
        /// Its version.
        version: &'static str,
        /// Whether it is a demo, with simulated toys to play with.
        demo: bool,
        /// How long a sound fits into a slot of a toy.
        slot_ms: u32,
        /// How long a sound may be that is split into several messages.
        longest_ms: u32,
        /// The most bytes that a sound may have.
        max_upload_bytes: usize,
        /// What the kernel would do with anything that leaves the home network: `stops` it, `lets` it
        /// pass (Hutch's own rules alone keep it at home), or `unknown`. Asked for just now.
        kernel: &'static str,
    }
}

/// `GET /hub`: the hub itself.
pub(super) async fn show(
    ThinData(hub): ThinData<Hub>,
    ThinData(limits): ThinData<Limits>,
    _by: Caller,
) -> Json<Overview> {
    Json(Overview {
        name: "Hutch",
        version: VERSION,
        demo: hub.playroom().is_some(),
        slot_ms: SLOT_MS,
        longest_ms: LONGEST_MS,
        max_upload_bytes: limits.max_bytes,
        kernel: lan::kernel().await.word(),
    })
}
