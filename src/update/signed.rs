//! Whether a package is a release of Hutch: signed with minisign by the key that this program was built
//! with.
//!
//! A package without a signature, or with one by another key, is not looked into. A program that was built
//! without a key takes no package at all.

use minisign_verify::{PublicKey, Signature};

/// The key of releases, given to the build as `HUTCH_RELEASE_KEY`: the second line of a minisign public
/// key file.
pub const RELEASE_KEY: Option<&str> = option_env!("HUTCH_RELEASE_KEY");

/// Why a package is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unsigned {
    /// The program has no key to compare with.
    #[error(
        "this program was built without a release key, so it cannot tell a release from anything else: \
         install packages with dpkg, after you have checked where they come from"
    )]
    NoKey,
    /// The key of the build is none.
    #[error("the release key that this program was built with is not a minisign key")]
    BadKey,
    /// What should be a signature is something else.
    #[error("the .minisig file is not a signature of minisign")]
    NotASignature,
    /// Another key signed it, or something was changed since.
    #[error(
        "this is no release of Hutch: the signature is of another key, or the file was changed"
    )]
    NotOurs,
}

/// Checks that these bytes were signed by the holder of the key.
pub fn check(key: Option<&str>, bytes: &[u8], signature: &str) -> Result<(), Unsigned> {
    let key = key.ok_or(Unsigned::NoKey)?;
    let key = PublicKey::from_base64(key).map_err(|_not_one| Unsigned::BadKey)?;
    let signature = Signature::decode(signature).map_err(|_not_one| Unsigned::NotASignature)?;
    // Not the older kind of signature, which is made over the file and not over its hash.
    key.verify(bytes, &signature, false).map_err(|_of_another| Unsigned::NotOurs)
}
