//! Translation between JSON and the hub.
