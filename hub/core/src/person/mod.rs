//! Linked persons: how two persons become linked, what is kept of a link, and how it ends (rule 4.1/4, section 5).
//!
//! ```text
//! inviter                            accepter
//! Invitation ............ link, QR code, file ......>   one use, seven days
//!            <- Acceptance (signed pact, roster, proof of the invitation's secret)
//! writes the link, then
//! Answer (the pact signed back, roster) ->
//!                                     writes the link
//! ```
//!
//! A *pact* is the statement that both sign: both person ids, the hash of the invitation's secret, and L. The accepter
//! keeps its acceptance on disk before it sends it, and sends the same bytes until they are answered; the inviter answers
//! the same acceptance the same way however often it comes. So a crash at any step leaves "not linked" or "linked" on
//! both sides once they talk again.
//!
//! A link is an entity of the personal book, named after the other person. It is live while one of its pacts has not been
//! ended: ending names every pact that this device knows, so that an old "ended" says nothing about a newer pact, and a
//! removal that meets an edit wins. What concerns safety is read with care where own devices disagree: blocked by one is
//! blocked. Blocking and muting are two things, and neither is told.

mod acceptance;
mod candidates;
mod edits;
mod invitation;
mod pact;
mod secrets;
#[cfg(test)]
pub(crate) mod tests;
mod words;

pub use acceptance::{Accepted, Introduction, LinkRefusal, PendingAcceptance, consider};
pub use candidates::{Candidate, Known, Likeness, Looks, candidates, lookalikes};
pub use edits::{
    attach, end, establish, keep_addresses, keep_roster, place, rename, renew_secret, set_blocked, set_household,
    set_muted, verify,
};
pub use invitation::{INVITATION_MS, InvalidInvitation, Invitation, IssuedInvitation, Manner, SHOWN_MS};
pub use pact::{Pact, SignedPact};
pub use secrets::{LINK_SECRET_BYTES, LinkSecret};
pub use words::{PersonWords, words};

use crate::{
    book,
    entity::Entity,
    id::{DeviceId, EntityId, PersonId, derived},
    identity::roster::Roster,
    msgpack,
    path::{Path, Segment},
};
use core::net::SocketAddr;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The link to a person: every own device means the same, and linking again resumes it.
pub fn id(person: PersonId) -> EntityId {
    EntityId(derived("kith 2026 link", &[&person.0]))
}

/// Names a pact: the hash of its statement, shortened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PactId(#[serde(with = "serde_bytes")] pub [u8; 16]);

/// How sure I am that the link is to whom I think.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verified {
    /// An invitation that travelled as a link or file.
    #[default]
    No,
    /// The words were compared.
    Words,
    /// The invitation was read off the other's screen within ten minutes.
    InPerson,
}

impl Verified {
    /// The word for it, as it is kept.
    pub fn word(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Words => "words",
            Self::InPerson => "in-person",
        }
    }

    fn of(word: &str) -> Self {
        match word {
            "words" => Self::Words,
            "in-person" => Self::InPerson,
            _ => Self::No,
        }
    }
}

/// When and by whom a pact was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// By this person, not by the other.
    #[serde(rename = "m")]
    pub by_me: bool,
    /// When, in milliseconds since 1970.
    #[serde(rename = "t")]
    pub at_ms: i64,
}

/// What is known of a link.
#[derive(Clone, Debug)]
pub struct Link {
    /// The other person.
    pub person: PersonId,
    /// How they introduced themselves.
    pub name: String,
    /// The contact that is this person.
    pub contact: Option<EntityId>,
    /// How sure I am of it.
    pub verified: Verified,
    /// We share a home.
    pub household: bool,
    /// Nothing is sent or taken.
    pub blocked: bool,
    /// What they do is not shown.
    pub muted: bool,
    /// I said which contact this is, by hand or with the invitation.
    pub placed: bool,
    /// The pacts that count.
    pub live: BTreeMap<PactId, SignedPact>,
    /// Those that were ended.
    pub ended: BTreeMap<PactId, Ended>,
    /// Where their devices were last reached.
    pub addresses: BTreeMap<DeviceId, Vec<SocketAddr>>,
    /// The pacts that were ended.
    over: BTreeMap<PactId, SignedPact>,
    secrets: BTreeMap<PactId, LinkSecret>,
    roster: Vec<Vec<u8>>,
}

impl Link {
    /// Reads a link; `None` if the entity is none.
    pub fn of(entity: &Entity) -> Option<Self> {
        let person: PersonId = read(entity, &paths::person())?;
        let mut link = Self {
            person,
            name: entity.register(&paths::name()).and_then(|r| book::read_text(r.value()?)).unwrap_or_default(),
            contact: read(entity, &paths::contact()),
            verified: Verified::No,
            household: is_set(entity, &paths::household()),
            blocked: is_set(entity, &paths::blocked()),
            muted: is_set(entity, &paths::muted()),
            placed: is_set(entity, &paths::placed()),
            live: BTreeMap::new(),
            ended: BTreeMap::new(),
            addresses: BTreeMap::new(),
            over: BTreeMap::new(),
            secrets: BTreeMap::new(),
            roster: Vec::new(),
        };
        let verified = entity.register(&paths::verified()).and_then(|register| book::read_text(register.value()?));
        link.verified = verified.map_or(Verified::No, |word| Verified::of(&word));
        for (path, register) in entity.registers() {
            let Some((word, key)) = paths::keyed(path) else { continue };
            let values = register.siblings().iter().filter_map(|sibling| sibling.value.as_deref());
            match word {
                "pact" => link.live.extend(values.filter_map(SignedPact::decode).map(|pact| (PactId(key), pact))),
                "ended" => link.ended.extend(values.filter_map(|v| Some((PactId(key), msgpack::read(v).ok()?)))),
                "secret" => {
                    // Renewed by two devices at once: everybody takes the greater.
                    let newest = values.filter_map(|value| msgpack::read::<LinkSecret>(value).ok()).max();
                    link.secrets.extend(newest.map(|secret| (PactId(key), secret)));
                }
                "entry" => link.roster.extend(values.map(<[u8]>::to_vec)),
                "address" => {
                    let known = register.value().and_then(|value| msgpack::read(value).ok());
                    link.addresses.extend(known.map(|addresses| (DeviceId(key), addresses)));
                }
                _ => {}
            }
        }
        let ended: BTreeSet<PactId> = link.ended.keys().copied().collect();
        link.over = link.live.extract_if(.., |id, _| ended.contains(id) && !mutant!(EndIgnored)).collect();
        Some(link)
    }

    /// Whether the two are linked now.
    pub fn is_live(&self) -> bool {
        !self.live.is_empty()
    }

    /// Whether something may be sent to them, or taken from them.
    pub fn is_open(&self) -> bool {
        self.is_live() && !self.blocked
    }

    /// Whether I made sure who this is: verified, or said by me to be a certain contact.
    pub fn is_sure(&self) -> bool {
        self.verified != Verified::No || self.placed
    }

    /// Whether I accepted an invitation of theirs: that is the yes to their first card.
    pub fn accepted_theirs(&self) -> bool {
        self.live.values().any(|signed| signed.pact.inviter == self.person)
    }

    /// The pact whose secret is in use: both sides take the greatest that they have in common.
    pub fn pact(&self) -> Option<PactId> {
        self.live.keys().next_back().copied()
    }

    /// L as it is now: what the pact says, or its newest successor.
    pub fn secret(&self, pact: PactId) -> Option<LinkSecret> {
        self.live.get(&pact).map(|signed| self.newest(pact, signed))
    }

    /// L of the pact that is in use, or of the last that was: by it the devices of the two find each other, the last time
    /// to hear that it is over.
    pub fn found_by(&self) -> Option<LinkSecret> {
        let (pact, signed) = self.live.last_key_value().or_else(|| self.over.last_key_value())?;
        Some(self.newest(*pact, signed))
    }

    fn newest(&self, pact: PactId, signed: &SignedPact) -> LinkSecret {
        let first = signed.pact.secret();
        self.secrets.get(&pact).cloned().map_or(first.clone(), |renewed| renewed.max(first))
    }

    /// The other person's roster, as far as any own device was told.
    pub fn roster(&self) -> Roster {
        let mut roster = Roster::new(self.person);
        // Twice: what an older epoch said may be in the way of the newest until that is known, and counts for nothing then.
        for entry in self.roster.iter().chain(&self.roster) {
            let _ = roster.insert(entry);
        }
        roster
    }
}

/// Whether any own device says so: the careful answer where two disagree.
fn is_set(entity: &Entity, path: &Path) -> bool {
    entity.register(path).is_some_and(|register| register.siblings().iter().any(|sibling| sibling.value.is_some()))
}

fn read<T: for<'a> Deserialize<'a>>(entity: &Entity, path: &Path) -> Option<T> {
    entity.register(path).and_then(|register| msgpack::read(register.value()?).ok())
}

/// The registers of a link.
mod paths {
    use super::{Path, Segment};

    fn plain(word: &str) -> Path {
        Path::of(&[Segment::Name("link"), Segment::Name(word)])
    }

    pub(super) fn person() -> Path {
        plain("person")
    }

    pub(super) fn name() -> Path {
        plain("name")
    }

    pub(super) fn contact() -> Path {
        plain("contact")
    }

    pub(super) fn verified() -> Path {
        plain("verified")
    }

    pub(super) fn household() -> Path {
        plain("household")
    }

    pub(super) fn blocked() -> Path {
        plain("blocked")
    }

    pub(super) fn muted() -> Path {
        plain("muted")
    }

    pub(super) fn placed() -> Path {
        plain("placed")
    }

    /// One of many: `pact`, `ended`, `secret` by pact, `entry` by its hash, `address` by device.
    pub(super) fn of_key(word: &str, key: [u8; 16]) -> Path {
        Path::of(&[Segment::Name("link"), Segment::Name(word), Segment::Id(key)])
    }

    pub(super) fn keyed(path: &Path) -> Option<(&str, [u8; 16])> {
        let mut segments = path.segments();
        match (segments.next()?, segments.next()?, segments.next()?, segments.next()) {
            (Segment::Name("link"), Segment::Name(word), Segment::Id(key), None) => Some((word, key)),
            _ => None,
        }
    }
}

/// Whether an entity is a link: it has this register.
pub(crate) fn is_link(entity: &Entity) -> bool {
    entity.register(&paths::person()).is_some()
}
