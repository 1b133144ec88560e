//! How fast somebody comes in and is answered, compared with nginx.
//!
//! Both have a key and a certificate of the same kind, tickets, and one worker. By itself nginx has no
//! sessions: it asks another server, in the same process, which knows one cookie by heart. Hutch looks
//! the cookie up in its database and opens what belongs to it.

use std::{
    net::{SocketAddr, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rustix::net::sockopt::set_socket_linger;
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, UnixTime},
    version::TLS13,
};

use crate::{
    Bar, Figure,
    demo::{Demo, fetch},
    peer::{Nginx, ROUND, middle_of_ratios, wrk},
};

/// Enough that the server has always something to do.
const N_CLIENTS: usize = 2;

pub(crate) fn handshakes_and_requests() -> Vec<Figure> {
    let (handshakes, requests) = measure().unzip();
    vec![
        Figure {
            what: "full TLS 1.3 handshakes, compared with nginx",
            bar: Bar::TimesAsFast(0.8),
            value: handshakes.flatten(),
        },
        Figure {
            what: "a small answer for whoever is signed in, compared with nginx, the same bytes and `auth_request`",
            bar: Bar::TimesAsFast(0.8),
            value: requests.flatten(),
        },
    ]
}

fn measure() -> Option<(Option<f64>, Option<f64>)> {
    let demo = Demo::start()?;
    let (origin, cookie) = demo.sign_in()?;
    // It is little to tell, and asks for a session that is looked up and opened each time.
    let url = format!("{origin}/api/v1/radio");
    let folder = tempfile::tempdir().ok()?;
    let peer = Nginx::start(folder.path(), &fetch(&url, &cookie)?)?;
    let port = origin.rsplit(':').next()?.parse().ok()?;
    let us = SocketAddr::from(([127, 0, 0, 1], port));

    let handshakes = middle_of_ratios(|| Some(handshakes(us)), || Some(handshakes(peer.address)));
    let our_cookie = format!("Cookie: {cookie}");
    let their_cookie = format!("Cookie: {}", Nginx::COOKIE);
    let ours = || wrk(&url, &[&our_cookie]);
    let requests = middle_of_ratios(ours, || wrk(&peer.url(Nginx::PRIVATE_FILE), &[&their_cookie]));
    Some((handshakes, requests))
}

/// Returns how many clients a second come in, none of which was there before.
fn handshakes(at: SocketAddr) -> f64 {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Unchecked))
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    let config = Arc::new(config);
    let until = Instant::now() + ROUND;
    let clients = [(); N_CLIENTS].map(|()| {
        let config = Arc::clone(&config);
        thread::spawn(move || {
            let mut n_done = 0_u32;
            while Instant::now() < until {
                let mut client =
                    ClientConnection::new(Arc::clone(&config), "localhost".try_into().unwrap())
                        .unwrap();
                let mut stream = TcpStream::connect(at).unwrap();
                // Closed without a trace, or there would be no ports left.
                set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
                while client.is_handshaking() {
                    client.complete_io(&mut stream).unwrap();
                }
                n_done += 1;
            }
            n_done
        })
    });
    let n_done: u32 = clients.into_iter().map(|client| client.join().unwrap()).sum();
    f64::from(n_done) / ROUND.as_secs_f64()
}

/// Takes whatever is shown: it is the server that is measured.
#[derive(Debug)]
struct Unchecked;

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let provider: CryptoProvider = ring::default_provider();
        provider.signature_verification_algorithms.supported_schemes()
    }
}
