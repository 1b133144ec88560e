use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::store::Store;

const KEY: &str = "RWRIVVRDSFRTVGjcCVyDu9Q3yTnNij+iq7fEYaBU1F14ePnvQsjVcu/o";
const PACKAGE: &[u8] = include_bytes!("../../../tests/data/update/package");
const SIGNATURE: &[u8] = include_bytes!("../../../tests/data/update/package.minisig");

/// A computer with Debian's programs as far as an update needs them: they note what they are asked, and keep
/// in a file which version is installed. A package has its version in a file of its own name beside it.
struct Machine {
    dir: tempfile::TempDir,
    update: Update,
}

impl Machine {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (programs, state) = (dir.path().join("bin"), dir.path().join("state"));
        for folder in [&programs, &state, &dir.path().join("apt"), &dir.path().join("stick")] {
            fs::create_dir(folder).unwrap();
        }
        drop(Store::open(&state).unwrap());
        fs::write(dir.path().join("installed"), "0.1.0-1").unwrap();
        fs::write(dir.path().join("new-version"), "0.2.0-1").unwrap();
        let root = dir.path().display();
        let version = format!(
            "case \"$1\" in *current.deb | */apt/*) cat {root}/old-version ;; *) cat {root}/new-version ;; esac"
        );
        for (name, body) in [
            ("dpkg-query", format!("cat {root}/installed")),
            (
                "dpkg-deb",
                format!(
                    "[ \"$1\" = --field ]; shift\n\
                     if [ \"$2\" = Package ]; then echo hutch; else {version}; fi"
                ),
            ),
            (
                "dpkg",
                format!(
                    "if [ \"$1\" = --compare-versions ]; then\n\
                     [ \"$2\" != \"$4\" ] && [ \"$(printf '%s\\n%s' \"$2\" \"$4\" | sort -V | tail -1)\" = \"$2\" ]\n\
                     exit; fi\n\
                     echo \"$*\" >>{root}/asked\n\
                     if [ \"$3\" = --configure ]; then [ ! -e {root}/stuck ] || {{ echo 'other: no' >&2; exit 1; }}; exit; fi\n\
                     shift 3; v=$({version})\n\
                     if grep -qx \"$v\" {root}/broken 2>/dev/null; then printf 'no space left\\nErrors were encountered while processing:\\n hutch\\n' >&2; exit 1; fi\n\
                     printf %s \"$v\" >{root}/installed"
                ),
            ),
            (
                "hutch",
                format!(
                    "v=$(cat {root}/installed)\n\
                     if grep -qx \"$v\" {root}/lame 2>/dev/null; then exit 1; fi\n\
                     echo \"hutch ${{v%-*}}\""
                ),
            ),
        ] {
            let path = programs.join(name);
            fs::write(&path, format!("#!/bin/sh\nset -e\n{body}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let config = Config { state, run: dir.path().join("run"), ..Config::default() };
        let update = Update {
            config,
            key: Some(KEY),
            work: dir.path().join("work"),
            apt: dir.path().join("apt"),
            programs: Some(programs),
            is_booted: false,
        };
        Self { dir, update }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Puts a release on the stick, and returns where.
    fn release(&self) -> PathBuf {
        let package = self.path("stick/hutch_0.2.0-1_arm64.deb");
        fs::write(&package, PACKAGE).unwrap();
        fs::write(signature_of(&package), SIGNATURE).unwrap();
        package
    }

    /// Puts a package of the version before where apt has it.
    fn with_way_back(&self) {
        self.write("old-version", "0.1.0-1");
        self.write("apt/hutch_0.1.0-1_arm64.deb", "the version before");
    }

    fn run(&self, from: &Path) -> (anyhow::Result<Updated>, Vec<String>) {
        let mut said = Vec::new();
        let updated = self.update.run(from, &mut |line| said.push(line.to_owned()));
        (updated, said)
    }

    fn installed(&self) -> String {
        fs::read_to_string(self.path("installed")).unwrap()
    }

    fn end(&self, from: &Path) -> End {
        match self.run(from).0.unwrap() {
            Updated::Ended { end, .. } => end,
            Updated::Nothing => panic!("there was a package"),
        }
    }

    /// What lies in the folder of updates.
    fn left(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.path("work"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn fault(result: anyhow::Result<Updated>) -> String {
    format!("{:#}", result.unwrap_err())
}

#[test]
fn a_signed_package_is_installed_and_kept_as_the_way_back_of_the_next() {
    let machine = Machine::new();
    machine.with_way_back();
    let release = machine.release();

    let (updated, said) = machine.run(&release);

    let (from, to) = ("0.1.0-1".to_owned(), "0.2.0-1".to_owned());
    assert_eq!(updated.unwrap(), Updated::Ended { from, to, end: End::Updated });
    assert_eq!(machine.installed(), "0.2.0-1");
    assert_eq!(machine.left(), ["current.deb", "lock"]);
    assert_eq!(fs::read(machine.path("work/current.deb")).unwrap(), PACKAGE);
    assert!(!machine.path("state/before-update.db").exists());
    assert!(!machine.path("state/lock").exists(), "the hub's user could not use a lock of root's");
    assert!(said.iter().any(|line| line == "updating from 0.1.0-1 to 0.2.0-1"), "{said:?}");
    let mode = fs::metadata(machine.path("work")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let asked = fs::read_to_string(machine.path("asked")).unwrap();
    assert!(asked.contains("work/new.deb"), "what was checked is what is installed: {asked}");
}

#[test]
fn nothing_is_installed_that_is_not_signed_newer_and_hutchs() {
    let machine = Machine::new();
    let release = machine.release();

    fs::write(&release, b"something else\n").unwrap();
    assert!(fault(machine.run(&release).0).contains("no release of Hutch"));
    fs::remove_file(signature_of(&release)).unwrap();
    assert!(fault(machine.run(&release).0).contains("minisig"));
    let release = machine.release();
    for old in ["0.1.0-1", "0.0.9-1"] {
        machine.write("new-version", old);
        let said = fault(machine.run(&release).0);
        assert!(said.contains("not newer than 0.1.0-1"), "{said}");
        assert_eq!(machine.left(), ["lock"], "what was looked at does not stay");
    }
    let other = machine.path("bin/dpkg-deb");
    let hutchs = fs::read_to_string(&other).unwrap();
    fs::write(&other, hutchs.replace("echo hutch", "echo other")).unwrap();
    assert!(fault(machine.run(&release).0).contains("a package of other"));
    assert_eq!(machine.left(), ["lock"]);
    let without_key = Machine { update: Update { key: None, ..machine.update }, dir: machine.dir };
    assert!(fault(without_key.run(&release).0).contains("without a release key"));

    assert_eq!(without_key.installed(), "0.1.0-1");
    assert!(!without_key.path("asked").exists());
}

#[test]
fn a_version_that_does_not_work_is_taken_back() {
    let troubles = [("broken", "dpkg failed: no space left"), ("lame", "0.2.0-1 does not run")];
    for (trouble, said) in troubles {
        let machine = Machine::new();
        machine.with_way_back();
        machine.write(trouble, "0.2.0-1\n");

        let end = machine.end(&machine.release());

        assert_eq!(end, End::WentBack { because: said.to_owned() });
        assert_eq!(machine.installed(), "0.1.0-1", "{trouble}");
        assert!(!machine.path("state/before-update.db").exists());
        drop(Store::open(&machine.path("state")).unwrap());
        assert_eq!(machine.left(), ["current.deb", "lock"], "{trouble}: only the way back stays");
    }
}

#[test]
fn the_first_time_there_may_be_no_way_back_and_it_says_so_before_and_after() {
    let machine = Machine::new();
    machine.write("lame", "0.2.0-1\n");

    let (updated, said) = machine.run(&machine.release());

    assert!(said.iter().any(|line| line.contains("there is no way back")), "{said:?}");
    let Updated::Ended { end: End::NoWayBack { .. }, .. } = updated.unwrap() else {
        panic!("there is none");
    };
    assert_eq!(machine.left(), ["lock"]);
    assert!(machine.path("state/before-update.db").exists(), "whoever goes back by hand needs it");
}

#[test]
fn what_an_update_left_that_came_to_no_journal_goes_with_the_next() {
    let machine = Machine::new();
    fs::create_dir(machine.path("work")).unwrap();
    fs::set_permissions(machine.path("work"), fs::Permissions::from_mode(0o700)).unwrap();
    machine.write("work/new.deb", "the version to come");

    assert_eq!(machine.run(&machine.path("stick")).0.unwrap(), Updated::Nothing);

    assert_eq!(machine.left(), ["lock"]);
}

#[test]
fn what_the_power_cut_short_is_ended_first() {
    let machine = Machine::new();
    machine.with_way_back();
    fs::create_dir(machine.path("work")).unwrap();
    fs::set_permissions(machine.path("work"), fs::Permissions::from_mode(0o700)).unwrap();
    machine.write("work/new.deb", "the version to come");
    machine.write("work/current.deb", "the version before");
    machine.write("installed", "0.2.0-1");
    let journal =
        Journal { stage: update::Stage::Waiting, ..Journal::new("0.1.0-1", "0.2.0-1", true) };
    machine.write("work/journal.json", &serde_json::to_string(&journal).unwrap());

    let (updated, said) = machine.run(&machine.path("nowhere"));

    assert!(matches!(updated.unwrap(), Updated::Ended { end: End::Updated, .. }));
    assert!(said[0].contains("was cut short"), "{said:?}");
    assert_eq!(machine.left(), ["current.deb", "lock"]);
}

#[test]
fn what_dpkg_did_for_others_when_the_power_went_is_ended_too() {
    for is_stuck in [false, true] {
        let machine = Machine::new();
        machine.with_way_back();
        assert_eq!(machine.end(&machine.release()), End::Updated);
        let asked = fs::read_to_string(machine.path("asked")).unwrap();
        assert!(!asked.contains("--pending"), "others are not touched without need: {asked}");
        machine.write("work/new.deb", "the version to come");
        let journal = Journal {
            stage: update::Stage::Installing,
            ..Journal::new("0.1.0-1", "0.2.0-1", true)
        };
        machine.write("work/journal.json", &serde_json::to_string(&journal).unwrap());
        if is_stuck {
            machine.write("stuck", "");
        }

        let (updated, said) = machine.run(&machine.path("nowhere"));

        assert!(matches!(updated.unwrap(), Updated::Ended { end: End::Updated, .. }), "{said:?}");
        let asked = fs::read_to_string(machine.path("asked")).unwrap();
        assert!(asked.trim().ends_with("--configure --pending"), "{asked}");
        let is_told = said.iter().any(|line| line.contains("another package is not set up"));
        assert_eq!(is_told, is_stuck, "{said:?}");
    }
}

#[test]
fn of_a_folder_the_newest_release_is_taken_and_nothing_if_it_is_there_already() {
    let machine = Machine::new();
    machine.with_way_back();
    let stick = machine.path("stick");
    assert_eq!(machine.run(&stick).0.unwrap(), Updated::Nothing);
    machine.write("stick/hutch_9.9.9-1_arm64.deb", "without a signature");
    machine.write("stick/other_0.2.0-1_arm64.deb", "of somebody else");
    assert_eq!(machine.run(&stick).0.unwrap(), Updated::Nothing);
    machine.release();

    assert_eq!(machine.end(&stick), End::Updated);

    assert_eq!(machine.installed(), "0.2.0-1");
    machine.write("old-version", "0.2.0-1");
    assert_eq!(machine.run(&stick).0.unwrap(), Updated::Nothing);
}

#[test]
fn a_hub_that_runs_is_found_and_asked_whether_it_is_well() {
    let machine = Machine::new();
    let config = Config {
        state: machine.path("hub"),
        run: machine.path("hub/run"),
        listen: vec![Ipv4Addr::LOCALHOST.into()],
        port: 0,
        radio: crate::config::Radio::None,
        ..Config::default()
    };
    let update = Update { config: config.clone(), ..machine.update };
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let asked = |within| {
        runtime().block_on(async {
            timeout(within, update.asks_until_well()).await.is_ok_and(|is_well| is_well)
        })
    };
    assert!(!asked(Duration::from_millis(300)), "nobody is there yet");

    let stop = tokio_util::sync::CancellationToken::new();
    let serve = crate::daemon::Serve::new(config);
    let stopped = stop.clone();
    let hub = std::thread::spawn(move || runtime().block_on(serve.run(|_news| {}, stopped)));
    let is_well = asked(Duration::from_secs(30));
    stop.cancel();
    hub.join().unwrap().unwrap();

    assert!(is_well);
}
