//! What browsers are shown, and what a family is told to compare.

use std::{
    fs,
    process::{Command, Stdio},
};

use data_encoding::{BASE64, HEXLOWER};
use hutch::model::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject as _};
use sha2::{Digest as _, Sha256};

use super::{Household, browser, text};

#[test]
fn a_damaged_or_missing_certificate_is_made_anew_under_the_same_root() {
    let household = Household::new();
    household.start().stop();
    let root = fs::read(household.state().join("tls-root.pem")).unwrap();
    fs::write(household.state().join("tls-names.pem"), "-----BEGIN CERTIFICATE-----\n").unwrap();
    fs::remove_file(household.state().join("tls-addresses.pem")).unwrap();

    let hub = household.start();

    let address = hub.asked().1;
    for name in ["localhost", "127.0.0.1"] {
        let page = browser(&root).get(address.replace("localhost", name)).call().unwrap();
        assert_eq!(page.status(), 200, "{name}");
    }
    assert_eq!(hub.log().matches("a new certificate").count(), 2, "{}", hub.log());
    assert!(fs::read(household.state().join("tls-root.pem")).unwrap() == root);
}

#[test]
fn a_damaged_root_is_told_and_kept_until_somebody_wants_another() {
    let household = Household::new();
    household.start().stop();
    let path = household.state().join("tls-root.pem");
    fs::write(&path, "-----BEGIN CERTIFICATE-----\n").unwrap();

    let complaint = household.start_in_vain();

    assert!(complaint.contains("tls-root.pem is damaged"), "{complaint}");
    assert!(complaint.contains("hutch trust new-root"), "{complaint}");
    assert_eq!(fs::read(&path).unwrap(), b"-----BEGIN CERTIFICATE-----\n");
    let mut command = household.command("trust new-root");
    let asked = command.stdin(Stdio::null()).output().unwrap();
    assert!(text(&asked.stderr).contains("say --yes"), "{}", text(&asked.stderr));
    assert!(path.exists(), "nobody agreed");
    let mut command = household.command("trust new-root");
    let done = command.arg("--yes").output().unwrap();
    assert!(done.status.success(), "{}", text(&done.stderr));
    let hub = household.start();
    let pem = fs::read(&path).unwrap();
    assert_eq!(browser(&pem).get(hub.asked().1).call().unwrap().status(), 200);
    hub.stop();
}

#[test]
fn a_root_that_was_lost_with_its_leaves_is_missed() {
    let household = Household::new();
    let hub = household.start();
    assert!(!hub.log().contains("root is gone"), "the first is nobody's loss: {}", hub.log());
    hub.stop();
    for file in ["tls-root.pem", "tls-names.pem", "tls-addresses.pem"] {
        fs::remove_file(household.state().join(file)).unwrap();
    }

    let hub = household.start();

    assert!(hub.log().contains("every device is to trust the hub anew"), "{}", hub.log());
    hub.stop();
}

#[test]
fn a_root_from_another_time_is_served_and_told_and_stays() {
    let household = Household::new();
    household.start().stop();
    let path = household.state().join("tls-root.pem");
    let own = fs::read_to_string(&path).unwrap();
    let this_year = i32::try_from(1970 + Timestamp::BUILT.0 / (365 * 24 * 60 * 60)).unwrap();
    for (first, last, told) in [
        (this_year + 2, this_year + 22, "begins on a later day"),
        (this_year - 22, this_year - 2, "has ended"),
    ] {
        let root = root_of_years(&own, first, last);
        fs::write(&path, &root).unwrap();

        let hub = household.start();

        assert!(hub.log().contains(told), "{}", hub.log());
        assert!(fs::read_to_string(&path).unwrap() == root, "it is not made anew by itself");
        let doctor = text(&household.command("doctor").output().unwrap().stdout);
        assert!(doctor.contains(told) && doctor.contains("hutch trust new-root"), "{doctor}");
        hub.stop();
    }
}

/// Returns a root of these years, with the key and the name of another.
fn root_of_years(pem: &str, first: i32, last: i32) -> String {
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap();
    let key = KeyPair::try_from(&key).unwrap();
    let number = HEXLOWER.encode(&Sha256::digest(key.public_key_raw())[..4]);
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, format!("Hutch at home {number}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.not_before = rcgen::date_time_ymd(first, 1, 1);
    params.not_after = rcgen::date_time_ymd(last, 1, 1);
    let certificate = params.self_signed(&key).unwrap();
    let part = |label: &str, der: &[u8]| {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", BASE64.encode(der))
    };
    part("CERTIFICATE", certificate.der()) + &part("PRIVATE KEY", &key.serialize_der())
}

#[test]
fn a_running_hub_gets_another_root_and_stays_where_it_is() {
    let household = Household::new();
    let hub = household.start();
    let path = household.state().join("tls-root.pem");
    let (before, address) = (fs::read(&path).unwrap(), hub.asked().1);
    let asks = |subcommand: &str, options: &[&str]| {
        let done = household.command(subcommand).args(options).output().unwrap();
        assert!(done.status.success(), "{}", text(&done.stderr));
        text(&done.stdout)
    };
    let shown = asks("fingerprint", &[]);

    let told = asks("trust new-root", &["--yes"]);

    assert!(told.contains("There is another root"), "{told}");
    let (pem, shown_now) = (fs::read(&path).unwrap(), asks("fingerprint", &[]));
    assert!(pem != before && shown_now != shown && told.ends_with(&shown_now), "{told}");
    assert_eq!(browser(&pem).get(&address).call().unwrap().status(), 200);
    assert!(browser(&before).get(&address).call().is_err());
    assert!(!hub.log().contains("guardians do not see"), "{}", hub.log());
    hub.stop();
    assert_eq!(asks("fingerprint", &[]), shown_now, "the folder says the same");
}

#[test]
fn a_fingerprint_is_that_of_what_a_browser_is_shown() {
    let household = Household::new();
    let hub = household.start();
    let address = hub.asked().1;
    let done = household.command("fingerprint").output().unwrap();
    let shown = text(&done.stdout);
    for file in ["tls-root.pem", "tls-names.pem", "tls-addresses.pem"] {
        let pem = household.state().join(file);
        let openssl = Command::new("openssl")
            .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
            .arg(&pem)
            .output()
            .unwrap();
        let whole = text(&openssl.stdout);
        let (_, pairs) = whole.trim().split_once('=').unwrap();
        let (first, second) = pairs.split_at(16 * 3);
        assert!(shown.contains(first.trim_end_matches(':')) && shown.contains(second), "{shown}");
    }
    assert_eq!(address, hub.asked().1);
    hub.stop();
}

#[test]
fn a_name_that_the_root_does_not_vouch_for_is_refused_until_there_is_another_root() {
    let household = Household::new();
    household.start().stop();
    let with_name = |name: &'static str| {
        move |command: &mut Command| {
            command.env("HUTCH_NAME", name);
        }
    };

    household.start_with(with_name("toys.lan")).stop();
    let complaint = household.start_in_vain_with(with_name("toys.example.org"));

    assert!(complaint.contains("does not vouch for toys.example.org"), "{complaint}");
    assert!(complaint.contains("hutch trust new-root"), "{complaint}");
    let done = household.command("trust new-root").arg("--yes").output().unwrap();
    assert!(done.status.success(), "{}", text(&done.stderr));
    household.start_with(with_name("toys.example.org")).stop();
    let mut garbled = household.command("serve");
    let refused = garbled.env("HUTCH_NAME", "hutch").output().unwrap();
    assert!(
        text(&refused.stderr).contains("HUTCH_NAME must be a name"),
        "{}",
        text(&refused.stderr)
    );
}

#[test]
fn what_a_device_installs_from_the_page_lets_it_in_by_name_and_by_address() {
    let household = Household::new();
    let hub = household.start();
    let address = hub.asked().1;
    let by_address = address.replace("localhost", "127.0.0.1");
    // Nobody trusts anything yet.
    let stranger = ureq::tls::TlsConfig::builder().disable_verification(true).build();
    let stranger: ureq::Agent =
        ureq::Agent::config_builder().tls_config(stranger).build().new_agent();
    let ask = |path: &str| {
        let mut answer = stranger.get(format!("{address}{path}")).call().unwrap();
        answer.body_mut().read_to_vec().unwrap()
    };

    let root = ask("/trust/hutch-root.crt");

    let trusting = || browser(pem_of(&root).as_bytes());
    for place in [&address, &by_address] {
        assert_eq!(trusting().get(place).call().unwrap().status(), 200, "{place}");
    }
    let shown: serde_json::Value = serde_json::from_slice(&ask("/api/v1/trust")).unwrap();
    let places: Vec<_> = shown["places"].as_array().unwrap().iter().map(|at| &at["url"]).collect();
    assert_eq!(places[..2], [address.as_str(), by_address.as_str()]);
    let fingerprint = shown["fingerprints"]["root"].as_str().unwrap().to_ascii_uppercase();
    let printed = text(&household.command("fingerprint").output().unwrap().stdout);
    let printed: String = printed.chars().filter(char::is_ascii_hexdigit).collect();
    assert!(printed.contains(&fingerprint), "{printed}");

    let renewed = household.command("trust new-root").arg("--yes").output().unwrap();

    assert!(renewed.status.success(), "{}", text(&renewed.stderr));
    assert!(ask("/trust/hutch-root.crt") != root, "there is another to install");
    hub.stop();
}

/// Writes a certificate as text, by other means than the hub does.
fn pem_of(der: &[u8]) -> String {
    let base64 = data_encoding::BASE64_MIME.encode(der).replace('\r', "");
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", base64.trim_end())
}
