//! The toy, its protocol, without I/O.
