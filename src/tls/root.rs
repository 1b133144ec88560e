//! The household's root, which its devices come to trust.

use std::{net::IpAddr, sync::Arc, time::Duration};

use data_encoding::HEXLOWER;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, PKCS_ECDSA_P256_SHA256,
};
use rustls::{
    CertificateError, RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier as _},
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{DAY_S, EARLIEST_S, Host, Leaf, TlsError, fingerprint, pem, valid_from};
use crate::model::Timestamp;

/// How long a root is valid: longer than the computer lasts. Making every device trust another one
/// is work for the whole family.
const LIFETIME_S: u64 = 20 * 365 * DAY_S;

/// Names that nobody on the internet can own: multicast DNS (RFC 6762), the computer itself (RFC
/// 6761), home networks (RFC 8375), `internal` (reserved by ICANN in 2024), and what routers
/// commonly call their network.
const HOME_NAMES: [&str; 6] = ["local", "localhost", "home.arpa", "internal", "lan", "fritz.box"];

/// Addresses that nobody on the internet can have: the computer itself, a network without a router
/// (RFC 3927, RFC 4291), and private ones (RFC 1918, RFC 4193).
const HOME_RANGES: [(&str, u8); 8] = [
    ("127.0.0.0", 8),
    ("10.0.0.0", 8),
    ("172.16.0.0", 12),
    ("192.168.0.0", 16),
    ("169.254.0.0", 16),
    ("::1", 128),
    ("fe80::", 10),
    ("fc00::", 7),
];

/// Whether those who read the root must understand what it may vouch for, or refuse it.
///
/// Old versions of iOS refused roots of which that is demanded, and newer ones could not be tried. If
/// they do so still, this is the way out: without constraints at all, whoever steals the root's key
/// can pass for any site before the devices that trust it.
const IS_CONSTRAINED: bool = true;

/// How a root's dates stand to a day.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Validity {
    /// It begins later: it was made while the clock was ahead.
    NotYet,
    /// It is good for so many more days; none once it has ended.
    Days(u64),
}

/// A root certificate with its key. Not `Debug`, not `Clone`: there is one key.
pub struct Root(pem::Pair);

impl Root {
    /// Makes a root that vouches for home networks, and for the name that this hub has.
    pub fn generate(name: &str, now: Timestamp) -> Result<Self, TlsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(TlsError::Certificate)?;
        let mut params = params(&key);
        if IS_CONSTRAINED {
            params.name_constraints = Some(constraints(name));
        }
        params.not_before = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(valid_from(now));
        params.not_after = params.not_before + Duration::from_secs(LIFETIME_S);
        let certificate = params.self_signed(&key).map_err(TlsError::Certificate)?;
        Ok(Self(pem::Pair { certificate: certificate.into(), key: key.into() }))
    }

    /// Takes back what [`Root::to_pem`] gave.
    pub fn from_pem(pem: &[u8]) -> Result<Self, TlsError> {
        let root = Self(pem::Pair::read(pem).ok_or(TlsError::NotARoot)?);
        root.issuer().map_err(|_of_another_kind| TlsError::NotARoot)?;
        Ok(root)
    }

    /// Returns certificate and key as text, for a file that nobody else may read.
    pub fn to_pem(&self) -> Zeroizing<String> {
        self.0.write()
    }

    /// Returns the certificate alone as text, for whoever is to trust it.
    pub fn certificate_pem(&self) -> String {
        pem::certificate(&self.0.certificate)
    }

    /// Returns the certificate in DER.
    pub fn certificate(&self) -> &[u8] {
        &self.0.certificate
    }

    /// Returns how devices that trust it look at its dates now. Leaves are made anew by themselves and a root
    /// never is, since every device would have to trust another.
    pub fn validity(&self, now: Timestamp) -> Validity {
        let now_s = u64::try_from(now.0).unwrap_or(0);
        match dates(&self.0.certificate) {
            // A clock that lost its time says nothing about the root.
            Some((from_s, _)) if now_s < from_s && EARLIEST_S <= now_s => Validity::NotYet,
            Some((_, until_s)) => Validity::Days(until_s.saturating_sub(now_s) / DAY_S),
            None => Validity::Days(0),
        }
    }

    /// Returns the SHA-256 of the certificate, which people compare.
    pub fn fingerprint(&self) -> [u8; 32] {
        fingerprint(&self.0.certificate)
    }

    /// Makes a leaf for these hosts.
    pub fn issue(&self, hosts: &[Host], now: Timestamp) -> Result<Leaf, TlsError> {
        let issuer = self.issuer().map_err(TlsError::Certificate)?;
        let leaf = Leaf::issue(&issuer, hosts, now)?;
        if hosts.iter().all(|host| leaf.stands_for(host, self)) {
            return Ok(leaf);
        }
        // One host too many spoils a leaf for all of them: each is tried alone.
        for host in hosts {
            if !Leaf::issue(&issuer, std::slice::from_ref(host), now)?.stands_for(host, self) {
                return Err(TlsError::NotVouchedFor { host: host.clone() });
            }
        }
        Err(TlsError::NotARoot)
    }

    /// Returns what signs. It says nothing that is not in the key, so none of it is read out of the
    /// certificate.
    fn issuer(&self) -> Result<Issuer<'static, KeyPair>, rcgen::Error> {
        let PrivateKeyDer::Pkcs8(key) = &self.0.key else {
            return Err(rcgen::Error::CouldNotParseKeyPair);
        };
        let key = PrivatePkcs8KeyDer::from(key.secret_pkcs8_der());
        let key = KeyPair::from_pkcs8_der_and_sign_algo(&key, &PKCS_ECDSA_P256_SHA256)?;
        Ok(Issuer::new(params(&key), key))
    }
}

/// Returns what a root with this key says, but for how long and for what.
fn params(key: &KeyPair) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = subject(key);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

/// Returns what the root is called in a device's list of those it trusts: no name of the family's,
/// and another for each, so that two hubs can be told from each other.
fn subject(key: &KeyPair) -> DistinguishedName {
    let digest = Sha256::digest(key.public_key_raw());
    let number = HEXLOWER.encode(digest.first_chunk::<4>().expect("SHA-256 has 32 bytes"));
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, format!("Hutch at home {number}"));
    subject
}

fn constraints(name: &str) -> NameConstraints {
    let is_home = HOME_NAMES.iter().any(|home| is_under(name, home));
    let names = HOME_NAMES.into_iter().chain((!is_home).then_some(name));
    let names = names.map(|name| GeneralSubtree::DnsName(name.to_owned()));
    let ranges = HOME_RANGES.map(|(network, prefix)| {
        let network: IpAddr = network.parse().expect("the list holds addresses");
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(network, prefix))
    });
    let permitted_subtrees = names.chain(ranges).collect();
    NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() }
}

/// Returns whether a root vouches for an address.
pub fn vouches_for(address: IpAddr) -> bool {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => (address.to_bits().into(), 32),
        IpAddr::V6(address) => (address.to_bits(), 128_u8),
    };
    let (wanted, n_bits) = bits(address);
    !IS_CONSTRAINED
        || HOME_RANGES.iter().any(|(network, prefix)| {
            let network: IpAddr = network.parse().expect("the list holds addresses");
            let differs: u128 = bits(network).0 ^ wanted;
            network.is_ipv4() == address.is_ipv4()
                && differs.checked_shr(u32::from(n_bits - prefix)).unwrap_or(0) == 0
        })
}

/// Returns the first and the last second at which a certificate is good, from 1970 on.
///
/// Nobody looks at the dates of what is trusted anyway but browsers. So it is held against itself as if it
/// were a leaf, at the two ends of time: the dates are what is looked at first.
fn dates(certificate: &CertificateDer<'_>) -> Option<(u64, u64)> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).ok()?;
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    let verifier = verifier.build().ok()?;
    let localhost = ServerName::try_from("localhost").ok()?;
    let refused = |at_s| {
        let at = UnixTime::since_unix_epoch(Duration::from_secs(at_s));
        match verifier.verify_server_cert(certificate, &[], &localhost, &[], at) {
            Err(rustls::Error::InvalidCertificate(why)) => Some(why),
            _ => None,
        }
    };
    match (refused(0)?, refused(u64::MAX)?) {
        (
            CertificateError::NotValidYetContext { not_before, .. },
            CertificateError::ExpiredContext { not_after, .. },
        ) => Some((not_before.as_secs(), not_after.as_secs())),
        _ => None,
    }
}

fn is_under(name: &str, home: &str) -> bool {
    name.strip_suffix(home).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
