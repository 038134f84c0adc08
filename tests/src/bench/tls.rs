//! TLS for the bare QUIC that floors are measured with: one fixed key on both sides.

use super::Result;
use crate::raw_keys::{Trust, certified};
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use rustls::{
    client::{AlwaysResolvesClientRawPublicKeys, Resumption},
    server::AlwaysResolvesServerRawPublicKeys,
    version::TLS13,
};
use std::sync::Arc;

/// The name that the client dials.
pub(super) const NAME: &str = "floor";

/// The server's configuration.
pub(super) fn server() -> Result<quinn::ServerConfig> {
    let key = certified(&SEED);
    let trust = Trust::only(&key);
    let mut config = rustls::ServerConfig::builder_with_provider(trust.provider.clone())
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(Arc::new(trust))
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(key)));
    config.send_tls13_tickets = 0;
    Ok(quinn::ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(config)?)))
}

/// The client's configuration; nothing is resumed.
pub(super) fn client() -> Result<quinn::ClientConfig> {
    let key = certified(&SEED);
    let trust = Trust::only(&key);
    let mut config = rustls::ClientConfig::builder_with_provider(trust.provider.clone())
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(trust))
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(key)));
    config.resumption = Resumption::disabled();
    Ok(quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(config)?)))
}

/// The key's secret half.
const SEED: [u8; 32] = [7; 32];
