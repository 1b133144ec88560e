//! The seam to the air.
