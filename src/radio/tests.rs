use super::*;

fn heard(last: u8, signal_dbm: Option<i16>, at: Instant) -> Heard {
    let address = ToyAddress([0xC0, 0xFF, 0xEE, 0, 0, last]);
    Heard {
        address,
        name: "CloudPets B 1.0.19".to_owned(),
        signal_dbm,
        config: None,
        has_service: None,
        at,
    }
}

#[tokio::test(start_paused = true)]
async fn the_strongest_comes_first_and_what_is_gone_is_left_out() {
    let long_ago = Instant::now();
    tokio::time::advance(HEARD_FOR).await;
    let now = Instant::now();

    let toys = newest([
        heard(1, None, now),
        heard(2, Some(-80), now),
        heard(3, Some(-40), now),
        heard(4, Some(-30), long_ago),
    ]);

    let last: Vec<u8> = toys.iter().map(|heard| heard.address.0[5]).collect();
    assert_eq!(last, [3, 2, 1]);
}

#[test]
fn a_table_is_the_same_in_any_order_and_another_with_any_difference() {
    let entries = ["service a", "characteristic b read"].map(str::to_owned);
    let [first, second] = entries.clone();
    let table = GattTable::of(entries);

    assert_eq!(GattTable::of([second.clone(), first.clone()]), table);
    assert_ne!(GattTable::of([first.clone()]), table);
    assert_ne!(GattTable::of([format!("{first}{second}")]), table);
    assert_ne!(GattTable::of([first, second.clone(), second]), table);
}

#[test]
fn every_state_of_the_radio_has_a_word_of_its_own_and_says_what_to_do() {
    let words = RadioState::ALL.map(RadioState::word);

    assert_eq!(std::collections::BTreeSet::from(words).len(), words.len());
    for state in RadioState::ALL {
        assert!(!state.to_string().is_empty());
    }
}
