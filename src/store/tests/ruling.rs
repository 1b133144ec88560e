//! Rules of a child, and what time takes away.

use super::{
    rules::{Limits, Quiet},
    tables::{plan, with_messages},
    *,
};

#[test]
fn rules_are_set_as_a_whole_and_come_back_in_order() {
    let household = Household::new();
    let mut connection = with_messages(&household, 0);
    let tx = connection.transaction().unwrap();
    let span = |weekday| Quiet { weekday, from_minute: 1_170, until_minute: 420 };
    let limits = Limits { max_volume: Some(200), night_volume: Some(0), retention_days: None };

    let unset = rules::limits(&tx, child(1)).unwrap().unwrap();
    rules::set_quiet(&tx, child(1), &[span(3)]).unwrap();
    rules::set_quiet(&tx, child(1), &[span(7), span(1)]).unwrap();

    let ninety = Limits { max_volume: None, night_volume: None, retention_days: Some(90) };
    assert_eq!(unset, ninety);
    assert!(rules::set_limits(&tx, child(1), &limits).unwrap());
    assert!(!rules::set_limits(&tx, child(9), &limits).unwrap(), "there is no such child");
    assert_eq!(rules::limits(&tx, child(1)).unwrap(), Some(limits));
    assert_eq!(rules::quiet(&tx, child(1)).unwrap(), [span(1), span(7)]);
    assert_eq!(rules::retention(&tx).unwrap(), []);
    let twice = rules::set_quiet(&tx, child(1), &[span(1), span(1)]);
    assert!(matches!(twice, Err(StoreError::Conflict { .. })), "{twice:?}");
}

#[test]
fn time_takes_neither_what_is_kept_nor_what_is_on_its_way() {
    let household = Household::new();
    let mut connection = with_messages(&household, 4);
    let tx = connection.transaction().unwrap();
    deliveries::insert(&tx, &queued(1, toy(1), 5_001)).unwrap();

    let changed = rules::set_kept(&tx, item(2), true).unwrap();
    let again = rules::set_kept(&tx, item(2), true).unwrap();

    assert_eq!((changed, again), (true, false));
    assert!(items::find(&tx, item(2)).unwrap().unwrap().kept);
    let before = Timestamp(5_004);
    assert_eq!(rules::over(&tx, child(1), before, 9).unwrap(), [item(3)]);
    assert_eq!(rules::goes(&tx, child(1), before).unwrap(), (1, Some(Timestamp(5_003))));
    let heard = DeliveryState::Heard;
    deliveries::set_state(&tx, delivery(1), &["queued"], heard, before).unwrap();
    assert_eq!(rules::over(&tx, child(1), before, 9).unwrap(), [item(1), item(3)]);
    assert_eq!(rules::over(&tx, child(1), before, 1).unwrap(), [item(1)]);
    for sql in [rules::OVER, rules::GOES] {
        let plan = plan(&tx, sql);
        assert!(
            plan.contains("item USING INDEX item_of_child (child=? AND recorded_at<?)"),
            "{plan}"
        );
        assert!(plan.contains("delivery USING INDEX delivery_of_item"), "{plan}");
        assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}
