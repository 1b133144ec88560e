//! What can be wrong with settings, and where.

use std::{io, net::IpAddr, path::PathBuf};

/// Why there are no settings. The text says where to look and what belongs there.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("could not read the settings in {}", .file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is no text.
    #[error("{} is not text in UTF-8", .file.display())]
    NotText {
        /// Which file.
        file: PathBuf,
    },
    /// The file is no TOML.
    #[error("{}, line {line}: {message}", .file.display())]
    Syntax {
        /// Which file.
        file: PathBuf,
        /// Which line, the first being 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
    /// An address to listen on is of no home network.
    #[error(
        "{address} is of no home network, and a hub listens nowhere else; if it is of your VPN, put \
         the range of the VPN's addresses into the setting also_from"
    )]
    NotAtHome {
        /// Which address.
        address: IpAddr,
    },
    /// There is no such setting.
    #[error(
        "{}, line {line}: there is no setting {key:?}; did you mean {nearest:?}?",
        .file.display()
    )]
    UnknownKey {
        /// Which file.
        file: PathBuf,
        /// Which line, the first being 1.
        line: usize,
        /// What stands there.
        key: String,
        /// The setting that is spelled most like it.
        nearest: &'static str,
    },
    /// A setting in the file has a value that it cannot have.
    #[error("{}, line {line}: {key} {unfit}", .file.display())]
    BadValue {
        /// Which file.
        file: PathBuf,
        /// Which line, the first being 1.
        line: usize,
        /// Which setting.
        key: &'static str,
        /// What it should be.
        unfit: Unfit,
    },
    /// A variable has a value that it cannot have.
    #[error("the variable {name} {unfit}")]
    BadVariable {
        /// Which variable.
        name: String,
        /// What it should be.
        unfit: Unfit,
    },
}

/// A value that does not fit: what it should be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("must be {0}")]
pub struct Unfit(pub(super) &'static str);
