//! The application: every use case, once.
