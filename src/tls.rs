//! The hub's TLS identity: a certificate made at start, and how connections are encrypted.
//!
//! The key exists in memory only. It is not in any `Debug`, log or error, and goes into the
//! server's configuration without a copy that outlives this module.

use std::{sync::Arc, time::Duration};

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
    version::{TLS12, TLS13},
};
use sha2::{Digest as _, Sha256};

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

    proptest! {
        #[test]
        fn any_clock_makes_a_certificate(now in any::<i64>()) {
            prop_assert!(Leaf::self_signed(&["localhost"], Timestamp(now)).is_ok());
        }
    }
}
