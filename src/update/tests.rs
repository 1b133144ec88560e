use super::{
    signed::{Unsigned, check},
    *,
};

const KEY: &str = include_str!("../../tests/data/update/key.pub");
const PACKAGE: &[u8] = include_bytes!("../../tests/data/update/package");
const SIGNATURE: &str = include_str!("../../tests/data/update/package.minisig");

fn checked(bytes: &[u8], signature: &str) -> Result<(), Unsigned> {
    check(Some(KEY.trim()), bytes, signature)
}

#[test]
fn a_package_is_taken_with_its_signature_by_the_key_of_releases_and_not_otherwise() {
    let of_another = include_str!("../../tests/data/update/of-another-key.minisig");
    let over_the_file = include_str!("../../tests/data/update/over-the-file.minisig");

    assert_eq!(checked(PACKAGE, SIGNATURE), Ok(()));
    assert_eq!(checked(b"another package\n", SIGNATURE), Err(Unsigned::NotOurs));
    assert_eq!(checked(PACKAGE, of_another), Err(Unsigned::NotOurs));
    assert_eq!(checked(PACKAGE, over_the_file), Err(Unsigned::NotOurs));
    assert_eq!(checked(PACKAGE, "no signature"), Err(Unsigned::NotASignature));
    assert_eq!(check(None, PACKAGE, SIGNATURE), Err(Unsigned::NoKey));
    assert_eq!(check(Some("no key"), PACKAGE, SIGNATURE), Err(Unsigned::BadKey));
}

#[test]
fn what_a_signature_says_of_itself_cannot_be_changed() {
    let changed = SIGNATURE.replace("hutch: a test", "hutch: a text");

    assert_ne!(changed, SIGNATURE);
    assert_eq!(checked(PACKAGE, &changed), Err(Unsigned::NotOurs));
}

/// What may be done to a computer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Call {
    Note,
    Stop,
    Start,
    Copy,
    PutBack,
    DropCopy,
    InstallNew,
    InstallBefore,
    NewIsWell,
    BeforeIsWell,
    Keep,
}

/// A computer that is no more than what survives a power cut, and what goes wrong with it.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a thing that is so or not")]
struct Fake {
    noted: Option<Journal>,
    runs: bool,
    has_new: bool,
    /// The schema of the database, which the new version changes when it starts.
    has_new_schema: bool,
    has_copy: bool,
    is_kept: bool,
    /// What fails, each time.
    fails: Vec<Call>,
    /// After how many calls the power goes: before the last of them is done, or after.
    power: Option<(usize, bool)>,
    calls: Vec<Call>,
}

const POWER: &str = "the power went";

impl Fake {
    fn new() -> Self {
        Self { runs: true, ..Self::default() }
    }

    fn failing(fails: &[Call]) -> Self {
        Self { fails: fails.to_vec(), ..Self::new() }
    }

    fn on(&mut self, call: Call, done: impl FnOnce(&mut Self)) -> Result<(), Trouble> {
        self.calls.push(call);
        let is_over = |after| self.power == Some((self.calls.len(), after));
        let (before, after) = (is_over(false), is_over(true));
        if before {
            return Err(Trouble(POWER.to_owned()));
        }
        if self.fails.contains(&call) {
            return Err(Trouble(format!("{call:?} failed")));
        }
        done(self);
        if after { Err(Trouble(POWER.to_owned())) } else { Ok(()) }
    }
}

impl Computer for Fake {
    fn note(&mut self, journal: Option<&Journal>) -> Result<(), Trouble> {
        let journal = journal.cloned();
        self.on(Call::Note, |me| me.noted = journal)
    }

    fn stop(&mut self) -> Result<(), Trouble> {
        self.on(Call::Stop, |me| me.runs = false)
    }

    fn start(&mut self) -> Result<(), Trouble> {
        self.on(Call::Start, |me| me.runs = true)
    }

    fn copy(&mut self) -> Result<(), Trouble> {
        assert!(!self.runs, "what is said meanwhile would be lost on the way back");
        self.on(Call::Copy, |me| me.has_copy = true)
    }

    fn put_back(&mut self) -> Result<(), Trouble> {
        assert!(!self.runs, "nobody replaces a database that is open");
        self.on(Call::PutBack, |me| {
            if me.has_copy && me.has_new_schema {
                (me.has_copy, me.has_new_schema) = (false, false);
            }
        })
    }

    fn drop_copy(&mut self) -> Result<(), Trouble> {
        self.on(Call::DropCopy, |me| me.has_copy = false)
    }

    fn install(&mut self, which: Which) -> Result<(), Trouble> {
        match which {
            Which::New => {
                assert!(self.has_copy, "there would be no way back");
                self.on(Call::InstallNew, |me| {
                    (me.has_new, me.runs, me.has_new_schema) = (true, true, true);
                })
            }
            Which::Before => {
                assert!(!self.has_new_schema, "the version before could not read it");
                self.on(Call::InstallBefore, |me| (me.has_new, me.runs) = (false, true))
            }
        }
    }

    fn is_well(&mut self, which: Which) -> Result<(), Trouble> {
        assert!(self.runs);
        let call = if which == Which::New { Call::NewIsWell } else { Call::BeforeIsWell };
        self.on(call, |_| {})
    }

    fn keep(&mut self) -> Result<(), Trouble> {
        self.on(Call::Keep, |me| me.is_kept = true)
    }
}

fn journal() -> Journal {
    Journal::new("0.1.0-1", "0.2.0-1", true)
}

/// Runs an update, and goes on after the power has come back.
fn to_the_end(fake: &mut Fake) -> Result<End, Trouble> {
    match run(journal(), fake) {
        Err(trouble) if trouble.0 == POWER => {
            fake.power = None;
            // What systemd starts, it starts again with the computer.
            fake.runs = true;
            match fake.noted.clone() {
                // The hub was not touched yet, or everything was done.
                None => Ok(End::CalledOff { because: POWER.to_owned() }),
                Some(journal) => run(journal, fake),
            }
        }
        other => other,
    }
}

#[test]
fn a_version_that_works_stays_and_leaves_nothing_but_its_package() {
    let mut fake = Fake::new();

    let end = run(journal(), &mut fake).unwrap();

    assert_eq!(end, End::Updated);
    assert!(fake.has_new && fake.runs && fake.is_kept);
    assert!(!fake.has_copy, "nothing that is erased later stays in a copy");
    assert_eq!(fake.noted, None);
}

#[test]
fn whatever_fails_the_version_before_or_the_new_one_runs_whole() {
    for fails in [Call::Stop, Call::Copy, Call::InstallNew, Call::NewIsWell] {
        let mut fake = Fake::failing(&[fails]);
        if fails == Call::Stop {
            // On the way back it has to stop as well; it never comes to that.
            fake.fails = vec![Call::Stop];
        }

        let end = run(journal(), &mut fake).unwrap();

        let because = format!("{fails:?} failed");
        let is_early = matches!(fails, Call::Stop | Call::Copy);
        let expected =
            if is_early { End::CalledOff { because } } else { End::WentBack { because } };
        assert_eq!(end, expected);
        assert!(!fake.has_new && fake.runs && !fake.has_new_schema && !fake.is_kept, "{fake:?}");
        assert!(!fake.has_copy && fake.noted.is_none(), "{fake:?}");
    }
}

#[test]
fn without_a_package_of_the_version_before_it_says_so_and_keeps_the_copy() {
    let mut fake = Fake::failing(&[Call::NewIsWell]);
    let journal = Journal { has_way_back: false, ..journal() };

    let end = run(journal, &mut fake).unwrap();

    assert_eq!(end, End::NoWayBack { because: "NewIsWell failed".to_owned() });
    assert!(fake.has_new && fake.has_copy && fake.noted.is_none());
    assert!(!fake.calls.contains(&Call::InstallBefore));
}

#[test]
fn what_fails_on_the_way_back_is_tried_again_by_the_next_call() {
    for fails in [Call::PutBack, Call::InstallBefore, Call::BeforeIsWell, Call::DropCopy] {
        let mut fake = Fake::failing(&[Call::InstallNew, fails]);

        let trouble = run(journal(), &mut fake).unwrap_err();
        assert_eq!(trouble.0, format!("{fails:?} failed"));
        let noted = fake.noted.clone().unwrap();
        assert!(matches!(noted.stage, Stage::GoingBack | Stage::Returning), "{noted:?}");
        fake.fails.clear();
        let end = run(noted, &mut fake).unwrap();

        assert_eq!(end, End::WentBack { because: "InstallNew failed".to_owned() });
        assert!(!fake.has_new && !fake.has_copy && fake.noted.is_none());
    }
}

/// The power goes before or after any call, with a version that works and with one that does not: there are
/// two ends, and both are whole.
#[test]
fn the_power_may_go_at_any_moment() {
    for fails in [&[][..], &[Call::InstallNew], &[Call::NewIsWell], &[Call::Copy]] {
        let mut undisturbed = Fake::failing(fails);
        run(journal(), &mut undisturbed).unwrap();
        let n_calls = undisturbed.calls.len();
        assert!(5 < n_calls, "{undisturbed:?}");

        for at in 1..=n_calls {
            for after in [false, true] {
                let mut fake = Fake { power: Some((at, after)), ..Fake::failing(fails) };

                let end = to_the_end(&mut fake);

                let of = format!("{fails:?} {at} {after}: {end:?} {fake:?}");
                assert!(end.is_ok(), "{of}");
                assert!(fake.runs && fake.noted.is_none(), "{of}");
                assert_eq!(fake.has_new, fake.has_new_schema, "{of}");
                assert!(!fake.has_copy, "{of}");

                if fake.has_new {
                    assert!(fake.is_kept && fails.is_empty(), "{of}");
                }
            }
        }
    }
}

#[test]
fn what_is_noted_is_read_again() {
    let journal = Journal {
        stage: Stage::GoingBack,
        because: Some("it does not answer".to_owned()),
        ..journal()
    };

    let text = serde_json::to_string(&journal).unwrap();

    assert!(text.contains("\"going_back\""), "{text}");
    assert_eq!(serde_json::from_str::<Journal>(&text).unwrap(), journal);
}
