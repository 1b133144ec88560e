//! How long to wait before the next try.

use std::time::Duration;

use crate::hub::random;

/// Pauses after the first, second … failed connection in a row.
const LINK: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(20),
    Duration::from_secs(60),
];

/// Seconds after the first, second … failed delivery of a message.
const DELIVERY_S: [i64; 5] = [10, 30, 120, 300, 900];

/// No message waits longer for its next try, jitter included.
pub(super) const LONGEST_DELIVERY_S: i64 = 900 * 5 / 4;

/// Pauses after the first, second … try in a row to fetch a recording that did not come whole.
const FETCH: [Duration; 5] = [
    Duration::from_secs(2),
    Duration::from_secs(2),
    Duration::from_secs(60),
    Duration::from_secs(300),
    Duration::from_secs(900),
];

/// Returns how long to leave a toy alone after this many connections that failed in a row.
pub(super) fn of_link(failures: u32) -> Duration {
    jittered(step(&LINK, failures))
}

/// Returns how many seconds to wait before a message is tried again that failed this often.
pub(super) fn of_delivery(failures: u32) -> i64 {
    let seconds = step(&DELIVERY_S, failures);
    seconds + i64::from(random_byte()) * seconds / 1_024
}

/// Returns how long to leave a recording on the toy that did not come whole this often.
pub(super) fn of_fetch(failures: u32) -> Duration {
    jittered(step(&FETCH, failures))
}

/// Returns a pause somewhat around this one, so that two that clashed do not clash again.
pub(super) fn jittered(pause: Duration) -> Duration {
    // From 3/4 to 5/4.
    pause * 3 / 4 + pause * u32::from(random_byte()) / 512
}

fn step<T: Copy + Default>(steps: &[T], failures: u32) -> T {
    let index = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
    steps.get(index).or_else(|| steps.last()).copied().unwrap_or_default()
}

fn random_byte() -> u8 {
    let [byte] = random();
    byte
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_longer_each_time_and_never_for_ever() {
        let tries: Vec<i64> = [1, 2, 3, 4, 5, 6, 1_000].map(of_delivery).into();

        for (seconds, expected) in tries.iter().zip([10, 30, 120, 300, 900, 900, 900]) {
            assert!((expected..=expected * 5 / 4).contains(seconds), "{seconds} s");
            assert!(*seconds <= LONGEST_DELIVERY_S);
        }
    }

    #[test]
    fn jitter_stays_near() {
        for _ in 0..1_000 {
            let pause = jittered(Duration::from_secs(4));
            assert!((3..=5).contains(&pause.as_secs()), "{pause:?}");
        }
    }
}
