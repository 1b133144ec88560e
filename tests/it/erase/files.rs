//! What is erased through the hub is not in any file, byte for byte.

use std::{collections::HashSet, fs, path::Path};

use hutch::store::{Store, items};

use crate::house::House;

/// Returns whether any of these pieces is in any file of a folder.
fn found(folder: &Path, pieces: &[Vec<u8>]) -> bool {
    let pieces: HashSet<&[u8]> = pieces.iter().map(|piece| &piece[10..26]).collect();
    fs::read_dir(folder).unwrap().any(|entry| {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(16).any(|window| pieces.contains(window))
    })
}

/// Everything sealed of an item that is in the database.
async fn pieces(house: &House) -> Vec<Vec<u8>> {
    let child = house.child;
    let found = house.tools.store.read(move |tx| {
        let mut pieces = Vec::new();
        for item in items::page(tx, child, None, 100)? {
            let sound = items::sound(tx, item.id)?.unwrap().unwrap();
            pieces.extend(sound.as_bytes().chunks_exact(1_000).map(<[u8]>::to_vec));
            pieces.push(item.waveform.unwrap().as_bytes().to_vec());
            pieces.push(item.key.unwrap().as_bytes().to_vec());
        }
        Ok(pieces)
    });
    found.await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn nothing_of_an_erased_message_or_child_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::with_store(Store::open(folder.path()).unwrap()).await;
    let item = house.send(30_000).await.id;
    let of_message = pieces(&house).await;
    assert!(found(folder.path(), &of_message), "it is there before");

    let erasure = house.erase(item).await;

    assert!(erasure.is_gone);
    assert!(!found(folder.path(), &of_message));

    house.send(2_000).await;
    house.add_recording(1_000).await;
    let of_child = pieces(&house).await;
    assert!(found(folder.path(), &of_child), "it is there before");
    let by = house.confirmed().await;
    let by = house.hub.confirmed(&by).unwrap();
    assert!(house.hub.erase_child(&by, house.child).await.unwrap().is_gone);
    assert!(!found(folder.path(), &of_child));
    house.tools.store.close().await;
    assert!(!found(folder.path(), &of_child));
}

/// Somebody reads for so long that the log cannot be emptied: that is said, and made good.
#[tokio::test]
async fn what_could_not_leave_the_log_leaves_it_when_the_hub_tidies_up() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::with_store(Store::open(folder.path()).unwrap()).await;
    let item = house.send(500).await.id;
    let of_message = pieces(&house).await;
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (store, child) = (std::sync::Arc::clone(&house.tools.store), house.child);
    let reading = tokio::spawn(async move {
        let read = store.read(move |tx| {
            let n = items::page(tx, child, None, 9)?.len();
            begun.send(()).unwrap();
            may_go_on.recv().unwrap();
            Ok(n)
        });
        read.await.unwrap()
    });
    has_begun.await.unwrap();

    let erasure = house.erase(item).await;
    let held = found(folder.path(), &of_message);
    go_on.send(()).unwrap();
    assert_eq!(reading.await.unwrap(), 1);
    house.hub.is_untidy().await;
    house.hub.tidy().await.unwrap();

    assert!(!erasure.is_gone);
    assert!(held, "the reader's view is in the log still");
    assert!(!found(folder.path(), &of_message));
}
