//! Taking back: what undoes one of this device's own changes, and what a register said at a time.
//!
//! Nothing is ever unwritten: taking back is a new change. What somebody else wrote since stays. Two values that stood
//! side by side until a person chose cannot be put side by side again, because one device's writes always see each other
//! (rule 3.1/3): the value that was shown before comes back, and the other one stays in the history.

use super::{Edit, Replaced, Rows};
use crate::{
    book,
    entity::Entity,
    id::{DeviceId, EntityId},
    path::Path,
    register::{Register, Sibling},
};
use std::collections::{BTreeMap, BTreeSet};

/// What a change wrote: one value, or a removal, per register.
pub type Writes = BTreeMap<(EntityId, Path), Option<Vec<u8>>>;

/// The edits that take back change `seq` of device `me`, which wrote `writes`; none if nothing of it stands any more.
///
/// A contact that the change made goes into the trash with everything it says, unless somebody touched it since: then it
/// stays as it is. Of others, each register in which the change still stands becomes what it was before. `is_undo` says
/// whether a change of this device only took back others, so that what it brought back counts as standing.
pub fn inverse<R: Rows>(
    rows: &mut R,
    me: DeviceId,
    seq: u64,
    writes: &Writes,
    is_undo: &dyn Fn(u64) -> bool,
) -> Result<Vec<Edit>, R::Error> {
    let mark = Mark { me, seq, is_undo };
    let entities: BTreeSet<EntityId> = writes.keys().map(|(entity, _)| *entity).collect();
    let mut edits = Vec::new();
    for id in entities {
        let of_it = writes.iter().filter(|((entity, _), _)| *entity == id).map(|((_, path), value)| (path, value));
        let of_it: BTreeMap<&Path, &Option<Vec<u8>>> = of_it.collect();
        mark.take_back(rows, id, &of_it, &mut edits)?;
    }
    Ok(edits)
}

/// A change of this device, to be recognised in registers.
struct Mark<'a> {
    me: DeviceId,
    seq: u64,
    is_undo: &'a dyn Fn(u64) -> bool,
}

impl Mark<'_> {
    fn take_back<R: Rows>(
        &self,
        rows: &mut R,
        id: EntityId,
        writes: &BTreeMap<&Path, &Option<Vec<u8>>>,
        edits: &mut Vec<Edit>,
    ) -> Result<(), R::Error> {
        let state = Path::state();
        let made = match writes.contains_key(&state) {
            true => self.before(rows, id, &state)?.is_none(),
            false => false,
        };
        if made {
            if self.is_untouched(rows.entity(id)?, writes) && !book::is_trashed(rows.entity(id)?) {
                edits.push(book::set_state(id, book::TRASHED));
            }
            return Ok(());
        }
        let mut taken_back = Vec::new();
        for (&path, &value) in writes {
            let Some(register) = rows.entity(id)?.register(path) else { continue };
            let (own, others): (Vec<&Sibling>, Vec<&Sibling>) =
                register.siblings().iter().partition(|sibling| self.stands(sibling, value.as_deref()));
            if own.is_empty() {
                continue;
            }
            // Somebody else's value beside mine is what stays.
            let beside = others.into_iter().filter(|sibling| sibling.value != *value).max_by_key(|s| rank(s)).cloned();
            let before = match beside {
                Some(sibling) => Some(sibling),
                None => self.before(rows, id, path)?,
            };
            taken_back.push(Edit { entity: id, path: path.clone(), value: before.and_then(|sibling| sibling.value) });
        }
        // Every change that touches a contact writes its state as well (rule 3.1/5).
        let entity = rows.entity(id)?;
        if !taken_back.is_empty()
            && !taken_back.iter().any(|edit| edit.path == state)
            && let Some(value) = entity.register(&state).and_then(Register::value)
        {
            let value = if book::is_trashed(entity) { book::TRASHED } else { value };
            taken_back.push(book::set_state(id, value));
        }
        edits.extend(taken_back);
        Ok(())
    }

    /// Whether a sibling is this change's, or brings back what this change wrote.
    fn stands(&self, sibling: &Sibling, wrote: Option<&[u8]>) -> bool {
        let brought_back = || (self.is_undo)(sibling.seq) && sibling.value.as_deref() == wrote;
        sibling.device == self.me && (sibling.seq == self.seq || brought_back())
    }

    /// Whether an entity is as this change made it: nobody else's write lives in it.
    fn is_untouched(&self, entity: &Entity, writes: &BTreeMap<&Path, &Option<Vec<u8>>>) -> bool {
        entity.registers().all(|(path, register)| {
            let wrote = writes.get(path).and_then(|value| value.as_deref());
            !register.siblings().is_empty() && register.siblings().iter().all(|sibling| self.stands(sibling, wrote))
        })
    }

    /// What stood in a register before this change; `None` if nothing ever did.
    fn before<R: Rows>(&self, rows: &mut R, id: EntityId, path: &Path) -> Result<Option<Sibling>, R::Error> {
        let replaced = rows.history(id, path)?.into_iter().filter(|replaced| replaced.by == (self.me, self.seq));
        Ok(replaced.map(|replaced| replaced.sibling).max_by_key(rank))
    }
}

/// What a register said at a time, by the writers' clocks, in milliseconds since 1970: the value, a removal, or nothing at
/// all if it did not exist yet. What was written in the same millisecond counts in the order in which it was replaced.
pub fn said_at(history: &[Replaced], register: Option<&Register>, time: i64) -> Option<Vec<u8>> {
    let mut living: Vec<&Sibling> = register.map(|register| register.siblings().iter().collect()).unwrap_or_default();
    living.sort_by_key(|sibling| rank(sibling));
    let versions = history.iter().map(|replaced| &replaced.sibling).chain(living);
    let known = versions.enumerate().filter(|(_, sibling)| sibling.clock <= time);
    known.max_by_key(|(nth, sibling)| (sibling.clock, *nth)).and_then(|(_, sibling)| sibling.value.clone())
}

/// Which of several siblings is shown: rule 3.1/4.
fn rank(sibling: &Sibling) -> (bool, i64, DeviceId) {
    (sibling.value.is_some(), sibling.clock, sibling.device)
}

#[cfg(test)]
mod tests;
