//! The hub's TLS identity: a certificate, and how connections are encrypted.
//!
//! The key exists in memory and in the text that [`Leaf::to_pem`] returns, which is for a file
//! that only the hub reads. It is not in any `Debug`, log or error, and goes into the server's
//! configuration without a copy that outlives this module.

use std::{sync::Arc, time::Duration};

use data_encoding::BASE64;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::{
    CertificateError, RootCertStore, ServerConfig,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier as _},
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject as _},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::model::Timestamp;

/// The subject alternative names of a hub that only this machine reaches.
pub const LOOPBACK_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

const DAY_S: u64 = 24 * 60 * 60;
/// How far back a certificate is valid: a computer without a clock battery starts in the past,
/// and browsers know better what day it is.
const BACKDATED_S: u64 = 30 * DAY_S;
/// How long a certificate is valid in all, under every limit that browsers set.
const LIFETIME_S: u64 = 365 * DAY_S;
/// The last start of a validity that X.509 can write with the lifetime after it: the year 9998.
const LATEST_S: u64 = 253_339_228_800;

/// How long before its end a certificate is replaced.
const RENEWED_S: u64 = 30 * DAY_S;
/// How many characters of Base64 stand on a line of PEM (RFC 7468).
const PEM_COLUMNS: usize = 64;

/// HTTP/2 first: one connection then holds the event stream and everything else.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate could not be made.
    #[error("could not make the certificate")]
    Certificate(#[source] rcgen::Error),
    /// The certificate could not be used.
    #[error("could not set up TLS")]
    Config(#[source] rustls::Error),
}

/// A certificate for servers, with its key. Not `Debug`, not `Clone`: there is one key.
pub struct Leaf {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Leaf {
    /// Makes a certificate for these names and addresses that is its own issuer.
    pub fn self_signed(names: &[&str], now: Timestamp) -> Result<Self, TlsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(TlsError::Certificate)?;
        let params = params(names, now).map_err(TlsError::Certificate)?;
        let certificate = params.self_signed(&key).map_err(TlsError::Certificate)?;
        Ok(Self { certificate: certificate.into(), key: key.into() })
    }

    /// Takes back what [`Leaf::to_pem`] gave, if it still serves: the key is the certificate's,
    /// every one of these names is in it, and it does not end within 30 days.
    ///
    /// One that has not begun yet serves: then it is the clock that is wrong, and browsers know
    /// better what day it is.
    pub fn from_pem(pem: &[u8], names: &[&str], now: Timestamp) -> Option<Self> {
        let certificate = CertificateDer::from_pem_slice(pem).ok()?;
        let key = PrivateKeyDer::from_pem_slice(pem).ok()?;
        let chain = vec![certificate.clone()];
        CertifiedKey::from_der(chain, key.clone_key(), &ring::default_provider()).ok()?;
        serves(&certificate, names, now).then_some(Self { certificate, key })
    }

    /// Returns key and certificate as text, for a file that nobody else may read.
    pub fn to_pem(&self) -> Zeroizing<String> {
        let mut pem = Zeroizing::new(String::with_capacity(4 << 10));
        push_pem(&mut pem, "CERTIFICATE", &self.certificate);
        push_pem(&mut pem, key_label(&self.key), self.key.secret_der());
        pem
    }

    /// Returns the certificate in DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Returns the SHA-256 of the certificate, which people compare.
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(&self.certificate).into()
    }

    /// Makes the server's configuration of it: TLS 1.3, and 1.2 with AEAD ciphers (`ring` has no
    /// others), without client certificates.
    pub fn into_config(self) -> Result<ServerConfig, TlsError> {
        let Self { certificate, key } = self;
        let provider = Arc::new(ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(TlsError::Config)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .map_err(TlsError::Config)?;
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(config)
    }
}

/// Whether browsers that trust this certificate will take it, for all these names and for a while.
fn serves(certificate: &CertificateDer<'static>, names: &[&str], now: Timestamp) -> bool {
    let mut roots = RootCertStore::empty();
    if roots.add(certificate.clone()).is_err() {
        return false;
    }
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
    let Ok(verifier) = verifier else { return false };
    let soon = u64::try_from(now.0).unwrap_or(0).saturating_add(RENEWED_S);
    let soon = UnixTime::since_unix_epoch(Duration::from_secs(soon));
    names.iter().all(|name| {
        let Ok(name) = ServerName::try_from(*name) else { return false };
        match verifier.verify_server_cert(certificate, &[], &name, &[], soon) {
            Ok(_)
            | Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
            )) => true,
            Err(_) => false,
        }
    })
}

fn key_label(key: &PrivateKeyDer<'_>) -> &'static str {
    match key {
        PrivateKeyDer::Pkcs1(_) => "RSA PRIVATE KEY",
        PrivateKeyDer::Sec1(_) => "EC PRIVATE KEY",
        _ => "PRIVATE KEY",
    }
}

fn push_pem(pem: &mut String, label: &str, der: &[u8]) {
    let base64 = Zeroizing::new(BASE64.encode(der));
    pem.push_str("-----BEGIN ");
    pem.push_str(label);
    pem.push_str("-----\n");
    for (at, character) in base64.chars().enumerate() {
        if at != 0 && at % PEM_COLUMNS == 0 {
            pem.push('\n');
        }
        pem.push(character);
    }
    pem.push_str("\n-----END ");
    pem.push_str(label);
    pem.push_str("-----\n");
}

/// Returns what a leaf says: for these names, for servers only, for less than a year.
fn params(names: &[&str], now: Timestamp) -> Result<CertificateParams, rcgen::Error> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, "Hutch");
    params.distinguished_name = subject;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = u64::try_from(now.0).unwrap_or(0);
    let from = now.saturating_sub(BACKDATED_S).min(LATEST_S);
    params.not_before = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(from);
    params.not_after = params.not_before + Duration::from_secs(LIFETIME_S);
    Ok(params)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rustls::{CipherSuite, SupportedCipherSuite};

    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000);

    fn leaf() -> Leaf {
        Leaf::self_signed(&LOOPBACK_NAMES, NOW).unwrap()
    }

    #[test]
    fn is_valid_from_before_now_for_a_year_at_most() {
        let params = params(&LOOPBACK_NAMES, NOW).unwrap();

        let now = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(1_700_000_000);
        assert!(params.not_before < now && now < params.not_after);
        let lifetime = params.not_after - params.not_before;
        assert_eq!(lifetime.whole_days(), 365);
    }

    #[test]
    fn names_both_names_and_addresses() {
        let certificate = leaf();

        let holds = |part: &[u8]| {
            certificate.certificate().windows(part.len()).any(|window| window == part)
        };
        assert!(holds(b"\x82\x09localhost"));
        assert!(holds(&[0x87, 4, 127, 0, 0, 1]));
        assert!(holds(&[0x87, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]));
    }

    #[test]
    fn every_start_has_another_identity() {
        assert_ne!(leaf().fingerprint(), leaf().fingerprint());
    }

    #[test]
    fn offers_modern_ciphers_and_http_2_first() {
        let config = leaf().into_config().unwrap();

        assert_eq!(config.alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
        for suite in &config.crypto_provider().cipher_suites {
            let name = format!("{:?}", suite.suite());
            assert!(name.contains("GCM") || name.contains("CHACHA20_POLY1305"), "{name}");
            if let SupportedCipherSuite::Tls12(_) = suite {
                assert!(name.contains("ECDHE"), "{name}");
            }
        }
        let suites: Vec<CipherSuite> = config
            .crypto_provider()
            .cipher_suites
            .iter()
            .map(SupportedCipherSuite::suite)
            .collect();
        assert!(suites.contains(&CipherSuite::TLS13_CHACHA20_POLY1305_SHA256));
    }

    #[test]
    fn is_the_same_again_out_of_its_file() {
        let certificate = leaf();
        let pem = certificate.to_pem();

        let again = Leaf::from_pem(pem.as_bytes(), &LOOPBACK_NAMES, NOW).unwrap();

        assert_eq!(again.fingerprint(), certificate.fingerprint());
        assert!(again.to_pem() == pem);
        assert!(again.into_config().is_ok());
    }

    #[test]
    fn is_renewed_30_days_before_its_end() {
        let pem = leaf().to_pem();
        let after_days = |days: i64| {
            let then = NOW.after(days * 24 * 60 * 60);
            Leaf::from_pem(pem.as_bytes(), &LOOPBACK_NAMES, then).is_some()
        };

        assert!(after_days(365 - 30 - 30 - 1));
        assert!(!after_days(365 - 30 - 30 + 1));
        assert!(!after_days(1_000));
        assert!(after_days(-1_000), "the clock lost its time; the certificate is still good");
    }

    #[test]
    fn is_renewed_for_other_names_and_when_the_file_is_damaged() {
        let certificate = leaf();
        let pem = certificate.to_pem();
        let other = leaf().to_pem();
        let end = "-----END CERTIFICATE-----\n";
        let at = pem.find(end).unwrap() + end.len();
        let mixed = format!("{}{}", &pem[..at], &other[at..]);
        let take = |pem: &str, names: &[&str]| Leaf::from_pem(pem.as_bytes(), names, NOW).is_some();

        assert!(take(&pem, &["localhost"]));
        assert!(!take(&pem, &["localhost", "127.0.0.2"]));
        assert!(!take(&pem, &["hutch.local"]));
        assert!(!take(&pem, &["no name"]));
        assert!(!take(&mixed, &LOOPBACK_NAMES), "the key of another certificate");
        assert!(!take(&pem[..pem.len() / 2], &LOOPBACK_NAMES));
        assert!(!take("", &LOOPBACK_NAMES));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_leaf_or_none(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(Leaf::from_pem(&bytes, &LOOPBACK_NAMES, NOW).is_none());
        }

        #[test]
        fn any_clock_makes_a_certificate(now in any::<i64>()) {
            prop_assert!(Leaf::self_signed(&["localhost"], Timestamp(now)).is_ok());
        }
    }
}
