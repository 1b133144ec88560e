//! `hutch serve` as people and systemd start it: a process with a state folder.

mod clients;
mod doctor;
mod erasing;
mod home;
mod load;
mod restoring;
mod toys;
mod trust;
mod watchdog;

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::Read as _,
    os::unix::{
        fs::{FileTypeExt as _, OpenOptionsExt as _, PermissionsExt as _},
        net::UnixDatagram,
    },
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::Arc,
    thread,
    time::Duration,
};

use hutch::control::{Answer, Request, SOCKET, ask};
use rustix::{
    fs::OFlags,
    process::{Pid, Signal, kill_process},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// Longer than a start or a stop takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// The folders of one household, over restarts.
struct Household {
    dir: tempfile::TempDir,
}

/// A running hub.
struct Hub {
    process: Child,
    notified: UnixDatagram,
    run: PathBuf,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Household {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    fn run(&self) -> PathBuf {
        self.state().join("run")
    }

    /// The command, without whatever the environment of the tests would tell it.
    fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hutch"));
        command.args(subcommand.split(' ')).arg("--state").arg(self.state());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("HUTCH_") {
                command.env_remove(name);
            }
        }
        for name in ["JOURNAL_STREAM", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC"] {
            command.env_remove(name);
        }
        command.env("HUTCH_RADIO", "sim");
        // Nobody in the network of whoever runs this shall find it.
        command.env("HUTCH_LISTEN", "127.0.0.1,::1");
        command
    }

    fn start(&self) -> Hub {
        self.start_with(|_command| {})
    }

    /// Starts the hub and waits until it says that it is ready.
    fn start_with(&self, change: impl FnOnce(&mut Command)) -> Hub {
        let notify = self.dir.path().join("notify");
        drop(fs::remove_file(&notify));
        let notified = UnixDatagram::bind(&notify).unwrap();
        notified.set_read_timeout(Some(PATIENCE)).unwrap();
        let (stdout, stderr) = (self.dir.path().join("stdout"), self.dir.path().join("stderr"));
        let mut command = self.command("serve");
        command
            .args(["--port", "0"])
            .env("NOTIFY_SOCKET", notify)
            .stdin(Stdio::null())
            .stdout(File::create(&stdout).unwrap())
            .stderr(File::create(&stderr).unwrap());
        change(&mut command);
        let process = command.spawn().unwrap();
        let hub = Hub { process, notified, run: self.run(), stdout, stderr };
        assert_eq!(hub.notified(), "READY=1");
        hub
    }

    /// Starts a hub that is to give up at once.
    fn start_in_vain(&self) -> String {
        self.start_in_vain_with(|_command| {})
    }

    fn start_in_vain_with(&self, change: impl FnOnce(&mut Command)) -> String {
        let mut command = self.command("serve");
        change(command.args(["--port", "0"]));
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        assert!(output.stdout.is_empty());
        text(&output.stderr)
    }

    fn setup_code(&self) -> Output {
        self.command("setup-code").output().unwrap()
    }

    /// Everything in the state folder, with its mode.
    fn modes(&self) -> BTreeMap<PathBuf, u32> {
        let mut modes = BTreeMap::new();
        let mut folders = vec![self.state()];
        while let Some(folder) = folders.pop() {
            modes.insert(folder.clone(), mode(&folder));
            for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    modes.insert(path.clone(), mode(&path));
                }
            }
        }
        modes
    }
}

impl Hub {
    /// What it tells systemd next.
    #[track_caller]
    fn notified(&self) -> String {
        let mut bytes = [0; 64];
        match self.notified.recv(&mut bytes) {
            Ok(n_bytes) => text(&bytes[..n_bytes]),
            Err(error) => panic!("{error}; its log: {}", self.log()),
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap()
    }

    /// The set-up code, and where the page is.
    fn asked(&self) -> (Option<String>, String) {
        match ask(&self.run.join(SOCKET), &Request::SetupCode) {
            Ok(Answer::SetupCode { code, places }) => (code, places.first().unwrap().clone()),
            Ok(_) => panic!("that is another answer"),
            Err(error) => panic!("{error}; its log: {}", self.log()),
        }
    }

    fn code(&self) -> String {
        self.asked().0.expect("it is not set up")
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    fn wait(&mut self) -> ExitStatus {
        let pause = Duration::from_millis(10);
        for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            thread::sleep(pause);
        }
        panic!("it does not stop; its log: {}", self.log());
    }

    /// Stops it the way systemd does.
    fn stop(mut self) {
        self.signal(Signal::TERM);
        assert!(self.wait().success(), "{}", self.log());
    }

    /// Takes its breath away, as a power cut does.
    fn kill(mut self) {
        self.signal(Signal::KILL);
        self.wait();
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A browser that trusts this certificate and no other.
fn browser(pem: &[u8]) -> ureq::Agent {
    let root = Certificate::from_pem(pem).unwrap();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(vec![root])))
        .disable_verification(false)
        .build();
    let config = ureq::Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE));
    config.build().into()
}

#[test]
fn two_hubs_never_share_a_household() {
    let household = Household::new();
    let first = household.start();

    let complaint = household.start_in_vain();

    assert!(complaint.contains("another hub is using"), "{complaint}");
    assert!(complaint.contains(&format!("(process {})", first.process.id())), "{complaint}");
    assert!(complaint.contains("systemctl stop hutch"), "{complaint}");
    assert!(!first.code().is_empty(), "the first goes on");
    first.stop();
    household.start().stop();
}

#[test]
fn everything_is_its_owners_alone() {
    let household = Household::new();
    let hub = household.start();

    let modes = household.modes();
    for (path, mode) in &modes {
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(*mode, wanted, "{}", path.display());
    }
    let state = names(&household.state());
    for name in [
        "device.key",
        "hash.key",
        "hutch.db",
        "hutch.db-wal",
        "lock",
        "run",
        "tls-addresses.pem",
        "tls-names.pem",
        "tls-root.pem",
    ] {
        assert!(state.contains(&name.to_owned()), "{name} is missing in {state:?}");
    }
    assert_eq!(names(&household.run()), ["control", "issue", "setup-code"]);
    assert!(fs::metadata(household.run().join("control")).unwrap().file_type().is_socket());
    hub.stop();

    for (path, mode) in household.modes() {
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, wanted, "{}", path.display());
    }
}

#[test]
fn what_was_left_open_is_closed_again() {
    let household = Household::new();
    household.start().stop();
    let state = household.state();
    fs::set_permissions(&state, fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["device.key", "hash.key", "tls-root.pem", "hutch.db"] {
        fs::set_permissions(state.join(name), fs::Permissions::from_mode(0o644)).unwrap();
    }

    let hub = household.start();

    assert_eq!(mode(&state), 0o700);
    for name in ["device.key", "hash.key", "tls-root.pem", "hutch.db"] {
        assert_eq!(mode(&state.join(name)), 0o600, "{name}");
    }
    let log = hub.log();
    assert_eq!(log.matches("others could read this file").count(), 3, "{log}");
}

#[test]
fn a_browser_that_trusted_the_hub_goes_on_trusting_it() {
    let household = Household::new();
    let files = ["device.key", "hash.key", "tls-root.pem"];
    let read = || files.map(|name| fs::read(household.state().join(name)).unwrap());

    let hub = household.start();
    let before = read();
    let browser = browser(&before[2]);
    assert_eq!(browser.get(hub.asked().1).call().unwrap().status(), 200);
    hub.stop();
    let hub = household.start();

    assert!(read() == before);
    let address = hub.asked().1;
    for name in ["localhost", "127.0.0.1"] {
        let page = browser.get(address.replace("localhost", name)).call().unwrap();
        assert_eq!(page.status(), 200, "{name}");
    }
    hub.stop();
}

#[test]
fn a_damaged_key_is_not_replaced() {
    let household = Household::new();
    household.start().stop();
    let path = household.state().join("device.key");
    fs::write(&path, "short").unwrap();

    let complaint = household.start_in_vain();

    assert!(complaint.contains("device.key is damaged: it has 5 bytes and not 32"), "{complaint}");
    assert_eq!(fs::read(&path).unwrap(), b"short");
    fs::remove_file(&path).unwrap();
    let hub = household.start();
    assert!(hub.log().contains("cannot be sent any more"), "{}", hub.log());
}

#[test]
fn every_signal_that_ends_it_leaves_nothing_behind() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let household = Household::new();
        let mut hub = household.start();
        assert_eq!(names(&household.run()), ["control", "issue", "setup-code"]);

        hub.signal(signal);

        assert_eq!(hub.notified(), "STOPPING=1");
        assert!(hub.wait().success(), "{signal:?}: {}", hub.log());
        assert_eq!(names(&household.run()), [""; 0], "{signal:?}");
        assert!(!household.state().join("hutch.db-wal").exists(), "the database was not closed");
    }
}

#[test]
fn what_a_killed_hub_left_is_no_hindrance() {
    let household = Household::new();
    let hub = household.start();
    let old = hub.code();
    hub.kill();
    assert_eq!(names(&household.run()), ["control", "issue", "setup-code"]);

    let hub = household.start();

    let code = hub.code();
    assert_ne!(code, old);
    let file = fs::read_to_string(household.run().join("setup-code")).unwrap();
    assert_eq!(file, format!("{code}\n"));
}

#[test]
fn the_set_up_code_is_for_whoever_is_in_the_house() {
    let household = Household::new();
    let hub = household.start();
    let (code, address) = hub.asked();
    let code = code.unwrap();

    let shown = household.setup_code();
    let issue = fs::read_to_string(household.run().join("issue")).unwrap();

    assert!(shown.status.success());
    assert!(text(&shown.stdout).contains(&code) && text(&shown.stdout).contains(&address));
    assert!(shown.stderr.is_empty());
    assert!(issue.contains(&code) && issue.contains(&address) && !issue.contains('\\'), "{issue}");
    hub.stop();
    let nobody = household.setup_code();
    assert_eq!(nobody.status.code(), Some(1));
    assert!(text(&nobody.stderr).contains("systemctl status hutch"), "{}", text(&nobody.stderr));
}

#[test]
fn the_set_up_code_is_printed_on_a_terminal_and_nowhere_else() {
    let household = Household::new();

    let hub = household.start_with(|command| {
        command.env("HUTCH_LOG", "trace");
    });
    let code = hub.code();
    assert!(household.setup_code().status.success());
    let (stdout, stderr) = (hub.stdout.clone(), hub.stderr.clone());
    hub.stop();

    assert_eq!(fs::read_to_string(stdout).unwrap(), "");
    let log = fs::read_to_string(stderr).unwrap();
    assert!(log.contains("TRACE"), "{log}");
    for secret in [code.clone(), code.replace('-', "")] {
        assert!(!log.contains(&secret), "{log}");
    }

    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let screen = OpenOptions::new()
        .write(true)
        .custom_flags(OFlags::NOCTTY.bits().try_into().unwrap())
        .open(name.to_str().unwrap())
        .unwrap();
    let hub = household.start_with(|command| {
        command.stdout(screen);
    });
    let (code, address) = hub.asked();
    // Once the hub is gone nobody holds the other end, and reading ends with an error.
    hub.stop();
    let mut shown = Vec::new();
    drop(File::from(terminal).read_to_end(&mut shown));

    let shown = text(&shown);
    assert!(shown.contains(&code.unwrap()) && shown.contains(&address), "{shown}");
}

#[test]
fn settings_come_from_the_file_the_environment_and_flags() {
    let household = Household::new();
    let file = household.dir.path().join("hutch.toml");
    let run = household.dir.path().join("elsewhere");
    fs::write(&file, format!("run = {run:?}\nlisten = [\"127.0.0.2\"]\nport = 1\n")).unwrap();

    let mut hub = household.start_with(|command| {
        command.arg("--config").arg(&file).env("HUTCH_LISTEN", "127.0.0.3");
    });
    hub.run.clone_from(&run);

    let port = hub.asked().1.rsplit(':').next().unwrap().to_owned();
    let pem = fs::read(household.state().join("tls-root.pem")).unwrap();
    let page = browser(&pem).get(format!("https://127.0.0.3:{port}/")).call().unwrap();
    assert_eq!(page.status(), 200);
    assert!(browser(&pem).get(format!("https://127.0.0.2:{port}/")).call().is_err());
    assert!(!household.run().exists());
    assert_eq!(mode(&run), 0o700);
}

#[test]
fn the_first_guardian_uses_up_the_code_and_none_of_it_is_logged() {
    let household = Household::new();
    let hub = household.start_with(|command| {
        command.env("HUTCH_LOG", "trace");
    });
    let (code, address) = hub.asked();
    let code = code.unwrap();
    let pem = fs::read(household.state().join("tls-root.pem")).unwrap();
    let password = "correct-horse-battery-staple-moss";
    let post = |address: &str, path: &str, body: serde_json::Value| {
        let request = browser(&pem).post(format!("{address}{path}"));
        let mut answer = request.header("origin", address).send_json(&body).unwrap();
        let cookie = answer.headers().get("set-cookie").map(|c| c.to_str().unwrap().to_owned());
        let body: serde_json::Value = answer.body_mut().read_json().unwrap();
        (answer.status().as_u16(), cookie, body)
    };

    let wrong =
        serde_json::json!({ "code": "0000-0000-0000", "name": "Anna", "password": password });
    assert_eq!(post(&address, "/api/v1/setup", wrong).0, 403);
    let right = serde_json::json!({ "code": code, "name": "Anna", "password": password });
    let (status, cookie, body) = post(&address, "/api/v1/setup", right);

    assert_eq!(status, 201, "{body}");
    assert_eq!(hub.asked(), (None, address.clone()));
    assert_eq!(names(&household.run()), ["control"]);
    let refused = household.setup_code();
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("set up already"), "{}", text(&refused.stderr));
    match ask(&hub.run.join(SOCKET), &Request::Accounts) {
        Ok(Answer::Accounts { accounts }) => assert_eq!(accounts[0].name, "anna"),
        _ => panic!("the accounts are not told"),
    }
    let stderr = hub.stderr.clone();
    hub.stop();
    let log = fs::read_to_string(stderr).unwrap();
    let cookie = cookie.unwrap();
    let cookie = cookie.split(['=', ';']).nth(1).unwrap();
    let recovery_key = body["recovery_key"].as_str().unwrap();
    for secret in [&code, password, cookie, recovery_key] {
        assert!(20 < log.len() && !log.contains(secret), "{secret} is in the log: {log}");
    }

    let hub = household.start();
    assert_eq!(names(&household.run()), ["control"]);
    let (code, address) = hub.asked();
    assert_eq!(code, None);
    let sign_in = serde_json::json!({ "name": "Anna", "password": password });
    assert_eq!(post(&address, "/api/v1/sessions", sign_in).0, 201);
}
