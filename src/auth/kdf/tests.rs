use std::fmt;

use data_encoding::HEXLOWER;
use proptest::prelude::*;

use super::*;
use crate::auth::tests::has_not;

has_not!(Key: fmt::Debug, fmt::Display, Clone, PartialEq, Default, serde::Serialize, AsRef<[u8]>);

const SALT: [u8; SALT_BYTES] = *b"sixteen of salt.";

const fn cost(memory_kib: u32, passes: u32) -> Cost {
    Cost { memory_kib, passes }
}

/// From `src/test.c` of the reference implementation (github.com/P-H-C/phc-winner-argon2), which
/// has one lane, as we do; the vectors of RFC 9106 have four.
#[test]
fn hashes_as_the_reference_does() {
    let vectors = [
        (
            "password",
            "somesalt",
            cost(65_536, 2),
            "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7",
        ),
        (
            "password",
            "somesalt",
            cost(256, 2),
            "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe",
        ),
        (
            "password",
            "somesalt",
            cost(65_536, 1),
            "f6a5adc1ba723dddef9b5ac1d464e180fcd9dffc9d1cbf76cca2fed795d9ca98",
        ),
        (
            "password",
            "somesalt",
            cost(65_536, 4),
            "9025d48e68ef7395cca9079da4c4ec3affb3c8911fe4f86d1a2520856f63172c",
        ),
        (
            "differentpassword",
            "somesalt",
            cost(65_536, 2),
            "0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde",
        ),
        (
            "password",
            "diffsalt",
            cost(65_536, 2),
            "bdf32b05ccc42eb15d58fd19b1f856b113da1e9a5874fdcc544308565aa8141c",
        ),
    ];

    for (password, salt, cost, expected) in vectors {
        let key = hash(password.as_bytes(), salt.as_bytes(), cost).unwrap();
        assert_eq!(HEXLOWER.encode(key.as_bytes()), expected, "{password} {salt} {cost:?}");
    }
}

#[test]
fn an_accent_is_the_same_however_it_was_composed() {
    let key = |password| *derive(password, &SALT, Cost::FLOOR).unwrap().as_bytes();

    assert_eq!(key("café"), key("cafe\u{301}"));
    assert_ne!(key("café"), key("cafe"));
    assert_ne!(key("café"), key("Café"));
    assert_ne!(key("café"), key("café "));
}

#[test]
fn refuses_a_cost_that_nobody_wrote() {
    for absurd in [
        cost(0, 0),
        cost(Cost::FLOOR.memory_kib, 1),
        cost(Cost::FLOOR.memory_kib - 1, 2),
        cost(u32::MAX, 3),
        cost(MAX_MEMORY_KIB + 1, 2),
        cost(65_536, u32::MAX),
        cost(65_536, MAX_PASSES + 1),
    ] {
        let Cost { memory_kib, passes } = absurd;
        let refusal = KdfError::BadCost { memory_kib, passes };
        assert_eq!(Cost::from_stored(memory_kib, passes), Err(refusal));
        assert_eq!(derive("password", &SALT, absurd).err(), Some(refusal));
    }
    for ours in [Cost::FLOOR, Cost::FULL, cost(64 << 10, MAX_CALIBRATED_PASSES)] {
        assert_eq!(Cost::from_stored(ours.memory_kib, ours.passes), Ok(ours));
    }
}

#[test]
fn a_pi_with_a_gigabyte_gets_the_full_cost() {
    // MemTotal of a Pi 3 B+ (1 GB), a Pi Zero 2 (512 MB), and the size on the box.
    assert_eq!(Cost::for_memory(926_948 << 10), Cost::FULL);
    assert_eq!(Cost::for_memory(436_916 << 10), Cost::FLOOR);
    assert_eq!(Cost::for_memory(1 << 30), Cost::FULL);
    assert_eq!(Cost::for_memory(512 << 20), Cost::FLOOR);
    assert_eq!(Cost::for_memory(0), Cost::FLOOR);
}

#[test]
fn half_a_second_is_aimed_at() {
    let after_ms = |ms| calibrated(Cost::FULL, Duration::from_millis(ms));

    assert_eq!(after_ms(150), cost(64 << 10, 10));
    assert_eq!(after_ms(500), Cost::FULL);
    assert_eq!(after_ms(30_000), Cost::FULL);
    assert_eq!(after_ms(1), cost(64 << 10, 12));
    assert_eq!(after_ms(0), cost(64 << 10, 12));
    assert_eq!(calibrated(cost(64 << 10, 20), Duration::ZERO), cost(64 << 10, 20));
}

#[test]
fn at_least_means_in_both() {
    assert!(Cost::FULL.is_at_least(&Cost::FLOOR));
    assert!(Cost::FULL.is_at_least(&Cost::FULL));
    assert!(!Cost::FLOOR.is_at_least(&Cost::FULL));
    assert!(!cost(19 << 10, 12).is_at_least(&Cost::FULL));
    assert!(!cost(256 << 10, 2).is_at_least(&Cost::FULL));
}

/// glibc's own bound, `DEFAULT_MMAP_THRESHOLD_MAX` (`mallopt(3)`), and no more than is filled is touched.
#[test]
fn what_a_small_machine_fills_is_given_back_to_the_system_as_well() {
    let filled = usize::try_from(Cost::FLOOR.memory_kib).unwrap();

    let memory = Memory::of(filled).unwrap();

    assert!(32 << 20 < memory.0.capacity() * size_of::<Block>());
    assert_eq!(memory.0.len(), filled);
}

#[test]
fn each_password_has_a_salt_of_its_own() {
    assert_ne!(new_salt(), new_salt());
}

proptest! {
    #[test]
    fn calibration_never_lowers_and_stays_storable(
        memory_kib in Cost::FLOOR.memory_kib..=MAX_MEMORY_KIB,
        passes in 2..=MAX_PASSES,
        took_ns in any::<u64>(),
    ) {
        let given = cost(memory_kib, passes);

        let raised = calibrated(given, Duration::from_nanos(took_ns));

        prop_assert!(raised.is_at_least(&given));
        prop_assert_eq!(raised.memory_kib, memory_kib);
        prop_assert_eq!(Cost::from_stored(raised.memory_kib, raised.passes), Ok(raised));
    }
}
