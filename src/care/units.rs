//! The service, if systemd is what runs here.

use std::{
    net::IpAddr,
    path::Path,
    process::{Command, Stdio},
};

use super::{Finding, Verdict};

/// Says what is in force of the service; nothing where systemd does not run.
pub fn units() -> Option<Vec<Finding>> {
    if !Path::new("/run/systemd/system").exists() {
        return Some(Vec::new());
    }
    let shown = Command::new("systemctl")
        .args(["show", "hutch.socket", "hutch.service"])
        .arg("--property=Id,LoadState,ActiveState,IPAddressDeny,IPAddressAllow,NoNewPrivileges,ProtectSystem")
        .stdin(Stdio::null())
        .output();
    let Ok(shown) = shown else { return Some(Vec::new()) };
    if !shown.status.success() {
        return Some(Vec::new());
    }
    units_of(&String::from_utf8_lossy(&shown.stdout))
}

/// Says it by what `systemctl show` printed; nothing if there are no such units.
pub fn units_of(shown: &str) -> Option<Vec<Finding>> {
    let mut findings = Vec::new();
    for unit in shown.split("\n\n") {
        let value = |key: &str| {
            unit.lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
                .unwrap_or_default()
        };
        let name = value("Id");
        if value("LoadState") != "loaded" {
            return None;
        }
        let is_socket = name == "hutch.socket";
        let about = if is_socket { "socket" } else { "service" };
        // Everything, as systemd writes it.
        let denies = value("IPAddressDeny");
        let denies_all = denies.contains("::/0")
            && denies.contains("0.0.0.0/0")
            && !value("IPAddressAllow").split(' ').any(is_no_home);
        // A socket runs no program of its own.
        let is_hardened =
            is_socket || (value("NoNewPrivileges") == "yes" && value("ProtectSystem") == "strict");
        let look = format!("look into your changes: systemctl cat {name}");
        findings.push(match value("ActiveState") {
            "active" if denies_all && is_hardened => Finding::new(
                about,
                "guarded",
                Verdict::Good,
                format!("{name} is active, with the home network's addresses alone"),
            ),
            "active" if denies_all => Finding::new(
                about,
                "unguarded",
                Verdict::Mind,
                format!(
                    "{name} is active, and what keeps it from the rest of the system was taken away"
                ),
            )
            .do_this(look),
            "active" => Finding::new(
                about,
                "unguarded",
                Verdict::Mind,
                format!("{name} is active, and its list of addresses was taken away"),
            )
            .do_this(look),
            state => Finding::new(about, "down", Verdict::Ails, format!("{name} is {state}"))
                .do_this(format!("sudo systemctl start {name}")),
        });
    }
    Some(findings)
}

/// Returns whether a range is wider than any that a home has, `10.0.0.0/8` and `fc00::/7`: whoever wrote it took the
/// list away. Ranges of a VPN are narrower.
fn is_no_home(range: &str) -> bool {
    let Some((first, prefix)) = range.split_once('/') else { return false };
    let (Ok(first), Ok(prefix)) = (first.parse::<IpAddr>(), prefix.parse::<u8>()) else {
        return false;
    };
    !first.is_multicast() && prefix < if first.is_ipv4() { 8 } else { 7 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "IPAddressDeny=::/0 0.0.0.0/0";
    const HARD: &str = "NoNewPrivileges=yes\nProtectSystem=strict";

    fn unit(name: &str, load: &str, active: &str, more: &str) -> String {
        format!("Id={name}\nLoadState={load}\nActiveState={active}\n{more}\n")
    }

    #[test]
    fn units_are_judged_by_what_is_in_force() {
        let socket = unit("hutch.socket", "loaded", "active", ALL);
        let with = |service: String| {
            let found = units_of(&format!("{socket}\n{service}"));
            found.map(|found| found.iter().map(|finding| finding.how).collect::<Vec<_>>())
        };
        let service = |active: &str, more: &str| unit("hutch.service", "loaded", active, more);

        let all = format!("{ALL}\n{HARD}");
        assert_eq!(with(service("active", &all)), Some(vec!["guarded", "guarded"]));
        let open = format!("IPAddressDeny=\n{HARD}");
        assert_eq!(with(service("active", &open)), Some(vec!["guarded", "unguarded"]));
        assert_eq!(with(service("active", ALL)), Some(vec!["guarded", "unguarded"]));
        let allows =
            |ranges: &str| with(service("active", &format!("{all}\nIPAddressAllow={ranges}")));
        let home =
            "127.0.0.0/8 ::1/128 10.0.0.0/8 fe80::/64 224.0.0.0/4 ff00::/8 fc00::/7 100.64.0.0/10";
        assert_eq!(allows(home), Some(vec!["guarded", "guarded"]));
        for wide in ["0.0.0.0/0 ::/0", "10.0.0.0/8 ::/0", "0.0.0.0/1 128.0.0.0/1"] {
            assert_eq!(allows(wide), Some(vec!["guarded", "unguarded"]), "{wide}");
        }
        assert_eq!(with(service("failed", &all)), Some(vec!["guarded", "down"]));
        assert_eq!(units_of(&unit("hutch.socket", "not-found", "inactive", "")), None);
    }
}
