use proptest::prelude::*;

use super::*;

fn ts(text: &str) -> Timestamp {
    Timestamp(text.parse::<Instant>().unwrap().as_second())
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// The same hours every day.
fn daily(from_minute: u16, until_minute: u16) -> Vec<Quiet> {
    (1..=7).map(|weekday| Quiet { weekday, from_minute, until_minute }).collect()
}

const NIGHT: (u16, u16) = (19 * 60 + 30, 7 * 60);

#[test]
fn a_night_lasts_from_its_evening_to_the_next_morning() {
    let (nights, berlin) = (daily(NIGHT.0, NIGHT.1), zone("Europe/Berlin"));
    let at = |text| hush(&nights, &berlin, ts(text));

    let (evening, morning) = (ts("2026-11-25T18:30:00Z"), ts("2026-11-26T06:00:00Z"));
    assert_eq!(at("2026-11-25T18:29:59Z"), Hush::From(evening));
    assert_eq!(at("2026-11-25T18:30:00Z"), Hush::Until(morning));
    assert_eq!(at("2026-11-26T05:59:59Z"), Hush::Until(morning));
    assert_eq!(at("2026-11-26T06:00:00Z"), Hush::From(ts("2026-11-26T18:30:00Z")));
}

#[test]
fn a_span_that_ends_on_its_day_lasts_that_long() {
    // A nap on Wednesdays.
    let nap = [Quiet { weekday: 3, from_minute: 13 * 60, until_minute: 15 * 60 }];
    let at = |text| hush(&nap, &TimeZone::UTC, ts(text));

    assert_eq!(at("2026-11-25T12:00:00Z"), Hush::From(ts("2026-11-25T13:00:00Z")));
    assert_eq!(at("2026-11-25T13:00:00Z"), Hush::Until(ts("2026-11-25T15:00:00Z")));
    assert_eq!(at("2026-11-25T15:00:00Z"), Hush::From(ts("2026-12-02T13:00:00Z")));
}

#[test]
fn spans_that_adjoin_or_overlap_are_one() {
    let spans = [
        Quiet { weekday: 1, from_minute: 20 * 60, until_minute: 12 * 60 },
        Quiet { weekday: 2, from_minute: 12 * 60, until_minute: 14 * 60 },
        Quiet { weekday: 3, from_minute: 0, until_minute: 60 },
    ];

    // Monday evening to Tuesday afternoon.
    let at = |text| hush(&spans, &TimeZone::UTC, ts(text));

    assert_eq!(at("2026-11-23T21:00:00Z"), Hush::Until(ts("2026-11-24T14:00:00Z")));
    assert_eq!(at("2026-11-24T12:00:00Z"), Hush::Until(ts("2026-11-24T14:00:00Z")));
    assert_eq!(at("2026-11-24T14:00:00Z"), Hush::From(ts("2026-11-25T00:00:00Z")));
}

#[test]
fn an_hour_that_clocks_skip_ends_nothing_and_begins_nothing_early() {
    // On 29 March 2026 it is 2:00, then 3:00.
    let berlin = zone("Europe/Berlin");
    let skip = ts("2026-03-29T01:00:00Z");
    let within = daily(2 * 60 + 10, 2 * 60 + 50);
    let ends_in_it = daily(60, 2 * 60 + 30);
    let begins_in_it = daily(2 * 60 + 30, 4 * 60);

    assert_eq!(hush(&within, &berlin, skip), Hush::From(ts("2026-03-30T00:10:00Z")));
    assert_eq!(hush(&ends_in_it, &berlin, ts("2026-03-29T00:30:00Z")), Hush::Until(skip));
    let morning = Hush::Until(ts("2026-03-29T02:00:00Z"));
    assert_eq!(hush(&begins_in_it, &berlin, skip), morning);
    assert_eq!(hush(&begins_in_it, &berlin, skip.after(-1)), Hush::From(skip));
}

#[test]
fn an_hour_that_comes_twice_is_quiet_both_times() {
    // On 25 October 2026 it is 2:59 summer time, then 2:00.
    let berlin = zone("Europe/Berlin");
    let spans = daily(2 * 60 + 10, 2 * 60 + 50);

    let quiet = hush(&spans, &berlin, ts("2026-10-25T00:10:00Z"));

    assert_eq!(quiet, Hush::Until(ts("2026-10-25T01:50:00Z")));
}

#[test]
fn a_clock_beyond_all_calendars_is_not_right() {
    for now in [i64::MIN, i64::MAX] {
        assert_eq!(hush(&daily(0, 60), &TimeZone::UTC, Timestamp(now)), Hush::NoClock);
        assert_eq!(hush(&[], &TimeZone::UTC, Timestamp(now)), Hush::Never);
    }
}

#[test]
fn a_clock_is_right_if_somebody_says_so_or_it_goes_on_from_where_it_was() {
    let household =
        Household { set_up_at: EARLIEST, time_zone: None, latest_at: EARLIEST.after(9_000) };
    let trusted = |now, is_sure| Moment { now, is_sure }.is_trusted(Some(&household));

    assert!(trusted(EARLIEST.after(9_000), false));
    assert!(trusted(EARLIEST.after(8_700), false));
    assert!(!trusted(EARLIEST.after(8_699), false));
    assert!(trusted(Timestamp(0), true));
    assert!(!Moment { now: EARLIEST.after(-1), is_sure: false }.is_trusted(None));
}

#[test]
fn the_night_is_never_louder_than_the_day() {
    let limits =
        |max_volume, night_volume| Limits { max_volume, night_volume, retention_days: None };
    let (day, night) = (Hush::From(Timestamp(9)), Hush::Until(Timestamp(9)));

    assert_eq!(day.cap(limits(Some(200), Some(60))), Some(200));
    assert_eq!(night.cap(limits(Some(200), Some(60))), Some(60));
    assert_eq!(night.cap(limits(Some(50), Some(60))), Some(50));
    assert_eq!(night.cap(limits(Some(50), None)), Some(50));
    assert_eq!(Hush::NoClock.cap(limits(None, Some(60))), Some(60));
    assert_eq!(day.cap(limits(None, Some(60))), None);
}

/// Whether somebody who looks at a clock on the wall would call it quiet.
fn by_the_wall(spans: &[Quiet], zone: &TimeZone, now: Timestamp) -> bool {
    let shown = zone.to_datetime(Instant::from_second(now.0).unwrap());
    let minute = u16::try_from(shown.hour()).unwrap() * 60 + u16::try_from(shown.minute()).unwrap();
    let on = |date: Date| {
        let weekday = u8::try_from(date.weekday().to_monday_one_offset()).unwrap();
        spans.iter().filter(move |span| span.weekday == weekday)
    };
    let today = on(shown.date()).any(|span| {
        span.from_minute <= minute
            && (minute < span.until_minute || span.until_minute <= span.from_minute)
    });
    let yesterday = on(shown.date().yesterday().unwrap())
        .any(|span| span.until_minute <= span.from_minute && minute < span.until_minute);
    today || yesterday
}

fn weeks() -> impl Strategy<Value = Vec<Quiet>> {
    let day = prop::option::of((0_u16..1_440, 0_u16..1_440));
    prop::collection::vec(day, 7).prop_map(|days| {
        let days = (1..).zip(days).filter_map(|(weekday, day)| Some((weekday, day?)));
        days.filter(|(_, (from, until))| from != until)
            .map(|(weekday, (from_minute, until_minute))| Quiet {
                weekday,
                from_minute,
                until_minute,
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn quiet_hours_end_after_now_and_are_over_then(
        spans in weeks(),
        now in 1_700_000_000_i64..1_900_000_000,
        name in prop::sample::select(vec![
            "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata",
        ]),
    ) {
        let zone = zone(name);
        match hush(&spans, &zone, Timestamp(now)) {
            Hush::Never => prop_assert!(spans.is_empty()),
            Hush::NoClock => prop_assert!(false),
            Hush::From(at) => {
                prop_assert!(now < at.0);
                prop_assert!(hush(&spans, &zone, at).is_on());
                prop_assert!(!hush(&spans, &zone, at.after(-1)).is_on());
            }
            Hush::Until(at) => {
                prop_assert!(now < at.0);
                prop_assert!(!hush(&spans, &zone, at).is_on());
                prop_assert!(hush(&spans, &zone, at.after(-1)).is_on());
            }
        }
    }

    #[test]
    fn quiet_hours_are_those_that_the_clock_on_the_wall_shows(
        spans in weeks(),
        now in 1_700_000_000_i64..1_900_000_000,
    ) {
        let berlin = zone("Europe/Berlin");
        let now = Timestamp(now);
        let is_quiet = hush(&spans, &berlin, now).is_on();
        let is_shown = by_the_wall(&spans, &berlin, now);
        let changed = |hours: i64| {
            let offset = |at: Timestamp| berlin.to_offset(Instant::from_second(at.0).unwrap());
            offset(now) != offset(now.after(hours * 3_600))
        };

        if changed(-2) || changed(2) {
            // The hour that comes twice counts as one.
            prop_assert!(is_quiet || !is_shown);
        } else {
            prop_assert_eq!(is_quiet, is_shown);
        }
    }
}
