//! The web server that Hutch is compared with, and how.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use hutch::{
    clock::{Clock as _, SystemClock},
    tls::{Host, Root},
};

/// Both have their turn in each round: on a machine with other work the rate of either goes up and down
/// by a third within seconds, and the middle one of the rounds' ratios hardly does.
const N_ROUNDS: usize = 9;
/// How long either works in a round.
pub(crate) const ROUND: Duration = Duration::from_secs(2);

/// Returns the middle one of the rounds' ratios.
pub(crate) fn middle_of_ratios(
    ours: impl Fn() -> Option<f64>,
    theirs: impl Fn() -> Option<f64>,
) -> Option<f64> {
    let mut ratios = Vec::new();
    for _ in 0..N_ROUNDS {
        let (theirs, ours) = (theirs()?, ours()?);
        eprintln!("hutch {ours:.0}/s, nginx {theirs:.0}/s");
        ratios.push(ours / theirs);
    }
    ratios.sort_by(f64::total_cmp);
    ratios.get(N_ROUNDS / 2).copied()
}

/// Returns how many answers a second wrk gets over eight connections that are kept, if all are good.
pub(crate) fn wrk(url: &str, headers: &[&str]) -> Option<f64> {
    let mut wrk = Command::new("wrk");
    wrk.args(["-t", "1", "-c", "8", "-d", &format!("{}s", ROUND.as_secs())]);
    for header in headers {
        wrk.args(["-H", header]);
    }
    let output = wrk.arg(url).output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout);
    if said.contains("Non-2xx") || said.contains("Socket errors") {
        eprintln!("{said}");
        return None;
    }
    said.lines().find_map(|line| line.strip_prefix("Requests/sec:"))?.trim().parse().ok()
}

/// A running nginx; it ends with this value.
pub(crate) struct Nginx {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Nginx {
    /// The file, for everybody.
    pub(crate) const FILE: &str = "/file";
    /// The file, for whoever has the cookie. By itself nginx has no sessions: it asks somebody else,
    /// here another server in the same process, over a connection that is kept.
    pub(crate) const PRIVATE_FILE: &str = "/private/file";
    pub(crate) const COOKIE: &str = "session=5c6ffbdd40d9556b73a21e63c3e0e904";

    /// Starts one with one worker, which serves this file.
    pub(crate) fn start(folder: &Path, content: &[u8]) -> Option<Self> {
        // A certificate as Hutch makes its own.
        let now = SystemClock.now();
        let root = Root::generate("localhost", now).ok()?;
        let leaf = root.issue(&[Host::from("localhost")], now).ok()?;
        fs::write(folder.join("tls.pem"), leaf.to_pem().as_bytes()).ok()?;
        fs::write(folder.join("file"), content).ok()?;
        // Free a moment ago; nginx cannot say which one it took.
        let address = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?;
        let port = address.port();
        let at = folder.display();
        let (_, value) = Self::COOKIE.split_once('=')?;
        let settings = format!(
            "daemon off; master_process off; pid {at}/pid; error_log {at}/error;\n\
             events {{ worker_connections 64; }}\n\
             http {{\n\
                 access_log off; sendfile on; keepalive_requests 10000000;\n\
                 client_body_temp_path {at}/body; proxy_temp_path {at}/proxy;\n\
                 fastcgi_temp_path {at}/fastcgi; uwsgi_temp_path {at}/uwsgi;\n\
                 scgi_temp_path {at}/scgi;\n\
                 upstream sessions {{ server unix:{at}/sessions; keepalive 8; }}\n\
                 map $cookie_session $is_known {{ default no; {value} yes; }}\n\
                 server {{\n\
                     listen unix:{at}/sessions; keepalive_requests 10000000;\n\
                     location / {{ if ($is_known = no) {{ return 401; }} return 204; }}\n\
                 }}\n\
                 server {{\n\
                     listen 127.0.0.1:{port} ssl; root {at};\n\
                     ssl_certificate {at}/tls.pem; ssl_certificate_key {at}/tls.pem;\n\
                     ssl_protocols TLSv1.2 TLSv1.3;\n\
                     location /private/ {{ auth_request /session; alias {at}/; }}\n\
                     location = /session {{\n\
                         internal; proxy_pass http://sessions; proxy_http_version 1.1;\n\
                         proxy_set_header Connection ''; proxy_pass_request_body off;\n\
                         proxy_set_header Content-Length '';\n\
                     }}\n\
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
        let nginx = Self { child, address };
        let is_up = || TcpStream::connect(address).is_ok();
        (0..100)
            .any(|_| {
                is_up() || {
                    thread::sleep(Duration::from_millis(50));
                    false
                }
            })
            .then_some(nginx)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
