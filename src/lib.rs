//! Hutch, a home hub for talking plush toys.

pub mod audio;
pub mod cli;
pub mod clock;
pub mod daemon;
pub mod demo;
pub mod http;
pub mod hub;
pub mod model;
pub mod radio;
pub mod seal;
pub mod store;
pub mod tls;
pub mod toy;
