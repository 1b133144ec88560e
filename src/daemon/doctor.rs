//! Looks at a hub from outside, as somebody would who is asked why it does not work.
//!
//! Nothing is changed, and nothing sealed is opened. What is said names no person and no toy; what names
//! this computer or its network is marked, so that a report can leave it out.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use data_encoding::HEXLOWER;

use super::identity::fingerprints;
use crate::{
    clock::{Clock as _, SystemClock},
    config::Config,
    control::{Answer, AskError, Request, SOCKET, ask},
    hub::RadioState,
    lan,
    store::{self, Examined},
};

/// How long other devices get to answer.
const LOOKS_FOR: Duration = Duration::from_secs(3);
/// Below this share of the disk it is said that room becomes scarce.
const SCARCE: u64 = 10;
/// No clock that is right shows an earlier day: 2026-01-01.
const EARLIEST_S: i64 = 1_767_225_600;
/// What systemd's own time service leaves when it has set the clock.
const CLOCK_IS_SET: &str = "/run/systemd/timesync/synchronized";

/// How something is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, and somebody should know.
    Mind,
    /// It does not work.
    Ails,
}

impl Verdict {
    /// Returns the word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Mind => "mind",
            Self::Ails => "ails",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// What, in a word for programs.
    pub about: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// The same in a sentence.
    pub says: String,
    /// What to do about it.
    pub to_do: Option<String>,
    /// What in the sentence names this computer or its network.
    private: Vec<String>,
}

impl Finding {
    fn new(about: &'static str, verdict: Verdict, says: impl Into<String>) -> Self {
        Self { about, verdict, says: says.into(), to_do: None, private: Vec::new() }
    }

    fn do_this(mut self, what: impl Into<String>) -> Self {
        self.to_do = Some(what.into());
        self
    }

    fn naming(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.private.extend(names);
        self
    }

    /// Returns it without what names this computer or its network.
    #[must_use]
    pub fn redacted(mut self) -> Self {
        for name in &self.private {
            self.says = self.says.replace(name, "[left out]");
        }
        self.private.clear();
        self
    }
}

/// What was found of a hub.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Examination {
    /// Everything that was looked at.
    pub findings: Vec<Finding>,
    /// The addresses of its page, the best first; none if no hub runs.
    pub places: Vec<String>,
}

/// Looks at everything. Takes a few seconds, and longer where there is a lot to read.
pub async fn examine(config: &Config) -> Examination {
    let (running, places) = running(config);
    let mut findings = vec![running, folder(&config.state), database(&config.state)];
    findings.extend(room(&config.state));
    findings.push(clock());
    findings.push(certificate(&config.state));
    if !places.is_empty() {
        findings.push(radio(config));
        findings.push(kernel(config));
        findings.push(by_name(&config.state).await);
    }
    findings.extend(units());
    Examination { findings, places }
}

fn asked(config: &Config, request: &Request) -> Result<Answer, AskError> {
    ask(&config.run.join(SOCKET), request)
}

fn running(config: &Config) -> (Finding, Vec<String>) {
    let about = "hub";
    match asked(config, &Request::SetupCode) {
        Ok(Answer::SetupCode { code, places }) => {
            let waits = if code.is_some() { ", and waits to be set up" } else { "" };
            let says = format!("the hub runs{waits}; its page is at {}", places.join(" and "));
            (Finding::new(about, Verdict::Good, says).naming(places.clone()), places)
        }
        Ok(_) => (Finding::new(about, Verdict::Ails, AskError::Garbled.to_string()), Vec::new()),
        Err(AskError::Nobody { .. }) => {
            let finding = Finding::new(about, Verdict::Ails, "no hub runs here")
                .do_this("start it (sudo systemctl start hutch), or look why it stopped: journalctl -u hutch");
            (finding, Vec::new())
        }
        Err(error) => (Finding::new(about, Verdict::Ails, error.to_string()), Vec::new()),
    }
}

fn folder(state: &Path) -> Finding {
    let about = "folder";
    let named = state.display().to_string();
    let finding =
        |verdict, says: String| Finding::new(about, verdict, says).naming([named.clone()]);
    match fs::metadata(state) {
        Ok(found) if found.mode() & 0o077 != 0 => {
            finding(Verdict::Mind, format!("{named} is open to other users of this computer"))
                .do_this("start the hub: it closes the folder")
        }
        Ok(_) => finding(Verdict::Good, format!("{named} is closed to others")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            finding(Verdict::Mind, format!("{named} is not there yet"))
                .do_this("start the hub: it makes the folder")
        }
        Err(error) => finding(Verdict::Ails, format!("{named} cannot be looked at: {error}"))
            .do_this("try again with sudo"),
    }
}

fn database(state: &Path) -> Finding {
    let about = "database";
    match store::examine(state) {
        Ok(Some(Examined { sqlite, n_bytes })) => {
            let size = n_bytes.div_ceil(1 << 20);
            Finding::new(
                about,
                Verdict::Good,
                format!("the database is whole: {size} MiB, SQLite {sqlite}"),
            )
        }
        Ok(None) => Finding::new(about, Verdict::Mind, "there is no database yet")
            .do_this("start the hub: it makes one"),
        Err(error) => Finding::new(about, Verdict::Ails, error.to_string()),
    }
}

fn room(state: &Path) -> Option<Finding> {
    let disk = rustix::fs::statvfs(state).ok()?;
    let percent = disk.f_bavail.saturating_mul(100).checked_div(disk.f_blocks)?;
    let mib = disk.f_bavail.saturating_mul(disk.f_frsize) >> 20_u32;
    let says = format!("{mib} MiB of the disk are free ({percent} %)");
    let finding = Finding::new("room", Verdict::Good, says);
    Some(if percent < SCARCE {
        Finding { verdict: Verdict::Mind, ..finding }
            .do_this("make room: what is kept less long goes sooner, under each child's rules")
    } else {
        finding
    })
}

fn clock() -> Finding {
    let about = "clock";
    if SystemClock.now().0 < EARLIEST_S {
        return Finding::new(about, Verdict::Ails, "the clock shows a day that is long past")
            .do_this("connect the computer to the internet once, or set the clock: sudo timedatectl set-time");
    }
    if Path::new(CLOCK_IS_SET).exists() {
        return Finding::new(about, Verdict::Good, "the clock was set by a time service");
    }
    Finding::new(
        about,
        Verdict::Mind,
        "the clock is plausible; no time service of systemd has set it",
    )
    .do_this("nothing, if another program sets it; else: sudo timedatectl set-ntp true")
}

fn certificate(state: &Path) -> Finding {
    let about = "certificate";
    match fingerprints(state) {
        Ok(Some(_)) => Finding::new(about, Verdict::Good, "root and certificates are there"),
        Ok(None) => Finding::new(about, Verdict::Mind, "there are no certificates yet")
            .do_this("start the hub: it makes them"),
        Err(error) => Finding::new(about, Verdict::Ails, format!("{error:#}")),
    }
}

fn radio(config: &Config) -> Finding {
    let about = "bluetooth";
    match asked(config, &Request::Heard) {
        Ok(Answer::Heard { radio, about: says, toys }) if radio == RadioState::Works.word() => {
            let heard = match toys.len() {
                0 => "no toy is heard just now".to_owned(),
                1 => "one toy is heard".to_owned(),
                n => format!("{n} toys are heard"),
            };
            Finding::new(about, Verdict::Good, format!("{says}; {heard}"))
        }
        Ok(Answer::Heard { about: says, .. }) => Finding::new(about, Verdict::Ails, says),
        Ok(_) => Finding::new(about, Verdict::Ails, AskError::Garbled.to_string()),
        Err(error) => Finding::new(about, Verdict::Ails, error.to_string()),
    }
}

fn kernel(config: &Config) -> Finding {
    let about = "kernel";
    match asked(config, &Request::Kernel) {
        Ok(Answer::Kernel { kernel }) if kernel == lan::Kernel::Stops.word() => Finding::new(
            about,
            Verdict::Good,
            "the kernel itself stops whatever the hub would send out of the home network",
        ),
        Ok(Answer::Kernel { kernel }) if kernel == lan::Kernel::Lets.word() => Finding::new(
            about,
            Verdict::Mind,
            "the kernel would let pass what leaves the home network: Hutch's own rules alone keep it there",
        )
        .do_this("run the hub as the service of its package, whose list of addresses the kernel enforces"),
        Ok(Answer::Kernel { .. }) => Finding::new(
            about,
            Verdict::Mind,
            "the kernel does not say whether it keeps the hub to the home network",
        ),
        Ok(_) => Finding::new(about, Verdict::Ails, AskError::Garbled.to_string()),
        Err(error) => Finding::new(about, Verdict::Ails, error.to_string()),
    }
}

/// Asks the home network for the hub, as a phone does.
async fn by_name(state: &Path) -> Finding {
    let about = "name";
    let own = match fingerprints(state) {
        Ok(Some(found)) => HEXLOWER.encode(&found.root),
        _ => String::new(),
    };
    let found = match lan::look(LOOKS_FOR).await {
        Ok(found) => found,
        Err(error) => return Finding::new(about, Verdict::Ails, error.to_string()),
    };
    match found.into_iter().find(|hub| hub.fingerprint == own && !own.is_empty()) {
        Some(hub) => {
            let host = hub.host;
            Finding::new(about, Verdict::Good, format!("devices find it as {host}")).naming([host])
        }
        None => Finding::new(about, Verdict::Mind, "nobody in the home network answers to the hub's name")
            .do_this(
                "take one of its other addresses. A hub that listens on this computer alone has no name; \
                 else a firewall may stop UDP port 5353",
            ),
    }
}

/// Looks at the service, if systemd is what runs here.
fn units() -> Vec<Finding> {
    let about = "service";
    if !Path::new("/run/systemd/system").exists() {
        return Vec::new();
    }
    let shown = Command::new("systemctl")
        .args(["show", "hutch.socket", "hutch.service"])
        .arg("--property=Id,LoadState,ActiveState,IPAddressDeny")
        .stdin(Stdio::null())
        .output();
    let Ok(shown) = shown else { return Vec::new() };
    units_of(&String::from_utf8_lossy(&shown.stdout)).unwrap_or_else(|| {
        vec![Finding::new(about, Verdict::Mind, "Hutch is no service on this computer")]
    })
}

/// Returns what `systemctl show` says of the units; nothing if they are not there.
fn units_of(shown: &str) -> Option<Vec<Finding>> {
    let about = "service";
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
        // Everything, as systemd writes it.
        let denies = value("IPAddressDeny");
        let denies_all = denies.contains("::/0") && denies.contains("0.0.0.0/0");
        findings.push(match value("ActiveState") {
            "active" if denies_all => Finding::new(
                about,
                Verdict::Good,
                format!("{name} is active, with the home network's addresses alone"),
            ),
            "active" => Finding::new(
                about,
                Verdict::Mind,
                format!("{name} is active, and its list of addresses was taken away"),
            )
            .do_this(format!("look into your changes: systemctl cat {name}")),
            state => Finding::new(about, Verdict::Ails, format!("{name} is {state}"))
                .do_this(format!("sudo systemctl start {name}")),
        });
    }
    Some(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "IPAddressDeny=::/0 0.0.0.0/0";

    fn unit(name: &str, load: &str, active: &str, denies: &str) -> String {
        format!("Id={name}\nLoadState={load}\nActiveState={active}\n{denies}\n")
    }

    #[test]
    fn units_are_judged_by_what_is_in_force() {
        let verdicts = |text: &str| {
            units_of(text)
                .map(|found| found.iter().map(|finding| finding.verdict).collect::<Vec<_>>())
        };
        let socket = unit("hutch.socket", "loaded", "active", ALL);

        let both = format!("{socket}\n{}", unit("hutch.service", "loaded", "active", ALL));
        assert_eq!(verdicts(&both), Some(vec![Verdict::Good, Verdict::Good]));
        let open =
            format!("{socket}\n{}", unit("hutch.service", "loaded", "active", "IPAddressDeny="));
        assert_eq!(verdicts(&open), Some(vec![Verdict::Good, Verdict::Mind]));
        let failed = format!("{socket}\n{}", unit("hutch.service", "loaded", "failed", ALL));
        assert_eq!(verdicts(&failed), Some(vec![Verdict::Good, Verdict::Ails]));
        assert_eq!(verdicts(&unit("hutch.socket", "not-found", "inactive", "")), None);
    }

    #[test]
    fn a_report_leaves_out_what_names_the_computer() {
        let finding = Finding::new(
            "hub",
            Verdict::Good,
            "its page is at https://10.0.0.7, and again https://10.0.0.7",
        )
        .naming(["https://10.0.0.7".to_owned()]);

        assert_eq!(finding.redacted().says, "its page is at [left out], and again [left out]");
    }

    #[test]
    fn a_folder_is_closed_open_or_not_there() {
        use std::os::unix::fs::PermissionsExt as _;

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        assert_eq!(folder(&path).verdict, Verdict::Mind);
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(folder(&path).verdict, Verdict::Mind);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(folder(&path).verdict, Verdict::Good);
    }
}
