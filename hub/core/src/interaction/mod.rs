//! Interactions: one call, message or mail with somebody. Time, direction and address, never content (rules section 5).
//!
//! An interaction is an entity of the personal book whose id is the hash of what it is, so that two imports of one log,
//! on any own devices, count once. To which contact it belongs is not kept: it is found by the address, over all numbers
//! and mail addresses that a contact has or had, whenever it is counted.

mod calls;
mod mail;
#[cfg(test)]
mod tests;

pub use calls::{CallLog, TAG_BYTES_MAX};
pub use mail::{HEADERS_BYTES_MAX, Mailbox, headers};

use crate::{
    contact::{fold, phone},
    entity::Entity,
    id::{EntityId, derived},
    msgpack,
    path::{Path, Segment},
    replica::Edit,
    vcard::Property,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What kind of interaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// A telephone call, also one that nobody took.
    #[serde(rename = "c")]
    Call,
    /// A text or multimedia message.
    #[serde(rename = "m")]
    Message,
    /// A mail.
    #[serde(rename = "e")]
    Mail,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Call, Self::Message, Self::Mail];

    /// The word by which people and scripts know it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Message => "message",
            Self::Mail => "mail",
        }
    }

    /// The kind that bears this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Who began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Direction {
    /// They did.
    #[serde(rename = "i")]
    In,
    /// I did.
    #[serde(rename = "o")]
    Out,
}

/// One interaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Interaction {
    /// When, in milliseconds since 1970.
    #[serde(rename = "t")]
    pub at_ms: i64,
    /// What.
    #[serde(rename = "k")]
    pub kind: Kind,
    /// Who began.
    #[serde(rename = "d")]
    pub direction: Direction,
    /// The other's number in its international form, or their folded mail address; see [`address_key`].
    #[serde(rename = "a")]
    pub address: String,
}

impl Interaction {
    /// Its id: the same wherever it was read.
    pub fn id(&self) -> EntityId {
        let what = [self.kind as u8, self.direction as u8];
        let parts: [&[u8]; 3] = [&what, self.address.as_bytes(), &self.at_ms.to_be_bytes()];
        EntityId(derived("kith 2026 interaction", &parts))
    }

    /// The edit that keeps it.
    pub fn keep(&self) -> Edit {
        Edit { entity: self.id(), path: path(), value: Some(msgpack::write(self)) }
    }

    /// The edit that drops it, once it is older than [`KEPT_MS`].
    pub fn drop(&self) -> Edit {
        Edit { entity: self.id(), path: path(), value: None }
    }

    /// Whether it is too old to be kept or counted, or from the future.
    pub fn is_over(&self, now_ms: i64) -> bool {
        self.at_ms < now_ms.saturating_sub(KEPT_MS) || self.at_ms > now_ms.saturating_add(FUTURE_MS)
    }

    /// Reads an interaction from its entity; `None` if it is none or was dropped.
    pub fn of(entity: &Entity) -> Option<Self> {
        let kept: Self = entity.register(&path()).and_then(|register| msgpack::read(register.value()?).ok())?;
        (kept.address.len() <= ADDRESS_BYTES_MAX).then_some(kept)
    }
}

/// What all spellings of an address have in common: numbers in their international form, mail in lower case. `None` if
/// it is neither, or no one's (`unknown`, an alphanumeric sender).
pub fn address_key(text: &str, region: Option<&str>) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > ADDRESS_BYTES_MAX {
        return None;
    }
    if let Some((local, domain)) = text.split_once('@') {
        return (!local.is_empty() && !domain.is_empty()).then(|| fold(text).into_owned());
    }
    // Numbers of three digits and less are services; letters are senders that no one can be called by.
    let letters = text.chars().any(char::is_alphabetic);
    let key = phone::key(text, region);
    (!letters && key.chars().filter(char::is_ascii_digit).count() > SERVICE_DIGITS_MAX).then_some(key)
}

/// Which addresses a contact is known by: those of its card, and those that it had.
pub fn addresses_of(card: &[Property], region: Option<&str>) -> BTreeSet<String> {
    let reachable = card.iter().filter(|property| matches!(&*property.name(), "TEL" | "EMAIL"));
    reachable.filter_map(|property| address_key(property.text().trim_start_matches("mailto:"), region)).collect()
}

/// How many interactions of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls.
    pub calls: u32,
    /// Messages.
    pub messages: u32,
    /// Mails.
    pub mails: u32,
}

impl Counts {
    /// All together.
    pub fn total(self) -> u32 {
        self.calls.saturating_add(self.messages).saturating_add(self.mails)
    }

    /// Those of these kinds.
    #[must_use]
    pub fn only(self, kinds: &BTreeSet<Kind>) -> Self {
        let when = |kind, count| if kinds.contains(&kind) { count } else { 0 };
        Self {
            calls: when(Kind::Call, self.calls),
            messages: when(Kind::Message, self.messages),
            mails: when(Kind::Mail, self.mails),
        }
    }

    /// One more.
    pub fn add(&mut self, kind: Kind) {
        self.add_many(kind, 1);
    }

    /// So many more.
    pub fn add_many(&mut self, kind: Kind, more: u32) {
        let count = match kind {
            Kind::Call => &mut self.calls,
            Kind::Message => &mut self.messages,
            Kind::Mail => &mut self.mails,
        };
        *count = count.saturating_add(more);
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [("call", self.calls), ("message", self.messages), ("mail", self.mails)];
        let mut comma = "";
        for (word, count) in all.into_iter().filter(|(_, count)| *count > 0) {
            write!(f, "{comma}{count} {word}{}", if count == 1 { "" } else { "s" })?;
            comma = ", ";
        }
        if comma.is_empty() { f.write_str("nothing") } else { Ok(()) }
    }
}

/// Counts interactions since a time, per contact. An address that several contacts have, as a household has its
/// landline, counts for each of them.
pub fn count<'a>(
    interactions: impl IntoIterator<Item = &'a Interaction>,
    owners: &BTreeMap<String, BTreeSet<EntityId>>,
    since_ms: i64,
    now_ms: i64,
) -> BTreeMap<EntityId, Counts> {
    let mut counts: BTreeMap<EntityId, Counts> = BTreeMap::new();
    let recent = interactions.into_iter().filter(|one| one.at_ms >= since_ms && !one.is_over(now_ms));
    for one in recent {
        for contact in owners.get(&one.address).into_iter().flatten() {
            counts.entry(*contact).or_default().add(one.kind);
        }
    }
    counts
}

/// Whether an entity is or was an interaction.
pub(crate) fn is_interaction(entity: &Entity) -> bool {
    entity.register(&path()).is_some()
}

fn path() -> Path {
    Path::of(&[Segment::Name("interaction")])
}

/// How long an interaction is kept, in milliseconds: 24 months.
pub const KEPT_MS: i64 = 731 * 24 * 3600 * 1000;
/// Longest address, in bytes.
pub const ADDRESS_BYTES_MAX: usize = 320;
/// How far ahead another clock may be, in milliseconds.
const FUTURE_MS: i64 = 24 * 3600 * 1000;
const SERVICE_DIGITS_MAX: usize = 3;
