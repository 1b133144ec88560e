//! The guest that the tests run in: what a test finds when it begins, and what they all use.

use std::{
    fs,
    process::{Command, Stdio},
    sync::Mutex,
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{adapter, bluetoothd, bus, toy::Toy};

/// Longer than anything here takes on a busy machine, but what says otherwise.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

static TOYS: Mutex<Vec<Value>> = Mutex::new(Vec::new());

/// Whether this is the long tier, in which a test may take minutes.
pub(crate) fn is_long() -> bool {
    std::env::var_os("HUTCH_BLUEZ").is_some_and(|form| form == "long")
}

/// Puts everything right for a test: bluetoothd knows no device, its adapter is powered, and the
/// toys are as they were started, awake and advertising.
///
/// There is one that was here before, one that is new from the factory, and one that is far away.
pub(crate) fn begin() -> [Toy; 3] {
    begin_with(&[
        json!({}),
        json!({ "address": "C0:FF:EE:00:00:02", "name": "Cloud Pets A 1.0.15", "config": "" }),
        json!({ "address": "C0:FF:EE:00:00:03", "config": "0311_23_16_05_09", "rssi": -88 }),
    ])
}

/// The same with other toys, of these settings (`guest/toy/settings.py`); if others are there, that
/// takes seconds.
pub(crate) fn begin_with<const N: usize>(toys: &[Value; N]) -> [Toy; N] {
    bluetoothd::thaw();
    bus::start();
    bluetoothd::start();
    if adapter::is_there() && toys_there() == toys {
        adapter::mend();
        for place in 0..N {
            Toy::at(place).reset();
        }
    } else {
        adapter::remove();
        *TOYS.lock().unwrap() = toys.to_vec();
        adapter::bring_back();
    }
    adapter::power(true);
    adapter::forget_devices();
    let toys = std::array::from_fn(Toy::at);
    for toy in toys {
        toy.wait(json!({ "advertising": true, "connected": false }));
    }
    toys
}

/// The settings of the toys that are there, or would be with the adapter.
pub(crate) fn toys_there() -> Vec<Value> {
    TOYS.lock().unwrap().clone()
}

/// Runs what blocks, a request to a toy for instance, beside the tasks of a test.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// Waits until something is so, which `what` says.
#[track_caller]
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let limit = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < limit, "{what}: not after {PATIENCE:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Runs a script of the guest.
#[track_caller]
pub(crate) fn script(name: &str, arguments: &[String]) {
    let path = format!("{}/tests/bluez/guest/{name}", env!("CARGO_MANIFEST_DIR"));
    // What it starts keeps its streams, so a pipe would never end.
    let status = Command::new(path).args(arguments).stdin(Stdio::null()).status().unwrap();
    assert!(status.success(), "{name} {arguments:?}: {status}");
}

/// The process that a script of the guest has started, if it still runs.
pub(crate) fn process(file: &str) -> Option<Pid> {
    let pid: i32 = fs::read_to_string(file).ok()?.trim().parse().ok()?;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let is_over = stat.rsplit(')').next()?.trim_start().starts_with('Z');
    if is_over { None } else { Pid::from_raw(pid) }
}

/// Ends such a process, and waits until it is gone.
pub(crate) fn end(file: &str, signal: Signal) {
    if let Some(pid) = process(file) {
        kill_process(pid, signal).unwrap();
        until(file, || process(file).is_none());
    }
}
