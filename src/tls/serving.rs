//! What is shown to whom.

use std::{
    fmt::{self, Debug, Formatter},
    sync::{Arc, PoisonError, RwLock},
};

use rustls::{
    ServerConfig,
    crypto::ring,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};

use super::{Leaf, TlsError};

/// HTTP/2 first: one connection then holds the event stream and everything else.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The leaves that are shown. Whoever connects from now on sees what was put in last; who is
/// connected notices nothing.
pub struct Serving {
    names: RwLock<Arc<CertifiedKey>>,
    addresses: RwLock<Arc<CertifiedKey>>,
}

impl Serving {
    /// Shows these.
    pub fn new(names: &Leaf, addresses: &Leaf) -> Result<Arc<Self>, TlsError> {
        Ok(Arc::new(Self {
            names: RwLock::new(names.certified()?),
            addresses: RwLock::new(addresses.certified()?),
        }))
    }

    /// Shows another leaf to whoever calls the hub by name.
    pub fn put_names(&self, leaf: &Leaf) -> Result<(), TlsError> {
        put(&self.names, leaf)
    }

    /// Shows another leaf to whoever calls the hub by address.
    pub fn put_addresses(&self, leaf: &Leaf) -> Result<(), TlsError> {
        put(&self.addresses, leaf)
    }

    /// Makes the server's configuration: TLS 1.3, and 1.2 with AEAD ciphers (`ring` has no others),
    /// without client certificates. The keys of session tickets are the library's, which changes
    /// them every six hours.
    pub fn config(self: Arc<Self>) -> Result<ServerConfig, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(TlsError::Config)?
            .with_no_client_auth()
            .with_cert_resolver(self);
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        config.ticketer = ring::Ticketer::new().map_err(TlsError::Config)?;
        Ok(config)
    }
}

impl ResolvesServerCert for Serving {
    /// A browser that was given an address says no name: names only are said (RFC 6066, 3).
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let shown = if hello.server_name().is_some() { &self.names } else { &self.addresses };
        Some(Arc::clone(&shown.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Debug for Serving {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving").finish_non_exhaustive()
    }
}

fn put(shown: &RwLock<Arc<CertifiedKey>>, leaf: &Leaf) -> Result<(), TlsError> {
    *shown.write().unwrap_or_else(PoisonError::into_inner) = leaf.certified()?;
    Ok(())
}
