//! The statement that both persons sign (rule 4.1/4).

use super::{LINK_SECRET_BYTES, LinkSecret, PactId};
use crate::{
    id::{DeviceId, Hash, PersonId},
    identity::{Domain, SIGNATURE_BYTES, SigningKey, roster::Roster, sign, verify},
    msgpack,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the two agree on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pact {
    /// Who invited.
    #[serde(rename = "i")]
    pub inviter: PersonId,
    /// Who accepted.
    #[serde(rename = "a")]
    pub accepter: PersonId,
    /// BLAKE3 of the invitation's secret.
    #[serde(rename = "h")]
    pub invitation: Hash,
    /// The invitation was read off the inviter's screen.
    #[serde(rename = "f", default)]
    pub face_to_face: bool,
    /// L, drawn by the accepter.
    #[serde(rename = "l", with = "serde_bytes")]
    pub(super) link_secret: [u8; LINK_SECRET_BYTES],
}

impl fmt::Debug for Pact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pact").field("inviter", &self.inviter).field("accepter", &self.accepter).finish_non_exhaustive()
    }
}

impl Pact {
    /// L as the pact says it.
    pub(super) fn secret(&self) -> LinkSecret {
        LinkSecret::first(self.link_secret)
    }

    /// Which of the two this person is not.
    pub fn other(&self, me: PersonId) -> PersonId {
        if self.inviter == me { self.accepter } else { self.inviter }
    }
}

/// One side's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Signed {
    #[serde(rename = "d")]
    pub(super) device: DeviceId,
    #[serde(rename = "s", with = "serde_bytes")]
    pub(super) signature: [u8; SIGNATURE_BYTES],
}

impl Signed {
    /// Signs a statement as the inviter or the accepter.
    pub(super) fn new(key: &SigningKey, device: DeviceId, role: &[u8], statement: &[u8]) -> Self {
        Self { device, signature: sign(key, Domain::Link, &[role, statement]) }
    }

    /// Whether a device of this roster signed the statement in that role.
    pub(super) fn is_by(&self, roster: &Roster, role: &[u8], statement: &[u8]) -> bool {
        let card = roster.device(self.device);
        card.is_some_and(|card| verify(&card.sign, Domain::Link, &[role, statement], &self.signature))
    }
}

/// A pact with both signatures, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedPact {
    /// What was signed.
    pub pact: Pact,
    pub(super) statement: Vec<u8>,
    pub(super) by_accepter: Signed,
    pub(super) by_inviter: Signed,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(rename = "p", with = "serde_bytes")]
    statement: Vec<u8>,
    #[serde(rename = "a")]
    by_accepter: Signed,
    #[serde(rename = "i")]
    by_inviter: Signed,
}

impl SignedPact {
    /// The pact's name.
    pub fn id(&self) -> PactId {
        name(&self.statement)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        msgpack::write(&Kept {
            statement: self.statement.clone(),
            by_accepter: self.by_accepter.clone(),
            by_inviter: self.by_inviter.clone(),
        })
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let Kept { statement, by_accepter, by_inviter } = msgpack::read(bytes).ok()?;
        Some(Self { pact: msgpack::read(&statement).ok()?, statement, by_accepter, by_inviter })
    }
}

/// The name of a statement.
pub(super) fn name(statement: &[u8]) -> PactId {
    let mut id = [0; 16];
    id.copy_from_slice(&blake3::hash(statement).as_bytes()[..16]);
    PactId(id)
}

pub(super) const ACCEPTER: &[u8] = b"accepter";
pub(super) const INVITER: &[u8] = b"inviter";
