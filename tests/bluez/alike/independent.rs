//! What is seen of the independent toy by its requests, whichever way they go.

use data_encoding::{BASE64, HEXLOWER};
use hutch::toy::wire::Led;
use serde_json::{Value, json};

use super::toys::script::{Manner, Part};

/// The settings that make it the toy of a transcript.
pub(super) fn settings(manner: &Manner) -> Value {
    let config = if manner.is_new { "" } else { "0411_23_16_05_09" };
    json!({
        "do": "set",
        "config": config,
        "grants": manner.credit,
        "low_water": manner.low_water,
    })
}

pub(super) fn look(at: Part, ask: impl FnOnce(Value) -> Value) -> Vec<u8> {
    match at {
        Part::Heart => {
            let state = ask(json!({ "do": "state" }));
            match state["led"].as_str().unwrap() {
                // Nobody has written to it.
                "" => Led::Off.encode(),
                led => HEXLOWER.decode(led.as_bytes()).unwrap(),
            }
        }
        Part::Game => {
            let state = ask(json!({ "do": "state" }));
            vec![u8::from(state["game_mode"] == true)]
        }
        Part::Slot(slot) => {
            let answer = ask(json!({ "do": "slot", "n": slot.index() }));
            let mut bytes = BASE64.decode(answer["data"].as_str().unwrap().as_bytes()).unwrap();
            bytes.truncate(answer["clip_bytes"].as_u64().unwrap().try_into().unwrap());
            bytes
        }
    }
}

/// Returns what transcripts call the violation that a report has at this place.
pub(super) fn violation(report: &Value, place: usize) -> Option<String> {
    report["violations"].get(place).map(|one| word(one["what"].as_str().unwrap()))
}

fn word(text: &str) -> String {
    let ends = [
        ("ms after an upload", "too_soon"),
        ("audio bytes outside an upload", "no_upload"),
        ("audio bytes in one write", "too_long"),
    ];
    if let Some((_, word)) = ends.iter().find(|(end, _)| text.ends_with(end)) {
        return (*word).to_owned();
    }
    if let Some(n_bytes) = text.strip_suffix(" bytes beyond the credit") {
        return format!("beyond_credit {n_bytes}");
    }
    let parts = [
        (" during ", "busy"),
        ("end of upload without", "busy"),
        ("does not take a write", "not_writable"),
        ("microphone", "microphone"),
        ("upload key", "key"),
        ("command", "command"),
        ("config", "config"),
        ("led", "led"),
        ("volume", "volume"),
    ];
    let word = parts.iter().find(|(part, _)| text.contains(part));
    word.unwrap_or_else(|| panic!("no word for {text:?}")).1.to_owned()
}
