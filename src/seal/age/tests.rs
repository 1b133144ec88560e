//! Round trips at every edge, every cut, every changed byte; and keys that are not the right ones.
//!
//! That other programs read it, and are read, `tests/it/backup.rs` shows.

use std::io::{Read as _, Write as _};

use proptest::prelude::*;

use super::*;

const SEGMENT: usize = 64 << 10;

fn sealed(content: &[u8], recipients: &Recipients<'_>) -> Vec<u8> {
    let mut writer = seal(Vec::new(), recipients).unwrap();
    writer.write_all(content).unwrap();
    writer.finish().unwrap()
}

fn opened(file: &[u8], identity: &Identity) -> Result<Vec<u8>, AgeError> {
    let mut content = Vec::new();
    open(file, identity)?.read_to_end(&mut content)?;
    Ok(content)
}

fn pair() -> (Identity, PublicKey) {
    let key = RecoveryKey::generate();
    let public = key.public();
    (Identity::Recovery(key), public)
}

fn pattern(n_bytes: usize) -> Vec<u8> {
    (0..n_bytes).map(|at| u8::try_from(at * 31 % 251).unwrap()).collect()
}

#[test]
fn content_of_any_length_comes_back_for_each_recipient_and_nobody_else() {
    let (recovery, public) = pair();
    let rehearsal = RehearsalKey::generate();
    let keys = [public, rehearsal.public()];
    let rehearsal = Identity::Rehearsal(rehearsal);
    let stranger = pair().0;
    for n_bytes in [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 3 * SEGMENT + 7] {
        let content = pattern(n_bytes);
        let file = sealed(&content, &Recipients::Keys(&keys));

        assert_eq!(opened(&file, &recovery).unwrap(), content, "{n_bytes} bytes");
        assert_eq!(opened(&file, &rehearsal).unwrap(), content, "{n_bytes} bytes");
        assert!(matches!(opened(&file, &stranger), Err(AgeError::OtherKey)));
        let nonces = n_bytes.div_ceil(SEGMENT).max(1) * 16 + 16;
        let header = file.len() - nonces - n_bytes;
        assert!((200..500).contains(&header), "{header}");
    }
}

#[test]
fn a_passphrase_opens_its_file_and_no_other_does() {
    let file = sealed(b"a lullaby", &Recipients::Passphrase("five words that nobody guesses"));
    let with = |words: &str| Identity::Passphrase(Zeroizing::new(words.to_owned()));

    assert_eq!(opened(&file, &with("five words that nobody guesses")).unwrap(), b"a lullaby");
    assert!(matches!(opened(&file, &with("five words")), Err(AgeError::OtherKey)));
    assert!(matches!(opened(&file, &pair().0), Err(AgeError::WantsPassphrase)));
    let for_key = sealed(b"", &Recipients::Keys(&[pair().1]));
    assert!(matches!(opened(&for_key, &with("five words")), Err(AgeError::WantsKey)));
}

/// Whoever makes a file says how much work its passphrase is: a bound of ours keeps the hub from it.
#[test]
fn a_passphrase_that_would_take_hours_is_refused_at_once() {
    let file = sealed(b"", &Recipients::Passphrase("five words that nobody guesses"));
    let text = String::from_utf8_lossy(&file).into_owned();
    assert!(text.contains(" 16\n"), "{text}");
    let at = file.windows(4).position(|window| window == b" 16\n").unwrap();
    for (number, is_too_much) in [("22", true), ("63", true), ("99", true), ("+6", false)] {
        let mut heavy = file.clone();
        heavy[at + 1..at + 3].copy_from_slice(number.as_bytes());
        let identity = Identity::Passphrase(Zeroizing::new("x".to_owned()));

        let error = opened(&heavy, &identity).unwrap_err();

        let is_expected = if is_too_much {
            matches!(error, AgeError::TooMuchWork)
        } else {
            matches!(error, AgeError::NotAge)
        };
        assert!(is_expected, "{number}: {error}");
    }
}

#[test]
fn a_file_that_is_cut_anywhere_does_not_open_to_its_end() {
    let (identity, public) = pair();
    let file = sealed(&pattern(SEGMENT + 100), &Recipients::Keys(&[public]));
    let edges =
        [SEGMENT, SEGMENT + 16, SEGMENT + 17].map(|at| file.len() - 116 - SEGMENT + at - 16);
    let everywhere = (0..400).chain(file.len() - 200..file.len()).chain(edges);
    for at in everywhere {
        assert!(opened(&file[..at], &identity).is_err(), "cut at {at} of {}", file.len());
    }
    assert!(opened(&file, &identity).is_ok());
}

#[test]
fn segments_can_neither_be_exchanged_nor_left_out_nor_added() {
    let (identity, public) = pair();
    let file = sealed(&pattern(3 * SEGMENT), &Recipients::Keys(&[public]));
    let begin = file.len() - 3 * (SEGMENT + 16);
    let (header, body) = file.split_at(begin);
    let segments: Vec<&[u8]> = body.chunks(SEGMENT + 16).collect();
    let with = |order: &[usize]| {
        let chosen: Vec<&[u8]> = order.iter().map(|at| segments[*at]).collect();
        [header, &chosen.concat()].concat()
    };

    assert!(opened(&with(&[0, 1, 2]), &identity).is_ok());
    for order in [&[1, 0, 2][..], &[0, 2], &[0, 1], &[0, 1, 1, 2], &[0, 1, 2, 2], &[2]] {
        assert!(opened(&with(order), &identity).is_err(), "{order:?}");
    }
}

/// Whoever goes on reading after an error hears of it again, and does not take it for the end.
#[test]
fn a_broken_file_stays_broken() {
    let (identity, public) = pair();
    let mut file = sealed(&pattern(100), &Recipients::Keys(&[public]));
    *file.last_mut().unwrap() ^= 1;
    let mut reader = open(file.as_slice(), &identity).unwrap();
    let mut room = [0; 10];

    for _ in 0..3 {
        assert!(reader.read(&mut room).is_err());
    }
}

#[test]
fn the_keys_print_nothing() {
    assert_eq!(format!("{}", AgeError::OtherKey), "it does not open with this key");
    let bytes = RehearsalKey::from_bytes(&Zeroizing::new([7; 32])).to_bytes();
    assert_eq!(*bytes, [7; 32]);
}

proptest! {
    #[test]
    fn a_changed_byte_is_noticed(n_bytes in 0usize..200, at in any::<prop::sample::Index>(), bit in 0u32..8) {
        let (identity, public) = pair();
        let mut file = sealed(&pattern(n_bytes), &Recipients::Keys(&[public]));
        let at = at.index(file.len());
        file[at] ^= 1 << bit;

        prop_assert!(opened(&file, &identity).is_err());
    }

    #[test]
    fn any_bytes_may_come(bytes in prop::collection::vec(any::<u8>(), 0..300), begins in any::<bool>()) {
        let file = if begins { [b"age-encryption.org/v1\n-> ", bytes.as_slice()].concat() } else { bytes };

        prop_assert!(opened(&file, &pair().0).is_err());
    }
}
