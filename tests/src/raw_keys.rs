//! TLS with raw Ed25519 keys on both sides (RFC 7250), for what speaks QUIC below or beside the product's transport:
//! hostile peers and the floors of benchmarks.

use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, PeerIncompatible, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls13_signature_with_raw_key},
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
    server::danger::{ClientCertVerified, ClientCertVerifier},
    sign::CertifiedKey,
};
use std::sync::Arc;

/// Makes the key to show from an Ed25519 seed.
pub(crate) fn certified(seed: &[u8; 32]) -> Arc<CertifiedKey> {
    let key = [PKCS8_PREFIX.as_slice(), seed].concat();
    let signer = ring::sign::any_eddsa_type(&PrivatePkcs8KeyDer::from(key.as_slice())).expect("a seed is a key");
    let public = signer.public_key().expect("an Ed25519 key has a public half").as_ref().to_vec();
    Arc::new(CertifiedKey::new(vec![CertificateDer::from(public)], signer))
}

/// Shows the key of one seed, but signs with another: what an impostor would have.
pub(crate) fn impostor(shown: &[u8; 32], own: &[u8; 32]) -> Arc<CertifiedKey> {
    Arc::new(CertifiedKey::new(certified(shown).cert.clone(), certified(own).key.clone()))
}

/// Which key the other side may show. It must prove in any case that it has it.
#[derive(Debug)]
pub(crate) struct Trust {
    pub(crate) provider: Arc<CryptoProvider>,
    pin: Option<CertificateDer<'static>>,
}

impl Trust {
    /// Whatever key the other side has.
    pub(crate) fn any() -> Self {
        Self { provider: Arc::new(ring::default_provider()), pin: None }
    }

    /// This key only.
    pub(crate) fn only(key: &CertifiedKey) -> Self {
        Self { pin: key.cert.first().cloned(), ..Self::any() }
    }

    fn check(&self, shown: &CertificateDer<'_>) -> Result<(), Error> {
        let foreign = self.pin.as_ref().is_some_and(|pin| pin != shown);
        if foreign { Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) } else { Ok(()) }
    }
}

macro_rules! signature_checks {
    () => {
        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Err(PeerIncompatible::Tls12NotOffered.into())
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            key: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let (key, known) =
                (SubjectPublicKeyInfoDer::from(key.as_ref()), &self.provider.signature_verification_algorithms);
            verify_tls13_signature_with_raw_key(message, &key, signature, known)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            vec![SignatureScheme::ED25519]
        }

        fn requires_raw_public_keys(&self) -> bool {
            true
        }
    };
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(shown).map(|()| ServerCertVerified::assertion())
    }

    signature_checks!();
}

impl ClientCertVerifier for Trust {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.check(shown).map(|()| ClientCertVerified::assertion())
    }

    signature_checks!();
}

/// What stands before the 32 bytes of an Ed25519 seed in PKCS#8 (RFC 8410 section 7).
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
