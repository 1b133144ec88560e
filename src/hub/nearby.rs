//! What the radio hears, and whether it works.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{
    Guardian, Hub, HubError,
    keeper::Tools,
    view::{Event, Nearby, NearbyToy},
};
use crate::{radio::Heard, store::toys, toy::wire::ConfigId};

/// The longest name that is shown: no toy has one that long, but anybody may advertise anything.
const NAME_LETTERS: usize = 64;

impl Hub {
    /// Returns whether Bluetooth works, and the toys that are heard.
    pub async fn nearby(&self, _by: &Guardian) -> Result<Nearby, HubError> {
        self.hear().await
    }

    /// The same, for whoever may use the computer's terminal.
    pub async fn hear(&self) -> Result<Nearby, HubError> {
        let radio = &self.tools().radio;
        let state = *radio.state().borrow();
        radio.look_around();
        let heard = radio.heard();
        let found = self.tools().store.glance(move |tx| {
            let adopted = |heard: Heard| Ok((toys::at_address(tx, heard.address)?, heard));
            heard.into_iter().map(adopted).collect::<Result<Vec<_>, _>>()
        });
        let toys = found.await?.into_iter().map(|(adopted, heard)| {
            let Heard { address, name, signal_dbm, config, .. } = heard;
            let character = config.as_ref().and_then(ConfigId::character);
            NearbyToy { address, name: shown(&name), signal_dbm, character, adopted }
        });
        Ok(Nearby { state, toys: toys.collect() })
    }
}

/// Tells whoever listens when Bluetooth begins to work, or stops.
pub(super) async fn watch(tools: Arc<Tools>, stop: CancellationToken) {
    let mut states = tools.radio.state();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            changed = states.changed() => if changed.is_err() { return },
        }
        let state = *states.borrow_and_update();
        tools.bus.publish(Event::Radio(state));
    }
}

/// Returns an advertised name as it can be shown and stored: without what moves a cursor, and not
/// without end.
pub(super) fn shown(name: &str) -> String {
    let letters = name.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    letters.take(NAME_LETTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_the_air_is_tamed() {
        assert_eq!(shown("CloudPets B 1.0.19"), "CloudPets B 1.0.19");
        assert_eq!(shown("CloudPets\u{1b}[2J\r\n"), "CloudPets [2J  ");
        assert_eq!(shown(&"x".repeat(1_000)).len(), NAME_LETTERS);
    }
}
