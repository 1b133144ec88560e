//! The adapter, as people and hubs see it: switched off and on, pulled out and put back.

use std::{path::Path, process::Command};

use rustix::process::{Pid, Signal};
use serde_json::json;

use crate::{bluetoothd, guest, toy::Toy};

const OBJECT: &str = "/org/bluez/hci0";
const INTERFACE: &str = "string:org.bluez.Adapter1";

/// The process that emulates the adapter, the toys and the air between them.
const PID_FILE: &str = "/run/toy.pid";

/// Whether the kernel has it, bluetoothd or not.
pub(crate) fn is_there() -> bool {
    guest::process(PID_FILE).is_some() && Path::new("/sys/class/bluetooth/hci0").exists()
}

/// The public addresses of the first adapter and of another.
pub(crate) const ADDRESSES: [&str; 2] = ["00:AA:01:00:00:00", "00:AA:01:00:00:01"];

pub(crate) fn pid() -> Pid {
    guest::process(PID_FILE).unwrap()
}

/// Puts in the first (0) or another (1) adapter; the toys are in the air of both.
pub(crate) fn plug(n: usize) {
    Toy::at(0).ask(json!({ "do": "adapter", "n": n, "plugged": true }));
    guest::until("the adapter is there", || is_known(n));
}

/// Pulls one out, and leaves the toys.
pub(crate) fn unplug(n: usize) {
    Toy::at(0).ask(json!({ "do": "adapter", "n": n, "plugged": false }));
    guest::until("the adapter is gone", || !is_known(n));
}

/// Whether the kernel has it.
pub(crate) fn is_known(n: usize) -> bool {
    Path::new(&format!("/sys/class/bluetooth/hci{n}")).exists()
}

/// Has the first one take no command, or take them again.
pub(crate) fn set_deaf(is_deaf: bool) {
    Toy::at(0).ask(json!({ "do": "adapter", "deaf": is_deaf }));
}

/// Makes them as they were in the beginning, but for what was pulled out.
pub(crate) fn mend() {
    Toy::at(0).ask(json!({ "do": "adapter", "deaf": false }));
    unplug(1);
}

/// Whether bluetoothd says that it is powered, if there is one that knows it.
pub(crate) fn is_powered() -> Option<bool> {
    let get = "org.freedesktop.DBus.Properties.Get";
    let answer = bluetoothd::call(OBJECT, get, &[INTERFACE, "string:Powered"]).ok()?;
    Some(answer.contains("boolean true"))
}

/// Switches it on or off.
pub(crate) fn power(on: bool) {
    let (set, value) = ("org.freedesktop.DBus.Properties.Set", format!("variant:boolean:{on}"));
    guest::until("the adapter is switched", || {
        // Busy is what it says while it does the last thing that it was told.
        is_powered() == Some(on)
            || bluetoothd::call(OBJECT, set, &[INTERFACE, "string:Powered", &value]).is_ok()
                && is_powered() == Some(on)
    });
}

/// Pulls it out; the toys go with it, and come back with it as they were started.
pub(crate) fn remove() {
    guest::end(PID_FILE, Signal::KILL);
    guest::until("the adapter is gone", || !Path::new("/sys/class/bluetooth/hci0").exists());
}

/// Puts it back, with its toys; it is powered when this returns.
pub(crate) fn bring_back() {
    let toys = guest::toys_there();
    let arguments: Vec<String> =
        toys.iter().flat_map(|toy| ["--toy".to_owned(), toy.to_string()]).collect();
    guest::script("toy-up.sh", &arguments);
}

/// Has bluetoothd forget every device, with what it knows of its services.
pub(crate) fn forget_devices() {
    for device in bluetoothd::devices() {
        let argument = format!("objpath:{device}");
        // It may have gone by itself.
        drop(bluetoothd::call(OBJECT, "org.bluez.Adapter1.RemoveDevice", &[&argument]));
    }
    guest::until("every device is forgotten", || bluetoothd::devices().is_empty());
}

/// Listens for some seconds, and leaves what was heard with bluetoothd.
pub(crate) fn scan(seconds: u32) {
    let time = seconds.to_string();
    let output =
        Command::new("bluetoothctl").args(["--timeout", &time, "scan", "on"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
