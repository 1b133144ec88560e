//! The control socket: how somebody at this computer's terminal asks the running hub.
//!
//! A Unix socket in the run folder (`control`, 0600). Who connects must be root or the user that the
//! hub runs as; the kernel says who it is. One line of JSON asks, one line answers, as often as
//! wanted:
//!
//! ```text
//! {"request":"setup_code"}
//! {"answer":"setup_code","code":"…","address":"https://localhost:8443"}
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
}

/// What the hub answers. Not `Debug`: it may hold what lets somebody in.
#[derive(Deserialize, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// To [`Request::SetupCode`].
    SetupCode {
        /// The code; nothing once the hub is set up.
        code: Option<String>,
        /// Where the page is.
        address: String,
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
    /// To [`Request::EraseHousehold`]: it has begun. The hub hangs up, and is back in a moment.
    Erasing,
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

/// What the hub offers to whoever may use its computer's terminal.
#[async_trait]
pub trait Terminal: Send + Sync {
    /// Returns the set-up code; nothing once the hub is set up.
    async fn setup_code(&self) -> Result<Option<Zeroizing<String>>, Refused>;

    /// Returns all accounts.
    async fn accounts(&self) -> Result<Vec<Account>, Refused>;

    /// Lets somebody in again who lost their password, and returns what they do next.
    async fn reset_account(&self, name: &str) -> Result<Zeroizing<String>, Refused>;

    /// Begins to erase the household.
    async fn erase_household(&self) -> Result<(), Refused>;
}

/// Why the hub did not do it, in a sentence for people.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);
