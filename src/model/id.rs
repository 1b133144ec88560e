//! Random identifiers. Nothing about a household can be guessed from one.

use std::{fmt, str::FromStr};

use data_encoding::{BASE32_NOPAD_NOCASE, Encoding};

/// Text is 26 lower-case base-32 letters and digits: short, without look-alike
/// case pairs, and safe in a URL.
const TEXT: &Encoding = &BASE32_NOPAD_NOCASE;

/// Text that is not an identifier.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an identifier")]
pub struct InvalidId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Makes an identifier of 128 bits that the caller drew at random.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// Returns the 128 bits.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&TEXT.encode(&self.0).to_ascii_lowercase())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let bytes = TEXT.decode(text.as_bytes()).map_err(|_not_base32| InvalidId)?;
                Ok(Self(bytes.try_into().map_err(|_wrong_length| InvalidId)?))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// Names an account: a guardian, a relative, a child screen.
    AccountId;
    /// Names a child.
    ChildId;
    /// Names a delivery.
    DeliveryId;
    /// Names an invitation.
    InviteId;
    /// Names an item that people open: a recording, a message, a profile.
    ItemId;
    /// Names a meeting: a toy that is looked at before it is adopted.
    MeetingId;
    /// Names one picture of a child: another picture has another name.
    PictureId;
    /// Names a session: a browser that is signed in.
    SessionId;
    /// Names an adopted toy.
    ToyId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let id = ItemId::from_bytes([0xa7; 16]);

        let text = id.to_string();

        assert_eq!(text.len(), 26);
        assert_eq!(text.parse(), Ok(id));
        assert_eq!(text.to_ascii_uppercase().parse(), Ok(id));
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["", "a", "../../etc/passwd", "aaaaaaaaaaaaaaaaaaaaaaaaaaa", "é"] {
            assert_eq!(text.parse::<ItemId>(), Err(InvalidId), "{text}");
        }
    }
}
