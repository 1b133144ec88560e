//! The emulated toys, at the socket where they take requests (`guest/toy/`).
//!
//! A request blocks, for milliseconds but for [`Toy::wait`]; a test with tasks makes it in
//! [`crate::guest::aside`].

use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::net::UnixStream,
    path::Path,
};

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::guest::PATIENCE;

const SOCKET: &str = "/run/toy.sock";

/// One of the toys, by its place among those that were started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Toy {
    place: usize,
}

/// What a slot holds.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) bytes: Vec<u8>,
    /// Whether an upload came to its end, or a recording.
    pub(crate) is_complete: bool,
    /// So many of the bytes are what the clip's header promises; the rest fills up the credit.
    pub(crate) n_clip_bytes: usize,
    /// Whether that rest is nothing but 0x80.
    pub(crate) is_well_filled: bool,
}

impl Toy {
    pub(crate) fn at(place: usize) -> Self {
        Self { place }
    }

    /// Returns the answer to a request, which may be an error.
    pub(crate) fn try_ask(self, mut request: Value) -> Result<Value, String> {
        request["toy"] = self.place.into();
        let mut stream = UnixStream::connect(SOCKET).unwrap();
        stream.set_read_timeout(Some(2 * PATIENCE)).unwrap();
        writeln!(stream, "{request}").unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        if answer["ok"] == true { Ok(answer) } else { Err(answer["error"].to_string()) }
    }

    #[track_caller]
    pub(crate) fn ask(self, request: Value) -> Value {
        let asked = request.to_string();
        self.try_ask(request).unwrap_or_else(|error| panic!("{asked}: {error}"))
    }

    /// Everything about it: `state`, `connected`, `mtu`, `subscribed`, `led`, `volume`, `config`,
    /// `game_mode`, `recording`, `upload`, `events` and more.
    #[track_caller]
    pub(crate) fn state(self) -> Value {
        self.ask(json!({ "do": "state" }))
    }

    /// Waits until what [`Toy::state`] returns has these values, and returns it.
    #[track_caller]
    pub(crate) fn wait(self, mut values: Value) -> Value {
        values["do"] = "wait".into();
        values["timeout"] = PATIENCE.as_secs().into();
        self.ask(values)
    }

    /// Every state that it has reported since it was started, in order.
    #[track_caller]
    pub(crate) fn states(self) -> Vec<u64> {
        let answer = self.ask(json!({ "do": "states" }));
        answer["states"].as_array().unwrap().iter().map(|s| s["state"].as_u64().unwrap()).collect()
    }

    /// What was written to the characteristic of this name since it was started: `t`, `response`,
    /// `len` and, but for audio, `hex`.
    #[track_caller]
    pub(crate) fn writes(self, to: &str) -> Vec<Value> {
        self.ask(json!({ "do": "writes", "to": to }))["writes"].as_array().unwrap().clone()
    }

    #[track_caller]
    pub(crate) fn slot(self, n: u8) -> Slot {
        let answer = self.ask(json!({ "do": "slot", "n": n }));
        Slot {
            bytes: BASE64.decode(answer["data"].as_str().unwrap().as_bytes()).unwrap(),
            is_complete: answer["complete"].as_bool().unwrap(),
            n_clip_bytes: answer["clip_bytes"].as_u64().unwrap().try_into().unwrap(),
            is_well_filled: answer["padding_ok"].as_bool().unwrap(),
        }
    }

    /// What the hub did against the protocol; a good case ends with none.
    #[track_caller]
    pub(crate) fn violations(self) -> Vec<String> {
        let state = self.state();
        let all = state["violations"].as_array().unwrap();
        all.iter().map(|one| one["what"].as_str().unwrap().to_owned()).collect()
    }

    /// Squeezes the paw that plays, which wakes it too, and returns whether that did anything.
    #[track_caller]
    pub(crate) fn press_play(self) -> bool {
        self.ask(json!({ "do": "press", "paw": "play" }))["did"] == true
    }

    /// Squeezes the paw that records, and speaks the content of this file, header and all.
    #[track_caller]
    pub(crate) fn press_record(self, seconds: f64, file: &Path) -> bool {
        let press = json!({ "do": "press", "paw": "record", "seconds": seconds, "file": file });
        self.ask(press)["did"] == true
    }

    /// Changes settings (`guest/toy/settings.py`) until the next [`Toy::reset`].
    #[track_caller]
    pub(crate) fn set(self, mut settings: Value) {
        settings["do"] = "set".into();
        self.ask(settings);
    }

    /// Has it misbehave (`guest/toy/settings.py` too), once with `"times": 1`, else until
    /// [`Toy::behave`].
    #[track_caller]
    pub(crate) fn fault(self, mut faults: Value) {
        faults["do"] = "fault".into();
        self.ask(faults);
    }

    #[track_caller]
    pub(crate) fn behave(self) {
        self.ask(json!({ "do": "fault", "clear": true }));
    }

    #[track_caller]
    pub(crate) fn sleep(self) {
        self.ask(json!({ "do": "sleep" }));
    }

    #[track_caller]
    pub(crate) fn wake(self) {
        self.ask(json!({ "do": "wake" }));
    }

    /// Drops the link, as a toy that is switched off.
    #[track_caller]
    pub(crate) fn disconnect(self) {
        self.ask(json!({ "do": "disconnect" }));
    }

    /// Drops the link, as a toy that is carried away.
    #[track_caller]
    pub(crate) fn lose(self) {
        self.ask(json!({ "do": "disconnect", "reason": 8 }));
    }

    /// Makes it as it was started; drops the link too.
    #[track_caller]
    pub(crate) fn reset(self) {
        self.ask(json!({ "do": "reset" }));
    }

    /// The object that bluetoothd has for it, once it was heard.
    #[track_caller]
    pub(crate) fn object(self) -> String {
        let address = self.state()["address"].as_str().unwrap().replace(':', "_");
        format!("/org/bluez/hci0/dev_{address}")
    }
}
