//! The hash of a book's living state (rule 3.1/12): a sum, so that it is kept up to date write by write.

use crate::{
    id::{EntityId, Hash},
    path::Path,
    register::Sibling,
};

/// Sum modulo 2^256 of one BLAKE3 per living value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BookHash([u64; 4]);

impl BookHash {
    /// Counts a sibling that lives now. Tombstones do not count.
    pub fn add(&mut self, entity: EntityId, path: &Path, sibling: &Sibling) {
        let Some(term) = term(entity, path, sibling) else { return };
        let mut carry = false;
        for (limb, add) in self.0.iter_mut().zip(term) {
            let (sum, first) = limb.overflowing_add(add);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            *limb = sum;
            carry = first || second;
        }
    }

    /// Stops counting a sibling that does not live any more.
    pub fn remove(&mut self, entity: EntityId, path: &Path, sibling: &Sibling) {
        let Some(term) = term(entity, path, sibling) else { return };
        let mut borrow = false;
        for (limb, subtract) in self.0.iter_mut().zip(term) {
            let (rest, first) = limb.overflowing_sub(subtract);
            let (rest, second) = rest.overflowing_sub(u64::from(borrow));
            *limb = rest;
            borrow = first || second;
        }
    }

    /// The 32 bytes, little-endian.
    pub fn to_hash(self) -> Hash {
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.chunks_exact_mut(8).zip(self.0) {
            chunk.copy_from_slice(&limb.to_le_bytes());
        }
        Hash(bytes)
    }

    /// Reads back what [`BookHash::to_hash`] gave.
    pub fn from_hash(hash: Hash) -> Self {
        Self(limbs(&hash.0))
    }
}

fn term(entity: EntityId, path: &Path, sibling: &Sibling) -> Option<[u64; 4]> {
    let value = sibling.value.as_deref()?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(&entity.0);
    hasher.update(&(path.as_bytes().len() as u32).to_le_bytes());
    hasher.update(path.as_bytes());
    hasher.update(&sibling.device.0);
    hasher.update(&sibling.seq.to_le_bytes());
    hasher.update(blake3::hash(value).as_bytes());
    Some(limbs(hasher.finalize().as_bytes()))
}

fn limbs(bytes: &[u8; 32]) -> [u64; 4] {
    std::array::from_fn(|nth| {
        let mut limb = [0; 8];
        limb.copy_from_slice(&bytes[nth * 8..nth * 8 + 8]);
        u64::from_le_bytes(limb)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::DeviceId;

    #[test]
    fn what_is_added_and_removed_in_any_order_cancels_out() {
        let sibling = |n: u64| Sibling { device: DeviceId([3; 16]), seq: n, clock: 0, value: Some(vec![n as u8]) };
        let (entity, path) = (EntityId([1; 16]), Path::state());
        let mut hash = BookHash::default();
        (1..200).for_each(|n| hash.add(entity, &path, &sibling(n)));
        let full = hash;
        (1..200).rev().step_by(2).for_each(|n| hash.remove(entity, &path, &sibling(n)));
        assert_ne!(hash, full);
        (1..200).rev().skip(1).step_by(2).for_each(|n| hash.remove(entity, &path, &sibling(n)));
        assert_eq!(hash, BookHash::default());
        assert_eq!(BookHash::from_hash(full.to_hash()), full);
    }
}
