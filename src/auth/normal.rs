//! One form for what can be typed in several.

use icu_normalizer::ComposingNormalizerBorrowed;
use zeroize::Zeroizing;

/// In UTF-8, composing makes a text at most three times as long (UAX 15, table of expansion factors).
const MAX_EXPANSION: usize = 3;

/// Returns the text in Unicode's normalization form C.
///
/// Keyboards differ in whether they send an accented letter as one character or as two.
pub(super) fn nfc(text: &str) -> Zeroizing<String> {
    // With room for all of it, so that growing leaves no copy behind.
    let mut composed = Zeroizing::new(String::with_capacity(MAX_EXPANSION * text.len()));
    ComposingNormalizerBorrowed::new_nfc()
        .normalize_to(text, &mut *composed)
        .expect("a string takes whatever is written to it");
    composed
}

/// Returns the text in normalization form C and lower case.
pub(super) fn lower_case(text: &str) -> Zeroizing<String> {
    let composed = nfc(text);
    // A letter in lower case takes at most three times the bytes (İ, of two, becomes i and a dot).
    let mut lower = Zeroizing::new(String::with_capacity(MAX_EXPANSION * composed.len()));
    lower.extend(composed.chars().flat_map(char::to_lowercase));
    lower
}
