//! The settings of `hutch serve`, and where they come from.
//!
//! In rising order: the default, `/etc/hutch/hutch.toml`, a `HUTCH_*` variable, a flag. Every
//! setting has the same name in all of them and may be left out everywhere. Nothing is taken
//! quietly: a name that does not exist and a value that cannot be meant are errors that say where
//! they stand and what is expected. What nobody can get wrong is not here: the environment is read
//! by whoever passes it in, and folders are made by whoever uses them.

mod error;
mod layer;
#[cfg(test)]
mod tests;

use std::{
    ffi::OsString,
    fs::File,
    io::{self, ErrorKind, Read as _},
    net::{IpAddr, Ipv6Addr},
    path::{Path, PathBuf},
};

pub use self::{
    error::{ConfigError, Unfit},
    layer::Layer,
};
use crate::lan::{Lan, Range};

/// Where the settings are looked for unless a file is named. It need not exist.
pub const DEFAULT_FILE: &str = "/etc/hutch/hutch.toml";

/// What is logged by default: what Hutch says to a person, and what its libraries warn of.
pub const DEFAULT_LOG: &str = "warn,hutch=info";

const DEFAULT_STATE: &str = "/var/lib/hutch";
const DEFAULT_RUN: &str = "/run/hutch";
const DEFAULT_PORT: u16 = 8443;
const DEFAULT_BACKUP_TO: &str = "/media/hutch";
const DEFAULT_NAME: &str = "hutch.local";

/// Far more than a file of settings has.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The settings of a hub.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Config {
    /// The folder of everything that must survive. Default: `/var/lib/hutch`.
    pub state: PathBuf,
    /// The folder of what ends with the daemon. Default: `/run/hutch`; for another state folder
    /// than the default, `run` in there.
    pub run: PathBuf,
    /// The addresses to listen on; one that is unspecified stands for all of its kind, and `::` for
    /// those of IPv4 as well. Default: `::`, or `0.0.0.0` on a computer without IPv6.
    pub listen: Vec<IpAddr>,
    /// Addresses that count as being at home beside those of home networks, such as a VPN's.
    /// Default: none.
    pub also_from: Vec<Range>,
    /// The port to listen on; 0 takes any that is free. Default: 8443.
    pub port: u16,
    /// What browsers call the hub. Default: `hutch.local`.
    pub name: String,
    /// What is logged. Default: [`DEFAULT_LOG`].
    pub log: String,
    /// The way to the toys. Default: Bluetooth.
    pub radio: Radio,
    /// The Bluetooth adapter, by name (`hci0`) or address. Default: the first that works.
    pub adapter: Option<String>,
    /// The folders that backups are put into, each of them if it is there. Default: `/media/hutch`,
    /// where a stick named HUTCH appears.
    pub backup_to: Vec<PathBuf>,
}

/// The way to the toys.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Radio {
    /// Bluetooth, by way of BlueZ.
    Bluez,
    /// Two simulated toys.
    Sim,
    /// No toys at all.
    None,
}

impl Default for Config {
    fn default() -> Self {
        Layer::default().into()
    }
}

impl From<Layer> for Config {
    /// Fills up with the defaults.
    fn from(layer: Layer) -> Self {
        let Layer { state, run, listen, also_from, port, name, log, radio, adapter, backup_to } =
            layer;
        let state = state.unwrap_or_else(|| DEFAULT_STATE.into());
        let default_run = || {
            let is_default = state == Path::new(DEFAULT_STATE);
            if is_default { DEFAULT_RUN.into() } else { state.join("run") }
        };
        Self {
            run: run.unwrap_or_else(default_run),
            listen: listen.unwrap_or_else(|| vec![Ipv6Addr::UNSPECIFIED.into()]),
            also_from: also_from.unwrap_or_default(),
            port: port.unwrap_or(DEFAULT_PORT),
            name: name.unwrap_or_else(|| DEFAULT_NAME.to_owned()),
            log: log.unwrap_or_else(|| DEFAULT_LOG.to_owned()),
            radio: radio.unwrap_or(Radio::Bluez),
            adapter: adapter.filter(|adapter| adapter != layer::ANY),
            backup_to: backup_to.unwrap_or_else(|| vec![DEFAULT_BACKUP_TO.into()]),
            state,
        }
    }
}

impl Config {
    /// Reads the file, asks for the variables, and lays the flags over both.
    ///
    /// A file that is named must exist; [`DEFAULT_FILE`] need not.
    pub fn load(
        file: Option<&Path>,
        variable: impl Fn(&str) -> Option<OsString>,
        flags: Layer,
    ) -> Result<Self, ConfigError> {
        let path = file.unwrap_or_else(|| Path::new(DEFAULT_FILE));
        let from_file = match read(path) {
            Ok(bytes) => Layer::from_file(path, &bytes)?,
            Err(error) if file.is_none() && error.kind() == ErrorKind::NotFound => Layer::default(),
            Err(source) => return Err(ConfigError::Unreadable { file: path.to_owned(), source }),
        };
        let from_variables = Layer::from_variables(variable)?;
        Self::from(flags.over(from_variables).over(from_file)).at_home()
    }
}

impl Config {
    /// Returns what is at home.
    pub fn lan(&self) -> Lan {
        Lan::with(self.also_from.clone())
    }

    fn at_home(self) -> Result<Self, ConfigError> {
        let lan = self.lan();
        let is_elsewhere = |address: &&IpAddr| !address.is_unspecified() && !lan.has(**address);
        match self.listen.iter().find(is_elsewhere) {
            Some(address) => Err(ConfigError::NotAtHome { address: *address }),
            None => Ok(self),
        }
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if MAX_FILE_BYTES < u64::try_from(bytes.len()).unwrap_or(u64::MAX) {
        return Err(io::Error::new(ErrorKind::FileTooLarge, "it is too large for settings"));
    }
    Ok(bytes)
}
