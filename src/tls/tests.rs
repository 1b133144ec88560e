use std::{net::IpAddr, sync::Arc, time::Duration};

use proptest::prelude::*;
use rustls::{
    CipherSuite, ClientConfig, ClientConnection, RootCertStore, ServerConnection,
    SupportedCipherSuite,
    crypto::ring,
    pki_types::{ServerName, UnixTime},
    time_provider::TimeProvider,
};

use super::*;

/// Any day after that on which this was built.
const NOW: Timestamp = Timestamp::BUILT.after(150 * 86_400);
const DAY: i64 = 24 * 60 * 60;

fn hosts(names: &[&str]) -> Vec<Host> {
    names.iter().map(|name| Host::from(*name)).collect()
}

fn root() -> Root {
    Root::generate("hutch.local", NOW).unwrap()
}

fn by_name() -> Vec<Host> {
    hosts(&["hutch.local", "localhost"])
}

fn by_address() -> Vec<Host> {
    hosts(&["127.0.0.1", "::1", "192.168.1.20", "fe80::1"])
}

/// Shows what these hosts need, all under one root.
fn serving(root: &Root) -> Arc<Serving> {
    let names = root.issue(&by_name(), NOW).unwrap();
    let addresses = root.issue(&by_address(), NOW).unwrap();
    Serving::new(&names, &addresses).unwrap()
}

#[derive(Debug)]
struct At(Timestamp);

impl TimeProvider for At {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(self.0.0.try_into().unwrap())))
    }
}

/// Connects to whoever serves like this, and returns the certificate that was shown if a client that
/// trusts this root takes it.
fn connect(
    serving: &Arc<Serving>,
    root: &Root,
    host: &str,
    at: Timestamp,
) -> Result<Vec<u8>, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root.certificate().to_vec())).unwrap();
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_details(provider, Arc::new(At(at)))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let host = ServerName::try_from(host.to_owned()).unwrap();
    let mut client = ClientConnection::new(Arc::new(config), host).unwrap();
    let config = Arc::clone(serving).config().unwrap();
    let mut server = ServerConnection::new(Arc::new(config)).unwrap();
    while client.is_handshaking() {
        let mut bytes = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut bytes).unwrap();
        }
        server.read_tls(&mut bytes.as_slice()).unwrap();
        server.process_new_packets()?;
        let mut bytes = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut bytes).unwrap();
        }
        let mut bytes = bytes.as_slice();
        while !bytes.is_empty() {
            client.read_tls(&mut bytes).unwrap();
            client.process_new_packets()?;
        }
    }
    Ok(client.peer_certificates().unwrap()[0].to_vec())
}

#[test]
fn a_name_is_answered_with_the_leaf_for_names_and_an_address_with_the_other() {
    let root = root();
    let serving = serving(&root);

    let by_name =
        ["hutch.local", "localhost"].map(|name| connect(&serving, &root, name, NOW).unwrap());
    let by_address = ["127.0.0.1", "::1", "192.168.1.20", "fe80::1"]
        .map(|address| connect(&serving, &root, address, NOW).unwrap());

    assert!(by_name.iter().all(|shown| *shown == by_name[0]));
    assert!(by_address.iter().all(|shown| *shown == by_address[0]));
    assert_ne!(by_name[0], by_address[0]);
}

#[test]
fn another_household_is_not_believed() {
    let serving = serving(&root());

    assert!(connect(&serving, &root(), "hutch.local", NOW).is_err());
}

#[test]
fn a_new_leaf_is_shown_from_then_on() {
    let root = root();
    let serving = serving(&root);
    let before = connect(&serving, &root, "192.168.1.20", NOW).unwrap();
    let names = connect(&serving, &root, "hutch.local", NOW).unwrap();
    let moved = root.issue(&hosts(&["10.0.0.7"]), NOW).unwrap();

    serving.put_addresses(&moved).unwrap();

    assert_eq!(connect(&serving, &root, "10.0.0.7", NOW).unwrap(), moved.certificate());
    assert_ne!(before, moved.certificate());
    assert!(connect(&serving, &root, "192.168.1.20", NOW).is_err());
    assert_eq!(connect(&serving, &root, "hutch.local", NOW).unwrap(), names);
}

#[test]
fn the_root_vouches_for_home_networks_only() {
    let root = root();
    let home = [
        "hutch.local",
        "a.b.local",
        "localhost",
        "hutch.home.arpa",
        "hutch.internal",
        "hutch.lan",
        "hutch.fritz.box",
        "10.1.2.3",
        "172.31.255.1",
        "192.168.0.1",
        "169.254.3.4",
        "127.0.0.1",
        "::1",
        "fd00::1",
        "fe80::1",
    ];
    let is_vouched_for = |host: &str| host.parse().map(vouches_for).ok();
    for host in home {
        assert!(root.issue(&hosts(&[host]), NOW).is_ok(), "{host}");
        assert_ne!(is_vouched_for(host), Some(false), "{host}");
    }
    let elsewhere = [
        "example.com",
        "bank.example",
        "local.example.com",
        "hutchlocal",
        "fritz.box.example",
        "8.8.8.8",
        "172.32.0.1",
        "192.169.0.1",
        "2001:db8::1",
        "2000::1",
    ];
    for host in elsewhere {
        let refused = root.issue(&hosts(&["hutch.local", host]), NOW);
        let Err(TlsError::NotVouchedFor { host: named }) = refused else {
            panic!("{host} is vouched for");
        };
        assert_eq!(named.to_string(), host);
        assert_ne!(is_vouched_for(host), Some(true), "{host}");
    }
}

#[test]
fn the_name_that_the_hub_has_when_the_root_is_made_is_vouched_for() {
    let root = Root::generate("toys.example.org", NOW).unwrap();

    assert!(root.issue(&hosts(&["toys.example.org", "hutch.local"]), NOW).is_ok());
    assert!(root.issue(&hosts(&["example.org"]), NOW).is_err());
    let refused = root.issue(&hosts(&["other.example.org"]), NOW).err().unwrap();
    assert!(refused.to_string().contains("hutch trust new-root"), "{refused}");
}

#[test]
fn the_root_says_that_what_it_vouches_for_must_be_understood() {
    let root = root();

    // Name constraints (2.5.29.30), critical.
    let constraints = [0x06, 3, 0x55, 0x1D, 30, 0x01, 1, 0xFF];
    assert!(root.certificate().windows(8).any(|window| window == constraints));
    // Basic constraints: an issuer, of leaves only.
    let basic =
        [0x06, 3, 0x55, 0x1D, 19, 0x01, 1, 0xFF, 0x04, 8, 0x30, 6, 0x01, 1, 0xFF, 0x02, 1, 0];
    assert!(root.certificate().windows(basic.len()).any(|window| window == basic));
}

#[test]
fn a_leaf_holds_its_hosts_and_no_others() {
    let root = root();
    let holds = |leaf: &Leaf, part: &[u8]| {
        leaf.certificate().windows(part.len()).any(|window| window == part)
    };

    let names = root.issue(&by_name(), NOW).unwrap();
    assert!(holds(&names, b"\x82\x0bhutch.local"));
    assert!(holds(&names, b"\x82\x09localhost"));
    assert!(!holds(&names, &[0x87, 4, 127, 0, 0, 1]));
    let addresses = root.issue(&by_address(), NOW).unwrap();
    assert!(holds(&addresses, &[0x87, 4, 192, 168, 1, 20]));
    assert!(!holds(&addresses, b"local"));
}

#[test]
fn every_household_has_another_root() {
    let (one, other) = (root(), root());

    assert_ne!(one.fingerprint(), other.fingerprint());
    let name = b"Hutch at home ";
    let called = |root: &Root| {
        let at = root.certificate().windows(name.len()).position(|window| window == name).unwrap();
        root.certificate()[at..at + name.len() + 8].to_vec()
    };
    assert_ne!(called(&one), called(&other));
}

#[test]
fn offers_modern_ciphers_and_http_2_first() {
    let config = serving(&root()).config().unwrap();

    assert_eq!(config.alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
    assert!(config.ticketer.enabled());
    // A key of tickets is used for six hours, and opens old ones for six more.
    assert_eq!(config.ticketer.lifetime(), 12 * 60 * 60);
    for suite in &config.crypto_provider().cipher_suites {
        let name = format!("{:?}", suite.suite());
        assert!(name.contains("GCM") || name.contains("CHACHA20_POLY1305"), "{name}");
        if let SupportedCipherSuite::Tls12(_) = suite {
            assert!(name.contains("ECDHE"), "{name}");
        }
    }
    let suites: Vec<CipherSuite> =
        config.crypto_provider().cipher_suites.iter().map(SupportedCipherSuite::suite).collect();
    assert!(suites.contains(&CipherSuite::TLS13_CHACHA20_POLY1305_SHA256));
}

#[test]
fn both_are_the_same_again_out_of_their_files() {
    let root = root();
    let leaf = root.issue(&by_name(), NOW).unwrap();

    let root_again = Root::from_pem(root.to_pem().as_bytes()).unwrap();
    let leaf_again = Leaf::from_pem(leaf.to_pem().as_bytes(), &root, &by_name(), NOW).unwrap();

    assert_eq!(root_again.fingerprint(), root.fingerprint());
    assert_eq!(leaf_again.fingerprint(), leaf.fingerprint());
    assert!(root_again.to_pem() == root.to_pem() && leaf_again.to_pem() == leaf.to_pem());
    let later = root_again.issue(&by_name(), NOW).unwrap();
    assert!(later.serves(&root, &by_name(), NOW), "it goes on as the same root");
    assert!(!root.certificate_pem().contains("KEY"));
    assert_eq!(fingerprint_of_pem(root.certificate_pem().as_bytes()).unwrap(), root.fingerprint());
}

#[test]
fn a_leaf_is_renewed_30_days_before_its_end() {
    let root = root();
    let pem = root.issue(&by_name(), NOW).unwrap().to_pem();
    let after_days = |days: i64| {
        Leaf::from_pem(pem.as_bytes(), &root, &by_name(), NOW.after(days * DAY)).is_some()
    };

    assert!(after_days(365 - 30 - 30 - 1));
    assert!(!after_days(365 - 30 - 30 + 1));
    assert!(!after_days(1_000));
}

#[test]
fn a_clock_that_lost_its_time_costs_no_certificate() {
    let root = root();
    let leaf = root.issue(&by_name(), NOW).unwrap();

    for then in [0, -1, i64::MIN, 1_000_000_000] {
        assert!(leaf.serves(&root, &by_name(), Timestamp(then)), "{then}");
    }
    // The hosts are looked at all the same.
    assert!(!leaf.serves(&root, &hosts(&["toys.local"]), Timestamp(0)));
}

#[test]
fn what_is_made_by_a_clock_that_lost_its_time_is_good_when_it_is_right_again() {
    let then = Timestamp(0);
    let root = Root::generate("hutch.local", then).unwrap();
    let names = root.issue(&by_name(), then).unwrap();
    let addresses = root.issue(&by_address(), then).unwrap();
    let serving = Serving::new(&names, &addresses).unwrap();

    // Whoever built it lived in a time that was right.
    for days in [0, 1, 200, 300] {
        let at = Timestamp::BUILT.after(days * DAY);
        assert!(connect(&serving, &root, "hutch.local", at).is_ok(), "{days}");
    }
}

#[test]
fn what_is_made_by_a_clock_that_was_ahead_is_made_anew() {
    let root = root();
    let ahead = root.issue(&by_name(), NOW.after(20 * 365 * DAY)).unwrap();

    assert!(!ahead.serves(&root, &by_name(), NOW));
}

#[test]
fn a_leaf_is_made_anew_for_other_hosts_another_root_and_a_damaged_file() {
    let root = root();
    let pem = root.issue(&by_name(), NOW).unwrap().to_pem();
    let other = root.issue(&by_name(), NOW).unwrap().to_pem();
    let end = "-----END CERTIFICATE-----\n";
    let at = pem.find(end).unwrap() + end.len();
    let mixed = format!("{}{}", &pem[..at], &other[at..]);
    let take = |pem: &str, names: &[&str]| {
        Leaf::from_pem(pem.as_bytes(), &root, &hosts(names), NOW).is_some()
    };

    assert!(take(&pem, &["localhost"]));
    assert!(!take(&pem, &["localhost", "127.0.0.1"]));
    assert!(!take(&pem, &["toys.local"]));
    assert!(!take(&pem, &["no name"]));
    assert!(!take(&mixed, &["localhost"]), "the key of another certificate");
    assert!(!take(&pem[..pem.len() / 2], &["localhost"]));
    assert!(!take("", &["localhost"]));
    let stranger = self::root();
    assert!(Leaf::from_pem(pem.as_bytes(), &stranger, &by_name(), NOW).is_none());
}

#[test]
fn a_damaged_root_is_none() {
    let (one, other) = (root().to_pem(), root().to_pem());
    let end = "-----END CERTIFICATE-----\n";
    let at = one.find(end).unwrap() + end.len();

    for pem in ["", &one[..at], &one[at..], &format!("{}{}", &one[..at], &other[at..])] {
        assert!(matches!(Root::from_pem(pem.as_bytes()), Err(TlsError::NotARoot)));
    }
}

#[test]
fn the_dates_of_a_root_are_known() {
    let root = root();

    let days = |at: Timestamp| root.validity(at);
    // It began 30 days before it was made, and is good for 20 years.
    assert_eq!(days(NOW), Validity::Days(20 * 365 - 30));
    assert_eq!(days(NOW.after((20 * 365 - 31) * DAY)), Validity::Days(1));
    assert_eq!(days(NOW.after((20 * 365 - 30) * DAY)), Validity::Days(0));
    assert_eq!(days(NOW.after(40 * 365 * DAY)), Validity::Days(0));
    assert_eq!(days(NOW.after(-31 * DAY)), Validity::NotYet);
    assert!(matches!(days(Timestamp(0)), Validity::Days(_)), "the clock has lost its time");
    let ahead = Root::generate("hutch.local", NOW.after(14 * 365 * DAY)).unwrap();
    assert_eq!(ahead.validity(NOW), Validity::NotYet);
    let again = Root::from_pem(ahead.to_pem().as_bytes()).unwrap();
    assert_eq!(again.validity(NOW), Validity::NotYet);
}

proptest! {
    #[test]
    fn any_bytes_are_a_certificate_or_none(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Root::from_pem(&bytes).is_err());
        prop_assert!(Leaf::from_pem(&bytes, &root(), &by_name(), NOW).is_none());
        prop_assert!(fingerprint_of_pem(&bytes).is_err());
    }

    #[test]
    fn any_clock_makes_certificates(now in any::<i64>()) {
        let root = Root::generate("hutch.local", Timestamp(now)).unwrap();
        prop_assert!(root.issue(&by_name(), Timestamp(now)).is_ok());
    }

    #[test]
    fn any_private_address_is_vouched_for(a in any::<u8>(), b in any::<u8>(), c in any::<u8>()) {
        let address = IpAddr::from([10, a, b, c]);
        prop_assert!(root().issue(&[Host::Address(address)], NOW).is_ok());
    }
}
