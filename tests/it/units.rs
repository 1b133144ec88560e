//! The units: what systemd itself says of them, and that they and the program mean the same by "home".

use std::{fs, net::IpAddr, path::Path, process::Command};

use hutch::lan::{Lan, Range};

const SERVICE: &str = include_str!("../../systemd/hutch.service");
const SOCKET: &str = include_str!("../../systemd/hutch.socket");
const UPDATE: &str = include_str!("../../systemd/hutch-update.service");

const BACKUP: &str = include_str!("../../systemd/hutch-backup.service");
const TIMER: &str = include_str!("../../systemd/hutch-backup.timer");
const PATH: &str = include_str!("../../systemd/hutch-backup.path");
const STICK: &str = include_str!("../../systemd/media-hutch.mount");
const STICK_WITH_OWNERS: &str = include_str!("../../systemd/hutch-stick.service");
const RULES: &str = include_str!("../../systemd/hutch.rules");

const SCREEN: &str = include_str!("../../systemd/hutch-screen.service");
const SCREEN_CHANGES: &str = include_str!("../../systemd/hutch-screen.path");

/// Every unit, by name.
const UNITS: [(&str, &str); 10] = [
    ("hutch.service", SERVICE),
    ("hutch.socket", SOCKET),
    ("hutch-backup.service", BACKUP),
    ("hutch-backup.timer", TIMER),
    ("hutch-backup.path", PATH),
    ("hutch-screen.service", SCREEN),
    ("hutch-screen.path", SCREEN_CHANGES),
    ("media-hutch.mount", STICK),
    ("hutch-stick.service", STICK_WITH_OWNERS),
    ("hutch-update.service", UPDATE),
];

/// What systemd means by its words (`systemd.resource-control(5)`). It takes fewer link-local addresses
/// of IPv6 than there are: those that computers give themselves.
const WORDS: [(&str, &[&str]); 3] = [
    ("localhost", &["127.0.0.0/8", "::1/128"]),
    ("link-local", &["169.254.0.0/16", "fe80::/64"]),
    ("multicast", &["224.0.0.0/4", "ff00::/8"]),
];

fn values<'a>(unit: &'a str, key: &str) -> Vec<&'a str> {
    unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect()
}

/// Writes the units to a folder as they can be judged here: without the manual, and with a program that
/// is there.
fn judged(folder: &Path) {
    for (name, unit) in UNITS {
        let unit: String = unit
            .lines()
            .filter(|line| !line.starts_with("Documentation="))
            .map(|line| line.replace("/usr/bin/hutch", "/bin/true") + "\n")
            .collect();
        fs::write(folder.join(name), unit).unwrap();
    }
}

/// Returns what `systemd-analyze` says, and whether it is content.
fn analyze(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("systemd-analyze")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("systemd-analyze is of Debian's package systemd");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn systemd_understands_the_units() {
    let folder = tempfile::tempdir().unwrap();
    judged(folder.path());

    let files = UNITS.map(|(name, _)| format!("./{name}"));
    let arguments: Vec<&str> =
        ["verify"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let (is_content, said) = analyze(folder.path(), &arguments);

    // What it says of other units of this computer is not about ours.
    let ours: Vec<_> = said.lines().filter(|line| line.contains("hutch")).collect();
    assert!(is_content && ours.is_empty(), "{said}");
}

#[test]
fn what_systemd_cannot_take_from_the_service_is_little() {
    let folder = tempfile::tempdir().unwrap();
    judged(folder.path());
    let ask = |unit: &str, threshold: &str| {
        let (threshold, unit) = (format!("--threshold={threshold}"), format!("./{unit}"));
        let question = ["security", "--offline=true", "--no-pager", &threshold, &unit];
        analyze(folder.path(), &question)
    };

    // In tenths of its points. What installs a package is root, and writes where packages do; root also
    // tells the screen.
    for (unit, most) in [
        ("hutch.service", "10"),
        ("hutch-backup.service", "10"),
        ("hutch-screen.service", "15"),
        ("hutch-update.service", "30"),
    ] {
        let (is_content, said) = ask(unit, most);
        assert!(is_content, "{said}");
        // It does judge.
        let (is_content, said) = ask(unit, "1");
        assert!(!is_content, "{said}");
    }
}

#[test]
fn only_the_home_network_comes_in_and_is_reached() {
    for unit in [SERVICE, SOCKET] {
        assert_eq!(values(unit, "IPAddressDeny"), ["any"]);
    }
    let allowed = values(SERVICE, "IPAddressAllow");
    assert_eq!(allowed, values(SOCKET, "IPAddressAllow"));
    let [allowed] = allowed[..] else { panic!("{allowed:?}") };
    let ranges: Vec<&str> = allowed
        .split(' ')
        .flat_map(|range| match WORDS.iter().find(|(word, _)| *word == range) {
            Some((_, ranges)) => ranges.to_vec(),
            None => vec![range],
        })
        .collect();

    // What the kernel lets through the hub takes, but for what goes to many at once.
    let home = Lan::default();
    for range in ranges.iter().filter(|range| !["224.0.0.0/4", "ff00::/8"].contains(range)) {
        let (first, _) = range.split_once('/').unwrap();
        assert!(home.has(first.parse().unwrap()), "{range}");
    }
    // And the other way round.
    let kernel = Lan::with(ranges.iter().filter_map(|range| range.parse::<Range>().ok()).collect());
    let edges = [
        "10.0.0.0",
        "10.255.255.255",
        "172.16.0.0",
        "172.31.255.255",
        "192.168.0.0",
        "192.168.255.255",
        "169.254.0.0",
        "169.254.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "::1",
        "fc00::",
        "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "fe80::1",
    ];
    for edge in edges {
        let address: IpAddr = edge.parse().unwrap();
        assert!(home.has(address) && kernel.has(address), "{edge}");
    }
    for stranger in [
        "9.255.255.255",
        "11.0.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "100.64.0.1",
        "203.0.113.7",
        "2001:db8::1",
        "fe00::1",
        "::2",
    ] {
        assert!(!kernel.has(stranger.parse().unwrap()), "{stranger}");
    }
}

#[test]
fn whatever_is_set_is_explained() {
    for (name, unit) in UNITS {
        let mut is_explained = false;
        for line in unit.lines() {
            match line.as_bytes() {
                [] | [b'[', ..] => is_explained = false,
                [b'#', ..] => is_explained = true,
                _ => {
                    let says_it_itself =
                        ["Description=", "Documentation=", "WantedBy=", "ExecStart="];
                    let is_clear = says_it_itself.iter().any(|key| line.starts_with(key));
                    assert!(is_explained || is_clear, "{name}: {line}");
                }
            }
        }
    }
}

#[test]
fn an_update_reaches_this_computer_alone() {
    assert_eq!(values(UPDATE, "IPAddressDeny"), ["any"]);
    assert_eq!(values(UPDATE, "IPAddressAllow"), ["localhost"]);
    // Where the program looks, and where it keeps what only root may change.
    assert_eq!(
        values(UPDATE, "ExecStart"),
        ["/usr/bin/hutch update --from /var/lib/hutch-update/incoming"]
    );
    assert_eq!(values(UPDATE, "StateDirectory"), ["hutch-update hutch-update/incoming"]);
    assert_eq!(values(UPDATE, "StateDirectoryMode"), ["0700"]);
    // The folder is there before the service is, which starts for what lies in it.
    let made = include_str!("../../systemd/hutch.tmpfiles.conf");
    assert!(made.contains("\nd /var/lib/hutch-update/incoming 0700 root root -\n"), "{made}");
}

#[test]
fn the_page_is_at_the_ports_of_browsers() {
    assert_eq!(values(SOCKET, "ListenStream"), ["443", "80"]);
    assert_eq!(values(SERVICE, "Requires"), ["hutch.socket"]);
}

#[test]
fn the_code_is_on_the_screen_of_a_computer_that_has_an_issue_of_its_own() {
    const LINKS: &str = include_str!("../../systemd/hutch.tmpfiles.conf");

    // agetty looks into /run/issue.d only where there is no /etc/issue, and Debian has one.
    assert!(LINKS.contains("L+ /etc/issue.d/hutch.issue - - - - /run/hutch/issue\n"), "{LINKS}");
    // The screen is there before the hub is; and it may go without.
    assert_eq!(values(SERVICE, "ExecStartPost"), ["-+/sbin/agetty --reload"]);
    // Later codes come while the hub runs, and the last one goes.
    assert_eq!(values(SCREEN_CHANGES, "PathChanged"), ["/run/hutch/issue"]);
    assert_eq!(values(SCREEN, "ExecStart"), ["/sbin/agetty --reload"]);
    for script in [
        include_str!("../../systemd/deb/postinst"),
        include_str!("../../systemd/deb/prerm"),
        include_str!("../../systemd/deb/postrm"),
    ] {
        assert!(script.contains(" hutch-screen.path "), "{script}");
    }
    let removal = include_str!("../../systemd/deb/postrm");
    assert!(removal.contains("rm -f /etc/issue.d/hutch.issue"), "{removal}");
}

#[test]
fn the_user_is_one_that_systemd_makes() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("etc")).unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/hutch.sysusers.conf");

    let output = Command::new("systemd-sysusers")
        .arg(format!("--root={}", folder.path().display()))
        .arg("-")
        .stdin(fs::File::open(file).unwrap())
        .output()
        .expect("systemd-sysusers is of Debian's package systemd");

    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let users = fs::read_to_string(folder.path().join("etc/passwd")).unwrap();
    let fields: Vec<_> = users.lines().next().unwrap().split(':').collect();
    assert_eq!((fields[0], fields[5], fields[6]), ("hutch", "/var/lib/hutch", "/usr/sbin/nologin"));
    for key in ["User", "Group"] {
        assert_eq!(values(SERVICE, key), ["hutch"]);
        assert_eq!(values(BACKUP, key), ["hutch"]);
    }
}

#[test]
fn the_package_is_of_this_version_and_its_scripts_can_be_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/deb");
    let changelog = fs::read_to_string(folder.join("changelog")).unwrap();
    let begins = format!("hutch ({}-", env!("CARGO_PKG_VERSION"));
    assert!(changelog.starts_with(&begins), "{changelog}");

    for script in ["postinst", "prerm", "postrm"] {
        let read = Command::new("sh").arg("-n").arg(folder.join(script)).output().unwrap();
        assert!(read.status.success(), "{script}: {}", String::from_utf8_lossy(&read.stderr));
    }
}

#[test]
fn what_is_packed_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest: toml::Table =
        fs::read_to_string(root.join("Cargo.toml")).unwrap().parse().unwrap();
    let assets = manifest["package"]["metadata"]["deb"]["assets"].as_array().unwrap();

    for asset in assets {
        let file = asset[0].as_str().unwrap();
        // What stands there is made when the package is.
        assert!(file.starts_with("target/papers/") || root.join(file).is_file(), "{file}");
    }
    for file in [
        "systemd/hutch.service",
        "systemd/hutch.socket",
        "systemd/hutch-update.service",
        "systemd/hutch-screen.service",
        "systemd/hutch-screen.path",
        "systemd/hutch.dbus.conf",
    ] {
        assert!(assets.iter().any(|asset| asset[0].as_str() == Some(file)), "{file} is not packed");
    }
}

#[test]
fn a_backup_talks_to_nobody_and_a_stick_gives_nobody_anything() {
    assert_eq!(values(BACKUP, "PrivateNetwork"), ["yes"]);
    assert_eq!(values(BACKUP, "IPAddressDeny"), ["any"]);
    assert_eq!(values(TIMER, "Persistent"), ["yes"]);
    assert_eq!(values(PATH, "PathExists"), ["/run/hutch/backup-wanted"]);
    let [options] = values(STICK, "Options")[..] else { panic!() };
    for option in ["nosuid", "nodev", "noexec", "umask=0077", "uid=hutch", "gid=hutch"] {
        assert!(options.split(',').any(|one| one == option), "{option}");
    }
    // Of those that FAT and exFAT understand, since both are mounted with them.
    assert!(!options.contains("flush"), "{options}");
    // What knows owners is mounted by a command instead, and no less carefully.
    let commands = values(STICK_WITH_OWNERS, "ExecStart");
    let mount = commands.iter().find(|command| command.starts_with("/usr/bin/mount ")).unwrap();
    assert!(mount.contains(" -o nosuid,nodev,noexec "), "{mount}");
    let place = values(STICK, "Where")[0];
    assert!(commands.iter().all(|command| command.ends_with(place)), "{commands:?}");
    for (kinds, unit) in [("vfat|exfat", "media-hutch.mount"), ("ext4", "hutch-stick.service")] {
        let wants = format!(
            "ENV{{ID_FS_TYPE}}==\"{kinds}\", TAG+=\"systemd\", ENV{{SYSTEMD_WANTS}}+=\"{unit}\""
        );
        assert!(RULES.lines().any(|line| line.ends_with(&wants)), "{wants}");
    }
    // Where the settings look for it.
    let places = hutch::config::Config::default().backup_to;
    assert_eq!(
        values(STICK, "Where"),
        places.iter().map(|place| place.to_str().unwrap()).collect::<Vec<_>>()
    );
}
