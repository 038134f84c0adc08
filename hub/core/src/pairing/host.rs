//! The old device: holds the one live code, counts guesses, waits for the person.

use super::{
    APPROVAL_MS, Binding, PAIRING_MS, PAIRING_TRIES, PairingCode, PairingError, PairingLink, Refusal, Welcome, Words,
    keys::{Keys, Transcript, identities, password},
    message::{Message, decode_card, is_other_version},
};
use crate::{
    id::{Hash, PublicKey},
    identity::roster::DeviceCard,
};
use core::net::SocketAddr;
use rand_core::{CryptoRng, RngCore};
use spake2::{Ed25519Group, Spake2};
use zeroize::Zeroizing;

/// Open pairing: one code, shown as digits and as a link. It dies on success, after ten minutes and with the third
/// guess.
pub struct Host {
    code: PairingCode,
    secret: Zeroizing<[u8; 32]>,
    expires_ms: i64,
    tries_left: u8,
    used: bool,
}

/// One guest at the host, on one connection.
pub struct HostExchange {
    binding: Binding,
    state: State,
}

enum State {
    /// The guest must prove the code.
    Confirm(Keys),
    /// It did; now it says who it is.
    Card(Keys),
    /// It waits for the person, until this time.
    Asked { until_ms: i64 },
    /// Nothing is expected any more.
    Over,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostStep {
    /// Send these bytes to the guest. From here on the code is used up: pairing can be closed to others.
    Proven(Vec<u8>),
    /// Ask the person whether to add this device, with the words; then [`HostExchange::approve`] or
    /// [`HostExchange::refuse`].
    Ask {
        /// The new device. Its `tls` key is the one that the handshake proved.
        card: DeviceCard,
        /// The words that the new device shows as well.
        words: Words,
    },
}

impl Host {
    /// Opens pairing with a new code.
    pub fn open(now_ms: i64, rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut secret[..]);
        let (code, expires_ms) = (PairingCode::generate(rng), now_ms.saturating_add(PAIRING_MS));
        Self { code, secret, expires_ms, tries_left: PAIRING_TRIES, used: false }
    }

    /// The digits to show.
    pub fn code(&self) -> &PairingCode {
        &self.code
    }

    /// The link to show: `tls` is the one-time key that the host presents, the addresses those where it listens.
    pub fn link(&self, tls: &PublicKey, addresses: Vec<SocketAddr>) -> PairingLink {
        let key = Hash(*blake3::hash(&tls.0).as_bytes());
        PairingLink { key, expires_s: self.expires_ms.div_euclid(1000), addresses, secret: self.secret.clone() }
    }

    /// How long the code lives, in milliseconds; 0 if it is dead.
    pub fn left_ms(&self, now_ms: i64) -> i64 {
        if self.is_open(now_ms) { self.expires_ms.saturating_sub(now_ms).clamp(0, PAIRING_MS) } else { 0 }
    }

    /// How many guesses the code still stands.
    pub fn tries_left(&self) -> u8 {
        self.tries_left
    }

    /// Says whether another guest may try.
    pub fn is_open(&self, now_ms: i64) -> bool {
        self.is_live(now_ms) && self.tries_left > 0
    }

    /// Starts to answer a guest, which spends a guess whatever comes of it. Gives the bytes to send. If it is refused,
    /// the guest is told by [`Refusal::encode`].
    pub fn accept(
        &mut self,
        binding: Binding,
        hello: &[u8],
        now_ms: i64,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<(HostExchange, Vec<u8>), PairingError> {
        if is_other_version(hello) {
            return Err(Refusal::Version.into());
        }
        let Message::Hello { link, spake: guest_spake, .. } = Message::decode(hello)? else {
            return Err(PairingError::Hostile);
        };
        if !self.is_open(now_ms) {
            return Err(Refusal::Expired.into());
        }
        self.tries_left -= 1;
        let secret = if link { &self.secret[..] } else { self.code.digits().as_bytes() };
        let (guest, host) = identities();
        let (exchange, spake) =
            Spake2::<Ed25519Group>::start_b_with_rng(&password(link, secret), &guest, &host, &mut *rng);
        let shared = Zeroizing::new(exchange.finish(&guest_spake).map_err(|_| PairingError::Hostile)?);
        let transcript = Transcript { binding: &binding, link, guest_spake: &guest_spake, host_spake: &spake };
        let keys = Keys::derive(&shared, &transcript);
        Ok((HostExchange { binding, state: State::Confirm(keys) }, Message::Reply { spake }.encode()))
    }

    fn is_live(&self, now_ms: i64) -> bool {
        !self.used && now_ms < self.expires_ms
    }
}

impl HostExchange {
    /// Takes the guest's next message. After an error the exchange is over.
    pub fn handle(&mut self, host: &mut Host, message: &[u8], now_ms: i64) -> Result<HostStep, PairingError> {
        match (std::mem::replace(&mut self.state, State::Over), Message::decode(message)?) {
            (State::Confirm(keys), Message::Confirm { mac }) => {
                if !host.is_live(now_ms) {
                    return Err(Refusal::Expired.into());
                }
                if keys.guest_mac() != blake3::Hash::from_bytes(mac) {
                    return Err(Refusal::WrongCode.into());
                }
                host.used = true;
                let confirm = Message::Confirm { mac: *keys.host_mac().as_bytes() }.encode();
                self.state = State::Card(keys);
                Ok(HostStep::Proven(confirm))
            }
            (State::Card(keys), Message::Card { card: bytes, mac }) => {
                let card = decode_card(&bytes)?;
                // The card must name the key that the guest proved in this handshake, not one it only speaks of.
                if keys.card_mac(&bytes) != blake3::Hash::from_bytes(mac) || card.tls != self.binding.guest_tls {
                    return Err(PairingError::Hostile);
                }
                self.state = State::Asked { until_ms: now_ms.saturating_add(APPROVAL_MS) };
                Ok(HostStep::Ask { card, words: keys.words() })
            }
            _ => Err(PairingError::Hostile),
        }
    }

    /// The person said yes: gives the bytes to send, the first that tell anything about the book. Too late a yes, or
    /// one that nobody asked for, is an error.
    pub fn approve(self, welcome: Welcome, now_ms: i64) -> Result<Vec<u8>, PairingError> {
        match self.state {
            State::Asked { until_ms } if now_ms < until_ms => Ok(Message::Welcome(Box::new(welcome)).encode()),
            _ => Err(Refusal::Expired.into()),
        }
    }

    /// The person said no: gives the bytes to send.
    pub fn refuse(self) -> Vec<u8> {
        Refusal::Refused.encode()
    }
}
