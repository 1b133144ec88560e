//! What an adopted toy is.

use std::{fmt, str::FromStr};

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

/// Text that is not the address of a toy.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not the address of a toy")]
pub struct InvalidAddress;

impl ToyAddress {
    /// Returns the whole address, `C0:FF:EE:00:00:01`: for guardians, not for a log.
    pub fn in_full(self) -> String {
        self.0.map(|byte| format!("{byte:02X}")).join(":")
    }
}

impl FromStr for ToyAddress {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let mut bytes = [0; 6];
        let mut parts = text.split(':');
        for byte in &mut bytes {
            let part = parts.next().ok_or(InvalidAddress)?;
            let is_byte = part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_hexdigit());
            let value = u8::from_str_radix(part, 16).ok().filter(|_| is_byte);
            *byte = value.ok_or(InvalidAddress)?;
        }
        if parts.next().is_some() { Err(InvalidAddress) } else { Ok(Self(bytes)) }
    }
}

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

/// What was seen of a toy when it was adopted, by which another in its place is told. What is not
/// there has not been seen yet.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Baseline {
    /// Its config identifier: 16 letters.
    pub config: Option<String>,
    /// The name that it advertises, with the version of its firmware: 64 letters at the most.
    pub firmware: Option<String>,
    /// The digest of its GATT table.
    pub table: Option<[u8; 32]>,
    /// The weakest signal heard, in dBm.
    pub signal_floor: Option<i16>,
}

/// Something that makes one doubt that a toy is the one that was adopted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Sign {
    /// It has other services and characteristics.
    Table,
    /// It has another config identifier.
    Config,
    /// Another address advertises the same config identifier.
    SecondAddress,
    /// It advertises another name.
    Name,
    /// It was in a state of game mode that no command of ours explains.
    Game,
}

impl Sign {
    /// All of them, the gravest first.
    pub const ALL: [Self; 5] =
        [Self::Table, Self::Config, Self::SecondAddress, Self::Name, Self::Game];

    /// Returns the word for it, as stored and as sent to the page.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Config => "config",
            Self::SecondAddress => "second_address",
            Self::Name => "name",
            Self::Game => "game",
        }
    }

    /// Returns the sign with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sign| sign.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_full_and_back() {
        let address = ToyAddress([0xC0, 0xFF, 0xEE, 0, 0, 0x1A]);

        assert_eq!(address.in_full(), "C0:FF:EE:00:00:1A");
        assert_eq!("c0:ff:ee:00:00:1a".parse(), Ok(address));
        assert_eq!(format!("{address} {address:?}"), "…00:1A …00:1A");
        for text in
            ["", "C0:FF:EE:00:00", "C0:FF:EE:00:00:01:02", "C0FFEE000001", "+0:+1:+2:+3:+4:+5"]
        {
            assert_eq!(text.parse::<ToyAddress>(), Err(InvalidAddress), "{text}");
        }
    }

    #[test]
    fn signs_have_words() {
        for sign in Sign::ALL {
            assert_eq!(Sign::from_word(sign.word()), Some(sign));
        }
        assert_eq!(Sign::from_word("asleep"), None);
    }
}
