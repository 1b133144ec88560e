//! Somebody in the house wants every connection there is, and the owner comes in all the same.
//!
//! Addresses of the loopback network stand for devices. Each test has a hub with as few open files as
//! a system gives a service, and measures what it costs in memory.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    sync::{Mutex, MutexGuard, PoisonError},
};

use rustix::process::{Resource, Rlimit, getrlimit, prlimit, setrlimit};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::time::Instant;

use super::*;
use crate::http_server::connect_from;

/// How soon the owner must see the page, whatever others do.
const SOON: Duration = Duration::from_secs(1);
/// What systemd and most shells give a program.
const HUB_FILES: u64 = 1_024;
/// What this program needs for ten thousand connections.
const OWN_FILES: u64 = 12_000;
/// What of its files the hub needs for other things than connections: the database, the toys.
const OTHER_FILES: usize = 64;
/// As many connections as there may be.
const SEATS: usize = 256;
/// As many with those that are on their way in or out.
const OPEN: usize = 512;
/// As many from one address.
const SHARE: usize = 64;
/// What the memory may grow by, whatever comes: for each connection the head of a request, of at most
/// 128 KiB in a buffer that doubles as it grows, and a record of TLS each way.
const GROWTH_BYTES: u64 = 256 * (2 * 128 + 2 * 16) * 1_024;

type Encrypted = StreamOwned<ClientConnection, TcpStream>;

/// A hub, and what others need to reach it.
struct House {
    hub: Hub,
    at: SocketAddr,
    page: String,
    root: Vec<u8>,
    tls: Arc<ClientConfig>,
    resident_bytes: u64,
    _turn: MutexGuard<'static, ()>,
    /// Goes last.
    _household: Household,
}

/// One at a time, or they would measure each other.
static TURN: Mutex<()> = Mutex::new(());

impl House {
    fn new() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let household = Household::new();
        let hub = household.start_with(|command| {
            command.env("HUTCH_LOG", "warn,hutch::hub::accounts=debug");
        });
        // It measures once what a password costs, which takes more memory than anything else.
        while !hub.log().contains("measured a password") {
            thread::sleep(Duration::from_millis(50));
        }
        let files = Rlimit { current: Some(HUB_FILES), maximum: Some(HUB_FILES) };
        prlimit(Some(Pid::from_child(&hub.process)), Resource::Nofile, files).unwrap();
        // This program needs more of them than the hub. Only root may raise what it may have at most.
        let own = getrlimit(Resource::Nofile);
        let most = own.maximum.map(|most| most.max(OWN_FILES));
        let raised = Rlimit { current: most, maximum: most };
        setrlimit(Resource::Nofile, raised)
            .or_else(|_of_others| {
                setrlimit(Resource::Nofile, Rlimit { current: own.maximum, ..own })
            })
            .unwrap();
        let page = hub.asked().1.replace("localhost", "127.0.0.1");
        let at = page.strip_prefix("https://").unwrap().parse().unwrap();
        let root = fs::read(household.state().join("tls-root.pem")).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(&root).unwrap()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut house = Self {
            hub,
            at,
            page,
            root,
            tls: Arc::new(tls),
            resident_bytes: 0,
            _turn: turn,
            _household: household,
        };
        house.owner_comes();
        house.forget_memory();
        house
    }

    /// The owner opens the page, from an address that nobody else has. Other tests may keep the machine
    /// busy, but not three times one after the other.
    #[track_caller]
    fn owner_comes(&self) {
        let mut times = [Duration::ZERO; 3];
        for took in &mut times {
            let started = Instant::now();
            let page = browser(&self.root).get(&self.page).call();
            assert_eq!(page.unwrap().status(), 200);
            *took = started.elapsed();
            if *took < SOON {
                return;
            }
        }
        panic!("the owner had to wait {times:?}");
    }

    /// Makes the first guardian, and returns the cookie.
    fn set_up(&mut self) -> String {
        let body = serde_json::json!({
            "code": self.hub.code(),
            "name": "Anna",
            "password": "correct-horse-battery-staple-moss",
        });
        let post = browser(&self.root).post(format!("{}/api/v1/setup", self.page));
        let answer = post.header("origin", &self.page).send_json(&body).unwrap();
        assert_eq!(answer.status(), 201);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        // Passwords cost memory on purpose.
        self.forget_memory();
        cookie
    }

    fn plain(&self, device: u8) -> Option<TcpStream> {
        connect_from(Ipv4Addr::new(127, 7, 0, device).into(), self.at)
    }

    fn encrypted(&self, device: u8, alpn: &[u8]) -> Option<Encrypted> {
        let mut tls = (*self.tls).clone();
        tls.alpn_protocols = vec![alpn.to_vec()];
        let name = ServerName::IpAddress(IpAddr::from(Ipv4Addr::LOCALHOST).into());
        let mut client = ClientConnection::new(Arc::new(tls), name).unwrap();
        let mut stream = self.plain(device)?;
        // Whoever gets no seat is closed meanwhile.
        client.complete_io(&mut stream).ok()?;
        Some(StreamOwned::new(client, stream))
    }

    fn status(&self, what: &str) -> u64 {
        let status = format!("/proc/{}/status", self.hub.process.id());
        let status = fs::read_to_string(status).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1_024
    }

    /// Begins to measure: what was needed before counts no more.
    fn forget_memory(&mut self) {
        fs::write(format!("/proc/{}/clear_refs", self.hub.process.id()), "5").unwrap();
        self.resident_bytes = self.status("VmRSS:");
    }

    /// Holds what the hub needed at most to the bar, as well as its open files.
    #[track_caller]
    fn ends_bounded(self) {
        let grew = self.status("VmHWM:").saturating_sub(self.resident_bytes);
        assert!(grew <= GROWTH_BYTES, "it grew by {grew} bytes");
        let files = fs::read_dir(format!("/proc/{}/fd", self.hub.process.id())).unwrap().count();
        assert!(files <= OPEN + OTHER_FILES, "{files} files are open");
        self.owner_comes();
        let log = self.hub.log();
        assert!(!log.contains("panicked"), "{log}");
        self.hub.stop();
    }
}

/// Whether the other side has closed it by now, with or without a word before.
fn is_closed(mut stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    loop {
        match stream.read(&mut [0; 1_024]) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
            Err(_) => return true,
        }
    }
}

fn n_open<'a>(streams: impl IntoIterator<Item = &'a TcpStream>) -> usize {
    streams.into_iter().filter(|stream| !is_closed(stream)).count()
}

/// Waits until all of them are closed.
#[track_caller]
fn are_closed_within(limit: Duration, streams: &[&TcpStream]) {
    let started = Instant::now();
    while 0 < n_open(streams.iter().copied()) {
        assert!(started.elapsed() < limit, "{} are open", n_open(streams.iter().copied()));
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn ten_thousand_connections_that_say_nothing_keep_nobody_out() {
    let house = House::new();
    // Each is a file here as well.
    let files = usize::try_from(getrlimit(Resource::Nofile).current.unwrap()).unwrap();
    let n_wanted = 10_000;
    assert!(n_wanted + 512 <= files, "only {files} files may be open here: see ulimit -Hn");

    let mut greedy = Vec::new();
    for n in 0..n_wanted {
        greedy.extend(house.plain((n % 250).try_into().unwrap()));
        if n % 500 == 499 {
            house.owner_comes();
        }
    }

    assert!(n_wanted * 9 / 10 < greedy.len(), "the kernel took {} of them", greedy.len());
    thread::sleep(Duration::from_millis(500));
    let n_open = n_open(&greedy);
    assert!(n_open <= SEATS, "{n_open} are open");
    house.owner_comes();
    drop(greedy);
    house.ends_bounded();
}

#[test]
fn four_devices_that_take_every_seat_give_one_up_for_the_owner() {
    let house = House::new();
    let greedy: Vec<TcpStream> =
        (0..4 * SHARE).map(|n| house.plain((n / SHARE).try_into().unwrap()).unwrap()).collect();
    // The hub takes them as soon as it comes to them.
    thread::sleep(Duration::from_millis(200));
    assert_eq!(n_open(&greedy), SEATS, "all seats are taken");

    house.owner_comes();

    assert_eq!(n_open(&greedy), SEATS - 1, "one was given up, and by none but the greedy");
    drop(greedy);
    house.ends_bounded();
}

#[test]
fn a_handshake_that_does_not_end_is_ended() {
    let house = House::new();
    let mut greedy: Vec<TcpStream> =
        (0..4 * SHARE).map(|n| house.plain((n / SHARE).try_into().unwrap()).unwrap()).collect();

    // A record of 16 KiB is announced, of which the beginning comes.
    for stream in &mut greedy {
        stream.write_all(&[0x16, 3, 1, 0x3F, 0xFF, 1, 0, 0x3F, 0xFB, 3, 3]).unwrap();
    }
    for _ in 0..10 {
        house.owner_comes();
    }

    are_closed_within(Duration::from_secs(8), &greedy.iter().collect::<Vec<_>>());
    house.ends_bounded();
}

#[test]
fn heads_of_requests_that_do_not_end_are_ended() {
    let house = House::new();
    let mut greedy: Vec<Encrypted> = (0..4 * SHARE)
        .filter_map(|n| house.encrypted((n / SHARE).try_into().unwrap(), b"http/1.1"))
        .collect();
    assert!(SEATS / 2 < greedy.len(), "{} came in", greedy.len());
    let beginning = format!("GET / HTTP/1.1\r\nhost: {}\r\nx-long: ", house.at);
    let long = "x".repeat(126 << 10);

    for (n, stream) in greedy.iter_mut().enumerate() {
        drop(stream.write_all(beginning.as_bytes()));
        // Every other one says all at once what is not refused yet.
        if n % 2 == 0 {
            drop(stream.write_all(long.as_bytes()));
        }
    }
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(4) {
        house.owner_comes();
        for stream in &mut greedy {
            drop(stream.write_all(b"x"));
        }
        thread::sleep(Duration::from_secs(1));
    }

    let sockets: Vec<&TcpStream> = greedy.iter().map(|stream| &stream.sock).collect();
    are_closed_within(Duration::from_secs(6), &sockets);
    house.ends_bounded();
}

#[test]
fn answers_that_nobody_reads_keep_nobody_out() {
    let house = House::new();
    let mut greedy: Vec<Encrypted> = (0..2 * SHARE)
        .filter_map(|n| house.encrypted((n / SHARE).try_into().unwrap(), b"http/1.1"))
        .collect();
    assert!(SHARE < greedy.len(), "{} came in", greedy.len());

    // Far more than the kernel keeps for somebody.
    let asks = format!("GET / HTTP/1.1\r\nhost: {}\r\n\r\n", house.at).repeat(4_000);
    for stream in &mut greedy {
        stream.sock.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
        drop(stream.write_all(asks.as_bytes()));
    }
    for _ in 0..5 {
        house.owner_comes();
        thread::sleep(Duration::from_secs(1));
    }

    drop(greedy);
    house.ends_bounded();
}

#[test]
fn a_head_that_is_too_long_is_refused() {
    let house = House::new();
    let mut stream = house.encrypted(1, b"http/1.1").unwrap();
    let beginning = format!("GET / HTTP/1.1\r\nhost: {}\r\nx-long: ", house.at);
    let long = "x".repeat(256 << 10);

    drop(stream.write_all(beginning.as_bytes()));
    drop(stream.write_all(long.as_bytes()));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));

    let answer = text(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    house.ends_bounded();
}

#[test]
fn sounds_that_arrive_by_single_bytes_are_cut_off() {
    let mut house = House::new();
    let cookie = house.set_up();
    let mia = serde_json::json!({ "name": "Mia", "animal": "bear", "color": "plum" });
    let post = browser(&house.root).post(format!("{}/api/v1/children", house.page));
    let post = post.header("origin", &house.page).header("cookie", &cookie);
    let mia: serde_json::Value = post.send_json(&mia).unwrap().body_mut().read_json().unwrap();
    let child = mia["id"].as_str().unwrap();
    let head = format!(
        "POST /api/v1/children/{child}/messages HTTP/1.1\r\n\
         host: {0}\r\norigin: https://{0}\r\ncookie: {cookie}\r\ncontent-type: audio/wav\r\n\
         content-length: 30000000\r\n\r\nRIFF",
        house.at
    );
    let mut greedy: Vec<Encrypted> = (0..2 * SHARE)
        .filter_map(|n| house.encrypted((n / SHARE).try_into().unwrap(), b"http/1.1"))
        .collect();
    assert_eq!(greedy.len(), 2 * SHARE);

    for stream in &mut greedy {
        stream.write_all(head.as_bytes()).unwrap();
    }
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(8) {
        house.owner_comes();
        // The first says no more, so as to hear what it is told.
        for stream in &mut greedy[1..] {
            drop(stream.write_all(b"x"));
        }
        thread::sleep(Duration::from_secs(1));
    }

    let told = says(&mut greedy[0], "too_slow");
    assert!(told.contains("too_slow"), "it is told {told}");
    let sockets: Vec<&TcpStream> = greedy.iter().map(|stream| &stream.sock).collect();
    are_closed_within(Duration::from_secs(10), &sockets);
    house.ends_bounded();
}

#[test]
fn a_thousand_event_streams_of_few_devices_keep_nobody_out() {
    let mut house = House::new();
    let cookie = house.set_up();
    let wants =
        format!("GET /api/v1/events HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\n\r\n", house.at);

    let mut streams = Vec::new();
    for n in 0..1_000_usize {
        let Some(mut stream) = house.encrypted((n / 250).try_into().unwrap(), b"http/1.1") else {
            continue;
        };
        if stream.write_all(wants.as_bytes()).is_ok()
            && says(&mut stream, "event: hello").contains("event: hello")
        {
            streams.push(stream);
        }
        if n % 100 == 99 {
            house.owner_comes();
        }
    }

    let n_open = n_open(streams.iter().map(|stream| &stream.sock));
    assert!(SEATS - 16 < n_open && n_open <= SEATS, "{n_open} of {} are open", streams.len());
    drop(streams);
    house.ends_bounded();
}

/// Returns what it says until it has said this or is closed.
fn says(stream: &mut Encrypted, wanted: &str) -> String {
    let mut whole = Vec::new();
    let mut piece = [0; 1_024];
    while let Ok(n_bytes) = stream.read(&mut piece) {
        whole.extend_from_slice(&piece[..n_bytes]);
        if n_bytes == 0 || text(&whole).contains(wanted) {
            break;
        }
    }
    text(&whole)
}

#[test]
fn a_thousand_event_streams_over_few_connections_keep_nobody_out() {
    let mut house = House::new();
    let cookie = house.set_up();
    let authority = house.at.to_string();
    // Names by their numbers in HPACK's own table (RFC 7541, appendix A).
    let mut asks = vec![0x82, 0x87];
    for (name, value) in
        [(&[0x01_u8][..], &*authority), (&[0x04], "/api/v1/events"), (&[0x0F, 0x11], &cookie)]
    {
        asks.extend([name, &[value.len().try_into().unwrap()], value.as_bytes()].concat());
    }
    let ends_stream_and_headers = 0x05;

    let mut connections: Vec<Encrypted> =
        (0..16).map(|device| house.encrypted(device, b"h2").unwrap()).collect();
    for connection in &mut connections {
        connection.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();
        for n in 0..63_u32 {
            let length = u32::try_from(asks.len()).unwrap().to_be_bytes();
            let stream = (2 * n + 1).to_be_bytes();
            let head = [&length[1..], &[1, ends_stream_and_headers], &stream].concat();
            connection.write_all(&[&head[..], &asks].concat()).unwrap();
        }
        house.owner_comes();
    }
    for connection in &mut connections {
        let mut n_hellos = 0;
        let mut whole = Vec::new();
        while n_hellos < 63 {
            let mut piece = [0; 1_024];
            let n_bytes = connection.read(&mut piece).unwrap();
            assert_ne!(n_bytes, 0, "{n_hellos} came");
            whole.extend_from_slice(&piece[..n_bytes]);
            n_hellos = text(&whole).matches("event: hello").count();
        }
    }

    house.owner_comes();
    drop(connections);
    house.ends_bounded();
}
