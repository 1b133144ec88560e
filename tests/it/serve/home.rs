//! A hub in a home network, whose addresses come and go.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{IpAddr, SocketAddr, TcpListener, TcpStream},
    process::Command,
    thread::sleep,
    time::Duration,
};

use hutch::control::{Answer, Request, SOCKET, ask};

use super::{Household, Hub, PATIENCE, browser, text};

/// How long the hub may take until it is served where the computer has moved to.
const MOVES_WITHIN: Duration = Duration::from_secs(5);
const LOOKS_EVERY: Duration = Duration::from_millis(50);

/// Runs one of the tests below in a network of its own, which has whatever addresses it gives it.
/// Who is not root needs to be it in there.
#[track_caller]
fn in_a_network_of_its_own(test: &str) {
    let is_root = rustix::process::geteuid().is_root();
    let ran = Command::new("unshare")
        .args(if is_root { &["--net"][..] } else { &["--net", "--map-root-user"] })
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("serve::home::{test}"), "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let (out, error) = (text(&ran.stdout), text(&ran.stderr));
    assert!(ran.status.success() && out.contains("1 passed"), "{out}\n{error}");
}

#[track_caller]
fn ip(arguments: &str) {
    let done = Command::new("ip").args(arguments.split(' ')).status().unwrap();
    assert!(done.success(), "ip {arguments}");
}

/// A cable with nobody at its other end.
fn plug_in() {
    ip("link add home type veth peer name away");
    ip("link set away up");
    ip("link set home up");
}

fn places(hub: &Hub) -> Vec<String> {
    match ask(&hub.run.join(SOCKET), &Request::SetupCode) {
        Ok(Answer::SetupCode { places, .. }) => places,
        Ok(_) => panic!("that is another answer"),
        Err(error) => panic!("{error}; its log: {}", hub.log()),
    }
}

fn port(hub: &Hub) -> u16 {
    places(hub)[0].rsplit(':').next().unwrap().parse().unwrap()
}

/// Waits until people are told these hosts, and no others, as long as that may take.
#[track_caller]
fn moves_to(hub: &Hub, hosts: &[&str]) {
    let port = port(hub);
    let expected: Vec<String> = hosts.iter().map(|host| format!("https://{host}:{port}")).collect();
    // Looking takes time as well, so this is no longer than allowed by much.
    let looks = MOVES_WITHIN.as_millis() / LOOKS_EVERY.as_millis();
    if !(0..looks).any(|_| {
        places(hub) == expected || {
            sleep(LOOKS_EVERY);
            false
        }
    }) {
        panic!("{:?}; {}", places(hub), hub.log());
    }
}

/// What comes back over a connection without TLS.
fn told(to: SocketAddr, request: &str) -> String {
    let mut connection = TcpStream::connect(to).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    // Whoever is not let in may be cut off.
    drop(connection.read_to_string(&mut answer));
    answer
}

#[test]
fn the_page_follows_the_addresses_of_the_computer() {
    in_a_network_of_its_own("inside_where_addresses_change");
}

#[test]
#[ignore = "the test above runs it where it may change addresses"]
fn inside_where_addresses_change() {
    ip("link set lo up");
    let household = Household::new();
    // As a computer starts whose router is not up yet.
    let hub = household.start_with(|command| {
        command.env_remove("HUTCH_LISTEN");
    });
    let port = port(&hub);
    moves_to(&hub, &["localhost", "127.0.0.1", "[::1]"]);
    let root = fs::read(household.state().join("tls-root.pem")).unwrap();
    let open = |host: &str| {
        let page = browser(&root).get(format!("https://{host}:{port}/")).call();
        page.map(|page| page.status().as_u16()).ok()
    };

    plug_in();
    ip("addr add 192.168.77.1/24 dev home");
    ip("addr add 203.0.113.1/24 dev home");
    ip("addr add 2001:db8::1/64 dev home nodad");
    moves_to(&hub, &["hutch.local", "192.168.77.1"]);
    assert_eq!(open("192.168.77.1"), Some(200));
    assert_eq!(open("127.0.0.1"), Some(200));
    for elsewhere in ["203.0.113.1", "[2001:db8::1]"] {
        assert_eq!(open(elsewhere), None, "{elsewhere}");
        let at = format!("{elsewhere}:{port}").parse().unwrap();
        assert_eq!(told(at, "GET / HTTP/1.1\r\nhost: hutch.local\r\n\r\n"), "");
    }
    let issue = || fs::read_to_string(household.run().join("issue")).unwrap();
    assert!(issue().contains(&format!("or https://192.168.77.1:{port}\n")), "{}", issue());

    ip("addr del 192.168.77.1/24 dev home");
    ip("addr add 10.7.0.1/16 dev home");
    moves_to(&hub, &["hutch.local", "10.7.0.1"]);
    ip("addr add fd00:7::1/64 dev home nodad");
    moves_to(&hub, &["hutch.local", "10.7.0.1", "[fd00:7::1]"]);
    assert_eq!((open("10.7.0.1"), open("[fd00:7::1]")), (Some(200), Some(200)));
    assert!(issue().contains(&format!("or https://10.7.0.1:{port}\n")), "{}", issue());

    ip("link del home");
    moves_to(&hub, &["localhost", "127.0.0.1", "[::1]"]);
    plug_in();
    ip("addr add 10.7.0.1/16 dev home");
    moves_to(&hub, &["hutch.local", "10.7.0.1"]);
    assert_eq!(open("10.7.0.1"), Some(200));
    let made = hub.log().matches("a new certificate").count();
    assert_eq!(made, 5, "two at the start, and one at each new address: {}", hub.log());

    ip("addr del 10.7.0.1/16 dev home");
    // The address that every interface has by itself cannot be typed.
    moves_to(&hub, &["hutch.local"]);
    hub.stop();
}

#[test]
fn without_tls_a_browser_is_sent_to_the_page_and_nothing_else_is_done() {
    let household = Household::new();
    let hub = household.start();
    let at = SocketAddr::new(IpAddr::from([127, 0, 0, 1]), port(&hub));

    let answer = told(at, "GET /?a=b HTTP/1.1\r\nhost: localhost\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 307 "), "{answer}");
    let to = format!("\r\nlocation: https://localhost:{}/?a=b\r\n", at.port());
    assert!(answer.contains(&to), "{answer}");
    let answer = told(at, "GET / HTTP/1.1\r\nhost: evil.example\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 421 "), "{answer}");
    let answer = told(at, "POST /api/v1/sessions HTTP/1.1\r\nhost: localhost\r\n\r\n{}");
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    hub.stop();
}

#[test]
fn sockets_of_the_service_manager_are_served_over_a_factory_reset() {
    let sockets = ["127.0.0.1:0", "127.0.0.2:0"].map(|at| TcpListener::bind(at).unwrap());
    let ports = sockets.each_ref().map(|socket| socket.local_addr().unwrap().port());
    // As a child of this process gets them: without the flag that closes them.
    let inherited = sockets.each_ref().map(|socket| rustix::io::dup(socket).unwrap());
    let [first, second] = inherited.each_ref().map(std::os::fd::AsRawFd::as_raw_fd);
    let household = Household::new();

    let hub = household.start_with(|command| {
        let mut inner = Command::new("bash");
        let script =
            format!("LISTEN_PID=$$ LISTEN_FDS=2 exec \"$0\" \"$@\" 3<&{first} 4<&{second}");
        inner.arg("-c").arg(script).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => inner.env(name, value),
                None => inner.env_remove(name),
            };
        }
        let output = |path: &str| fs::File::create(household.dir.path().join(path)).unwrap();
        inner.stdout(output("stdout")).stderr(output("stderr")).stdin(std::process::Stdio::null());
        *command = inner;
    });

    assert_eq!(port(&hub), ports[0]);
    let opens = || {
        let root = fs::read(household.state().join("tls-root.pem")).unwrap();
        let page = browser(&root).get(format!("https://127.0.0.1:{}/", ports[0])).call().unwrap();
        page.status().as_u16() == 200
    };
    assert!(opens());
    let at = SocketAddr::new(IpAddr::from([127, 0, 0, 2]), ports[1]);
    let answer = told(at, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
    assert!(answer.contains(&format!("location: https://localhost:{}/\r\n", ports[0])), "{answer}");
    let erased = household.command("erase --household --yes").output().unwrap();
    assert!(erased.status.success(), "{}", text(&erased.stderr));
    assert!(opens(), "at the same sockets");
    hub.stop();
}
