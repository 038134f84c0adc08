//! The new device: proves the code, says who it is, waits to be let in.

use super::{
    Binding, PAIRING_VERSION, PairingError, PairingSecret, Refusal, Welcome, Words,
    keys::{Keys, Transcript, identities, password},
    message::{Message, encode_card},
};
use crate::identity::roster::{DeviceCard, Roster};
use rand_core::{CryptoRng, RngCore};
use spake2::{Ed25519Group, Spake2};
use zeroize::Zeroizing;

/// A new device on its way in.
pub struct Guest {
    binding: Binding,
    card: DeviceCard,
    state: State,
}

enum State {
    /// The host must answer the hello.
    Reply { exchange: Box<Spake2<Ed25519Group>>, spake: Vec<u8>, link: bool },
    /// The host must prove the code.
    Confirm(Keys),
    /// A person at the host decides.
    Asked,
    /// Nothing is expected any more.
    Over,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuestStep {
    /// Send these bytes to the host.
    Send(Vec<u8>),
    /// Send these bytes, and show the words while the person at the host decides.
    Show {
        /// To the host.
        send: Vec<u8>,
        /// The words that the host shows as well.
        words: Words,
    },
    /// This device is in. The roster holds it.
    Joined {
        /// What the host handed over.
        welcome: Box<Welcome>,
        /// The roster made of the welcome's entries.
        roster: Box<Roster>,
    },
}

impl Guest {
    /// Starts with what the person typed or scanned; gives the bytes to send first. The card's `tls` key must be the
    /// one that this device proves in the handshake.
    pub fn start(
        secret: &PairingSecret,
        binding: Binding,
        card: DeviceCard,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> (Self, Vec<u8>) {
        let (link, secret) = match secret {
            PairingSecret::Code(code) => (false, code.digits().as_bytes()),
            PairingSecret::Link(link) => (true, &link.secret[..]),
        };
        let (guest, host) = identities();
        let (exchange, spake) =
            Spake2::<Ed25519Group>::start_a_with_rng(&password(link, secret), &guest, &host, &mut *rng);
        let hello = Message::Hello { version: PAIRING_VERSION, link, spake: spake.clone() }.encode();
        (Self { binding, card, state: State::Reply { exchange: Box::new(exchange), spake, link } }, hello)
    }

    /// Takes the host's next message. After an error, or once joined, the pairing is over.
    pub fn handle(&mut self, message: &[u8]) -> Result<GuestStep, PairingError> {
        match (std::mem::replace(&mut self.state, State::Over), Message::decode(message)?) {
            (State::Reply { exchange, spake, link }, Message::Reply { spake: host_spake }) => {
                let shared = Zeroizing::new(exchange.finish(&host_spake).map_err(|_| PairingError::Hostile)?);
                let transcript =
                    Transcript { binding: &self.binding, link, guest_spake: &spake, host_spake: &host_spake };
                let keys = Keys::derive(&shared, &transcript);
                let confirm = Message::Confirm { mac: *keys.guest_mac().as_bytes() }.encode();
                self.state = State::Confirm(keys);
                Ok(GuestStep::Send(confirm))
            }
            (State::Confirm(keys), Message::Confirm { mac }) => {
                if keys.host_mac() != blake3::Hash::from_bytes(mac) {
                    return Err(Refusal::WrongCode.into());
                }
                let card = encode_card(&self.card);
                let mac = *keys.card_mac(&card).as_bytes();
                self.state = State::Asked;
                Ok(GuestStep::Show { send: Message::Card { card, mac }.encode(), words: keys.words() })
            }
            (State::Asked, Message::Welcome(welcome)) => {
                let roster = self.check(&welcome).ok_or(PairingError::Hostile)?;
                Ok(GuestStep::Joined { welcome, roster: Box::new(roster) })
            }
            _ => Err(PairingError::Hostile),
        }
    }

    /// The welcome's roster, if every entry is good and this device is in it with its own keys.
    fn check(&self, welcome: &Welcome) -> Option<Roster> {
        let mut roster = Roster::new(welcome.person);
        for entry in &welcome.roster {
            roster.insert(entry).ok()?;
        }
        let own = roster.device(self.card.id)?;
        (own.sign == self.card.sign && own.tls == self.card.tls).then_some(roster)
    }
}
