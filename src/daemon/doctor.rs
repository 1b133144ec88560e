//! Looks at a hub from outside, as somebody would who is asked why it does not work.
//!
//! What is looked at, and what is said of it, is [`care`]'s; whether a hub runs, and what only it knows, is
//! asked over its control socket.

use data_encoding::HEXLOWER;

use super::{
    identity::{certificates, fingerprints},
    site::{backup_of, replaced_in},
};
use crate::{
    care::{self, Disk, Finding, Space as _, Verdict},
    clock::{Clock as _, SystemClock},
    config::Config,
    control::{Answer, AskError, Request, SOCKET, ask},
    hub::RadioState,
    lan::Kernel,
};

/// What was found of a hub.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Examination {
    /// Everything that was looked at.
    pub findings: Vec<Finding>,
    /// The addresses of its page, the best first; none if no hub runs.
    pub places: Vec<String>,
}

/// Looks at everything. Takes a few seconds, and longer where there is a lot to read.
pub async fn examine(config: &Config) -> Examination {
    let state = &config.state;
    let (running, places) = running(config);
    let mut findings = vec![running, care::folder(state), care::database(state)];
    findings.extend(Disk(state.clone()).room().map(care::room));
    findings.extend(care::card());
    findings.extend(care::bluez());
    findings.push(backup_of(state, SystemClock.now()));
    findings.extend(replaced_in(state));
    findings.push(care::clock(&SystemClock));
    findings.push(certificate(config));
    if !places.is_empty() {
        findings.push(radio(config));
        findings.push(kernel(config));
        let own = fingerprints(state).ok().flatten();
        let own = own.map(|own| HEXLOWER.encode(&own.root)).unwrap_or_default();
        findings.push(care::name(&own).await);
    }
    findings.extend(care::units().unwrap_or_else(|| {
        let says = "Hutch is no service on this computer";
        vec![Finding::new("service", "none", Verdict::Mind, says)]
    }));
    Examination { findings, places }
}

fn asked(config: &Config, request: &Request) -> Result<Answer, AskError> {
    ask(&config.run.join(SOCKET), request)
}

fn running(config: &Config) -> (Finding, Vec<String>) {
    let about = "hub";
    match asked(config, &Request::SetupCode) {
        Ok(Answer::SetupCode { code, places }) => {
            let waits = if code.is_some() { ", and waits to be set up" } else { "" };
            let says = format!("the hub runs{waits}; its page is at {}", places.join(" and "));
            let finding = Finding::new(about, "runs", Verdict::Good, says);
            (finding.naming(places.clone()), places)
        }
        Ok(_) => (garbled(about), Vec::new()),
        Err(AskError::Nobody { .. }) => {
            let finding = Finding::new(about, "nobody", Verdict::Ails, "no hub runs here")
                .do_this("start it (sudo systemctl start hutch), or look why it stopped: journalctl -u hutch");
            (finding, Vec::new())
        }
        Err(error) => (unanswered(about, &error), Vec::new()),
    }
}

fn garbled(about: &'static str) -> Finding {
    unanswered(about, &AskError::Garbled)
}

fn unanswered(about: &'static str, error: &AskError) -> Finding {
    Finding::new(about, "unanswered", Verdict::Ails, error.to_string())
}

fn certificate(config: &Config) -> Finding {
    match certificates(&config.state, SystemClock.now()) {
        Ok(found) => care::certificate(found),
        Err(error) => Finding::new("certificate", "unread", Verdict::Ails, format!("{error:#}")),
    }
}

fn radio(config: &Config) -> Finding {
    let about = "bluetooth";
    let (word, toys) = match asked(config, &Request::Heard) {
        Ok(Answer::Heard { radio, toys, .. }) => (radio, toys),
        Ok(_) => return garbled(about),
        Err(error) => return unanswered(about, &error),
    };
    let Some(state) = RadioState::ALL.into_iter().find(|state| state.word() == word) else {
        return garbled(about);
    };
    let mut finding = care::bluetooth(state);
    if state == RadioState::Works {
        let heard = match toys.len() {
            0 => "no toy is heard just now".to_owned(),
            1 => "one toy is heard".to_owned(),
            n => format!("{n} toys are heard"),
        };
        finding.says = format!("{}; {heard}", finding.says);
    }
    finding
}

fn kernel(config: &Config) -> Finding {
    let about = "kernel";
    match asked(config, &Request::Kernel) {
        Ok(Answer::Kernel { kernel: word }) => {
            let all = [Kernel::Stops, Kernel::Lets, Kernel::Unknown];
            all.into_iter()
                .find(|kernel| kernel.word() == word)
                .map_or_else(|| garbled(about), care::kernel)
        }
        Ok(_) => garbled(about),
        Err(error) => unanswered(about, &error),
    }
}
