//! Whether a hub grows: a family's day, in as many minutes as it is given.
//!
//! It begins in the evening before, so that it finds a hub that is at home. Every few seconds, and once an
//! hour at the least, somebody opens the page and sends each child a message, the toys wake, play and record,
//! what came is listened to, what is older is erased, and the toys go to sleep. Now and then there is a
//! backup, by a process of its own as systemd has it made. At the end of each hour it is quiet, and the hub
//! is weighed.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use hutch::audio::wav;
use serde_json::Value;

use crate::{
    Bar, Figure,
    demo::{Demo, agent, fetch, resident_bytes},
    sound::speech,
};

/// How long the day is, unless `HUTCH_DAY_SECONDS` says otherwise.
const DAY: Duration = Duration::from_secs(120);
const HOURS: u32 = 24;
/// How often all of it is done, if an hour is longer.
const EVERY: Duration = Duration::from_secs(5);
/// When a backup is made.
const BACKUP_HOURS: [u32; 2] = [3, 15];
/// As long as an hour is quiet at its end.
const QUIET: Duration = Duration::from_secs(1);
/// How often all of it is done on the evening before: what is kept ready for it is there then.
const EVENING: u32 = 12;
/// The morning is over.
const BEGINS: usize = 6;
/// As many hours at the beginning and at the end are compared, the median of each.
const COMPARED: usize = 3;
/// How many items stay of each child.
const STAY: usize = 4;
/// Seconds of speech in a message.
const MESSAGE_S: usize = 3;

pub(crate) fn of_a_family() -> Vec<Figure> {
    vec![Figure {
        what: "memory of the demo at the end of a family's day, more than in its morning",
        // The allocator gives back by pages, and whoever is weighed may just have been busy.
        bar: Bar::Megabytes(1.0),
        value: live(),
    }]
}

/// Returns by how many megabytes the hub has grown.
fn live() -> Option<f64> {
    let day = std::env::var("HUTCH_DAY_SECONDS").ok().and_then(|text| text.parse().ok());
    let hour = day.map_or(DAY, Duration::from_secs) / HOURS;
    let (folder, stick) = (tempfile::tempdir().ok()?, tempfile::tempdir().ok()?);
    let demo = Demo::start_in(folder.path())?;
    let family = Family::of(&demo)?;
    for n in 0..EVENING {
        family.live(n)?;
    }
    back_up(&state(folder.path())?, stick.path())?;
    let mut weights = Vec::new();
    for n in 0..HOURS {
        let ends = Instant::now() + hour;
        loop {
            let again = Instant::now() + EVERY;
            family.live(n)?;
            if ends < again + EVERY {
                break;
            }
            thread::sleep(again.saturating_duration_since(Instant::now()));
        }
        if BACKUP_HOURS.contains(&n) {
            back_up(&state(folder.path())?, stick.path())?;
        }
        thread::sleep(ends.saturating_duration_since(Instant::now()).max(QUIET));
        weights.push(resident_bytes(demo.id())? as f64 / 1e6);
    }
    let shown: Vec<String> = weights.iter().map(|weight| format!("{weight:.1}")).collect();
    eprintln!("a day, in MB by the hour: {}", shown.join(" "));
    Some(median(&weights[weights.len() - COMPARED..]) - median(&weights[BEGINS..][..COMPARED]))
}

fn median(weights: &[f64]) -> f64 {
    let mut weights = weights.to_vec();
    weights.sort_by(f64::total_cmp);
    weights[weights.len() / 2]
}

/// The state folder of the demo, in the folder for temporary files that it was given.
fn state(folder: &Path) -> Option<PathBuf> {
    let mut entries = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    entries.find(|path| path.join("hutch.db").exists())
}

fn back_up(state: &Path, stick: &Path) -> Option<()> {
    let made = Command::new(env!("CARGO_BIN_EXE_hutch"))
        .args(["backup", "create", "--state"])
        .args([state, stick])
        .stdout(Stdio::null())
        .status()
        .ok()?;
    made.success().then_some(())
}

/// A guardian of the demo, with its children and toys.
struct Family {
    origin: String,
    cookie: String,
    password: String,
    children: Vec<String>,
    toys: Vec<String>,
    message: Vec<u8>,
}

impl Family {
    fn of(demo: &Demo) -> Option<Self> {
        let (origin, cookie) = demo.sign_in()?;
        let mut pcm = speech();
        pcm.samples.truncate(MESSAGE_S * pcm.rate as usize);
        let message = wav::write(&pcm);
        let password = demo.password().to_owned();
        let (children, toys) = (Vec::new(), Vec::new());
        let mut family = Self { origin, cookie, password, children, toys, message };
        family.children = ids(&family.get("children")?["children"]);
        // The third one is nobody's.
        family.toys = ids(&family.get("demo/toys")?["toys"]).into_iter().take(2).collect();
        (family.children.len() == 2 && family.toys.len() == 2).then_some(family)
    }

    fn live(&self, hour: u32) -> Option<()> {
        self.visit()?;
        for toy in &self.toys {
            self.post(&format!("demo/toys/{toy}/wake"), &[])?;
        }
        for child in &self.children {
            self.post(&format!("children/{child}/messages"), &self.message)?;
        }
        for toy in &self.toys {
            self.post(&format!("demo/toys/{toy}/play"), &[])?;
            self.post(&format!("demo/toys/{toy}/record"), &[])?;
        }
        for child in &self.children {
            let items = ids(&self.get(&format!("children/{child}/items"))?["items"]);
            for item in items.iter().take(2) {
                fetch(&format!("{}/api/v1/items/{item}/sound", self.origin), &self.cookie)?;
            }
            if items.len() <= STAY {
                continue;
            }
            // Whoever erases types a password, and that takes its memory for a moment.
            let confirm = serde_json::json!({ "password": self.password });
            self.post("me/confirm", confirm.to_string().as_bytes())?;
            for item in items.iter().skip(STAY) {
                self.post(&format!("items/{item}/erase"), &[])?;
            }
        }
        // They are asleep every third hour only: a hub that lost sight of them is seen to come back.
        for toy in self.toys.iter().filter(|_toy| hour % 3 == 2) {
            self.post(&format!("demo/toys/{toy}/sleep"), &[])?;
        }
        Some(())
    }

    /// Opens the page as a browser does that remembers nothing, and looks around.
    fn visit(&self) -> Option<()> {
        let page = fetch(&format!("{}/", self.origin), &self.cookie)?;
        let page = String::from_utf8(page).ok()?;
        let modules = page.split("\"modulepreload\" href=\"").skip(1);
        let modules: Vec<&str> = modules.filter_map(|rest| rest.split('"').next()).collect();
        if modules.is_empty() {
            return None;
        }
        for module in modules {
            fetch(&format!("{}{module}", self.origin), &self.cookie)?;
        }
        for list in ["me", "toys", "activity", "privacy", "care"] {
            self.get(list)?;
        }
        // It follows what happens for a moment, and goes.
        let events = format!("{}/api/v1/events", self.origin);
        let mut stream = agent().get(events).header("cookie", &self.cookie).call().ok()?;
        let mut first = [0; 1];
        stream.body_mut().as_reader().read_exact(&mut first).ok()
    }

    fn get(&self, path: &str) -> Option<Value> {
        let answer = fetch(&format!("{}/api/v1/{path}", self.origin), &self.cookie)?;
        serde_json::from_slice(&answer).ok()
    }

    fn post(&self, path: &str, body: &[u8]) -> Option<()> {
        let kind = if body.first() == Some(&b'{') { "application/json" } else { "audio/wav" };
        let asked = agent()
            .post(format!("{}/api/v1/{path}", self.origin))
            .header("cookie", &self.cookie)
            .header("origin", &self.origin);
        let asked = if body.is_empty() { asked } else { asked.header("content-type", kind) };
        let answer = asked.send(body);
        if let Err(error) = &answer {
            eprintln!("{path}: {error}");
        }
        answer.ok().map(drop)
    }
}

/// The identifiers in a list.
fn ids(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(|one| one["id"].as_str().map(str::to_owned)).collect()
}
