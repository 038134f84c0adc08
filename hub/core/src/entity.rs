//! Entities: all registers of one contact, group, tag or setting, and the bytes they are stored as.
//!
//! The stored form is local to a store and never travels, so it is packed: each device is named once, numbers are
//! variable-length, and what a register has seen is left out where its siblings say as much.

use crate::{
    id::DeviceId,
    path::Path,
    register::{Register, Sibling},
    vector::Vector,
};
use std::collections::BTreeMap;

/// All registers of one entity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entity {
    registers: BTreeMap<Path, Register>,
}

/// The stored bytes are damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a stored contact is damaged")]
pub struct DamagedEntity;

impl Entity {
    /// Returns a register, if anything was ever written to it.
    pub fn register(&self, path: &Path) -> Option<&Register> {
        self.registers.get(path)
    }

    /// Returns a register to merge into.
    pub fn register_mut(&mut self, path: &Path) -> &mut Register {
        self.registers.entry(path.clone()).or_default()
    }

    /// All registers by path.
    pub fn registers(&self) -> impl Iterator<Item = (&Path, &Register)> {
        self.registers.iter()
    }

    /// All registers by path, to change.
    pub fn registers_mut(&mut self) -> impl Iterator<Item = (&Path, &mut Register)> {
        self.registers.iter_mut()
    }

    /// Whether any register has seen a change of `device` after number `after`.
    pub fn has_seen(&self, device: DeviceId, after: u64) -> bool {
        self.registers.values().any(|register| register.seen().at(device) > after)
    }

    /// Whether nothing was ever written here.
    pub fn is_empty(&self) -> bool {
        self.registers.is_empty()
    }

    /// Packs the registers for storage.
    pub fn encode(&self) -> Vec<u8> {
        // What a register has seen includes its siblings.
        let named = self.registers.values().flat_map(|register| register.seen().iter());
        let mut devices: BTreeMap<DeviceId, u64> = named.map(|(device, _)| (device, 0)).collect();
        let mut out = Vec::with_capacity(PACKED_BYTES);
        out.push(FORMAT);
        put(&mut out, devices.len() as u64);
        for (nth, (device, index)) in devices.iter_mut().enumerate() {
            *index = nth as u64;
            out.extend_from_slice(&device.0);
        }
        let index = |device: DeviceId| devices.get(&device).copied().unwrap_or(0);
        put(&mut out, self.registers.len() as u64);
        for (path, register) in &self.registers {
            put_bytes(&mut out, path.as_bytes());
            put(&mut out, register.siblings().len() as u64);
            for sibling in register.siblings() {
                put(&mut out, index(sibling.device));
                put(&mut out, sibling.seq);
                out.extend_from_slice(&sibling.clock.to_le_bytes());
                match &sibling.value {
                    None => put(&mut out, 0),
                    Some(value) => {
                        put(&mut out, value.len() as u64 + 1);
                        out.extend_from_slice(value);
                    }
                }
            }
            let implied = |device, seq| register.siblings().iter().any(|s| s.device == device && s.seq >= seq);
            let more = || register.seen().iter().filter(|&(device, seq)| !implied(device, seq));
            put(&mut out, more().count() as u64);
            for (device, seq) in more() {
                put(&mut out, index(device));
                put(&mut out, seq);
            }
        }
        out
    }

    /// Reads what [`Entity::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DamagedEntity> {
        let mut reader = Reader(bytes);
        if reader.take(1)? != [FORMAT] {
            return Err(DamagedEntity);
        }
        let devices = reader.many(|reader| DeviceId::from_slice(reader.take(16)?).ok_or(DamagedEntity))?;
        let device =
            |index: u64| usize::try_from(index).ok().and_then(|index| devices.get(index)).copied().ok_or(DamagedEntity);
        let registers = reader.many(|reader| {
            let path = reader.bytes().and_then(|bytes| Path::from_bytes(bytes).ok_or(DamagedEntity))?;
            let siblings = reader.many(|reader| {
                let (device, seq) = (device(reader.number()?)?, reader.number()?);
                if seq == 0 {
                    return Err(DamagedEntity);
                }
                let clock = reader.take(8)?.try_into().map(i64::from_le_bytes).map_err(|_| DamagedEntity)?;
                let value = match reader.number()? {
                    0 => None,
                    length => Some(reader.take(length as usize - 1)?.to_vec()),
                };
                Ok(Sibling { device, seq, clock, value })
            })?;
            let mut seen = implied(&siblings);
            for (device, seq) in reader.many(|reader| Ok((device(reader.number()?)?, reader.number()?)))? {
                seen.raise(device, seq);
            }
            Ok((path, Register::from_parts(siblings, seen)))
        })?;
        if !reader.0.is_empty() {
            return Err(DamagedEntity);
        }
        Ok(Self { registers: registers.into_iter().collect() })
    }
}

/// What a register has seen at least: its own siblings.
fn implied(siblings: &[Sibling]) -> Vector {
    siblings.iter().map(|sibling| (sibling.device, sibling.seq)).collect()
}

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], DamagedEntity> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(DamagedEntity)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u64, DamagedEntity> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(DamagedEntity)
    }

    fn bytes(&mut self) -> Result<&'a [u8], DamagedEntity> {
        let length = self.number()?;
        self.take(usize::try_from(length).map_err(|_| DamagedEntity)?)
    }

    fn many<T>(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Result<T, DamagedEntity>,
    ) -> Result<Vec<T>, DamagedEntity> {
        let count = self.number()?;
        if count > self.0.len() as u64 {
            return Err(DamagedEntity);
        }
        (0..count).map(|_| each(self)).collect()
    }
}

const FORMAT: u8 = 1;
/// What a packed contact usually fits into, in bytes.
const PACKED_BYTES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn entity() -> Entity {
        let mut entity = Entity::default();
        let sibling = |device: u8, seq, value: Option<&[u8]>| Sibling {
            device: DeviceId([device; 16]),
            seq,
            clock: -5,
            value: value.map(<[u8]>::to_vec),
        };
        let seen: Vector = [(DeviceId([8; 16]), 300)].into_iter().collect();
        entity.register_mut(&Path::state()).merge(sibling(1, 1, Some(b"alive")), &seen);
        entity.register_mut(&Path::state()).merge(sibling(2, 129, Some(b"")), &Vector::default());
        entity.register_mut(&Path::setting("x")).merge(sibling(2, 130, None), &Vector::default());
        entity
    }

    #[test]
    fn an_entity_comes_back_from_its_bytes_and_damage_is_noticed() {
        let bytes = entity().encode();
        assert_eq!(Entity::decode(&bytes), Ok(entity()));
        assert_eq!(Entity::decode(&Entity::default().encode()), Ok(Entity::default()));
        for cut in 0..bytes.len() {
            assert_eq!(Entity::decode(&bytes[..cut]), Err(DamagedEntity), "cut at {cut}");
        }
    }
}
