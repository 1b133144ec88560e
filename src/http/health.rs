//! Whether the hub is well, for programs that watch over it: systemd's watchdog, a family's monitor.
//!
//! It is public and says nothing about the household.

use actix_web::web::{Json, ThinData};

use super::{error::ApiError, schema::body};
use crate::hub::Hub;

body! {
    /// A hub that is well.
    struct Health {
        /// Its database takes what is written.
        database: bool,
        /// What looks after Bluetooth goes on. It does also where there is no adapter.
        radio: bool,
    }
}

/// `GET /health`: that the hub is well, or an error.
pub(super) async fn show(ThinData(hub): ThinData<Hub>) -> Result<Json<Health>, ApiError> {
    let pulse = hub.pulse().await;
    if !pulse.is_whole() {
        return Err(ApiError::Ails);
    }
    Ok(Json(Health { database: pulse.database, radio: pulse.radio }))
}
