//! Sound as samples and as bytes.
