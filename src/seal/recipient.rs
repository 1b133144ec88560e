//! A content key for one recipient: HPKE (RFC 9180) in base mode.
//!
//! DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. The `info` is a fixed label;
//! the associated data is that of the item as a whole. After the header come the encapsulated
//! key (32 bytes) and the sealed content key (32 and a tag of 16).

use hpke::{
    Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _, aead::ChaCha20Poly1305,
    kdf::HkdfSha256, kem::X25519HkdfSha256,
};
use zeroize::Zeroizing;

use super::{
    About, ContentKey, SealError, SealedKey,
    format::{self, Form},
    secret::Secret,
};

type Kem = X25519HkdfSha256;

const INFO: &[u8] = b"hutch content key";
const ENCAPSULATED_BYTES: usize = 32;

/// How long a sealed key is behind its header.
pub(super) const BODY_BYTES: usize = ENCAPSULATED_BYTES + 32 + 16;

/// What content keys are sealed for: the public half of an X25519 key pair.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Takes the 32 bytes of a public key.
    ///
    /// The few values with which everybody could open are refused.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, SealError> {
        let key = <Kem as hpke::Kem>::PublicKey::from_bytes(&bytes)
            .map_err(|_wrong_length| SealError::WeakPublicKey)?;
        // X25519 with one of them gives zero whatever the other key is, which HPKE refuses.
        hpke::setup_sender::<ChaCha20Poly1305, HkdfSha256, Kem>(&OpModeS::Base, &key, INFO)
            .map_err(|_zero| SealError::WeakPublicKey)?;
        Ok(Self(bytes))
    }

    /// Returns the 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Returns the public half of a private key.
pub(super) fn public(private: &Secret) -> PublicKey {
    PublicKey(Kem::sk_to_pk(&private_key(private)).to_bytes().into())
}

/// Seals a content key for one recipient.
pub(super) fn seal(recipient: &PublicKey, about: &About, content: &ContentKey) -> SealedKey {
    let header = format::header(Form::Key);
    let about = about.encode(header, None);
    let recipient = <Kem as hpke::Kem>::PublicKey::from_bytes(recipient.as_bytes())
        .expect("a public key has 32 bytes");
    let (encapsulated, sealed) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeS::Base,
        &recipient,
        INFO,
        content.0.as_bytes(),
        &about,
    )
    .expect("weak keys are refused where a public key is made");
    SealedKey([header.as_slice(), &encapsulated.to_bytes(), &sealed].concat())
}

/// Opens a content key with a recipient's private key.
pub(super) fn open(
    private: &Secret,
    about: &About,
    sealed: &SealedKey,
) -> Result<ContentKey, SealError> {
    let (Form::Key, body) = format::read(sealed.as_bytes())? else {
        return Err(SealError::NotSealed);
    };
    let Some((encapsulated, sealed)) = body.split_first_chunk::<ENCAPSULATED_BYTES>() else {
        return Err(SealError::NotSealed);
    };
    let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(encapsulated)
        .map_err(|_opaque| SealError::DoesNotOpen)?;
    let content = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        &private_key(private),
        &encapsulated,
        INFO,
        sealed,
        &about.encode(format::header(Form::Key), None),
    )
    .map_err(|_opaque| SealError::DoesNotOpen)?;
    let content = Zeroizing::new(content);
    let content = content.as_slice().try_into().map_err(|_length| SealError::DoesNotOpen)?;
    Ok(ContentKey(Secret::copied(content)))
}

/// Returns the library's form of a private key, which zeroes itself too.
fn private_key(private: &Secret) -> <Kem as hpke::Kem>::PrivateKey {
    <Kem as hpke::Kem>::PrivateKey::from_bytes(private.as_bytes())
        .expect("a private key has 32 bytes")
}
