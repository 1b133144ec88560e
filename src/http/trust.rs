//! What a device needs to trust the hub: the household's root to install, fingerprints to compare, the
//! hub's addresses, and a way for the page to find out whether it is done.
//!
//! All of it is public: a device asks before anybody is signed in there, and each of these is what any
//! connection to the hub shows anyway. There is no way from here to a key.

mod profile;

use std::sync::Arc;

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderName},
    web::{Bytes, Json, Path, ThinData},
};
use data_encoding::HEXLOWER;

use super::{error::ApiError, schema::body};
use crate::{hub::Hub, tls::Fingerprints};

/// What a device is to trust, and where the page is.
pub trait Trusted: Send + Sync {
    /// Returns what people compare.
    fn fingerprints(&self) -> Fingerprints;

    /// Returns the household's root in DER: the certificate, never its key.
    fn root_der(&self) -> Vec<u8>;

    /// Returns the addresses of the page, such as `https://hutch.local` and `https://192.168.1.20`: what
    /// has a name first. Never with a path.
    fn places(&self) -> Vec<String>;
}

/// The files that are installed on a device, by their names.
pub(super) const FILES: [&str; 2] = [CERTIFICATE, PROFILE];
/// Their types.
pub(super) const TYPES: [&str; 2] = [CERTIFICATE_TYPE, PROFILE_TYPE];

const CERTIFICATE: &str = "hutch-root.crt";
const CERTIFICATE_TYPE: &str = "application/x-x509-ca-cert";
/// The same for iPhones and iPads, which take nothing else.
const PROFILE: &str = "hutch.mobileconfig";
const PROFILE_TYPE: &str = "application/x-apple-aspen-config";

/// What is installed today need not be what is installed tomorrow: the household may get another root.
const NO_STORE: (HeaderName, &str) = (header::CACHE_CONTROL, "no-store");

body! {
    /// What a device needs to trust the hub.
    struct Trust {
        /// The SHA-256 of each certificate.
        fingerprints: Prints,
        /// The addresses of the page, what has a name first.
        places: Vec<Place>,
    }
}

body! {
    /// The SHA-256 of each certificate, in hexadecimal.
    struct Prints {
        /// Of the household's root.
        root: String,
        /// Of the certificate that is shown where the hub is called by name.
        names: String,
        /// Of the one that is shown where it is called by address.
        addresses: String,
    }
}

body! {
    /// An address of the page.
    struct Place {
        /// The address.
        url: String,
        /// The same as a QR code: a row for each line, "1" is dark.
        qr: Vec<String>,
    }
}

/// `GET /trust`: what a device needs to trust the hub.
pub(super) async fn show(
    ThinData(hub): ThinData<Hub>,
    ThinData(trusted): ThinData<Arc<dyn Trusted>>,
) -> Json<Trust> {
    let Fingerprints { root, names, addresses } = trusted.fingerprints();
    let [root, names, addresses] = [root, names, addresses].map(|print| HEXLOWER.encode(&print));
    let places = trusted.places().into_iter().map(|url| Place { qr: hub.qr(&url), url });
    Json(Trust { fingerprints: Prints { root, names, addresses }, places: places.collect() })
}

/// `GET /trust/{file}`: the household's root, as a device wants to have it.
pub(super) async fn install(
    ThinData(trusted): ThinData<Arc<dyn Trusted>>,
    file: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let mut answer = HttpResponse::Ok();
    answer.insert_header(NO_STORE);
    match file.as_str() {
        CERTIFICATE => {
            let disposition = format!("attachment; filename=\"{CERTIFICATE}\"");
            answer.insert_header((header::CONTENT_DISPOSITION, disposition));
            answer.content_type(CERTIFICATE_TYPE);
            Ok(answer.body(Bytes::from(trusted.root_der())))
        }
        PROFILE => {
            answer.content_type(PROFILE_TYPE);
            Ok(answer.body(profile::of(&trusted.root_der())))
        }
        _ => Err(ApiError::NotFound),
    }
}

/// `GET /probe`: nothing at all.
///
/// The page asks for it at another address of the hub, with another certificate: that it got through is
/// the answer. So it is the one thing that a page from elsewhere may have.
pub(super) async fn probe() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header(NO_STORE)
        .insert_header((header::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"))
        .finish()
}
