//! A password to offer: five words drawn at random.
//!
//! Out of 7,776 words, five make 64.6 bits: nobody guesses them, and a family can read them to each
//! other. The list and its licence are in `words.txt`.

#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

use super::password::{self, Policy};

const N_WORDS: usize = 5;

/// How many words are on the list.
const N_LISTED: u16 = 7_776;

/// The largest multiple of it that 16 bits hold: what is drawn beyond is drawn again, so that each
/// word is as likely as any other.
const UNBIASED: u16 = u16::MAX / N_LISTED * N_LISTED;

/// The longest word has nine letters.
const MAX_BYTES: usize = N_WORDS * 10;

/// Returns five words with hyphens between them, which pass every [`Policy`].
pub fn generate() -> Zeroizing<String> {
    loop {
        let phrase = five_words();
        // Five of the commonest short words in a row might be found wanting, though in a hundred
        // thousand none were. Drawing again costs nothing of the 64.6 bits.
        if password::check(&phrase, Policy::GUARDIAN, &[], None).is_ok() {
            return phrase;
        }
    }
}

/// Returns five words with hyphens between them. Whether they pass is not looked at, for which some
/// megabytes of words stay in memory: for a demo, whose household ends with it.
pub fn five_words() -> Zeroizing<String> {
    // With room for all of it, so that growing leaves no copy behind.
    let mut phrase = Zeroizing::new(String::with_capacity(MAX_BYTES));
    for at in 0..N_WORDS {
        if at != 0 {
            phrase.push('-');
        }
        phrase.push_str(draw_word());
    }
    phrase
}

fn draw_word() -> &'static str {
    let random = loop {
        let mut bytes = Zeroizing::new([0; 2]);
        super::draw(bytes.as_mut_slice());
        let random = u16::from_le_bytes(*bytes);
        if random < UNBIASED {
            break random % N_LISTED;
        }
    };
    words().nth(random.into()).expect("the list is as long as it says, which a test counts")
}

fn words() -> impl Iterator<Item = &'static str> {
    include_str!("words.txt").lines().filter(|line| !line.starts_with('#'))
}
