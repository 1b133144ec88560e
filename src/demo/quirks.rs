//! How a simulated toy is made to misbehave from outside.

use std::time::Duration;

use crate::toy::firmware::Quirks;

/// Faults of a simulated toy; what is left out is as with a well-behaved one.
#[derive(Clone, Debug, Default, Eq, PartialEq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuirksSpec {
    /// It does not know the upload key.
    pub refuse_key: bool,
    /// It says nothing any more.
    pub silent: bool,
    /// It ends every upload as if it had taken nothing.
    pub transferred_zero: bool,
    /// It gives up at this byte of an upload.
    pub give_up_after: Option<usize>,
    /// It drops the connection at this byte of an upload.
    pub disconnect_after_upload: Option<usize>,
    /// It drops the connection at this byte of a download.
    pub disconnect_after_download: Option<usize>,
    /// This notification of a download is lost.
    pub drop_notification: Option<usize>,
    /// Everything it says comes so much later.
    pub slow_ms: u32,
}

impl From<QuirksSpec> for Quirks {
    fn from(spec: QuirksSpec) -> Self {
        let QuirksSpec {
            refuse_key,
            silent,
            transferred_zero,
            give_up_after,
            disconnect_after_upload,
            disconnect_after_download,
            drop_notification,
            slow_ms,
        } = spec;
        Self {
            refuse_key,
            silent,
            transferred_zero,
            give_up_after,
            disconnect_after_upload,
            disconnect_after_download,
            drop_notification,
            slow: Duration::from_millis(slow_ms.into()),
            ..Self::default()
        }
    }
}
