//! What comes between: a stick that lies, a disk that is full, words that are typed at a terminal.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read as _, Write as _},
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::Path,
    process::{Command, Output, Stdio},
    time::Duration,
};

use hutch::{
    backup::{self, BackupError, For, Progress},
    seal::age::Identity,
    store,
};
use rustix::{
    fs::OFlags,
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};
use zeroize::Zeroizing;

use super::{Scene, names};
use crate::house::START;

const WORDS: &str = "velvet harbour onion sleigh cobalt";

/// Changes a byte of what was written already, as a worn-out stick does.
fn lie(stick: &Path) {
    let part = || {
        let entries = fs::read_dir(stick).unwrap().map(|entry| entry.unwrap().path());
        entries.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "part"))
    };
    for _ in 0..1_000 {
        let path = part().expect("it is being written");
        if 150_000 < fs::metadata(&path).unwrap().len() {
            let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
            let mut byte = [0];
            file.read_exact_at(&mut byte, 100_000).unwrap();
            return file.write_all_at(&[byte[0] ^ 1], 100_000).unwrap();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("nothing of it is on the stick");
}

#[tokio::test(start_paused = true)]
async fn older_ones_stay_when_a_new_one_cannot_be_read_back() {
    let scene = Scene::new().await;
    // More than goes to a stick at once, or nothing would be there to change before all of it is.
    let more =
        "create table more (bytes blob) strict; insert into more values (zeroblob(4000000));";
    scene.house.tools.store.write(move |tx| Ok(tx.execute_batch(more)?)).await.unwrap();
    let (stick, who) = (scene.stick(), For::RecoveryKey);
    let first = scene.create_at(START);
    let before = names(&stick);

    let mut is_told = false;
    let outcome = backup::make(&scene.state, &stick, who, START.after(60), &mut |progress| {
        let is_all = matches!(progress, Progress::Bytes { done, of } if done == of);
        if is_all && !std::mem::replace(&mut is_told, true) {
            lie(&stick);
        }
    });
    assert!(matches!(outcome, Err(BackupError::Damaged { .. })), "{outcome:?}");
    assert_eq!(names(&stick), before, "neither half of a new one, nor one less of the old");
    scene.verify(&first.path, &scene.recovery()).unwrap();
    let failing = backup::look(&scene.state, std::slice::from_ref(&stick), START).unwrap();
    assert_eq!(failing[0].fails_since, Some(START.after(60)));

    // On one that gives back what it was given, the older one of the day goes for it.
    let made = scene.create_at(START.after(120));
    assert_eq!(made.removed, [first.path]);
}

fn hutch(state: &Path, arguments: &[&str]) -> Vec<String> {
    let state = state.display().to_string();
    let all = [env!("CARGO_BIN_EXE_hutch"), "backup"].iter().chain(arguments);
    all.map(|one| (*one).to_owned()).chain(["--state".to_owned(), state]).collect()
}

/// Runs a command where this folder is a disk of so many kilobytes, and then says what is on it.
fn on_small_disk(folder: &Path, kilobytes: u64, command: &[String]) -> (Output, String) {
    fs::create_dir_all(folder).unwrap();
    let script = r#"
        folder=$1 size=$2; shift 2
        mount -t tmpfs -o "size=${size}k,mode=700" none "$folder" || exit 99
        "$@"; done=$?
        cd "$folder" && find . -type f ! -name '*.lock' ! -name lock | sort >&2
        exit "$done"
    "#;
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(folder)
        .arg(kilobytes.to_string())
        .args(command)
        .env_remove("HUTCH_STATE")
        .env_remove("HUTCH_BACKUP_TO")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_ne!(output.status.code(), Some(99), "no disk: {output:?}");
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    (output, text)
}

#[tokio::test(start_paused = true)]
async fn a_stick_that_is_full_gets_nothing_and_loses_nothing() {
    let scene = Scene::new().await;
    scene.house.add_recording(20_000).await;
    scene.house.tools.store.close().await;
    let (state, stick) = (scene.state.path(), scene.dir.path().join("small"));
    let folder = stick.display().to_string();

    let (output, said) = on_small_disk(&stick, 300, &hutch(state, &["create", &folder]));

    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("there is not enough room in ") && said.contains("are free"), "{said}");
    assert!(!said.contains(".age"), "nothing is on the stick: {said}");
    let left = names(state).into_iter().filter(|name| name.starts_with("backup-"));
    assert_eq!(left.count(), 0);
    // Where there is room, it goes.
    let (output, said) = on_small_disk(&stick, 8_000, &hutch(state, &["create", &folder]));
    assert!(output.status.success() && said.contains("A backup was made"), "{said}");
}

/// FAT takes no file of 4 GB; here the system takes none that is larger than the database.
#[tokio::test(start_paused = true)]
async fn a_stick_that_takes_no_file_as_large_says_so() {
    let scene = Scene::new().await;
    scene.house.add_recording(20_000).await;
    scene.create_at(START);
    scene.house.tools.store.close().await;
    let (state, stick) = (scene.state.path(), scene.stick());
    let before = names(&stick);
    let command = hutch(state, &["create", &stick.display().to_string()]);
    // As large as the database it may be, and no larger: what is put aside fits, and a backup does not.
    let script = "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"";
    let database = fs::metadata(state.join("hutch.db")).unwrap().len();
    let blocks = (database / 512).to_string();

    let output = Command::new("sh")
        .args(["-c", script, "sh", &blocks])
        .args(&command)
        .stdin(Stdio::null())
        .output()
        .unwrap();

    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("a stick with FAT ends at 4 GB"), "{said}");
    assert_eq!(names(&stick), before, "{said}");
    let left = names(state).into_iter().filter(|name| name.starts_with("backup-"));
    assert_eq!(left.count(), 0, "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_card_that_is_too_small_stays_as_it_was() {
    let scene = Scene::new().await;
    scene.house.add_recording(40_000).await;
    let made = scene.create_at(START);
    let key = scene.dir.path().join("paper");
    fs::write(&key, scene.house.recovery.as_bytes()).unwrap();
    let card = scene.dir.path().join("card");
    let (file, key) = (made.path.display().to_string(), key.display().to_string());
    let command = hutch(&card, &["restore", &file, "--key-file", &key]);
    let kilobytes = made.n_bytes / 1_000;

    let is_clean = |said: &str| !said.contains("hutch.db") && !said.contains("./restor");
    let (output, said) = on_small_disk(&card, kilobytes / 2, &command);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("there is not enough room in ") && is_clean(&said), "{said}");
    // Wherever the room ends while it is made ready: all of it is there afterwards, or nothing.
    for more in [8, 24, 40, 56, 72] {
        let (output, said) = on_small_disk(&card, kilobytes + more, &command);
        let is_back = output.status.success() && said.contains("./hutch.db");
        let is_as_before = output.status.code() == Some(1) && is_clean(&said);
        assert!(is_back || is_as_before, "{more}: {said}");
    }
    let (output, said) = on_small_disk(&card, 8 * kilobytes, &command);
    assert!(output.status.success() && said.contains("./hutch.db"), "{said}");
}

/// The copy that an update makes first, on a disk without room for it.
#[tokio::test(start_paused = true)]
async fn an_update_without_room_for_a_copy_changes_nothing() {
    const AGAIN: &str = "HUTCH_TEST_SMALL_DISK";
    if let Some(state) = std::env::var_os(AGAIN) {
        let taken = store::snapshot::take(Path::new(&state));
        let why = taken.expect_err("there is no room").to_string();
        panic!("as it should be: {why}");
    }
    let scene = Scene::new().await;
    scene.house.add_recording(40_000).await;
    scene.house.tools.store.close().await;
    let (state, card) = (scene.state.path(), scene.dir.path().join("card"));
    let n_kilobytes = fs::metadata(state.join("hutch.db")).unwrap().len() / 1_000;
    let name = "backup::trouble::an_update_without_room_for_a_copy_changes_nothing";
    let script = format!(
        "cp {}/hutch.db {card} && sum=$(sha256sum {card}/hutch.db) && \
         {AGAIN}={card} {} --exact {name}; [ \"$sum\" = \"$(sha256sum {card}/hutch.db)\" ] && echo the same >&2",
        state.display(),
        std::env::current_exe().unwrap().display(),
        card = card.display(),
    );
    let command = ["sh".to_owned(), "-c".to_owned(), script];

    let (_, said) = on_small_disk(&card, n_kilobytes * 3 / 2, &command);

    assert!(said.contains("as it should be: the disk is full"), "{said}");
    assert!(said.contains("the same"), "{said}");
    assert!(!said.contains("before-update"), "neither a copy nor a part of one: {said}");
}

#[tokio::test(start_paused = true)]
async fn a_passphrase_is_typed_twice_at_a_terminal_and_not_shown() {
    let scene = Scene::new().await;
    scene.house.add_recording(1_000).await;
    scene.house.tools.store.close().await;
    let (state, stick) = (scene.state.path(), scene.stick());

    let said = at_terminal(state, &stick, &[WORDS, "velvet harbour onion sleigh"]);
    assert!(said.contains("these were not the same; nothing was made"), "{said}");
    let said = at_terminal(state, &stick, &["too short"]);
    assert!(said.contains("this passphrase is too short"), "{said}");
    assert!(names(&stick).is_empty());
    let said = at_terminal(state, &stick, &[WORDS, WORDS]);

    assert!(said.contains("Passphrase for this backup: "), "{said}");
    assert!(said.contains("The same once more: ") && said.contains("A backup was made"), "{said}");
    assert!(!said.contains("velvet"), "{said}");
    let made = backup::list(&stick).unwrap().pop().unwrap();
    let identity = Identity::Passphrase(Zeroizing::new(WORDS.to_owned()));
    assert_eq!(scene.verify(&made.path, &identity).unwrap().looked.n_items, 1);
}

/// Makes a backup with a passphrase, typing these lines as they are asked for. Returns what the screen
/// shows.
fn at_terminal(state: &Path, stick: &Path, lines: &[&str]) -> String {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let screen = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(OFlags::NOCTTY.bits().try_into().unwrap())
        .open(name.to_str().unwrap())
        .unwrap();
    let command = hutch(state, &["create", &stick.display().to_string(), "--passphrase"]);
    let mut process = Command::new(&command[0])
        .args(&command[1..])
        .stdin(screen.try_clone().unwrap())
        .stdout(screen.try_clone().unwrap())
        .stderr(screen)
        .spawn()
        .unwrap();
    let mut terminal = File::from(terminal);
    let (mut shown, mut piece) = (String::new(), [0; 4_096]);
    let mut lines = lines.iter();
    let mut n_asked = 0;
    // Once the program is gone nobody holds the other end, and reading ends with an error.
    while let Ok(n_bytes @ 1..) = terminal.read(&mut piece) {
        shown += &String::from_utf8_lossy(&piece[..n_bytes]);
        let n_now = shown.matches("Passphrase for this backup: ").count()
            + shown.matches("The same once more: ").count();
        while n_asked < n_now {
            n_asked += 1;
            if let Some(line) = lines.next() {
                // A moment later, as people are: the terminal shows nothing by then.
                std::thread::sleep(Duration::from_millis(300));
                terminal.write_all(format!("{line}\n").as_bytes()).unwrap();
            }
        }
    }
    process.wait().unwrap();
    shown
}
