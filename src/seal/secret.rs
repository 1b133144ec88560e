//! Thirty-two secret bytes, the inside of every key.

use zeroize::Zeroizing;

/// Thirty-two secret bytes that are zeroed on drop.
///
/// They live on the heap, so that moving a key moves a pointer and leaves no copy behind.
/// No `Debug`, `Display`, `Clone`, `PartialEq` or `Serialize`, here or on any key made of it.
pub(super) struct Secret(Box<Zeroizing<[u8; 32]>>);

impl Secret {
    /// Draws them from the kernel.
    pub(super) fn random() -> Self {
        Self::filled_by(|bytes| {
            getrandom::fill(bytes).expect("a kernel that has booted gives out randomness");
        })
    }

    /// Has them written straight to where they stay.
    pub(super) fn filled_by(fill: impl FnOnce(&mut [u8; 32])) -> Self {
        let mut bytes = Box::new(Zeroizing::new([0; 32]));
        fill(&mut bytes);
        Self(bytes)
    }

    /// Copies them from where the caller keeps and zeroes them.
    pub(super) fn copied(from: &[u8; 32]) -> Self {
        Self::filled_by(|bytes| bytes.copy_from_slice(from))
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns a copy that zeroes itself too.
    pub(super) fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(*self.as_bytes())
    }
}
