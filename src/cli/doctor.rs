//! `hutch doctor`.

use std::fmt::Write as _;

use anyhow::{Context as _, bail};
use serde_json::json;

use super::{
    files,
    place::Place,
    places::{for_camera, listed, of_phones},
};
use crate::{
    config::Layer,
    daemon::{Examination, Finding, Verdict, examine},
};

/// Look at everything the hub needs, and say what to do where something is wrong
///
/// Changes nothing. Ends with 1 if something does not work. Run it with sudo, or as the hub's own user.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// Print JSON for scripts
    #[arg(long)]
    json: bool,
    /// Leave out what names this computer and its network, for a report to others
    #[arg(long)]
    redact: bool,
}

/// Looks, and prints what was found.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let Args { place, json, redact } = args;
    let config = place.settings(Layer::default())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting the runtime")?;
    let mut found = runtime.block_on(examine(&config));
    if *redact {
        found.findings = found.findings.into_iter().map(Finding::redacted).collect();
        found.places.clear();
    }
    let text = if *json { as_json(&found) } else { as_text(&found)? };
    files::print(text.as_bytes())?;
    let n_ailing = found.findings.iter().filter(|one| one.verdict == Verdict::Ails).count();
    match n_ailing {
        0 => Ok(()),
        1 => bail!("one thing does not work: see above"),
        n => bail!("{n} things do not work: see above"),
    }
}

fn as_json(found: &Examination) -> String {
    let findings: Vec<_> = found
        .findings
        .iter()
        .map(|Finding { about, verdict, says, to_do, .. }| {
            json!({ "about": about, "verdict": verdict.word(), "says": says, "to_do": to_do })
        })
        .collect();
    let report = json!({ "version": env!("CARGO_PKG_VERSION"), "findings": findings });
    format!("{report:#}\n")
}

fn as_text(found: &Examination) -> anyhow::Result<String> {
    let mut text = String::new();
    for Finding { verdict, says, to_do, .. } in &found.findings {
        writeln!(text, "{}  {says}", verdict.word())?;
        if let Some(to_do) = to_do {
            writeln!(text, "      -> {to_do}")?;
        }
    }
    if !found.places.is_empty() {
        write!(text, "\nThe page, for any device at home:\n\n{}", listed(&found.places))?;
    }
    if let Some(place) = of_phones(&found.places) {
        write!(text, "\nThe same for a phone's camera:\n\n{}\n", for_camera(place)?)?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_told_in_writing_and_for_a_camera() {
        let places = ["https://hutch.local", "https://192.168.1.20"].map(str::to_owned).to_vec();

        let told = as_text(&Examination { findings: Vec::new(), places: places.clone() }).unwrap();

        assert!(places.iter().all(|place| told.contains(place)), "{told}");
        assert!(told.contains(&for_camera("https://192.168.1.20").unwrap()), "{told}");
        let nowhere = as_text(&Examination::default()).unwrap();
        assert!(nowhere.is_empty(), "{nowhere}");
    }
}
