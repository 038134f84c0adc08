//! QUIC below the product's transport, for what a healthy transport would never send.

use crate::raw_keys::{Trust, impostor};
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
    /// The secret half of the key to sign with; an impostor has not the one that belongs to the key it shows.
    pub signing_seed: [u8; 32],
    /// The name to ask for.
    pub server_name: String,
    /// The protocol to speak.
    pub alpn: Vec<u8>,
}

impl RawDial {
    /// The product's own protocol.
    pub fn new(address: SocketAddr, seed: [u8; 32], server_name: &str) -> Self {
        Self { address, seed, signing_seed: seed, server_name: server_name.to_owned(), alpn: ALPN.to_vec() }
    }

    /// Makes the handshake with whatever key answers. Must be called within a tokio runtime. The endpoint lives as long as
    /// the connection is to live.
    pub async fn connect(&self) -> Result<(Endpoint, quinn::Connection), ConnectionError> {
        let endpoint = Endpoint::client(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let connecting = endpoint.connect_with(self.config(), self.address, &self.server_name);
        let connection = connecting.expect("the address can be dialled").await?;
        Ok((endpoint, connection))
    }

    /// Connects twice and says whether it may send data in the second handshake before that is done (0-RTT), as it may
    /// where the first one left it a ticket.
    pub async fn resumes(&self) -> Result<bool, ConnectionError> {
        let endpoint = Endpoint::client(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let config = self.config();
        let dial = || endpoint.connect_with(config.clone(), self.address, &self.server_name);
        let first = dial().expect("the address can be dialled").await?;
        let (mut send, mut recv) = first.open_bi().await?;
        // The greeting that comes back lies behind any ticket.
        let greeting = [1, 0, 0, 0, 0, 0];
        send.write_all(&greeting).await.expect("the connection stands");
        let mut heard = [0; 6];
        recv.read_exact(&mut heard).await.expect("a greeting comes back");
        first.close(0_u32.into(), b"");
        Ok(dial().expect("the address can be dialled").into_0rtt().is_ok())
    }

    fn config(&self) -> quinn::ClientConfig {
        let key = impostor(&self.seed, &self.signing_seed);
        let trust = Trust::any();
        let mut tls = ClientConfig::builder_with_provider(Arc::clone(&trust.provider))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("the provider knows TLS 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(trust))
            .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(key)));
        tls.alpn_protocols = vec![self.alpn.clone()];
        tls.enable_early_data = true;
        quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).expect("TLS 1.3 serves QUIC")))
    }
}
