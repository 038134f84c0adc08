//! Which contact a person is, and what is written so that its layer says what they published.

use crate::{
    api::LinkCandidate,
    node::{contacts::name_of, settings},
    store::{self, Connection, StoreError, Writing},
};
use kith_core::{
    book, card,
    contact::display_name,
    entity::Entity,
    id::{DeviceId, EntityId},
    layer::Layer,
    limits::CHANGE_WRITES_MAX,
    path::Path,
    person::{self, Candidate, Known, Likeness, Link, Looks},
    register::Sibling,
    replica::{Draft, Edit, Rows},
    share,
    vcard::Property,
};
use rand_core::OsRng;
use std::collections::BTreeSet;

/// An entity as it will be when these edits of it are committed: for planning what depends on them.
pub(crate) fn after(entity: &Entity, edits: &[Edit], me: DeviceId, now: i64) -> Entity {
    let mut entity = entity.clone();
    for edit in edits {
        let register = entity.register_mut(&edit.path);
        let seen = register.seen().clone();
        let sibling = Sibling { device: me, seq: seen.at(me) + 1, clock: now, value: edit.value.clone() };
        register.merge(sibling, &seen);
    }
    entity
}

/// Several changes of one transaction, so that none is larger than a change may be.
pub(crate) fn drafts(edits: Vec<Edit>) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut bytes = 0;
    for edit in edits {
        let length = edit.value.as_ref().map_or(0, Vec::len);
        bytes += length;
        match drafts.last_mut() {
            Some(draft) if bytes <= DRAFT_BYTES_MAX && draft.edits.len() < CHANGE_WRITES_MAX / 2 => {
                draft.edits.push(edit);
            }
            _ => {
                bytes = length;
                drafts.push(Draft { edits: vec![edit], import: None });
            }
        }
    }
    drafts
}

/// Which contact a person becomes, and the edits for it: the one that was named, the one that they were before, or a new
/// one that bears the name by which they introduced themselves until their card arrives.
pub(crate) fn place(
    rows: &mut Writing<'_>,
    link: Option<&Link>,
    id: EntityId,
    (person, name): (kith_core::id::PersonId, &str),
    wanted: Option<EntityId>,
) -> Result<(EntityId, Vec<Edit>), StoreError> {
    let before = link.and_then(|link| link.contact);
    let usable = |rows: &mut Writing<'_>, contact: EntityId| -> Result<bool, StoreError> {
        let entity = rows.entity(contact)?;
        Ok(book::kind(entity) == book::Kind::Contact && !book::is_trashed(entity))
    };
    if let Some(contact) = wanted
        && usable(rows, contact)?
    {
        return Ok((contact, person::place(person, contact)));
    }
    if let Some(contact) = before
        && usable(rows, contact)?
    {
        return Ok((contact, Vec::new()));
    }
    let contact = EntityId::random(&mut OsRng);
    let mut edits = vec![person::attach(person, contact)];
    if let Some(property) = share::introduced(name) {
        // Under the id that their own card gives it, so that the card takes its place.
        let fn_id = book::single_property(book::me(person), "FN");
        edits.push(book::set_property(contact, Layer::Theirs(id), fn_id, Some(property.encode())));
        edits.push(book::set_state(contact, book::ALIVE));
    }
    Ok((contact, edits))
}

/// The edits after which one contact is the person and another one is not any more: the layer goes with the link.
pub(crate) fn move_to(
    rows: &mut Writing<'_>,
    link_entity: &Entity,
    contact: EntityId,
    now: i64,
) -> Result<Vec<Edit>, StoreError> {
    let Some(link) = Link::of(link_entity) else { return Ok(Vec::new()) };
    let (id, layer) = (person::id(link.person), Layer::Theirs(person::id(link.person)));
    let mut edits = vec![person::attach(link.person, contact)];
    if let Some(old) = link.contact.filter(|old| *old != contact) {
        let entity = rows.entity(old)?;
        let said = entity.registers().filter_map(|(path, register)| {
            path.as_property().filter(|(found, _)| *found == layer && register.value().is_some())
        });
        let gone: Vec<Edit> = said.map(|(layer, property)| book::set_property(old, layer, property, None)).collect();
        // What nothing else speaks of goes: it was made for this person alone.
        let alone = is_made_for(entity, layer);
        edits.extend(gone);
        edits.push(book::set_state(old, if alone { book::TRASHED } else { book::ALIVE }));
    }
    edits.extend(share::layer_edits(
        link_entity,
        id,
        (contact, rows.entity(contact)?),
        share::card_item(link.person),
        now,
    ));
    Ok(edits)
}

/// Whether a contact says nothing but what this layer does, and nobody put it anywhere.
pub(crate) fn is_made_for(contact: &Entity, layer: Layer) -> bool {
    let living = contact.registers().filter(|(_, register)| register.value().is_some());
    living
        .map(|(path, _)| path)
        .all(|path| *path == Path::state() || path.as_property().is_some_and(|(found, _)| found == layer))
}

/// The contacts that a person may be, by what their card says, the best first. `link` is the person's.
fn candidates(rows: &Connection, link: &Link, theirs: &[Property]) -> Result<Vec<(Candidate, String)>, StoreError> {
    let settings = settings::read(rows)?;
    let mut found = BTreeSet::new();
    for property in theirs.iter().filter(|property| matches!(&*property.name(), "TEL" | "EMAIL")) {
        let text = property.text();
        let find = text.trim_start_matches("mailto:").to_owned();
        // National and international spellings share their last digits.
        let digits: String = find.chars().filter(char::is_ascii_digit).collect();
        let tail = digits.get(digits.len().saturating_sub(TAIL_DIGITS)..).unwrap_or_default().to_owned();
        for find in if find.contains('@') { vec![find] } else { vec![find, tail] } {
            found.extend(store::contacts_having(rows, &find, FOUND_MAX)?);
        }
    }
    found.retain(|id| Some(*id) != link.contact);
    let mut cards = Vec::new();
    for id in found {
        let Some(entity) = store::entity(rows, id)? else { continue };
        let properties: Vec<Property> =
            card::properties(&entity, settings.region()).into_iter().map(|(_, property)| property).collect();
        cards.push((id, name_of(&entity), properties, !store::links_of_contact(rows, id)?.is_empty()));
    }
    let known: Vec<Known<'_>> = cards
        .iter()
        .map(|(contact, name, properties, is_linked)| Known {
            contact: *contact,
            name,
            properties,
            is_linked: *is_linked,
        })
        .collect();
    let called = |id: EntityId| cards.iter().find(|(other, ..)| *other == id).map(|(_, name, ..)| name.clone());
    let candidates = person::candidates(theirs, &known, settings.region()).into_iter();
    Ok(candidates
        .map(|candidate| (called(candidate.contact).unwrap_or_default(), candidate))
        .map(|(n, c)| (c, n))
        .collect())
}

/// The one contact that a person must be, by what their card says: there is no other that it could be, and what the two
/// have in common is nobody else's. A landline is a household's, so by that alone nobody is taken for somebody.
pub(crate) fn only_candidate(
    rows: &mut Writing<'_>,
    link: &Link,
    shown: &Entity,
) -> Result<Option<EntityId>, StoreError> {
    let theirs: Vec<Property> = card::statements(shown).into_iter().map(|said| said.property).collect();
    let found = candidates(rows.connection(), link, &theirs)?;
    let [(candidate, _)] = &found[..] else { return Ok(None) };
    let is_own = |likeness: &Likeness| match likeness {
        Likeness::Mail(_) => true,
        Likeness::Number(_) => false,
    };
    if candidate.why.iter().any(is_own) {
        return Ok(Some(candidate.contact));
    }
    let region = settings::of(rows)?;
    let numbers: BTreeSet<(String, String)> =
        theirs.iter().filter(|property| is_mobile(property)).map(|p| card::likeness(p, region.region())).collect();
    let entity = rows.entity(candidate.contact)?;
    let said = card::statements(entity);
    let alike =
        |property: &Property| property.name() == "TEL" && numbers.contains(&card::likeness(property, region.region()));
    let shared_mobile = said.iter().any(|said| alike(&said.property));
    let named = person::lookalikes(
        &display_name(&theirs),
        &[Known { contact: candidate.contact, name: &name_of(entity), properties: &[], is_linked: false }],
    );
    Ok((shared_mobile || !named.is_empty()).then_some(candidate.contact))
}

fn is_mobile(property: &Property) -> bool {
    let line = property.line();
    let types = line.params.iter().filter(|(name, _)| name == "TYPE").flat_map(|(_, values)| values);
    line.name == "TEL" && types.into_iter().any(|kind| kind.eq_ignore_ascii_case("cell"))
}

/// The same as they are offered, the best few.
pub(crate) fn offered(rows: &Connection, link: &Link, theirs: &[Property]) -> Result<Vec<LinkCandidate>, StoreError> {
    let best = candidates(rows, link, theirs)?.into_iter().take(CANDIDATES_MAX);
    let offer = |(candidate, name): (Candidate, String)| LinkCandidate {
        contact_id: candidate.contact.to_string(),
        name,
        why: why(&candidate),
    };
    Ok(best.map(offer).collect())
}

/// What two have in common, in words.
fn why(candidate: &Candidate) -> String {
    let common: Vec<String> = candidate
        .why
        .iter()
        .map(|likeness| match likeness {
            Likeness::Number(number) => format!("the number {number}"),
            Likeness::Mail(mail) => format!("the mail address {mail}"),
        })
        .collect();
    common.join(", ")
}

/// Contacts whose names could be taken for this one, other than the person's own.
pub(crate) fn lookalikes(rows: &Connection, name: &str, own: Option<EntityId>) -> Result<Vec<EntityId>, StoreError> {
    let mut found = Looks::of(store::names(rows)?).like(name);
    found.retain(|contact| Some(*contact) != own);
    found.truncate(LOOKALIKES_MAX);
    Ok(found)
}

/// A change is kept well below what a change may be, in bytes: one value may come on top.
const DRAFT_BYTES_MAX: usize = 256 << 10;
/// Contacts that one number may find.
const FOUND_MAX: usize = 20;
/// Contacts that a person may be that are offered.
const CANDIDATES_MAX: usize = 5;
/// Contacts with a name like another one that are named.
const LOOKALIKES_MAX: usize = 5;
/// Digits by which numbers of different spelling are found.
const TAIL_DIGITS: usize = 6;
