//! Names, and which backups stay.

use proptest::prelude::*;

use super::{name::of_erased, *};
use crate::model::Timestamp;

const HUB: &str = "1f2e3d4c";
const DAY_S: i64 = 24 * 3_600;
/// A Friday, 03:30 in UTC.
const NOW: Timestamp = Timestamp(1_795_750_200);

fn found(made_at: Timestamp, opens: Opens, hub: &str) -> Found {
    let name = Name { hub: hub.to_owned(), made_at, opens };
    Found { path: PathBuf::from(name.file()), name, n_bytes: 1 }
}

fn nightly(n_days: i64) -> Vec<Found> {
    let opens = Opens::RecoveryKey(NOW.after(-400 * DAY_S));
    (0..n_days).map(|day| found(NOW.after(-day * DAY_S), opens, HUB)).collect()
}

#[test]
fn a_name_says_when_it_was_made_and_what_opens_it() {
    let name = Name { hub: HUB.to_owned(), made_at: NOW, opens: Opens::RecoveryKey(Timestamp(0)) };
    assert_eq!(name.file(), "hutch-1f2e3d4c-20261127T033000Z-key19700101T000000Z.age");
    assert_eq!(Name::read(&name.file()), Some(name.clone()));
    let words = Name { opens: Opens::Passphrase, ..name };
    assert_eq!(words.file(), "hutch-1f2e3d4c-20261127T033000Z-passphrase.age");
    assert_eq!(Name::read(&words.file()), Some(words));
    for strange in [
        "hutch-1f2e3d4c-20261127T033000Z-key19700101T000000Z.age.part",
        ".hutch-1f2e3d4c-20261127T033000Z-passphrase.age",
        "hutch-1f2e3d4-20261127T033000Z-passphrase.age",
        "hutch-1f2e3d4c-20261327T033000Z-passphrase.age",
        "hutch-1f2e3d4c-20261127T033000Z-passphrase-2.age",
        "hutch-1f2e3d4c-20261127T033000Z-.age",
        &of_erased(HUB),
        "holiday.age",
    ] {
        assert_eq!(Name::read(strange), None, "{strange}");
    }
}

#[test]
fn seven_days_four_weeks_and_three_months_stay() {
    // A year of nights, made one by one as the timer does.
    let mut there: Vec<Found> = Vec::new();
    for night in nightly(365).into_iter().rev() {
        there.push(night);
        let go: Vec<PathBuf> =
            superfluous(&there, HUB).iter().map(|old| old.path.clone()).collect();
        there.retain(|one| !go.contains(&one.path));
        assert!(there.len() <= 14, "{}", there.len());
    }
    let age_days = |one: &Found| (NOW.0 - one.name.made_at.0) / DAY_S;
    let ages: Vec<i64> = there.iter().rev().map(age_days).collect();

    assert_eq!(ages[..7], [0, 1, 2, 3, 4, 5, 6]);
    // Sundays that are over, and last days of months.
    assert_eq!(ages[7..], [12, 19, 27, 58]);
}

#[test]
fn what_is_anothers_or_has_a_passphrase_stays() {
    let words: Vec<Found> =
        (0..30).map(|day| found(NOW.after(-day * DAY_S), Opens::Passphrase, HUB)).collect();
    let opens = Opens::RecoveryKey(NOW);
    let theirs: Vec<Found> =
        (0..30).map(|day| found(NOW.after(-day * DAY_S), opens, "00000000")).collect();

    assert!(superfluous(&words, HUB).is_empty());
    assert!(superfluous(&theirs, HUB).is_empty());
    assert!(superfluous(&nightly(7), HUB).is_empty());
}

/// Makes one each night, `from` this night on, until the one that is looked for is gone.
fn night_without(path: &Path, mut there: Vec<Found>, from: Timestamp) -> i64 {
    let opens = Opens::RecoveryKey(NOW);
    (1..1_000)
        .find(|night| {
            there.push(found(from.after(night * DAY_S), opens, HUB));
            let go: Vec<PathBuf> =
                superfluous(&there, HUB).iter().map(|old| old.path.clone()).collect();
            there.retain(|one| !go.contains(&one.path));
            there.iter().all(|one| one.path != path)
        })
        .unwrap()
}

#[test]
fn it_is_known_when_what_is_there_is_gone() {
    let opens = Opens::RecoveryKey(NOW);
    let days_until = |all: &[Found], now: Timestamp| {
        outlook(all, HUB, now).gone_by.map(|at| (at.0 - now.0) / DAY_S)
    };
    // A Friday like any other: one of seven days, and no more.
    assert_eq!(days_until(&nightly(1), NOW), Some(8));
    // The last day of November stays until there is one of December, January and February.
    let last_of_month = NOW.after(3 * DAY_S);
    let made = found(last_of_month, opens, HUB);
    assert_eq!(days_until(&[made], last_of_month), Some(31 + 31 + 1 + 1));
    assert_eq!(outlook(&[], HUB, NOW), Outlook::default());
    let theirs = found(NOW, opens, "00000000");
    assert_eq!(outlook(&[theirs], HUB, NOW), Outlook::default());
}

#[test]
fn what_no_night_removes_is_said_to_stay() {
    let words = found(NOW, Opens::Passphrase, HUB);
    let of_the_future = found(NOW.after(4_000 * DAY_S), Opens::RecoveryKey(NOW), HUB);
    let [tonight] = &nightly(1)[..] else { panic!() };

    let only = outlook(std::slice::from_ref(&words), HUB, NOW);
    assert_eq!(only, Outlook { gone_by: None, n_staying: 1 });
    let all = [words, of_the_future, tonight.clone()];
    let Outlook { gone_by, n_staying } = outlook(&all, HUB, NOW);
    assert_eq!(n_staying, 2);
    assert!(gone_by.is_some());
}

proptest! {
    #[test]
    fn nothing_that_goes_is_there_longer_than_is_said(
        days in prop::collection::vec(0i64..120, 1..12),
        late_s in 0i64..DAY_S,
    ) {
        let opens = Opens::RecoveryKey(NOW);
        let all: Vec<Found> =
            days.iter().map(|day| found(NOW.after(-day * DAY_S), opens, HUB)).collect();
        // The household looks at any time of the day, and the night comes at its own hour.
        let looked_at = NOW.after(late_s);
        let gone_by = outlook(&all, HUB, looked_at).gone_by.unwrap();
        let last = all.iter().map(|one| night_without(&one.path, all.clone(), NOW)).max().unwrap();

        prop_assert!(NOW.after(last * DAY_S).0 <= gone_by.0, "{} {}", last, gone_by.0);
        prop_assert!(gone_by.0 <= NOW.after((last + 3) * DAY_S).0, "{} {}", last, gone_by.0);
    }

    #[test]
    fn the_latest_always_stays(days in prop::collection::vec(-100_000i64..100_000, 1..40)) {
        let opens = Opens::RecoveryKey(NOW);
        let all: Vec<Found> =
            days.iter().map(|day| found(NOW.after(day * DAY_S), opens, HUB)).collect();
        let latest = all.iter().max_by_key(|one| one.name.made_at).unwrap();

        prop_assert!(superfluous(&all, HUB).iter().all(|old| old.path != latest.path));
    }

    #[test]
    fn any_name_may_come(name in "(hutch-)?[0-9a-fT Zkey\\-]{0,60}(\\.age)?") {
        if let Some(read) = Name::read(&name) {
            prop_assert_eq!(read.file(), name);
        }
    }
}
