//! Whether the hub is alive: asked by whoever watches over it.

use std::time::Duration;

use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use super::{Hub, keeper::Tools};

/// How long the database may take to write nothing: what is written before that has its turn first, and
/// a worn card is slow.
const WRITES_WITHIN: Duration = Duration::from_secs(20);
/// Who asks again within this time gets the same answer, so that asking often costs nothing.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// Which parts of the hub answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pulse {
    /// The one thread that writes into the database.
    pub database: bool,
    /// The task that owns the Bluetooth adapter. It is alive also where there is none.
    pub radio: bool,
}

impl Pulse {
    /// Whether all of them do.
    pub const fn is_whole(self) -> bool {
        self.database && self.radio
    }
}

/// The last pulse that was felt.
#[derive(Debug, Default)]
pub(super) struct Pulses(Mutex<Option<(Instant, Pulse)>>);

impl Pulses {
    /// Returns the pulse. Whoever asks meanwhile waits for the same answer.
    async fn feel(&self, tools: &Tools) -> Pulse {
        let mut last = self.0.lock().await;
        if let Some((at, pulse)) = *last
            && at.elapsed() < GOOD_FOR
        {
            return pulse;
        }
        let written = timeout(WRITES_WITHIN, tools.store.write(|_tx| Ok(()))).await;
        let pulse =
            Pulse { database: matches!(written, Ok(Ok(()))), radio: tools.radio.is_alive() };
        *last = Some((Instant::now(), pulse));
        pulse
    }
}

impl Hub {
    /// Returns which parts of the hub answer.
    pub async fn pulse(&self) -> Pulse {
        self.0.pulses.feel(self.tools()).await
    }
}
