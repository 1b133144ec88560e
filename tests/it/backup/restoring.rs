//! What a restore finds in its way, or after it.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::Path,
    time::{Duration, UNIX_EPOCH},
};

use hutch::{
    backup::{self, BackupError, Made},
    model::Timestamp,
    seal::{
        age::{AgeError, Identity},
        recovery::RecoveryKey,
    },
    state::Folder,
    store::{Store, items},
};

use super::{KEPT, Scene, names, revived};
use crate::house::START;

#[tokio::test(start_paused = true)]
async fn what_was_erased_since_is_erased_again() {
    let scene = Scene::new().await;
    let message = scene.house.send(1_000).await;
    scene.house.add_recording(1_000).await;
    let before = scene.create_at(START);
    scene.house.erase(message.id).await;
    scene.create_at(START.after(2 * 24 * 3_600));

    let (state, restored) = scene.restore(&before.path, "another");

    let restored = restored.unwrap();
    assert_eq!((restored.n_items, restored.n_erased, restored.knows_erased), (2, 1, true));
    let (_hub, tools) = revived(&state).await;
    let id = message.id;
    let found = tools.store.read(move |tx| items::find(tx, id)).await.unwrap();
    assert!(found.is_none());

    // Without the list it comes back, and that is said.
    for name in names(&scene.stick()) {
        if name.contains("erased") {
            fs::remove_file(scene.stick().join(name)).unwrap();
        }
    }
    let (_state, restored) = scene.restore(&before.path, "a third");
    let restored = restored.unwrap();
    assert_eq!((restored.n_erased, restored.knows_erased), (0, false));
}

#[tokio::test(start_paused = true)]
async fn a_household_that_is_there_is_not_replaced_unless_somebody_says_so() {
    let scene = Scene::new().await;
    scene.house.add_recording(1_000).await;
    let Made { path, .. } = scene.create_at(START);
    let other = Scene::new().await;
    let kept = other.house.send(700).await.id;
    other.house.tools.store.close().await;
    let (identity, at) = (scene.recovery(), START.after(9));

    let refused = backup::restore(&other.state, &path, &identity, false, at, &mut |_| {});
    assert!(matches!(refused, Err(BackupError::Inhabited { .. })), "{refused:?}");
    let wrong = Identity::Recovery(RecoveryKey::generate());
    let refused = backup::restore(&other.state, &path, &wrong, true, at, &mut |_| {});
    assert!(matches!(refused, Err(BackupError::Closed(AgeError::OtherKey))), "{refused:?}");
    let there = Store::open(other.state.path()).unwrap();
    assert!(there.read(move |tx| items::find(tx, kept)).await.unwrap().is_some());
    there.close().await;

    let restored = backup::restore(&other.state, &path, &identity, true, at, &mut |_| {}).unwrap();

    assert!(restored.replaced);
    let there = Store::open(other.state.path()).unwrap();
    assert!(there.read(move |tx| items::find(tx, kept)).await.unwrap().is_none());
    let aside = Store::open(&other.state.replaced().unwrap()).unwrap();
    assert!(aside.read(move |tx| items::find(tx, kept)).await.unwrap().is_some());
    assert_eq!(&**other.state.read("tls-root.pem").unwrap().unwrap(), KEPT[0].1.as_bytes());
}

/// The power goes between any two steps of putting it into its place.
#[test]
fn a_restore_that_was_broken_off_is_finished_or_forgotten() {
    let old = ["hutch.db", "hutch.db-wal", "hutch.db-shm", "tls-root.pem"];
    let fill = |folder: &Path, names: &[&str], text: &str| {
        for name in names {
            fs::write(folder.join(name), text).unwrap();
        }
    };
    // What each moment leaves: which old files were moved already, which new ones came already.
    for (n_moved, n_come) in [(0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (3, 2)] {
        let dir = tempfile::tempdir().unwrap();
        let state = Folder::prepare(dir.path()).unwrap();
        fill(dir.path(), &old, "old");
        let ready = state.begin_restoring().unwrap();
        for (name, text) in [("hutch.db", "new"), ("tls-root.pem", "new"), ("hash.key", "new")] {
            state.put_ready(name, text.as_bytes()).unwrap();
        }
        assert!(!Folder::prepare(dir.path()).unwrap().has("restored"));
        state.commit_restoring().unwrap();
        assert!(!ready.exists());
        fs::create_dir_all(dir.path().join("replaced")).unwrap();
        if n_moved == 0 {
            fs::write(dir.path().join("replaced/from-before"), "").unwrap();
        }
        for name in &old[..n_moved] {
            fs::rename(dir.path().join(name), dir.path().join("replaced").join(name)).unwrap();
        }
        for name in &["hash.key", "tls-root.pem"][..n_come] {
            fs::rename(dir.path().join("restored").join(name), dir.path().join(name)).unwrap();
        }

        assert!(state.finish_restoring(true).unwrap(), "{n_moved}, {n_come}");

        let here: BTreeMap<String, String> = names(dir.path())
            .into_iter()
            .filter(|name| name != "replaced")
            .map(|name| (name.clone(), fs::read_to_string(dir.path().join(name)).unwrap()))
            .collect();
        let expected = ["hash.key", "hutch.db", "tls-root.pem"];
        assert_eq!(here.keys().collect::<Vec<_>>(), expected, "{n_moved}, {n_come}");
        assert!(here.values().all(|text| text == "new"), "{here:?}");
        assert_eq!(
            names(&dir.path().join("replaced")),
            ["hutch.db", "hutch.db-shm", "hutch.db-wal"]
        );
        assert!(!state.finish_restoring(true).unwrap());
    }
}

/// What was here before has an end: after 30 days, by whatever clock it was put aside.
#[test]
fn a_household_from_before_goes_in_time() {
    let dir = tempfile::tempdir().unwrap();
    let state = Folder::prepare(dir.path()).unwrap();
    let aside = dir.path().join("replaced");
    let (now, day_s) = (Timestamp(1_800_000_000), 24 * 3_600);
    let put_aside = |at: Timestamp| {
        fs::create_dir_all(&aside).unwrap();
        fs::write(aside.join("hutch.db"), [7; 1_000]).unwrap();
        let at = UNIX_EPOCH + Duration::from_secs(u64::try_from(at.0).unwrap());
        File::open(&aside).unwrap().set_modified(at).unwrap();
    };
    assert_eq!(backup::replaced(&state), None);
    assert!(!backup::forget_replaced_in_time(&state, now).unwrap());

    put_aside(now.after(-29 * day_s));
    assert!(!backup::forget_replaced_in_time(&state, now).unwrap());
    let kept = backup::replaced(&state).unwrap();
    assert_eq!((kept.n_bytes, kept.goes_at), (1_000, now.after(day_s)));
    assert!(backup::forget_replaced_in_time(&state, now.after(day_s)).unwrap());
    assert!(!aside.exists());

    // A clock without battery said 1970, or 2040: the days count from when it was set right.
    for wrong in [Timestamp(86_400), now.after(5_000 * day_s)] {
        put_aside(wrong);
        assert!(!backup::forget_replaced_in_time(&state, now).unwrap());
        assert_eq!(backup::replaced(&state).unwrap().goes_at, now.after(30 * day_s));
    }
    backup::forget_replaced(&state).unwrap();
    assert!(!aside.exists());
}
