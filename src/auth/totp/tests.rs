use std::{collections::HashSet, fmt};

use proptest::prelude::*;

use super::*;
use crate::auth::tests::has_not;

has_not!(Secret: fmt::Debug, fmt::Display, Clone, PartialEq, Default, serde::Serialize, AsRef<[u8]>);

/// The secret of appendix B of RFC 6238.
fn secret() -> Secret {
    Secret::from_bytes(b"12345678901234567890").unwrap()
}

/// Returns the code that an app shows at this time.
fn code(at: i64) -> String {
    code_at(&secret(), at.div_euclid(STEP_S)).iter().copied().map(char::from).collect()
}

fn check(code: &str, at: i64) -> Option<Step> {
    verify(&secret(), code, Timestamp(at), None)
}

/// The last six of the eight digits of RFC 6238, appendix B.
#[test]
fn makes_the_codes_of_the_standard() {
    for (at, expected) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ] {
        assert_eq!(code(at), expected);
        assert_eq!(check(expected, at), Some(Step(at / 30)));
    }
}

/// RFC 4226, appendix D, whose counter is our step.
#[test]
fn makes_the_codes_of_the_older_standard() {
    let codes: Vec<String> = (0..10).map(|step| code(30 * step)).collect();

    assert_eq!(
        codes,
        [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489"
        ]
    );
}

#[test]
fn a_phone_may_be_a_minute_off() {
    let now = 1_700_000_010;

    for off_s in [-60, -30, 0, 30, 60] {
        assert_eq!(check(&code(now + off_s), now), Some(Step((now + off_s) / 30)), "{off_s}");
    }
    for off_s in [-90, 90, -3_600, 3_600] {
        assert_eq!(check(&code(now + off_s), now), None, "{off_s}");
    }
}

#[test]
fn a_code_counts_once() {
    let now = Timestamp(1_700_000_010);
    let step = Step(now.0 / 30);
    let again = |code: &str| verify(&secret(), code, now, Some(step));

    assert_eq!(again(&code(now.0)), None);
    assert_eq!(again(&code(now.0 - 30)), None);
    assert_eq!(again(&code(now.0 + 30)), Some(Step(step.0 + 1)));
}

#[test]
fn a_code_may_have_spaces_and_nothing_else() {
    let now = 59;

    assert_eq!(check(" 287 082\n", now), Some(Step(1)));
    for wrong in ["", "28708", "2870822", "287O82", "-287082", "２８７０８２", "287082.0", "287083"]
    {
        assert_eq!(check(wrong, now), None, "{wrong}");
    }
}

#[test]
fn a_secret_comes_back_from_its_text() {
    let text = secret().to_base32();

    assert_eq!(*text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    for typed in [&*text, "gezd gnbv gy3t qojq gezd gnbv gy3t qojq"] {
        assert_eq!(Secret::parse(typed).unwrap().as_bytes(), secret().as_bytes());
    }
    for wrong in ["", "GEZDGNBV", &text[1..], &format!("{}A", *text), &text.replace('Z', "0")] {
        assert_eq!(Secret::parse(wrong).err(), Some(NotASecret), "{wrong}");
    }
    assert_eq!(Secret::from_bytes(&[0; 19]).err(), Some(NotASecret));
}

#[test]
fn no_two_secrets_are_the_same() {
    assert_ne!(Secret::generate().as_bytes(), Secret::generate().as_bytes());
}

#[test]
fn an_app_reads_whose_secret_it_is() {
    assert_eq!(
        *uri(&secret(), "grandma jo?&é"),
        "otpauth://totp/Hutch:grandma%20jo%3F%26%C3%A9?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
         &issuer=Hutch&algorithm=SHA1&digits=6&period=30"
    );
}

#[test]
fn there_are_ten_codes_and_each_is_used_once() {
    let (shown, mut kept) = RecoveryCodes::generate();

    let distinct: HashSet<&str> = shown.iter().map(|code| code.as_str()).collect();

    assert_eq!((shown.len(), distinct.len(), kept.n_left()), (10, 10, 10));
    assert!(!kept.use_code("0000-0000-0000"));
    assert!(!kept.use_code("287082"));
    for (at, code) in shown.iter().enumerate() {
        assert!(kept.use_code(&code.to_lowercase().replace('-', " ")), "{at}");
        assert!(!kept.use_code(code), "{at}");
        assert_eq!(kept.n_left(), 9 - at);
    }
}

#[test]
fn what_is_kept_tells_no_code_and_comes_back() {
    let (shown, mut kept) = RecoveryCodes::generate();
    kept.use_code(&shown[3]);

    let bytes = kept.to_bytes();

    assert_eq!(bytes.len(), 16 + 9 * 32);
    assert_eq!(RecoveryCodes::from_bytes(&bytes), Ok(kept.clone()));
    for code in &shown {
        let digits = code.replace('-', "");
        assert!(!bytes.windows(12).any(|window| window == digits.as_bytes()));
    }
    let (_, others) = RecoveryCodes::generate();
    assert_ne!(others.to_bytes()[..16], bytes[..16]);
}

#[test]
fn other_bytes_are_no_recovery_codes() {
    for n_bytes in [0, 15, 17, 47, 16 + 11 * 32] {
        assert_eq!(
            RecoveryCodes::from_bytes(&vec![0; n_bytes]),
            Err(NotRecoveryCodes),
            "{n_bytes}"
        );
    }
    assert_eq!(RecoveryCodes::from_bytes(&[0; 16]).unwrap().n_left(), 0);
}

proptest! {
    #[test]
    fn no_time_and_no_code_make_it_panic(code in ".{0,12}", at in any::<i64>(), last in any::<i64>()) {
        let _ = check(&code, at);
        prop_assert_eq!(verify(&secret(), &code, Timestamp(at), Some(Step(i64::MAX))), None);
        let _ = verify(&secret(), "287 082", Timestamp(at), Some(Step(last)));
        drop(Secret::parse(&code));
    }

    #[test]
    fn what_comes_out_is_newer_than_what_went_in(at in 0..1_i64 << 40, off in -2..=2_i64, last in -3..=3_i64) {
        let last_step = Step(at / 30 + last);

        let step = verify(&secret(), &code(at + 30 * off), Timestamp(at), Some(last_step));

        prop_assert!(step.is_none_or(|step| last_step < step));
        prop_assert!(off <= last || step.is_some());
    }
}
