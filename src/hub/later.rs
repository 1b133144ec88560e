//! Messages that are to set out later: for how long they wait, and when that is over.
//!
//! A clock decides, so that nothing sets out while nobody can say how late it is. What is decided here
//! is plain data, which keepers and requests act upon alike.

use super::{HubError, quiet::Moment};
use crate::{
    model::Timestamp,
    store::{
        StoreError, Transaction,
        deliveries::Delivery,
        household::{self, Household},
    },
};

/// How far ahead a message can be sent.
const LONGEST_S: i64 = 60 * 24 * 3_600;

/// What is past by no more than this is now: the clock of a phone may be behind.
const SLACK_S: i64 = 300;

/// That a message waits for its time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Wait {
    /// When that comes, if anybody can say how late it is.
    pub(super) until: Option<Timestamp>,
}

/// Returns when a message is to set out that is sent for then; nothing for at once.
pub(super) fn due_at(
    send_at: Option<Timestamp>,
    moment: Moment,
    household: Option<&Household>,
) -> Result<Option<Timestamp>, HubError> {
    let Some(at) = send_at else { return Ok(None) };
    if !moment.is_trusted(household) {
        return Err(HubError::NoClockToSendBy);
    }
    let now = moment.now;
    if at < now.after(-SLACK_S) || now.after(LONGEST_S) < at {
        return Err(HubError::BadSendAt);
    }
    Ok(Some(at).filter(|at| now < *at))
}

/// Returns for how long a message waits, if it does; `is_clock_right` is for whoever knows.
pub(super) fn wait(
    due_at: Option<Timestamp>,
    now: Timestamp,
    is_clock_right: bool,
) -> Option<Wait> {
    match due_at {
        Some(_) if !is_clock_right => Some(Wait { until: None }),
        due_at => due_at.filter(|at| now < *at).map(|at| Wait { until: Some(at) }),
    }
}

/// Returns whether the clock is right enough to send these by: it is only asked if one of them waits
/// for it.
pub(super) fn is_clock_right(
    tx: &Transaction<'_>,
    all: &[Delivery],
    moment: Moment,
) -> Result<bool, StoreError> {
    if all.iter().all(|delivery| delivery.due_at.is_none()) {
        return Ok(true);
    }
    Ok(moment.is_trusted(household::find(tx)?.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_750_000_000);

    fn due(at: Timestamp) -> Result<Option<Timestamp>, ()> {
        let moment = Moment { now: NOW, is_sure: true };
        due_at(Some(at), moment, None).map_err(|_refused| ())
    }

    #[test]
    fn a_message_is_sent_up_to_sixty_days_ahead_and_hardly_ever_in_the_past() {
        for past in [0, 1, 300] {
            assert_eq!(due(NOW.after(-past)), Ok(None), "{past} s ago is now");
        }
        for ahead in [1, 3_600, 60 * 24 * 3_600] {
            assert_eq!(due(NOW.after(ahead)), Ok(Some(NOW.after(ahead))));
        }
        for refused in [NOW.after(-301), NOW.after(60 * 24 * 3_600 + 1)] {
            assert_eq!(due(refused), Err(()));
        }
        assert_eq!((due(Timestamp(i64::MIN)), due(Timestamp(i64::MAX))), (Err(()), Err(())));
    }

    #[test]
    fn without_a_clock_nothing_is_sent_by_it() {
        let moment = Moment { now: Timestamp(100_000), is_sure: false };

        let refused = due_at(Some(Timestamp(100_060)), moment, None);

        assert!(matches!(refused, Err(HubError::NoClockToSendBy)));
        assert!(matches!(due_at(None, moment, None), Ok(None)));
        assert_eq!(wait(Some(NOW), NOW.after(9), false), Some(Wait { until: None }));
        assert_eq!(wait(None, NOW, false), None);
    }

    #[test]
    fn the_wait_is_over_at_the_very_second() {
        assert_eq!(wait(Some(NOW), NOW.after(-1), true), Some(Wait { until: Some(NOW) }));
        assert_eq!(wait(Some(NOW), NOW, true), None);
    }
}
