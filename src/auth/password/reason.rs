//! What is said about a password that is not good enough.

use std::fmt;

use zxcvbn::feedback;

/// What is wrong with a password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// It has fewer characters than the policy asks for.
    TooShort {
        /// The fewest that it may have.
        min: usize,
    },
    /// It has more characters than Hutch takes.
    TooLong {
        /// The most that it may have.
        max: usize,
    },
    /// It is on the list that Hutch ships, or on the one that the household imported.
    Listed,
    /// It leans on the name of the household, of a person or of a toy.
    KnownName,
    /// It is close to a common password.
    NearlyListed,
    /// It follows keys that lie side by side.
    Keys,
    /// It repeats a character or a few.
    Repeats,
    /// It counts up or down, in digits or letters.
    Sequence,
    /// It leans on a year or a date.
    Date,
    /// It is one word.
    OneWord,
    /// It leans on a common first name or surname.
    CommonName,
    /// It is none of these, and still not hard enough to guess.
    Guessable,
}

impl Reason {
    /// Returns the word for it, for programs.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "too_short",
            Self::TooLong { .. } => "too_long",
            Self::Listed => "listed",
            Self::KnownName => "known_name",
            Self::NearlyListed => "nearly_listed",
            Self::Keys => "keys",
            Self::Repeats => "repeats",
            Self::Sequence => "sequence",
            Self::Date => "date",
            Self::OneWord => "one_word",
            Self::CommonName => "common_name",
            Self::Guessable => "guessable",
        }
    }

    /// Returns the sentence that says so.
    pub fn sentence(&self) -> String {
        self.to_string()
    }

    pub(super) fn of(warning: feedback::Warning) -> Self {
        use feedback::Warning;
        match warning {
            Warning::StraightRowsOfKeysAreEasyToGuess
            | Warning::ShortKeyboardPatternsAreEasyToGuess => Self::Keys,
            Warning::RepeatsLikeAaaAreEasyToGuess
            | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => Self::Repeats,
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword => Self::Listed,
            Warning::ThisIsSimilarToACommonlyUsedPassword => Self::NearlyListed,
            Warning::SequencesLikeAbcAreEasyToGuess => Self::Sequence,
            Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => Self::Date,
            Warning::AWordByItselfIsEasyToGuess => Self::OneWord,
            Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
            | Warning::CommonNamesAndSurnamesAreEasyToGuess => Self::CommonName,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = match self {
            Self::TooShort { min } => {
                return write!(f, "This password is short. It needs at least {min} characters.");
            }
            Self::TooLong { max } => {
                return write!(f, "This password is longer than the {max} characters Hutch takes.");
            }
            Self::Listed => "This password is on a list of passwords that thieves try first.",
            Self::KnownName => "This password leans on a name that people around you know.",
            Self::NearlyListed => "This password is close to one that thieves try first.",
            Self::Keys => "Keys that lie side by side are guessed quickly.",
            Self::Repeats => "Characters or words that repeat are guessed quickly.",
            Self::Sequence => "Sequences like abc or 6543 are guessed quickly.",
            Self::Date => "Years and dates are guessed quickly.",
            Self::OneWord => "A word on its own is guessed quickly.",
            Self::CommonName => "First names and surnames are guessed quickly.",
            Self::Guessable => "A patient thief could guess this password.",
        };
        f.write_str(sentence)
    }
}

/// How to do better.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Suggestion {
    /// Take a generated passphrase.
    TakePassphrase,
    /// Add words that have nothing to do with the rest.
    AddWords,
    /// Leave out names that others know.
    LeaveOutNames,
    /// Leave out years and dates.
    LeaveOutDates,
    /// Leave out what repeats.
    LeaveOutRepeats,
    /// Leave out what counts up or down.
    LeaveOutSequences,
    /// Do not rely on capitals.
    CapitalsHelpLittle,
    /// Do not rely on reversal.
    ReversingHelpsLittle,
    /// Do not rely on digits and signs that look like letters.
    SubstitutionsHelpLittle,
}

impl Suggestion {
    /// Returns the word for it, for programs.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::TakePassphrase => "take_passphrase",
            Self::AddWords => "add_words",
            Self::LeaveOutNames => "leave_out_names",
            Self::LeaveOutDates => "leave_out_dates",
            Self::LeaveOutRepeats => "leave_out_repeats",
            Self::LeaveOutSequences => "leave_out_sequences",
            Self::CapitalsHelpLittle => "capitals_help_little",
            Self::ReversingHelpsLittle => "reversing_helps_little",
            Self::SubstitutionsHelpLittle => "substitutions_help_little",
        }
    }

    /// Returns the sentence that says so.
    pub fn sentence(&self) -> String {
        self.to_string()
    }

    /// Returns our word for what zxcvbn suggests; what is always suggested has none.
    pub(super) fn of(suggestion: feedback::Suggestion) -> Option<Self> {
        use feedback::Suggestion;
        match suggestion {
            Suggestion::UseAFewWordsAvoidCommonPhrases
            | Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters
            | Suggestion::AddAnotherWordOrTwo
            | Suggestion::UseALongerKeyboardPatternWithMoreTurns => None,
            Suggestion::CapitalizationDoesntHelpVeryMuch
            | Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => {
                Some(Self::CapitalsHelpLittle)
            }
            Suggestion::ReversedWordsArentMuchHarderToGuess => Some(Self::ReversingHelpsLittle),
            Suggestion::PredictableSubstitutionsDontHelpVeryMuch => {
                Some(Self::SubstitutionsHelpLittle)
            }
            Suggestion::AvoidRepeatedWordsAndCharacters => Some(Self::LeaveOutRepeats),
            Suggestion::AvoidSequences => Some(Self::LeaveOutSequences),
            Suggestion::AvoidRecentYears
            | Suggestion::AvoidYearsThatAreAssociatedWithYou
            | Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => Some(Self::LeaveOutDates),
        }
    }
}

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TakePassphrase => {
                "Take the five words that Hutch offers: strong, and easy to type."
            }
            Self::AddWords => "Add a word or two that have nothing to do with the rest.",
            Self::LeaveOutNames => "Leave out names of people, pets, toys and this home.",
            Self::LeaveOutDates => "Leave out years and dates.",
            Self::LeaveOutRepeats => "Leave out what repeats.",
            Self::LeaveOutSequences => "Leave out sequences.",
            Self::CapitalsHelpLittle => "Capitals help little; another word helps a lot.",
            Self::ReversingHelpsLittle => {
                "Writing a word backwards helps little; another word helps a lot."
            }
            Self::SubstitutionsHelpLittle => {
                "Writing @ for a or 0 for o helps little; another word helps a lot."
            }
        })
    }
}
