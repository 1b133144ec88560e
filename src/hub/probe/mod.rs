//! A probe of a toy that is nobody's: whoever is at the computer's terminal wants to know what it does.
//!
//! One at a time, and not beside a meeting: that is a guardian's, and ends it. It leaves nothing in the
//! store, and the toy as it was found. What it saw is kept in memory until it is handed over.

mod recorder;
mod work;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use self::work::Work;
use super::{Hub, HubError};
use crate::{
    model::ToyAddress,
    radio::{Heard, RadioState},
    store::toys,
    toy::probe::{End, LONGEST_WAIT, Tell, Wishes},
};

/// A probe that nobody has asked about for so long ends: whoever began it has left.
const ASKED_WITHIN: Duration = Duration::from_secs(15);

/// How long one who ends a probe waits until the toy is let go.
const ENDS_WITHIN: Duration = Duration::from_secs(5);

/// Why a toy is not probed. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// Nothing is heard at all, and why.
    #[error("no toy can be heard: {0}")]
    Radio(RadioState),
    /// No toy is heard.
    #[error("no toy is heard: squeeze one of its paws, close to the hub, and try again")]
    NoneHeard,
    /// The toy is not heard.
    #[error(
        "that toy is not heard: squeeze one of its paws, close to the hub, and try again; \
         hutch toy scan lists those that are heard"
    )]
    NotHeard,
    /// Several are heard.
    #[error(
        "{0} toys are heard that nobody has adopted: name one of them, as in hutch toy probe \
         C0:FF:EE:00:00:01; hutch toy scan lists them"
    )]
    Several(usize),
    /// It is none.
    #[error("that is no address of a toy; hutch toy scan lists those that are heard")]
    NoAddress,
    /// The toy is adopted.
    #[error(
        "this toy is adopted, and only a toy that is nobody's is probed: stop this hub and probe it \
         with another one that does not know it (hutch serve --state NEW-FOLDER), or retire it \
         under Toys first"
    )]
    Adopted,
    /// A probe is going on.
    #[error(
        "another probe is going on: wait until it has ended; one that was left ends within a minute"
    )]
    GoingOn,
    /// A guardian meets a toy.
    #[error("somebody is adopting a toy on the page: try again when that is done")]
    Meeting,
    /// There is no probe to tell of.
    #[error("the hub knows of no probe, perhaps because it was restarted: begin again")]
    NoProbe,
    /// The hub could not do it.
    #[error(transparent)]
    Hub(#[from] HubError),
}

/// What is wanted of a probe.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Wanted {
    /// Which toy; without it, the one that is heard and not adopted.
    pub address: Option<String>,
    /// Fetch the recording, of which only the header is kept.
    pub fetch: bool,
    /// Hold the toy for so long at the end, fifteen minutes at the most.
    pub wait: Duration,
}

/// How far a probe has come.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Progress {
    /// All that the toy's owner was told so far, oldest first.
    pub told: Vec<String>,
    /// How it ended, if it has.
    pub ended: Option<Ended>,
}

/// How a probe ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ended {
    /// What was taken down. It may be sent to strangers.
    pub transcript: String,
    /// What went wrong, and what to do.
    pub trouble: Option<&'static str>,
}

/// The last probe, which may be going on.
#[derive(Clone, Default)]
pub(super) struct Probes(Arc<Mutex<Option<Arc<Held>>>>);

/// A probe, as whoever asks for it has it.
struct Held {
    seen: Mutex<Seen>,
    cancel: CancellationToken,
    /// Cancelled once the toy is let go.
    over: CancellationToken,
}

struct Seen {
    progress: Progress,
    asked_at: Instant,
}

impl Hub {
    /// Begins to probe a toy that is heard and not adopted.
    pub async fn begin_probe(&self, wanted: &Wanted) -> Result<(), ProbeError> {
        let heard = self.to_be_probed(wanted.address.as_deref()).await?;
        let wishes = Wishes { fetch: wanted.fetch, wait: wanted.wait.min(LONGEST_WAIT) };
        self.start(heard, wishes)?;
        // A meeting that begins from here on ends this probe.
        if self.0.meetings.is_going_on() {
            self.0.probes.end().await;
            return Err(ProbeError::Meeting);
        }
        tracing::info!("a toy is probed for whoever is at the terminal");
        Ok(())
    }

    /// Returns how far the probe has come, for whoever began it. One that has ended is told once.
    pub fn probe(&self) -> Result<Progress, ProbeError> {
        let mut last = self.0.probes.last();
        let held = last.as_ref().ok_or(ProbeError::NoProbe)?;
        let progress = held.asked();
        if progress.ended.is_some() {
            *last = None;
        }
        Ok(progress)
    }

    fn start(&self, heard: Heard, wishes: Wishes) -> Result<(), ProbeError> {
        let mut last = self.0.probes.last();
        if last.as_ref().is_some_and(|held| !held.over.is_cancelled()) {
            return Err(ProbeError::GoingOn);
        }
        self.0.tasks.begin(|stop| {
            let held = Arc::new(Held::new(stop));
            *last = Some(Arc::clone(&held));
            let work = Work::new(Arc::clone(&self.0.tools), Arc::clone(&held), heard, wishes);
            async move {
                let _when_dropped = held.over.clone().drop_guard();
                tokio::select! {
                    () = work.run() => {}
                    () = held.end_when_left() => {}
                }
            }
        })?;
        Ok(())
    }

    async fn to_be_probed(&self, address: Option<&str>) -> Result<Heard, ProbeError> {
        let wanted: Option<ToyAddress> = match address {
            Some(text) => Some(text.parse().map_err(|_invalid| ProbeError::NoAddress)?),
            None => None,
        };
        let radio = &self.tools().radio;
        let state = *radio.state().borrow();
        if state != RadioState::Works {
            return Err(ProbeError::Radio(state));
        }
        radio.look_around();
        let heard = radio.heard();
        let found = self.tools().store.read(move |tx| {
            let is_adopted =
                |heard: Heard| Ok((toys::at_address(tx, heard.address)?.is_some(), heard));
            heard.into_iter().map(is_adopted).collect::<Result<Vec<_>, _>>()
        });
        let found = found.await.map_err(HubError::from)?;
        if let Some(wanted) = wanted {
            // Connected to its keeper it is not heard.
            let adopted = self.tools().store.read(move |tx| toys::at_address(tx, wanted)).await;
            if adopted.map_err(HubError::from)?.is_some() {
                return Err(ProbeError::Adopted);
            }
            let heard = found.into_iter().find(|(_, heard)| heard.address == wanted);
            return Ok(heard.ok_or(ProbeError::NotHeard)?.1);
        }
        let is_any_heard = !found.is_empty();
        let mut nobodys: Vec<Heard> =
            found.into_iter().filter(|(adopted, _)| !adopted).map(|(_, heard)| heard).collect();
        match (nobodys.pop(), nobodys.len()) {
            (None, _) if is_any_heard => Err(ProbeError::Adopted),
            (None, _) => Err(ProbeError::NoneHeard),
            (Some(heard), 0) => Ok(heard),
            (Some(_), n_others) => Err(ProbeError::Several(n_others + 1)),
        }
    }
}

impl Probes {
    /// Ends the probe that is going on, if there is one, and waits until the toy is let go.
    pub(super) async fn end(&self) {
        let held = self.last().clone();
        if let Some(held) = held {
            held.cancel.cancel();
            if timeout(ENDS_WITHIN, held.over.cancelled()).await.is_err() {
                tracing::warn!("a probe did not end in time");
            }
        }
    }

    fn last(&self) -> MutexGuard<'_, Option<Arc<Held>>> {
        // Every change is a plain assignment; a panic cannot leave one half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn new(cancel: CancellationToken) -> Self {
        let progress = Progress { told: Vec::new(), ended: None };
        let seen = Mutex::new(Seen { progress, asked_at: Instant::now() });
        Self { seen, cancel, over: CancellationToken::new() }
    }

    /// Returns how far it has come, and notes that somebody wants to know.
    fn asked(&self) -> Progress {
        let mut seen = self.seen();
        seen.asked_at = Instant::now();
        seen.progress.clone()
    }

    fn tell(&self, tell: Tell) {
        self.seen().progress.told.push(tell.to_string());
    }

    fn has_ended(&self, end: End, transcript: String) {
        tracing::info!(end = end.word(), "a probe has ended");
        self.seen().progress.ended = Some(Ended { transcript, trouble: trouble(end) });
    }

    /// Calls the probe off when nobody asks about it any more, and then never returns.
    async fn end_when_left(&self) {
        loop {
            let late = self.seen().asked_at + ASKED_WITHIN;
            if late <= Instant::now() {
                self.cancel.cancel();
                std::future::pending::<()>().await;
            }
            sleep_until(late).await;
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Every change is a plain assignment; a panic cannot leave one half done.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns what went wrong, in a sentence that says what to do.
const fn trouble(end: End) -> Option<&'static str> {
    match end {
        End::Complete => None,
        End::Stopped => {
            Some("it was called off, because a toy is adopted or the hub stops: try again later")
        }
        End::Unreachable => Some(
            "the toy could not be reached: squeeze one of its paws, see that nothing else is \
             connected to it, and try again",
        ),
        End::NoRoom => Some(
            "the hub's Bluetooth holds as many toys as it can at once: wait until another toy is \
             asleep, and try again",
        ),
        End::LinkLost => {
            Some("the connection broke: hold the toy closer to the hub, and try again")
        }
        End::Silent => {
            Some("the toy stopped answering: take a battery out for a moment, and try again")
        }
        End::Confused => Some(
            "the toy did what its protocol does not allow, which is worth knowing: send the transcript",
        ),
    }
}
