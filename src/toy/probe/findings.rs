//! What is inferred, beside what was seen.

use std::time::Duration;

use super::{
    keep::state as spelt,
    sound::Spread,
    trace::{Trace, What, yes},
};
use crate::toy::{
    inferred,
    wire::{Characteristic, ToyState},
};

/// More than this is only counted: the rest stands in the log.
const MAX_LISTED: usize = 12;

/// One constant of [`crate::toy::inferred`].
pub(super) struct Finding {
    pub(super) name: &'static str,
    inferred: String,
    /// Nothing if the probe did not get there, or never does.
    seen: Option<String>,
}

impl Finding {
    /// Returns the line about it.
    pub(super) fn line(&self) -> String {
        let Self { name, inferred, seen } = self;
        let seen =
            seen.as_ref().map_or_else(|| "not probed".to_owned(), |seen| format!("seen {seen}"));
        format!("inferred {name}: {inferred}; {seen}")
    }
}

/// Returns all constants, with what was seen of them.
pub(super) fn of(trace: &Trace) -> Vec<Finding> {
    let finding = |name, inferred, seen| Finding { name, inferred, seen };
    let unseen = |name, inferred| Finding { name, inferred, seen: None };
    vec![
        finding("ADVERTISES_EVERY", ms(inferred::ADVERTISES_EVERY), trace.adverts.text()),
        finding(
            "SERVICE_IS_ADVERTISED",
            yes(inferred::SERVICE_IS_ADVERTISED).to_owned(),
            trace.has_service().map(|has| yes(has).to_owned()),
        ),
        finding(
            "CONNECTS_WITHIN",
            ms(inferred::CONNECTS_WITHIN),
            trace.connected.as_ref().map(|connected| ms(connected.took)),
        ),
        unseen("FALLS_ASLEEP_AFTER", ms(inferred::FALLS_ASLEEP_AFTER)),
        finding("HELD_STAYS_AWAKE", yes(inferred::HELD_STAYS_AWAKE).to_owned(), held(trace)),
        finding("ANSWER", ms(inferred::ANSWER), answers(trace)),
        finding("STEADY_PERIOD_MS", inferred::STEADY_PERIOD_MS.to_string(), hearts(trace)),
        finding("PRESS", ms(inferred::PRESS), presses(trace)),
        finding("PRESS_IS_BRIEF", yes(inferred::PRESS_IS_BRIEF).to_owned(), after_a_press(trace)),
        unseen("GAME_MODE_OUTLASTS_LINK", yes(inferred::GAME_MODE_OUTLASTS_LINK).to_owned()),
        finding("UNPLAYED", spelt(inferred::UNPLAYED), at_first(trace)),
        finding("DOWNLOAD_TIMEOUT", ms(inferred::DOWNLOAD_TIMEOUT), pause(trace)),
        finding("LONGEST_RECORDING", ms(inferred::LONGEST_RECORDING), length(trace)),
        unseen("SLOT_BYTES", inferred::SLOT_BYTES.to_string()),
        unseen("PRIME", ms(inferred::PRIME)),
        unseen("CREDIT", format!("{:?}", inferred::CREDIT)),
        unseen("LOW_WATER", inferred::LOW_WATER.to_string()),
        unseen("ASK_AGAIN", ms(inferred::ASK_AGAIN)),
        unseen("NEXT_REQUEST_TIMEOUT", ms(inferred::NEXT_REQUEST_TIMEOUT)),
        unseen("END_TIMEOUT", ms(inferred::END_TIMEOUT)),
        unseen("LEAVE_TIMEOUT", ms(inferred::LEAVE_TIMEOUT)),
        unseen("CANCELS_UPLOAD", format!("{:?}", inferred::CANCELS_UPLOAD)),
        unseen("KEY_REFUSED", ms(inferred::KEY_REFUSED)),
        unseen("STREAMS", spelt(inferred::STREAMS)),
        unseen("FULL_SLOT_ENDS_UPLOAD", yes(inferred::FULL_SLOT_ENDS_UPLOAD).to_owned()),
        unseen("UPLOAD_ERASES_FIRST", yes(inferred::UPLOAD_ERASES_FIRST).to_owned()),
        unseen("CHILD_ENDS_TRANSFER", yes(inferred::CHILD_ENDS_TRANSFER).to_owned()),
        unseen("PAWS_REST_IN_TRANSFER", yes(inferred::PAWS_REST_IN_TRANSFER).to_owned()),
        unseen("PLAYING_GIVES_WAY", yes(inferred::PLAYING_GIVES_WAY).to_owned()),
        unseen("COMMANDS_CUT_RECORDING", yes(inferred::COMMANDS_CUT_RECORDING).to_owned()),
        unseen("WAKING_PAW_PLAYS", yes(inferred::WAKING_PAW_PLAYS).to_owned()),
    ]
}

fn ms(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

/// Returns every state that was notified, with its time.
fn states(trace: &Trace) -> impl Iterator<Item = (Duration, ToyState)> + '_ {
    trace.log().iter().filter_map(|(at, what)| match what {
        What::State(state, _) => Some((*at, *state)),
        _ => None,
    })
}

fn held(trace: &Trace) -> Option<String> {
    let held_for = ms(trace.held_for?);
    Some(if trace.is_lost {
        format!("no, after {held_for}")
    } else {
        format!("yes, for {held_for}")
    })
}

/// Returns how long writes took, and until the toy said that it sends its recording.
fn answers(trace: &Trace) -> Option<String> {
    let mut written = Spread::NONE;
    for (_, what) in trace.log() {
        if let What::Wrote(Characteristic::Command, _, took) = what {
            written.add(*took);
        }
    }
    let written = format!("commands confirmed after {}", written.text()?);
    let sends = trace.fetched_at().and_then(|asked_at| {
        let sends = states(trace).find(|(_, state)| *state == ToyState::Download);
        Some(ms(sends?.0.saturating_sub(asked_at)))
    });
    Some(match sends {
        Some(sends) => format!("{written}, state 7 after {sends}"),
        None => written,
    })
}

fn hearts(trace: &Trace) -> Option<String> {
    let mut written = Spread::NONE;
    for (_, what) in trace.log() {
        if let What::Wrote(Characteristic::Led, _, took) = what {
            written.add(*took);
        }
    }
    Some(format!("hearts confirmed after {}", written.text()?))
}

/// Returns each pressed paw, how long it showed, and which state came then.
fn shown(trace: &Trace) -> Vec<(u8, Option<(Duration, ToyState)>)> {
    let states: Vec<(Duration, ToyState)> = states(trace).collect();
    let mut shown = Vec::new();
    let mut before = None;
    for (place, (at, state)) in states.iter().enumerate() {
        let is_new = before.replace(*state) != Some(*state);
        if is_new && matches!(state, ToyState::RecordPaw | ToyState::PlayPaw) {
            let next = states.iter().skip(place).find(|(_, next)| next != state);
            let end = next.map(|(end, next)| (end.saturating_sub(*at), *next));
            shown.push((state.to_byte(), end));
        }
    }
    shown
}

fn presses(trace: &Trace) -> Option<String> {
    list(shown(trace).into_iter().map(|(paw, end)| match end {
        Some((took, _)) => format!("state {paw} for {}", ms(took)),
        None => format!("state {paw} without an end"),
    }))
}

fn after_a_press(trace: &Trace) -> Option<String> {
    list(
        shown(trace)
            .into_iter()
            .filter_map(|(paw, end)| Some(format!("state {} after {paw}", end?.1.to_byte()))),
    )
}

fn at_first(trace: &Trace) -> Option<String> {
    trace.log().iter().find_map(|(_, what)| match what {
        What::ReadState(state, _) => Some(format!("{} on connecting", spelt(*state))),
        _ => None,
    })
}

fn pause(trace: &Trace) -> Option<String> {
    trace.sound.gaps.text().map(|_| ms(trace.sound.gaps.most()))
}

fn length(trace: &Trace) -> Option<String> {
    trace.fetched_at().map(|_| format!("{} bytes", trace.sound.n_bytes))
}

fn list(parts: impl Iterator<Item = String>) -> Option<String> {
    let mut parts: Vec<String> = parts.collect();
    let n_more = parts.len().saturating_sub(MAX_LISTED);
    parts.truncate(MAX_LISTED);
    if 0 < n_more {
        parts.push(format!("and {n_more} more"));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}
