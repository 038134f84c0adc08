//! The commands about contacts.

use super::{
    card,
    edits::{self, Plan},
    work::{Outcome, Planned, Scene, contact, contacts, counted},
};
use crate::{
    api::{
        Answer, Card, Code, ContactId, ContactRow, ContactsAdd, ContactsChoose, ContactsEdit, ContactsHide,
        ContactsList, ContactsPage, ContactsShow, Counted, Error, Group, GroupKind, Letter, Named,
    },
    clock::rfc3339,
    node::groups,
    store::{self, Connection, Found, ListQuery, Writing},
};
use kith_core::{
    book,
    contact::{display_name, query_tokens},
    id::EntityId,
    limits::CHANGE_WRITES_MAX,
    replica::{Draft, Rows},
    vcard::{Property, parse},
};
use rand_core::OsRng;

/// `contacts.list`.
pub(super) fn list(request: &ContactsList, rows: &Connection) -> Outcome<Answer> {
    let group = match (&request.group, &request.tag) {
        (Some(name), _) => Some((GroupKind::Group, name)),
        (None, Some(name)) => Some((GroupKind::Tag, name)),
        (None, None) => None,
    };
    let group = match group.map(|(kind, name)| groups::find(kind, name, rows)).transpose()? {
        Some(Err(error)) => return Ok(Err(error)),
        Some(Ok(row)) => Some(row.id),
        None => None,
    };
    let find = request.find.as_deref().unwrap_or_default();
    let tokens = query_tokens(find);
    if tokens.is_empty() && !find.trim().is_empty() {
        return Ok(Ok(Answer::ContactsList(ContactsPage::default())));
    }
    let query = ListQuery {
        find: tokens,
        group,
        trash: request.trash,
        undecided: request.undecided,
        recent: request.recent,
        limit: request.limit.unwrap_or(PAGE_MAX).min(PAGE_MAX),
        offset: request.offset,
    };
    let listing = store::list(rows, &query)?;
    let letters = listing.letters.into_iter().map(|(letter, offset)| Letter { letter, offset }).collect();
    let contacts = listing.rows.into_iter().map(row).collect();
    Ok(Ok(Answer::ContactsList(ContactsPage { total: listing.total, contacts, letters })))
}

fn row(found: Found) -> ContactRow {
    ContactRow {
        id: found.id.to_string(),
        name: found.name,
        letter: found.letter,
        detail: found.detail,
        reading: found.reading,
        organisation: found.organisation,
        undecided: found.undecided,
        changed: rfc3339(found.changed),
    }
}

/// `contacts.show`.
pub(super) fn show(request: &ContactsShow, scene: &Scene, rows: &Connection) -> Outcome<Answer> {
    let id = match contact_or_me(&request.id, scene, rows)? {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let entity = store::entity(rows, id)?.unwrap_or_default();
    let named = |kind| -> Result<Vec<Named>, store::StoreError> {
        let all = groups::all(kind, rows)?;
        Ok(all.into_iter().map(|Group { id, name, .. }| Named { id, name }).collect())
    };
    let (groups, tags) = (named(GroupKind::Group)?, named(GroupKind::Tag)?);
    let mut card: Card = card::card(id, &entity, id == scene.me(), &scene.names, &groups, &tags);
    if request.history {
        card.history = Some(card::history(&store::past(rows, id)?, &scene.names));
    }
    Ok(Ok(Answer::ContactsShow(card)))
}

/// `contacts.add`.
pub(super) fn add(request: &ContactsAdd) -> Outcome<Planned> {
    let id = EntityId::random(&mut OsRng);
    let mut plan = Plan::new(id, None);
    if let Some(text) = &request.vcard {
        let parsed = parse(text);
        match &parsed.cards[..] {
            [card] => plan.take_in(card),
            [] => {
                let reason = parsed.problems.first().map_or("there is no vCard", |problem| &problem.reason);
                return Ok(Err(Error::new(Code::MalformedFile, format!("This is not a vCard: {reason}."))));
            }
            _ => return Ok(Err(Error::new(Code::BadRequest, "This holds several vCards. Import it instead."))),
        }
    }
    for property in &request.properties {
        if let Err(error) = plan.set(property) {
            return Ok(Err(error));
        }
    }
    if plan.is_empty() {
        return Ok(Err(Error::new(Code::BadRequest, "A contact needs at least a name, a number or an address.")));
    }
    let drafts = vec![Draft { edits: plan.finish(), import: None }];
    Ok(Ok(Planned::new(drafts, Answer::ContactsAdd(ContactId { id: id.to_string() }), "added a contact")))
}

/// `contacts.edit`.
pub(super) fn edit(request: &ContactsEdit, scene: &Scene, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let id = match contact_or_me(&request.id, scene, rows.connection())? {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let entity = rows.entity(id)?;
    let name = name_of(entity);
    let mut plan = Plan::new(id, Some(entity));
    let removed = request.unset.iter().map(|property| plan.unset(property));
    if let Err(error) = removed.collect::<Result<Vec<()>, _>>() {
        return Ok(Err(error));
    }
    let set = request.set.iter().map(|property| plan.set(property));
    if let Err(error) = set.collect::<Result<Vec<()>, _>>() {
        return Ok(Err(error));
    }
    let drafts = vec![Draft { edits: plan.finish(), import: None }];
    let answer = Answer::ContactsEdit(ContactId { id: id.to_string() });
    Ok(Ok(Planned::new(drafts, answer, format!("edited {name}"))))
}

/// `contacts.choose`.
pub(super) fn choose(request: &ContactsChoose, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let id = match contact(&request.id, rows.connection())? {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let entity = rows.entity(id)?;
    let prefix = request.property_id.to_ascii_lowercase();
    let mut found = entity
        .registers()
        .filter_map(|(path, register)| Some((path.as_mine()?, register)))
        .filter(|(property, _)| !prefix.is_empty() && property.to_string().starts_with(&prefix));
    let (Some((property, register)), None) = (found.next(), found.next()) else {
        return Ok(Err(Error::new(Code::NotFound, format!("This contact has no property {prefix}."))));
    };
    let chosen = register.siblings().iter().find(|sibling| {
        let value = sibling.value.as_deref().and_then(|value| Property::decode(value).ok());
        value.map(|property| property.line().value).unwrap_or_default() == request.value
    });
    let Some(chosen) = chosen else {
        return Ok(Err(Error::new(Code::BadRequest, "None of the values is that one. Set it instead.")));
    };
    let state = if book::is_trashed(entity) { book::TRASHED } else { book::ALIVE };
    let edits = vec![book::set_mine(id, property, chosen.value.clone()), book::set_state(id, state)];
    let what = format!("decided a value of {}", name_of(entity));
    let answer = Answer::ContactsChoose(ContactId { id: id.to_string() });
    Ok(Ok(Planned::new(vec![Draft { edits, import: None }], answer, what)))
}

/// `contacts.hide`.
pub(super) fn hide(_request: &ContactsHide, _scene: &Scene, _rows: &mut Writing<'_>) -> Outcome<Planned> {
    Ok(Err(Error::unbuilt()))
}

/// `contacts.trash`.
pub(super) fn trash(ids: &[String], scene: &Scene, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let ids = match contacts(ids, rows.connection())? {
        Ok(ids) => ids,
        Err(error) => return Ok(Err(error)),
    };
    if ids.contains(&scene.me()) {
        return Ok(Err(Error::new(Code::BadRequest, "My card cannot be put into the trash.")));
    }
    let answer = Answer::ContactsTrash(Counted { count: ids.len() as u32, held: None });
    let what = format!("put {} into the trash", counted(ids.len(), "contact"));
    Ok(Ok(Planned::new(state_drafts(&ids, book::TRASHED), answer, what)))
}

/// `contacts.restore`.
pub(super) fn restore(ids: &[String], rows: &mut Writing<'_>) -> Outcome<Planned> {
    let ids = match contacts(ids, rows.connection())? {
        Ok(ids) => ids,
        Err(error) => return Ok(Err(error)),
    };
    let answer = Answer::ContactsRestore(Counted { count: ids.len() as u32, held: None });
    let what = format!("took {} out of the trash", counted(ids.len(), "contact"));
    Ok(Ok(Planned::new(state_drafts(&ids, book::ALIVE), answer, what)))
}

fn state_drafts(ids: &[EntityId], value: &[u8]) -> Vec<Draft> {
    ids.chunks(CHANGE_WRITES_MAX).map(|ids| Draft { edits: edits::set_states(ids, value), import: None }).collect()
}

/// My card can be looked at and written before anything stands in it.
pub(super) fn contact_or_me(prefix: &str, scene: &Scene, rows: &Connection) -> Outcome<EntityId> {
    let found = contact(prefix, rows)?;
    let me = scene.me();
    let absent = found.as_ref().is_err_and(|error| error.code == Code::NotFound);
    let meant = prefix.len() >= ME_PREFIX_MIN && me.to_string().starts_with(&prefix.trim().to_ascii_lowercase());
    Ok(if absent && meant { Ok(me) } else { found })
}

pub(super) fn name_of(entity: &kith_core::entity::Entity) -> String {
    let properties: Vec<Property> =
        store::ordered_properties(entity).into_iter().map(|(_, property)| property).collect();
    let name = display_name(&properties);
    if name.is_empty() { "a contact".to_owned() } else { name }
}

/// Fewer digits do not name my card while it is empty.
const ME_PREFIX_MIN: usize = 8;
/// Most rows of one page.
const PAGE_MAX: u32 = 1000;
