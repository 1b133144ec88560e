use proptest::prelude::*;

use super::*;

const WORDS: [&str; 4] = ["The Millers", "Mia", "Bentley", "grandma-jo"];

fn refusal(password: &str, policy: Policy) -> Weak {
    let Err(weak) = check(password, policy, &WORDS, None) else {
        panic!("{password} passed");
    };
    weak
}

/// A list with one password on it.
struct OneListed(&'static str);

impl Breached for OneListed {
    fn has(&mut self, password: &str) -> bool {
        password == self.0
    }
}

#[test]
fn refuses_what_everybody_tries() {
    for policy in [Policy::GUARDIAN, Policy::RELATIVE] {
        for password in [
            "",
            " ",
            "qwe",
            "123456",
            "cloudpets",
            "password1!",
            "Cloudpets2017!",
            "CloudPets2017!!",
            "hutch-hutch-hutch",
            "qwertyuiop123",
            "aaaaaaaaaaaaaaaa",
            "letmeinletmein",
            "1234567890123",
            "iloveyou2024",
            "Passw0rd!Passw0rd!",
        ] {
            let weak = refusal(password, policy);
            assert!(!weak.reasons.is_empty() && !weak.suggestions.is_empty(), "{password}");
        }
    }
}

#[test]
fn refuses_what_the_neighbors_would_try() {
    for policy in [Policy::GUARDIAN, Policy::RELATIVE] {
        for password in [
            "TheMillers2024!",
            "the millers 2024",
            "Th3Mill3rs2024!",
            "srelliMehT2024",
            "Bentley2024!!",
            "M1llersM1a",
            "grandmajo2019",
            "MiaBentley2024",
            "TheMillersTheMillers",
        ] {
            let weak = refusal(password, policy);
            assert!(weak.reasons.contains(&Reason::KnownName), "{password}: {weak:?}");
            assert!(weak.suggestions.contains(&Suggestion::LeaveOutNames), "{password}: {weak:?}");
        }
    }
}

#[test]
fn a_name_that_nobody_gave_is_a_word_like_others() {
    assert_eq!(check("TheMillers2024!", Policy::GUARDIAN, &[], None), Ok(()));
}

#[test]
fn takes_what_is_long_and_odd_whatever_it_is_made_of() {
    for password in [
        "correct horse battery staple gun",
        "lantern osprey gravel tundra",
        "🧸 im Keller lacht der Dachs",
        "pferd-kanal-wolke-zimt",
        "xK9#qLw2!vRt",
        "un éléphant mange des crêpes bleues",
    ] {
        assert_eq!(check(password, Policy::GUARDIAN, &WORDS, None), Ok(()), "{password}");
        assert_eq!(check(password, Policy::RELATIVE, &WORDS, None), Ok(()), "{password}");
    }
}

#[test]
fn a_name_does_no_harm_beside_enough_else() {
    for password in ["Mia lantern osprey gravel tundra", "lantern-osprey-bentley-gravel-tundra"] {
        assert_eq!(check(password, Policy::GUARDIAN, &WORDS, None), Ok(()), "{password}");
    }
}

#[test]
fn a_guardian_needs_more_than_a_relative() {
    let (ten, eleven) = ("xK9#qLw2!v", "xK9#qLw2!vR");

    assert_eq!(check(ten, Policy::RELATIVE, &[], None), Ok(()));
    assert_eq!(refusal(&ten[1..], Policy::RELATIVE).reasons, [Reason::TooShort { min: 10 }]);
    assert_eq!(refusal(eleven, Policy::GUARDIAN).reasons, [Reason::TooShort { min: 12 }]);
}

#[test]
fn counts_characters_however_accents_are_composed() {
    let decomposed = "xe\u{301}o\u{308}qu\u{300}w#Kn";

    assert_eq!(decomposed.chars().count(), 12);
    assert_eq!(refusal(decomposed, Policy::RELATIVE).reasons, [Reason::TooShort { min: 10 }]);
}

#[test]
fn takes_256_characters_and_no_more() {
    let long: String = ('!'..='~').cycle().step_by(7).take(256).collect();

    assert_eq!(check(&long, Policy::GUARDIAN, &[], None), Ok(()));
    assert_eq!(
        refusal(&format!("{long}x"), Policy::GUARDIAN).reasons,
        [Reason::TooLong { max: 256 }]
    );
}

#[test]
fn refuses_what_is_on_a_list_however_strong_it_looks() {
    let mut list = OneListed("lantern osprey gravel tundra");

    let weak = check(list.0, Policy::GUARDIAN, &[], Some(&mut list)).unwrap_err();

    assert_eq!(weak.reasons, [Reason::Listed]);
    assert_eq!(
        weak.reasons[0].sentence(),
        "This password is on a list of passwords that thieves try first."
    );
    assert_eq!(
        check("another osprey gravel tundra", Policy::GUARDIAN, &[], Some(&mut list)),
        Ok(())
    );
}

#[test]
fn says_what_is_wrong_and_how_to_do_better() {
    let weak = refusal("Mia2019", Policy::RELATIVE);

    let said: Vec<String> = weak.reasons.iter().map(Reason::sentence).collect();
    let advised: Vec<String> = weak.suggestions.iter().map(Suggestion::sentence).collect();

    assert_eq!(
        said,
        [
            "This password is short. It needs at least 10 characters.",
            "This password leans on a name that people around you know.",
            "Years and dates are guessed quickly.",
        ]
    );
    assert_eq!(
        advised,
        [
            "Take the five words that Hutch offers: strong, and easy to type.",
            "Add a word or two that have nothing to do with the rest.",
            "Leave out names of people, pets, toys and this home.",
            "Leave out years and dates.",
        ]
    );
}

#[test]
fn a_refusal_never_repeats_the_password() {
    let weak = refusal("Cloudpets2017!", Policy::GUARDIAN);

    for text in [format!("{weak:?}"), weak.to_string()] {
        assert!(!text.to_lowercase().contains("cloudpets") && !text.contains("2017"), "{text}");
    }
}

#[test]
fn names_are_looked_for_whole_run_together_and_in_parts() {
    assert_eq!(
        spellings(&["The Millers", "Jo", " Ann-Marie O'Neil ", "hutch"]),
        [
            "cloudpets",
            "hutch",
            "the millers",
            "themillers",
            "the",
            "millers",
            "ann-marie o'neil",
            "annmarieoneil",
            "ann",
            "marie",
            "neil",
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_typed_gets_an_answer(password in ".{0,300}", word in ".{0,20}") {
        if let Err(weak) = check(&password, Policy::RELATIVE, &[&word], None) {
            prop_assert!(!weak.reasons.is_empty());
            prop_assert!(!weak.suggestions.is_empty());
        }
    }

    /// What satisfies a guardian's policy satisfies a relative's.
    #[test]
    fn policies_are_ordered(password in "[a-z0-9 ]{8,20}") {
        if check(&password, Policy::GUARDIAN, &[], None).is_ok() {
            prop_assert!(check(&password, Policy::RELATIVE, &[], None).is_ok());
        }
    }
}
