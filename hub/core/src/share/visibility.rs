//! Who may see one property of an item.

use super::Viewer;
use crate::{id::EntityId, msgpack};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Who may see a property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Visibility {
    /// Everyone linked.
    #[serde(rename = "e")]
    Everyone,
    /// Nobody.
    #[serde(rename = "n")]
    Nobody,
    /// Whoever is one of these.
    #[serde(rename = "o")]
    Only(BTreeSet<Who>),
}

/// Some contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Who {
    /// Those in this group.
    #[serde(rename = "g")]
    Group(EntityId),
    /// Those who bear this tag.
    #[serde(rename = "t")]
    Tag(EntityId),
    /// This one.
    #[serde(rename = "c")]
    Contact(EntityId),
}

impl Visibility {
    /// What holds for a property as long as nobody said otherwise: my card is there to be shared, my notes are not.
    pub fn unsaid(name: &str) -> Self {
        if name == "NOTE" { Self::Nobody } else { Self::Everyone }
    }

    /// Whether this viewer is among them.
    pub fn admits(&self, viewer: &Viewer<'_>) -> bool {
        match self {
            Self::Everyone => true,
            Self::Nobody => false,
            Self::Only(who) => who.iter().any(|who| match who {
                Who::Group(group) => viewer.groups.contains(group),
                Who::Tag(tag) => viewer.tags.contains(tag),
                Who::Contact(contact) => viewer.contact == Some(*contact),
            }),
        }
    }

    /// As it is kept.
    pub fn encode(&self) -> Vec<u8> {
        msgpack::write(self)
    }

    /// Reads a kept one. What cannot be read admits nobody.
    pub fn decode(bytes: &[u8]) -> Self {
        msgpack::read(bytes).unwrap_or(Self::Nobody)
    }
}
