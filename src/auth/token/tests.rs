use std::{collections::HashSet, fmt};

use proptest::prelude::*;

use super::*;
use crate::auth::tests::has_not;

has_not!(Token: fmt::Debug, fmt::Display, Clone, PartialEq, Default, serde::Serialize, AsRef<[u8]>);
has_not!(SetupCode: fmt::Debug, fmt::Display, Clone, PartialEq, Default, serde::Serialize, AsRef<[u8]>);

fn token(byte: u8) -> Token {
    Token::parse(&BASE64URL_NOPAD.encode(&[byte; 32])).unwrap()
}

#[test]
fn a_token_comes_back_from_its_text() {
    let token = Token::generate();

    let text = token.to_text();

    assert_eq!(text.len(), 43);
    assert_eq!(Token::parse(&text).unwrap().0, token.0);
}

#[test]
fn no_two_tokens_are_the_same() {
    let texts: HashSet<String> =
        (0..1_000).map(|_| Token::generate().to_text().to_string()).collect();

    assert_eq!(texts.len(), 1_000);
}

#[test]
fn a_token_has_one_spelling() {
    let text = token(0).to_text();

    // The last character has four bits; what is left of it must be zero.
    let ending = format!("{}B", text.strip_suffix('A').unwrap());

    for wrong in ["", &text[1..], &format!("{}A", *text), &format!("{}=", *text), &ending] {
        assert_eq!(Token::parse(wrong).err(), Some(NotAToken), "{wrong}");
    }
    assert!(Token::parse(&"+".repeat(43)).is_err());
    assert!(Token::parse(&"é".repeat(43)).is_err());
}

/// Computed once by another implementation (`hmac` of Python): sessions outlive a new version.
#[test]
fn what_follows_from_a_token_never_changes() {
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);

    assert_eq!(
        hex(&lookup_id(&token(1))),
        "ce9b9c401c76349d1f06610288bfbfbc3760ce369c6d11bf337b683883ec86ea"
    );
    assert_eq!(
        hex(wrapping_key(&token(1)).as_bytes()),
        "e4fd802f3d0534c38e058cd24758e9df81a9edd68b1632ac0823227404b95cbb"
    );
}

#[test]
fn the_database_gets_nothing_of_the_key() {
    let token = Token::generate();

    let (id, key) = (lookup_id(&token), wrapping_key(&token));

    assert_ne!(id, *key.as_bytes());
    assert_ne!(id, **token.0);
    assert_ne!(lookup_id(&Token::generate()), id);
}

#[test]
fn a_setup_code_is_twelve_digits_in_groups() {
    let text = SetupCode::generate().to_text();

    let groups: Vec<&str> = text.split('-').collect();

    assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [4, 4, 4]);
    assert!(!text.contains(['I', 'L', 'O', 'U']));
}

#[test]
fn every_digit_is_drawn_about_as_often() {
    let mut counts = [0_u32; 128];
    for _ in 0..4_000 {
        for digit in SetupCode::generate().0.as_bytes() {
            counts[usize::from(*digit)] += 1;
        }
    }

    let drawn: Vec<u32> = counts.into_iter().filter(|count| *count != 0).collect();

    // 1,500 of each are expected, and eight standard deviations are 305.
    assert_eq!(drawn.len(), 32);
    assert!(drawn.iter().all(|count| (1_195..=1_805).contains(count)), "{drawn:?}");
}

#[test]
fn a_code_is_read_however_it_was_typed() {
    let code = SetupCode::parse("01AB-CDEF-GH10").unwrap();

    for typed in [
        "01abcdefgh10",
        " oI ab cd\tef gh lO ",
        "01AB—CDEF—GH10",
        "o1ab-cdef-ghLo\n",
        "OiAbCdEfGhIo",
    ] {
        assert!(SetupCode::parse(typed).unwrap().matches(&code), "{typed}");
    }
    for wrong in [
        "",
        "01AB-CDEF-GH1",
        "01AB-CDEF-GH101",
        "01AB-CDEF-GHU0",
        "01AB-CDEF-GH1é",
        "01AB_CDEF_GH10",
    ] {
        assert!(SetupCode::parse(wrong).is_none(), "{wrong}");
    }
    assert!(!SetupCode::parse("01AB-CDEF-GH11").unwrap().matches(&code));
}

proptest! {
    #[test]
    fn nothing_typed_makes_it_panic(text in ".*") {
        drop(SetupCode::parse(&text));
        drop(Token::parse(&text));
    }
}

#[test]
fn any_code_is_read_from_its_text() {
    for _ in 0..1_000 {
        let code = SetupCode::generate();
        assert!(SetupCode::parse(&code.to_text()).unwrap().matches(&code));
    }
}
