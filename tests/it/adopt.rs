//! Toys come into the household.

mod giving;
mod guard;
mod meetings;
mod pages;
mod retire;

use hutch::{
    hub::{Event, Meeting, MeetingState, meetings::Adoption},
    model::MeetingId,
    toy::wire::Led,
};
use tokio::time::{Duration, sleep};

use crate::house::{House, STRAY};

const BLINKS: Led = Led::Blink { period_ms: 500 };

impl House {
    /// Begins to look at the toy that nobody has adopted, once it is heard.
    pub(crate) async fn meet(&self) -> Meeting {
        sleep(Duration::from_secs(1)).await;
        self.hub.meet(&self.guardian, STRAY).await.unwrap()
    }

    /// Waits until a meeting has come so far.
    pub(crate) async fn until_meeting(&mut self, id: MeetingId, state: MeetingState) {
        if self.hub.meeting(&self.guardian, id).unwrap().state == state {
            return;
        }
        self.until(|event| match event {
            Event::Meeting(meeting) if meeting.id == id && meeting.state == state => Some(()),
            _ => None,
        })
        .await;
    }

    /// Looks at the toy, and squeezes a paw when its heart blinks.
    pub(crate) async fn meet_and_squeeze(&mut self) -> MeetingId {
        let id = self.meet().await.id;
        self.until_meeting(id, MeetingState::Waiting).await;
        self.stray.press_play();
        self.until_meeting(id, MeetingState::Squeezed).await;
        id
    }

    /// How the toy that nobody has adopted is to be adopted.
    pub(crate) fn adoption(&self, meeting: MeetingId) -> Adoption {
        let name = " Bubbles  the Bunny ".to_owned();
        Adoption { meeting, child: self.child, name, character: None }
    }

    /// Whether the other toy is as it was found: out of game mode, dark, and to be had by anybody.
    pub(crate) fn stray_is_as_it_was(&self) -> bool {
        let look = self.stray.look();
        !self.stray.game_mode() && look.led == Led::Off && !look.connected
    }
}
