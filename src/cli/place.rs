//! Which household a command is about.

use std::path::PathBuf;

use crate::config::{Config, ConfigError, Layer};

/// Where a household has its files.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Place {
    /// File of settings to read; by default /etc/hutch/hutch.toml, if it is there
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of everything that must survive; by default /var/lib/hutch
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Folder of the control socket and the set-up code; by default /run/hutch, or the folder run in
    /// another state folder
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,
}

impl Place {
    /// Returns the settings: these flags and others over the variables over the file.
    pub(super) fn settings(&self, others: Layer) -> Result<Config, ConfigError> {
        let Self { config, state, run } = self.clone();
        let flags = Layer { state, run, ..Layer::default() };
        Config::load(config.as_deref(), |name| std::env::var_os(name), flags.over(others))
    }
}
