//! How much of a message has been sent, for whoever waits for it.

use super::{Trouble, Upload, Visit};
use crate::hub::{keeper::mailbox, view::Event};

impl Visit<'_> {
    /// Tells how much of the upload has been sent, each per cent once.
    ///
    /// The toy waits meanwhile, so the store is asked for the rest once, and again when somebody may
    /// have changed it.
    pub(super) async fn progress(&mut self, sent: usize, total: usize) -> Result<(), Trouble> {
        let Some(Upload::Message(id)) = self.uploading else { return Ok(()) };
        let percent = u8::try_from(sent.saturating_mul(100) / total.max(1)).unwrap_or(100).min(100);
        let before = self.tools.bus.live(self.charge.toy).sending;
        if before == Some((id, percent)) {
            return Ok(());
        }
        self.tools.bus.change(self.charge.toy, |live| live.sending = Some((id, percent)));
        if self.told.as_ref().is_none_or(|told| told.id != id) {
            self.told = mailbox::shown(self.tools, id).await?;
        }
        if let Some(told) = &mut self.told {
            told.sending = Some(percent);
            self.tools.bus.publish(Event::Delivery(told.clone()));
        }
        Ok(())
    }

    /// Nothing is being sent any more.
    pub(super) fn not_sending(&mut self) {
        self.told = None;
        self.tools.bus.change(self.charge.toy, |live| live.sending = None);
    }
}
