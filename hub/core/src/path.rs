//! Register paths: what a register is within its entity.
//!
//! A path is one to eight segments, each a short name or a 16-byte id (rule 3.1/1). It is kept in its canonical bytes,
//! so that comparing, hashing and forwarding never need to understand it: paths this version does not know are carried
//! like any other.

use crate::{
    id::{EntityId, PropertyId},
    layer::Layer,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// A register's path within its entity, in canonical bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Box<[u8]>);

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment<'a> {
    /// A name: 1 to 63 bytes of `a-z`, `0-9` and `-`.
    Name(&'a str),
    /// An id.
    Id([u8; 16]),
}

impl Path {
    /// Alive or in the trash: every contact, group and tag has this register.
    pub fn state() -> Self {
        Self::of(&[Segment::Name("state")])
    }

    /// A property of my own layer.
    pub fn mine(property: PropertyId) -> Self {
        Self::of(&[Segment::Name("mine"), Segment::Id(property.0)])
    }

    /// A property of any layer: `mine/ID`, or the layer's word, its source and the property's id.
    pub fn property(layer: Layer, property: PropertyId) -> Self {
        Self::layered(None, layer, property)
    }

    /// My wish not to see a value of another layer: holds a digest of the hidden value.
    pub fn hidden(layer: Layer, property: PropertyId) -> Self {
        Self::layered(Some("hidden"), layer, property)
    }

    /// The UID under which this account knows the contact.
    pub fn remote(account: EntityId) -> Self {
        Self::of(&[Segment::Name("remote"), Segment::Id(account.0)])
    }

    /// The UID of a contact that was merged into this one.
    pub fn alias(merged: EntityId) -> Self {
        Self::of(&[Segment::Name("alias"), Segment::Id(merged.0)])
    }

    /// My word that this contact and that one are two.
    pub fn apart(other: EntityId) -> Self {
        Self::of(&[Segment::Name("apart"), Segment::Id(other.0)])
    }

    /// The kind of an account; an account is an entity that has this register.
    pub fn account_kind() -> Self {
        Self::of(&[Segment::Name("account-kind")])
    }

    /// What an account is called.
    pub fn account_name() -> Self {
        Self::of(&[Segment::Name("account-name")])
    }

    fn layered(first: Option<&str>, layer: Layer, property: PropertyId) -> Self {
        let source = layer.source();
        let segments = first.map(Segment::Name).into_iter().chain([Segment::Name(layer.word())]);
        let segments = segments.chain(source.map(Segment::Id)).chain([Segment::Id(property.0)]);
        Self::of(&segments.collect::<Vec<_>>())
    }

    /// Whether the contact is in this group.
    pub fn in_group(group: EntityId) -> Self {
        Self::of(&[Segment::Name("group"), Segment::Id(group.0)])
    }

    /// Whether the contact bears this tag.
    pub fn tagged(tag: EntityId) -> Self {
        Self::of(&[Segment::Name("tag"), Segment::Id(tag.0)])
    }

    /// Whether the contact is one of my favourites.
    pub fn favourite() -> Self {
        Self::of(&[Segment::Name("favourite")])
    }

    /// The name of a group; a group is an entity that has this register.
    pub fn group_name() -> Self {
        Self::of(&[Segment::Name("group-name")])
    }

    /// The name of a tag; a tag is an entity that has this register.
    pub fn tag_name() -> Self {
        Self::of(&[Segment::Name("tag-name")])
    }

    /// A setting that own devices share.
    pub fn setting(name: &str) -> Self {
        Self::of(&[Segment::Name("setting"), Segment::Name(name)])
    }

    /// What becomes of values of a property that another person sends, by its name in lower case, as all names in paths
    /// are; of all of them, without a name.
    pub fn policy(field: Option<&str>) -> Self {
        let mut segments = vec![Segment::Name("policy")];
        segments.extend(field.map(Segment::Name));
        Self::of(&segments)
    }

    /// Builds a path from segments known to be valid.
    pub(crate) fn of(segments: &[Segment<'_>]) -> Self {
        let mut bytes = Vec::with_capacity(24);
        for segment in segments {
            match segment {
                Segment::Name(name) => {
                    bytes.push(name.len() as u8);
                    bytes.extend_from_slice(name.as_bytes());
                }
                Segment::Id(id) => {
                    bytes.push(ID_MARK);
                    bytes.extend_from_slice(id);
                }
            }
        }
        debug_assert!(Self::from_bytes(&bytes).is_some(), "nobody could read {segments:?}");
        Self(bytes.into())
    }

    /// Reads a path from bytes that came from elsewhere.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() || bytes.len() > PATH_BYTES_MAX {
            return None;
        }
        let mut segments = 0;
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = split_segment(rest)?.1;
            segments += 1;
        }
        (segments <= PATH_SEGMENTS_MAX).then(|| Self(bytes.into()))
    }

    /// The canonical bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The segments, in order.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        let mut rest = &self.0[..];
        std::iter::from_fn(move || {
            let (segment, tail) = split_segment(rest)?;
            rest = tail;
            Some(segment)
        })
    }

    /// Returns the property id if this is a property of my own layer.
    pub fn as_mine(&self) -> Option<PropertyId> {
        self.id_under("mine").map(PropertyId)
    }

    /// Returns layer and property id if this is a property.
    pub fn as_property(&self) -> Option<(Layer, PropertyId)> {
        layered(&self.0)
    }

    /// Returns layer and property id if this is my wish not to see a value.
    pub fn as_hidden(&self) -> Option<(Layer, PropertyId)> {
        match split_segment(&self.0)? {
            (Segment::Name("hidden"), rest) => layered(rest),
            _ => None,
        }
    }

    /// Returns the account if this is the UID under which it knows the contact.
    pub fn as_remote(&self) -> Option<EntityId> {
        self.id_under("remote").map(EntityId)
    }

    /// Returns the contact that was merged into this one, if this is its UID.
    pub fn as_alias(&self) -> Option<EntityId> {
        self.id_under("alias").map(EntityId)
    }

    /// Returns the other contact if this is my word that the two are two.
    pub fn as_apart(&self) -> Option<EntityId> {
        self.id_under("apart").map(EntityId)
    }

    /// Returns the group if this is a membership.
    pub fn as_in_group(&self) -> Option<EntityId> {
        self.id_under("group").map(EntityId)
    }

    /// Returns the tag if this is a tagging.
    pub fn as_tagged(&self) -> Option<EntityId> {
        self.id_under("tag").map(EntityId)
    }

    fn id_under(&self, name: &str) -> Option<[u8; 16]> {
        let (first, rest) = split_segment(&self.0)?;
        let (second, rest) = split_segment(rest)?;
        match (first, second) {
            (Segment::Name(found), Segment::Id(id)) if found == name && rest.is_empty() => Some(id),
            _ => None,
        }
    }
}

/// Reads a layer's word, its source unless it is mine, and a property id.
fn layered(bytes: &[u8]) -> Option<(Layer, PropertyId)> {
    let (Segment::Name(word), rest) = split_segment(bytes)? else { return None };
    let (Segment::Id(first), rest) = split_segment(rest)? else { return None };
    if rest.is_empty() {
        return Layer::of(word, None).map(|layer| (layer, PropertyId(first)));
    }
    match split_segment(rest)? {
        (Segment::Id(id), []) => Layer::of(word, Some(first)).map(|layer| (layer, PropertyId(id))),
        _ => None,
    }
}

fn split_segment(bytes: &[u8]) -> Option<(Segment<'_>, &[u8])> {
    let (&mark, rest) = bytes.split_first()?;
    if mark == ID_MARK {
        let (id, rest) = rest.split_first_chunk::<16>()?;
        return Some((Segment::Id(*id), rest));
    }
    let length = usize::from(mark);
    if !(1..=NAME_BYTES_MAX).contains(&length) || rest.len() < length {
        return None;
    }
    let (name, rest) = rest.split_at(length);
    let valid = name.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-');
    let name = std::str::from_utf8(name).ok().filter(|_| valid)?;
    Some((Segment::Name(name), rest))
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, segment) in self.segments().enumerate() {
            let slash = if nth > 0 { "/" } else { "" };
            match segment {
                Segment::Name(name) => write!(f, "{slash}{name}")?,
                Segment::Id(id) => write!(f, "{slash}{:02x}{:02x}…", id[0], id[1])?,
            }
        }
        Ok(())
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Path;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a register path")
            }
            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Path, E> {
                Path::from_bytes(bytes).ok_or_else(|| E::custom("not a register path"))
            }
        }
        deserializer.deserialize_bytes(Visitor)
    }
}

const ID_MARK: u8 = 0x80;
const NAME_BYTES_MAX: usize = 63;
const PATH_SEGMENTS_MAX: usize = 8;
const PATH_BYTES_MAX: usize = 160;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::BookId;

    #[test]
    fn paths_come_back_from_their_bytes_and_foreign_bytes_are_refused() {
        for path in [Path::state(), Path::mine(PropertyId([7; 16])), Path::setting("lan-secret")] {
            assert_eq!(Path::from_bytes(path.as_bytes()), Some(path));
        }
        assert_eq!(Path::mine(PropertyId([7; 16])).as_mine(), Some(PropertyId([7; 16])));
        for layer in [Layer::Mine, Layer::Theirs(EntityId([1; 16])), Layer::Book(BookId([2; 16]))] {
            let id = PropertyId([7; 16]);
            let (path, hidden) = (Path::property(layer, id), Path::hidden(layer, id));
            assert_eq!((path.as_property(), path.as_hidden()), (Some((layer, id)), None));
            assert_eq!((hidden.as_property(), hidden.as_hidden()), (None, Some((layer, id))));
            assert_eq!((path.as_mine() == Some(id), path.as_remote()), (layer == Layer::Mine, None));
            assert_eq!(Path::from_bytes(hidden.as_bytes()), Some(hidden));
        }
        for bytes in [&b""[..], b"\x00", b"\x05stat", b"\x02A/", b"\x80short", &[1, b'a'].repeat(9)] {
            assert_eq!(Path::from_bytes(bytes), None, "{bytes:?}");
        }
    }
}
