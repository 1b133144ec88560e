use proptest::prelude::*;

use super::*;

const NOON: Timestamp = Timestamp(1_700_000_000);

/// Returns a lane with that many wrong tries, all at this time.
fn after(failures: u32, at: Timestamp) -> Lane {
    let mut lane = Lane::CLEAR;
    for _ in 0..failures {
        lane.failed(at);
    }
    lane
}

fn wait_s(mut lane: Lane, now: Timestamp) -> u32 {
    lane.allow(now).err().map_or(0, |retry| retry.seconds)
}

/// Tries whenever it is allowed, always wrong, and returns the seconds that passed.
fn seconds_for_tries(n_tries: u32) -> i64 {
    let (mut lane, mut now) = (Lane::CLEAR, NOON);
    for _ in 0..n_tries {
        if let Err(retry) = lane.allow(now) {
            now = now.after(retry.seconds.into());
        }
        lane.allow(now).unwrap();
        lane.failed(now);
    }
    now.0 - NOON.0
}

#[test]
fn five_tries_are_free_and_then_each_wait_doubles() {
    let waits: Vec<u32> = (0..17).map(|failures| wait_s(after(failures, NOON), NOON)).collect();

    assert_eq!(waits, [0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
}

#[test]
fn a_wait_ends_when_it_said() {
    let lane = after(8, NOON);

    assert_eq!(wait_s(lane, NOON.after(15)), 1);
    assert_eq!(wait_s(lane, NOON.after(16)), 0);
}

#[test]
fn no_number_of_failures_overflows() {
    for failures in [60, 66, 67, 68, 69, 70, 133, u32::MAX - 1, u32::MAX] {
        let mut lane = Lane { failures, ..after(1, NOON) };
        lane.failed(NOON);
        assert_eq!(wait_s(lane, NOON), 900, "{failures}");
    }
}

#[test]
fn a_right_try_forgets_the_wrong_ones() {
    let mut lane = after(9, NOON);

    lane.succeeded();

    assert_eq!(lane, Lane::CLEAR);
    assert_eq!(wait_s(lane, NOON), 0);
}

#[test]
fn a_quiet_day_forgets_the_wrong_tries() {
    let mut almost = after(9, NOON);
    let mut whole = almost;

    almost.failed(NOON.after(QUIET_S - 1));
    whole.failed(NOON.after(QUIET_S));

    assert_eq!(almost.failures, 10);
    assert_eq!(whole.failures, 1);
}

#[test]
fn a_clock_set_back_costs_one_delay_and_no_year() {
    let year_before = NOON.after(-365 * 24 * 60 * 60);
    let mut lane = after(8, NOON);

    let refused = lane.allow(year_before);

    assert_eq!(refused, Err(RetryAfter { seconds: 16 }));
    assert_eq!(lane.failures, 8);
    assert_eq!(wait_s(lane, year_before.after(15)), 1);
    assert_eq!(lane.allow(year_before.after(16)), Ok(()));
}

#[test]
fn a_clock_set_back_a_little_costs_no_more_than_the_delay() {
    let mut lane = after(5, NOON);

    assert_eq!(lane.allow(NOON.after(-600)), Err(RetryAfter { seconds: 2 }));
}

#[test]
fn a_clock_that_ran_ahead_is_forgiven_too() {
    let ahead = NOON.after(10 * 365 * 24 * 60 * 60);
    let mut lane = after(14, ahead);

    assert_eq!(lane.allow(NOON), Err(RetryAfter { seconds: 900 }));
    assert_eq!(lane.allow(NOON.after(900)), Ok(()));
}

#[test]
fn any_row_gives_a_wait_of_a_quarter_hour_at_most() {
    let extremes = [i64::MIN, -1, 0, NOON.0, i64::MAX].map(Timestamp);

    for last_failed_at in extremes {
        for blocked_until in extremes {
            for now in extremes {
                let mut lane = Lane { failures: 99, last_failed_at, blocked_until };
                let refused = lane.allow(now).err();
                assert!(refused.is_none_or(|retry| (1..=900).contains(&retry.seconds)));
                lane.failed(now);
            }
        }
    }
}

#[test]
fn a_thousand_wrong_tries_take_more_than_ten_days() {
    assert_eq!(seconds_for_tries(14), 1_022);
    assert_eq!(seconds_for_tries(1_000) / 3_600, 246);
}

proptest! {
    /// However the tries are spread, a window shorter than a day admits no more of them than
    /// trying at full speed does.
    #[test]
    fn never_admits_more_than_the_bound(
        gaps_s in prop::collection::vec(prop_oneof![Just(0), 1..4_i64, 1..1_000_i64], 1..400),
    ) {
        let (mut lane, mut now, mut admitted) = (Lane::CLEAR, NOON, 0);
        for gap_s in gaps_s {
            now = now.after(gap_s);
            if now.0 - NOON.0 >= QUIET_S {
                break;
            }
            if lane.allow(now).is_ok() {
                lane.failed(now);
                admitted += 1;
            }

            prop_assert!(seconds_for_tries(admitted) <= now.0 - NOON.0);
        }
    }

    #[test]
    fn jumps_back_admit_nobody(
        failures in 5..40_u32,
        jumps_s in prop::collection::vec(1..10_000_000_i64, 1..50),
    ) {
        let mut lane = after(failures, NOON);
        let mut now = NOON;

        for jump_s in jumps_s {
            now = now.after(-jump_s);
            prop_assert!(lane.allow(now).is_err());
        }
    }
}
