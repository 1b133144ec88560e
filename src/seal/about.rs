//! What sealed bytes are about: the associated data that ties them to their place.

use crate::model::{AccountId, ChildId, ItemId};

/// Where sealed bytes belong. Bound into every segment and every sealed key, so that
/// bytes moved to another item, child or sender do not open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct About {
    /// The item.
    pub item: ItemId,
    /// What sort of item it is.
    pub kind: Kind,
    /// The child that it is from, for or about.
    pub child: Option<ChildId>,
    /// The account that sent it, or that it is the name of.
    pub sender: Option<AccountId>,
}

/// What sort of item it is. The numbers are part of the format: never reuse one.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// Sound from a child.
    Recording,
    /// Sound for a child.
    Message,
    /// What a child is called.
    ChildProfile,
    /// What a toy is called.
    ToyProfile,
    /// What an account is called; the account stands where a sender would.
    AccountProfile,
    /// What the household is called.
    HouseholdProfile,
}

/// Which part of an item. The numbers are part of the format: never reuse one.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Part {
    /// The sound itself.
    Sound,
    /// The picture of its loudness.
    Waveform,
    /// A name or a note, in UTF-8.
    Text,
    /// What a child looks like.
    Picture,
}

impl Kind {
    const fn code(self) -> u8 {
        match self {
            Self::Recording => 1,
            Self::Message => 2,
            Self::ChildProfile => 3,
            Self::ToyProfile => 4,
            Self::AccountProfile => 5,
            Self::HouseholdProfile => 6,
        }
    }
}

impl Part {
    /// Returns the number that stands for it; 0 stands for the item as a whole.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Sound => 1,
            Self::Waveform => 2,
            Self::Text => 3,
            Self::Picture => 4,
        }
    }
}

impl About {
    /// Returns the 58 bytes that are authenticated along with what is sealed.
    ///
    /// Header (magic, form, version), kind, part, item, then child and sender, each
    /// as a byte 1 and the identifier or as seventeen zeros. Every field has a fixed place,
    /// so no two places share an encoding.
    pub(super) fn encode(&self, header: [u8; 6], part: Option<Part>) -> Vec<u8> {
        let Self { item, kind, child, sender } = self;
        let mut bytes = Vec::with_capacity(58);
        bytes.extend(header);
        bytes.push(kind.code());
        bytes.push(part.map_or(0, Part::code));
        bytes.extend(item.as_bytes());
        bytes.extend(optional(child.as_ref().map(ChildId::as_bytes)));
        bytes.extend(optional(sender.as_ref().map(AccountId::as_bytes)));
        bytes
    }
}

fn optional(id: Option<&[u8; 16]>) -> [u8; 17] {
    let mut bytes = [0; 17];
    if let (Some(id), [present, rest @ ..]) = (id, &mut bytes) {
        *present = 1;
        rest.copy_from_slice(id);
    }
    bytes
}
