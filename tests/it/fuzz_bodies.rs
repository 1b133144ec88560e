//! The bodies of the fuzz targets as ordinary tests: over their corpus, then over random mutations
//! of it for a few seconds (`HUTCH_FUZZ_SECONDS`). The same mutations every time, as far as the
//! time goes. An input that fails is left in a file; put into the corpus, it is tried for ever.
#![allow(clippy::print_stdout, reason = "whoever looks sees how much was tried")]

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::Path,
    time::{Duration, Instant},
};

#[path = "../fuzz/bodies.rs"]
mod bodies;

/// How long each body is tried with mutations.
const SECONDS: u64 = 5;
/// Larger inputs find nothing that smaller ones do not, and take longer.
const MAX_BYTES: usize = 32 << 10;
/// No decoder may be made to think for so long; on a loaded machine a quick one takes milliseconds.
const MAX_TIME: Duration = Duration::from_secs(10);

macro_rules! bodies {
    ($($name:ident)*) => {
        /// The targets that have a test here.
        const TESTED: &[&str] = &[$(stringify!($name)),*];
        $(
            #[test]
            fn $name() {
                withstand(stringify!($name), bodies::$name);
            }
        )*
    };
}

bodies! { adpcm audio32 clip config firmware keep picture prepare seal session sound_file wav wire }

#[test]
fn every_target_has_a_test_and_a_corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz");
    let mut targets: Vec<String> = fs::read_dir(folder.join("targets"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    targets.sort();

    assert_eq!(targets, TESTED);
    for target in targets {
        assert!(!corpus(&target).is_empty(), "{target} has no corpus");
    }
}

/// Runs the body over the corpus, then over what becomes of it.
#[track_caller]
fn withstand(target: &str, body: fn(&[u8])) {
    let mut seeds = corpus(target);
    for seed in &seeds {
        try_one(target, body, seed);
    }
    seeds.push(Vec::new());
    let mut random = Random(0x9e37_79b9_7f4a_7c15);

    let until = now() + Duration::from_secs(seconds());
    let mut n_tried = 0_u64;
    loop {
        let input = mutate(&seeds, &mut random);
        try_one(target, body, &input);
        n_tried += 1;
        if until <= now() {
            break;
        }
    }

    println!("{target}: {} seeds, {n_tried} mutations", seeds.len() - 1);
}

fn try_one(target: &str, body: fn(&[u8]), input: &[u8]) {
    let started = now();
    let outcome = catch_unwind(AssertUnwindSafe(|| body(input)));
    let took = now() - started;
    if outcome.is_ok() && took < MAX_TIME {
        return;
    }
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("failed-{target}"));
    fs::write(&file, input).unwrap();
    println!("{target} failed after {took:?}; the input is in {}", file.display());
    match outcome {
        Ok(()) => panic!("{target} took {took:?} over {} bytes", input.len()),
        Err(panic) => resume_unwind(panic),
    }
}

/// Returns the inputs kept for a target, always in the same order.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let mut files: Vec<_> =
        fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Returns a seed with a few things wrong with it.
fn mutate(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    /// Where sizes, counts and signs tip over.
    const EDGES: [u32; 10] =
        [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0xffff_ffff];
    let mut input = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(8) {
        let at = random.below(input.len() + 1);
        let length = random.below(16).min(input.len() - at);
        match random.below(8) {
            0 if at < input.len() => input[at] ^= 1 << random.below(8),
            1 if at < input.len() => input[at] = random.byte(),
            2 => {
                let bytes: Vec<u8> = (0..=random.below(16)).map(|_| random.byte()).collect();
                input.splice(at..at, bytes);
            }
            3 => drop(input.drain(at..at + length)),
            4 => input.truncate(at),
            5 => {
                let again = input[at..at + length].repeat(1 + random.below(8));
                input.splice(at..at, again);
            }
            6 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len() + 1);
                input.truncate(at);
                input.extend(&other[from..]);
            }
            _ => {
                let width = [1, 2, 4][random.below(3)];
                let edge = EDGES[random.below(EDGES.len())].to_le_bytes();
                for (byte, new) in input.iter_mut().skip(at).zip(&edge[..width]) {
                    *byte = *new;
                }
            }
        }
    }
    input.truncate(MAX_BYTES);
    input
}

/// The generator `SplitMix64`: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    /// Returns a number below this one, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 32).unwrap() % end
    }
}

fn seconds() -> u64 {
    #[allow(clippy::disallowed_methods, reason = "a switch of the tests, not of the product")]
    let seconds = std::env::var("HUTCH_FUZZ_SECONDS");
    seconds.map_or(SECONDS, |seconds| seconds.parse().unwrap())
}

#[allow(clippy::disallowed_methods, reason = "how long a decoder really takes")]
fn now() -> Instant {
    Instant::now()
}
