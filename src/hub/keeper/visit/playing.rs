//! What the toy does because a guardian wants it to, here and now.

use std::time::Duration;

use tokio::time::Instant;

use super::{Trouble, Upload, Visit};
use crate::{
    audio::Clip,
    hub::{
        bus::Wish,
        keeper::mailbox::{self, Mailbox},
    },
    model::{DeliveryState, Slot},
    toy::{session::Request, wire::ToyState},
};

/// Who wants to hear something waits no longer than this.
const WISH_LASTS: Duration = Duration::from_secs(20);

/// A playback that begins later than this after it was asked for was begun by a paw. Ours to choose.
const BEGINS_WITHIN: Duration = Duration::from_secs(3);

impl Visit<'_> {
    /// Returns what somebody wants now. It is not wanted any more after that: what cannot be done at
    /// once, because the child has the toy, is not done when nobody expects it.
    pub(super) fn wished(&mut self) -> Option<Request> {
        let toy = self.charge.toy;
        self.tools.bus.live(toy).wish?;
        let mut wish = None;
        self.tools.bus.change(toy, |live| wish = live.wish.take());
        let (wish, since) = wish?;
        let is_playing = self.state == ToyState::Playback;
        match wish {
            _ if WISH_LASTS < since.elapsed() => None,
            Wish::Play(slot) if self.is_at_rest() => {
                self.asked = Some((slot, Instant::now()));
                self.remembered.fetch.leave_in_peace();
                Some(Request::Play(slot))
            }
            Wish::Stop if is_playing && self.tools.bus.live(toy).playing.is_some() => {
                Some(Request::Stop)
            }
            Wish::Play(_) | Wish::Stop => None,
        }
    }

    /// The toy began to play: because a guardian wanted it, or a paw was squeezed.
    pub(super) async fn began_playing(&mut self) -> Result<(), Trouble> {
        let asked = self.asked.take().filter(|(_, at)| at.elapsed() < BEGINS_WITHIN);
        if let Some((slot, _)) = asked {
            self.tools.bus.change(self.charge.toy, |live| live.playing = Some(slot));
            return Ok(());
        }
        self.squeezed();
        self.hearing = self.look().await?.on_toy;
        Ok(())
    }

    /// It played to the end. What a guardian had it play is not heard by that: the child may not have
    /// been there.
    pub(super) async fn ended_playing(&mut self) -> Result<(), Trouble> {
        if self.tools.bus.live(self.charge.toy).playing.is_some() {
            self.not_playing();
            return Ok(());
        }
        self.squeezed();
        if let Some(id) = self.hearing.take() {
            mailbox::advance(self.tools, id, &["on_toy"], DeliveryState::Heard).await?;
            self.mailbox = None;
        }
        Ok(())
    }

    /// Nothing that a guardian wanted is played any more.
    pub(super) fn not_playing(&mut self) {
        self.asked = None;
        self.tools.bus.change(self.charge.toy, |live| (live.playing, live.wish) = (None, None));
    }

    /// Returns what overwrites a slot that a guardian wants to be silent.
    pub(super) fn silencing(&mut self, mailbox: Mailbox) -> Option<Request> {
        let slot = mailbox.to_silence.filter(|_| self.remembered.overwrite_at <= Instant::now())?;
        self.uploading = Some(Upload::Silencing(slot));
        // Nobody knows how much of it there is.
        let silence = mailbox::silence(Clip::MAX_MS);
        Some(Request::Upload { slot, clip: silence.into_bytes() })
    }

    /// Notes that a slot is silent now.
    pub(super) async fn silenced(&mut self, slot: Slot) -> Result<(), Trouble> {
        Ok(mailbox::silenced(self.tools, self.charge, slot).await?)
    }
}
