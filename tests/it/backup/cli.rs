//! `hutch backup`, as somebody at the terminal has it.

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
    thread::sleep,
    time::Duration,
};

use super::{Scene, names};

fn hutch(state: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hutch"));
    command.args(["backup"]).args(arguments.split(' ')).arg("--state").arg(state);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HUTCH_") {
            command.env_remove(name);
        }
    }
    command.env_remove("JOURNAL_STREAM").stdin(Stdio::null());
    command
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", text(&output));
    text(&output)
}

fn refused(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{command:?}: {}", text(&output));
    text(&output)
}

#[tokio::test(start_paused = true)]
async fn a_card_dies_and_the_household_is_on_another() {
    let scene = Scene::new().await;
    scene.house.add_recording(1_000).await;
    scene.house.tools.store.close().await;
    let (state, stick) = (scene.state.path(), scene.stick());
    let key = scene.dir.path().join("paper");
    fs::write(&key, format!("# the paper\n{}\n", scene.house.recovery.to_lowercase())).unwrap();

    let made = done(hutch(state, "create").arg(&stick));
    assert!(made.starts_with("A backup was made: "), "{made}");
    let listed = done(hutch(state, "list").arg(&stick));
    assert!(listed.contains("opens with the recovery key of "), "{listed}");
    let file = hutch::backup::list(&stick).unwrap().pop().unwrap().path;
    let verified = done(hutch(state, "verify").arg(&file));
    assert!(verified.contains("1 recordings and messages; every name and sound"), "{verified}");
    let opened = done(hutch(state, "verify").arg(&file).arg("--key-file").arg(&key));
    assert!(opened.contains("each of 4 names and sounds in it was opened"), "{opened}");

    let again = refused(hutch(state, "restore").arg(&file).arg("--key-file").arg(&key));
    assert!(again.contains("there is a household in"), "{again}");
    let other = scene.dir.path().join("new card");
    let back = done(hutch(&other, "restore").arg(&file).arg("--key-file").arg(&key));
    assert!(
        back.contains("The household is back as of ") && back.contains("with 1 recordings"),
        "{back}"
    );
    assert!(!names(&other).contains(&"lock".to_owned()));
    let known = fs::read_to_string(state.join("backups.json")).unwrap();
    assert!(known.contains("made_at") && !known.contains("failing\": ["), "{known}");
}

#[tokio::test(start_paused = true)]
async fn whatever_is_wrong_is_said_with_what_to_do() {
    let scene = Scene::new().await;
    let (state, stick) = (scene.state.path(), scene.stick());
    let nowhere = scene.dir.path().join("nowhere");
    let some_file = scene.dir.path().join("some-file");
    fs::write(&some_file, "no backup").unwrap();
    let cases = [
        (hutch(&nowhere, "create"), "there is no household in "),
        (hutch(state, "create"), "plug in a stick named HUTCH, name a folder"),
        (
            {
                let mut it = hutch(state, "create");
                it.arg(&nowhere);
                it
            },
            "is not there; plug in the stick, or name another folder",
        ),
        (
            {
                let mut it = hutch(state, "create --passphrase");
                it.arg(&stick);
                it
            },
            "nobody is here to be asked; name a file that holds it with --passphrase-file",
        ),
        (
            {
                let mut it = hutch(&nowhere, "restore");
                it.arg(&nowhere).args(["--key-file", "-"]);
                it
            },
            "opening the backup ",
        ),
        (
            {
                let mut it = hutch(&nowhere, "restore");
                it.arg(&some_file).args(["--key-file", "-"]);
                it
            },
            "is empty",
        ),
    ];
    for (mut command, expected) in cases {
        let said = refused(&mut command);
        assert!(said.contains(expected), "{command:?}: {said}");
    }
    let paper = scene.dir.path().join("paper");
    let mut wrong = scene.house.recovery.to_string();
    let last = if wrong.ends_with('Q') { "P" } else { "Q" };
    wrong.replace_range(wrong.len() - 1.., last);
    fs::write(&paper, &wrong).unwrap();
    done(hutch(state, "create").arg(&stick));
    let file = hutch::backup::list(&stick).unwrap().pop().unwrap().path;
    let said = refused(
        hutch(&scene.dir.path().join("new"), "restore").arg(&file).arg("--key-file").arg(&paper),
    );
    assert!(said.contains("this recovery key has a mistake in it"), "{said}");
    assert!(!said.contains(&wrong[20..40]), "and not what was typed");
    fs::write(&paper, "short").unwrap();
    let said = refused(
        hutch(state, "create --passphrase").arg("--passphrase-file").arg(&paper).arg(&stick),
    );
    assert!(said.contains("this passphrase is too short"), "{said}");
    fs::write(&paper, &scene.house.recovery).unwrap();
    let erased =
        stick.join(names(&stick).into_iter().find(|name| name.contains("-erased")).unwrap());
    for act in ["verify", "restore --replace --yes"] {
        let said = refused(hutch(state, act).arg(&erased).arg("--key-file").arg(&paper));
        assert!(said.contains(" is no backup: it says what was erased"), "{act}: {said}");
    }
}

/// What the package's timer runs each night.
#[tokio::test(start_paused = true)]
async fn a_night_makes_one_and_once_a_month_rehearses_it() {
    let scene = Scene::new().await;
    scene.house.add_recording(1_000).await;
    let (state, stick) = (scene.state.path(), scene.stick());
    let night = |arguments: &str| done(hutch(state, arguments).env("HUTCH_BACKUP_TO", &stick));

    // No stick is plugged in.
    assert_eq!(done(&mut hutch(state, "create --if-there")), "");
    assert_eq!(done(&mut hutch(state, "verify --due")), "");
    let wanted = state.join("run/backup-wanted");
    fs::create_dir_all(wanted.parent().unwrap()).unwrap();
    fs::write(&wanted, "").unwrap();
    assert!(night("create --if-there").starts_with("A backup was made: "));
    assert!(!wanted.exists(), "whoever asked for one has it");
    let rehearsed = night("verify --due");
    assert!(rehearsed.contains(" is in order: as of "), "{rehearsed}");
    assert_eq!(night("verify --due"), "", "that holds for a month");

    // The stick lost what it had.
    let file = hutch::backup::list(&stick).unwrap().pop().unwrap().path;
    fs::write(&file, "").unwrap();
    let said = refused(hutch(state, "verify").env("HUTCH_BACKUP_TO", &stick));
    assert!(said.contains("this is no backup, or its beginning is damaged"), "{said}");
    let known = hutch::backup::Known::read(&scene.state).unwrap();
    assert!(known.fails() && known.last_at().is_some());
}

/// Killed at any moment, a backup leaves no file that looks like one and is none, and a restore leaves
/// a folder that becomes one household or the other.
#[tokio::test(start_paused = true)]
async fn kills_leave_nothing_half_done() {
    let scene = Scene::new().await;
    for n in 0..40 {
        let id = hutch::model::ItemId::from_bytes([n; 16]);
        scene.house.add_recording_as(id, 8_000).await;
    }
    scene.house.tools.store.close().await;
    let (state, stick) = (scene.state.path(), scene.stick());
    let key = scene.dir.path().join("paper");
    fs::write(&key, scene.house.recovery.as_bytes()).unwrap();
    let n_kills: u64 =
        std::env::var_os("HUTCH_KILLS").and_then(|n| n.to_str()?.parse().ok()).unwrap_or(200_u64)
            / 10;

    for n in 0..n_kills {
        let mut child = hutch(state, "create").arg(&stick).stdout(Stdio::null()).spawn().unwrap();
        sleep(Duration::from_millis(3 + n * 7 % 120));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let all = hutch::backup::list(&stick).unwrap();
    for found in &all {
        done(hutch(state, "verify").arg(&found.path));
    }
    done(hutch(state, "create").arg(&stick));
    let left = names(&stick);
    assert!(left.iter().all(|name| !name.contains(".part")), "{left:?}");
    let file = hutch::backup::list(&stick).unwrap().remove(0).path;

    let other = scene.dir.path().join("another");
    for n in 0..n_kills {
        let mut command = hutch(&other, "restore --replace --yes");
        let mut child =
            command.arg(&file).arg("--key-file").arg(&key).stdout(Stdio::null()).spawn().unwrap();
        sleep(Duration::from_millis(3 + n * 11 % 160));
        child.kill().unwrap();
        child.wait().unwrap();
        if !other.exists() {
            continue;
        }
        let folder = hutch::state::Folder::prepare(&other).unwrap();
        folder.finish_restoring(true).unwrap();
        // Either nothing yet, or all of it.
        if folder.has("hutch.db") {
            let looked = hutch::store::look_through(&other.join("hutch.db")).unwrap();
            assert_eq!(looked.n_items, 40);
            assert!(folder.has("tls-root.pem") && folder.has("hash.key"));
        }
    }
    done(hutch(&other, "restore --replace --yes").arg(&file).arg("--key-file").arg(&key));
}
