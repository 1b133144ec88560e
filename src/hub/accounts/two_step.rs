//! Two-step sign-in: a code that goes by the time, and codes for when the telephone is lost.
//!
//! The secret lies behind the password, in the same wrap as the household's key: whoever has the
//! database can neither read it nor leave it out.

use zeroize::Zeroizing;

use super::{Asks, Me};
use crate::{
    auth::totp::{self, RecoveryCodes, Secret, Step},
    hub::{Hub, HubError},
    model::{Deed, Timestamp},
};

const SECRET_BYTES: usize = 20;

/// A secret that is not in use yet, and how an authenticator takes it.
pub struct NewTotp {
    /// The secret, in base 32.
    pub secret: Zeroizing<String>,
    /// The same for an authenticator.
    pub uri: Zeroizing<String>,
    /// The same as a QR code: a text for each row, "1" for a dark module.
    pub qr: Vec<String>,
}

/// What two-step sign-in needs.
pub(super) struct State {
    secret: Secret,
    codes: RecoveryCodes,
}

impl State {
    /// Returns the bytes that are wrapped: the secret, then what is kept of the codes that are left.
    pub(super) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let codes = Zeroizing::new(self.codes.to_bytes());
        let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_BYTES + codes.len()));
        bytes.extend_from_slice(self.secret.as_bytes());
        bytes.extend_from_slice(&codes);
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (secret, codes) = bytes.split_at_checked(SECRET_BYTES)?;
        let secret = Secret::from_bytes(secret).ok()?;
        Some(Self { secret, codes: RecoveryCodes::from_bytes(codes).ok()? })
    }

    /// Returns the step of a code that is right and later than the last that was used.
    pub(super) fn verify(&self, code: &str, now: Timestamp, last: Option<i64>) -> Option<i64> {
        totp::verify(&self.secret, code, now, last.map(Step)).map(|Step(step)| step)
    }

    /// Takes a recovery code out, if it is one.
    pub(super) fn use_recovery_code(&mut self, code: &str) -> bool {
        self.codes.use_code(code)
    }
}

impl Hub {
    /// Draws a secret. It is used only once somebody has shown that an authenticator has it.
    pub async fn new_totp(&self, by: &impl Asks) -> Result<NewTotp, HubError> {
        let name = self.me(by).await?.name;
        let secret = Secret::generate();
        let uri = totp::uri(&secret, &name);
        let qr = self.qr(&uri);
        Ok(NewTotp { secret: secret.to_base32(), uri, qr })
    }

    /// Returns a QR code of a text: a text for each row, "1" for a dark module. What is too long for
    /// one has no rows.
    pub fn qr(&self, text: &str) -> Vec<String> {
        let Ok(code) = qrcode::QrCode::new(text) else { return Vec::new() };
        let modules = code.to_colors();
        let rows = modules.chunks(code.width());
        rows.map(|row| row.iter().map(|module| module.select('1', '0')).collect()).collect()
    }

    /// Switches two-step sign-in on with a secret, of which the authenticator shows this code.
    ///
    /// Returns codes that are good once each; they are never shown again.
    pub async fn switch_totp_on(
        &self,
        by: &impl Asks,
        password: Zeroizing<String>,
        secret: &str,
        code: &str,
    ) -> Result<Vec<Zeroizing<String>>, HubError> {
        let row = self.password_of(by).await?;
        if row.totp_step.is_some() {
            return Err(HubError::TotpSwitched);
        }
        let (mut proved, mut settle) = self.prove_again(by, &password, None).await?;
        if !self.clock_is_trusted().await? {
            return Err(HubError::ClockNotTrusted);
        }
        let secret = Secret::parse(secret).map_err(|_not_one| HubError::WrongTotpCode)?;
        let now = self.tools().clock.now();
        let Step(step) = totp::verify(&secret, code, now, None).ok_or(HubError::WrongTotpCode)?;
        let (texts, codes) = RecoveryCodes::generate();
        proved.behind.totp = Some(State { secret, codes });
        let changed_at = proved.row.changed_at;
        settle.replace(proved.password.wrap(
            by.account(),
            &proved.behind,
            changed_at,
            Some(step),
        )?);
        self.settle(settle, Some(self.note(by, Deed::TwoStepOn))).await?;
        tracing::info!(account.id = %by.account(), "two-step sign-in was switched on");
        Ok(texts)
    }

    /// Switches two-step sign-in off.
    pub async fn switch_totp_off(
        &self,
        by: &impl Asks,
        password: Zeroizing<String>,
        totp: Option<&str>,
    ) -> Result<Me, HubError> {
        let row = self.password_of(by).await?;
        if row.totp_step.is_none() {
            return Err(HubError::TotpSwitched);
        }
        let (mut proved, mut settle) = self.prove_again(by, &password, totp).await?;
        proved.behind.totp = None;
        let changed_at = proved.row.changed_at;
        settle.replace(proved.password.wrap(by.account(), &proved.behind, changed_at, None)?);
        self.settle(settle, Some(self.note(by, Deed::TwoStepOff))).await?;
        tracing::info!(account.id = %by.account(), "two-step sign-in was switched off");
        self.me(by).await
    }
}
