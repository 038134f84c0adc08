//! What another person sends: kept as it came, decided by policy, shown in their layer.

use super::{placing, policies::Policies};
use crate::{
    clock::now_ms,
    store::{StoreError, Writing},
};
use kith_core::{
    book,
    entity::Entity,
    id::{DeviceId, PersonId, PropertyId},
    layer::Layer,
    person::{self, Link},
    replica::{Edit, Rows},
    share::{self, ItemKind, Publication, Question, Received},
};
use std::collections::BTreeSet;

/// The edits by which a publication is taken in; none if it is not newer than what is kept.
pub(super) fn plan(
    rows: &mut Writing<'_>,
    device: DeviceId,
    from: PersonId,
    publication: &Publication,
) -> Result<Vec<Edit>, StoreError> {
    let (id, now) = (person::id(from), now_ms());
    let link = rows.entity(id)?.clone();
    if !Link::of(&link).is_some_and(|link| link.is_open()) {
        return Ok(Vec::new());
    }
    let Some(received) = share::receive(&link, id, publication) else { return Ok(Vec::new()) };
    let mut edits = vec![received];
    let link = after(&link, &edits, device, now);
    let policies = Policies::read(rows, &link)?;
    let Some(item) = Received::of_item(&link, publication.item) else { return Ok(edits) };
    // Somebody else's card is a suggestion, whatever is said of the giver's own.
    let is_given = publication.content.as_ref().is_some_and(|content| content.kind == ItemKind::Contact);
    let questions = item.questions();
    let answered = |accept: bool| -> BTreeSet<PropertyId> {
        let said = questions.iter().filter(|question| !is_given && policies.answer(&name(question)) == Some(accept));
        said.map(|question| question.id).collect()
    };
    for accept in [true, false] {
        let ids = answered(accept);
        edits.extend(share::decide(&link, id, publication.item, &ids, accept));
    }
    let link = after(&link, &edits[1..], device, now);
    if publication.item == share::card_item(from) {
        edits.extend(show(rows, &link, device, now)?);
    }
    Ok(edits)
}

/// The edits after which the person's contact shows what was accepted of their card. If what they say of themselves fits
/// one contact that is in the book already, the person is that one from now on.
pub(super) fn show(
    rows: &mut Writing<'_>,
    link_entity: &Entity,
    device: DeviceId,
    now: i64,
) -> Result<Vec<Edit>, StoreError> {
    let Some(link) = Link::of(link_entity) else { return Ok(Vec::new()) };
    let Some(contact) = link.contact else { return Ok(Vec::new()) };
    let (id, item) = (person::id(link.person), share::card_item(link.person));
    if Received::of_item(link_entity, item).is_none() {
        return Ok(Vec::new());
    }
    let entity = rows.entity(contact)?.clone();
    let edits = share::layer_edits(link_entity, id, (contact, &entity), item, now);
    if !placing::is_made_for(&entity, Layer::Theirs(id)) {
        return Ok(edits);
    }
    // Nobody has used the contact that was made for them: it may give way.
    let shown = after(&entity, &edits, device, now);
    match placing::only_candidate(rows, &link, &shown)? {
        Some(known) => placing::move_to(rows, link_entity, known, now),
        None => Ok(edits),
    }
}

/// The name of what a question is about, in upper case.
pub(super) fn name(question: &Question) -> String {
    let shown = question.new.as_ref().or(question.old.as_ref());
    let property = shown.and_then(|s| s.property.as_ref().or(s.former.first().map(|former| &former.property)));
    property.map(|property| property.name().into_owned()).unwrap_or_default()
}

fn after(entity: &Entity, edits: &[Edit], device: DeviceId, now: i64) -> Entity {
    placing::after(entity, edits, device, now)
}

/// Whether a contact is in the book, not in the trash.
pub(super) fn is_alive(entity: &Entity) -> bool {
    book::kind(entity) == book::Kind::Contact && !book::is_trashed(entity)
}
