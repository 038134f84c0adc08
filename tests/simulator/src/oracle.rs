//! Knows every change ever made, and what must hold of every replica: by brute force, from the changes alone.

use super::history::{ChangeId, History, Place, Shown};
use kith_core::{
    book::{self, Kind},
    book_hash::BookHash,
    change::{Change, Write},
    entity::Entity,
    id::EntityId,
    path::Path,
    register::{Register, Sibling},
    replica::{MemoryRows, Rows},
    vector::Vector,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// Something that must not happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub what: What,
    /// Where and how.
    pub detail: String,
    /// When, in milliseconds of virtual time.
    pub at_ms: u64,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Two settled replicas with equal V hold different books (rule 3.1/12).
    Diverged,
    /// Replicas differ after healing.
    NotConverged,
    /// The network does not come to rest after healing.
    NotQuiet,
    /// V promises what the replica does not hold (rule 3.1/6).
    DishonestVector,
    /// A device is taken to hold what it does not.
    DishonestHolds,
    /// A write that nobody replaced is gone, or one that was replaced is not.
    WrongSiblings,
    /// A change is visible in part.
    Torn,
    /// The book's hash is not that of its content.
    WrongHash,
    /// What is stored to be handed on is not what lives.
    WrongStore,
    /// Something was shown, and is gone after a restart.
    Backwards,
    /// Two changes bear one number.
    NumberTwice,
    /// An honest device took another for hostile.
    HostileClose,
    /// An honest delivery was refused.
    Refused,
    /// The engine found books that differ where they must not.
    Differs,
    /// A purge took values for good though somebody concurrently kept the contact.
    LostToPurge,
    /// A contact trashed here and kept there is not in the trash with a question.
    TrashUnasked,
    /// A value is gone over which nobody wrote.
    Lost,
    /// A frame is longer than frames may be.
    FrameTooLong,
    /// A write names as seen what its device did not hold, or does not name what it held.
    WrongContext,
    /// Of several values another one is shown than clock and device say.
    WrongShown,
    /// A contact that nobody trashed is not there, or one that somebody did is.
    WrongContacts,
    /// A roster says otherwise than the entries that its device was given.
    WrongRoster,
    /// Members that met hold other rosters.
    RostersDiffer,
    /// A change that a removed device made after everybody knew was taken in.
    TakenFromRemoved,
    /// The product's file did otherwise than the ordered maps.
    StoreDiffers,
    /// The product panicked.
    Panicked,
}

impl Finding {
    pub(super) fn new(what: What, detail: String) -> Self {
        Self { what, detail, at_ms: 0 }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {} ms: {}", self.what, self.at_ms, self.detail)
    }
}

/// Every change ever made, and where it got to.
#[derive(Debug, Default)]
pub(super) struct Oracle {
    log: BTreeMap<ChangeId, Change>,
    purges: BTreeSet<ChangeId>,
    /// By device: the changes that it made or that were delivered to it, durably.
    reached: BTreeMap<usize, BTreeSet<ChangeId>>,
    history: History,
}

impl Oracle {
    /// Changes that a device made, durably, where `held` stood.
    pub(super) fn made(
        &mut self,
        device: usize,
        changes: &[Vec<u8>],
        is_purge: bool,
        held: &BTreeMap<Place, Vec<ChangeId>>,
    ) -> Result<(), Finding> {
        let mut held = held.clone();
        for change in changes.iter().filter_map(|bytes| Change::decode(bytes).ok()) {
            let id = (change.device, change.seq);
            if self.log.contains_key(&id) {
                return Err(Finding::new(What::NumberTwice, format!("change {id:?}")));
            }
            for write in &change.writes {
                let place = (write.entity, write.path.clone());
                let made = (id, change.clock, write.value.clone());
                let before = held.insert(place.clone(), vec![id]).unwrap_or_default();
                let came_after = self.history.wrote(place, made, &before);
                if came_after != write.seen {
                    let detail = format!("change {id:?} saw {came_after:?} and says {:?}", write.seen);
                    return Err(Finding::new(What::WrongContext, detail));
                }
            }
            if is_purge {
                self.purges.insert(id);
            }
            self.reached.entry(device).or_default().insert(id);
            self.log.insert(id, change);
        }
        Ok(())
    }

    /// What a device should hold at the places that these changes write to, going by all that was delivered to it.
    pub(super) fn due(&self, device: usize, changes: &[Vec<u8>]) -> BTreeMap<Place, Vec<ChangeId>> {
        let reached = self.reached.get(&device);
        let decoded = changes.iter().filter_map(|bytes| Change::decode(bytes).ok());
        let places = decoded.flat_map(|change| change.writes).map(|write| (write.entity, write.path));
        let newest = |place: &Place| self.history.newest(place, &|id| reached.is_some_and(|all| all.contains(&id)));
        places.map(|place| (place.clone(), newest(&place).into_iter().map(|made| made.id).collect())).collect()
    }

    /// A device shows its book.
    pub(super) fn looked(&mut self, device: usize, rows: &MemoryRows) -> Result<(), Finding> {
        for (&id, entity) in rows.entities() {
            for (path, register) in entity.registers() {
                let held: Vec<ChangeId> = register.siblings().iter().map(|s| (s.device, s.seq)).collect();
                self.history.read(device, &(id, path.clone()), &held)?;
            }
        }
        Ok(())
    }

    /// Changes that were delivered to a device, durably.
    pub(super) fn arrived(&mut self, device: usize, changes: &[Vec<u8>]) {
        let changes = changes.iter().filter_map(|bytes| Change::decode(bytes).ok());
        self.reached.entry(device).or_default().extend(changes.map(|change| (change.device, change.seq)));
    }

    /// Rule 3.1/6 for what V promises above `known`.
    pub(super) fn check_honest(&self, rows: &MemoryRows, known: &Vector) -> Result<(), Finding> {
        for (device, upto) in rows.state().vector().iter() {
            for seq in known.at(device) + 1..=upto {
                let dishonest = |detail: &str| {
                    Err(Finding::new(What::DishonestVector, format!("change {:?}: {detail}", (device, seq))))
                };
                let Some(change) = self.log.get(&(device, seq)) else { return dishonest("never made") };
                for write in &change.writes {
                    if !self.is_held(rows, (device, seq), write) {
                        return dishonest(&format!("{:?} of {:?} is not here", write.path, write.entity));
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a sibling is this write, or has seen it.
    fn is_held(&self, rows: &MemoryRows, id: ChangeId, write: &Write) -> bool {
        let place = (write.entity, write.path.clone());
        register(rows, write.entity, &write.path).is_some_and(|register| {
            let mut held = register.siblings().iter().map(|sibling| (sibling.device, sibling.seq));
            held.any(|sibling| sibling == id || self.history.precedes(&place, id, sibling))
        })
    }

    fn write(&self, id: ChangeId, entity: EntityId, path: &Path) -> Option<&Write> {
        self.log.get(&id)?.writes.iter().find(|write| write.entity == entity && write.path == *path)
    }

    /// Whole changes, the hash, what is stored, and questions about the trash.
    pub(super) fn check_content(&self, rows: &mut MemoryRows) -> Result<(), Finding> {
        let mut hash = BookHash::default();
        let mut living: BTreeSet<ChangeId> = BTreeSet::new();
        for (&id, entity) in rows.entities() {
            for (path, register) in entity.registers() {
                for sibling in register.siblings() {
                    hash.add(id, path, sibling);
                    living.insert((sibling.device, sibling.seq));
                }
            }
            let state = entity.register(&Path::state());
            let has = |value: &[u8]| {
                state.is_some_and(|state| state.siblings().iter().any(|s| s.value.as_deref() == Some(value)))
            };
            let both = has(book::ALIVE) && has(book::TRASHED);
            if both && !(book::is_trashed(entity) && book::is_trash_undecided(entity)) {
                return Err(Finding::new(What::TrashUnasked, format!("{id:?}")));
            }
            if both && !kith_core::replica::purge(id, entity).is_empty() {
                return Err(Finding::new(What::TrashUnasked, format!("{id:?} would be purged")));
            }
        }
        for id in &living {
            let Some(change) = self.log.get(id) else {
                return Err(Finding::new(What::Torn, format!("{id:?} was never made")));
            };
            let is_merged = |write: &Write| {
                register(rows, write.entity, &write.path).is_some_and(|register| register.seen().at(id.0) >= id.1)
            };
            if !change.writes.iter().all(is_merged) {
                return Err(Finding::new(What::Torn, format!("{id:?} is visible in part")));
            }
        }
        if hash != rows.state().hash {
            return Err(Finding::new(What::WrongHash, "not the sum over what lives".to_owned()));
        }
        let Ok(stored) = rows.changes_after(0, usize::MAX);
        let whole = stored.iter().filter(|change| change.whole);
        let stored: BTreeSet<ChangeId> = whole.map(|change| (change.device, change.seq)).collect();
        if stored != living {
            let odd: Vec<_> = stored.symmetric_difference(&living).collect();
            return Err(Finding::new(What::WrongStore, format!("stored or living, not both: {odd:?}")));
        }
        Ok(())
    }

    /// What must stand in the end, of all writes that reached a survivor ([`History::judge`]).
    pub(super) fn check_siblings(&self, survivors: &[usize], rows: &MemoryRows) -> Result<(), Finding> {
        self.history.judge(&self.reached(survivors), rows)
    }

    /// A contact that was added and of which nobody who is left says that it is trashed is there, and one of which
    /// somebody does is not.
    pub(super) fn check_contacts(&self, survivors: &[usize], rows: &MemoryRows) -> Result<(), Finding> {
        let reached = self.reached(survivors);
        for place in self.history.places().filter(|(_, path)| *path == Path::state()) {
            let newest = self.history.newest(place, &|id| reached.contains(&id));
            let trashed = newest.iter().any(|made| made.value.as_deref() == Some(book::TRASHED));
            let entity = rows.entities().get(&place.0).filter(|_| !newest.is_empty());
            let kind = entity.map_or(Kind::Other, book::kind);
            if !newest.is_empty() && (kind == Kind::Other || entity.is_some_and(book::is_trashed) != trashed) {
                let detail = format!("{:?} is {kind:?}, trashed by somebody: {trashed}", place.0);
                return Err(Finding::new(What::WrongContacts, detail));
            }
        }
        Ok(())
    }

    fn reached(&self, survivors: &[usize]) -> BTreeSet<ChangeId> {
        survivors.iter().filter_map(|device| self.reached.get(device)).flatten().copied().collect()
    }

    /// Rule 3.1/5: where a purge met somebody who kept the contact and nobody trashed it after that, no value is missing
    /// for which only a purge's removal stands.
    pub(super) fn check_purges(&self, survivors: &[usize], rows: &MemoryRows) -> Result<(), Finding> {
        let reached = self.reached(survivors);
        for (id, purge) in reached.intersection(&self.purges).filter_map(|id| Some((id, self.log.get(id)?))) {
            for state in purge.writes.iter().filter(|write| write.path == Path::state()) {
                let place = (state.entity, state.path.clone());
                let precedes = |one: ChangeId, other: ChangeId| self.history.precedes(&place, one, other);
                let others = reached.iter().filter_map(|id| Some((*id, self.write(*id, state.entity, &state.path)?)));
                let (kept, trashed): (Vec<_>, Vec<_>) =
                    others.partition(|(_, write)| write.value.as_deref() == Some(book::ALIVE));
                let is_kept = kept.iter().any(|&(keeper, _)| {
                    let concurrent = !precedes(*id, keeper) && !precedes(keeper, *id);
                    concurrent && !trashed.iter().any(|&(trash, _)| precedes(keeper, trash))
                });
                let Some(entity) = rows.entities().get(&state.entity).filter(|_| is_kept) else { continue };
                let is_purge = |s: &Sibling| self.purges.contains(&(s.device, s.seq));
                let states = entity.register(&state.path).map(Register::siblings).unwrap_or_default();
                if states.iter().any(|s| s.value.as_deref() == Some(book::TRASHED) && !is_purge(s)) {
                    // A question for a person.
                    continue;
                }
                let is_emptied = |register: &Register| {
                    register.siblings().iter().all(|s| s.value.is_none() && is_purge(s))
                        && register.siblings().iter().any(|s| (s.device, s.seq) == *id)
                };
                // Some device that is left must have been given a value: what was lost with its writer nobody can write again.
                let was_given = |path: &Path| {
                    let place = (state.entity, path.clone());
                    let has_value = |one| self.write(one, place.0, path).is_some_and(|write| write.value.is_some());
                    reached.iter().any(|&one| has_value(one) && self.history.precedes(&place, one, *id))
                };
                let mut lost = entity.registers().filter(|(path, register)| is_emptied(register) && was_given(path));
                if let Some((path, _)) = lost.next() {
                    let detail = format!("{path:?} of {:?} by {id:?}", state.entity);
                    return Err(Finding::new(What::LostToPurge, detail));
                }
            }
        }
        Ok(())
    }
}

/// Whether two replicas hold the same values, other values and removals included, whatever they have seen on the way.
pub(super) fn is_alike(one: &MemoryRows, other: &MemoryRows) -> bool {
    let living = |rows: &MemoryRows| {
        let registers = |(id, entity): (&EntityId, &Entity)| {
            let id = *id;
            let siblings = entity.registers().map(move |(path, r)| ((id, path.clone()), r.siblings().to_vec()));
            siblings.filter(|(_, siblings)| !siblings.is_empty()).collect::<Vec<_>>()
        };
        rows.entities().iter().flat_map(registers).collect::<BTreeMap<_, _>>()
    };
    one.state().hash == other.state().hash && living(one) == living(other)
}

/// The book's hash is the sum over what lives.
pub(super) fn check_hash(rows: &MemoryRows) -> Result<(), Finding> {
    let mut hash = BookHash::default();
    for (&id, entity) in rows.entities() {
        for (path, register) in entity.registers() {
            register.siblings().iter().for_each(|sibling| hash.add(id, path, sibling));
        }
    }
    if hash == rows.state().hash {
        Ok(())
    } else {
        Err(Finding::new(What::WrongHash, "not the sum over what lives".to_owned()))
    }
}

/// Whether two replicas hold the same, other values and removals included.
pub(super) fn is_same(one: &MemoryRows, other: &MemoryRows) -> bool {
    one.state().hash == other.state().hash && filled(one).eq(filled(other))
}

/// What was ever written to: looking at an entity makes it, too.
fn filled(rows: &MemoryRows) -> impl Iterator<Item = (&EntityId, &Entity)> {
    rows.entities().iter().filter(|(_, entity)| !entity.is_empty())
}

fn register<'a>(rows: &'a MemoryRows, entity: EntityId, path: &Path) -> Option<&'a Register> {
    rows.entities().get(&entity)?.register(path)
}

impl Shown for MemoryRows {
    fn values(&self, (entity, path): &Place) -> BTreeMap<ChangeId, Option<Vec<u8>>> {
        let siblings = register(self, *entity, path).map(Register::siblings).unwrap_or_default();
        siblings.iter().map(|sibling| ((sibling.device, sibling.seq), sibling.value.clone())).collect()
    }

    fn first(&self, (entity, path): &Place) -> Option<Vec<u8>> {
        register(self, *entity, path).and_then(|register| register.value()).map(<[u8]>::to_vec)
    }
}
