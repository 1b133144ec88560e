//! What a hub weighs, and does, in a house where nobody is looking.

use std::{
    net::TcpListener,
    os::fd::OwnedFd,
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
/// By then it has done what a start brings with it: above all, it has measured what a password costs, for
/// a quarter of a second.
const SETTLES: Duration = Duration::from_secs(10);
/// The first start reads the program from the card; the best of them counts.
const STARTS: usize = 6;
/// More than any start takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often Linux counts a process's time in a second, wherever Hutch runs (`proc_pid_stat(5)`).
const TICKS_A_SECOND: f64 = 100.0;

pub(crate) fn at_night() -> Vec<Figure> {
    let night = measure();
    let (memory, time, wakes) = match night {
        Some(Night { megabytes, percent, wakes_a_second }) => {
            (Some(megabytes), Some(percent), Some(wakes_a_second))
        }
        None => (None, None, None),
    };
    vec![
        Figure {
            what: "start of the hub, from a knock at systemd's socket to the page, warm",
            bar: Bar::Milliseconds(100.0),
            value: start().map(|took| took.as_secs_f64() * 1_000.0),
        },
        Figure {
            what: "memory of the idle hub, resident, the program's own pages included",
            bar: Bar::Megabytes(20.0),
            value: memory,
        },
        Figure { what: "a processor's time for the idle hub", bar: Bar::Percent(0.2), value: time },
        Figure {
            what: "the idle hub wakes (voluntary context switches of its threads)",
            bar: Bar::ASecond(5.0),
            value: wakes,
        },
    ]
}

/// What an idle hub takes.
struct Night {
    megabytes: f64,
    percent: f64,
    wakes_a_second: f64,
}

/// Returns how long the first answer takes of a hub that is started because somebody knocks, as systemd
/// starts it: the best of some starts.
fn start() -> Option<Duration> {
    let folder = tempfile::tempdir().ok()?;
    Serve::start(folder.path())?.set_up()?;
    let mut best = None;
    for _start in 0..STARTS {
        let socket = TcpListener::bind("127.0.0.1:0").ok()?;
        let at = socket.local_addr().ok()?;
        let mut hub = command(folder.path());
        // What systemd hands over has the number 3 in the new process, which is told so.
        let mut handed = Command::new("sh");
        handed.args(["-c", "exec 3<&0 0</dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" \"$@\""]);
        handed.arg(hub.get_program()).args(hub.get_args());
        handed.envs(hub.get_envs().filter_map(|(name, value)| Some((name, value?))));
        hub = handed;
        hub.stdin(OwnedFd::from(socket)).stdout(Stdio::null()).stderr(Stdio::null());
        let knocked = Instant::now();
        let child = hub.spawn().ok()?;
        let hub = Serve { child, place: String::new(), code: None };
        let answered = agent().get(format!("https://{at}/")).call();
        let took = knocked.elapsed();
        let page = answered.ok()?.body_mut().read_to_string().ok()?;
        drop(hub);
        best = [best, page.contains("<html").then_some(took)].into_iter().flatten().min();
    }
    best
}

/// Looks at a household with one guardian after two visits.
fn measure() -> Option<Night> {
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
    thread::sleep(SETTLES);
    let (before, woke) = (hub.ticks()?, hub.wakes()?);
    thread::sleep(idle);
    let time = f64::from(hub.ticks()? - before) / TICKS_A_SECOND / idle.as_secs_f64();
    // A thread that has ended meanwhile takes its own along.
    let wakes_a_second = hub.wakes()?.saturating_sub(woke) as f64 / idle.as_secs_f64();
    let megabytes = resident_bytes(hub.child.id())? as f64 / 1e6;
    Some(Night { megabytes, percent: time * 100.0, wakes_a_second })
}

/// The hub with its state in this folder, for this computer alone.
fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hutch"));
    command
        .args(["serve", "--port", "0", "--state"])
        .arg(folder.join("state"))
        .env("HUTCH_RADIO", "none")
        // Nobody in the network of whoever runs this shall find it.
        .env("HUTCH_LISTEN", "127.0.0.1,::1");
    command
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
        let child = command(folder)
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

    /// Returns how often its threads have waited for something, and were woken.
    fn wakes(&self) -> Option<u64> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).ok()?;
        let of_one = |thread: std::fs::DirEntry| {
            let status = std::fs::read_to_string(thread.path().join("status")).ok()?;
            let line = status.lines().find_map(|it| it.strip_prefix("voluntary_ctxt_switches:"))?;
            line.trim().parse::<u64>().ok()
        };
        Some(threads.flatten().filter_map(of_one).sum())
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
