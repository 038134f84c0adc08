//! One contact of mine for a linked person: sent as an item of its own, taken as a contact that is theirs from then on.

use super::{finding, receiving::is_alive, sending};
use crate::{
    api::{Answer, Code, Error, Give, UpdateSent},
    node::{
        settings,
        work::{self, Outcome, Planned},
    },
    store::{StoreError, Writing},
};
use kith_core::{
    book,
    entity::Entity,
    id::{EntityId, PersonId, PropertyId},
    layer::Layer,
    person::{self, Link},
    replica::{Edit, Rows},
    share::{self, Received},
    vcard::Property,
};
use sending::Sender;

/// `give`: what came from the contact's own layer goes along only if they allow passing on.
pub(crate) fn give(request: &Give, sender: Sender, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let contact = match work::contact(&request.contact, rows.connection())? {
        Ok(contact) => contact,
        Err(error) => return Ok(Err(error)),
    };
    let to = match finding::link(&request.to, rows.connection())? {
        Ok(link) if link.is_open() => link,
        Ok(_) => return Ok(Err(Error::new(Code::BadRequest, "You are not linked to this person any more."))),
        Err(error) => return Ok(Err(error)),
    };
    if contact == book::me(sender.person) {
        let message = "That is my card: send it by `update send --contact`.";
        return Ok(Err(Error::new(Code::BadRequest, message)));
    }
    let region = settings::of(rows)?;
    let may_pass_on = may_pass_on(rows, contact)?;
    let content = share::given(rows.entity(contact)?, region.region(), may_pass_on);
    if content.properties.is_empty() {
        let message = "Nothing of this contact may be given on: all of it is what they told you.";
        return Ok(Err(Error::new(Code::BadRequest, message)));
    }
    let (update_id, edit) = sending::send_to(rows, to.person, share::given_item(contact), content, sender)?;
    let sent = u32::from(edit.is_some());
    let answer = Answer::Give(UpdateSent { update_id, recipients: 1, sent, unreachable: Vec::new() });
    Ok(Ok(Planned::new(sending::one_each(edit.into_iter().collect()), answer, "")))
}

/// Whether the person who is this contact lets others give their card on.
fn may_pass_on(rows: &mut Writing<'_>, contact: EntityId) -> Result<bool, StoreError> {
    let mut allowed = false;
    for id in crate::store::links_of_contact(rows.connection(), contact)? {
        let entity = rows.entity(id)?;
        let Some(link) = Link::of(entity) else { continue };
        let card = Received::of_item(entity, share::card_item(link.person));
        allowed |= card.and_then(|card| card.newest.content).is_some_and(|content| content.may_pass_on);
    }
    Ok(allowed)
}

/// The contact that a given card becomes, and the edits for it. What was taken before is brought up to date, as long as
/// it is in the book.
pub(super) fn taken(
    rows: &mut Writing<'_>,
    link: &Entity,
    from: PersonId,
    item: EntityId,
) -> Result<(Option<EntityId>, Vec<Edit>), StoreError> {
    let Some(received) = Received::of_item(link, item) else { return Ok((None, Vec::new())) };
    let id = person::id(from);
    let contact = share::taken_contact(id, item);
    let shown: Vec<(PropertyId, Property)> =
        received.theirs().into_iter().filter_map(|shared| Some((shared.id, shared.property?))).collect();
    let entity = rows.entity(contact)?;
    let mut edits = Vec::new();
    for (path, _) in entity.registers().filter(|(_, register)| register.value().is_some()) {
        let gone = path.as_mine().filter(|id| !shown.iter().any(|(shown, _)| shown == id));
        edits.extend(gone.map(|id| book::set_mine(contact, id, None)));
    }
    for (property, value) in &shown {
        let value = value.encode();
        let says = entity.register(&kith_core::path::Path::property(Layer::Mine, *property));
        if says.and_then(|register| register.value()) != Some(&value) {
            edits.push(book::set_mine(contact, *property, Some(value)));
        }
    }
    if shown.is_empty() {
        if is_alive(entity) {
            edits.push(book::set_state(contact, book::TRASHED));
        }
    } else if !edits.is_empty() || !is_alive(entity) {
        edits.push(book::set_state(contact, book::ALIVE));
    }
    Ok((Some(contact), edits))
}
