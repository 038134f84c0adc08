//! Household: a shared address or landline, changed once, is proposed to every member's card.

use crate::{
    card::{Region, likeness},
    id::{EntityId, PropertyId, derived},
    vcard::Property,
};

/// That a member's card may follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The member.
    pub contact: EntityId,
    /// The property that says what the changed one said.
    pub id: PropertyId,
    /// As it is.
    pub old: Property,
    /// As it would be; `None`: removed.
    pub new: Option<Property>,
}

/// Returns which members' cards say what a changed property said, for what a home shares: addresses, and numbers that
/// are no one's alone. Numbers marked as mobile, and everything else, are a person's own.
pub fn proposals(
    (old, new): (&Property, Option<&Property>),
    members: &[(EntityId, Vec<(PropertyId, Property)>)],
    region: Region<'_>,
) -> Vec<Proposal> {
    if !is_shared(old) {
        return Vec::new();
    }
    let wanted = likeness(old, region);
    let mut found = Vec::new();
    for (contact, card) in members {
        for (id, property) in card {
            if likeness(property, region) != wanted || new.is_some_and(|new| likeness(new, region) == wanted) {
                continue;
            }
            // The member's own labels and parameters stay; only the value follows.
            let new = match new {
                Some(new) => match property.with_parts(&new.parts()) {
                    Ok(new) => Some(new),
                    Err(_) => continue,
                },
                None => None,
            };
            found.push(Proposal { contact: *contact, id: *id, old: property.clone(), new });
        }
    }
    found
}

/// Names a proposal: the same question about the same values.
pub fn proposal_id(proposal: &Proposal) -> EntityId {
    let new = proposal.new.as_ref().map(Property::encode).unwrap_or_default();
    EntityId(derived(
        "kith 2026 household proposal",
        &[&proposal.contact.0, &proposal.id.0, &proposal.old.encode(), &new],
    ))
}

fn is_shared(property: &Property) -> bool {
    match &*property.name() {
        "ADR" => true,
        "TEL" => !property.parsed().types().any(|kind| matches!(&*kind.to_ascii_lowercase(), "cell" | "pager")),
        _ => false,
    }
}
