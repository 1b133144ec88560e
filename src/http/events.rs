//! What happens, as it happens: server-sent events.
//!
//! One stream per browser, over the HTTP/2 connection that it has anyway: its tabs pass on to each other
//! what one of them hears, where browsers have what that takes. Not a `WebSocket`: Safari refuses those to
//! a certificate that was accepted by hand. Events carry identifiers and
//! states, never a name or a waveform; whoever may see those asks for the item.

use std::{fmt::Write as _, time::Duration};

use actix_web::{
    HttpResponse,
    web::{Bytes, ThinData},
};
use futures_util::stream;
use serde::Serialize;
use serde_json::json;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use super::{
    deliveries::Delivery,
    demo::DemoToy,
    keys::Keys,
    meetings::{Meeting, RadioState},
    overview::VERSION,
    schema::{Components, Shape as _, Word, body},
};
use crate::{
    hub::{self, Caller, Event, Events, Hub},
    model::{AccountId, ChildId, ItemId, Slot, ToyId},
};

/// Often enough that no home router forgets the connection, and that either side notices when the
/// other has gone without a word. An event and not a comment: scripts do not see comments.
const BEAT_EVERY: Duration = Duration::from_secs(15);
const BEAT: &str = "event: beat\ndata: null\n\n";

/// How long a browser waits before it comes back to a hub that was restarted.
const RETRY: &str = "retry: 2000\n";

body! {
    /// The stream begins, or events were lost: read everything again.
    struct HelloEvent {
        /// The hub's version; when it changes, the page itself may be old.
        version: &'static str,
        /// Whose stream it is: browsers send the cookie of whoever signed in last.
        account: AccountId,
    }
}

body! {
    /// An item is there or has changed: ask for it.
    struct ItemEvent {
        /// The item.
        id: ItemId,
        /// The child that it is for or from.
        child: ChildId,
    }
}

body! {
    /// An item was erased: it is there no more, for nobody.
    struct ErasedEvent {
        /// The item.
        id: ItemId,
        /// The child that it was for or from.
        child: ChildId,
    }
}

body! {
    /// A toy came, went or was set.
    struct ToyEvent {
        /// The toy.
        id: ToyId,
        /// Whether the hub has it.
        presence: Word<hub::Presence>,
        /// How loud it is set, as far as it was ever asked.
        volume: Option<u8>,
        /// How well the hub heard it last; null if it never did.
        signal: Option<Word<hub::Signal>>,
        /// The slot that it plays because a guardian wanted to hear it.
        playing: Option<u8>,
        /// Another number than before when its slots hold something else than before.
        holds: u32,
    }
}

/// The names of events, with what their data is.
pub(super) fn shapes(known: &mut Components) -> [(&'static str, serde_json::Value); 12] {
    let empty = |description: &str| json!({ "type": "null", "description": description });
    [
        ("hello", HelloEvent::shape(known)),
        ("delivery", Delivery::shape(known)),
        ("item", ItemEvent::shape(known)),
        ("erased", ErasedEvent::shape(known)),
        ("toy", ToyEvent::shape(known)),
        ("radio", RadioState::shape(known)),
        ("meeting", Meeting::shape(known)),
        ("keys", Keys::shape(known)),
        ("demo_toy", DemoToy::shape(known)),
        ("sessions", empty("Other sessions of whoever listens began or ended: ask for them.")),
        (
            "care",
            empty("What was found of the hub and its computer is something else: ask for it."),
        ),
        ("beat", empty("The hub is still there.")),
    ]
}

/// `GET /events`: the stream. It ends when the hub or the server stops.
pub(super) async fn follow(
    ThinData(hub): ThinData<Hub>,
    ThinData(stop): ThinData<CancellationToken>,
    by: Caller,
) -> HttpResponse {
    let mut beats = interval_at(Instant::now() + BEAT_EVERY, BEAT_EVERY);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let events = hub.events(&by);
    let stream = Stream { hub, events, stop, beats, is_new: true };
    let lines = stream::unfold(stream, |mut stream| async move {
        let line = stream.next().await?;
        Some((Ok::<_, actix_web::Error>(Bytes::from(line)), stream))
    });
    HttpResponse::Ok().content_type("text/event-stream").streaming(Box::pin(lines))
}

struct Stream {
    hub: Hub,
    events: Events,
    stop: CancellationToken,
    beats: Interval,
    is_new: bool,
}

impl Stream {
    async fn next(&mut self) -> Option<String> {
        if self.is_new {
            self.is_new = false;
            return Some(format!("{RETRY}{}", hello(self.events.account())));
        }
        tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            event = self.events.next() => event.map(|event| text(event, self.events.account())),
            _ = self.beats.tick() => self.is_signed_in().await.then(|| BEAT.to_owned()),
        }
    }
}

impl Stream {
    /// Whether the session still lasts: one that nobody uses ends without an event.
    async fn is_signed_in(&self) -> bool {
        self.hub.is_signed_in(self.events.session()).await.unwrap_or(false)
    }
}

fn text(event: Event, account: AccountId) -> String {
    match event {
        Event::Delivery(delivery) => message("delivery", &Delivery::from(delivery)),
        Event::Item { id, child } | Event::Shared { id, child, .. } => {
            message("item", &ItemEvent { id, child })
        }
        Event::Erased { id, child, readers: _ } => message("erased", &ErasedEvent { id, child }),
        Event::Toy { id, now } => {
            let hub::ToyNow { presence, volume, signal, playing, n_changes: holds } = now;
            let presence = Word::new(presence.word());
            let signal = signal.map(|signal| Word::new(signal.word()));
            let playing = playing.map(Slot::index);
            message("toy", &ToyEvent { id, presence, volume, signal, playing, holds })
        }
        Event::Radio(state) => message("radio", &RadioState::from(state)),
        Event::Meeting(meeting) => message("meeting", &Meeting::from(meeting)),
        Event::Keys(changing) => message("keys", &Keys::from(changing)),
        Event::DemoToy(toy) => message("demo_toy", &DemoToy::from(toy)),
        Event::SessionBegan(_) | Event::SessionEnded(..) => message("sessions", &()),
        Event::Care => message("care", &()),
        Event::Changed | Event::Lagged => hello(account),
    }
}

fn hello(account: AccountId) -> String {
    message("hello", &HelloEvent { version: VERSION, account })
}

/// Writes one event. JSON has no line breaks, so one `data` line holds it.
fn message(name: &str, body: &impl Serialize) -> String {
    let mut text = format!("event: {name}\ndata: ");
    let body = serde_json::to_string(body).expect("a body is a struct of plain fields");
    write!(text, "{body}\n\n").expect("a string takes what is written to it");
    text
}
