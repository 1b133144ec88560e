//! The server on a real socket, over real TLS.

use std::{
    io::{Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::Command,
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use hutch::{
    clock::{Clock as _, SystemClock},
    http::{self, Admission, Hosts, Limits, Options},
    tls::{Host, Root, Serving},
};
use rustix::net::{self, AddressFamily, SocketType};
use rustls::{
    ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, StreamOwned, crypto::ring,
    pki_types::CertificateDer,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::support::{Shown, TestHub, wav};

struct Server {
    address: SocketAddr,
    certificate: CertificateDer<'static>,
    token: String,
    stop: CancellationToken,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

type Connection = StreamOwned<ClientConnection, TcpStream>;

impl Server {
    fn start(limits: Limits) -> Self {
        Self::start_at("127.0.0.1:0", limits)
    }

    fn start_at(address: &str, limits: Limits) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let now = SystemClock.now();
        let root = Root::generate("localhost", now).unwrap();
        let certificate = CertificateDer::from(root.certificate().to_vec());
        let [names, addresses] =
            ["localhost", "127.0.0.1"].map(|host| root.issue(&[Host::from(host)], now).unwrap());
        let tls = Serving::new(&names, &addresses).unwrap().config().unwrap();
        let (inside, outside) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            run(listener, tls, limits, |token, stop| inside.send((token, stop)).unwrap())
        });
        let (token, stop) = outside.recv().unwrap();
        Self { address, certificate, token, stop, thread: Some(thread) }
    }

    fn agent(&self) -> ureq::Agent {
        let root = Certificate::from_der(&self.certificate).to_owned();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(vec![root])))
            .disable_verification(false)
            .build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        config.into()
    }

    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    /// Comes in by the printed URL and returns the cookie.
    fn cookie(&self) -> String {
        let opened = self.agent().get(self.url(&format!("/open?token={}", self.token)));
        let opened = opened.call().unwrap();
        assert_eq!(opened.status(), 303);
        let cookie = opened.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// A connection that trusts the certificate and nothing else.
    fn connect(
        &self,
        versions: &[&'static rustls::SupportedProtocolVersion],
        alpn: &[&[u8]],
    ) -> Connection {
        self.encrypt(TcpStream::connect(self.address).unwrap(), versions, alpn)
    }

    fn encrypt(
        &self,
        socket: TcpStream,
        versions: &[&'static rustls::SupportedProtocolVersion],
        alpn: &[&[u8]],
    ) -> Connection {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        let name = "localhost".try_into().unwrap();
        let client = ClientConnection::new(Arc::new(config), name).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        StreamOwned::new(client, socket)
    }

    fn host(&self) -> String {
        format!("localhost:{}", self.address.port())
    }

    fn stop(mut self) -> std::io::Result<()> {
        self.stop.cancel();
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::main(flavor = "current_thread")]
async fn run(
    listener: TcpListener,
    tls: rustls::ServerConfig,
    limits: Limits,
    tell: impl FnOnce(String, CancellationToken),
) -> std::io::Result<()> {
    let house = TestHub::demo().await;
    let hosts = Hosts::loopback(listener.local_addr()?.port());
    let admission = Admission::default();
    let trusted = Arc::<Shown>::default();
    let options = Options { hosts, admission, trusted, limits, stop: house.stop.clone() };
    tell(house.token.clone(), house.stop.clone());
    http::serve([listener], tls, house.hub.clone(), options).await
}

/// Reads until the server closes or the text has come.
fn read_until(connection: &mut Connection, text: &str) -> String {
    let mut whole = Vec::new();
    let mut piece = [0; 1024];
    while let Ok(n_bytes) = connection.read(&mut piece) {
        whole.extend_from_slice(&piece[..n_bytes]);
        let so_far = String::from_utf8_lossy(&whole);
        if n_bytes == 0 || so_far.contains(text) {
            return so_far.into_owned();
        }
    }
    String::from_utf8_lossy(&whole).into_owned()
}

#[test]
fn a_browser_that_trusts_the_certificate_comes_in_and_sends() {
    let server = Server::start(Limits::default());
    let cookie = server.cookie();
    let agent = server.agent();

    let children = agent.get(server.url("/api/v1/children")).header("cookie", &cookie);
    let children: serde_json::Value = children.call().unwrap().body_mut().read_json().unwrap();
    let child = children["children"][0]["id"].as_str().unwrap();
    let sent = agent
        .post(server.url(&format!("/api/v1/children/{child}/messages")))
        .header("cookie", &cookie)
        .header("origin", server.url(""))
        .header("content-type", "audio/wav")
        .send(&wav(40_000))
        .unwrap();

    assert_eq!(sent.status(), 201);
    assert_eq!(agent.get(server.url("/")).call().unwrap().status(), 200);
    assert_eq!(agent.get(server.url("/api/v1/children")).call().unwrap().status(), 401);
    let address = format!("https://{}/", server.address);
    assert_eq!(agent.get(address).call().unwrap().status(), 200);
}

#[test]
fn a_browser_that_does_not_trust_the_certificate_gets_nothing() {
    let server = Server::start(Limits::default());
    let stranger = ureq::Agent::new_with_defaults();

    assert!(stranger.get(server.url("/")).call().is_err());
}

#[test]
fn speaks_http_2_and_both_versions_of_tls() {
    let server = Server::start(Limits::default());

    for (version, number) in [
        (&rustls::version::TLS13, ProtocolVersion::TLSv1_3),
        (&rustls::version::TLS12, ProtocolVersion::TLSv1_2),
    ] {
        let mut connection = server.connect(&[version], &[b"h2", b"http/1.1"]);
        connection.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();
        let mut head = [0; 9];
        connection.read_exact(&mut head).unwrap();

        assert_eq!(connection.conn.alpn_protocol(), Some(&b"h2"[..]));
        assert_eq!(connection.conn.protocol_version(), Some(number));
        assert_eq!(head[3], 4, "the first frame is SETTINGS");
    }
}

/// One request is not enough to stay: the head of the next must come to its end, too.
#[test]
fn a_second_request_that_does_not_come_to_its_end_is_cut_off() {
    let limits = Limits { keep_alive: Duration::from_secs(1), ..Limits::default() };
    let server = Server::start(limits);
    let mut connection = server.connect(&[&rustls::version::TLS13], &[b"http/1.1"]);
    let request = format!("GET /api/v1/children HTTP/1.1\r\nhost: {}\r\n\r\n", server.host());
    connection.write_all(request.as_bytes()).unwrap();
    let answer = read_until(&mut connection, "not_signed_in");
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");

    let started = Instant::now();
    while connection.write_all(b"x").and_then(|()| connection.flush()).is_ok() {
        assert!(started.elapsed() < Duration::from_secs(20), "it is still open");
        std::thread::sleep(Duration::from_millis(200));
    }

    // It was not idle when it would have been sent away for that.
    assert!(Duration::from_secs(4) < started.elapsed(), "{:?}", started.elapsed());
}

#[test]
fn what_is_sent_without_its_length_is_refused_and_the_connection_ends() {
    let server = Server::start(Limits::default());
    let mut connection = server.connect(&[&rustls::version::TLS13], &[b"http/1.1"]);
    let head = format!(
        "POST /api/v1/sessions HTTP/1.1\r\nhost: {0}\r\norigin: https://{0}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        server.host()
    );

    connection.write_all(format!("{head}2\r\n{{}}\r\n0\r\n\r\n").as_bytes()).unwrap();

    let answer = read_until(&mut connection, "no such text, so all of it");
    assert!(answer.starts_with("HTTP/1.1 411 ") && answer.contains("no_length"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
}

#[test]
fn head_has_no_body() {
    let server = Server::start(Limits::default());
    let whole = server.agent().get(server.url("/")).call().unwrap();
    let mut head = server.agent().head(server.url("/")).call().unwrap();

    assert_eq!(head.status(), 200);
    assert_eq!(head.headers()["content-length"], whole.headers()["content-length"]);
    assert_eq!(head.headers()["etag"], whole.headers()["etag"]);
    assert_eq!(head.body_mut().read_to_vec().unwrap().len(), 0);
}

#[test]
fn a_sender_that_falls_silent_is_cut_off_with_an_answer() {
    let limits = Limits { grace: Duration::from_millis(50), ..Limits::default() };
    let server = Server::start(limits);
    let cookie = server.cookie();
    let children = server.agent().get(server.url("/api/v1/children")).header("cookie", &cookie);
    let children: serde_json::Value = children.call().unwrap().body_mut().read_json().unwrap();
    let child = children["children"][0]["id"].as_str().unwrap();

    let mut connection = server.connect(&[&rustls::version::TLS13], &[b"http/1.1"]);
    let host = server.host();
    let request = format!(
        "POST /api/v1/children/{child}/messages HTTP/1.1\r\nhost: {host}\r\n\
         origin: https://{host}\r\ncookie: {cookie}\r\ncontent-type: audio/wav\r\n\
         content-length: 1000000\r\n\r\nRIFF"
    );
    connection.write_all(request.as_bytes()).unwrap();
    let answer = read_until(&mut connection, "\n never \n");

    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("\"error\":\"too_slow\""), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
}

#[test]
fn stops_with_an_event_stream_open() {
    let server = Server::start(Limits::default());
    let cookie = server.cookie();
    let mut connection = server.connect(&[&rustls::version::TLS13], &[b"http/1.1"]);
    let host = server.host();
    let request =
        format!("GET /api/v1/events HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\n\r\n");
    connection.write_all(request.as_bytes()).unwrap();
    let greeting = read_until(&mut connection, "event: hello");
    assert!(greeting.contains("event: hello"), "{greeting}");

    let address = server.address;
    server.stop().unwrap();

    let rest = read_until(&mut connection, "\n never \n");
    assert!(!rest.contains("event:"), "{rest}");
    assert!(TcpStream::connect(address).is_err());
}

/// Connects from this address to that one, if it may.
pub(crate) fn connect_from(from: IpAddr, to: SocketAddr) -> Option<TcpStream> {
    let family = if to.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = net::socket(family, SocketType::STREAM, None).unwrap();
    net::bind(&socket, &SocketAddr::new(from, 0)).unwrap();
    net::connect(&socket, &to).ok()?;
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    Some(stream)
}

/// Whether it was closed, before anything was said by either side.
fn is_closed(mut stream: &TcpStream) -> bool {
    matches!(stream.read(&mut [0]), Ok(0))
}

/// Whoever is at home can try to keep the others out by taking every connection there is.
#[test]
fn one_device_that_connects_without_end_keeps_nobody_out() {
    let server = Server::start(Limits::default());
    let greedy: Vec<TcpStream> = (0..200)
        .map(|_| connect_from(Ipv4Addr::new(127, 0, 0, 2).into(), server.address).unwrap())
        .collect();

    let n_closed = greedy.iter().filter(|stream| is_closed(stream)).count();
    assert!(100 < n_closed, "{n_closed} were closed without a byte");
    let page = server.agent().get(server.url("/")).config();
    let page = page.timeout_global(Some(Duration::from_secs(5))).build().call().unwrap();
    assert_eq!(page.status(), 200);
    drop(greedy);
}

#[test]
fn whoever_is_not_at_home_is_closed_without_a_byte() {
    // A network of its own has whatever addresses the test gives it. Who is not root needs to be it
    // in there.
    let own_network = |arguments: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(arguments).arg(std::env::current_exe().unwrap());
        let inside = "http_server::inside_a_network_of_its_own";
        command.args(["--exact", inside, "--ignored", "--nocapture"]).output().unwrap()
    };
    let is_root = rustix::process::geteuid().is_root();

    let ran = own_network(if is_root { &["--net"] } else { &["--net", "--map-root-user"] });

    let (out, error) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success() && out.contains("1 passed"), "{out}\n{error}");
}

#[test]
#[ignore = "the test above runs it where it may change addresses"]
fn inside_a_network_of_its_own() {
    let ip = |arguments: &str| {
        let done = Command::new("ip").args(arguments.split(' ')).status().unwrap();
        assert!(done.success(), "ip {arguments}");
    };
    ip("link set lo up");
    for address in ["192.168.77.1", "192.168.77.7", "203.0.113.1", "203.0.113.7"] {
        ip(&format!("addr add {address}/32 dev lo"));
    }
    for address in ["fd00::1", "fd00::7", "2001:db8::1", "2001:db8::7"] {
        ip(&format!("addr add {address}/128 dev lo"));
    }
    // One socket for both: IPv4 comes over it as IPv6.
    let server = Server::start_at("[::]:0", Limits::default());
    let connect = |from: &str, to: &str| {
        let to = SocketAddr::new(to.parse().unwrap(), server.address.port());
        connect_from(from.parse().unwrap(), to).unwrap()
    };

    for (from, to) in [("192.168.77.7", "192.168.77.1"), ("fd00::7", "fd00::1")] {
        let socket = connect(from, to);
        let mut connection = server.encrypt(socket, &[&rustls::version::TLS13], &[b"http/1.1"]);
        let host = server.host();
        write!(connection, "GET / HTTP/1.1\r\nhost: {host}\r\n\r\n").unwrap();
        let answer = read_until(&mut connection, "\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{from} to {to}: {answer}");
    }
    for (from, to) in [
        ("203.0.113.7", "192.168.77.1"),
        ("192.168.77.7", "203.0.113.1"),
        ("203.0.113.7", "203.0.113.1"),
        ("2001:db8::7", "fd00::1"),
        ("fd00::7", "2001:db8::1"),
        ("2001:db8::7", "2001:db8::1"),
    ] {
        assert!(is_closed(&connect(from, to)), "{from} to {to}");
    }
}
