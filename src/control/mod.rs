//! The control socket: how somebody at this computer's terminal asks the running hub.
//!
//! A Unix socket in the run folder (`control`, 0600). Who connects must be root or the user that the
//! hub runs as; the kernel says who it is. One line of JSON asks, one line answers, as often as
//! wanted:
//!
//! ```text
//! {"request":"setup_code"}
//! {"answer":"setup_code","code":"…","places":["https://localhost:8443"]}
//! ```
//!
//! What may be asked is [`Request`], and what answers is a [`Terminal`]; rules are not here. The
//! hub's half ([`Socket`]) waits for nobody longer than a few seconds and reads no line that does not
//! end; the terminal's half ([`ask`]) runs without a runtime.

mod client;
mod hub;
mod server;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    hub::probe::{Progress, Wanted},
    tls::Fingerprints,
};

pub use self::{
    client::{AskError, ask},
    server::{ControlError, Socket},
};

/// The name of the socket in the run folder.
pub const SOCKET: &str = "control";

/// The longest line that is read.
const MAX_LINE_BYTES: usize = 4 << 10;

/// What a terminal may ask.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum Request {
    /// What is the set-up code?
    SetupCode,
    /// Who has an account?
    Accounts,
    /// Let somebody in again who lost their password.
    ResetAccount {
        /// The name that they sign in with.
        name: String,
    },
    /// Erase the household, and begin anew.
    EraseHousehold,
    /// What are the fingerprints of the certificates?
    Fingerprints,
    /// Make another root.
    NewRoot,
    /// Would the kernel let pass what leaves the home network?
    Kernel,
    /// Which toys are heard?
    Heard,
    /// Which toys are adopted?
    Toys,
    /// Probe a toy that is heard and not adopted.
    BeginProbe {
        /// Its Bluetooth address; without it, the only one there is.
        address: Option<String>,
        /// Whether to fetch its recording, of which the header is kept.
        fetch: bool,
        /// For how many seconds to hold it at the end.
        wait_s: u64,
    },
    /// How far has the probe come? Who does not ask every few seconds has left, and the probe ends.
    Probe,
}

/// What the hub answers. Not `Debug`: it may hold what lets somebody in.
#[derive(Deserialize, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// To [`Request::SetupCode`].
    SetupCode {
        /// The code; nothing once the hub is set up.
        code: Option<String>,
        /// Where the page is, the best first.
        places: Vec<String>,
    },
    /// To [`Request::Accounts`].
    Accounts {
        /// All of them.
        accounts: Vec<Account>,
    },
    /// To [`Request::ResetAccount`].
    AccountReset {
        /// What to do next, for the person at the terminal.
        next: String,
    },
    /// To [`Request::Fingerprints`] and, when it is done, to [`Request::NewRoot`].
    Fingerprints {
        /// The SHA-256 of the root in hexadecimal.
        root: String,
        /// The same of the leaf for names.
        names: String,
        /// The same of the leaf for addresses.
        addresses: String,
    },
    /// To [`Request::EraseHousehold`]: it has begun. The hub hangs up, and is back in a moment.
    Erasing,
    /// To [`Request::Kernel`].
    Kernel {
        /// `stops`, `lets` or `unknown`.
        kernel: String,
    },
    /// To [`Request::Heard`].
    Heard {
        /// Whether Bluetooth works: a word.
        radio: String,
        /// The same as a sentence, with what to do.
        about: String,
        /// The toys.
        toys: Vec<HeardToy>,
    },
    /// To [`Request::Toys`].
    Toys {
        /// All of them.
        toys: Vec<Toy>,
    },
    /// To [`Request::BeginProbe`].
    ProbeBegun,
    /// To [`Request::Probe`].
    Probe {
        /// All that the toy's owner was told so far, oldest first.
        told: Vec<String>,
        /// What was taken down, once it has ended; told once.
        transcript: Option<String>,
        /// What went wrong, and what to do.
        trouble: Option<String>,
    },
    /// The hub did not do it.
    Error {
        /// Why, in a sentence for people.
        message: String,
    },
}

/// An account as a terminal lists it: nothing that is sealed for people.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Account {
    /// The name that they sign in with.
    pub name: String,
    /// What they may do: `guardian` or `relative`.
    pub role: String,
    /// When it was made, in Unix seconds.
    pub created_at: i64,
    /// When it was last used, in Unix seconds.
    pub last_used_at: Option<i64>,
}

/// A toy that is heard, as a terminal lists it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct HeardToy {
    /// Its Bluetooth address.
    pub address: String,
    /// What it calls itself.
    pub name: String,
    /// How strong, in dBm.
    pub signal_dbm: Option<i16>,
    /// The adopted toy at that address.
    pub toy: Option<String>,
}

/// An adopted toy as a terminal describes it: nothing that is sealed for people.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Toy {
    /// Its identifier.
    pub id: String,
    /// Its Bluetooth address.
    pub address: String,
    /// The animal that it is.
    pub character: String,
    /// Whether it is there: a word.
    pub presence: String,
    /// When it was adopted, in Unix seconds.
    pub adopted_at: i64,
    /// Whether it is let go at the next contact.
    pub retiring: bool,
    /// What makes one doubt that it is the toy that was adopted: a word.
    pub guard: Option<String>,
    /// The identifier that it was adopted with.
    pub config: Option<String>,
    /// The name that it advertised then.
    pub firmware: Option<String>,
    /// The digest of its GATT table then, in hexadecimal.
    pub table: Option<String>,
    /// The weakest signal heard then, in dBm.
    pub signal_floor: Option<i16>,
}

/// Where the page is, and what it shows to browsers.
pub trait Door: Send + Sync {
    /// Returns the addresses of the page as browsers take them, the best first. There is one.
    fn places(&self) -> Vec<String>;

    /// Returns the fingerprints of root and leaves.
    fn fingerprints(&self) -> Fingerprints;

    /// Makes another root, and leaves under it, and shows them from now on.
    fn new_root(&self) -> Result<Fingerprints, Refused>;
}

/// What the hub offers to whoever may use its computer's terminal.
#[async_trait]
pub trait Terminal: Send + Sync {
    /// Returns the set-up code; nothing once the hub is set up.
    async fn setup_code(&self) -> Result<Option<Zeroizing<String>>, Refused>;

    /// Returns all accounts.
    async fn accounts(&self) -> Result<Vec<Account>, Refused>;

    /// Lets somebody in again who lost their password, and returns what they do next.
    async fn reset_account(&self, name: &str) -> Result<Zeroizing<String>, Refused>;

    /// Notes for guardians that the hub has another root.
    async fn note_new_root(&self) -> Result<(), Refused>;

    /// Begins to erase the household.
    async fn erase_household(&self) -> Result<(), Refused>;

    /// Returns whether Bluetooth works, as a word and a sentence, and what is heard.
    async fn heard(&self) -> Result<(String, String, Vec<HeardToy>), Refused>;

    /// Returns the adopted toys.
    async fn toys(&self) -> Result<Vec<Toy>, Refused>;

    /// Begins to probe a toy.
    async fn begin_probe(&self, wanted: &Wanted) -> Result<(), Refused>;

    /// Returns how far the probe has come.
    async fn probe(&self) -> Result<Progress, Refused>;
}

/// Why the hub did not do it, in a sentence for people.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);
