//! The hub as its package starts it: a user of its own, whom the system bus lets ask bluetoothd for
//! what `systemd/hutch.dbus.conf` names, and for nothing else.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::Write as _,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command},
};

use serde_json::json;

use crate::{
    adapter, adopts, bus,
    guest::{self, until},
    hub::Household,
};

const CONF: &str = include_str!("../../systemd/hutch.dbus.conf");

/// The hub's user in the guest.
const USER: &str = "hutch";
const ID: u32 = 990;

/// Where [`CONF`] goes.
const PLACE: &str = "/usr/share/dbus-1/system.d/hutch.conf";

/// What Debian's bluetoothd allows everybody is taken back here, which is read last.
const LOCAL: &str = "/etc/dbus-1/system-local.conf";
const NOBODY: &str = "<busconfig><policy context=\"default\">\
    <deny send_destination=\"org.bluez\"/></policy></busconfig>";

/// While this lives, the bus lets nobody but root ask bluetoothd, and the hub's user what it was granted.
struct Strict;

impl Strict {
    fn begin() -> Self {
        let mut users = OpenOptions::new().append(true).open("/etc/passwd").unwrap();
        writeln!(users, "{USER}:x:{ID}:{ID}::/:/usr/sbin/nologin").unwrap();
        fs::write(LOCAL, NOBODY).unwrap();
        bus::ask("ReloadConfig", &[]);
        Self
    }
}

impl Drop for Strict {
    fn drop(&mut self) {
        drop(fs::remove_file(LOCAL));
        drop(fs::remove_file(PLACE));
        bus::ask("ReloadConfig", &[]);
    }
}

/// Grants the hub's user what [`CONF`] does, but for calls of these names.
fn grant(but: &[&str]) {
    let is_wanted = |part: &&str| !but.iter().any(|name| part.contains(&member(name)));
    let granted: String = CONF.split_inclusive("/>").filter(is_wanted).collect();
    fs::write(PLACE, granted).unwrap();
    bus::ask("ReloadConfig", &[]);
}

fn member(name: &str) -> String {
    format!("send_member=\"{name}\"")
}

/// The calls that [`CONF`] names, interface and name.
fn named() -> BTreeSet<String> {
    let value = |allow: &str, of: &str| {
        let (_, rest) = allow.split_once(&format!("{of}=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let allows = CONF.split("<allow ").skip(1);
    allows
        .map(|it| format!("{}.{}", value(it, "send_interface"), value(it, "send_member")))
        .collect()
}

/// What goes over the bus to bluetoothd, while it lives.
struct Monitor {
    process: Child,
    file: PathBuf,
}

impl Monitor {
    fn begin(folder: &Path) -> Self {
        let file = folder.join("calls");
        let process = Command::new("dbus-monitor")
            .args(["--system", "--profile", "type='method_call'"])
            .stdout(File::create(&file).unwrap())
            .spawn()
            .unwrap();
        let monitor = Self { process, file };
        until("the bus is watched", || {
            bus::ask("GetId", &[]);
            !fs::read(&monitor.file).unwrap().is_empty()
        });
        monitor
    }

    /// The calls that the hub's user made to bluetoothd. It must still be on the bus.
    fn called(&self) -> BTreeSet<String> {
        let text = fs::read_to_string(&self.file).unwrap();
        let calls: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split('\t').collect())
            // What, when, number, from, to, object, interface, name.
            .filter(|call: &Vec<&str>| call.len() == 8 && call[0] == "mc" && call[4] == "org.bluez")
            .collect();
        let users = bus::ask("ListNames", &[]);
        let is_hub =
            |name: &&str| users.contains(&format!("\"{name}\"")) && bus::user_of(name) == ID;
        let senders: BTreeSet<&str> = calls.iter().map(|call| call[3]).collect();
        let hub: BTreeSet<&str> = senders.into_iter().filter(is_hub).collect();
        let is_its = |call: &&Vec<&str>| hub.contains(call[3]);
        calls.iter().filter(is_its).map(|call| format!("{}.{}", call[6], call[7])).collect()
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Asks bluetoothd as the hub's user, and returns what is said on the error stream.
fn ask_as_hub(method: &str, arguments: &[&str]) -> String {
    let output = Command::new("dbus-send")
        .args(["--system", "--print-reply", "--dest=org.bluez", "/org/bluez/hci0", method])
        .args(arguments)
        .uid(ID)
        .gid(ID)
        .output()
        .unwrap();
    String::from_utf8(output.stderr).unwrap()
}

#[test]
#[ignore = "needs the guest: make test-bluez"]
fn a_user_of_its_own_needs_every_line_of_the_policy_and_nothing_else() {
    let [_, toy, far] = guest::begin();
    toy.set(json!({ "time_scale": 0.05 }));
    let _strict = Strict::begin();
    let monitor_at = tempfile::tempdir().unwrap();
    let monitor = Monitor::begin(monitor_at.path());
    let mut household = Household::new("bluez");
    household.belongs_to(ID);
    adapter::power(false);

    let mut hub = household.start();
    hub.until("/api/v1/radio", |radio| radio["state"] == "denied");
    assert!(hub.log().contains("/usr/share/dbus-1/system.d"), "{}", hub.log());

    // Without the sockets that bluetoothd hands out, everything goes over the bus.
    grant(&["AcquireWrite", "AcquireNotify"]);
    hub.until("/api/v1/radio", |radio| radio["state"] == "works");
    let child = adopts::adopt(&mut hub, toy, "Diesel");
    adopts::say_and_hear(&mut hub, toy, &child, 500);
    assert!(hub.log().contains("it goes over the bus"), "{}", hub.log());

    grant(&[]);
    toy.disconnect();
    adopts::say_and_hear(&mut hub, toy, &child, 700);
    // A connection that does not come about is given up.
    let far_away = far.state()["address"].clone();
    hub.until("/api/v1/radio", |radio| {
        radio["toys"].as_array().unwrap().iter().any(|toy| toy["address"] == far_away)
    });
    far.sleep();
    let met = hub.post("/api/v1/meetings", &json!({ "address": far_away }));
    until("it is being connected to", || monitor.called().contains("org.bluez.Device1.Connect"));
    std::thread::sleep(std::time::Duration::from_millis(500));
    hub.post(&format!("/api/v1/meetings/{}/end", met["id"].as_str().unwrap()), &json!({}));
    until("it was given up", || monitor.called().contains("org.bluez.Device1.Disconnect"));

    let others = [
        ask_as_hub("org.freedesktop.DBus.Properties.GetAll", &["string:org.bluez.Adapter1"]),
        ask_as_hub("org.bluez.Adapter1.GetDiscoveryFilters", &[]),
    ];
    for denied in others {
        assert!(denied.contains("AccessDenied"), "{denied}");
    }
    assert_eq!(monitor.called(), named());
    drop(monitor);
    hub.stop();
    toy.wait(json!({ "connected": false }));
    assert_eq!(toy.violations(), [""; 0]);
}
