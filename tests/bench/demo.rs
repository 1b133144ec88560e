//! What a newcomer feels: how soon the demo answers, and what it weighs while nobody plays.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{Bar, Figure};

/// The first start reads the program from the card: it does not count.
const STARTS: usize = 6;
/// Long enough for everything that a start does in the background.
const IDLE: Duration = Duration::from_secs(5);

pub(crate) fn start_and_memory() -> Vec<Figure> {
    let mut fastest = None;
    let mut memory = None;
    for start in 0..STARTS {
        let started = Instant::now();
        let Some(demo) = Demo::start() else { break };
        let took = demo.open_page().then(|| started.elapsed());
        if 0 < start {
            fastest = [fastest, took].into_iter().flatten().min();
        }
        if start + 1 == STARTS {
            thread::sleep(IDLE);
            memory = resident_bytes(demo.child.id());
        }
    }
    vec![
        Figure {
            what: "start of `hutch demo` to the first page answered, warm",
            bar: Bar::Milliseconds(150.0),
            value: fastest.map(|took| took.as_secs_f64() * 1_000.0),
        },
        Figure {
            what: "memory of the idle demo, resident",
            bar: Bar::Megabytes(20.0),
            value: memory.map(|bytes| bytes as f64 / 1e6),
        },
    ]
}

/// A running demo; it ends with this value.
pub(crate) struct Demo {
    child: Child,
    url: String,
    password: String,
    /// Kept open, or its next line would fail.
    _output: BufReader<ChildStdout>,
}

impl Demo {
    /// Starts it and waits for the URL that it prints.
    pub(crate) fn start() -> Option<Self> {
        Self::start_in(&std::env::temp_dir())
    }

    /// Starts it with its state folder in this one.
    pub(crate) fn start_in(folder: &Path) -> Option<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hutch"))
            .args(["demo", "--port", "0"])
            .env("TMPDIR", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut printed = |begins: &str| {
            output.by_ref().lines().map_while(Result::ok).find_map(|line| {
                let (_, rest) = line.split_once(begins)?;
                rest.split_whitespace().next().map(str::to_owned)
            })
        };
        let url = printed("https://").map(|rest| format!("https://{rest}"));
        let password = printed("Password: ");
        let (url, password) = (url.unwrap_or_default(), password.unwrap_or_default());
        let demo = Self { child, url, password, _output: output };
        (!demo.url.is_empty()).then_some(demo)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns what its guardian signs in with.
    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    /// Opens the URL as a browser does, and reads the whole page.
    fn open_page(&self) -> bool {
        let agent: ureq::Agent = ureq::Agent::config_builder().tls_config(tls()).build().into();
        let page =
            agent.get(&self.url).call().and_then(|mut page| page.body_mut().read_to_string());
        page.is_ok_and(|page| page.contains("<html"))
    }

    /// Comes in by the printed URL, and returns where the page is, and the cookie.
    pub(crate) fn sign_in(&self) -> Option<(String, String)> {
        let opened = agent().get(&self.url).call().ok()?;
        let cookie = opened.headers().get("set-cookie")?.to_str().ok()?.split(';').next()?;
        Some((self.url.split("/open").next()?.to_owned(), cookie.to_owned()))
    }

    /// Sends a message to the first child, and returns the address of its sound, and the cookie that
    /// opens it.
    pub(crate) fn message(&self, wav: &[u8]) -> Option<(String, String)> {
        let agent = agent();
        let (origin, cookie) = self.sign_in()?;
        let children = agent.get(format!("{origin}/api/v1/children")).header("cookie", &cookie);
        let children: Value = children.call().ok()?.body_mut().read_json().ok()?;
        let child = children["children"][0]["id"].as_str()?;
        let sent = agent
            .post(format!("{origin}/api/v1/children/{child}/messages"))
            .header("cookie", &cookie)
            .header("origin", &origin)
            .header("content-type", "audio/wav")
            .send(wav);
        let sent: Value = sent.ok()?.body_mut().read_json().ok()?;
        let item = sent["items"][0]["id"].as_str()?;
        Some((format!("{origin}/api/v1/items/{item}/sound"), cookie))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Asked, not killed: then it takes its state folder along.
        drop(Command::new("kill").arg(self.child.id().to_string()).status());
        drop(self.child.wait());
    }
}

/// Its certificate is known to nobody else, as with every hub on its first day.
fn tls() -> ureq::tls::TlsConfig {
    ureq::tls::TlsConfig::builder().disable_verification(true).build()
}

/// Returns what lies at an address, for whoever has the cookie.
pub(crate) fn fetch(url: &str, cookie: &str) -> Option<Vec<u8>> {
    agent().get(url).header("cookie", cookie).call().ok()?.body_mut().read_to_vec().ok()
}

/// Returns how much of the memory a process has, its program's pages included.
pub(crate) fn resident_bytes(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib * 1024)
}

/// A client that shows the answer that sets the cookie.
pub(crate) fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().tls_config(tls()).max_redirects(0).build().into()
}
