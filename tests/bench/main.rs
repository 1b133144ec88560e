//! The figures of the README, measured in one run on one machine: `make bench`.
//!
//! Prints a table with a bar for each figure and fails when a bar is missed or a figure could not
//! be measured. Arguments choose among the groups by name. Sound comes from the codec's reference
//! speech, so that every machine works on the same.
#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program that measures time, prints a table and fails by panicking"
)]

mod backup;
mod bare;
mod bluez;
mod day;
mod delivery;
mod demo;
mod door;
mod home;
mod idle;
mod page;
mod peer;
mod seal;
mod served;
mod sound;

// The guest of the Bluetooth suite, which needs more of them than the figures do.
#[path = "../bluez/adapter.rs"]
#[allow(dead_code, reason = "the Bluetooth suite needs it")]
mod adapter;
#[path = "../bluez/adopts.rs"]
#[allow(dead_code, unused_imports, reason = "the Bluetooth suite needs it")]
mod adopts;
#[path = "../bluez/bluetoothd.rs"]
#[allow(dead_code, reason = "the Bluetooth suite needs it")]
mod bluetoothd;
#[path = "../bluez/bus.rs"]
#[allow(dead_code, reason = "the Bluetooth suite needs it")]
mod bus;
#[path = "../bluez/guest.rs"]
#[allow(dead_code, reason = "the Bluetooth suite needs it")]
mod guest;
#[path = "../bluez/house.rs"]
#[allow(dead_code, reason = "the Bluetooth suite needs it")]
mod house;
#[path = "../bluez/hub.rs"]
#[allow(dead_code, reason = "the Bluetooth suite needs it")]
mod hub;
#[path = "../bluez/toy.rs"]
#[allow(dead_code, reason = "the Bluetooth suite needs it")]
mod toy;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

/// One line of the table.
struct Figure {
    what: &'static str,
    bar: Bar,
    /// `None` when it could not be measured.
    value: Option<f64>,
}

/// Measures some lines of the table.
type Measure = fn() -> Vec<Figure>;

/// What a figure must reach.
#[derive(Clone, Copy)]
enum Bar {
    /// At least so many times real time.
    TimesRealTime(f64),
    /// At least so many times as fast as the program it is compared with.
    TimesAsFast(f64),
    /// At most so many times as long as what it is compared with.
    TimesAsLong(f64),
    /// At most so many per cent.
    Percent(f64),
    /// At least so many per cent.
    PercentAtLeast(f64),
    /// At most so many in a second.
    ASecond(f64),
    /// At most so many milliseconds.
    Milliseconds(f64),
    /// At most so many megabytes of 1,000,000 bytes.
    Megabytes(f64),
}

impl Bar {
    fn is_reached_by(self, value: f64) -> bool {
        match self {
            Self::TimesRealTime(bar) | Self::TimesAsFast(bar) | Self::PercentAtLeast(bar) => {
                bar <= value
            }
            Self::TimesAsLong(bar)
            | Self::Percent(bar)
            | Self::ASecond(bar)
            | Self::Milliseconds(bar)
            | Self::Megabytes(bar) => value <= bar,
        }
    }

    fn show(self, value: f64) -> String {
        match self {
            Self::TimesRealTime(_) => format!("{value:.0} x real time"),
            Self::TimesAsFast(bar) if bar < 2.0 => format!("{value:.2} x as fast"),
            Self::TimesAsFast(_) => format!("{value:.1} x as fast"),
            Self::TimesAsLong(_) => format!("{value:.2} x as long"),
            Self::Percent(_) | Self::PercentAtLeast(_) => format!("{value:.1} %"),
            Self::ASecond(_) => format!("{value:.1} a second"),
            Self::Milliseconds(bar) if bar < 10.0 => format!("{value:.2} ms"),
            Self::Milliseconds(_) => format!("{value:.0} ms"),
            Self::Megabytes(_) => format!("{value:.1} MB"),
        }
    }

    fn show_bar(self) -> String {
        match self {
            Self::TimesRealTime(bar) | Self::TimesAsFast(bar) | Self::PercentAtLeast(bar) => {
                format!(">= {}", self.show(bar))
            }
            Self::TimesAsLong(bar)
            | Self::Percent(bar)
            | Self::ASecond(bar)
            | Self::Milliseconds(bar)
            | Self::Megabytes(bar) => {
                format!("<= {}", self.show(bar))
            }
        }
    }
}

fn main() -> ExitCode {
    if std::env::args().nth(1).is_some_and(|first| first == bluez::IN_THE_GUEST) {
        bluez::measure();
        return ExitCode::SUCCESS;
    }
    println!("{}, {}\n", variable("HUTCH_MACHINE"), std::env::consts::ARCH);
    println!("| what | bar | measured | |");
    println!("|---|---|---|---|");
    let mut is_good = true;
    // Measured one after the other, and printed as they come: nothing else may run meanwhile.
    let measures: [(&str, Measure); 12] = [
        ("codecs", sound::codecs),
        ("preparation", sound::preparation),
        ("sealing", seal::sealing),
        ("page", page::first_page),
        ("served", served::recording),
        ("door", door::handshakes_and_requests),
        ("delivery", delivery::overhead),
        ("demo", demo::start_and_memory),
        ("idle", idle::at_night),
        ("day", day::of_a_family),
        ("backup", backup::beside_age),
        ("bluez", bluez::over_the_air),
    ];
    let wanted: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    for (name, measure) in measures {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == name) {
            continue;
        }
        for Figure { what, bar, value } in measure() {
            let is_reached = value.is_some_and(|value| bar.is_reached_by(value));
            let shown = value.map_or_else(|| "not measured".to_owned(), |value| bar.show(value));
            let verdict = if is_reached { "" } else { "missed" };
            println!("| {what} | {} | {shown} | {verdict} |", bar.show_bar());
            is_good &= is_reached;
        }
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Returns how long the work takes: the best of several runs within about two seconds, because
/// whatever else the machine does can only make it slower.
fn best_of<T>(mut work: impl FnMut() -> T) -> Duration {
    let until = Instant::now() + Duration::from_secs(2);
    let mut best = Duration::MAX;
    for n_runs in 0.. {
        if 3 <= n_runs && until < Instant::now() {
            break;
        }
        let started = Instant::now();
        std::hint::black_box(work());
        best = best.min(started.elapsed());
    }
    best
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_not_set| "unnamed machine".to_owned())
}
