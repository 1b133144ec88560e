use std::collections::HashSet;

use super::*;

#[test]
fn the_list_is_whole() {
    let distinct: HashSet<&str> = words().collect();

    assert_eq!(words().count(), usize::from(N_LISTED));
    assert_eq!(distinct.len(), usize::from(N_LISTED));
    assert!(distinct.iter().all(|word| (3..=9).contains(&word.len())));
    assert!(distinct.iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
    assert!(distinct.contains("abacus") && distinct.contains("zoom"));
}

#[test]
fn draws_each_word_as_often() {
    assert_eq!((UNBIASED % N_LISTED, u16::MAX - UNBIASED), (0, 3_327));

    // About 5.8 of each are expected; some 24 of 7,776 are expected not to come.
    let drawn: Vec<&str> = (0..45_000).map(|_| draw_word()).collect();
    let distinct: HashSet<&str> = drawn.iter().copied().collect();

    assert!((7_700..=7_776).contains(&distinct.len()), "{}", distinct.len());
}

/// Not drawn by proptest: it would have to make up the randomness of the kernel.
#[test]
fn every_passphrase_passes_every_policy() {
    let words = ["The Millers", "Mia", "Bentley", "grandma@example.org"];

    for _ in 0..300 {
        let phrase = generate();

        assert!(password::check(&phrase, Policy::GUARDIAN, &words, None).is_ok());
        assert!(password::check(&phrase, Policy::RELATIVE, &words, None).is_ok());
        assert!(phrase.len() <= MAX_BYTES);
        assert!(N_WORDS <= phrase.split('-').count());
    }
}
