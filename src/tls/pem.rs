//! Certificate and key as text (RFC 7468), for one file.

use std::sync::Arc;

use data_encoding::BASE64;
use rustls::{
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    sign::CertifiedKey,
};
use zeroize::Zeroizing;

/// How many characters of Base64 stand on a line.
const COLUMNS: usize = 64;

/// A certificate with its key. Not `Debug`, not `Clone`: there is one key.
pub(super) struct Pair {
    pub(super) certificate: CertificateDer<'static>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl Pair {
    /// Reads both, if they belong together. Any bytes may come.
    pub(super) fn read(pem: &[u8]) -> Option<Self> {
        let certificate = CertificateDer::from_pem_slice(pem).ok()?;
        let key = PrivateKeyDer::from_pem_slice(pem).ok()?;
        let pair = Self { certificate, key };
        pair.certified().ok()?;
        Some(pair)
    }

    /// Writes both.
    pub(super) fn write(&self) -> Zeroizing<String> {
        let mut pem = Zeroizing::new(String::with_capacity(4 << 10));
        push(&mut pem, "CERTIFICATE", &self.certificate);
        push(&mut pem, label(&self.key), self.key.secret_der());
        pem
    }

    /// Returns both as the server wants them, if they belong together.
    pub(super) fn certified(&self) -> Result<Arc<CertifiedKey>, rustls::Error> {
        let chain = vec![self.certificate.clone()];
        let provider = ring::default_provider();
        CertifiedKey::from_der(chain, self.key.clone_key(), &provider).map(Arc::new)
    }
}

/// Returns a certificate alone, for whoever is to trust it.
pub(super) fn certificate(certificate: &[u8]) -> String {
    let mut pem = Zeroizing::new(String::new());
    push(&mut pem, "CERTIFICATE", certificate);
    std::mem::take(&mut *pem)
}

fn label(key: &PrivateKeyDer<'_>) -> &'static str {
    match key {
        PrivateKeyDer::Pkcs1(_) => "RSA PRIVATE KEY",
        PrivateKeyDer::Sec1(_) => "EC PRIVATE KEY",
        _ => "PRIVATE KEY",
    }
}

fn push(pem: &mut Zeroizing<String>, label: &str, der: &[u8]) {
    let base64 = Zeroizing::new(BASE64.encode(der));
    pem.push_str("-----BEGIN ");
    pem.push_str(label);
    pem.push_str("-----\n");
    for (at, character) in base64.chars().enumerate() {
        if at != 0 && at % COLUMNS == 0 {
            pem.push('\n');
        }
        pem.push(character);
    }
    pem.push_str("\n-----END ");
    pem.push_str(label);
    pem.push_str("-----\n");
}
