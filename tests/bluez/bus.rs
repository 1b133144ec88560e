//! The guest's system bus, without which nobody can ask bluetoothd anything: ends and starts it, and
//! says who may ask what.

use std::process::Command;

use rustix::process::Signal;

use crate::{bluetoothd, guest};

const PID_FILE: &str = "/run/dbus.pid";

/// Takes it away, and with it bluetoothd, which does not do without.
pub(crate) fn kill() {
    guest::end(PID_FILE, Signal::KILL);
    bluetoothd::is_gone();
}

/// Starts it, unless it runs; bluetoothd is not there by that.
pub(crate) fn start() {
    if guest::process(PID_FILE).is_none() {
        guest::script("bus-up.sh", &[]);
    }
}

/// Asks the bus itself, and returns what is printed.
pub(crate) fn ask(method: &str, arguments: &[&str]) -> String {
    let output = Command::new("dbus-send")
        .args(["--system", "--print-reply", "--dest=org.freedesktop.DBus", "/"])
        .arg(format!("org.freedesktop.DBus.{method}"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{method}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the user that somebody on the bus is.
pub(crate) fn user_of(name: &str) -> u32 {
    let answer = ask("GetConnectionUnixUser", &[&format!("string:{name}")]);
    answer.split_whitespace().last().unwrap().parse().unwrap()
}
