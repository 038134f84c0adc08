//! The commands about groups and tags.

use super::{
    edits,
    work::{Outcome, Planned, contacts, counted},
};
use crate::{
    api::{
        Answer, Code, Counted, Error, Group, GroupId, GroupKind, Groups, GroupsAdd, GroupsList, GroupsRemove,
        GroupsRename, Named,
    },
    store::{self, Connection, GroupRow, Reader, StoreError, Writing},
};
use kith_core::{
    book,
    id::EntityId,
    limits::{CHANGE_WRITES_MAX, NAME_CHARS_MAX},
    path::Path,
    replica::{Draft, Edit, Rows},
};
use rand_core::OsRng;

/// `groups.list`.
pub(super) fn list(request: &GroupsList, rows: &Reader) -> Outcome<Answer> {
    let counted = |GroupRow { id, name }| Ok(Group { id: id.to_string(), name, count: store::group_count(rows, id)? });
    let groups = store::groups(rows, number(request.kind))?.into_iter().map(counted);
    Ok(Ok(Answer::GroupsList(Groups { groups: groups.collect::<Result<_, StoreError>>()? })))
}

/// All groups, or all tags, by name.
pub(super) fn all(kind: GroupKind, rows: &Connection) -> Result<Vec<Named>, StoreError> {
    let rows = store::groups(rows, number(kind))?;
    Ok(rows.into_iter().map(|GroupRow { id, name }| Named { id: id.to_string(), name }).collect())
}

/// Finds one by its name or id.
pub(super) fn find(kind: GroupKind, wanted: &str, rows: &Connection) -> Outcome<GroupRow> {
    let wanted = wanted.trim();
    let all = store::groups(rows, number(kind))?;
    let by_name: Vec<&GroupRow> = all.iter().filter(|row| row.name == wanted).collect();
    let by_id = || all.iter().filter(|row| !wanted.is_empty() && row.id.to_string().starts_with(wanted)).collect();
    let found: Vec<&GroupRow> = if by_name.is_empty() { by_id() } else { by_name };
    let word = word(kind);
    Ok(match found[..] {
        [row] => Ok(row.clone()),
        [] => Err(Error::new(Code::NotFound, format!("There is no {word} \u{201c}{wanted}\u{201d}."))),
        _ => Err(Error::new(
            Code::Ambiguous,
            format!("Several {word}s fit \u{201c}{wanted}\u{201d}. Give more of the id."),
        )),
    })
}

/// `groups.add`.
pub(super) fn add(request: &GroupsAdd, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let name = match name(&request.name, request.kind, rows.connection())? {
        Ok(name) => name,
        Err(error) => return Ok(Err(error)),
    };
    let id = EntityId::random(&mut OsRng);
    let what = format!("made the {} {name}", word(request.kind));
    Ok(Ok(save(id, request.kind, Some(&name), book::ALIVE, Answer::GroupsAdd(group_id(id)), what)))
}

/// `groups.rename`.
pub(super) fn rename(request: &GroupsRename, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let row = match find(request.kind, &request.group, rows.connection())? {
        Ok(row) => row,
        Err(error) => return Ok(Err(error)),
    };
    let name = match name(&request.name, request.kind, rows.connection())? {
        Ok(name) => name,
        Err(error) => return Ok(Err(error)),
    };
    let what = format!("renamed the {} {}", word(request.kind), row.name);
    Ok(Ok(save(row.id, request.kind, Some(&name), book::ALIVE, Answer::GroupsRename(group_id(row.id)), what)))
}

/// `groups.remove`.
pub(super) fn remove(request: &GroupsRemove, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let row = match find(request.kind, &request.group, rows.connection())? {
        Ok(row) => row,
        Err(error) => return Ok(Err(error)),
    };
    let what = format!("removed the {} {}", word(request.kind), row.name);
    Ok(Ok(save(row.id, request.kind, None, book::TRASHED, Answer::GroupsRemove(group_id(row.id)), what)))
}

/// `groups.put` and `groups.take`.
pub(super) fn set_members(
    kind: GroupKind,
    group: &str,
    ids: &[String],
    member: bool,
    rows: &mut Writing<'_>,
) -> Outcome<Planned> {
    let group = match find(kind, group, rows.connection())? {
        Ok(group) => group,
        Err(error) => return Ok(Err(error)),
    };
    let ids = match contacts(ids, rows.connection())? {
        Ok(ids) => ids,
        Err(error) => return Ok(Err(error)),
    };
    let mut edits = Vec::new();
    for &id in &ids {
        let path = match kind {
            GroupKind::Group => Path::in_group(group.id),
            GroupKind::Tag => Path::tagged(group.id),
        };
        edits.extend(edits::set_member(id, rows.entity(id)?, path, member));
    }
    // Two writes a contact, which must stay in one change.
    let drafts = edits.chunks(CHANGE_WRITES_MAX).map(|edits| Draft { edits: edits.to_vec(), import: None }).collect();
    let counted_ids = Counted { count: ids.len() as u32, held: None };
    let answer = if member { Answer::GroupsPut(counted_ids) } else { Answer::GroupsTake(counted_ids) };
    let verb = if member { "put into" } else { "taken out of" };
    let what = format!("{} {verb} {}", counted(ids.len(), "contact"), group.name);
    Ok(Ok(Planned { groups: true, ..Planned::new(drafts, answer, what) }))
}

fn save(id: EntityId, kind: GroupKind, name: Option<&str>, state: &[u8], answer: Answer, what: String) -> Planned {
    let path = match kind {
        GroupKind::Group => Path::group_name(),
        GroupKind::Tag => Path::tag_name(),
    };
    let mut edits = vec![book::set_state(id, state)];
    edits.extend(name.map(|name| Edit { entity: id, path, value: Some(book::text_value(name)) }));
    Planned { groups: true, ..Planned::new(vec![Draft { edits, import: None }], answer, what) }
}

fn name(wanted: &str, kind: GroupKind, rows: &Connection) -> Outcome<String> {
    let name = wanted.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        let message = format!("A {} needs a name of at most {NAME_CHARS_MAX} characters.", word(kind));
        return Ok(Err(Error::new(Code::BadRequest, message)));
    }
    if store::groups(rows, number(kind))?.iter().any(|row| row.name == name) {
        let message = format!("There is a {} \u{201c}{name}\u{201d} already.", word(kind));
        return Ok(Err(Error::new(Code::BadRequest, message)));
    }
    Ok(Ok(name.to_owned()))
}

fn group_id(id: EntityId) -> GroupId {
    GroupId { id: id.to_string() }
}

fn number(kind: GroupKind) -> i64 {
    match kind {
        GroupKind::Group => 1,
        GroupKind::Tag => 2,
    }
}

fn word(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::Group => "group",
        GroupKind::Tag => "tag",
    }
}
