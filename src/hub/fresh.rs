//! What the hub draws at random.

use crate::model::{
    AccountId, ChildId, DeliveryId, InviteId, ItemId, MeetingId, PictureId, SessionId, ToyId,
};

/// Draws random bytes.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("a kernel that has booted gives random bytes");
    bytes
}

/// Identifiers that the hub draws at random.
pub(super) trait Fresh {
    /// Draws one.
    fn fresh() -> Self;
}

macro_rules! fresh {
    ($($name:ident),*) => {$(
        impl Fresh for $name {
            fn fresh() -> Self {
                Self::from_bytes(random())
            }
        }
    )*};
}

fresh!(AccountId, ChildId, DeliveryId, InviteId, ItemId, MeetingId, PictureId, SessionId, ToyId);
