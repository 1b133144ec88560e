//! Which version of Bluetooth's service is installed.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use super::{Finding, Verdict};

/// Where distributions have it.
const PROGRAMS: [&str; 3] =
    ["/usr/libexec/bluetooth/bluetoothd", "/usr/lib/bluetooth/bluetoothd", "/usr/sbin/bluetoothd"];
/// The oldest that Hutch was tried with.
const OLDEST: (u64, u64) = (5, 66);

/// Says which version is installed; nothing where none is found.
pub fn bluez() -> Option<Finding> {
    let program = PROGRAMS.into_iter().find(|program| Path::new(program).exists())?;
    let said = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    of_version(&String::from_utf8_lossy(&said.stdout))
}

/// Judges what the program prints: "5.66".
fn of_version(said: &str) -> Option<Finding> {
    let (major, minor) = said.trim().split_once('.')?;
    let (major, minor): (u64, u64) = (major.parse().ok()?, minor.parse().ok()?);
    let says = format!("Bluetooth's service (BlueZ) is of version {major}.{minor}");
    let finding = if (major, minor) < OLDEST {
        let (oldest, then) = OLDEST;
        Finding::new("bluez", "old", Verdict::Mind, says)
            .do_this(format!("upgrade the system: Hutch was tried with {oldest}.{then} and later"))
    } else {
        Finding::new("bluez", "current", Verdict::Good, says)
    };
    Some(finding.with("major", major).with("minor", minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_compared_by_its_numbers() {
        let how = |said| of_version(said).map(|found| found.how);

        assert_eq!(how("5.66\n"), Some("current"));
        assert_eq!(how("5.82\n"), Some("current"));
        assert_eq!(how("6.1\n"), Some("current"));
        assert_eq!(how("5.9\n"), Some("old"));
        assert_eq!(how("4.101\n"), Some("old"));
        assert_eq!(how("bluetoothd: no such option\n"), None);
        assert_eq!(how(""), None);
    }
}
