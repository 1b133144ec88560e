//! The real bluetoothd: kills, stops and starts it, and asks it over the system bus.

use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};

use crate::guest;

const PID_FILE: &str = "/run/bluetoothd.pid";

/// Takes it away as a crash does.
pub(crate) fn kill() {
    guest::end(PID_FILE, Signal::KILL);
}

/// Stops it as systemd does.
pub(crate) fn stop() {
    guest::end(PID_FILE, Signal::TERM);
}

/// Waits until it has gone by itself.
pub(crate) fn is_gone() {
    guest::until("bluetoothd has gone", || guest::process(PID_FILE).is_none());
}

pub(crate) fn pid() -> Pid {
    guest::process(PID_FILE).unwrap()
}

/// Starts it, unless it runs; it is on the bus when this returns.
pub(crate) fn start() {
    if guest::process(PID_FILE).is_none() {
        guest::script("bluetoothd-up.sh", &[]);
    }
}

/// Has it answer nobody until [`thaw`], while the bus still knows it.
pub(crate) fn freeze() {
    kill_process(guest::process(PID_FILE).unwrap(), Signal::STOP).unwrap();
}

pub(crate) fn thaw() {
    if let Some(pid) = guest::process(PID_FILE) {
        kill_process(pid, Signal::CONT).unwrap();
    }
}

/// Calls a method of an object, with arguments as `dbus-send` spells them, and returns the answer as
/// that prints it, or the error.
pub(crate) fn call(object: &str, method: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("dbus-send")
        .args(["--system", "--print-reply", "--reply-timeout=10000", "--dest=org.bluez"])
        .args([object, method])
        .args(arguments)
        .output()
        .unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8(output.stderr).unwrap())
    }
}

/// Returns the objects below the adapter that are devices.
pub(crate) fn devices() -> Vec<String> {
    let all = call("/", "org.freedesktop.DBus.ObjectManager.GetManagedObjects", &[]).unwrap();
    let quoted = all.lines().filter_map(|line| line.trim().strip_prefix("object path \""));
    let mut devices: Vec<String> = quoted
        .map(|path| path.trim_end_matches('"').to_owned())
        .filter(|path| path.starts_with("/org/bluez/hci0/dev_") && path.matches('/').count() == 4)
        .collect();
    devices.sort();
    devices.dedup();
    devices
}
