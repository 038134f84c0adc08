//! The trash's end: purging, and what happens when a purge meets a restore (rule 3.1/5).

use super::{Committed, Draft, Edit, Rows, commit};
use crate::{
    book,
    change::Change,
    entity::Entity,
    id::{DeviceId, EntityId},
    path::Path,
    register::Sibling,
};
use std::collections::BTreeSet;

/// The edits that purge one contact: every other register tombstoned, `state` trashed.
///
/// Empty if the contact is not in the trash, or if somebody edited it while it was trashed elsewhere: that question is
/// for a person. The caller checks the 30 days and that the book is settled.
pub fn purge(id: EntityId, entity: &Entity) -> Vec<Edit> {
    let state = Path::state();
    let open = entity.register(&state).is_none_or(|register| !register.others().is_empty());
    if open || !book::is_trashed(entity) {
        return Vec::new();
    }
    let filled = entity.registers().filter(|(path, register)| **path != state && register.value().is_some());
    let mut edits: Vec<Edit> = filled.map(|(path, _)| Edit { entity: id, path: path.clone(), value: None }).collect();
    if !edits.is_empty() {
        edits.push(Edit { entity: id, path: state, value: Some(book::TRASHED.to_vec()) });
    }
    edits
}

/// A purge that was delivered: the contact, and the change that purged it.
pub(super) type Purge = (EntityId, (DeviceId, u64));

/// The contacts that a change purges: it trashes them, and removes something of them besides.
pub(super) fn purged_by(change: &Change) -> impl Iterator<Item = Purge> + '_ {
    let id = (change.device, change.seq);
    let trashed = change.writes.iter().filter(|write| is_trashing(&write.path, write.value.as_deref()));
    let emptied = |entity| change.writes.iter().any(|write| write.entity == entity && write.value.is_none());
    trashed.map(|write| write.entity).filter(move |&entity| emptied(entity)).map(move |entity| (entity, id))
}

/// Writes again what a purge removed and nobody else replaced, where this replica holds a living `alive`.
///
/// The purge's own `state` write may be superseded by now, or may have come after one that had seen it: `delivered` are
/// the purges that came in this transaction.
pub(super) fn write_again<R: Rows>(
    rows: &mut R,
    me: DeviceId,
    now: i64,
    touched: &[EntityId],
    delivered: &[Purge],
) -> Result<Option<Committed>, R::Error> {
    let mut drafts = Vec::new();
    for &id in touched {
        let edits = removed_by_purge(rows, id, delivered)?;
        if !edits.is_empty() {
            drafts.push(Draft { edits, import: None });
        }
    }
    if drafts.is_empty() {
        return Ok(None);
    }
    Ok(commit(rows, me, now, drafts)?.ok())
}

fn removed_by_purge<R: Rows>(rows: &mut R, id: EntityId, delivered: &[Purge]) -> Result<Vec<Edit>, R::Error> {
    mutant!(PurgeBeatsAlive => return Ok(Vec::new()));
    let entity = rows.entity(id)?;
    let Some(state) = entity.register(&Path::state()) else { return Ok(Vec::new()) };
    if !state.siblings().iter().any(|sibling| sibling.value.as_deref() == Some(book::ALIVE)) {
        return Ok(Vec::new());
    }
    let mut removals: BTreeSet<(DeviceId, u64)> = BTreeSet::new();
    // Registers with nothing but removals.
    let mut emptied: Vec<(Path, Vec<(DeviceId, u64)>)> = Vec::new();
    for (path, register) in entity.registers() {
        let removed = register.siblings().iter().filter(|sibling| sibling.value.is_none());
        let by: Vec<(DeviceId, u64)> = removed.map(|sibling| (sibling.device, sibling.seq)).collect();
        removals.extend(&by);
        if by.len() == register.siblings().len() {
            emptied.push((path.clone(), by));
        }
    }
    let trashed: Vec<(DeviceId, u64)> = trashings(state.siblings().iter()).collect();
    if emptied.is_empty() || !trashed.iter().all(|trashing| removals.contains(trashing)) {
        // Nothing is missing; or somebody else put it into the trash and did not purge it: that is for a person to say.
        return Ok(Vec::new());
    }
    let mut purges = trashed;
    purges.extend(delivered.iter().filter(|(entity, _)| *entity == id).map(|(_, change)| *change));
    purges.extend(trashings(rows.history(id, &Path::state())?.iter().map(|replaced| &replaced.sibling)));
    emptied.retain(|(_, by)| by.iter().all(|change| purges.contains(change)));

    let mut edits = Vec::new();
    for (path, _) in emptied {
        let removed = rows.history(id, &path)?;
        let removed = removed.into_iter().filter(|replaced| purges.contains(&replaced.by)).map(|r| r.sibling);
        let best = removed.filter(|sibling| sibling.value.is_some()).max_by_key(|s| (s.clock, s.device));
        if let Some(sibling) = best {
            edits.push(Edit { entity: id, path, value: sibling.value });
        }
    }
    if !edits.is_empty() {
        edits.push(Edit { entity: id, path: Path::state(), value: Some(book::ALIVE.to_vec()) });
    }
    Ok(edits)
}

fn trashings<'a>(siblings: impl Iterator<Item = &'a Sibling>) -> impl Iterator<Item = (DeviceId, u64)> {
    let trashed = siblings.filter(|sibling| sibling.value.as_deref() == Some(book::TRASHED));
    trashed.map(|sibling| (sibling.device, sibling.seq))
}

pub(super) fn is_trashing(path: &Path, value: Option<&[u8]>) -> bool {
    *path == Path::state() && value == Some(book::TRASHED)
}

#[cfg(test)]
mod tests;
