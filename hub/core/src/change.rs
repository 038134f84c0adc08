//! Changes: one save, numbered per device and book, kept and forwarded in the bytes it was made in (rule 3.1/2).

use crate::{
    id::{BookId, DeviceId, EntityId, Hash},
    limits::{CHANGE_BYTES_MAX, CHANGE_WRITES_MAX},
    msgpack,
    path::Path,
    vector::Vector,
};
use serde::{Deserialize, Serialize};

/// One save: writes to registers that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The book it belongs to.
    pub book: BookId,
    /// Who made it.
    pub device: DeviceId,
    /// Counts from 1 without holes per book and device.
    pub seq: u64,
    /// Hash of this device's change before it; zero for the first.
    pub prev: Hash,
    /// The writer's wall clock in milliseconds since 1970: it only chooses which of concurrent values is shown.
    pub clock: i64,
    /// What the import was, if this change is part of one.
    pub import: Option<EntityId>,
    /// At most one write per register.
    pub writes: Vec<Write>,
}

/// A register's new value.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// Whose register.
    pub entity: EntityId,
    /// Which one.
    pub path: Path,
    /// The encoded value; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    /// What the writer's register had seen.
    pub seen: Vector,
}

/// The bytes are not a change, or one beyond the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidChange {
    /// Not the encoding.
    #[error("a change is not encoded as changes are")]
    Encoding,
    /// Longer or with more writes than allowed, or empty.
    #[error("a change is larger than a change may be")]
    Limit,
    /// Number 0, two writes to one register, or a write that claims to have seen itself.
    #[error("a change contradicts itself")]
    Contradiction,
}

impl Change {
    /// Encodes the change: MessagePack maps with short keys, writes grouped by entity.
    pub fn encode(&self) -> Vec<u8> {
        let mut groups: Vec<WireGroup<'_>> = Vec::new();
        for write in &self.writes {
            let register = WireRegister {
                path: std::borrow::Cow::Borrowed(&write.path),
                value: write.value.as_deref().map(|value| std::borrow::Cow::Borrowed(serde_bytes::Bytes::new(value))),
                seen: std::borrow::Cow::Borrowed(&write.seen),
            };
            match groups.last_mut() {
                Some(group) if group.entity == write.entity => group.registers.push(register),
                _ => groups.push(WireGroup { entity: write.entity, registers: vec![register] }),
            }
        }
        let wire = WireChange {
            book: self.book,
            device: self.device,
            seq: self.seq,
            prev: self.prev,
            clock: self.clock,
            import: self.import,
            writes: groups,
        };
        // Encoding plain data into memory cannot fail.
        rmp_serde::to_vec_named(&wire).unwrap_or_default()
    }

    /// Reads a change made by any version; keys it does not know are skipped.
    pub fn decode(bytes: &[u8]) -> Result<Self, InvalidChange> {
        if bytes.len() > CHANGE_BYTES_MAX {
            return Err(InvalidChange::Limit);
        }
        let wire: WireChange<'_> = msgpack::read(bytes).map_err(|_| InvalidChange::Encoding)?;
        let mut writes = Vec::with_capacity(wire.writes.iter().map(|group| group.registers.len()).sum());
        for group in wire.writes {
            for register in group.registers {
                writes.push(Write {
                    entity: group.entity,
                    path: register.path.into_owned(),
                    value: register.value.map(|value| value.to_vec()),
                    seen: register.seen.into_owned(),
                });
            }
        }
        let change = Self {
            book: wire.book,
            device: wire.device,
            seq: wire.seq,
            prev: wire.prev,
            clock: wire.clock,
            import: wire.import,
            writes,
        };
        change.check()?;
        Ok(change)
    }

    fn check(&self) -> Result<(), InvalidChange> {
        if self.writes.is_empty() || self.writes.len() > CHANGE_WRITES_MAX {
            return Err(InvalidChange::Limit);
        }
        let mut registers: Vec<_> = self.writes.iter().map(|write| (write.entity, &write.path)).collect();
        registers.sort_unstable();
        let twice = registers.windows(2).any(|pair| pair[0] == pair[1]);
        let sees_itself = self.writes.iter().any(|write| write.seen.at(self.device) >= self.seq);
        if self.seq == 0 || twice || sees_itself {
            return Err(InvalidChange::Contradiction);
        }
        Ok(())
    }
}

/// Returns the hash by which heads name a change: BLAKE3 of its bytes.
pub fn hash(change_bytes: &[u8]) -> Hash {
    Hash(*blake3::hash(change_bytes).as_bytes())
}

#[derive(Serialize, Deserialize)]
struct WireChange<'a> {
    #[serde(rename = "b")]
    book: BookId,
    #[serde(rename = "d")]
    device: DeviceId,
    #[serde(rename = "n")]
    seq: u64,
    #[serde(rename = "p")]
    prev: Hash,
    #[serde(rename = "c")]
    clock: i64,
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    import: Option<EntityId>,
    #[serde(rename = "w", borrow)]
    writes: Vec<WireGroup<'a>>,
}

#[derive(Serialize, Deserialize)]
struct WireGroup<'a> {
    #[serde(rename = "e")]
    entity: EntityId,
    #[serde(rename = "r", borrow)]
    registers: Vec<WireRegister<'a>>,
}

#[derive(Serialize, Deserialize)]
struct WireRegister<'a> {
    #[serde(rename = "p")]
    path: std::borrow::Cow<'a, Path>,
    #[serde(rename = "v", borrow, default, skip_serializing_if = "Option::is_none")]
    value: Option<std::borrow::Cow<'a, serde_bytes::Bytes>>,
    #[serde(rename = "s", default, skip_serializing_if = "seen_nothing")]
    seen: std::borrow::Cow<'a, Vector>,
}

fn seen_nothing(seen: &Vector) -> bool {
    seen.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change() -> Change {
        let write = |entity: u8, path: Path, value: Option<&[u8]>| Write {
            entity: EntityId([entity; 16]),
            path,
            value: value.map(<[u8]>::to_vec),
            seen: [(DeviceId([9; 16]), 3)].into_iter().collect(),
        };
        Change {
            book: BookId([1; 16]),
            device: DeviceId([2; 16]),
            seq: 7,
            prev: Hash([3; 32]),
            clock: 1_700_000_000_000,
            import: None,
            writes: vec![
                write(4, Path::state(), Some(b"x")),
                write(4, Path::mine(crate::id::PropertyId([5; 16])), None),
                write(6, Path::state(), Some(b"y")),
            ],
        }
    }

    #[test]
    fn a_change_comes_back_from_its_bytes() {
        assert_eq!(Change::decode(&change().encode()), Ok(change()));
    }

    #[test]
    fn a_newer_version_may_add_keys() {
        #[derive(Serialize)]
        struct Newer<'a> {
            #[serde(flatten)]
            known: WireChange<'a>,
            #[serde(rename = "zz")]
            unknown: &'a str,
        }
        let bytes = change().encode();
        let known: WireChange<'_> = rmp_serde::from_slice(&bytes).unwrap();
        let newer = rmp_serde::to_vec_named(&Newer { known, unknown: "from the future" }).unwrap();
        assert_eq!(Change::decode(&newer), Ok(change()));
    }

    #[test]
    fn contradictions_and_garbage_are_refused() {
        let mut twice = change();
        twice.writes.push(twice.writes[0].clone());
        assert_eq!(Change::decode(&twice.encode()), Err(InvalidChange::Contradiction));
        let mut zero = change();
        zero.seq = 0;
        assert_eq!(Change::decode(&zero.encode()), Err(InvalidChange::Contradiction));
        let mut itself = change();
        itself.writes[0].seen.raise(itself.device, 7);
        assert_eq!(Change::decode(&itself.encode()), Err(InvalidChange::Contradiction));
        let bytes = change().encode();
        for cut in 0..bytes.len() {
            assert!(Change::decode(&bytes[..cut]).is_err(), "cut at {cut}");
        }
    }
}
