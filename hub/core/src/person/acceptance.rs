//! The acceptance of an invitation and its answer: one message each way, both safe to repeat.

use super::{
    Invitation, IssuedInvitation, Link, LinkSecret, Manner, Pact, PactId, SignedPact, Verified, establish,
    pact::{ACCEPTER, INVITER, Signed, name},
};
use crate::{
    id::{DeviceId, Hash, PersonId, PublicKey},
    identity::{
        SigningKey, clean_name,
        roster::{ROSTER_ENTRIES_MAX, Roster},
    },
    limits::{FRAME_BYTES_MAX, NAME_CHARS_MAX},
    msgpack,
    pairing::{LINK_ADDRESSES_MAX, bounded_addresses},
    replica::Edit,
};
use core::net::SocketAddr;
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use std::fmt;

/// Why two persons do not become linked. A closed list, sent as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefusal {
    /// Expired, withdrawn, never made here, or not for this person: which one is not told.
    #[error("the invitation is used up or too old: ask for a new one")]
    Spent,
    /// Somebody's signature, proof or roster is wrong, or the message is none.
    #[error("the other side's answer does not belong to this invitation")]
    Forged,
    /// It is an invitation of one's own.
    #[error("this invitation is your own: give it to somebody else")]
    Own,
    /// I blocked this person; they are told [`Self::Spent`].
    #[error("you blocked this person: unblock them first")]
    Blocked,
}

impl LinkRefusal {
    /// The message that tells the other side.
    pub fn encode(self) -> Vec<u8> {
        msgpack::write(&Message::Refused)
    }
}

/// What one side says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introduction {
    /// The roster's entries, as they were signed.
    #[serde(rename = "r")]
    pub roster: Vec<ByteBuf>,
    /// What the person is called; empty if they would rather not say.
    #[serde(rename = "n")]
    pub name: String,
    /// Where the device that speaks listens.
    #[serde(rename = "a")]
    pub addresses: Vec<SocketAddr>,
}

impl Introduction {
    /// What this device says of its person.
    pub fn of(roster: &Roster, name: &str, addresses: Vec<SocketAddr>) -> Self {
        let roster = roster.entries().map(|entry| ByteBuf::from(entry.to_vec())).collect();
        Self { roster, name: clean_name(name, NAME_CHARS_MAX), addresses }.bounded()
    }

    fn bounded(mut self) -> Self {
        self.name = clean_name(&self.name, NAME_CHARS_MAX);
        self.addresses = bounded_addresses(self.addresses, LINK_ADDRESSES_MAX);
        self
    }

    /// The roster that it shows; `None` if an entry is not one.
    fn read_roster(&self, person: PersonId) -> Option<Roster> {
        if self.roster.len() > ROSTER_ENTRIES_MAX {
            return None;
        }
        let mut roster = Roster::new(person);
        for entry in &self.roster {
            roster.insert(entry).ok()?;
        }
        Some(roster)
    }
}

#[derive(Serialize, Deserialize)]
enum Message {
    #[serde(rename = "a")]
    Acceptance {
        #[serde(rename = "p", with = "serde_bytes")]
        statement: Vec<u8>,
        #[serde(rename = "b")]
        by: Signed,
        #[serde(rename = "m", with = "serde_bytes")]
        proof: [u8; 32],
        #[serde(rename = "i")]
        introduction: Introduction,
    },
    #[serde(rename = "y")]
    Answer {
        #[serde(rename = "b")]
        by: Signed,
        #[serde(rename = "i")]
        introduction: Introduction,
    },
    #[serde(rename = "x")]
    Refused,
}

impl Message {
    fn decode(bytes: &[u8]) -> Option<Self> {
        (bytes.len() <= FRAME_BYTES_MAX).then(|| msgpack::read(bytes).ok()).flatten()
    }
}

/// An acceptance that waits for its answer. It is durable before it is sent, and lives on the device that made it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingAcceptance {
    #[serde(rename = "p", with = "serde_bytes")]
    statement: Vec<u8>,
    #[serde(rename = "b")]
    by: Signed,
    #[serde(rename = "m", with = "serde_bytes")]
    proof: [u8; 32],
    #[serde(rename = "k")]
    key: Hash,
    #[serde(rename = "e")]
    epoch: u64,
    #[serde(rename = "d")]
    server_name: String,
    #[serde(rename = "a")]
    addresses: Vec<SocketAddr>,
}

impl fmt::Debug for PendingAcceptance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PendingAcceptance({:?})", name(&self.statement))
    }
}

impl PendingAcceptance {
    /// Accepts an invitation as `device` of `me`. `link` is what is known of a link to the inviter.
    ///
    /// # Errors
    ///
    /// The invitation is one's own or too old, or the inviter is blocked.
    pub fn new(
        invitation: &Invitation,
        (me, device, key): (PersonId, DeviceId, &SigningKey),
        link: Option<&Link>,
        now_ms: i64,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Self, LinkRefusal> {
        if invitation.person == me {
            return Err(LinkRefusal::Own);
        }
        if link.is_some_and(|link| link.blocked) {
            return Err(LinkRefusal::Blocked);
        }
        if now_ms.div_euclid(1000) > invitation.expires_s {
            return Err(LinkRefusal::Spent);
        }
        let pact = Pact {
            inviter: invitation.person,
            accepter: me,
            invitation: invitation.hash(),
            face_to_face: invitation.manner == Manner::Shown,
            link_secret: LinkSecret::random(rng).bytes(),
        };
        let statement = msgpack::write(&pact);
        Ok(Self {
            by: Signed::new(key, device, ACCEPTER, &statement),
            proof: invitation.prove(&statement),
            statement,
            key: invitation.key,
            epoch: invitation.epoch,
            server_name: invitation.server_name(),
            addresses: invitation.addresses.clone(),
        })
    }

    /// The message for the inviter's device: the same pact however often it is asked for.
    pub fn message(&self, introduction: Introduction) -> Vec<u8> {
        msgpack::write(&Message::Acceptance {
            statement: self.statement.clone(),
            by: self.by.clone(),
            proof: self.proof,
            introduction,
        })
    }

    /// Where to dial, by which server name, and BLAKE3 of the only key to talk to.
    pub fn dial(&self) -> (&[SocketAddr], &str, Hash) {
        (&self.addresses, &self.server_name, self.key)
    }

    /// Takes the inviter's answer: what to write, in one transaction with forgetting this acceptance.
    ///
    /// # Errors
    ///
    /// The inviter refused, or somebody else answered.
    pub fn conclude(&self, answer: &[u8]) -> Result<Accepted, LinkRefusal> {
        let (by, introduction) = match Message::decode(answer) {
            Some(Message::Answer { by, introduction }) => (by, introduction.bounded()),
            Some(Message::Refused) => return Err(LinkRefusal::Spent),
            _ => return Err(LinkRefusal::Forged),
        };
        let pact: Pact = msgpack::read(&self.statement).map_err(|_| LinkRefusal::Forged)?;
        let roster = introduction.read_roster(pact.inviter).filter(|roster| roster.epoch() >= self.epoch);
        let roster = roster.filter(|roster| by.is_by(roster, INVITER, &self.statement)).ok_or(LinkRefusal::Forged)?;
        let speaker = by.device;
        let person = pact.inviter;
        let signed =
            SignedPact { pact, statement: self.statement.clone(), by_accepter: self.by.clone(), by_inviter: by };
        Ok(Accepted::new(person, signed, &roster, speaker, introduction, Vec::new()))
    }

    /// The pact that it is about.
    pub fn pact(&self) -> PactId {
        name(&self.statement)
    }

    /// Its bytes, for this device's own storage.
    pub fn encode(&self) -> Vec<u8> {
        msgpack::write(self)
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        msgpack::read(bytes).ok()
    }
}

/// Two persons are linked once this is written.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The other person.
    pub person: PersonId,
    /// The pact.
    pub pact: PactId,
    /// What they are called, as they say; fit to be shown.
    pub name: String,
    /// What to write, in one transaction.
    pub edits: Vec<Edit>,
    /// What to send once it is durable; empty on the accepter's side.
    pub answer: Vec<u8>,
}

impl Accepted {
    fn new(
        person: PersonId,
        signed: SignedPact,
        roster: &Roster,
        speaker: DeviceId,
        introduction: Introduction,
        answer: Vec<u8>,
    ) -> Self {
        let verified = if signed.pact.face_to_face { Verified::InPerson } else { Verified::No };
        let pact = signed.id();
        let at = (speaker, introduction.addresses);
        let edits = establish(person, &signed, roster, &introduction.name, verified, at);
        Self { person, pact, name: introduction.name, edits, answer }
    }
}

/// Looks at an acceptance as the device that made the invitation. `peer_tls` is the key that the other side proved in
/// the handshake; `links` knows the link to a person, if there is one. On success `issued` is used up, which must become
/// durable together with the edits, before the answer is sent.
///
/// # Errors
///
/// The invitation is spent, the message is forged, or the person is blocked (which they are not told).
pub fn consider(
    issued: &mut IssuedInvitation,
    acceptance: &[u8],
    peer_tls: &PublicKey,
    (me, device, key): (PersonId, DeviceId, &SigningKey),
    links: impl FnOnce(PersonId) -> Option<Link>,
    introduction: Introduction,
    now_ms: i64,
) -> Result<Accepted, LinkRefusal> {
    let Some(Message::Acceptance { statement, by, proof, introduction: theirs }) = Message::decode(acceptance) else {
        return Err(LinkRefusal::Forged);
    };
    let theirs = theirs.bounded();
    let pact: Pact = msgpack::read(&statement).map_err(|_| LinkRefusal::Forged)?;
    let face_to_face = issued.manner == Manner::Shown;
    let is_ours = pact.inviter == me && pact.invitation == issued.hash() && pact.face_to_face == face_to_face;
    // Comparing the hashes of BLAKE3 takes constant time.
    let is_proven = blake3::Hash::from(issued.prove(&statement)) == blake3::Hash::from(proof);
    if !is_ours || !is_proven {
        return Err(LinkRefusal::Forged);
    }
    if pact.accepter == me {
        return Err(LinkRefusal::Own);
    }
    let roster = theirs.read_roster(pact.accepter).filter(|roster| by.is_by(roster, ACCEPTER, &statement));
    let roster = roster.ok_or(LinkRefusal::Forged)?;
    if roster.device(by.device).is_none_or(|card| card.tls != *peer_tls) {
        return Err(LinkRefusal::Forged);
    }
    let (person, id) = (pact.accepter, name(&statement));
    match issued.used {
        Some(used) if used != (person, id) && !mutant!(InvitationReused) => return Err(LinkRefusal::Spent),
        None if now_ms > issued.expires_ms => return Err(LinkRefusal::Spent),
        _ => {}
    }
    if let Some(link) = links(person) {
        // Who was linked by it before the block hears the same answer again: else only one side would be.
        if link.blocked && issued.used != Some((person, id)) {
            return Err(LinkRefusal::Blocked);
        }
        // Linked by it, and ended since: the accepter hears that it is over, not a yes.
        if link.ended.contains_key(&id) {
            return Err(LinkRefusal::Spent);
        }
    }
    issued.used = Some((person, id));
    let speaker = by.device;
    let back = Signed::new(key, device, INVITER, &statement);
    let answer = msgpack::write(&Message::Answer { by: back.clone(), introduction });
    let signed = SignedPact { pact, statement, by_accepter: by, by_inviter: back };
    Ok(Accepted::new(person, signed, &roster, speaker, theirs, answer))
}
