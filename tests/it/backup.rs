//! Backups, and a household that comes back from one; read and written by `age` itself, too.

mod cli;
mod page;
mod restoring;
mod trouble;

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use hutch::{
    audio::{Clip, keep},
    auth::kdf::Cost,
    backup::{self, BackupError, For, Made, Restored, Verified},
    hub::{Accounts, Bus, Caller, Household, Hub, WaitsFor, keeper::Tools},
    model::{ItemId, Timestamp},
    radio::none::NoRadio,
    seal::{
        DeviceKey, HashKey,
        age::{AgeError, Identity},
        recovery::RecoveryKey,
    },
    state::{Folder, rehearsal_key},
    store::{Store, accounts, activity, items, outbox, recipients},
    toy::session::Pacing,
};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::house::{House, NAME, PASSWORD, START, browser};

/// Something done to the files of a backup.
type Change = fn(&Path);

/// A household in a folder, with a folder for backups.
pub(crate) struct Scene {
    pub(crate) house: House,
    pub(crate) state: Folder,
    dir: TempDir,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let state = Folder::prepare(&dir.path().join("state")).unwrap();
        let house = House::with_store(Store::open(state.path()).unwrap()).await;
        for (name, bytes) in KEPT {
            state.replace(name, bytes.as_bytes()).unwrap();
        }
        state.replace("device.key", &[9; 32]).unwrap();
        fs::create_dir(dir.path().join("stick")).unwrap();
        Self { house, state, dir }
    }

    pub(crate) fn stick(&self) -> PathBuf {
        self.dir.path().join("stick")
    }

    fn create_at(&self, at: Timestamp) -> Made {
        let (stick, who) = (self.stick(), For::RecoveryKey);
        backup::create(&self.state, &stick, who, at, &mut |_| {}).unwrap()
    }

    fn recovery(&self) -> Identity {
        Identity::Recovery(RecoveryKey::from_text(&self.house.recovery).unwrap())
    }

    fn rehearsal(&self) -> Identity {
        Identity::Rehearsal(rehearsal_key(&self.state).unwrap())
    }

    fn verify(&self, file: &Path, identity: &Identity) -> Result<Verified, BackupError> {
        let verified = backup::verify(&self.state, file, identity, &mut |_| {});
        let left: Vec<String> = names(self.state.path())
            .into_iter()
            .filter(|name| name.starts_with("backup-"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
        verified
    }

    /// Puts a backup into a folder that was never there.
    fn restore(&self, file: &Path, to: &str) -> (Folder, Result<Restored, BackupError>) {
        let state = Folder::prepare(&self.dir.path().join(to)).unwrap();
        let at = START.after(1_000);
        let restored = backup::restore(&state, file, &self.recovery(), false, at, &mut |_| {});
        (state, restored)
    }

    /// Opens a backup with `age`, changes its files, and makes a backup of them again.
    fn changed(&self, file: &Path, change: impl FnOnce(&Path)) -> PathBuf {
        let dir = self.dir.path().join("by-hand");
        unpack(&self.house.recovery, file, &dir);
        change(&dir);
        let names =
            ["about.json", "hash.key", "tls-addresses.pem", "tls-names.pem", "tls-root.pem"];
        let names = names.into_iter().chain(["hutch.db"]);
        let names: Vec<&str> = names.filter(|name| dir.join(name).exists()).collect();
        let sums = run(Command::new("sha256sum").args(&names).current_dir(&dir), b"");
        fs::write(dir.join("SHA256SUMS"), sums).unwrap();
        let tar = run(
            Command::new("tar")
                .args(["c", "--format", "ustar"])
                .args(&names)
                .arg("SHA256SUMS")
                .current_dir(&dir),
            b"",
        );
        let key = dir.join("key");
        fs::write(&key, self.house.recovery.as_bytes()).unwrap();
        let public = run(Command::new("age-keygen").arg("-y").arg(&key), b"");
        let public = String::from_utf8(public).unwrap();
        let out = self.stick().join("changed.age");
        run(Command::new("age").args(["-r", public.trim(), "-o"]).arg(&out), &tar);
        out
    }
}

/// What comes along.
const KEPT: [(&str, &str); 4] = [
    ("tls-root.pem", "the root and its key"),
    ("tls-names.pem", "the leaf for names"),
    ("tls-addresses.pem", "the leaf for addresses"),
    ("hash.key", "01234567890123456789012345678901"),
];

/// Runs a program of somebody else, which is to succeed.
fn run(command: &mut Command, input: &[u8]) -> Vec<u8> {
    let name = format!("{command:?}");
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{name}: {error}; install age"));
    child.stdin.take().unwrap().write_all(input).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

/// Opens a backup with nothing of Hutch.
fn unpack(recovery: &str, file: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    let key = to.with_extension("key");
    fs::write(&key, recovery).unwrap();
    let tar = run(Command::new("age").args(["-d", "-i"]).arg(&key).arg(file), b"");
    run(Command::new("tar").arg("x").current_dir(to), &tar);
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A hub on a folder of its own, with another device key.
async fn revived(state: &Folder) -> (Hub, Arc<Tools>) {
    let store = Store::open(state.path()).unwrap();
    let tools = Arc::new(Tools {
        radio: Arc::new(NoRadio::default()),
        store: Arc::new(store),
        clock: Arc::new(hutch::clock::ManualClock::new(START.after(2_000))),
        bus: Arc::new(Bus::default()),
        device: DeviceKey::generate(),
        hash: HashKey::generate(),
        household: Household::default(),
        pacing: Pacing::default(),
    });
    let key = tools.store.read(recipients::household_key).await.unwrap().unwrap().unwrap();
    tools.household.resume(key);
    (Hub::new(Arc::clone(&tools), Accounts::new(Cost::FLOOR, None), None), tools)
}

#[tokio::test(start_paused = true)]
async fn a_household_comes_back_on_another_card() {
    let scene = Scene::new().await;
    scene.house.add_recording(2_000).await;
    let message = scene.house.send(1_500).await;

    // The hub has it open.
    let Made { path, n_bytes, removed, .. } = scene.create_at(START);
    assert_eq!(n_bytes, fs::metadata(&path).unwrap().len());
    assert!(removed.is_empty());
    let (state, restored) = scene.restore(&path, "another");

    let expected =
        Restored { made_at: START, n_items: 2, n_erased: 0, knows_erased: true, replaced: false };
    assert_eq!(restored.unwrap(), expected);
    for (name, bytes) in KEPT {
        assert_eq!(&**state.read(name).unwrap().unwrap(), bytes.as_bytes(), "{name}");
    }
    let mut expected = vec!["backup.lock", "backups.json", "hutch.db"];
    expected.extend(KEPT.map(|(name, _)| name));
    expected.sort_unstable();
    assert_eq!(names(state.path()), expected, "no device key, no rehearsal key, no set-up code");

    let (hub, tools) = revived(&state).await;
    let password = Zeroizing::new(PASSWORD.to_owned());
    // Whoever was signed in is not.
    let n_sessions = tools.store.read(|tx| {
        let all = accounts::list(tx)?;
        let mut n = 0;
        for account in all {
            n += hutch::store::sessions::of_account(tx, account.id)?.len();
        }
        Ok(n)
    });
    assert_eq!(n_sessions.await.unwrap(), 0);
    let told = tools.store.read(|tx| activity::page(tx, i64::MAX, None, 1)).await.unwrap();
    assert_eq!(told[0].deed, "restored", "guardians hear of it");
    let signed_in = hub.sign_in(browser(), NAME, password, None).await.unwrap();
    let cookie = signed_in.session.to_text();
    let Caller::Guardian(guardian) = hub.caller(&cookie, "127.0.0.1").await.unwrap().unwrap()
    else {
        panic!("Robin is a guardian")
    };
    let page = hub.items(&guardian, scene.house.child, None, 10).await.unwrap();
    assert_eq!(page.items.len(), 2);
    for item in &page.items {
        let id = item.id;
        let sound = tools.store.read(move |tx| items::sound(tx, id)).await.unwrap();
        assert!(sound.unwrap().is_ok());
    }

    // The message gets a clip that this hub can send.
    let delivery = message.delivery.unwrap().id;
    let clip = async {
        loop {
            let clip = tools.store.read(move |tx| outbox::find(tx, delivery)).await.unwrap();
            if let Some(Ok(clip)) = clip {
                return clip;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let clip = clip.await;
    let about = hutch::seal::About {
        item: message.id,
        kind: hutch::seal::Kind::Message,
        child: Some(scene.house.child),
        sender: None,
    };
    let clip = tools.device.open(&about, &clip).unwrap();
    let clip = Clip::from_stored(clip.to_vec()).unwrap();
    let n_bytes = House::clip(1_500).len();
    assert!(clip.as_bytes().len().abs_diff(n_bytes) <= n_bytes / 10, "as long as it was");
}

/// A toy that wakes before a guardian has signed in takes nothing, and nothing counts as failed.
#[tokio::test(start_paused = true)]
async fn messages_wait_for_a_guardian_after_a_restore() {
    let scene = Scene::new().await;
    let message = scene.house.send(1_500).await;
    let Made { path, .. } = scene.create_at(START);
    let (state, restored) = scene.restore(&path, "another");
    restored.unwrap();
    let (hub, tools) = revived(&state).await;

    let link = {
        let key = scene.house.household.again();
        hub.make_link(scene.house.account, &key).unwrap()
    };
    let lost = tools.store.read(hutch::store::deliveries::to_send).await.unwrap();
    assert!(lost.iter().all(|(delivery, clip)| !delivery.has_clip && clip.is_none()));
    let signed_in = hub.enter(browser(), &link.to_text()).await.unwrap().unwrap();
    let cookie = signed_in.session.to_text();
    let Caller::Guardian(guardian) = hub.caller(&cookie, "127.0.0.1").await.unwrap().unwrap()
    else {
        panic!("Robin is a guardian")
    };
    // Before the job of that visit has come round.
    let page = hub.items(&guardian, scene.house.child, None, 10).await.unwrap();
    let delivery = page.items[0].delivery.clone().unwrap();
    assert_eq!(delivery.id, message.delivery.unwrap().id);
    assert!(
        matches!(delivery.waits_for, Some(WaitsFor::Guardian | WaitsFor::Toy)),
        "{:?}",
        delivery.waits_for
    );
}

#[tokio::test(start_paused = true)]
async fn a_backup_is_opened_by_age_itself() {
    let scene = Scene::new().await;
    scene.house.add_recording(1_000).await;
    let Made { path, .. } = scene.create_at(START);
    let out = scene.dir.path().join("out");

    unpack(&scene.house.recovery, &path, &out);

    run(Command::new("sha256sum").args(["--check", "SHA256SUMS"]).current_dir(&out), b"");
    let mut expected = vec!["SHA256SUMS", "about.json", "hutch.db"];
    expected.extend(KEPT.map(|(name, _)| name));
    expected.sort_unstable();
    assert_eq!(names(&out), expected);
    // What people said and are called is sealed in there all the same.
    let database = fs::read(out.join("hutch.db")).unwrap();
    for secret in [&b"Mia"[..], b"Bentley", PASSWORD.as_bytes(), b"OggS", b"OpusHead"] {
        assert!(!database.windows(secret.len()).any(|window| window == secret));
    }
}

#[tokio::test(start_paused = true)]
async fn a_passphrase_backup_is_opened_by_age_itself() {
    let scene = Scene::new().await;
    let words = "five words that nobody guesses";
    let stick = scene.stick();
    let made =
        backup::create(&scene.state, &stick, For::Passphrase(words), START, &mut |_| {}).unwrap();
    let out = scene.dir.path().join("out.tar");

    // It reads a passphrase from a terminal only.
    let command = format!("age -d -o {} {}", out.display(), made.path.display());
    run(
        Command::new("script").args(["-qec", &command, "/dev/null"]),
        format!("{words}\n").as_bytes(),
    );

    let listed = run(Command::new("tar").arg("tf").arg(&out), b"");
    assert!(String::from_utf8(listed).unwrap().contains("hutch.db"));
    let identity = Identity::Passphrase(Zeroizing::new(words.to_owned()));
    assert_eq!(scene.verify(&made.path, &identity).unwrap().n_opened, None);
    let wrong = Identity::Passphrase(Zeroizing::new("five others".to_owned()));
    let error = scene.verify(&made.path, &wrong).unwrap_err();
    assert!(matches!(error, BackupError::Closed(AgeError::OtherKey)), "{error}");
    assert_eq!(names(&stick), [made.name.file()], "and nothing beside it");
}

#[tokio::test(start_paused = true)]
async fn a_rehearsal_looks_at_all_of_it_and_the_recovery_key_opens_all_of_it() {
    let scene = Scene::new().await;
    scene.house.add_recording(1_000).await;
    scene.house.send(500).await;
    let Made { path, .. } = scene.create_at(START);

    let rehearsed = scene.verify(&path, &scene.rehearsal()).unwrap();
    let opened = scene.verify(&path, &scene.recovery()).unwrap();

    assert_eq!((rehearsed.looked.n_items, rehearsed.n_opened), (2, None));
    // With the names of child, toy and account.
    assert_eq!((opened.looked.n_items, opened.n_opened), (2, Some(5)));
    let other = Identity::Recovery(RecoveryKey::generate());
    let error = scene.verify(&path, &other).unwrap_err();
    assert_eq!(error.to_string(), "it does not open with this key");
}

/// What the hub's own key cannot see, the recovery key does: a sound that belongs to another item.
#[tokio::test(start_paused = true)]
async fn an_exchanged_sound_is_found_by_whoever_may_open_it() {
    let scene = Scene::new().await;
    scene.house.add_recording(1_000).await;
    scene.house.add_recording_as(ItemId::from_bytes([8; 16]), 1_000).await;
    let Made { path, .. } = scene.create_at(START);
    let changed = scene.changed(&path, |dir| {
        let database = rusqlite_free_exchange(&dir.join("hutch.db"));
        fs::write(dir.join("hutch.db"), database).unwrap();
    });

    assert!(scene.verify(&changed, &scene.recovery()).is_err());
}

/// Returns the bytes of a database with the ends of two sealed things exchanged: each looks whole.
fn rusqlite_free_exchange(path: &Path) -> Vec<u8> {
    let mut bytes = fs::read(path).unwrap();
    let magic = [0x89, 0x48, 0x54, 0x43, 1, 1];
    let at: Vec<usize> =
        bytes.windows(6).enumerate().filter(|(_, six)| *six == magic).map(|(at, _)| at).collect();
    for at in at {
        // A byte of the salt.
        bytes[at + 10] ^= 1;
    }
    bytes
}

#[tokio::test(start_paused = true)]
async fn a_backup_that_is_cut_anywhere_restores_nothing() {
    let scene = Scene::new().await;
    scene.house.add_recording(500).await;
    let Made { path, .. } = scene.create_at(START);
    let whole = fs::read(&path).unwrap();
    let cut = scene.stick().join("cut.age");
    let step = whole.len() / 40;
    let everywhere = (0..whole.len()).step_by(step).chain([whole.len() - 1, whole.len() - 17, 100]);
    for (n, at) in everywhere.enumerate() {
        fs::write(&cut, &whole[..at]).unwrap();

        let (state, restored) = scene.restore(&cut, "another");

        let error = restored.unwrap_err();
        assert!(
            matches!(error, BackupError::Closed(_) | BackupError::Damaged { .. }),
            "{n}: {error}"
        );
        assert!(!state.has("hutch.db"), "cut at {at}");
        assert_eq!(names(state.path()), ["backup.lock"], "and nothing is left of it");
        assert!(!state.finish_restoring(true).unwrap());
        assert!(scene.verify(&cut, &scene.rehearsal()).is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_inside_is_found_before_anything_is_replaced() {
    let scene = Scene::new().await;
    scene.house.add_recording(4_000).await;
    let Made { path, .. } = scene.create_at(START);
    let cases: [(&str, Change, &str); 5] = [
        (
            "a page of the database",
            |dir| {
                let mut bytes = fs::read(dir.join("hutch.db")).unwrap();
                let half = bytes.len() / 4_096 / 2 * 4_096;
                bytes[half..half + 4_096].fill(0x55);
                fs::write(dir.join("hutch.db"), bytes).unwrap();
            },
            "the database is damaged",
        ),
        (
            "a newer schema",
            |dir| {
                let mut bytes = fs::read(dir.join("hutch.db")).unwrap();
                // `user_version` in the header of the file.
                bytes[60..64].copy_from_slice(&999u32.to_be_bytes());
                fs::write(dir.join("hutch.db"), bytes).unwrap();
            },
            "written by a newer version of Hutch",
        ),
        (
            "another format",
            |dir| fs::write(dir.join("about.json"), r#"{"format":2,"version":"9.1"}"#).unwrap(),
            "made by a newer version of Hutch (9.1)",
        ),
        (
            "no database",
            |dir| fs::remove_file(dir.join("hutch.db")).unwrap(),
            "this backup is damaged",
        ),
        (
            "another database",
            |dir| fs::write(dir.join("hutch.db"), b"SQLite format 4").unwrap(),
            "not a database of Hutch",
        ),
    ];
    for (name, change, expected) in cases {
        let changed = scene.changed(&path, change);

        let (state, restored) = scene.restore(&changed, "another");

        let error = restored.unwrap_err().to_string();
        assert!(error.contains(expected), "{name}: {error}");
        assert!(!state.has("hutch.db"), "{name}");
        fs::remove_dir_all(scene.dir.path().join("by-hand")).unwrap();
        fs::remove_file(changed).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn older_backups_go_and_nothing_of_anybody_else() {
    let scene = Scene::new().await;
    let stranger = scene.stick().join("hutch-00000000-20200101T000000Z-key20200101T000000Z.age");
    fs::write(&stranger, "").unwrap();
    fs::write(scene.stick().join("holiday.jpg"), "").unwrap();
    for day in 0..9 {
        scene.create_at(START.after(day * 24 * 3_600));
    }
    let again = scene.create_at(START.after(8 * 24 * 3_600 + 60));

    assert_eq!(again.removed.len(), 1, "of two of one day the later stays");
    let all = backup::list(&scene.stick()).unwrap();
    assert_eq!(all.first().unwrap().path, again.path);
    assert!(all.iter().any(|found| found.path == stranger));
    assert!(all.len() <= 10, "{}", all.len());
    assert!(scene.stick().join("holiday.jpg").exists());
}

/// Whoever asks when something is gone has to know what lies on the stick.
#[tokio::test(start_paused = true)]
async fn a_look_counts_backups_and_says_when_they_are_gone() {
    let scene = Scene::new().await;
    let now = START.after(600);
    let places =
        [scene.stick(), scene.dir.path().join("elsewhere"), scene.state.path().join("hutch.db")];
    let look = || backup::look(&scene.state, &places, now).unwrap();
    let [stick, away, unreadable] = &look()[..] else { panic!() };
    assert_eq!((stick.is_there, stick.is_read, stick.n, stick.made_at), (true, true, 0, None));
    assert_eq!(stick.outlook, backup::Outlook::default());
    assert!(!away.is_there);
    assert!(!unreadable.is_read, "no folder to look into");

    let who = For::RecoveryKey;
    let made = backup::make(&scene.state, &scene.stick(), who, START, &mut |_| {}).unwrap();
    let words = For::Passphrase("five words for one stick");
    let by_words =
        backup::create(&scene.state, &scene.stick(), words, START.after(1), &mut |_| {}).unwrap();
    let [stick, ..] = &look()[..] else { panic!() };
    assert_eq!((stick.n, stick.n_bytes), (2, made.n_bytes + by_words.n_bytes));
    assert_eq!((stick.made_at, stick.outlook.n_staying), (Some(START), 1));
    let gone_by = stick.outlook.gone_by.unwrap();
    assert!(now < gone_by && gone_by < now.after(130 * 24 * 3_600));

    let held = fs::File::create(scene.state.path().join("backup.lock")).unwrap();
    held.lock().unwrap();
    fs::remove_file(&made.path).unwrap();
    let [stick, ..] = &look()[..] else { panic!() };
    assert!(stick.outlook.gone_by.is_some(), "one is being made, and holds what is there now");
}

#[tokio::test(start_paused = true)]
async fn there_is_one_backup_at_a_time_and_none_of_nobody() {
    let scene = Scene::new().await;
    let lock = fs::File::create(scene.state.path().join("backup.lock")).unwrap();
    lock.lock().unwrap();
    let (stick, who) = (scene.stick(), For::RecoveryKey);
    let error = backup::create(&scene.state, &stick, who, START, &mut |_| {}).unwrap_err();
    assert!(matches!(error, BackupError::UnderWay));

    let empty = Folder::prepare(&scene.dir.path().join("empty")).unwrap();
    let error = backup::create(&empty, &stick, who, START, &mut |_| {}).unwrap_err();
    assert!(matches!(error, BackupError::NotSetUp));
    Store::open(empty.path()).unwrap().close().await;
    let error = backup::create(&empty, &stick, who, START, &mut |_| {}).unwrap_err();
    assert!(matches!(error, BackupError::NotSetUp));
}

/// Whatever a recording says after a restore is what was said before.
#[tokio::test(start_paused = true)]
async fn a_restored_sound_is_the_sound() {
    let scene = Scene::new().await;
    scene.house.add_recording(1_000).await;
    let id = ItemId::from_bytes([7; 16]);
    let sound = |store: Arc<Store>| async move {
        store.read(move |tx| items::sound(tx, id)).await.unwrap().unwrap().unwrap()
    };
    let before = sound(Arc::clone(&scene.house.tools.store)).await;
    let Made { path, .. } = scene.create_at(START);
    let (state, restored) = scene.restore(&path, "another");
    restored.unwrap();

    let (_hub, tools) = revived(&state).await;

    let after = sound(Arc::clone(&tools.store)).await;
    assert_eq!(before.as_bytes(), after.as_bytes());
    assert!(keep::decode(before.as_bytes()).is_err(), "it is sealed");
}
