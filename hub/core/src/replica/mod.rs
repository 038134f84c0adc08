//! One replica of one book: how changes are made, taken in, handed on and purged (rules 3.1/2 to 8 and 12).
//!
//! Everything here is a function over [`Rows`], a small synchronous view of one open transaction. The caller begins the
//! transaction, calls one function, and commits if it returned `Ok`, else rolls back: a change is applied whole or not
//! at all. There is no clock and no randomness here; `now` is an argument.

mod apply;
mod bringing_back;
mod commit;
mod copies;
mod memory;
mod merge_again;
mod purge;
mod read;
mod taking_back;

pub use apply::{Applied, Delivery, Manner, Refusal, apply};
pub use bringing_back::{Reach, bring_back};
pub use commit::{Committed, Draft, Edit, commit};
pub(crate) use copies::lower;
pub use copies::{Apart, Branch, MARKS_MAX, Parted, branch, forks, part, stand_ins};
pub use memory::MemoryRows;
pub use merge_again::merge_again;
pub use purge::purge;
pub use read::{BatchRead, read_batch, read_batch_up_to};
pub use taking_back::{Writes, inverse, said_at};

use crate::{
    book_hash::BookHash,
    change::{self, Change, Write},
    entity::Entity,
    id::{BookId, DeviceId, EntityId, Hash, StoreId},
    path::Path,
    register::{Merged, Sibling},
    vector::Vector,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a replica knows about its book as a whole. Small: a few dozen entries.
#[derive(Clone, Debug, PartialEq)]
pub struct BookState {
    /// Which book.
    pub book: BookId,
    /// This life of this store.
    pub store: StoreId,
    /// Every device that ever wrote to the book.
    pub authors: BTreeMap<DeviceId, Author>,
    /// The hash of the living state.
    pub hash: BookHash,
    /// How far this replica has read each peer's changes.
    pub cursors: BTreeMap<DeviceId, Cursor>,
    /// Counts the transactions that changed the book since the store was opened.
    pub commits: u64,
}

/// What a replica knows of one device's changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// V: of every write in changes 1 to this I hold it, or one that has seen it (rule 3.1/6).
    pub vouched: u64,
    /// The newest change that came here by whatever path. Its number greater than `vouched`: unsettled. Its hash is zero
    /// if the file is older than this field.
    pub held: Head,
    /// The newest change that anybody told of.
    pub head: Head,
    /// The device was copied and its changes parted after `head`: later numbers count for nothing, for ever.
    pub closed: bool,
}

impl Author {
    /// A change came here. What is held says more than what was told.
    fn hold(&mut self, change: Head) {
        if change.seq > self.held.seq {
            self.held = change;
        }
        if change.seq == self.head.seq {
            self.head = change;
        }
    }
}

/// A device's newest change: kept and sent even when it is superseded (rule 3.1/9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its number; 0 if there is none.
    #[serde(rename = "n")]
    pub seq: u64,
    /// Its hash.
    #[serde(rename = "h")]
    pub hash: Hash,
}

impl Head {
    /// Whether it names a change, by number and hash.
    pub fn is_known(&self) -> bool {
        self.seq > 0 && self.hash != Self::default().hash
    }
}

impl Default for Head {
    fn default() -> Self {
        Self { seq: 0, hash: Hash([0; 32]) }
    }
}

/// Device to head.
pub type Heads = BTreeMap<DeviceId, Head>;

/// How far a peer's changes have been read: its store, and the arrival number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Arrival numbers mean something only within one life of a store.
    #[serde(rename = "s")]
    pub store: StoreId,
    /// The last arrival number read.
    #[serde(rename = "a")]
    pub arrival: u64,
}

impl BookState {
    /// The state of an empty book.
    pub fn new(book: BookId, store: StoreId) -> Self {
        Self { book, store, authors: BTreeMap::new(), hash: BookHash::default(), cursors: BTreeMap::new(), commits: 0 }
    }

    /// V.
    pub fn vector(&self) -> Vector {
        self.authors.iter().map(|(&device, author)| (device, author.vouched)).collect()
    }

    /// All known heads.
    pub fn heads(&self) -> Heads {
        let known = self.authors.iter().filter(|(_, author)| author.head.seq > 0);
        known.map(|(&device, author)| (device, author.head)).collect()
    }

    /// Whether nothing is held beyond what V vouches for (rule 3.1/12).
    pub fn is_settled(&self) -> bool {
        self.authors.values().all(|author| author.held.seq <= author.vouched)
    }

    /// The devices whose numbers have come to an end, and the last change of each that counts (rule 3.1/9).
    pub fn closed(&self) -> Heads {
        let closed = self.authors.iter().filter(|(_, author)| author.closed);
        closed.map(|(&device, author)| (device, author.head)).collect()
    }

    /// What is held of each device, where that is not its head.
    pub fn held(&self) -> Heads {
        let told = |author: &&Author| author.held != author.head && author.held.is_known();
        let held = self.authors.iter().map(|(device, author)| (*device, author)).filter(|(_, author)| told(author));
        held.map(|(device, author)| (device, author.held)).collect()
    }

    /// A short name for V: equal versions mean equal vectors. The number of changes, then a digest.
    pub fn version(&self) -> String {
        version(&self.vector())
    }
}

/// A short name for a vector: the number of changes it vouches for, then 8 hex digits of a digest.
pub fn version(vector: &Vector) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut total = 0_u64;
    for (device, seq) in vector.iter() {
        hasher.update(&device.0);
        hasher.update(&seq.to_le_bytes());
        total = total.saturating_add(seq);
    }
    let digest = hasher.finalize();
    let [a, b, c, d, ..] = digest.as_bytes();
    format!("{total}-{a:02x}{b:02x}{c:02x}{d:02x}")
}

/// A value that was replaced here: this replica's history, neither synced nor hashed.
#[derive(Clone, Debug, PartialEq)]
pub struct Replaced {
    /// What was replaced.
    pub sibling: Sibling,
    /// The change that replaced it.
    pub by: (DeviceId, u64),
}

/// A change as stored, with the number under which it arrived here.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredChange {
    /// Grows by arrival; a change that arrives twice keeps its first.
    pub arrival: u64,
    /// Who made it.
    pub device: DeviceId,
    /// Its number.
    pub seq: u64,
    /// The bytes it was made in; only their hash if none of its writes lives any more.
    pub bytes: Vec<u8>,
    /// Whether these are the bytes.
    pub whole: bool,
}

impl StoredChange {
    /// The change's hash.
    pub fn hash(&self) -> Hash {
        if self.whole { change::hash(&self.bytes) } else { Hash::from_slice(&self.bytes).unwrap_or(Hash([0; 32])) }
    }
}

/// The storage behind a replica, within one transaction.
pub trait Rows {
    /// What can go wrong with the storage itself.
    type Error;

    /// The book as a whole, as this transaction sees it.
    fn state(&self) -> &BookState;
    /// The same, to change.
    fn state_mut(&mut self) -> &mut BookState;
    /// An entity's registers; empty if nothing was ever written there.
    fn entity(&mut self, id: EntityId) -> Result<&Entity, Self::Error>;
    /// The same, to change.
    fn entity_mut(&mut self, id: EntityId) -> Result<&mut Entity, Self::Error>;
    /// Stores a change under the next arrival number. `living` is how many of its writes live now, at least 1. Where only
    /// its hash was kept, that one goes: who has read past it has not read the change.
    fn insert_change(&mut self, device: DeviceId, seq: u64, living: u32, bytes: &[u8]) -> Result<(), Self::Error>;
    /// Stores the hash of a change of which nothing lives, under the next arrival number; nothing if it is known.
    fn insert_stub(&mut self, device: DeviceId, seq: u64, hash: Hash) -> Result<(), Self::Error>;
    /// One write of this change lives no more; of a change without living writes the hash stays.
    fn release_change(&mut self, device: DeviceId, seq: u64) -> Result<(), Self::Error>;
    /// Remembers a value that was replaced.
    fn record(&mut self, entity: EntityId, path: &Path, replaced: Replaced) -> Result<(), Self::Error>;
    /// What was replaced in one register, oldest first.
    fn history(&mut self, entity: EntityId, path: &Path) -> Result<Vec<Replaced>, Self::Error>;
    /// Changes and hashes with an arrival number greater than `after`, at most `max`, in that order.
    fn changes_after(&mut self, after: u64, max: usize) -> Result<Vec<StoredChange>, Self::Error>;
    /// The greatest arrival number; 0 if nothing arrived yet.
    fn newest_arrival(&mut self) -> Result<u64, Self::Error>;
    /// The hash of a change that came here, superseded or not.
    fn hash_of(&mut self, device: DeviceId, seq: u64) -> Result<Option<Hash>, Self::Error>;
    /// Takes out all changes of a device after number `after`, and returns those with a living write, in order.
    fn take_changes(&mut self, device: DeviceId, after: u64) -> Result<Vec<StoredChange>, Self::Error>;
    /// The entities of which a register has seen a change of this device after number `after`.
    fn entities_naming(&mut self, device: DeviceId, after: u64) -> Result<Vec<EntityId>, Self::Error>;
    /// In history, change `old` is change `new` from now on.
    fn rename_change(&mut self, old: (DeviceId, u64), new: (DeviceId, u64)) -> Result<(), Self::Error>;
}

/// Merges the writes of one change and stores it if any of them lives.
fn merge_change<R: Rows>(
    rows: &mut R,
    change: Change,
    bytes: &[u8],
    touched: &mut Vec<EntityId>,
) -> Result<(), R::Error> {
    let Change { device, seq, clock, .. } = change;
    let name = change::hash(bytes);
    let closed = rows.state().closed();
    let mut hash = rows.state().hash;
    let mut living = 0;
    for Write { entity, path, value, mut seen } in change.writes {
        mutant!(TombstoneSkipped if value.is_none() => continue);
        // What the writer had seen of a copied device after its end may have been another copy's.
        closed.iter().for_each(|(device, head)| seen.lower(*device, head.seq));
        let register = rows.entity_mut(entity)?.register_mut(&path);
        let sibling = Sibling { device, seq, clock, value };
        if seq > register.seen().at(device) {
            hash.add(entity, &path, &sibling);
        }
        let Merged::Added(dropped) = register.merge(sibling, &seen) else { continue };
        living += 1;
        if touched.last() != Some(&entity) {
            touched.push(entity);
        }
        for old in dropped {
            hash.remove(entity, &path, &old);
            mutant!(RestoreUnhashed if purge::is_trashing(&path, old.value.as_deref()) => hash.add(entity, &path, &old));
            rows.release_change(old.device, if mutant!(ReplacedKept) { 0 } else { old.seq })?;
            let by = (device, if mutant!(HistoryMisnamed) { 0 } else { seq });
            rows.record(entity, &path, Replaced { sibling: old, by })?;
        }
    }
    let state = rows.state_mut();
    state.hash = hash;
    let author = state.authors.entry(device).or_default();
    author.hold(Head { seq, hash: name });
    mutant!(VectorFollowsChanges => author.vouched = author.held.seq);
    if living > 0 { rows.insert_change(device, seq, living, bytes) } else { rows.insert_stub(device, seq, name) }
}
