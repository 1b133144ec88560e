//! The independent toy without air: its answers to the bytes of the air, one after the other, in
//! simulated time (`guest/toy/pipe.py`).

use std::{
    env,
    fs::{self, File},
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use data_encoding::HEXLOWER;
use hutch::toy::wire::Characteristic;
use serde_json::{Value, json};

use super::{
    independent,
    toys::{
        follow::{PATIENCE, Said, Toy},
        script::{Manner, Part, Side},
    },
};

pub(super) struct Pipe {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    now: Duration,
}

impl Pipe {
    pub(super) fn open() -> Self {
        let cache = PathBuf::from(env::var_os("HUTCH_GUEST_CACHE").unwrap());
        // Where the guest keeps its logs.
        let log = File::create("/vmio/pipe.log").map_or_else(|_| Stdio::null(), Stdio::from);
        let mut process = Command::new(cache.join("venv/bin/python"))
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bluez/guest/toy/pipe.py"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let requests = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self { process, requests, answers, now: Duration::ZERO }
    }

    /// Makes it as new, and like the toy of a transcript.
    pub(super) fn begin(&mut self, manner: &Manner) {
        self.ask(&json!({ "do": "reset" }));
        self.ask(&independent::settings(manner));
        self.left();
    }

    #[track_caller]
    fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.requests, "{request}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(answer["ok"], true, "{request}: {answer}");
        self.now = Duration::from_secs_f64(answer["now"].as_f64().unwrap());
        answer
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Toy for Pipe {
    const SIDE: Side = Side::Independent;
    const IS_REAL: bool = false;

    fn connect(&mut self) {
        self.ask(&json!({ "do": "connect" }));
    }

    fn lose(&mut self) {
        self.ask(&json!({ "do": "disconnect", "reason": 8 }));
        self.left();
    }

    fn sleep(&mut self) {
        self.ask(&json!({ "do": "sleep" }));
        self.left();
    }

    fn subscribe(&mut self, to: Characteristic) {
        self.ask(&json!({ "do": "subscribe", "to": number(to) }));
    }

    fn write(&mut self, to: Characteristic, bytes: &[u8], response: bool) {
        let hex = HEXLOWER.encode(bytes);
        self.ask(&json!({ "do": "write", "to": number(to), "hex": hex, "response": response }));
    }

    fn send(&mut self, bytes: &[u8]) {
        self.ask(&json!({ "do": "send", "hex": HEXLOWER.encode(bytes) }));
    }

    fn read(&mut self, from: Characteristic) -> Option<Vec<u8>> {
        let answer = self.ask(&json!({ "do": "read", "from": number(from) }));
        Some(HEXLOWER.decode(answer["hex"].as_str()?.as_bytes()).unwrap())
    }

    fn press_play(&mut self) {
        self.ask(&json!({ "do": "press", "paw": "play" }));
    }

    fn record(&mut self, file: &[u8], length: Duration) {
        let path = env::temp_dir().join("spoken.bin");
        fs::write(&path, file).unwrap();
        let seconds = length.as_secs_f64();
        self.ask(&json!({ "do": "press", "paw": "record", "seconds": seconds, "file": path }));
    }

    fn pass(&mut self, time: Duration) {
        self.ask(&json!({ "do": "pass", "seconds": time.as_secs_f64() }));
    }

    fn now(&mut self) -> Duration {
        self.now
    }

    fn notified(&mut self, _by: Characteristic) -> Option<Said> {
        let answer = self.ask(&json!({ "do": "next", "seconds": PATIENCE.as_secs() }));
        (!answer["said"].is_null()).then(|| said(&answer["said"]))
    }

    fn left(&mut self) -> Vec<Said> {
        let answer = self.ask(&json!({ "do": "left" }));
        answer["said"].as_array().unwrap().iter().map(said).collect()
    }

    fn violation(&mut self, after: usize, _patience: Duration) -> Option<String> {
        independent::violation(&self.ask(&json!({ "do": "state" })), after)
    }

    fn look(&mut self, at: Part) -> Vec<u8> {
        independent::look(at, |request| self.ask(&request))
    }
}

/// The place of a characteristic in the service.
fn number(of: Characteristic) -> usize {
    1 + Characteristic::ALL.iter().position(|one| *one == of).unwrap()
}

fn said(value: &Value) -> Said {
    let place: usize = value[0].as_u64().unwrap().try_into().unwrap();
    Said {
        from: Characteristic::ALL[place - 1],
        bytes: HEXLOWER.decode(value[1].as_str().unwrap().as_bytes()).unwrap(),
        at: Duration::from_secs_f64(value[2].as_f64().unwrap()),
    }
}
