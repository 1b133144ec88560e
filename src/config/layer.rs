//! Settings from one place, which may leave any of them open.

use std::{ffi::OsString, net::IpAddr, path::Path, path::PathBuf, str::FromStr};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{ConfigError, Radio, Unfit};
use crate::lan::Range;

const A_FOLDER: Unfit = Unfit("the path of a folder, beginning with a slash");
const A_PORT: Unfit = Unfit("a number from 0 to 65535");
const ADDRESSES: Unfit =
    Unfit("addresses of this computer, such as \"192.168.1.20\" or, for all that it has, \"::\"");
const RANGES: Unfit = Unfit(
    "ranges of addresses, such as \"100.64.0.0/10\", each with at least the first 8 bits given, \
     of IPv6 32",
);
const A_NAME: Unfit = Unfit(
    "a name such as \"hutch.local\": letters, digits and hyphens, with a dot between its parts",
);
const A_FILTER: Unfit = Unfit(
    "a level (off, error, warn, info, debug, trace), or several with commas such as \
     \"warn,hutch=info\"",
);
const A_RADIO: Unfit = Unfit("\"bluez\" (Bluetooth), \"sim\" (two simulated toys) or \"none\"");
const FOLDERS: Unfit =
    Unfit("paths of folders, each beginning with a slash, such as \"/media/hutch\"");
const AN_ADAPTER: Unfit =
    Unfit("\"any\", the name of a Bluetooth adapter (\"hci0\") or its address");

/// Stands for whichever adapter works.
pub(super) const ANY: &str = "any";

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// The longest piece of an unknown key that is shown.
const SHOWN_CHARACTERS: usize = 40;

/// Settings from one place: a file, the environment or the command line.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Layer {
    /// See [`Config::state`](super::Config::state).
    pub state: Option<PathBuf>,
    /// See [`Config::run`](super::Config::run).
    pub run: Option<PathBuf>,
    /// See [`Config::listen`](super::Config::listen).
    pub listen: Option<Vec<IpAddr>>,
    /// See [`Config::also_from`](super::Config::also_from).
    pub also_from: Option<Vec<Range>>,
    /// See [`Config::port`](super::Config::port).
    pub port: Option<u16>,
    /// See [`Config::name`](super::Config::name).
    pub name: Option<String>,
    /// See [`Config::log`](super::Config::log).
    pub log: Option<String>,
    /// See [`Config::radio`](super::Config::radio).
    pub radio: Option<Radio>,
    /// See [`Config::adapter`](super::Config::adapter).
    pub adapter: Option<String>,
    /// See [`Config::backup_to`](super::Config::backup_to).
    pub backup_to: Option<Vec<PathBuf>>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Key {
    State,
    Run,
    Listen,
    AlsoFrom,
    Port,
    Name,
    Log,
    Radio,
    Adapter,
    BackupTo,
}

/// A value as it was found.
enum Raw<'a> {
    Text(&'a str),
    Number(&'a str, u32),
    List(Vec<&'a str>),
    /// Nothing that any setting takes.
    Other,
}

impl Key {
    pub(super) const ALL: [Self; 10] = [
        Self::State,
        Self::Run,
        Self::Listen,
        Self::AlsoFrom,
        Self::Port,
        Self::Name,
        Self::Log,
        Self::Radio,
        Self::Adapter,
        Self::BackupTo,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Run => "run",
            Self::Listen => "listen",
            Self::AlsoFrom => "also_from",
            Self::Port => "port",
            Self::Name => "name",
            Self::Log => "log",
            Self::Radio => "radio",
            Self::Adapter => "adapter",
            Self::BackupTo => "backup_to",
        }
    }

    fn variable(self) -> String {
        format!("HUTCH_{}", self.name().to_ascii_uppercase())
    }

    /// Returns the key that is spelled most like this.
    fn nearest(name: &str) -> Self {
        let name: String = name.chars().take(SHOWN_CHARACTERS).collect::<String>().to_lowercase();
        let distance = |key: &Self| strsim::osa_distance(key.name(), &name);
        Self::ALL.into_iter().min_by_key(distance).unwrap_or(Self::State)
    }
}

impl Layer {
    /// Reads the text of a file. Any bytes may come.
    pub fn from_file(file: &Path, bytes: &[u8]) -> Result<Self, ConfigError> {
        let file = file.to_owned();
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(ConfigError::NotText { file });
        };
        let table = match DeTable::parse(text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                let line = line_of(text, error.span().map_or(0, |span| span.start));
                let message = error.message().replace('\n', ", ");
                return Err(ConfigError::Syntax { file, line, message });
            }
        };
        let mut entries: Vec<_> = table.iter().collect();
        // The first mistake is the one to tell, in the order of the file.
        entries.sort_by_key(|(key, _)| key.span().start);
        let mut layer = Self::default();
        for (name, value) in entries {
            let line = line_of(text, name.span().start);
            let Some(key) = Key::ALL.into_iter().find(|key| key.name() == name.get_ref()) else {
                let key = name.get_ref().chars().take(SHOWN_CHARACTERS).collect();
                let nearest = Key::nearest(name.get_ref()).name();
                return Err(ConfigError::UnknownKey { file, line, key, nearest });
            };
            if let Err(unfit) = layer.set(key, &Raw::from(value)) {
                return Err(ConfigError::BadValue { file, line, key: key.name(), unfit });
            }
        }
        Ok(layer)
    }

    /// Asks for each variable. One that is empty counts as not there.
    pub fn from_variables(
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, ConfigError> {
        let mut layer = Self::default();
        for key in Key::ALL {
            let name = key.variable();
            let Some(value) = variable(&name).filter(|value| !value.is_empty()) else { continue };
            let value = value.to_str().map_or(Raw::Other, |text| match key {
                Key::Listen | Key::AlsoFrom | Key::BackupTo => {
                    Raw::List(text.split(',').map(str::trim).collect())
                }
                Key::Port => Raw::Number(text, 10),
                Key::State | Key::Run | Key::Name | Key::Log | Key::Radio | Key::Adapter => {
                    Raw::Text(text)
                }
            });
            layer.set(key, &value).map_err(|unfit| ConfigError::BadVariable { name, unfit })?;
        }
        Ok(layer)
    }

    /// Takes from `below` what this one leaves open.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        Self {
            state: self.state.or(below.state),
            run: self.run.or(below.run),
            listen: self.listen.or(below.listen),
            also_from: self.also_from.or(below.also_from),
            port: self.port.or(below.port),
            name: self.name.or(below.name),
            log: self.log.or(below.log),
            radio: self.radio.or(below.radio),
            adapter: self.adapter.or(below.adapter),
            backup_to: self.backup_to.or(below.backup_to),
        }
    }

    fn set(&mut self, key: Key, value: &Raw<'_>) -> Result<(), Unfit> {
        match key {
            Key::State => self.state = Some(value.folder()?),
            Key::Run => self.run = Some(value.folder()?),
            Key::Listen => self.listen = Some(value.all(ADDRESSES)?),
            // There need not be any.
            Key::AlsoFrom if matches!(value, Raw::List(list) if list.is_empty()) => {
                self.also_from = Some(Vec::new());
            }
            Key::AlsoFrom => self.also_from = Some(value.all(RANGES)?),
            Key::Port => self.port = Some(value.port()?),
            Key::Name => self.name = Some(value.name()?),
            Key::Log => self.log = Some(value.filter()?),
            Key::Radio => self.radio = Some(value.radio()?),
            Key::Adapter => self.adapter = Some(value.adapter()?),
            Key::BackupTo => self.backup_to = Some(value.folders()?),
        }
        Ok(())
    }
}

impl<'a> From<&'a Spanned<DeValue<'a>>> for Raw<'a> {
    fn from(value: &'a Spanned<DeValue<'a>>) -> Self {
        match value.get_ref() {
            DeValue::String(text) => Self::Text(text),
            DeValue::Integer(number) => Self::Number(number.as_str(), number.radix()),
            DeValue::Array(list) => {
                let texts: Option<Vec<&str>> =
                    list.iter().map(|one| one.get_ref().as_str()).collect();
                texts.map_or(Self::Other, Self::List)
            }
            DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Table(_) => {
                Self::Other
            }
        }
    }
}

impl Raw<'_> {
    /// A daemon has no folder that a relative path could start from.
    fn folder(&self) -> Result<PathBuf, Unfit> {
        match self {
            Self::Text(path) if path.starts_with('/') && !path.contains('\0') => Ok(path.into()),
            _ => Err(A_FOLDER),
        }
    }

    /// There need not be any.
    fn folders(&self) -> Result<Vec<PathBuf>, Unfit> {
        let read = |text: &&str| Raw::Text(text).folder().map_err(|_one| FOLDERS);
        match self {
            Self::Text(one) => Ok(vec![read(one)?]),
            Self::List(list) => list.iter().map(read).collect(),
            _ => Err(FOLDERS),
        }
    }

    /// Reads one or several of a kind; none at all is a mistake.
    fn all<T: FromStr>(&self, unfit: Unfit) -> Result<Vec<T>, Unfit> {
        let read = |text: &&str| text.parse().map_err(|_other| unfit);
        match self {
            Self::Text(one) => Ok(vec![read(one)?]),
            Self::List(list) if !list.is_empty() => list.iter().map(read).collect(),
            _ => Err(unfit),
        }
    }

    fn port(&self) -> Result<u16, Unfit> {
        match self {
            Self::Number(digits, radix) => {
                u16::from_str_radix(digits, *radix).map_err(|_not_one| A_PORT)
            }
            _ => Err(A_PORT),
        }
    }

    /// A name as DNS has them (RFC 1123, 2.1), in more than one part: of a single one browsers make a
    /// search.
    fn name(&self) -> Result<String, Unfit> {
        let is_part = |part: &str| {
            (1..=63).contains(&part.len())
                && !part.starts_with('-')
                && !part.ends_with('-')
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        // The last part of an address is a number.
        let is_name = |name: &str| {
            name.len() <= 253
                && name.split('.').all(is_part)
                && name
                    .rsplit_once('.')
                    .is_some_and(|(_, last)| !last.bytes().all(|byte| byte.is_ascii_digit()))
        };
        match self {
            Self::Text(name) if is_name(name) => Ok(name.to_ascii_lowercase()),
            _ => Err(A_NAME),
        }
    }

    fn filter(&self) -> Result<String, Unfit> {
        let is_directive = |one: &str| {
            let level = one.rsplit_once('=').map_or(one, |(_target, level)| level);
            LEVELS.iter().any(|known| level.trim().eq_ignore_ascii_case(known))
        };
        match self {
            Self::Text(text) if text.split(',').all(is_directive) => Ok((*text).to_owned()),
            _ => Err(A_FILTER),
        }
    }

    fn radio(&self) -> Result<Radio, Unfit> {
        match self {
            Self::Text("bluez") => Ok(Radio::Bluez),
            Self::Text("sim") => Ok(Radio::Sim),
            Self::Text("none") => Ok(Radio::None),
            _ => Err(A_RADIO),
        }
    }

    /// A name as the kernel gives it, or an address.
    fn adapter(&self) -> Result<String, Unfit> {
        let is_name = |text: &str| {
            text.strip_prefix("hci").is_some_and(|number| {
                (1..=4).contains(&number.len())
                    && number.bytes().all(|digit| digit.is_ascii_digit())
            })
        };
        let is_address = |text: &str| {
            text.len() == 17
                && text.split(':').count() == 6
                && text.split(':').all(|pair| {
                    pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit())
                })
        };
        match self {
            Self::Text(text) if *text == ANY || is_name(text) => Ok((*text).to_owned()),
            Self::Text(text) if is_address(text) => Ok(text.to_uppercase()),
            _ => Err(AN_ADAPTER),
        }
    }
}

/// Returns the number of the line that this byte is in, the first being 1.
fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}
