//! Figures over a real bluetoothd and an emulated toy, in the guest of the Bluetooth suite: ratios and
//! times within one run there, never rates. Its speed is that of the machine and of Python.

use std::{
    collections::HashMap,
    fs,
    process::Command,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use hutch::{hub::Presence, radio::RadioState, toy::session::Pacing};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    Bar, Figure, adopts,
    bare::Bare,
    guest::{self, aside},
    house::House,
    hub::Household,
    toy::Toy,
};

/// The argument by which this program is told that it runs in the guest.
pub(crate) const IN_THE_GUEST: &str = "--in-the-guest";

/// Why there is no guest, if there is none.
const WHY_NOT: &str = "HUTCH_NO_GUEST";

const LENGTH_MS: u32 = 10_000;

/// How often an upload is measured, by the hub and by a bare loop in turn.
const N_UPLOADS: usize = 8;

/// The same for a download, which takes a quarter of a minute.
const N_DOWNLOADS: usize = 2;

/// How often the toy is woken.
const N_WAKINGS: usize = 20;

/// How long the daemon is watched while it holds two toys.
const IDLE: Duration = Duration::from_secs(60);

const FIGURES: [(&str, &str, Bar); 5] = [
    ("delivery", "a delivery, against a bare loop of writes", Bar::TimesAsFast(0.95)),
    ("download", "a download, against a bare reader", Bar::TimesAsFast(0.95)),
    ("ready", "from a toy that wakes up until the hub has it", Bar::Milliseconds(1_500.0)),
    ("tries", "toys that the hub has by its second try", Bar::PercentAtLeast(95.0)),
    ("idle", "a processor's time for holding two toys", Bar::Percent(0.5)),
];

/// Measures in the guest, if there is one.
pub(crate) fn over_the_air() -> Vec<Figure> {
    if let Some(why) = std::env::var_os(WHY_NOT) {
        println!("| over bluetoothd | | not run: {} | |", why.to_string_lossy());
        return Vec::new();
    }
    let root = env!("CARGO_MANIFEST_DIR");
    let output = Command::new(format!("{root}/tests/bluez/guest/run-in-uml.sh"))
        .arg(std::env::current_exe().unwrap())
        .arg(IN_THE_GUEST)
        .env("GUEST_DIR", format!("{root}/target/bluez-figures"))
        .env("GUEST_TIMEOUT", "600")
        .output()
        .unwrap();
    let output_text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut values: HashMap<&str, f64> = HashMap::new();
    for line in output_text.lines() {
        // Whatever else it prints is of use when something is wrong.
        match line.strip_prefix("figure ").and_then(|rest| rest.split_once(' ')) {
            Some((name, value)) => drop(values.insert(name, value.trim().parse().unwrap())),
            None => eprintln!("{line}"),
        }
    }
    let figure = |(name, what, bar)| Figure { what, bar, value: values.get(name).copied() };
    FIGURES.map(figure).into()
}

/// Measures all of them, and prints each in a line.
pub(crate) fn measure() {
    actix_web::rt::System::new().block_on(async {
        let (delivery, download) = transfers().await;
        println!("figure delivery {delivery}");
        println!("figure download {download}");
        let (ready, tries) = wakings().await;
        println!("figure ready {ready}");
        println!("figure tries {tries}");
    });
    println!("figure idle {}", holding_two_toys());
}

fn best(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

/// Seconds from the command that began the last upload to its last bytes, as the toy saw them.
async fn upload_s(toy: Toy) -> f64 {
    let (commands, sound) = aside(move || (toy.writes("command"), toy.writes("send"))).await;
    let mut begins = commands.iter().filter(|write| {
        let hex = write["hex"].as_str().unwrap();
        hex.starts_with("0001") && 4 < hex.len()
    });
    let at = |write: &Value| write["t"].as_f64().unwrap();
    at(sound.last().unwrap()) - at(begins.next_back().unwrap())
}

/// Has a child speak for ten seconds, and returns when the toy begins to send that.
async fn speaks(toy: Toy, n: usize) -> Instant {
    let file = std::env::temp_dir().join(format!("spoken-{n}.bin"));
    // Each is another: the hub keeps none twice.
    let length_ms = LENGTH_MS - u32::try_from(n).unwrap() * 50;
    fs::write(&file, House::recording(length_ms)).unwrap();
    aside(move || {
        assert!(toy.press_record(10.0, &file));
        toy.wait(json!({ "state": 7 }));
        Instant::now()
    })
    .await
}

/// Returns how fast deliveries and downloads are, compared with bare loops over the same sockets.
async fn transfers() -> (f64, f64) {
    let [toy, ..] = aside(guest::begin).await;
    aside(move || toy.set(json!({ "time_scale": 0.01 }))).await;
    let pacing = Pacing { gap: Duration::ZERO };
    let (mut uploads, mut bare_uploads) = (Vec::new(), Vec::new());
    let (mut downloads, mut bare_downloads) = (Vec::new(), Vec::new());
    for n in 0..N_UPLOADS {
        let mut house = House::with(1, Some("hci0"), pacing).await;
        house.until_presence(0, Presence::Awake).await;
        let message = house.send(0, LENGTH_MS).await;
        house.until_state(0, message, "on_toy").await;
        uploads.push(upload_s(toy).await);
        let chunks = aside(move || toy.slot(1)).await.bytes;
        aside(move || toy.press_play()).await;
        house.until_state(0, message, "heard").await;
        if n < N_DOWNLOADS {
            let began = speaks(toy, n).await;
            house.until_item().await;
            downloads.push(began.elapsed().as_secs_f64());
        }
        house.stop().await;
        let is_alone = json!({ "connected": false, "advertising": true });
        aside(move || toy.wait(is_alone)).await;

        let bare = Bare::connect(toy).await;
        bare.upload(&chunks).await;
        bare_uploads.push(upload_s(toy).await);
        if n < N_DOWNLOADS {
            // The toy is left in peace after an upload.
            sleep(Duration::from_millis(300)).await;
            let n_bytes = aside(move || toy.slot(0)).await.bytes.len();
            let began = bare.begin_download().await;
            bare.download(n_bytes).await;
            bare_downloads.push(began.elapsed().as_secs_f64());
        }
        bare.leave().await;
        aside(move || toy.wait(json!({ "connected": false, "advertising": true }))).await;
    }
    println!("deliveries {uploads:.3?}, bare {bare_uploads:.3?}");
    println!("downloads {downloads:.3?}, bare {bare_downloads:.3?}");
    // Whatever else the machine does can only make one slower: the best of each.
    let ratio = |of: &[f64], to: &[f64]| best(to) / best(of);
    (ratio(&uploads, &bare_uploads), ratio(&downloads, &bare_downloads))
}

/// Returns how many milliseconds it takes until the hub has a toy that woke up, in the middle, and how
/// often in a hundred it has it by its second try.
async fn wakings() -> (f64, f64) {
    let [toy, ..] = aside(guest::begin).await;
    let (mut took_ms, mut n_soon) = (Vec::new(), 0.0);
    for _ in 0..N_WAKINGS {
        aside(move || toy.sleep()).await;
        // Each is the first that this hub hears of it: nothing is put off because of what was.
        let mut house = House::with_toys(1).await;
        house.until_radio(guest::PATIENCE, RadioState::Works).await;
        sleep(Duration::from_secs(1)).await;
        let woken = Instant::now();
        aside(move || toy.wake()).await;
        house.until_presence(0, Presence::Awake).await;
        took_ms.push(woken.elapsed().as_secs_f64() * 1_000.0);
        if house.n_tries.load(Ordering::Relaxed) <= 2 {
            n_soon += 1.0;
        }
        house.stop().await;
    }
    println!("ready after {took_ms:.0?} ms");
    let n_all = took_ms.len() as f64;
    (median(took_ms), n_soon / n_all * 100.0)
}

/// Returns how much of a processor the daemon takes in per cent, while it holds two toys that do
/// nothing.
fn holding_two_toys() -> f64 {
    let new = |last: u8| json!({ "address": format!("C0:FF:EE:00:00:0{last}"), "config": "" });
    let toys = guest::begin_with(&[new(1), new(2)]);
    let mut household = Household::new("bluez");
    let mut hub = household.start();
    for toy in toys {
        adopts::adopt(&mut hub, toy, "Diesel");
    }
    let are_awake = |all: &Value| {
        let toys = all["toys"].as_array().unwrap();
        toys.len() == 2 && toys.iter().all(|toy| toy["presence"] == "awake")
    };
    hub.until("/api/v1/toys", are_awake);
    // Adopting them is over.
    std::thread::sleep(Duration::from_secs(20));
    let before = hub.processor_ticks();
    std::thread::sleep(IDLE);
    let n_ticks = hub.processor_ticks() - before;
    assert!(are_awake(&hub.get("/api/v1/toys")), "a toy was lost meanwhile");
    hub.stop();
    println!("{n_ticks} ticks in {IDLE:?}");
    // A tick is a hundredth of a second.
    n_ticks as f64 / IDLE.as_secs_f64()
}
