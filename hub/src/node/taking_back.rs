//! Taking back: the last action, the last import, one field from history; and doing again what was taken back.

use super::{
    committer::{Committer, Proposal},
    contacts::{contact_or_me, name_of},
    work::{Outcome, Planned, Scene},
};
use crate::{
    api::{Answer, Code, ContactId, ContactsRevert, EVENT_IDS_MAX, Error, Event, Undone},
    clock::parse_rfc3339,
    store::{self, ActionKind, Connection, StoreError, Which, Writing},
};
use kith_core::{
    book::{self, Kind},
    id::{DeviceId, EntityId, PropertyId},
    layer::Layer,
    limits::CHANGE_WRITES_MAX,
    path::Path,
    replica::{self, Draft, Edit, Rows},
};
use std::collections::BTreeSet;
use tokio::sync::broadcast;

/// `contacts.undo` takes back the newest action of this device that was not taken back yet, or what was done in one
/// sitting; `import.undo` the newest import, whatever was done since; `contacts.redo` takes back the newest taking back,
/// until something else is done. What has been written over since stays.
///
/// It goes by the transactions that the action was made in, newest first, so that taking back an import of thousands
/// leaves the hub awake; what a crash cuts off is gone on with the next time.
pub(super) async fn undo(
    which: Which,
    committer: Committer,
    events: broadcast::Sender<Event>,
) -> Result<Undone, Error> {
    let me = committer.me;
    let (kind, work) = match which {
        Which::Undone => (ActionKind::Redo, "redo"),
        Which::All | Which::Imports | Which::OfGroup(_) => (ActionKind::Undo, "undo"),
    };
    let Step { action, mut touched } = committer.commit_as(kind, move |rows| begin(which, me, rows)).await?;
    let mut left = action.steps.saturating_sub(1);
    while left > 0 {
        let progress = Event::Progress { work: work.to_owned(), done: action.steps - left, total: action.steps };
        // Nobody may be listening.
        let _unheard = events.send(progress);
        let action = action.clone();
        let step = committer.commit_as(kind, move |rows| go_on(action, me, rows)).await?;
        touched.extend(step.touched);
        left -= 1;
    }
    let ids = touched.iter().take(EVENT_IDS_MAX).map(EntityId::to_string).collect();
    Ok(Undone { what: action.what, ids })
}

/// One transaction of taking back.
struct Step {
    action: store::Action,
    touched: BTreeSet<EntityId>,
}

/// Finds the newest action of which anything stands, and takes its newest transaction back.
fn begin(which: Which, me: DeviceId, rows: &mut Writing<'_>) -> Outcome<Proposal<Step>> {
    while let Some(mut action) = rows.last_action(which)? {
        while let Some(range) = rows.take_step(action.number)? {
            let drafts = inverse(range, me, rows)?;
            if !drafts.is_empty() {
                return Ok(Ok(taken_back(action, drafts)));
            }
            action.steps = action.steps.saturating_sub(1);
        }
    }
    let message = match which {
        Which::Undone => "There is nothing to do again on this device.",
        Which::Imports => "There is no import to take back on this device.",
        Which::All | Which::OfGroup(_) => "There is nothing to take back on this device.",
    };
    Ok(Err(Error::new(Code::NothingToUndo, message)))
}

fn go_on(action: store::Action, me: DeviceId, rows: &mut Writing<'_>) -> Outcome<Proposal<Step>> {
    let drafts = match rows.take_step(action.number)? {
        Some(range) => inverse(range, me, rows)?,
        None => Vec::new(),
    };
    Ok(Ok(taken_back(action, drafts)))
}

fn taken_back(action: store::Action, drafts: Vec<Draft>) -> Proposal<Step> {
    let touched = drafts.iter().flat_map(|draft| &draft.edits).map(|edit| edit.entity).collect();
    let (what, import) = (action.what.clone(), action.group);
    Proposal { drafts, answer: Step { action, touched }, what, import, groups: true }
}

/// What takes back this device's changes of a range of numbers, the newest first.
fn inverse(range: (u64, u64), me: DeviceId, rows: &mut Writing<'_>) -> Result<Vec<Draft>, StoreError> {
    let undos = rows.undos()?;
    let is_undo = |seq: u64| undos.iter().any(|&(first, last)| (first..=last).contains(&seq));
    let mut all = Vec::new();
    for (seq, writes) in rows.own_writes(me, range)?.into_iter().rev() {
        all.extend(drafts(replica::inverse(rows, me, seq, &writes, &is_undo)?));
    }
    Ok(all)
}

/// Edits as changes that are small enough; edits of one entity go together where they fit, and never without its state.
pub(super) fn drafts(edits: Vec<Edit>) -> Vec<Draft> {
    let states = edits.iter().filter(|edit| edit.path == Path::state());
    let states: Vec<Edit> = states.cloned().collect();
    let mut drafts: Vec<Draft> = Vec::new();
    let mut bytes = 0;
    for edit in edits {
        let size = WRITE_BYTES + edit.value.as_ref().map_or(0, Vec::len);
        let full = |draft: &Draft| draft.edits.len() + 2 > CHANGE_WRITES_MAX || bytes + size > DRAFT_BYTES_MAX;
        if drafts.last().is_none_or(full) {
            let state = states.iter().find(|state| state.entity == edit.entity);
            drafts.push(Draft { edits: state.cloned().into_iter().collect(), import: None });
            bytes = 0;
        }
        bytes += size;
        if let Some(draft) = drafts.last_mut() {
            draft.edits.push(edit);
        }
    }
    drafts
}

/// `contacts.revert`.
pub(super) fn revert(request: &ContactsRevert, scene: &Scene, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let Some(time) = parse_rfc3339(&request.to) else {
        let message =
            format!("{}: give the time as `show --history` prints it, e.g. 2026-11-21T15:04:05Z.", request.to);
        return Ok(Err(Error::new(Code::BadRequest, message)));
    };
    let id = match contact_or_past(&request.id, scene, rows.connection())? {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let entity = rows.entity(id)?.clone();
    let prefix = request.property_id.trim().to_ascii_lowercase();
    let found: BTreeSet<(Layer, PropertyId)> = entity
        .registers()
        .filter_map(|(path, _)| path.as_property())
        .filter(|(_, property)| !prefix.is_empty() && property.to_string().starts_with(&prefix))
        .collect();
    let mut found = found.into_iter();
    let property = match (found.next(), found.next()) {
        (Some((Layer::Mine, property)), None) => property,
        (Some(_), None) => {
            let message = "This is what somebody else says of the contact, and theirs to change. Hide it, or set a \
                           value of your own.";
            return Ok(Err(Error::new(Code::BadRequest, message)));
        }
        (Some(_), Some(_)) => {
            return Ok(Err(Error::new(Code::Ambiguous, format!("Several properties begin with {prefix}."))));
        }
        (None, _) => {
            return Ok(Err(Error::new(Code::NotFound, format!("This contact has no property {prefix}."))));
        }
    };
    let path = Path::mine(property);
    let register = entity.register(&path);
    let value = replica::said_at(&rows.history(id, &path)?, register, time);
    let same = register.is_some_and(|register| register.value() == value.as_deref() && register.others().is_empty());
    let state = if book::is_trashed(&entity) { book::TRASHED } else { book::ALIVE };
    let edits = vec![book::set_mine(id, property, value), book::set_state(id, state)];
    let drafts = if same { Vec::new() } else { vec![Draft { edits, import: None }] };
    let what = format!("took a field of {} back to what it was", name_of(&entity));
    Ok(Ok(Planned::new(drafts, Answer::ContactsRevert(ContactId { id: id.to_string() }), what)))
}

/// Finds a contact, my card, or a contact of which only the history is left.
pub(super) fn contact_or_past(prefix: &str, scene: &Scene, rows: &Connection) -> Outcome<EntityId> {
    let found = contact_or_me(prefix, scene, rows)?;
    if !found.as_ref().is_err_and(|error| error.code == Code::NotFound) {
        return Ok(found);
    }
    let mut past = Vec::new();
    for id in store::unlisted_by_prefix(rows, &prefix.trim().to_ascii_lowercase())? {
        if store::entity(rows, id)?.is_some_and(|entity| book::kind(&entity) == Kind::Contact) {
            past.push(id);
        }
    }
    Ok(if let [id] = past[..] { Ok(id) } else { found })
}

/// Most bytes of one change that is put together here; a single value may be longer.
const DRAFT_BYTES_MAX: usize = 512 << 10;
/// What a write takes besides its value, at most: entity, path, and what it has seen of some devices.
const WRITE_BYTES: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_stay_within_their_limits_and_never_lack_the_state() {
        let contact = |nth: u8| EntityId([nth; 16]);
        let long = |nth: u8, of: u8| book::set_mine(contact(of), PropertyId([nth; 16]), Some(vec![0; 200 << 10]));
        let mut edits: Vec<Edit> = (0..5).map(|nth| long(nth, 1)).collect();
        edits.push(book::set_state(contact(1), book::ALIVE));
        edits.extend((0..200).flat_map(|nth| [long(0, nth).entity].map(|id| book::set_state(id, book::TRASHED))));
        let made = drafts(edits);
        assert!(made.len() >= 3);
        for draft in &made {
            let bytes: usize = draft.edits.iter().map(|edit| edit.value.as_ref().map_or(0, Vec::len)).sum();
            assert!(draft.edits.len() <= CHANGE_WRITES_MAX && bytes <= 600 << 10);
            let whole = |id| draft.edits.iter().any(|edit| edit.entity == id && edit.path == Path::state());
            assert!(draft.edits.iter().all(|edit| whole(edit.entity)), "no state in {draft:?}");
        }
        let many = (0..5000_u32).map(|nth| {
            let mut id = [0; 16];
            id[..4].copy_from_slice(&nth.to_le_bytes());
            book::set_state(EntityId(id), book::TRASHED)
        });
        assert!(drafts(many.collect()).iter().all(|draft| draft.edits.len() <= CHANGE_WRITES_MAX));
    }
}
