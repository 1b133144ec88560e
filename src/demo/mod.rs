//! The demo: simulated toys that a newcomer plays with.
