use super::*;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A folder to be given to Hutch, and what keeps it.
fn household() -> (tempfile::TempDir, Folder) {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::prepare(&dir.path().join("state")).unwrap();
    (dir, folder)
}

fn names(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_folder_is_made_for_its_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a/b");

    let folder = Folder::prepare(&path).unwrap();

    assert_eq!(mode(&path), 0o700);
    assert_eq!(mode(&dir.path().join("a")), 0o700);
    assert!(folder.path().is_absolute());
}

#[test]
fn an_own_folder_is_closed_to_others() {
    let (dir, folder) = household();
    for name in ["hutch.db-wal", ".device.key.part", "lost+found", "run"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    set_mode(folder.path(), 0o755);

    Folder::prepare(&dir.path().join("state")).unwrap();

    assert_eq!(mode(folder.path()), 0o700);
}

#[test]
fn a_folder_with_other_things_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("taxes.pdf"), "").unwrap();
    set_mode(dir.path(), 0o1777);

    let error = Folder::prepare(dir.path()).unwrap_err();

    assert!(matches!(error, StateError::NotForUs { .. }), "{error}");
    assert!(error.to_string().contains("taxes.pdf"), "{error}");
    assert_eq!(mode(dir.path()), 0o1777);
}

#[test]
fn a_file_is_no_folder() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, "").unwrap();

    assert!(matches!(Folder::prepare(&path), Err(StateError::Io { .. })));
}

#[test]
fn a_household_is_used_by_one_at_a_time() {
    let (_dir, folder) = household();
    let lock = folder.lock().unwrap();

    let error = folder.lock().unwrap_err();
    assert!(matches!(error, StateError::InUse { .. }), "{error}");
    assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
    assert_eq!(mode(&folder.path().join("lock")), 0o600);

    drop(lock);
    assert!(folder.lock().is_ok());
}

#[test]
fn a_file_is_replaced_as_a_whole_and_private() {
    let (_dir, folder) = household();
    // As a power cut leaves it.
    fs::write(folder.path().join(".tls-root.pem.part"), "half").unwrap();
    set_mode(&folder.path().join(".tls-root.pem.part"), 0o444);

    folder.replace("tls-root.pem", b"old").unwrap();
    folder.replace("tls-root.pem", b"new").unwrap();

    assert_eq!(folder.read("tls-root.pem").unwrap().unwrap().as_slice(), b"new");
    assert_eq!(mode(&folder.path().join("tls-root.pem")), 0o600);
    assert_eq!(names(&folder), ["tls-root.pem"]);
}

#[test]
fn what_cannot_be_written_leaves_nothing_behind() {
    let (_dir, folder) = household();
    fs::create_dir_all(folder.path().join("tls-root.pem/full")).unwrap();

    assert!(matches!(folder.replace("tls-root.pem", b"new"), Err(StateError::Io { .. })));
    assert_eq!(names(&folder), ["tls-root.pem"]);
}

#[test]
fn a_file_is_closed_to_others_when_it_is_read() {
    let (_dir, folder) = household();
    let path = folder.path().join("device.key");
    fs::write(&path, [7; 32]).unwrap();
    set_mode(&path, 0o644);

    assert!(folder.read("device.key").unwrap().is_some());
    assert_eq!(mode(&path), 0o600);
    assert!(folder.read("hash.key").unwrap().is_none());
}

#[test]
fn what_is_gone_already_may_be_removed() {
    let (_dir, folder) = household();
    folder.replace("issue", b"").unwrap();

    folder.remove("issue").unwrap();
    folder.remove("issue").unwrap();

    assert!(names(&folder).is_empty());
}

#[test]
fn keys_are_drawn_once_and_kept() {
    let (_dir, folder) = household();

    let first = Keys::take(&folder, None).unwrap();
    let again = Keys::take(&folder, None).unwrap();

    assert!(first.device.to_bytes() == again.device.to_bytes());
    assert!(first.hash.to_bytes() == again.hash.to_bytes());
    assert!(first.device.to_bytes() != first.hash.to_bytes());
    assert_eq!(names(&folder), ["device.key", "hash.key"]);
    assert_eq!(mode(&folder.path().join("device.key")), 0o600);
    assert_eq!(mode(&folder.path().join("hash.key")), 0o600);
}

#[test]
fn a_missing_key_is_replaced_and_a_damaged_one_is_not() {
    let (_dir, folder) = household();
    let first = Keys::take(&folder, None).unwrap();
    fs::write(folder.path().join("hutch.db"), "").unwrap();

    fs::remove_file(folder.path().join("device.key")).unwrap();
    let second = Keys::take(&folder, None).unwrap();
    assert!(first.device.to_bytes() != second.device.to_bytes());
    assert!(first.hash.to_bytes() == second.hash.to_bytes());

    for n_bytes in [0, 31, 33, 1_000] {
        fs::write(folder.path().join("hash.key"), vec![0xAB; n_bytes]).unwrap();
        let Err(error) = Keys::take(&folder, None) else { panic!("{n_bytes} bytes are no key") };
        let text = error.to_string();
        assert!(text.contains(&format!("it has {n_bytes} bytes and not 32")), "{text}");
        assert!(text.contains("hash.key") && text.contains("second time"), "{text}");
        assert!(!text.to_lowercase().contains("abab"), "{text}");
        assert_eq!(fs::read(folder.path().join("hash.key")).unwrap().len(), n_bytes);
    }
}

#[test]
fn a_credential_goes_before_the_file() {
    let (dir, folder) = household();
    let credentials = dir.path().join("credentials");
    fs::create_dir(&credentials).unwrap();

    let own = Keys::take(&folder, Some(&credentials)).unwrap();
    fs::write(credentials.join("hutch.device-key"), [7; 32]).unwrap();
    set_mode(&credentials.join("hutch.device-key"), 0o440);
    let given = Keys::take(&folder, Some(&credentials)).unwrap();

    assert!(own.device.to_bytes() != given.device.to_bytes());
    assert_eq!(given.device.to_bytes().as_slice(), [7; 32]);
    assert!(own.hash.to_bytes() == given.hash.to_bytes());
    assert_eq!(mode(&credentials.join("hutch.device-key")), 0o440);

    fs::write(credentials.join("hutch.device-key"), [7; 16]).unwrap();
    assert!(matches!(Keys::take(&folder, Some(&credentials)), Err(StateError::BadKey { .. })));
}

#[test]
fn a_household_is_erased_with_its_leftovers_and_nothing_else() {
    let (_dir, folder) = household();
    assert!(!folder.has_household());
    let mine =
        ["device.key", ".device.key.part", "hash.key", "tls-root.pem", "hutch.db", "hutch.db-wal"];
    let others = ["lock", "notes.txt", "hutch.db.mine"];
    for name in mine.iter().chain(&others).chain(&[".breached.idx.77.part", "breached.idx"]) {
        fs::write(folder.path().join(name), "something").unwrap();
    }
    folder.begin_erasing().unwrap();
    assert!(folder.is_erasing() && folder.has_household());

    let left = folder.erase().unwrap();

    assert_eq!(names(&folder), ["hutch.db.mine", "lock", "notes.txt"]);
    let mut left: Vec<_> = left.iter().map(|name| name.to_str().unwrap()).collect();
    left.sort_unstable();
    assert_eq!(left, ["hutch.db.mine", "notes.txt"]);
    assert!(!folder.is_erasing() && !folder.has_household());
}

/// Whoever has the file open sees what becomes of its bytes.
#[test]
fn a_key_is_overwritten_before_it_goes() {
    let (_dir, folder) = household();
    folder.replace("device.key", &[7; 32]).unwrap();
    let mut open = File::open(folder.path().join("device.key")).unwrap();

    folder.erase().unwrap();

    let mut bytes = Vec::new();
    open.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, [0; 32]);
}
