//! What another person sends: kept as it came, decided by policy, shown in their layer.

use super::placing;
use crate::{
    clock::now_ms,
    store::{StoreError, Writing},
};
use kith_core::{
    book::{self, SETTINGS},
    entity::Entity,
    id::{DeviceId, PersonId},
    layer::Layer,
    person::{self, Link, Verified},
    replica::{Edit, Rows},
    share::{self, Publication, Received},
};

/// The edits by which a publication is taken in; none if it is not newer than what is kept. `metered`: what wants an
/// unmetered network waits.
pub(super) fn plan(
    rows: &mut Writing<'_>,
    device: DeviceId,
    from: PersonId,
    publication: &Publication,
    metered: bool,
) -> Result<Vec<Edit>, StoreError> {
    let (settings, now) = (rows.entity(SETTINGS)?.clone(), now_ms());
    let link = rows.entity(person::id(from))?.clone();
    let mut edits = share::take_in(&link, &settings, publication, metered);
    if edits.is_empty() || publication.item != share::card_item(from) || !Link::of(&link).is_some_and(|l| l.is_open()) {
        return Ok(edits);
    }
    let link = after(&link, &edits, device, now);
    edits.extend(show(rows, &link, device, now)?);
    Ok(edits)
}

/// The edits after which the person's contact shows what was accepted of their card. If somebody who was verified fits one
/// contact that is in the book already, by what they say of themselves, they are that one from now on. Whoever was not
/// could say anything: that contact is only offered.
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
    if link.verified == Verified::No || link.placed || !placing::is_made_for(&entity, Layer::Theirs(id)) {
        return Ok(edits);
    }
    // Nobody has used the contact that was made for them: it may give way.
    let shown = after(&entity, &edits, device, now);
    match placing::only_candidate(rows, &link, &shown)? {
        Some(known) => placing::move_to(rows, link_entity, known, now),
        None => Ok(edits),
    }
}

fn after(entity: &Entity, edits: &[Edit], device: DeviceId, now: i64) -> Entity {
    placing::after(entity, edits, device, now)
}

/// Whether a contact is in the book, not in the trash.
pub(super) fn is_alive(entity: &Entity) -> bool {
    book::kind(entity) == book::Kind::Contact && !book::is_trashed(entity)
}
