//! What browsers are shown, and what a family is told to compare.

use std::{
    fs,
    process::{Command, Stdio},
};

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
