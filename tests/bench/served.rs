//! How fast a recording is served, compared with nginx.
//!
//! Both answer a range of 100 kB over TLS with a key of the same type, from one worker, to the same
//! client with connections that are kept. Hutch looks up who asks, and opens the recording, each
//! time; nginx sends a file.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use hutch::{
    audio::wav,
    clock::{Clock as _, SystemClock},
    tls::{Host, Root},
};

use crate::{
    Bar, Figure,
    demo::{Demo, fetch},
    sound::speech,
};

const N_BYTES: usize = 100_000;
/// Long enough for more than so many bytes.
const MESSAGE_S: usize = 39;
/// Both have their turn in each round: on a machine with other work the rate of either goes up and down
/// by a third within seconds, and the middle one of the rounds' ratios hardly does.
const N_ROUNDS: usize = 9;
const ROUND: &str = "2s";

pub(crate) fn recording() -> Vec<Figure> {
    vec![Figure {
        what: "a recording of 100 kB over TLS, compared with nginx and the same bytes in a file",
        bar: Bar::TimesAsFast(0.5),
        value: measure(),
    }]
}

fn measure() -> Option<f64> {
    let demo = Demo::start()?;
    let (url, cookie) = demo.message(&wav::write(&speech_of(MESSAGE_S)))?;
    let folder = tempfile::tempdir().ok()?;
    let sound = fetch(&url, &cookie)?;
    assert!(N_BYTES <= sound.len(), "{} bytes are too few", sound.len());
    let peer = Nginx::start(folder.path(), &sound)?;

    let mut ratios = Vec::new();
    for _ in 0..N_ROUNDS {
        let theirs = rate(&peer.url, "")?;
        let ours = rate(&url, &cookie)?;
        eprintln!("hutch {ours:.0}/s, nginx {theirs:.0}/s");
        ratios.push(ours / theirs);
    }
    ratios.sort_by(f64::total_cmp);
    ratios.get(N_ROUNDS / 2).copied()
}

fn speech_of(seconds: usize) -> hutch::audio::Pcm {
    let mut pcm = speech();
    let whole = pcm.samples.clone();
    let n_samples = seconds * usize::try_from(pcm.rate).unwrap();
    pcm.samples = whole.into_iter().cycle().take(n_samples).collect();
    pcm
}

/// Returns how many answers a second wrk gets, if all are good.
fn rate(url: &str, cookie: &str) -> Option<f64> {
    let range = format!("Range: bytes=0-{}", N_BYTES - 1);
    let cookie = format!("Cookie: {cookie}");
    let wrk = Command::new("wrk")
        .args(["-t", "1", "-c", "8", "-d", ROUND, "-H", &range, "-H", &cookie, url])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&wrk.stdout);
    if said.contains("Non-2xx") || said.contains("Socket errors") {
        eprintln!("{said}");
        return None;
    }
    said.lines().find_map(|line| line.strip_prefix("Requests/sec:"))?.trim().parse().ok()
}

/// A running nginx; it ends with this value.
struct Nginx {
    child: Child,
    url: String,
}

impl Nginx {
    fn start(folder: &Path, sound: &[u8]) -> Option<Self> {
        // A certificate as Hutch makes its own.
        let now = SystemClock.now();
        let root = Root::generate("localhost", now).ok()?;
        let leaf = root.issue(&[Host::from("localhost")], now).ok()?;
        fs::write(folder.join("tls.pem"), leaf.to_pem().as_bytes()).ok()?;
        fs::write(folder.join("sound.ogg"), sound).ok()?;
        // Free a moment ago; nginx cannot say which one it took.
        let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
        let at = folder.display();
        let settings = format!(
            "daemon off; master_process off; pid {at}/pid; error_log {at}/error;\n\
             events {{ worker_connections 64; }}\n\
             http {{\n\
                 access_log off; sendfile on; keepalive_requests 10000000;\n\
                 client_body_temp_path {at}/body; proxy_temp_path {at}/proxy;\n\
                 fastcgi_temp_path {at}/fastcgi; uwsgi_temp_path {at}/uwsgi;\n\
                 scgi_temp_path {at}/scgi;\n\
                 server {{\n\
                     listen 127.0.0.1:{port} ssl; root {at};\n\
                     ssl_certificate {at}/tls.pem; ssl_certificate_key {at}/tls.pem;\n\
                 }}\n\
             }}\n"
        );
        let file = folder.join("nginx.conf");
        fs::write(&file, settings).ok()?;
        let program = std::env::var("HUTCH_NGINX").unwrap_or_else(|_not_set| "nginx".to_owned());
        let child = Command::new(program)
            .arg("-p")
            .arg(folder)
            .arg("-c")
            .arg(&file)
            .arg("-e")
            .arg(folder.join("error"))
            .stdin(Stdio::null())
            .spawn()
            .ok()?;
        let nginx = Self { child, url: format!("https://127.0.0.1:{port}/sound.ogg") };
        let is_up = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
        (0..100)
            .any(|_| {
                is_up() || {
                    thread::sleep(Duration::from_millis(50));
                    false
                }
            })
            .then_some(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
