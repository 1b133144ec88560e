//! How much longer a delivery takes than the air needs for it.

use crate::{Bar, Figure};

/// The hub's own share of a delivery over the simulated link: everything beyond one chunk of
/// 20 bytes per 7.5 ms, with no gap of ours between chunks.
pub(crate) fn overhead() -> Vec<Figure> {
    vec![Figure {
        what: "the hub's own share of a delivery",
        bar: Bar::Percent(3.0),
        value: measure(),
    }]
}

/// Returns the share in per cent of the link's time.
const fn measure() -> Option<f64> {
    None
}
