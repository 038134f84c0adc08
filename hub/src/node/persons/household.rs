//! Household: an address or landline that one member's card changed, and that others' cards still have as it was. What
//! could follow is computed from what stands and what stood; a no is remembered on this device.

use super::finding;
use crate::{
    api::{Answer, Code, Done, Error, HouseholdAnswer, HouseholdProposal, HouseholdProposals},
    clock::now_ms,
    node::{
        contacts::{name_of, same_state},
        edits::Plan,
        settings,
        work::{Outcome, Planned, Scene},
    },
    store::{self, Connection, StoreError, Writing},
};
use kith_core::{
    card,
    entity::Entity,
    id::{EntityId, PropertyId},
    person::Link,
    replica::{Draft, Rows},
    share::{self, Proposal},
    vcard::Property,
};
use std::collections::BTreeSet;

/// A proposal, and who changed first.
struct Asked {
    id: EntityId,
    by: EntityId,
    proposal: Proposal,
}

/// A card's properties by id.
type Card = Vec<(PropertyId, Property)>;

/// What could follow.
fn proposals(scene: &Scene, rows: &Connection) -> Result<Vec<Asked>, StoreError> {
    let household = finding::links(rows)?.into_iter().filter(|link| link.household && link.is_open());
    let mut members: BTreeSet<EntityId> = household.filter_map(|link: Link| link.contact).collect();
    if members.is_empty() {
        return Ok(Vec::new());
    }
    members.insert(scene.me());
    let settings = settings::read(rows)?;
    let mut cards: Vec<(EntityId, Entity, Card)> = Vec::new();
    for contact in members {
        let Some(entity) = store::entity(rows, contact)? else { continue };
        let card = card::properties(&entity, settings.region());
        cards.push((contact, entity, card));
    }
    let mut asked: Vec<Asked> = Vec::new();
    let since = now_ms().saturating_sub(ASKED_MS);
    for (contact, entity, card) in &cards {
        let others: Vec<(EntityId, Card)> = cards
            .iter()
            .filter(|(other, ..)| other != contact)
            .map(|(other, _, card)| (*other, card.clone()))
            .collect();
        for past in store::past(rows, *contact)?.into_iter().filter(|past| past.at >= since) {
            if past.path.as_property().is_none() {
                continue;
            }
            let Some(old) = past.value.as_deref().and_then(|value| Property::decode(value).ok()) else { continue };
            let now = entity.register(&past.path).and_then(|register| Property::decode(register.value()?).ok());
            // Moved within the card, e.g. to another layer that says the same, it is no change.
            let still = card
                .iter()
                .any(|(_, said)| card::likeness(said, settings.region()) == card::likeness(&old, settings.region()));
            if still {
                continue;
            }
            for proposal in share::proposals((&old, now.as_ref()), &others, settings.region()) {
                let id = share::proposal_id(&proposal);
                let known = asked.iter().any(|other| other.id == id);
                if !known && !store::is_declined(rows, id)? {
                    asked.push(Asked { id, by: *contact, proposal });
                }
            }
        }
    }
    Ok(asked)
}

/// `household.list`.
pub(crate) fn list(scene: &Scene, rows: &Connection) -> Outcome<Answer> {
    let mut found = Vec::new();
    for Asked { id, by, proposal } in proposals(scene, rows)? {
        let called = |id: EntityId| Ok::<_, StoreError>(name_of(&store::entity(rows, id)?.unwrap_or_default()));
        found.push(HouseholdProposal {
            id: id.to_string(),
            contact_id: proposal.contact.to_string(),
            name: called(proposal.contact)?,
            changed_by: called(by)?,
            property_id: proposal.id.to_string(),
            property: proposal.old.name().into_owned(),
            old: proposal.old.text(),
            new: proposal.new.as_ref().map(Property::text),
        });
    }
    Ok(Ok(Answer::HouseholdList(HouseholdProposals { proposals: found })))
}

/// `household.answer`: my layer of the member's card follows, or stays.
pub(crate) fn answer(request: &HouseholdAnswer, scene: &Scene, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let wanted = request.id.trim().to_ascii_lowercase();
    let fits = |asked: &Asked| !wanted.is_empty() && asked.id.to_string().starts_with(&wanted);
    let mut found: Vec<Asked> = proposals(scene, rows.connection())?.into_iter().filter(fits).collect();
    let (Some(Asked { id, proposal, .. }), true) = (found.pop(), found.is_empty()) else {
        return Ok(Err(Error::new(Code::NotFound, "There is no such proposal any more. `household list` shows them.")));
    };
    let done = Answer::HouseholdAnswer(Done {});
    if !request.accept {
        rows.decline(id)?;
        return Ok(Ok(Planned::new(Vec::new(), done, "")));
    }
    let settings = settings::of(rows)?;
    let entity = rows.entity(proposal.contact)?;
    let name = name_of(entity);
    let mut plan = Plan::new(proposal.contact, Some(entity)).with_layers(entity, settings.region());
    let property_id = proposal.id.to_string();
    let outcome = match &proposal.new {
        Some(new) => plan.set(&crate::api::PropertyEdit {
            property_id: Some(property_id),
            parts: Some(new.parts()),
            ..crate::api::PropertyEdit::default()
        }),
        None => plan.unset(&property_id),
    };
    if let Err(error) = outcome {
        return Ok(Err(error));
    }
    let mut edits = plan.finish();
    if edits.is_empty() {
        edits.push(same_state(proposal.contact, entity));
    }
    let what = format!("let the card of {name} follow");
    Ok(Ok(Planned::new(vec![Draft { edits, import: None }], done, what)))
}

/// How long a change is asked about, in milliseconds: 90 days.
const ASKED_MS: i64 = 90 * 24 * 3600 * 1000;
