//! The commands about contacts.

use super::{
    card,
    edits::{self, Plan},
    held,
    taking_back::contact_or_past,
    work::{Outcome, Planned, Scene, contact, contacts, counted},
};
use crate::{
    api::{
        Answer, Card, Code, ContactId, ContactRow, ContactsAdd, ContactsChoose, ContactsEdit, ContactsEditMany,
        ContactsHide, ContactsList, ContactsPage, ContactsShow, Counted, EditedMany, Error, GroupKind, Letter,
    },
    clock::rfc3339,
    node::{groups, people, settings},
    store::{self, Connection, Found, ListQuery, Reader, Writing},
};
use kith_core::{
    book,
    card::{self as layers, Statement},
    contact::display_name,
    entity::Entity,
    id::EntityId,
    layer::Layer,
    limits::CHANGE_WRITES_MAX,
    path::Path,
    replica::{Draft, Rows},
    vcard::{Property, parse},
};
use rand_core::OsRng;

/// `contacts.list`.
pub(super) fn list(request: &ContactsList, scene: &Scene, rows: &Reader) -> Outcome<Answer> {
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
    let household = match request.household.as_ref().map(|id| people::household(id, scene, rows)).transpose()? {
        Some(Err(error)) => return Ok(Err(error)),
        Some(Ok(mates)) => Some(mates.into_iter().map(|mate| mate.id).collect()),
        None => None,
    };
    let query = ListQuery {
        find: request.find.clone().unwrap_or_default(),
        groups: group.into_iter().chain(request.favourites.then_some(book::FAVOURITES)).collect(),
        among: household,
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
        favourite: found.favourite,
    }
}

/// `contacts.show`.
pub(super) fn show(request: &ContactsShow, scene: &Scene, rows: &Connection) -> Outcome<Answer> {
    let id = match contact_or_past(&request.id, scene, rows)? {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let entity = store::entity(rows, id)?.unwrap_or_default();
    let mut mentioned = card::Mentioned {
        groups: groups::all(GroupKind::Group, rows)?,
        tags: groups::all(GroupKind::Tag, rows)?,
        ..card::Mentioned::default()
    };
    for account in card::accounts(&entity) {
        let stored = store::entity(rows, account)?.unwrap_or_default();
        let name = stored.register(&Path::account_name()).and_then(|register| register.value());
        mentioned.accounts.insert(account, name.and_then(book::read_text).unwrap_or_default());
    }
    let settings = settings::read(rows)?;
    let mut card: Card = card::card(id, &entity, id == scene.me(), &scene.names, &mentioned, settings.region());
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
    let sitting = match sitting(request.sitting.as_deref()) {
        Ok(sitting) => sitting,
        Err(error) => return Ok(Err(error)),
    };
    let drafts = vec![Draft { edits: plan.finish(), import: None }];
    let answer = Answer::ContactsAdd(ContactId { id: id.to_string() });
    Ok(Ok(Planned { sitting, ..Planned::new(drafts, answer, "added a contact") }))
}

/// Reads what edits of one sitting share.
pub(super) fn sitting(text: Option<&str>) -> Result<Option<EntityId>, Error> {
    let read = |text: &str| text.parse().map_err(|_| Error::new(Code::BadRequest, "A sitting is 32 hex digits."));
    text.map(read).transpose()
}

/// `contacts.edit`.
pub(super) fn edit(request: &ContactsEdit, scene: &Scene, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let id = match contact_or_me(&request.id, scene, rows.connection())? {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let settings = settings::of(rows)?;
    let entity = rows.entity(id)?;
    let name = name_of(entity);
    let mut plan = Plan::new(id, Some(entity)).with_layers(entity, settings.region());
    let before = plan.name();
    let removed = request.unset.iter().map(|property| plan.unset(property));
    if let Err(error) = removed.collect::<Result<Vec<()>, _>>() {
        return Ok(Err(error));
    }
    let set = request.set.iter().map(|property| plan.set(property));
    if let Err(error) = set.collect::<Result<Vec<()>, _>>() {
        return Ok(Err(error));
    }
    if let Err(error) = plan.follow_name(&before).and_then(|()| plan.arrange(&request.order)) {
        return Ok(Err(error));
    }
    let sitting = match sitting(request.sitting.as_deref()) {
        Ok(sitting) => sitting,
        Err(error) => return Ok(Err(error)),
    };
    let drafts = vec![Draft { edits: plan.finish(), import: None }];
    let answer = Answer::ContactsEdit(ContactId { id: id.to_string() });
    Ok(Ok(Planned { sitting, ..Planned::new(drafts, answer, format!("edited {name}")) }))
}

/// `contacts.edit_many`.
pub(super) fn edit_many(request: &ContactsEditMany, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let ids = match contacts(&request.ids, rows.connection())? {
        Ok(ids) => ids,
        Err(error) => return Ok(Err(error)),
    };
    if ids.len() > EDIT_MANY_MAX {
        let message = format!("That are more than {EDIT_MANY_MAX} contacts. Choose fewer at once.");
        return Ok(Err(Error::new(Code::TooLarge, message)));
    }
    let kept = request.unset.iter().find(|name| KEPT.contains(&name.to_ascii_uppercase().as_str()));
    if let Some(kept) = kept {
        return Ok(Err(Error::new(Code::BadRequest, format!("{kept} is not taken from many contacts at once."))));
    }
    let settings = settings::of(rows)?;
    let (mut drafts, mut edited) = (Vec::new(), EditedMany::default());
    for id in ids {
        let entity = rows.entity(id)?;
        let mut plan = Plan::new(id, Some(entity)).with_layers(entity, settings.region());
        let outcome = plan.set_and_unset_by_name(&request.set, &request.unset);
        match outcome {
            Err(error) if error.code == Code::Ambiguous => {
                edited.left += 1;
                if edited.names.len() < NAMES_MAX {
                    edited.names.push(name_of(entity));
                }
            }
            Err(error) => return Ok(Err(error)),
            Ok(()) if plan.is_empty() => {}
            Ok(()) => {
                edited.count += 1;
                drafts.push(Draft { edits: plan.finish(), import: None });
            }
        }
    }
    let what = format!("edited {}", counted(edited.count as usize, "contact"));
    Ok(Ok(Planned::new(drafts, Answer::ContactsEditMany(edited), what)))
}

/// `contacts.choose`.
pub(super) fn choose(request: &ContactsChoose, scene: &Scene, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let id = match contact_or_me(&request.id, scene, rows.connection())? {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let entity = rows.entity(id)?;
    let prefix = request.property_id.to_ascii_lowercase();
    let mut found = entity
        .registers()
        .filter_map(|(path, register)| Some((path.as_property()?, register)))
        .filter(|((_, property), _)| !prefix.is_empty() && property.to_string().starts_with(&prefix));
    let (Some(((layer, property), register)), None) = (found.next(), found.next()) else {
        return Ok(Err(Error::new(Code::NotFound, format!("This contact has no property {prefix}."))));
    };
    let chosen = register.siblings().iter().find(|sibling| {
        let value = sibling.value.as_deref().and_then(|value| Property::decode(value).ok());
        value.map(|property| property.line().value).unwrap_or_default() == request.value
    });
    let Some(chosen) = chosen else {
        return Ok(Err(Error::new(Code::BadRequest, "None of the values is that one. Set it instead.")));
    };
    let edits = vec![book::set_property(id, layer, property, chosen.value.clone()), same_state(id, entity)];
    let what = format!("decided a value of {}", name_of(entity));
    let answer = Answer::ContactsChoose(ContactId { id: id.to_string() });
    Ok(Ok(Planned::new(vec![Draft { edits, import: None }], answer, what)))
}

/// `contacts.hide`.
pub(super) fn hide(request: &ContactsHide, scene: &Scene, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let id = match contact_or_me(&request.id, scene, rows.connection())? {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let settings = settings::of(rows)?;
    let entity = rows.entity(id)?;
    let statements = layers::statements(entity);
    let prefix = request.property_id.to_ascii_lowercase();
    let named: Vec<&Statement> =
        statements.iter().filter(|said| !prefix.is_empty() && said.id.to_string().starts_with(&prefix)).collect();
    let said = match named[..] {
        [said] => said,
        [] => return Ok(Err(Error::new(Code::NotFound, format!("This contact has no property {prefix}.")))),
        _ => return Ok(Err(Error::new(Code::Ambiguous, format!("Several properties begin with {prefix}.")))),
    };
    if said.layer == Layer::Mine {
        let message =
            "This is what you wrote yourself. Remove it instead, or say that another layer's value is hidden.";
        return Ok(Err(Error::new(Code::BadRequest, message)));
    }
    // Shown once, hidden once: all layers that say the same are meant.
    let likeness = layers::likeness(&said.property, settings.region());
    let alike = statements
        .iter()
        .filter(|other| other.layer != Layer::Mine && layers::likeness(&other.property, settings.region()) == likeness)
        .filter(|other| layers::is_hidden(entity, other) != request.hide);
    let mut edits: Vec<_> =
        alike.map(|other| if request.hide { layers::hide(id, other) } else { layers::show(id, other) }).collect();
    if edits.is_empty() && !request.hide {
        let message = "This value is not hidden. If it is not on the card, another layer's value stands before it.";
        return Ok(Err(Error::new(Code::BadRequest, message)));
    }
    if !edits.is_empty() {
        edits.push(same_state(id, entity));
    }
    let verb = if request.hide { "hid" } else { "showed" };
    let what = format!("{verb} a value of {}", name_of(entity));
    let answer = Answer::ContactsHide(ContactId { id: id.to_string() });
    Ok(Ok(Planned::new(vec![Draft { edits, import: None }], answer, what)))
}

/// The `state` as it is, to go with a change of something else.
pub(super) fn same_state(id: EntityId, entity: &Entity) -> kith_core::replica::Edit {
    book::set_state(id, if book::is_trashed(entity) { book::TRASHED } else { book::ALIVE })
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
    let what = format!("put {} into the trash", counted(ids.len(), "contact"));
    if held::is_many_for_trash(ids.len(), rows.connection())? {
        let asked = format!("{} would go into the trash at once", counted(ids.len(), "contact"));
        let held = held::hold(held::Cause::Trash, &asked, &ids, rows)?.id().map(|id| id.to_string());
        return Ok(Ok(Planned::new(Vec::new(), Answer::ContactsTrash(Counted { count: 0, held }), "")));
    }
    let answer = Answer::ContactsTrash(Counted { count: ids.len() as u32, held: None });
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

/// What a contact is called in a sentence about it.
pub(super) fn name_of(entity: &Entity) -> String {
    let properties: Vec<Property> =
        layers::properties(entity, None).into_iter().map(|(_, property)| property).collect();
    let name = display_name(&properties);
    if name.is_empty() { "a contact".to_owned() } else { name }
}

/// Fewer digits do not name my card while it is empty.
const ME_PREFIX_MIN: usize = 8;
/// Most contacts of one edit.
const EDIT_MANY_MAX: usize = 10_000;
/// Names told of contacts that were left alone.
const NAMES_MAX: usize = 5;
/// What every contact keeps.
const KEPT: [&str; 4] = ["FN", "N", "UID", "KIND"];
/// Most rows of one page.
const PAGE_MAX: u32 = 1000;
