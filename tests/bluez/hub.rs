//! The hub in the guest: a process with a state folder, and a guardian's browser that asks it.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    os::unix::{fs::chown, net::UnixDatagram, process::CommandExt as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
};

use hutch::control::{Answer, Request, SOCKET, ask};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::guest::{PATIENCE, until};

const NAME: &str = "Robin";
const PASSWORD: &str = "kettle-harbor-violin-acorn-drizzle";

/// The logs of all hubs, where they outlive the guest.
const LOG: &str = "/vmio/hub.log";

/// The folders of one household, over restarts of its hub.
pub(crate) struct Household {
    dir: tempfile::TempDir,
    radio: &'static str,
    is_founded: bool,
    user: Option<u32>,
}

/// A running hub, and the browser of its guardian.
pub(crate) struct Hub {
    process: Child,
    stderr: PathBuf,
    agent: ureq::Agent,
    origin: String,
    cookie: String,
}

impl Household {
    /// One whose hub has this radio, which is `bluez` where anything is to be heard.
    pub(crate) fn new(radio: &'static str) -> Self {
        Self { dir: tempfile::tempdir().unwrap(), radio, is_founded: false, user: None }
    }

    /// Has the hub run as this user, who may have nothing but its folders.
    pub(crate) fn belongs_to(&mut self, user: u32) {
        chown(self.dir.path(), Some(user), Some(user)).unwrap();
        // Where it was built may be nobody else's business.
        fs::copy(env!("CARGO_BIN_EXE_hutch"), self.dir.path().join("hutch")).unwrap();
        self.user = Some(user);
    }

    /// The folder of the control socket.
    pub(crate) fn run(&self) -> PathBuf {
        self.dir.path().join("state").join("run")
    }

    /// Starts the hub and signs the guardian in, whom the first start makes.
    pub(crate) fn start(&mut self) -> Hub {
        self.start_with(|_command| {})
    }

    /// The same with other arguments or another environment, `HUTCH_LOG` for instance.
    pub(crate) fn start_with(&mut self, change: impl FnOnce(&mut Command)) -> Hub {
        let path = |name: &str| self.dir.path().join(name);
        let (state, notify, stderr) = (path("state"), path("notify"), path("stderr"));
        drop(fs::remove_file(&notify));
        let notified = UnixDatagram::bind(&notify).unwrap();
        notified.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut command = match self.user {
            None => Command::new(env!("CARGO_BIN_EXE_hutch")),
            Some(user) => {
                chown(&notify, Some(user), Some(user)).unwrap();
                let mut command = Command::new(path("hutch"));
                command.uid(user).gid(user);
                command
            }
        };
        // What the guest is told is none of the hub's business.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("HUTCH_") {
                command.env_remove(name);
            }
        }
        command
            .args(["serve", "--port", "0", "--state"])
            .arg(&state)
            .env("HUTCH_RADIO", self.radio)
            .env("HUTCH_LISTEN", "127.0.0.1,::1")
            .env("NOTIFY_SOCKET", &notify)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&stderr).unwrap());
        change(&mut command);
        let process = command.spawn().unwrap();
        let tls = ureq::tls::TlsConfig::builder().disable_verification(true).build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE));
        let (agent, origin) = (config.build().into(), String::new());
        let mut hub = Hub { process, stderr, agent, origin, cookie: String::new() };

        let mut ready = [0; 64];
        let n_bytes =
            notified.recv(&mut ready).unwrap_or_else(|error| hub.fail(&error.to_string()));
        assert_eq!(&ready[..n_bytes], b"READY=1");
        let Ok(Answer::SetupCode { code, places }) =
            ask(&state.join("run").join(SOCKET), &Request::SetupCode)
        else {
            hub.fail("it does not tell where it is")
        };
        hub.origin = places.into_iter().next().expect("it is nowhere");
        let credentials = json!({ "name": NAME, "password": PASSWORD });
        if self.is_founded {
            hub.post("/api/v1/sessions", &credentials);
        } else {
            let mut founder = credentials;
            founder["code"] = code.expect("it is not set up").into();
            hub.post("/api/v1/setup", &founder);
            self.is_founded = true;
        }
        hub
    }
}

impl Hub {
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap()
    }

    /// Returns how much of a processor's time it has taken, in hundredths of a second.
    #[allow(dead_code, reason = "the figures need it")]
    pub(crate) fn processor_ticks(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        // The name before it may hold anything.
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let ticks = fields.split_whitespace().skip(11).take(2);
        ticks.map(|n| n.parse::<u64>().unwrap()).sum()
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.process)
    }

    #[track_caller]
    fn fail(&self, what: &str) -> ! {
        panic!("{what}; its log: {}", self.log())
    }

    /// Gives the password once more, as a page does before what needs that.
    pub(crate) fn confirm(&mut self) {
        self.post("/api/v1/me/confirm", &json!({ "password": PASSWORD }));
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        serde_json::from_slice(&self.bytes(path)).unwrap()
    }

    #[track_caller]
    pub(crate) fn bytes(&self, path: &str) -> Vec<u8> {
        let url = format!("{}{path}", self.origin);
        let mut answer = self.agent.get(&url).header("cookie", &self.cookie).call().unwrap();
        let body = answer.body_mut().read_to_vec().unwrap();
        assert_eq!(answer.status(), 200, "{path}: {}", String::from_utf8_lossy(&body));
        body
    }

    /// Posts, which must succeed.
    #[track_caller]
    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Value {
        self.ask("POST", path, "application/json", body.to_string().as_bytes())
    }

    /// Asks whatever may change something, which must succeed.
    #[track_caller]
    pub(crate) fn ask(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Value {
        let (status, answer) = self.try_ask(method, path, kind, body);
        if !(200..300).contains(&status) {
            self.fail(&format!("{method} {path}: {status} {answer}"));
        }
        answer
    }

    /// Returns the status and the answer, which is nothing where there is none.
    #[track_caller]
    pub(crate) fn try_ask(
        &mut self,
        method: &str,
        path: &str,
        kind: &str,
        body: &[u8],
    ) -> (u16, Value) {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin))
            .header("cookie", &self.cookie)
            .header("origin", &self.origin)
            .header("content-type", kind)
            .body(body)
            .unwrap();
        let mut answer = self.agent.run(request).unwrap();
        if let Some(cookie) = answer.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            cookie.clone_into(&mut self.cookie);
        }
        let body = answer.body_mut().read_to_vec().unwrap();
        (answer.status().as_u16(), serde_json::from_slice(&body).unwrap_or_default())
    }

    /// Waits until what a path says is so, and returns that.
    #[track_caller]
    pub(crate) fn until(&self, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let mut said = Value::Null;
        until(path, || {
            said = self.get(path);
            is_so(&said)
        });
        said
    }

    /// Stops it the way systemd does.
    pub(crate) fn stop(mut self) {
        kill_process(Pid::from_child(&self.process), Signal::TERM).unwrap();
        let mut status = None;
        until("the hub has stopped", || {
            status = self.process.try_wait().unwrap();
            status.is_some()
        });
        assert!(status.unwrap().success(), "{}", self.log());
    }

    /// Takes its breath away, as a power cut does.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
        let test = thread::current().name().unwrap_or_default().to_owned();
        let log = fs::read_to_string(&self.stderr).unwrap_or_default();
        if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(LOG) {
            drop(write!(file, "--- {test}\n{log}"));
        }
    }
}
