//! What browsers are shown.

use std::{
    fmt::{self, Display, Formatter},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::{
    CertificateError, RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier as _},
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime},
    sign::CertifiedKey,
};
use zeroize::Zeroizing;

use super::{BACKDATED_S, DAY_S, EARLIEST_S, Root, TlsError, fingerprint, pem, valid_from};
use crate::model::Timestamp;

/// How long a leaf is valid in all, under every limit that browsers set.
const LIFETIME_S: u64 = 365 * DAY_S;
/// How long before its end a leaf is replaced.
const RENEWED_S: u64 = 30 * DAY_S;

/// What a browser calls the hub.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Host {
    /// By name.
    Name(String),
    /// By address.
    Address(IpAddr),
}

/// A certificate for servers, with its key. Not `Debug`, not `Clone`: there is one key.
pub struct Leaf(pem::Pair);

impl Leaf {
    pub(super) fn issue(
        issuer: &Issuer<'_, KeyPair>,
        hosts: &[Host],
        now: Timestamp,
    ) -> Result<Self, TlsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(TlsError::Certificate)?;
        let certificate = params(hosts, now)
            .and_then(|params| params.signed_by(&key, issuer))
            .map_err(TlsError::Certificate)?;
        Ok(Self(pem::Pair { certificate: certificate.into(), key: key.into() }))
    }

    /// Takes back what [`Leaf::to_pem`] gave, if it still serves: it is under this root, the key is
    /// the certificate's, every one of these hosts is in it, and it does not end within 30 days.
    ///
    /// One that has not begun yet serves if no clock that is right can show such an early day: browsers
    /// know better what day it is.
    pub fn from_pem(pem: &[u8], root: &Root, hosts: &[Host], now: Timestamp) -> Option<Self> {
        let leaf = Self(pem::Pair::read(pem)?);
        leaf.serves(root, hosts, now).then_some(leaf)
    }

    /// Whether browsers that trust this root will take it, for all these hosts and for a while; see
    /// [`Leaf::from_pem`].
    pub fn serves(&self, root: &Root, hosts: &[Host], now: Timestamp) -> bool {
        let now = u64::try_from(now.0).unwrap_or(0);
        let is_good = |host, at| match self.verify(root, host, at) {
            Verified::Good => true,
            Verified::NotYet => now < EARLIEST_S,
            Verified::Bad => false,
        };
        hosts.iter().all(|host| is_good(host, now) && is_good(host, now.saturating_add(RENEWED_S)))
    }

    /// Returns for how many more days browsers take the leaf in this text for this host; 0 for what is no
    /// leaf under this root.
    pub fn days_left(pem: &[u8], root: &Root, host: &Host, now: Timestamp) -> u64 {
        let Some(leaf) = pem::Pair::read(pem).map(Self) else { return 0 };
        let now = u64::try_from(now.0).unwrap_or(0);
        let is_good =
            |days: u64| leaf.verify(root, host, now.saturating_add(days * DAY_S)) == Verified::Good;
        // Good first and bad after that: the edge is found by halving.
        let (mut good, mut bad) = (0, LIFETIME_S / DAY_S + 2);
        while good + 1 < bad {
            let middle = good.midpoint(bad);
            if is_good(middle) { good = middle } else { bad = middle }
        }
        good
    }

    /// Whether it is for this host and under this root, whatever day it is.
    pub(super) fn stands_for(&self, host: &Host, root: &Root) -> bool {
        self.verify(root, host, 0) != Verified::Bad
    }

    fn verify(&self, root: &Root, host: &Host, at_s: u64) -> Verified {
        let Ok(name) = ServerName::try_from(host.to_string()) else { return Verified::Bad };
        let mut roots = RootCertStore::empty();
        if roots.add(CertificateDer::from(root.certificate())).is_err() {
            return Verified::Bad;
        }
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        let Ok(verifier) = verifier.build() else { return Verified::Bad };
        let at = |at| verifier.verify_server_cert(&self.0.certificate, &[], &name, &[], at);
        match at(UnixTime::since_unix_epoch(Duration::from_secs(at_s))) {
            Ok(_) => Verified::Good,
            // Nothing else was looked at yet.
            Err(rustls::Error::InvalidCertificate(CertificateError::NotValidYetContext {
                not_before,
                ..
            })) if at(not_before).is_ok() => Verified::NotYet,
            Err(_) => Verified::Bad,
        }
    }

    /// Returns certificate and key as text, for a file that nobody else may read.
    pub fn to_pem(&self) -> Zeroizing<String> {
        self.0.write()
    }

    /// Returns the certificate in DER.
    pub fn certificate(&self) -> &[u8] {
        &self.0.certificate
    }

    /// Returns the SHA-256 of the certificate, which people compare.
    pub fn fingerprint(&self) -> [u8; 32] {
        fingerprint(&self.0.certificate)
    }

    pub(super) fn certified(&self) -> Result<Arc<CertifiedKey>, TlsError> {
        self.0.certified().map_err(TlsError::Config)
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verified {
    Good,
    NotYet,
    Bad,
}

impl From<&str> for Host {
    /// An address if it can be read as one.
    fn from(text: &str) -> Self {
        text.parse().map_or_else(|_not_one| Self::Name(text.to_owned()), Self::Address)
    }
}

impl Display for Host {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// Returns what a leaf says: for these hosts, for servers only, for a year.
fn params(hosts: &[Host], now: Timestamp) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::default();
    for host in hosts {
        params.subject_alt_names.push(match host {
            Host::Name(name) => SanType::DnsName(name.as_str().try_into()?),
            Host::Address(address) => SanType::IpAddress(*address),
        });
    }
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, "Hutch");
    params.distinguished_name = subject;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params.not_before = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(valid_from(now));
    params.not_after = params.not_before + Duration::from_secs(LIFETIME_S);
    Ok(params)
}

const _: () =
    assert!(BACKDATED_S + RENEWED_S < LIFETIME_S, "a new leaf must not be renewed at once");
