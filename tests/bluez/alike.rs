//! The crate's own toy and the independent one of `guest/toy/` answer alike, transcript by
//! transcript. What one of them answered is held against what the other one did, except where the
//! transcript says that the protocol leaves it open.

mod air;
mod independent;
mod pipe;
#[path = "../alike/mod.rs"]
mod toys;

use air::Air;
use pipe::Pipe;
use toys::{Script, Simulated, follow, follow::Toy, script};

use crate::guest;

/// The transcripts that also take the way through bluetoothd when time is short.
const SHORT: [&str; 12] = [
    "game",
    "led",
    "new",
    "reads",
    "record_meanwhile",
    "sleep",
    "unknown",
    "upload",
    "upload_beyond",
    "upload_key",
    "upload_lost",
    "volume",
];

#[test]
#[ignore = "needs the guest: make test-bluez"]
fn both_toys_answer_alike() {
    let mut pipe = Pipe::open();
    let mut differences = Vec::new();

    for script in script::all() {
        pipe.begin(&script.manner);
        differences.extend(compare(&script, &mut pipe));
    }

    assert!(differences.is_empty(), "{differences:#?}");
}

#[test]
#[ignore = "needs the guest: make test-bluez"]
fn both_toys_answer_alike_through_bluetoothd() {
    let mut air = Air::open();
    let (mut differences, mut n_short) = (Vec::new(), 0);

    for script in script::all().into_iter().filter(|script| !script.manner.is_direct) {
        let is_short = SHORT.contains(&script.name.as_str());
        n_short += usize::from(is_short);
        if is_short || guest::is_long() {
            air.begin(&script.manner);
            differences.extend(compare(&script, &mut air));
        }
    }

    assert_eq!(n_short, SHORT.len());
    assert!(differences.is_empty(), "{differences:#?}");
}

/// Returns where the toys differ from each other, or from the transcript.
fn compare<T: Toy>(script: &Script, other: &mut T) -> Vec<String> {
    let own = follow(script, &mut Simulated::new(&script.manner));
    let other = follow(script, other);
    let mut differences = [own.problems.clone(), other.problems.clone()].concat();
    let (own, other) = (own.settled(), other.settled());
    if own != other {
        let at = own.iter().zip(&other).position(|(own, other)| own != other);
        let at = at.unwrap_or_else(|| own.len().min(other.len()));
        let name = &script.name;
        differences.push(format!("{name}: {:?} and {:?}", own.get(at), other.get(at)));
    }
    differences
}
