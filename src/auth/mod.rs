//! Signing in: what a password must be, what follows from it, and who has tried too often.
//!
//! - [`password`] decides which passwords are good enough, with the help of [`breached`]: the
//!   lists of those that thieves try first. [`passphrase`] offers a better one.
//! - [`kdf`] makes a [`kdf::Key`] of a password. Whether the password was right shows in whether
//!   the key opens what was wrapped under it; no hash to compare with is kept anywhere.
//! - [`throttle`] lets whoever guesses wait longer and longer.
//! - [`totp`] is the second factor: six digits from an app, or one of ten recovery codes.
//! - [`token`] has the secrets of cookies and links, and the code that guards the first start.
//!
//! Pure: no I/O and no clock. Time is an argument. Randomness is drawn here and is no argument,
//! so that no caller can pass a weak one; should the kernel refuse it, which it does not once it
//! has booted, drawing panics rather than go on without.
//!
//! Not in here: accounts and sessions themselves, who may do what, and where anything is kept.

pub mod breached;
mod code;
pub mod kdf;
mod normal;
pub mod passphrase;
pub mod password;
#[cfg(test)]
mod tests;
pub mod throttle;
pub mod token;
pub mod totp;

/// Returns a name as it is looked up: in normalization form C and lower case.
pub fn folded(name: &str) -> String {
    normal::lower_case(name).to_string()
}

/// Fills these bytes with randomness from the kernel.
fn draw(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("a kernel that has booted gives out randomness");
}
