//! The hub's TLS identity: a root that a family's devices come to trust, and what stands under it.
//!
//! - The [`Root`] is made once and stays for decades. It can vouch for home networks only: names
//!   that never leave the house, and private addresses.
//! - Two [`Leaf`]s are shown to browsers: one for names, one for addresses. Each exception that a
//!   person clicks is bound to a certificate, so the one for names stays the same for its whole
//!   life, and only the other follows the addresses as they change.
//! - [`Serving`] picks by what a browser asks for, and takes a new leaf without a connection being
//!   dropped.
//!
//! Keys exist in memory and in the text that `to_pem` returns, which is for a file that only the
//! hub reads. They are in no `Debug`, log or error.

mod leaf;
mod pem;
mod pinned;
mod root;
mod serving;
#[cfg(test)]
mod tests;

pub use self::{
    leaf::{Host, Leaf},
    pinned::pinned,
    root::{Root, Validity, vouches_for},
    serving::Serving,
};

use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use sha2::{Digest as _, Sha256};

use crate::model::Timestamp;

const DAY_S: u64 = 24 * 60 * 60;
/// How far back certificates are valid: a computer without a clock battery starts in the past, and
/// browsers know better what day it is.
const BACKDATED_S: u64 = 30 * DAY_S;
/// A clock that shows an earlier day lost its time, and what is made by it would have ended long ago.
const EARLIEST_S: u64 = Timestamp::BUILT.0.cast_unsigned();
/// The last day that certificates are made for: X.509 can write no year after 9999, and there must be
/// room behind it.
const LATEST_S: u64 = 250_000_000_000;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A certificate could not be made.
    #[error("could not make the certificate")]
    Certificate(#[source] rcgen::Error),
    /// A certificate could not be used.
    #[error("could not set up TLS")]
    Config(#[source] rustls::Error),
    /// What should be the household's root is something else.
    #[error("it is not a certificate with its key")]
    NotARoot,
    /// The root does not vouch for this name or address.
    #[error(
        "the household's root does not vouch for {host}: it was made for home networks and the name \
         that this hub had then. Name another one, or run hutch trust new-root, after which every \
         device is to trust the hub anew"
    )]
    NotVouchedFor {
        /// Which.
        host: Host,
    },
}

/// The SHA-256 of each certificate, which people compare.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fingerprints {
    /// Of the root.
    pub root: [u8; 32],
    /// Of the leaf for names.
    pub names: [u8; 32],
    /// Of the leaf for addresses.
    pub addresses: [u8; 32],
}

/// Returns the SHA-256 of the certificate that stands in this text.
pub fn fingerprint_of_pem(pem: &[u8]) -> Result<[u8; 32], TlsError> {
    let certificate = CertificateDer::from_pem_slice(pem).map_err(|_other| TlsError::NotARoot)?;
    Ok(fingerprint(&certificate))
}

fn fingerprint(certificate: &[u8]) -> [u8; 32] {
    Sha256::digest(certificate).into()
}

/// Returns from when on what is made now is valid, in Unix seconds.
fn valid_from(now: Timestamp) -> u64 {
    u64::try_from(now.0).unwrap_or(0).clamp(EARLIEST_S, LATEST_S) - BACKDATED_S
}
