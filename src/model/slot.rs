//! The toy's five memories.

/// One of the toy's five memories, each about 40 s long.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Slot(u8);

impl Slot {
    /// The streaming slot, where the toy also keeps its own last recording.
    pub const STREAMING: Self = Self(0);
    /// The slot that the play paw plays; the child's only mailbox.
    pub const MAILBOX: Self = Self(1);
    /// All five, in order.
    pub const ALL: [Self; 5] = [Self(0), Self(1), Self(2), Self(3), Self(4)];

    /// Returns the slot with this number, if a toy has it.
    pub fn new(index: u8) -> Option<Self> {
        (index < 5).then_some(Self(index))
    }

    /// Returns the slot's number, 0 to 4.
    pub const fn index(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toy_has_five() {
        assert_eq!(Slot::new(0), Some(Slot::STREAMING));
        assert_eq!(Slot::new(1), Some(Slot::MAILBOX));
        assert_eq!(Slot::new(4).map(Slot::index), Some(4));
        assert_eq!(Slot::new(5), None);
    }
}
