//! The last visit to a toy that was retired: it is emptied, and let go.

use tokio::time::Instant;

use super::{Next, OVERWRITE_PAUSE, Trouble, Upload, Visit};
use crate::{
    audio::Clip,
    hub::keeper::{backoff, mailbox},
    model::Slot,
    toy::{session::Request, wire::Led},
};

/// How often the streaming slot is tried: nobody has seen whether a toy lets it be overwritten like
/// the others.
const STREAMING_TRIES: u32 = 2;

impl Visit<'_> {
    /// Returns what is next on the way to let the toy go. Game mode is off already.
    pub(super) fn farewell(&mut self) -> Next {
        let now = Instant::now();
        let fetch = self.remembered.fetch;
        if fetch.wanted && fetch.is_promising() {
            // What the child said last belongs into the conversation.
            let may_fetch = fetch.not_before <= now;
            return if may_fetch {
                Next::Request(Request::Download)
            } else {
                Next::Wait(fetch.not_before)
            };
        }
        if self.heart != Some(Led::Off) {
            self.heart = Some(Led::Off);
            self.remembered.blinks = false;
            self.first.push(Request::Led(Led::Off));
            return Next::Request(Request::StopLoop);
        }
        if now < self.remembered.overwrite_at {
            return Next::Wait(self.remembered.overwrite_at);
        }
        match self.remembered.to_empty.front() {
            None => Next::LetGo,
            Some(slot) => {
                self.uploading = Some(Upload::Emptying(*slot));
                // Nobody knows how much of it there is.
                let silence = mailbox::silence(Clip::MAX_MS);
                Next::Request(Request::Upload { slot: *slot, clip: silence.into_bytes() })
            }
        }
    }

    /// Takes note that a slot holds nothing but silence now.
    pub(super) fn emptied(&mut self, slot: Slot) {
        self.remembered.to_empty.retain(|other| *other != slot);
    }

    /// Takes note that a slot could not be overwritten: it is tried again in a while.
    pub(super) fn not_emptied(&mut self, slot: Slot) {
        if slot == Slot::STREAMING {
            self.remembered.streaming_refused += 1;
            if STREAMING_TRIES <= self.remembered.streaming_refused {
                tracing::info!(toy.id = %self.charge.toy, "the streaming slot is left as it is");
                return self.emptied(slot);
            }
        }
        self.remembered.overwrite_at = Instant::now() + backoff::jittered(OVERWRITE_PAUSE);
    }

    /// Lets the toy go.
    pub(super) async fn let_go(&mut self) -> Result<(), Trouble> {
        Ok(mailbox::let_go(self.tools, self.charge).await?)
    }
}
