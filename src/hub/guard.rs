//! Guard: whether what answers at a toy's address, and what is heard of it, is the toy that was
//! adopted.
//!
//! A toy can be cloned, and nobody here would see it. What can be seen is noted once, and a guardian
//! says whether it is their toy.

use std::{sync::Arc, time::Duration};

use sha2::{Digest as _, Sha256};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{
    keeper::Tools,
    nearby::shown,
    view::{Event, Signal},
};
use crate::{
    model::{Baseline, ChildId, Deed, Sign, ToyAddress, ToyId},
    radio::Heard,
    store::{
        StoreError,
        activity::{self, Entry},
        guard::{self, Watched},
    },
    toy::wire::{ConfigId, NAME_PREFIXES},
};

/// How often it is looked at what is heard: before it is forgotten again.
const LOOKS_EVERY: Duration = Duration::from_secs(5);

/// Notes a sign, once for all that looks the same: in the activity, and for everybody who listens.
pub(super) async fn note(
    tools: &Tools,
    toy: ToyId,
    child: ChildId,
    sign: Sign,
    seen: &[u8],
) -> Result<(), StoreError> {
    let (seen, now): ([u8; 32], _) = (Sha256::digest(seen).into(), tools.clock.now());
    let entry = Entry::new(now, deed(sign)).to(toy.as_bytes()).of_child(child);
    let noted = tools.store.write(move |tx| {
        let is_news = guard::note(tx, toy, sign, &seen, now)?;
        if is_news {
            activity::insert(tx, &entry)?;
        }
        Ok(is_news)
    });
    if noted.await? {
        tracing::warn!(toy.id = %toy, sign = sign.word(), "it may not be the toy that was adopted");
        tools.bus.publish(Event::Changed);
    }
    Ok(())
}

const fn deed(sign: Sign) -> Deed {
    match sign {
        Sign::Table => Deed::GuardTable,
        Sign::Config => Deed::GuardConfig,
        Sign::SecondAddress => Deed::GuardSecondAddress,
        Sign::Name => Deed::GuardName,
        Sign::Game => Deed::GuardGame,
    }
}

/// Returns whether a toy advertises another name than it did. A radio may hear the beginning of a
/// name only, now or when the toy was adopted.
pub(super) fn is_other_name(baseline: &Baseline, name: &str) -> bool {
    baseline.firmware.as_deref().is_some_and(|known| {
        let name = shown(name);
        let was_short = NAME_PREFIXES.contains(&known);
        let is_the_same = known.starts_with(&name) || was_short && name.starts_with(known);
        !is_the_same
    })
}

/// Returns whether a toy has another identifier than it had; one that was seen for the first time is
/// not another.
pub(super) fn is_other_config(baseline: &Baseline, config: Option<&ConfigId>) -> bool {
    let known = baseline.config.as_ref();
    known.is_some_and(|known| config.is_none_or(|config| config.to_string() != *known))
}

/// Looks at what is heard until the hub stops.
pub(super) async fn look_out(tools: Arc<Tools>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(LOOKS_EVERY) => {}
        }
        let heard = tools.radio.heard();
        if heard.is_empty() {
            continue;
        }
        if let Err(error) = look(&tools, &heard).await {
            tracing::error!(%error, "could not look at what is heard");
        }
    }
}

async fn look(tools: &Tools, heard: &[Heard]) -> Result<(), StoreError> {
    let toys = tools.store.read(guard::watched).await?;
    for Watched { id, child, address, baseline } in toys {
        listen(tools, id, address, heard);
        for Heard { address: from, name, config, .. } in heard {
            let is_its_config = config.is_some() && !is_other_config(&baseline, config.as_ref());
            let sign = if *from != address {
                let is_known = baseline.config.is_some();
                (is_known && is_its_config).then_some((Sign::SecondAddress, from.0.to_vec()))
            } else if config.is_some() && is_other_config(&baseline, config.as_ref()) {
                // Not every advertisement has it: what is missing says nothing.
                config.map(|config| (Sign::Config, config.as_bytes().to_vec()))
            } else if is_other_name(&baseline, name) {
                Some((Sign::Name, shown(name).into_bytes()))
            } else {
                None
            };
            if let Some((sign, seen)) = sign {
                note(tools, id, child, sign, &seen).await?;
            }
        }
    }
    Ok(())
}

/// Notes how well a toy is heard, if it is.
pub(super) fn listen(tools: &Tools, toy: ToyId, address: ToyAddress, heard: &[Heard]) {
    let ours = heard.iter().find(|heard| heard.address == address);
    if let Some(dbm) = ours.and_then(|heard| heard.signal_dbm) {
        tools.bus.change(toy, |live| live.signal = Some(Signal::of(dbm, live.signal)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Baseline {
        Baseline { firmware: Some(name.to_owned()), ..Baseline::default() }
    }

    #[test]
    fn a_name_that_was_heard_in_part_is_no_other() {
        let known = named("CloudPets B 1.0.19");

        assert!(!is_other_name(&known, "CloudPets B 1.0.19"));
        assert!(!is_other_name(&known, "CloudPets"));
        assert!(is_other_name(&known, "CloudPets A 1.0.19"));
        assert!(is_other_name(&known, "CloudPets B 1.0.190"));
        assert!(!is_other_name(&named("CloudPets"), "CloudPets B 1.0.19"));
        assert!(is_other_name(&named("CloudPets B 1.0.1"), "CloudPets B 1.0.19"));
        assert!(!is_other_name(&Baseline::default(), "anything"));
    }

    #[test]
    fn an_identifier_that_is_gone_is_another() {
        let config = ConfigId::decode(b"0011_23_16_05_09");
        let other = ConfigId::decode(b"0011_23_16_05_10");
        let known = Baseline { config: config.map(|id| id.to_string()), ..Baseline::default() };

        assert!(!is_other_config(&known, config.as_ref()));
        assert!(is_other_config(&known, other.as_ref()));
        assert!(is_other_config(&known, None));
        assert!(!is_other_config(&Baseline::default(), other.as_ref()));
    }
}
