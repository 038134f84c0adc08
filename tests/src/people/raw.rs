//! QUIC below the product's transport, for what a healthy transport would never send.

use kith_hub::transport::ALPN;
use quinn::{ConnectionError, Endpoint, crypto::rustls::QuicClientConfig};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::{
        AlwaysResolvesClientRawPublicKeys,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls13_signature_with_raw_key},
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
    sign::CertifiedKey,
};
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
        let provider = Arc::new(ring::default_provider());
        let key = [PKCS8_PREFIX.as_slice(), &self.seed].concat();
        let signer = ring::sign::any_eddsa_type(&PrivatePkcs8KeyDer::from(key.as_slice())).expect("a seed is a key");
        let spki = signer.public_key().expect("an Ed25519 key has a public half").as_ref().to_vec();
        let certified = Arc::new(CertifiedKey::new(vec![CertificateDer::from(spki)], signer));
        let mut tls = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("the provider knows TLS 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyKey(provider)))
            .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(certified)));
        tls.alpn_protocols = vec![self.alpn.clone()];
        let tls = QuicClientConfig::try_from(tls).expect("TLS 1.3 serves QUIC");
        let endpoint = Endpoint::client(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let connecting =
            endpoint.connect_with(quinn::ClientConfig::new(Arc::new(tls)), self.address, &self.server_name);
        let connection = connecting.expect("the address can be dialled").await?;
        Ok((endpoint, connection))
    }
}

/// Takes whatever key the other side proves to have.
#[derive(Debug)]
struct AnyKey(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyKey {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(rustls::PeerIncompatible::Tls12NotOffered.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = SubjectPublicKeyInfoDer::from(key.as_ref());
        verify_tls13_signature_with_raw_key(message, &key, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

/// What stands before the 32 bytes of an Ed25519 seed in PKCS#8 (RFC 8410 section 7).
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
