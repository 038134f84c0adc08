//! The trash's end: purging, and what happens when a purge meets a restore (rule 3.1/5).

use super::{Committed, Draft, Edit, Rows, commit};
use crate::{
    book,
    entity::Entity,
    id::{DeviceId, EntityId},
    path::Path,
};

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

/// Writes again what a concurrent purge removed and nobody else replaced, where this replica holds a living `alive`.
pub(super) fn write_again<R: Rows>(
    rows: &mut R,
    me: DeviceId,
    now: i64,
    touched: &[EntityId],
) -> Result<Option<Committed>, R::Error> {
    let mut drafts = Vec::new();
    for &id in touched {
        let edits = removed_by_purge(rows, id)?;
        if !edits.is_empty() {
            drafts.push(Draft { edits, import: None });
        }
    }
    if drafts.is_empty() {
        return Ok(None);
    }
    Ok(commit(rows, me, now, drafts)?.ok())
}

fn removed_by_purge<R: Rows>(rows: &mut R, id: EntityId) -> Result<Vec<Edit>, R::Error> {
    let entity = rows.entity(id)?;
    let Some(state) = entity.register(&Path::state()) else { return Ok(Vec::new()) };
    let alive = state.siblings().iter().any(|sibling| sibling.value.as_deref() == Some(book::ALIVE));
    let purges: Vec<(DeviceId, u64)> = state
        .siblings()
        .iter()
        .filter(|sibling| sibling.value.as_deref() == Some(book::TRASHED))
        .map(|sibling| (sibling.device, sibling.seq))
        .collect();
    if !alive || purges.is_empty() {
        return Ok(Vec::new());
    }
    let emptied: Vec<Path> = entity
        .registers()
        .filter(|(_, register)| {
            let siblings = register.siblings();
            siblings.iter().all(|sibling| sibling.value.is_none())
                && siblings.iter().any(|sibling| purges.contains(&(sibling.device, sibling.seq)))
        })
        .map(|(path, _)| path.clone())
        .collect();
    let mut edits = Vec::new();
    for path in emptied {
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
