//! What an adopted toy is.

use std::fmt;

/// The animal that a toy is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Character {
    /// Bentley, in the maker's catalogue.
    Bear,
    /// Charley.
    Cat,
    /// Diesel.
    Dog,
    /// Bubbles.
    Rabbit,
    /// Starburst.
    Unicorn,
}

impl Character {
    /// All five, in the order of the toy's own numbering.
    pub const ALL: [Self; 5] = [Self::Bear, Self::Cat, Self::Dog, Self::Rabbit, Self::Unicorn];

    /// Returns the word for it, as stored and as sent to the page.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Bear => "bear",
            Self::Cat => "cat",
            Self::Dog => "dog",
            Self::Rabbit => "rabbit",
            Self::Unicorn => "unicorn",
        }
    }

    /// Returns the character with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|character| character.word() == word)
    }
}

/// The Bluetooth address of a toy, most significant byte first.
///
/// `Display` and `Debug` show the last two bytes only, which is what a log may hold.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ToyAddress(pub [u8; 6]);

impl fmt::Display for ToyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [.., fifth, sixth] = self.0;
        write!(f, "…{fifth:02X}:{sixth:02X}")
    }
}

impl fmt::Debug for ToyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
