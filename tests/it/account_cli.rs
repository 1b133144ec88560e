//! `hutch account` as people run it: on lists of breached passwords, into a household's folder.

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use hutch::auth::breached::Index;

/// SHA-1 of "password", "123456" and "sunshine", as they are downloaded.
const LIST: &str = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9545824\r\n\
                    7C4A8D09CA3762AF61E59520943DC26494F8941B:37359195\r\n\
                    8D6E34F987851AA599257D3831A1AF040886842F:408812\r\n";

/// Runs `hutch account import-breached` on a list from standard input.
fn import(list: &str, state: &Path, options: &[&str]) -> Output {
    let mut hutch = Command::new(env!("CARGO_BIN_EXE_hutch"))
        .args(["account", "import-breached", "-", "--state"])
        .arg(state)
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    hutch.stdin.take().unwrap().write_all(list.as_bytes()).unwrap();
    hutch.wait_with_output().unwrap()
}

fn index(state: &Path) -> Index<File> {
    Index::open(File::open(state.join("breached.idx")).unwrap()).unwrap()
}

fn names(state: &Path) -> Vec<String> {
    let entries = fs::read_dir(state).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_file_becomes_an_index_that_only_the_hub_reads() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let state = tempfile::tempdir().unwrap();
    let list = state.path().join("list.txt");
    fs::write(&list, LIST).unwrap();

    let outcome = Command::new(env!("CARGO_BIN_EXE_hutch"))
        .args(["account", "import-breached"])
        .arg(&list)
        .arg("--state")
        .arg(state.path())
        .output()
        .unwrap();

    assert!(outcome.status.success(), "{outcome:?}");
    let path = state.path().join("breached.idx");
    let about = fs::metadata(&path).unwrap();
    assert_eq!(about.permissions().mode() & 0o777, 0o600);
    assert_eq!(about.uid(), fs::metadata(state.path()).unwrap().uid());
    assert_eq!(
        String::from_utf8(outcome.stdout).unwrap(),
        format!(
            "Read 3 lines. Hutch now refuses 3 passwords.\nThe index takes {} B: {}\n",
            about.len(),
            path.display()
        )
    );
    assert_eq!(String::from_utf8(outcome.stderr).unwrap(), "");
    assert!(index(state.path()).contains("sunshine").unwrap());
    assert!(!index(state.path()).contains("moonshine").unwrap());
}

/// Only root can give a file away; elsewhere there is nothing to see.
#[test]
fn what_root_imports_belongs_to_the_hub() {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let state = tempfile::tempdir().unwrap();
    let is_root = chown(state.path(), Some(12_345), Some(12_346)).is_ok();

    let outcome = import(LIST, state.path(), &[]);

    assert!(outcome.status.success(), "{outcome:?}");
    let about = fs::metadata(state.path().join("breached.idx")).unwrap();
    assert!(!is_root || (about.uid(), about.gid()) == (12_345, 12_346));
}

#[test]
fn rare_passwords_can_be_left_out() {
    let state = tempfile::tempdir().unwrap();

    let outcome = import(LIST, state.path(), &["--min-count", "1000000"]);

    assert!(outcome.status.success(), "{outcome:?}");
    assert_eq!(index(state.path()).entries(), 2);
    assert!(!index(state.path()).contains("sunshine").unwrap());
}

#[test]
fn a_list_that_is_no_good_leaves_the_index_that_was_there() {
    let state = tempfile::tempdir().unwrap();
    import(LIST, state.path(), &[]);

    let cut_off = import(&LIST[..LIST.len() - 20], state.path(), &[]);

    assert_eq!(cut_off.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(cut_off.stderr).unwrap(),
        "error: importing standard input: line 3 is no SHA-1 hash of 40 digits with a colon and a \
         count; download the list again\n"
    );
    assert!(index(state.path()).contains("sunshine").unwrap());
    assert_eq!(names(state.path()), ["breached.idx"]);
}

#[test]
fn what_a_killed_import_left_is_removed_and_what_a_running_one_writes_is_not() {
    let state = tempfile::tempdir().unwrap();
    fs::write(state.path().join(".breached.idx.1.part"), "left").unwrap();
    let running = File::create(state.path().join(".breached.idx.2.part")).unwrap();
    running.lock().unwrap();

    let outcome = import(LIST, state.path(), &[]);

    assert!(outcome.status.success(), "{outcome:?}");
    let mut names = names(state.path());
    names.sort();
    assert_eq!(names, [".breached.idx.2.part", "breached.idx"]);
}
