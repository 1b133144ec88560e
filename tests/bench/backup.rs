//! What a backup takes, beside `age` alone for as many bytes.

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use hutch::{
    backup::{For, create},
    model::{ChildId, ItemId, Timestamp},
    seal::{About, Kind, Part, new_content_key},
    state::Folder,
    store::{
        Store,
        items::{self, ItemKind, NewItem},
        recipients,
    },
};

use crate::{Bar, Figure, idle::Serve};

/// A household of ten years, in megabytes.
const MEGABYTES: u32 = 1_000;
/// A long message, in megabytes: as it is kept, it has a tenth of that.
const EACH: u32 = 4;
/// Of several runs the best counts: whatever else the machine does can only make it slower.
const RUNS: u32 = 3;

pub(crate) fn beside_age() -> Vec<Figure> {
    let value = measure();
    vec![Figure {
        what: "a backup of 1 GB, compared with age for the same bytes",
        bar: Bar::TimesAsLong(1.5),
        value,
    }]
}

fn measure() -> Option<f64> {
    let dir = tempfile::tempdir().ok()?;
    Serve::start(dir.path())?.set_up()?;
    let state = Folder::prepare(&dir.path().join("state")).ok()?;
    fill(state.path());
    let stick = dir.path().join("stick");
    fs::create_dir(&stick).ok()?;
    let keys = Command::new("age-keygen").output().ok()?;
    let keys = String::from_utf8(keys.stdout).ok()?;
    let public = keys.lines().find_map(|line| line.strip_prefix("# public key: "))?;

    let (mut ours, mut theirs) = (f64::MAX, f64::MAX);
    // In turns, so that a slow minute of the machine is everybody's.
    for run in 0..RUNS {
        let began = Instant::now();
        let at = Timestamp(1_800_000_000 + i64::from(run));
        let made = create(&state, &stick, For::RecoveryKey, at, &mut |_| {}).ok()?;
        ours = ours.min(began.elapsed().as_secs_f64());
        fs::remove_file(made.path).ok()?;

        let began = Instant::now();
        let sealed = dir.path().join("sealed.age");
        let done = Command::new("age")
            .args(["-r", public, "-o"])
            .arg(&sealed)
            .arg(state.path().join("hutch.db"))
            .stderr(Stdio::null())
            .status()
            .ok()?;
        // Both say that they are done when the disk has it.
        File::open(&sealed).ok()?.sync_all().ok()?;
        theirs = theirs.min(began.elapsed().as_secs_f64());
        fs::remove_file(sealed).ok()?;
        if !done.success() {
            return None;
        }
    }
    eprintln!("backup {ours:.2} s, age {theirs:.2} s");
    Some(ours / theirs)
}

/// Fills a household that no hub has open.
fn fill(state: &Path) {
    let child = ChildId::from_bytes([1; 16]);
    let database = rusqlite::Connection::open(state.join("hutch.db")).unwrap();
    database
        .execute(
            "insert into child (id, animal, color, created_at) values (?1, 'bear', 'plum', 0)",
            [child.as_bytes().as_slice()],
        )
        .unwrap();
    drop(database);
    let store = Store::open(state).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let key = runtime.block_on(store.read(recipients::household_key)).unwrap().unwrap().unwrap();
    for n in 0..MEGABYTES / EACH {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&n.to_be_bytes());
        let id = ItemId::from_bytes(id);
        let about = About { item: id, kind: Kind::Recording, child: Some(child), sender: None };
        let content = new_content_key();
        // Sealed, it looks like chance, whatever it was.
        let sound = vec![0; usize::try_from(EACH).unwrap() * 1_000_000];
        let item = NewItem {
            id,
            kind: ItemKind::Recording,
            child,
            sender: None,
            toy: None,
            recorded_at: Timestamp(1_700_000_000 + i64::from(n)),
            length_ms: 1_000,
            while_away: false,
            sound: content.seal(Part::Sound, &about, &sound).unwrap(),
            waveform: content.seal(Part::Waveform, &about, &[7; 64]).unwrap(),
            key: content.key_for(&key, &about),
        };
        runtime.block_on(store.write(move |tx| items::insert(tx, &item))).unwrap();
    }
    runtime.block_on(store.close());
}
