//! QUIC below the product's transport, for what a healthy transport would never send.

use crate::raw_keys::{Trust, certified};
use kith_hub::transport::ALPN;
use quinn::{ConnectionError, Endpoint, crypto::rustls::QuicClientConfig};
use rustls::{ClientConfig, client::AlwaysResolvesClientRawPublicKeys};
use std::{net::SocketAddr, sync::Arc};

/// How to dial.
#[derive(Clone, Debug)]
pub struct RawDial {
    /// Where.
    pub address: SocketAddr,
    /// The secret half of the key to show.
    pub seed: [u8; 32],
    /// The name to ask for.
    pub server_name: String,
    /// The protocol to speak.
    pub alpn: Vec<u8>,
}

impl RawDial {
    /// The product's own protocol.
    pub fn new(address: SocketAddr, seed: [u8; 32], server_name: &str) -> Self {
        Self { address, seed, server_name: server_name.to_owned(), alpn: ALPN.to_vec() }
    }

    /// Makes the handshake with whatever key answers. Must be called within a tokio runtime. The endpoint lives as long as
    /// the connection is to live.
    pub async fn connect(&self) -> Result<(Endpoint, quinn::Connection), ConnectionError> {
        let trust = Trust::any();
        let mut tls = ClientConfig::builder_with_provider(Arc::clone(&trust.provider))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("the provider knows TLS 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(trust))
            .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(certified(&self.seed))));
        tls.alpn_protocols = vec![self.alpn.clone()];
        let tls = QuicClientConfig::try_from(tls).expect("TLS 1.3 serves QUIC");
        let endpoint = Endpoint::client(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let connecting =
            endpoint.connect_with(quinn::ClientConfig::new(Arc::new(tls)), self.address, &self.server_name);
        let connection = connecting.expect("the address can be dialled").await?;
        Ok((endpoint, connection))
    }
}
