//! Clients that others wrote, and what they make of the certificates of a running hub.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    client::{Resumption, WebPkiServerVerifier, danger::ServerCertVerifier as _},
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};

use super::*;

/// A household whose hub runs.
struct House {
    hub: Hub,
    household: Household,
    /// Where its page is: `127.0.0.1` with a port.
    at: String,
}

impl House {
    fn new() -> Self {
        let household = Household::new();
        let hub = household.start();
        let at = hub.asked().1.replace("https://localhost", "127.0.0.1");
        Self { hub, household, at }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.household.state().join(name)
    }

    /// Makes another root on the running hub, and other leaves with it.
    fn new_root(&self) {
        let done = self.household.command("trust new-root").arg("--yes").output().unwrap();
        assert!(done.status.success(), "{}", text(&done.stderr));
    }

    /// Connects with `openssl s_client`, asks for the page, and returns all that is said.
    fn s_client(&self, arguments: &[&str]) -> Output {
        let mut client = Command::new("openssl");
        client.args(["s_client", "-connect", &self.at, "-ign_eof"]).args(arguments);
        client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut client = client.spawn().unwrap();
        let ask = format!("GET / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.at);
        // One that is refused reads nothing.
        drop(client.stdin.take().unwrap().write_all(ask.as_bytes()));
        client.wait_with_output().unwrap()
    }
}

fn openssl(arguments: &[&str]) -> Output {
    Command::new("openssl").args(arguments).output().unwrap()
}

/// Whether `openssl verify` takes a certificate of a server for this host, as strictly as it can.
fn openssl_takes(root: &Path, leaf: &Path, host: &str) -> bool {
    let kind =
        if host.parse::<std::net::IpAddr>().is_ok() { "-verify_ip" } else { "-verify_hostname" };
    let (root, leaf) = (root.to_str().unwrap(), leaf.to_str().unwrap());
    let purpose = ["verify", "-x509_strict", "-purpose", "sslserver", kind, host];
    let verified = openssl(&[&purpose[..], &["-CAfile", root, leaf]].concat());
    verified.status.success()
}

/// Whether webpki takes it.
fn webpki_takes(root: &Path, leaf: &Path, host: &str) -> bool {
    let read = |path| CertificateDer::from_pem_file(path).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(read(root)).unwrap();
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let verifier = verifier.build().unwrap();
    verifier.verify_server_cert(&read(leaf), &[], &name, &[], UnixTime::now()).is_ok()
}

/// Has the household's root sign whatever a thief of its key likes.
fn forge(house: &House, host: &str) -> PathBuf {
    let file = |end: &str| house.household.dir.path().join(format!("forged.{end}"));
    let paths = ["key", "csr", "ext", "pem"].map(|end| file(end).to_str().unwrap().to_owned());
    let [key, csr, extensions, leaf] = paths.each_ref().map(String::as_str);
    let kind = if host.parse::<std::net::IpAddr>().is_ok() { "IP" } else { "DNS" };
    let says = format!(
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n\
         extendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\nsubjectAltName={kind}:{host}\n"
    );
    fs::write(extensions, says).unwrap();
    let curve = "ec_paramgen_curve:prime256v1";
    let asked = openssl(&[
        "req",
        "-new",
        "-newkey",
        "ec",
        "-pkeyopt",
        curve,
        "-nodes",
        "-subj",
        "/O=forged",
        "-keyout",
        key,
        "-out",
        csr,
    ]);
    assert!(asked.status.success(), "{}", text(&asked.stderr));
    let root = house.file("tls-root.pem");
    let root = root.to_str().unwrap();
    let signed = openssl(&[
        "x509",
        "-req",
        "-in",
        csr,
        "-CA",
        root,
        "-CAkey",
        root,
        "-days",
        "9",
        "-set_serial",
        "77",
        "-extfile",
        extensions,
        "-out",
        leaf,
    ]);
    assert!(signed.status.success(), "{}", text(&signed.stderr));
    file("pem")
}

#[test]
fn two_others_take_the_leaves_as_they_are() {
    let house = House::new();
    let root = house.file("tls-root.pem");

    for (file, hosts) in [
        ("tls-names.pem", ["localhost", "hutch.local"]),
        ("tls-addresses.pem", ["127.0.0.1", "::1"]),
    ] {
        for host in hosts {
            assert!(openssl_takes(&root, &house.file(file), host), "OpenSSL: {host}");
            assert!(webpki_takes(&root, &house.file(file), host), "webpki: {host}");
        }
        for host in ["hutch.lan", "192.168.1.2"] {
            assert!(!openssl_takes(&root, &house.file(file), host), "OpenSSL: {host}");
            assert!(!webpki_takes(&root, &house.file(file), host), "webpki: {host}");
        }
    }
}

#[test]
fn two_others_refuse_what_a_thief_of_the_root_makes_for_the_internet() {
    let house = House::new();
    let root = house.file("tls-root.pem");

    for host in ["toys.local", "192.168.1.2"] {
        let leaf = forge(&house, host);
        assert!(openssl_takes(&root, &leaf, host), "OpenSSL: {host}");
        assert!(webpki_takes(&root, &leaf, host), "webpki: {host}");
    }
    let elsewhere = [
        "example.com",
        "hutch.local.example.com",
        "localhost.example.com",
        "notlocal",
        "8.8.8.8",
        "172.32.0.1",
        "2001:db8::1",
    ];
    for host in elsewhere {
        let leaf = forge(&house, host);
        assert!(!openssl_takes(&root, &leaf, host), "OpenSSL: {host}");
        assert!(!webpki_takes(&root, &leaf, host), "webpki: {host}");
    }
}

#[test]
fn openssl_comes_in_by_name_and_by_address_over_both_versions_of_tls() {
    let house = House::new();
    let root = house.file("tls-root.pem");
    let trusts = ["-CAfile", root.to_str().unwrap(), "-x509_strict", "-verify_return_error"];

    for version in ["-tls1_2", "-tls1_3"] {
        for calls in [
            ["-servername", "localhost", "-verify_hostname", "localhost"].as_slice(),
            ["-noservername", "-verify_ip", "127.0.0.1"].as_slice(),
        ] {
            let came =
                house.s_client(&[&trusts[..], &[version, "-alpn", "http/1.1"], calls].concat());
            let said = text(&came.stdout);
            assert!(said.contains("Verify return code: 0 (ok)"), "{version} {calls:?}: {said}");
            assert!(said.contains("HTTP/1.1 200 OK"), "{version} {calls:?}: {said}");
        }
        // It asks in HTTP/1, which is no HTTP/2: only what was agreed counts.
        let agreed = house.s_client(&[&trusts[..], &[version, "-alpn", "h2,http/1.1"]].concat());
        assert!(text(&agreed.stdout).contains("ALPN protocol: h2"), "{}", text(&agreed.stdout));
    }
    let by_the_other = ["-noservername", "-verify_hostname", "localhost"];
    let refused = house.s_client(&[&trusts[..], &by_the_other].concat());
    assert!(!refused.status.success(), "the leaf for addresses is not for names");
    for version in ["-tls1", "-tls1_1"] {
        let old = house.s_client(&[&trusts[..], &[version, "-cipher", "ALL@SECLEVEL=0"]].concat());
        assert!(!old.status.success(), "{version}");
    }
}

#[test]
fn a_session_is_resumed_after_the_leaves_were_made_anew() {
    let house = House::new();
    let session = house.household.dir.path().join("session");
    let session = session.to_str().unwrap();

    for version in ["-tls1_2", "-tls1_3"] {
        let first = house.s_client(&[version, "-alpn", "http/1.1", "-sess_out", session]);
        assert!(text(&first.stdout).contains("\nNew, "), "{}", text(&first.stdout));
        let shown = fs::read(house.file("tls-addresses.pem")).unwrap();
        house.new_root();
        assert!(fs::read(house.file("tls-addresses.pem")).unwrap() != shown);

        let second = house.s_client(&[version, "-alpn", "http/1.1", "-sess_in", session]);

        let said = text(&second.stdout);
        assert!(said.contains("\nReused, "), "{version}: {said}");
        assert!(said.contains("HTTP/1.1 200 OK"), "{version}: {said}");
    }
}

#[test]
fn a_connection_outlives_the_root_under_which_it_began() {
    let house = House::new();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(house.file("tls-root.pem")).unwrap()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    // Each is to look at what is shown.
    tls.resumption = Resumption::disabled();
    let tls = Arc::new(tls);
    let connect = || {
        let client = ClientConnection::new(Arc::clone(&tls), "localhost".try_into().unwrap());
        let stream = TcpStream::connect(&house.at).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        StreamOwned::new(client.unwrap(), stream)
    };
    let asks = |connection: &mut StreamOwned<ClientConnection, TcpStream>| {
        let ask = format!("GET /api/v1/me HTTP/1.1\r\nhost: {}\r\n\r\n", house.at);
        connection.write_all(ask.as_bytes())?;
        let mut answer = Vec::new();
        let mut piece = [0; 1_024];
        while !text(&answer).contains("not_signed_in") {
            let n_bytes = connection.read(&mut piece)?;
            assert_ne!(n_bytes, 0, "{}", text(&answer));
            answer.extend_from_slice(&piece[..n_bytes]);
        }
        std::io::Result::Ok(())
    };
    let mut connection = connect();
    asks(&mut connection).unwrap();

    house.new_root();

    asks(&mut connection).unwrap();
    assert!(asks(&mut connect()).is_err(), "whoever comes now must trust the new root");
    house.hub.stop();
}
