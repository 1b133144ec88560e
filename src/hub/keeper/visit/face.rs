//! Whether it is the toy that was adopted, as far as a connection lets one see.

use std::time::Duration;

use tokio::time::Instant;

use super::{Trouble, Visit};
use crate::{
    hub::{
        guard::{is_other_config, is_other_name, note},
        nearby::shown,
    },
    model::{Baseline, Sign},
    store::guard,
    toy::wire::ConfigId,
};

/// A paw that was squeezed before game mode was switched off may be heard of for this long.
const LATE_REPORT: Duration = Duration::from_secs(2);

/// What a visit knows of who it visits.
#[derive(Default)]
pub(super) struct Face {
    /// What was seen of the toy when it was adopted.
    baseline: Baseline,
    /// When game mode was switched off on this connection.
    plain_since: Option<Instant>,
}

impl Visit<'_> {
    /// Looks at the toy before a byte is sent to it.
    pub(super) async fn look_at_it(&mut self) -> Result<(), Trouble> {
        let toy = self.charge.toy;
        let baseline = self.tools.store.read(move |tx| guard::baseline(tx, toy)).await?;
        let identity = self.talk.link.identity().clone();
        let is_other_table = baseline.table.is_some_and(|known| known != identity.table.0);
        let other_name = identity.name.filter(|name| is_other_name(&baseline, name));
        self.face.baseline = baseline;
        if is_other_table {
            self.saw(Sign::Table, &identity.table.0).await?;
            return Err(Trouble::Stranger);
        }
        // A name alone keeps no message back: a radio may not have heard it well.
        match other_name {
            Some(name) => self.saw(Sign::Name, shown(&name).as_bytes()).await,
            None => Ok(()),
        }
    }

    /// Looks at the identifier, before anything is written.
    pub(super) async fn identified(&mut self, config: Option<ConfigId>) -> Result<(), Trouble> {
        if is_other_config(&self.face.baseline, config.as_ref()) {
            let seen = config.as_ref().map_or(&[][..], ConfigId::as_bytes).to_vec();
            self.saw(Sign::Config, &seen).await?;
            return Err(Trouble::Stranger);
        }
        Ok(())
    }

    /// Remembers what was not known of the toy yet.
    pub(super) async fn learn(&mut self, config: Option<ConfigId>) -> Result<(), Trouble> {
        let identity = self.talk.link.identity();
        let name = identity.name.as_deref().map(shown).filter(|name| !name.is_empty());
        let seen = Baseline {
            config: config.map(|config| config.to_string()),
            firmware: name,
            table: Some(identity.table.0),
            signal_floor: None,
        };
        let Baseline { config, firmware, table, .. } = &self.face.baseline;
        let is_new = config.is_none() && seen.config.is_some()
            || firmware.is_none() && seen.firmware.is_some()
            || table.is_none();
        if is_new {
            let toy = self.charge.toy;
            self.tools.store.write(move |tx| guard::learn(tx, toy, &seen)).await?;
        }
        Ok(())
    }

    /// Takes note that a short request was written: the first one switches game mode off.
    pub(super) fn written(&mut self) {
        self.face.plain_since.get_or_insert_with(Instant::now);
    }

    /// Takes note of a paw that was reported, which happens in game mode only: nobody here switched it
    /// on.
    pub(super) async fn reported(&mut self) -> Result<(), Trouble> {
        match self.face.plain_since {
            Some(since) if LATE_REPORT <= since.elapsed() => self.saw(Sign::Game, &[]).await,
            Some(_) | None => Ok(()),
        }
    }

    async fn saw(&mut self, sign: Sign, seen: &[u8]) -> Result<(), Trouble> {
        Ok(note(self.tools, self.charge.toy, self.charge.child, sign, seen).await?)
    }
}
