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
    let body = seal_bytes(recipient, INFO, &about.encode(header, None), content.0.as_bytes());
    SealedKey([header.as_slice(), &body].concat())
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
    let about = about.encode(format::header(Form::Key), None);
    let content = open_bytes(private, INFO, &about, body)?;
    Ok(ContentKey(Secret::copied(&content)))
}

/// Seals 32 bytes for one recipient: encapsulated key, then the sealed bytes.
pub(super) fn seal_bytes(
    recipient: &PublicKey,
    info: &[u8],
    about: &[u8],
    plain: &[u8; 32],
) -> Vec<u8> {
    let recipient = <Kem as hpke::Kem>::PublicKey::from_bytes(recipient.as_bytes())
        .expect("a public key has 32 bytes");
    let (encapsulated, sealed) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeS::Base,
        &recipient,
        info,
        plain,
        about,
    )
    .expect("weak keys are refused where a public key is made");
    [encapsulated.to_bytes().as_slice(), &sealed].concat()
}

/// Opens what [`seal_bytes`] sealed, with the recipient's private key.
pub(super) fn open_bytes(
    private: &Secret,
    info: &[u8],
    about: &[u8],
    body: &[u8],
) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let Some((encapsulated, sealed)) = body.split_first_chunk::<ENCAPSULATED_BYTES>() else {
        return Err(SealError::NotSealed);
    };
    let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(encapsulated)
        .map_err(|_opaque| SealError::DoesNotOpen)?;
    let plain = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        &private_key(private),
        &encapsulated,
        info,
        sealed,
        about,
    )
    .map_err(|_opaque| SealError::DoesNotOpen)?;
    let plain = Zeroizing::new(plain);
    let bytes: &[u8; 32] = plain.as_slice().try_into().map_err(|_length| SealError::DoesNotOpen)?;
    Ok(Zeroizing::new(*bytes))
}

/// Returns the library's form of a private key, which zeroes itself too.
fn private_key(private: &Secret) -> <Kem as hpke::Kem>::PrivateKey {
    <Kem as hpke::Kem>::PrivateKey::from_bytes(private.as_bytes())
        .expect("a private key has 32 bytes")
}
