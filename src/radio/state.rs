//! Whether a radio can be used, in words that a household understands.

use std::fmt;

/// Whether the radio can be used, and if not, why.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RadioState {
    /// It is being looked for.
    Starting,
    /// Toys can be heard and connected to.
    Works,
    /// The settings say that there is none.
    Unused,
    /// The system bus, by which the Bluetooth service is asked, cannot be reached.
    NoBus,
    /// The system bus does not let this program talk to the Bluetooth service.
    Denied,
    /// The Bluetooth service of the system does not run.
    NoDaemon,
    /// There is no Bluetooth adapter, or not the one of the settings.
    NoAdapter,
    /// The adapter is switched off, and stays so when it is switched on: by a switch, or by
    /// `rfkill`.
    Off,
    /// The adapter does not do what it is told. It is switched off and on now and then.
    Stuck,
}

impl RadioState {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Starting,
        Self::Works,
        Self::Unused,
        Self::NoBus,
        Self::Denied,
        Self::NoDaemon,
        Self::NoAdapter,
        Self::Off,
        Self::Stuck,
    ];

    /// Returns the word for it, as sent to the page.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Works => "works",
            Self::Unused => "unused",
            Self::NoBus => "no_bus",
            Self::Denied => "denied",
            Self::NoDaemon => "no_daemon",
            Self::NoAdapter => "no_adapter",
            Self::Off => "off",
            Self::Stuck => "stuck",
        }
    }
}

/// What is wrong and what to do about it, for a terminal or a log.
impl fmt::Display for RadioState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Starting => "Bluetooth is being started",
            Self::Works => "Bluetooth works",
            Self::Unused => "Bluetooth is switched off in the settings (radio = \"none\")",
            Self::NoBus => {
                "the system bus (D-Bus) cannot be reached: is the package dbus installed, \
                 and its service running?"
            }
            Self::Denied => {
                "the system does not let Hutch use Bluetooth: its file is missing from \
                 /usr/share/dbus-1/system.d"
            }
            Self::NoDaemon => {
                "the Bluetooth service does not run: try \"sudo systemctl start bluetooth\""
            }
            Self::NoAdapter => {
                "there is no Bluetooth adapter: plug one in, or correct adapter in the settings"
            }
            Self::Off => "Bluetooth is switched off: try \"sudo rfkill unblock bluetooth\"",
            Self::Stuck => {
                "the Bluetooth adapter does not answer: unplug it and plug it in again, or \
                 restart the computer"
            }
        })
    }
}
