//! `hutch erase --household`, and the same from the page: afterwards the hub is as on its first day.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::*;

const NAME: &str = "Annabella-Magnolia";
const PASSWORD: &str = "correct-horse-battery-staple-moss";

/// A guardian at the page of a hub.
struct Guardian {
    browser: ureq::Agent,
    address: String,
    cookie: String,
}

impl Guardian {
    /// Sets a hub up.
    fn set_up(household: &Household, hub: &Hub) -> Self {
        let (code, address) = hub.asked();
        let pem = fs::read(household.state().join("tls-root.pem")).unwrap();
        let mut guardian = Self { browser: browser(&pem), address, cookie: String::new() };
        let body = json!({
            "code": code.unwrap(), "name": NAME, "password": PASSWORD, "household": "Millers",
        });
        let (status, cookie) = guardian.post("/api/v1/setup", &body);
        assert_eq!(status, 201);
        guardian.cookie = cookie.unwrap();
        let (status, _) = guardian.post("/api/v1/me/confirm", &json!({ "password": PASSWORD }));
        assert_eq!(status, 200);
        guardian
    }

    fn post(&self, path: &str, body: &Value) -> (u16, Option<String>) {
        let request = self.browser.post(format!("{}{path}", self.address));
        let request = request.header("origin", &self.address).header("cookie", &self.cookie);
        let answer = request.send_json(body).unwrap();
        let cookies = answer.headers().get_all("set-cookie").iter();
        let session = cookies
            .map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned())
            .find(|cookie| cookie.starts_with("__Host-hutch="));
        (answer.status().as_u16(), session)
    }
}

/// Every file in a folder and those in it, with what is in it.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if let Ok(bytes) = fs::read(&path) {
            files.push(bytes);
        }
    }
    files
}

/// What only this household has: its keys, whatever is sealed or wrapped, the name to sign in with.
fn traces(household: &Household) -> HashSet<Vec<u8>> {
    let state = household.state();
    let mut traces = HashSet::new();
    for name in ["device.key", "hash.key"] {
        traces.insert(fs::read(state.join(name)).unwrap()[..16].to_vec());
    }
    let pem = fs::read_to_string(state.join("tls-root.pem")).unwrap();
    let line = pem.lines().find(|line| line.len() == 64 && !line.contains('-')).unwrap();
    traces.insert(line.as_bytes()[20..36].to_vec());
    traces.insert(NAME.to_lowercase().as_bytes()[..16].to_vec());
    for bytes in files(&state) {
        for (at, _) in bytes.windows(4).enumerate().filter(|(_, four)| *four == b"\x89HTC") {
            traces.extend(bytes.get(at + 8..at + 24).map(<[u8]>::to_vec));
        }
    }
    traces
}

fn n_found(household: &Household, traces: &HashSet<Vec<u8>>) -> usize {
    let all = files(&household.state());
    let windows = all.iter().flat_map(|bytes| bytes.windows(16));
    windows.filter(|window| traces.contains(*window)).collect::<HashSet<_>>().len()
}

fn erase(household: &Household, options: &[&str]) -> Output {
    let mut command = household.command("erase");
    command.arg("--household").args(options).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn a_running_hub_erases_itself_and_begins_anew() {
    let household = Household::new();
    let hub = household.start();
    let guardian = Guardian::set_up(&household, &hub);
    fs::write(household.state().join("breached.idx"), "a list").unwrap();
    let traces = traces(&household);
    assert!(n_found(&household, &traces) == traces.len() && 8 < traces.len());
    let before = fs::read(household.state().join("tls-root.pem")).unwrap();

    let done = erase(&household, &["--yes"]);

    assert!(done.status.success(), "{}\n{}", text(&done.stderr), hub.log());
    let (code, address) = hub.asked();
    let code = code.expect("it waits to be set up");
    assert!(text(&done.stdout).contains(&code), "{}", text(&done.stdout));
    assert_eq!(address, guardian.address, "the page is where it was");
    assert_eq!(n_found(&household, &traces), 0);
    assert!(!household.state().join("breached.idx").exists());
    assert_ne!(fs::read(household.state().join("tls-root.pem")).unwrap(), before);
    assert!(guardian.browser.get(&address).call().is_err(), "it is another hub to its browser");
    for secret in [NAME, PASSWORD, "Millers", &code] {
        assert!(!hub.log().contains(secret), "{}", hub.log());
    }
    // The next family moves in, and the first one is unknown to it.
    Guardian::set_up(&household, &hub);
    hub.stop();
    household.start().stop();
    assert_eq!(n_found(&household, &traces), 1, "only the same name, chosen again");
}

#[test]
fn after_a_theft_the_hub_gets_another_certificate() {
    let household = Household::new();
    let hub = household.start();
    let guardian = Guardian::set_up(&household, &hub);
    let file = household.state().join("tls-root.pem");
    let before = fs::read(&file).unwrap();
    let change = |is_stolen: bool| json!({ "password": PASSWORD, "stolen": is_stolen });

    assert_eq!(guardian.post("/api/v1/keys/change", &change(false)).0, 200);
    assert_eq!(fs::read(&file).unwrap(), before, "nobody else has its key");
    // The change before is still under way for a moment.
    let mut tries = 0..3_000;
    while guardian.post("/api/v1/keys/change", &change(true)).0 != 200 {
        assert!(tries.next().is_some(), "{}", hub.log());
        thread::sleep(Duration::from_millis(20));
    }
    while file.exists() {
        assert!(tries.next().is_some(), "{}", hub.log());
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(guardian.post("/api/v1/me/confirm", &json!({ "password": PASSWORD })).0, 200);
    // The power goes.
    hub.kill();
    let hub = household.start();

    assert_ne!(fs::read(&file).unwrap(), before);
    let (_, address) = hub.asked();
    assert!(
        guardian.browser.get(&address).call().is_err(),
        "the key that was stolen is not believed"
    );
    hub.stop();
}

#[test]
fn a_guardian_erases_the_household_from_the_page_by_typing_its_name() {
    let household = Household::new();
    let hub = household.start();
    let guardian = Guardian::set_up(&household, &hub);
    let traces = traces(&household);
    let path = "/api/v1/household/erase";

    assert_eq!(guardian.post(path, &json!({ "name": NAME })).0, 422, "the household has a name");
    assert_eq!(hub.asked().0, None);
    assert_eq!(guardian.post(path, &json!({ "name": " millers " })).0, 204);

    assert_eq!(hub.notified(), "READY=1", "it is there again");
    assert!(hub.asked().0.is_some(), "it waits to be set up");
    assert_eq!(n_found(&household, &traces), 0);
    hub.stop();
}

#[test]
fn a_folder_that_is_not_there_says_which_option_names_it() {
    let household = Household::new();
    assert!(!household.state().exists());

    let refused = erase(&household, &["--yes"]);

    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("there is no household in") && said.contains("--state"), "{said}");
    assert!(!household.state().exists());
}

#[test]
fn where_no_hub_runs_the_folder_is_emptied() {
    let household = Household::new();
    let hub = household.start();
    Guardian::set_up(&household, &hub);
    hub.kill();
    fs::write(household.state().join(".device.key.part"), "half a key").unwrap();
    fs::write(household.state().join("holiday.jpg"), "a picture").unwrap();

    let done = erase(&household, &["--yes"]);

    assert!(done.status.success(), "{}", text(&done.stderr));
    assert_eq!(names(&household.state()), ["holiday.jpg", "run"]);
    assert!(text(&done.stdout).contains("did not put it there"), "{}", text(&done.stdout));
    let again = erase(&household, &["--yes"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("there is no household in"), "{}", text(&again.stderr));
    let hub = household.start();
    assert!(hub.asked().0.is_some());
    hub.stop();
}

#[test]
fn nothing_is_erased_unless_somebody_means_it() {
    let household = Household::new();
    let hub = household.start();
    Guardian::set_up(&household, &hub);

    let unasked = erase(&household, &[]);

    assert_eq!(unasked.status.code(), Some(1));
    assert!(text(&unasked.stderr).contains("--yes"), "{}", text(&unasked.stderr));
    assert_eq!(hub.asked().0, None, "it is set up still");
    let nothing = household.command("erase").arg("--yes").output().unwrap();
    assert_eq!(nothing.status.code(), Some(2));
    hub.stop();
}

/// The folder as a power cut leaves it after the first step.
#[test]
fn what_a_power_cut_left_is_erased_at_the_next_start() {
    let household = Household::new();
    let hub = household.start();
    Guardian::set_up(&household, &hub);
    let traces = traces(&household);
    hub.kill();
    fs::write(household.state().join("erasing"), "").unwrap();

    let hub = household.start();

    assert!(hub.asked().0.is_some(), "it waits to be set up");
    assert_eq!(n_found(&household, &traces), 0);
    assert!(!household.state().join("erasing").exists());
    hub.stop();
}
