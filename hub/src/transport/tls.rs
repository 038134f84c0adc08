//! Who is at the other end: raw Ed25519 public keys in TLS 1.3, on both sides (RFC 7250), each checked by its
//! signature.
//!
//! A server shows its key only to a client that dials a name it expects, and takes only clients whose key it trusts.
//! While pairing is open it shows a one-time key to the pairing name, and takes any client there; at the name of an open
//! invitation it shows its own, and takes any client too. No tickets, no early data.

use super::{ALPN, Entrance, Error};
use kith_core::{
    id::{Hash, PublicKey},
    lan::PAIRING_NAME,
};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, SignatureScheme,
    client::{
        AlwaysResolvesClientRawPublicKeys, Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls13_signature_with_raw_key},
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
    server::{
        ClientHello, NoServerSessionStorage, ResolvesServerCert,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    sign::CertifiedKey,
};
use std::{
    collections::BTreeSet,
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
};
use zeroize::Zeroizing;

/// What stands before the 32 bytes of an Ed25519 seed in PKCS#8 (RFC 8410 section 7).
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
/// What stands before the 32 bytes of an Ed25519 key in SubjectPublicKeyInfo (RFC 8410 section 4).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A key that a side of a connection proves itself with.
#[derive(Clone)]
pub struct TlsKey {
    certified: Arc<CertifiedKey>,
    public: PublicKey,
}

impl TlsKey {
    /// Makes the key from its 32 secret bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, Error> {
        let der = Zeroizing::new([PKCS8_PREFIX.as_slice(), seed].concat());
        let signer = ring::sign::any_eddsa_type(&PrivatePkcs8KeyDer::from(der.as_slice())).map_err(|_| Error::Key)?;
        let spki = signer.public_key().ok_or(Error::Key)?.as_ref().to_vec();
        let public = raw_key(&spki).ok_or(Error::Key)?;
        Ok(Self { certified: Arc::new(CertifiedKey::new(vec![CertificateDer::from(spki)], signer)), public })
    }

    /// Shows this public key, but signs with the other's secret half: what an impostor would have.
    #[cfg(test)]
    pub(super) fn signed_by(&self, other: &Self) -> Self {
        let certified = CertifiedKey::new(self.certified.cert.clone(), other.certified.key.clone());
        Self { certified: Arc::new(certified), public: self.public }
    }

    /// The public half, raw.
    pub fn public(&self) -> PublicKey {
        self.public
    }
}

impl fmt::Debug for TlsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TlsKey").field(&self.public).finish()
    }
}

/// Which key the dialled side must prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// One of these devices.
    OneOf(BTreeSet<PublicKey>),
    /// The one-time key with this BLAKE3 hash, as a pairing link names it.
    Hash(Hash),
    /// Any: for pairing by digits, where SPAKE2 proves both sides afterwards.
    Any,
}

impl Expect {
    fn accepts(&self, key: &PublicKey) -> bool {
        match self {
            Self::OneOf(keys) => keys.contains(key),
            Self::Hash(hash) => *blake3::hash(&key.0).as_bytes() == hash.0,
            Self::Any => true,
        }
    }
}

/// What the server end goes by; changed while it runs.
#[derive(Default)]
pub(super) struct Policy {
    pub(super) trusted: BTreeSet<PublicKey>,
    pub(super) names: BTreeSet<String>,
    pub(super) pairing: Option<TlsKey>,
    /// The names of open invitations.
    pub(super) invitations: BTreeSet<String>,
}

/// The policy, shared with every handshake.
pub(super) type SharedPolicy = Arc<RwLock<Policy>>;

/// Reads the policy. Nothing panics while it is held, so a poisoned lock holds good data.
pub(super) fn read(policy: &SharedPolicy) -> std::sync::RwLockReadGuard<'_, Policy> {
    policy.read().unwrap_or_else(PoisonError::into_inner)
}

/// The raw key in a SubjectPublicKeyInfo, if that is an Ed25519 key and nothing else.
pub(super) fn raw_key(spki: &[u8]) -> Option<PublicKey> {
    spki.strip_prefix(&SPKI_PREFIX).and_then(PublicKey::from_slice)
}

/// The TLS side of a dialled connection, and a flag that says whether it was we who found the key wrong.
pub(super) fn client_config(own: &TlsKey, expect: Expect) -> Result<(rustls::ClientConfig, Arc<AtomicBool>), Error> {
    let provider = Arc::new(ring::default_provider());
    let foreign = Arc::new(AtomicBool::new(false));
    let verifier = ServerKey { expect, foreign: foreign.clone(), provider: provider.clone() };
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|_| Error::Key)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(own.certified.clone())));
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.resumption = Resumption::disabled();
    Ok((config, foreign))
}

/// Where a connection came in, as far as TLS has found out.
#[derive(Clone, Debug, Default)]
pub(super) struct CameIn(Arc<AtomicU8>);

impl CameIn {
    fn set(&self, entrance: Entrance) {
        self.0.store(entrance as u8, Ordering::Release);
    }

    /// By which entrance.
    pub(super) fn entrance(&self) -> Entrance {
        let number = self.0.load(Ordering::Acquire);
        [Entrance::Pairing, Entrance::Invited].into_iter().find(|e| *e as u8 == number).unwrap_or(Entrance::Trusted)
    }
}

/// The TLS side of one connection that came in, made for it alone, and by which entrance it came.
pub(super) fn server_config(own: &TlsKey, policy: &SharedPolicy) -> Result<(rustls::ServerConfig, CameIn), Error> {
    let provider = Arc::new(ring::default_provider());
    let came_in = CameIn::default();
    let verifier = ClientKey { policy: policy.clone(), came_in: came_in.clone(), provider: provider.clone() };
    let resolver = KeyByName { own: own.clone(), policy: policy.clone(), came_in: came_in.clone() };
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|_| Error::Key)?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_cert_resolver(Arc::new(resolver));
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok((config, came_in))
}

/// Shows the key that belongs to the name that was dialled, or none.
struct KeyByName {
    own: TlsKey,
    policy: SharedPolicy,
    came_in: CameIn,
}

impl fmt::Debug for KeyByName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyByName")
    }
}

impl ResolvesServerCert for KeyByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let policy = read(&self.policy);
        match hello.server_name()? {
            PAIRING_NAME => {
                self.came_in.set(Entrance::Pairing);
                policy.pairing.as_ref().map(|key| key.certified.clone())
            }
            name if policy.invitations.contains(name) => {
                self.came_in.set(Entrance::Invited);
                Some(self.own.certified.clone())
            }
            name => policy.names.contains(name).then(|| self.own.certified.clone()),
        }
    }

    fn only_raw_public_keys(&self) -> bool {
        true
    }
}

/// Judges the server's key at the client.
struct ServerKey {
    expect: Expect,
    foreign: Arc<AtomicBool>,
    provider: Arc<CryptoProvider>,
}

/// Judges the client's key at the server. TLS resolves the name before it asks for this.
struct ClientKey {
    policy: SharedPolicy,
    came_in: CameIn,
    provider: Arc<CryptoProvider>,
}

/// The alert `unknown_ca` tells the other side that its key is not trusted here.
const NOT_TRUSTED: rustls::Error = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);

/// The checks of signatures, alike on both sides: really made, over a raw key, by TLS 1.3 with Ed25519 only.
macro_rules! signature_checks {
    () => {
        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            Err(rustls::PeerIncompatible::Tls12NotOffered.into())
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            key: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            let algorithms = &self.provider.signature_verification_algorithms;
            let key = SubjectPublicKeyInfoDer::from(key.as_ref());
            verify_tls13_signature_with_raw_key(message, &key, signature, algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            vec![SignatureScheme::ED25519]
        }

        fn requires_raw_public_keys(&self) -> bool {
            true
        }
    };
}

impl ServerCertVerifier for ServerKey {
    fn verify_server_cert(
        &self,
        key: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if raw_key(key).is_some_and(|key| self.expect.accepts(&key)) {
            return Ok(ServerCertVerified::assertion());
        }
        self.foreign.store(true, Ordering::Release);
        Err(NOT_TRUSTED)
    }

    signature_checks!();
}

impl ClientCertVerifier for ClientKey {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        key: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let anybody = self.came_in.entrance() != Entrance::Trusted;
        let accepted = raw_key(key).is_some_and(|key| anybody || read(&self.policy).trusted.contains(&key));
        if accepted { Ok(ClientCertVerified::assertion()) } else { Err(NOT_TRUSTED) }
    }

    signature_checks!();
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey")
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientKey")
    }
}
