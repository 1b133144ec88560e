//! What a hub weighs, and does, in a house where nobody is looking.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use hutch::control::{Answer, Request, SOCKET, ask};
use serde_json::json;

use crate::{
    Bar, Figure,
    demo::{agent, resident_bytes},
};

/// How long nobody comes, unless `HUTCH_IDLE_SECONDS` says otherwise.
const IDLE: Duration = Duration::from_secs(60);
/// More than any start takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often Linux counts a process's time in a second, wherever Hutch runs (`proc_pid_stat(5)`).
const TICKS_A_SECOND: f64 = 100.0;

pub(crate) fn at_night() -> Vec<Figure> {
    let (memory, time) = measure().unzip();
    vec![
        Figure {
            what: "memory of the idle hub, resident, the program's own pages included",
            bar: Bar::Megabytes(20.0),
            value: memory,
        },
        Figure { what: "a processor's time for the idle hub", bar: Bar::Percent(0.2), value: time },
    ]
}

/// Returns megabytes and per cent, of a household with one guardian after two visits.
fn measure() -> Option<(f64, f64)> {
    let idle = std::env::var("HUTCH_IDLE_SECONDS").ok().and_then(|text| text.parse().ok());
    let idle = idle.map_or(IDLE, Duration::from_secs);
    let folder = tempfile::tempdir().ok()?;
    Serve::start(folder.path())?.set_up()?;
    // What a start and a sign-in take, and not what choosing a password took.
    let hub = Serve::start(folder.path())?;
    for _visit in 0..2 {
        agent().get(&hub.place).call().ok()?;
        agent().get(format!("{}/js/page.js", hub.place)).call().ok()?;
    }
    let before = hub.ticks()?;
    thread::sleep(idle);
    let time = f64::from(hub.ticks()? - before) / TICKS_A_SECOND / idle.as_secs_f64();
    Some((resident_bytes(hub.child.id())? as f64 / 1e6, time * 100.0))
}

/// A running hub; it stops with this value.
pub(crate) struct Serve {
    child: Child,
    place: String,
    code: Option<String>,
}

impl Serve {
    /// Starts it and waits until it answers.
    pub(crate) fn start(folder: &Path) -> Option<Self> {
        let child = Command::new(env!("CARGO_BIN_EXE_hutch"))
            .args(["serve", "--port", "0", "--state"])
            .arg(folder.join("state"))
            .env("HUTCH_RADIO", "none")
            // Nobody in the network of whoever runs this shall find it.
            .env("HUTCH_LISTEN", "127.0.0.1,::1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut hub = Self { child, place: String::new(), code: None };
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let asked = ask(&folder.join("state/run").join(SOCKET), &Request::SetupCode);
            if let Ok(Answer::SetupCode { code, places }) = asked {
                let place = places.first()?.trim_end_matches('/').to_owned();
                (hub.place, hub.code) = (place, code);
                return Some(hub);
            }
            thread::sleep(Duration::from_millis(20));
        }
        None
    }

    pub(crate) fn set_up(self) -> Option<()> {
        let asked = json!({
            "code": self.code,
            "name": "Robin",
            "password": *hutch::auth::passphrase::generate(),
        });
        let answer = agent()
            .post(format!("{}/api/v1/setup", self.place))
            .header("origin", &self.place)
            .send_json(asked)
            .ok()?;
        (answer.status() == 201).then_some(())
    }

    /// Returns how much of a processor's time it has had (`utime` and `stime`).
    fn ticks(&self) -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
        Some(fields.next()?.parse::<u32>().ok()? + fields.next()?.parse::<u32>().ok()?)
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        // Asked, not killed: the next one wants its lock and its database.
        drop(Command::new("kill").arg(self.child.id().to_string()).status());
        drop(self.child.wait());
    }
}
