//! The daemon is killed at random moments while messages go out and recordings come in: what it
//! acknowledged is there afterwards, and what is there is whole.
//!
//! The daemon runs in a process of its own: this test binary again, asked for one test. It keeps its
//! state folder and its keys over the kills, which `hutch demo` does not.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use hutch::{
    clock::SystemClock,
    daemon::{Demo, Keys, WayIn},
    radio::sim::LinkTiming,
    seal::{DeviceKey, HashKey, household::HouseholdKey},
    toy::session::Pacing,
};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::support::{Page, speech_wav};

/// Where the daemon of a kill test keeps its state. Only set for that process.
const STATE: &str = "HUTCH_KILL_TEST_STATE";

/// After so many kills a new household begins: each start looks through everything there is.
const KILLS_PER_HOUSEHOLD: usize = 50;

/// How many kills; 20 unless set.
const KILLS: &str = "HUTCH_KILLS";

/// The daemon that is killed. Without a state folder in the environment there is nothing to do.
#[test]
fn daemon_to_be_killed() {
    let Some(state) = std::env::var_os(STATE) else { return };
    let state = Path::new(&state);
    let demo = Demo {
        state: Some(state.join("hub")),
        keys: keys(&state.join("keys")),
        pacing: Pacing { gap: Duration::ZERO },
        air: LinkTiming {
            interval: Duration::from_micros(200),
            notifications_per_interval: 4,
            connect: Duration::from_millis(5),
        },
        listen: ([127, 0, 0, 1], 0).into(),
        clock: Arc::new(SystemClock),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ready = |way_in: &WayIn| println!("\nready {}", *way_in.url);
    runtime.block_on(demo.run(ready, CancellationToken::new())).unwrap();
}

#[test]
fn what_was_acknowledged_survives_kills_at_random_moments() {
    let n_kills: usize =
        std::env::var_os(KILLS).map_or(20, |n| n.to_str().unwrap().parse().unwrap());
    let mut random = Random::new();
    println!("seed {}", random.0);

    let mut n_items = 0;
    for n_before in (0..n_kills).step_by(KILLS_PER_HOUSEHOLD) {
        let n_here = (n_kills - n_before).min(KILLS_PER_HOUSEHOLD);
        n_items += household_survives(n_here, &mut random);
    }

    println!("{n_kills} kills, {n_items} items acknowledged, all there");
}

/// Kills one household's daemon so often, and returns how much it had acknowledged.
fn household_survives(n_kills: usize, random: &mut Random) -> usize {
    let state = tempfile::tempdir().unwrap();
    let mut known = Known::default();
    for _ in 0..n_kills {
        let daemon = Daemon::start(state.path());
        daemon.check(&mut known);
        daemon.send_again(&mut known);
        let moment = Duration::from_millis(random.below(700));
        daemon.live_until_killed(moment, random, &mut known);
    }

    let daemon = Daemon::start(state.path());
    daemon.check(&mut known);
    daemon.send_again(&mut known);
    daemon.check(&mut known);
    assert!(!known.items.is_empty(), "nothing was ever acknowledged: the test tests nothing");
    known.items.len()
}

/// What the daemon acknowledged so far.
#[derive(Default)]
struct Known {
    /// Items, and how long they are.
    items: BTreeMap<String, u64>,
    /// Deliveries that were heard, which they stay.
    heard: Vec<String>,
    /// How many messages were sent, each under a key of its own.
    n_sent: usize,
    /// The one of them that no answer came to.
    unanswered: Option<Unanswered>,
}

/// A message of which nobody knows whether it arrived.
struct Unanswered {
    path: String,
    key: String,
    sound: Vec<u8>,
}

struct Daemon {
    process: Arc<Mutex<Child>>,
    page: Page,
    children: Vec<String>,
    toys: Vec<String>,
}

impl Known {
    fn take_note(&mut self, sent: &Value) {
        for item in sent["items"].as_array().unwrap() {
            let id = item["id"].as_str().unwrap().to_owned();
            self.items.insert(id, item["length_ms"].as_u64().unwrap());
        }
    }
}

impl Daemon {
    fn start(state: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kills::daemon_to_be_killed", "--nocapture"])
            .env(STATE, state)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = lines
            .find_map(|line| line.unwrap().strip_prefix("ready ").map(str::to_owned))
            .expect("the daemon starts");
        thread::spawn(move || lines.for_each(drop));
        let page = Page::open(&url);
        let ids = |list: &Value| -> Vec<String> {
            let list = list.as_array().unwrap();
            list.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
        };
        let children = ids(&page.get("/api/v1/children")["children"]);
        let toys = ids(&page.get("/api/v1/toys")["toys"]);
        Self { process: Arc::new(Mutex::new(process)), page, children, toys }
    }

    /// Everything that was acknowledged is there, and everything that is there is whole.
    fn check(&self, known: &mut Known) {
        let mut found = BTreeMap::new();
        for child in &self.children {
            let mut before = String::new();
            loop {
                let path = format!("/api/v1/children/{child}/items?limit=50{before}");
                let page = self.page.get(&path);
                for item in page["items"].as_array().unwrap() {
                    found.insert(item["id"].as_str().unwrap().to_owned(), item.clone());
                }
                match page["next"].as_str() {
                    Some(next) => before = format!("&before={next}"),
                    None => break,
                }
            }
        }

        let n_messages = found.values().filter(|item| item["kind"] == "message").count();
        let n_unanswered = usize::from(known.unanswered.is_some());
        let expected = known.n_sent - n_unanswered..=known.n_sent;
        assert!(expected.contains(&n_messages), "{n_messages} of {} sent", known.n_sent);
        for (id, length_ms) in &known.items {
            let item = found.get(id).unwrap_or_else(|| panic!("{id} was acknowledged and is gone"));
            assert_eq!(item["length_ms"].as_u64(), Some(*length_ms));
        }
        for (id, item) in &found {
            assert_eq!(item["waveform"].as_array().map(Vec::len), Some(64));
            assert_eq!(item["kind"] == "message", item["delivery"].is_object(), "half a message");
            if !known.items.contains_key(id) {
                let sound = self.page.bytes(&format!("/api/v1/items/{id}/sound?as=ogg"));
                assert_eq!(sound.get(..4), Some(&b"OggS"[..]), "a sound does not open");
            }
            known.items.insert(id.clone(), item["length_ms"].as_u64().unwrap());
            let delivery = &item["delivery"];
            let is_heard = delivery["state"] == "heard";
            let delivery = delivery["id"].as_str().unwrap_or_default().to_owned();
            assert!(is_heard || !known.heard.contains(&delivery), "heard, and not any more");
            if is_heard && !known.heard.contains(&delivery) {
                known.heard.push(delivery);
            }
        }
    }

    /// Sends the message once more that no answer came to: it is there once, whether it had arrived or
    /// not.
    fn send_again(&self, known: &mut Known) {
        let Some(Unanswered { path, key, sound }) = known.unanswered.take() else { return };
        let sent = self.page.try_post_once(&path, "audio/wav", &sound, Some(&key)).unwrap();
        known.take_note(&sent);
    }

    /// Sends, squeezes and speaks until the daemon is killed, which may be in the middle of a request.
    fn live_until_killed(mut self, moment: Duration, random: &mut Random, known: &mut Known) {
        // Once for sure, however slow the machine is: else there would be nothing to lose.
        if known.items.is_empty() {
            self.act(random, known);
        }
        let process = Arc::clone(&self.process);
        let killer = thread::spawn(move || {
            thread::sleep(moment);
            // SIGKILL: the daemon has no chance to tidy up.
            process.lock().unwrap().kill().unwrap();
        });
        while self.act(random, known).is_some() {}
        killer.join().unwrap();
    }

    /// Does one thing, and takes note if it was acknowledged. Returns nothing when the daemon is gone.
    fn act(&mut self, random: &mut Random, known: &mut Known) -> Option<()> {
        let child = &self.children[random.index(self.children.len())];
        let toy = &self.toys[random.index(self.toys.len())];
        match random.below(4) {
            0 | 1 => {
                let path = format!("/api/v1/children/{child}/messages");
                let sound = speech_wav(100 + random.below(900));
                known.n_sent += 1;
                let key = format!("message-{}", known.n_sent);
                known.unanswered =
                    Some(Unanswered { path: path.clone(), key: key.clone(), sound: sound.clone() });
                let sent = self.page.try_post_once(&path, "audio/wav", &sound, Some(&key))?;
                known.unanswered = None;
                known.take_note(&sent);
            }
            2 => drop(self.page.try_post(&format!("/api/v1/demo/toys/{toy}/play"), "", &[])?),
            _ => {
                let path = format!("/api/v1/demo/toys/{toy}/record");
                let sound = speech_wav(100 + random.below(900));
                drop(self.page.try_post(&path, "audio/wav", &sound)?);
            }
        }
        Some(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let mut process = self.process.lock().unwrap();
        drop(process.kill());
        drop(process.wait());
    }
}

/// The keys of the household, the same over all kills.
fn keys(folder: &Path) -> Keys {
    if !folder.exists() {
        fs::create_dir_all(folder).unwrap();
        let Keys { household, device, hash } = Keys::generate();
        fs::write(folder.join("household"), household.to_bytes()).unwrap();
        fs::write(folder.join("device"), device.to_bytes()).unwrap();
        fs::write(folder.join("hash"), hash.to_bytes()).unwrap();
    }
    let read = |name: &str| -> Zeroizing<[u8; 32]> {
        Zeroizing::new(fs::read(folder.join(name)).unwrap().try_into().unwrap())
    };
    Keys {
        household: HouseholdKey::from_bytes(&read("household")),
        device: DeviceKey::from_bytes(&read("device")),
        hash: HashKey::from_bytes(&read("hash")),
    }
}

/// A small generator (xorshift64): the moments must differ between runs, and be told.
struct Random(u64);

impl Random {
    fn new() -> Self {
        let mut seed = [0; 8];
        getrandom::fill(&mut seed).unwrap();
        Self(u64::from_le_bytes(seed) | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(u64::try_from(len).unwrap())).unwrap()
    }
}
