//! Taking back: the last action, the last import, one field from history.

use super::work::{Outcome, Planned, Scene};
use crate::{
    api::{Answer, Code, ContactsRevert, Error, Undone},
    store::{self, Writing},
};
use kith_core::{
    book,
    change::Change,
    id::{DeviceId, EntityId},
    path::Path,
    replica::{Draft, Edit, Replaced, Rows},
};
use std::collections::BTreeSet;

/// `import.undo`.
pub(super) fn undo_import(_scene: &Scene, _rows: &mut Writing<'_>) -> Outcome<Planned> {
    Ok(Err(Error::unbuilt()))
}

/// `contacts.revert`.
pub(super) fn revert(_request: &ContactsRevert, _scene: &Scene, _rows: &mut Writing<'_>) -> Outcome<Planned> {
    Ok(Err(Error::unbuilt()))
}

/// `contacts.undo`: takes back the newest action of this device that was not taken back yet. What has been written over
/// since stays; a contact that was made goes into the trash.
pub(super) fn undo(scene: &Scene, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let me = scene.names.me.unwrap_or(DeviceId([0; 16]));
    while let Some(action) = rows.last_action()? {
        rows.action_undone(&action)?;
        let mut drafts = Vec::new();
        let mut touched = BTreeSet::new();
        for bytes in rows.own_changes(me, action.first_seq, action.last_seq)? {
            let Ok(change) = Change::decode(&bytes) else { continue };
            if action.import.is_some() && change.import != action.import {
                continue;
            }
            touched.extend(change.writes.iter().map(|write| write.entity));
            let edits = inverse(rows, &change)?;
            drafts.push(Draft { edits, import: None });
        }
        if drafts.iter().all(|draft| draft.edits.is_empty()) {
            continue;
        }
        let ids = touched.iter().take(crate::api::EVENT_IDS_MAX).map(EntityId::to_string).collect();
        let answer = Answer::ContactsUndo(Undone { what: action.what, ids });
        return Ok(Ok(Planned { groups: true, ..Planned::new(drafts, answer, "") }));
    }
    Ok(Err(Error::new(Code::NothingToUndo, "There is nothing to take back on this device.")))
}

fn inverse(rows: &mut Writing<'_>, change: &Change) -> Result<Vec<Edit>, store::StoreError> {
    let by = (change.device, change.seq);
    let mut edits = Vec::new();
    for write in &change.writes {
        let register = rows.entity(write.entity)?.register(&write.path);
        let lives = register.is_some_and(|r| r.siblings().iter().any(|s| (s.device, s.seq) == by));
        if !lives {
            continue;
        }
        let before = rows.history(write.entity, &write.path)?;
        let before = before.into_iter().filter(|replaced| replaced.by == by).map(|Replaced { sibling, .. }| sibling);
        let before = before.max_by_key(|sibling| (sibling.value.is_some(), sibling.clock, sibling.device));
        let made_here = before.is_none() && write.path == Path::state();
        let value = if made_here { Some(book::TRASHED.to_vec()) } else { before.and_then(|sibling| sibling.value) };
        edits.push(Edit { entity: write.entity, path: write.path.clone(), value });
    }
    let made: BTreeSet<EntityId> = edits
        .iter()
        .filter(|edit| edit.path == Path::state() && edit.value.as_deref() == Some(book::TRASHED))
        .map(|edit| edit.entity)
        .collect();
    // What was made here keeps its values in the trash, from where it can be had again.
    edits.retain(|edit| edit.path == Path::state() || !made.contains(&edit.entity) || edit.value.is_some());
    Ok(edits)
}
