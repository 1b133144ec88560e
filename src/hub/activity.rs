//! What guardians look back on. Whoever changes something notes it in the same transaction.

use super::{Asks, Hub};
use crate::{model::Deed, store::activity::Entry};

impl Hub {
    /// Begins the note of what somebody does, now.
    pub(super) fn note(&self, by: &impl Asks, deed: Deed) -> Entry {
        Entry::new(self.tools().clock.now(), deed).by(by.account())
    }
}
