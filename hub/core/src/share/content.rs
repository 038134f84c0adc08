//! What one person sends another: the content of an item as they may see it, and its number.

use crate::{
    id::{DeviceId, EntityId, Hash, PersonId, PropertyId},
    identity::clean_name,
    limits::NAME_CHARS_MAX,
    msgpack,
    vcard::{PROPERTIES_MAX, Property},
};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use std::collections::BTreeSet;

/// Most bytes of an encoded publication: it fits a change, and a frame.
pub const CONTENT_BYTES_MAX: usize = 704 << 10;

/// The bytes are no publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPublication {
    /// Not the encoding.
    #[error("an update is not encoded as updates are")]
    Encoding,
    /// Longer or with more properties than allowed.
    #[error("an update is larger than an update may be")]
    Limit,
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u8", from = "u8")]
pub enum ItemKind {
    /// A card.
    Card,
    /// A note.
    Note,
    /// A picture.
    Picture,
    /// A contact of the sender's, who is somebody else.
    Contact,
    /// Something that a newer version knows.
    Other,
}

impl ItemKind {
    /// The word by which people and scripts know it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Note => "note",
            Self::Picture => "picture",
            Self::Contact => "contact",
            Self::Other => "other",
        }
    }
}

impl From<ItemKind> for u8 {
    fn from(kind: ItemKind) -> Self {
        match kind {
            ItemKind::Other => 0,
            ItemKind::Card => 1,
            ItemKind::Note => 2,
            ItemKind::Picture => 3,
            ItemKind::Contact => 4,
        }
    }
}

impl From<u8> for ItemKind {
    fn from(number: u8) -> Self {
        match number {
            1 => Self::Card,
            2 => Self::Note,
            3 => Self::Picture,
            4 => Self::Contact,
            _ => Self::Other,
        }
    }
}

/// Which of two publications of one item for one link is newer: the greater number, then the greater device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Order {
    /// Counts from 1.
    #[serde(rename = "n")]
    pub number: u64,
    /// The device that made it.
    #[serde(rename = "d")]
    pub device: DeviceId,
}

/// A value that a property had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// The value.
    pub property: Property,
    /// Until when it held, in milliseconds since 1970.
    pub until_ms: i64,
}

/// One property as it is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The same in every publication.
    pub id: PropertyId,
    /// The value; `None` if only former ones are left.
    pub property: Option<Property>,
    /// From when it holds, in milliseconds since 1970; `None`: as long as it is there.
    pub from_ms: Option<i64>,
    /// What it was before, the newest first.
    pub former: Vec<Former>,
}

impl Shared {
    /// Names the value: a decision is about this and nothing else.
    pub fn hash(&self) -> Hash {
        Hash(*blake3::hash(&msgpack::write(&WireShared::of(self))).as_bytes())
    }
}

/// An item as one person may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// What it is.
    pub kind: ItemKind,
    /// What the item is called; empty for a person's card.
    pub name: String,
    /// Whoever gets it may give it on.
    pub may_pass_on: bool,
    /// Its properties by id, each once.
    pub properties: Vec<Shared>,
}

impl Content {
    /// The property of that id.
    pub fn property(&self, id: PropertyId) -> Option<&Shared> {
        self.properties.iter().find(|shared| shared.id == id)
    }
}

/// A cut that was sent (rule 4.1/6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Who publishes.
    pub from: PersonId,
    /// For whom it was cut.
    pub to: PersonId,
    /// Of which item.
    pub item: EntityId,
    /// Its number.
    pub order: Order,
    /// When it was made, in milliseconds since 1970.
    pub made_ms: i64,
    /// Epoch and hash of the publisher's roster when it was made.
    pub roster: (u64, Hash),
    /// What it says; `None`: withdrawn.
    pub content: Option<Content>,
}

impl Publication {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let content = self.content.as_ref().map(|content| WireContent {
            kind: content.kind,
            name: content.name.clone(),
            may_pass_on: content.may_pass_on,
            properties: content.properties.iter().map(WireShared::of).collect(),
        });
        msgpack::write(&WirePublication {
            from: self.from,
            to: self.to,
            item: self.item,
            order: self.order,
            made_ms: self.made_ms,
            roster: self.roster,
            content,
        })
    }

    /// Reads a publication of any version; what this one does not know is skipped.
    ///
    /// # Errors
    ///
    /// The bytes are none, or one beyond the limits.
    pub fn decode(bytes: &[u8]) -> Result<Self, InvalidPublication> {
        if bytes.len() > CONTENT_BYTES_MAX {
            return Err(InvalidPublication::Limit);
        }
        let wire: WirePublication = msgpack::read(bytes).map_err(|_| InvalidPublication::Encoding)?;
        let content = wire.content.map(WireContent::read).transpose()?;
        Ok(Self {
            from: wire.from,
            to: wire.to,
            item: wire.item,
            order: wire.order,
            made_ms: wire.made_ms,
            roster: wire.roster,
            content,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct WirePublication {
    #[serde(rename = "f")]
    from: PersonId,
    #[serde(rename = "t")]
    to: PersonId,
    #[serde(rename = "i")]
    item: EntityId,
    #[serde(rename = "o")]
    order: Order,
    #[serde(rename = "m")]
    made_ms: i64,
    #[serde(rename = "r")]
    roster: (u64, Hash),
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    content: Option<WireContent>,
}

#[derive(Serialize, Deserialize)]
struct WireContent {
    #[serde(rename = "k")]
    kind: ItemKind,
    #[serde(rename = "n", default)]
    name: String,
    #[serde(rename = "a", default)]
    may_pass_on: bool,
    #[serde(rename = "p")]
    properties: Vec<WireShared>,
}

/// A property as it is shared, in bytes. The same bytes are kept where it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WireShared {
    #[serde(rename = "i")]
    id: PropertyId,
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    property: Option<ByteBuf>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    from_ms: Option<i64>,
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    former: Vec<(ByteBuf, i64)>,
}

impl WireShared {
    pub(super) fn of(shared: &Shared) -> Self {
        let bytes = |property: &Property| ByteBuf::from(property.encode());
        Self {
            id: shared.id,
            property: shared.property.as_ref().map(bytes),
            from_ms: shared.from_ms,
            former: shared.former.iter().map(|former| (bytes(&former.property), former.until_ms)).collect(),
        }
    }

    pub(super) fn read(self) -> Result<Shared, InvalidPublication> {
        if self.former.len() > FORMER_MAX {
            return Err(InvalidPublication::Limit);
        }
        let read = |bytes: &[u8]| Property::decode(bytes).map_err(|_| InvalidPublication::Encoding);
        let former =
            self.former.iter().map(|(bytes, until_ms)| Ok(Former { property: read(bytes)?, until_ms: *until_ms }));
        let former = former.collect::<Result<_, _>>()?;
        let property = self.property.as_deref().map(|bytes| read(bytes)).transpose()?;
        Ok(Shared { id: self.id, property, from_ms: self.from_ms, former })
    }
}

impl WireContent {
    fn read(self) -> Result<Content, InvalidPublication> {
        if self.properties.len() > PROPERTIES_MAX {
            return Err(InvalidPublication::Limit);
        }
        let mut seen = BTreeSet::new();
        let properties = self.properties.into_iter().map(WireShared::read).collect::<Result<Vec<_>, _>>()?;
        if !properties.iter().all(|shared| seen.insert(shared.id)) {
            return Err(InvalidPublication::Encoding);
        }
        let name = clean_name(&self.name, NAME_CHARS_MAX);
        Ok(Content { kind: self.kind, name, may_pass_on: self.may_pass_on, properties })
    }
}

/// Most former values of one property that are shared: the newest.
pub(super) const FORMER_MAX: usize = 8;
