//! Sines and cosines while compiling, so that every machine has the same tables.

use std::f64::consts::{FRAC_PI_2, PI};

/// Returns cos(π · `numerator` / `denominator`).
pub(super) const fn cos_pi(numerator: u32, denominator: u32) -> f64 {
    // One full turn is twice the denominator; the cosine is even about both half turns.
    let turn = 2 * denominator;
    let mut angle = numerator % turn;
    if denominator < angle {
        angle = turn - angle;
    }
    // Both arguments are small integers.
    sin_series(FRAC_PI_2 - PI * angle as f64 / denominator as f64)
}

/// Returns sin(π · `numerator` / `denominator`).
pub(super) const fn sin_pi(numerator: u32, denominator: u32) -> f64 {
    // A quarter turn behind; 2 · `denominator` keeps the quarter whole, 3/2 turns keep it positive.
    cos_pi(2 * numerator + 3 * denominator, 2 * denominator)
}

/// Sums the power series of the sine, for angles from -π/2 to π/2.
const fn sin_series(angle: f64) -> f64 {
    let square = angle * angle;
    let mut term = angle;
    let mut sum = angle;
    let mut n = 1;
    while n < 13 {
        term *= -square / ((2 * n) * (2 * n + 1)) as f64;
        sum += term;
        n += 1;
    }
    sum
}

/// Returns the nearest integer; ties do not occur among the angles used here.
pub(super) const fn nearest(value: f64) -> i16 {
    if value < 0.0 { (value - 0.5) as i16 } else { (value + 0.5) as i16 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_standard_library() {
        for numerator in 0..400 {
            let angle = PI * f64::from(numerator) / 40.0;

            assert!((cos_pi(numerator, 40) - angle.cos()).abs() < 1e-13, "cos {numerator}");
            assert!((sin_pi(numerator, 40) - angle.sin()).abs() < 1e-13, "sin {numerator}");
        }
    }

    #[test]
    fn rounds_to_nearest_on_both_sides_of_zero() {
        assert_eq!([nearest(1.4), nearest(1.6), nearest(-1.4), nearest(-1.6)], [1, 2, -1, -2]);
    }
}
