//! Contacts that may be the same, and making one of two.

use super::{
    contacts, settings,
    work::{Outcome, Planned, Scene, contact},
};
use crate::{
    api::{Answer, Code, ContactsApart, ContactsMerge, Done, DuplicatePair, Duplicates, Error, MergeField, Merged},
    store::{self, Connection, Writing},
};
use kith_core::{
    book, card,
    contact::{
        duplicates::{self, Candidate},
        merge::{self, Keep, MergeError},
    },
    entity::Entity,
    id::EntityId,
    path::Path,
    person::{self, Link},
    replica::{Draft, Edit, Rows},
    vcard::{self, Property},
};
use std::collections::{BTreeMap, btree_map::Entry};

/// `contacts.duplicates`: my card and what is in the trash are not looked at.
pub(super) fn find(scene: &Scene, rows: &Connection) -> Outcome<Answer> {
    let settings = settings::read(rows)?;
    let mut candidates = Vec::new();
    for id in store::all_contacts(rows)? {
        let entity = store::entity(rows, id)?.unwrap_or_default();
        if id != scene.me() {
            candidates.push(Candidate::of(id, &entity, settings.region()));
        }
    }
    let found = duplicates::find(&candidates);
    drop(candidates);
    let mut names: BTreeMap<EntityId, String> = BTreeMap::new();
    for id in found.pairs.iter().flat_map(|pair| [pair.a, pair.b]) {
        if let Entry::Vacant(place) = names.entry(id) {
            place.insert(store::entity(rows, id)?.as_ref().map(contacts::name_of).unwrap_or_default());
        }
    }
    let pairs = found.pairs.into_iter().map(|pair| DuplicatePair {
        a: pair.a.to_string(),
        b: pair.b.to_string(),
        a_name: names.get(&pair.a).cloned().unwrap_or_default(),
        b_name: names.get(&pair.b).cloned().unwrap_or_default(),
        why: pair.why,
        score: pair.score,
    });
    Ok(Ok(Answer::ContactsDuplicates(Duplicates { pairs: pairs.collect(), households: found.households })))
}

/// `contacts.apart`.
pub(super) fn apart(request: &ContactsApart, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let (a, b) = match two(&request.a, &request.b, rows)? {
        Ok(both) => both,
        Err(error) => return Ok(Err(error)),
    };
    let mut edits = Vec::new();
    for (id, other) in [(a, b), (b, a)] {
        edits.push(Edit { entity: id, path: Path::apart(other), value: Some(book::PRESENT.to_vec()) });
        edits.push(contacts::same_state(id, rows.entity(id)?));
    }
    let what =
        format!("said that {} and {} are two", contacts::name_of(rows.entity(a)?), contacts::name_of(rows.entity(b)?));
    Ok(Ok(Planned::new(vec![Draft { edits, import: None }], Answer::ContactsApart(Done {}), what)))
}

/// `contacts.merge`.
pub(super) fn merge(request: &ContactsMerge, scene: &Scene, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let (a, b) = match two(&request.a, &request.b, rows)? {
        Ok(both) => both,
        Err(error) => return Ok(Err(error)),
    };
    if [a, b].contains(&scene.me()) {
        let message =
            "My card is not merged with a contact. Copy what is missing there, and put the contact into the trash.";
        return Ok(Err(Error::new(Code::BadRequest, message)));
    }
    let choices = match choices(request) {
        Ok(choices) => choices,
        Err(error) => return Ok(Err(error)),
    };
    let settings = settings::of(rows)?;
    let (of_a, of_b) = (rows.entity(a)?.clone(), rows.entity(b)?.clone());
    let alias = alias(&of_b);
    let plan = match merge::plan((a, &of_a), (b, &of_b), &alias, settings.region(), &choices) {
        Ok(plan) => plan,
        Err(error) => return Ok(Err(refusal(&error))),
    };
    let linked = store::links_of_contact(rows.connection(), b)?;
    if !linked.is_empty() && !store::links_of_contact(rows.connection(), a)?.is_empty() {
        let message = "Both are linked to a person, so they are two. End one of the links first if that is wrong.";
        return Ok(Err(Error::new(Code::BadRequest, message)));
    }
    let fields = plan.fields.into_iter().map(field).collect();
    let answer = Answer::ContactsMerge(Merged { id: a.to_string(), fields });
    if request.dry_run {
        return Ok(Ok(Planned::new(Vec::new(), answer, "")));
    }
    let what = format!("merged {} into {}", contacts::name_of(&of_b), contacts::name_of(&of_a));
    let mut edits = plan.edits;
    for id in linked {
        // Whoever was the one is the other now.
        let link = rows.entity(id)?;
        edits.extend(Link::of(link).map(|link| person::attach(link.person, a)));
    }
    // Groups count their members, and may have lost one.
    Ok(Ok(Planned { groups: true, ..Planned::new(vec![Draft { edits, import: None }], answer, what) }))
}

fn two(a: &str, b: &str, rows: &mut Writing<'_>) -> Outcome<(EntityId, EntityId)> {
    let (a, b) = match (contact(a, rows.connection())?, contact(b, rows.connection())?) {
        (Ok(a), Ok(b)) => (a, b),
        (Err(error), _) | (_, Err(error)) => return Ok(Err(error)),
    };
    Ok(if a == b { Err(Error::new(Code::BadRequest, "These are not two contacts but one.")) } else { Ok((a, b)) })
}

/// By what an import or an account would know a contact: its UID, else everything it says.
fn alias(entity: &Entity) -> String {
    let said: Vec<Property> = card::properties(entity, None).into_iter().map(|(_, property)| property).collect();
    let remote = || {
        let mut remotes = entity.registers().filter(|(path, _)| path.as_remote().is_some());
        remotes.find_map(|(_, register)| register.value().and_then(book::read_text))
    };
    vcard::uid(&said).or_else(remote).unwrap_or_else(|| store::identity(&said))
}

fn choices(request: &ContactsMerge) -> Result<BTreeMap<String, Keep>, Error> {
    let keep = |text: &str| match text {
        "a" => Ok(Keep::A),
        "b" => Ok(Keep::B),
        "both" => Ok(Keep::Both),
        _ => Err(Error::new(Code::BadRequest, format!("{text}: what stays is a, b or both."))),
    };
    request.choices.iter().map(|choice| Ok((choice.field.clone(), keep(&choice.keep)?))).collect()
}

fn refusal(error: &MergeError) -> Error {
    let code = match error {
        MergeError::Undecided(_) => Code::Undecided,
        MergeError::TooLarge => Code::TooLarge,
        MergeError::UnknownField(_) => Code::NotFound,
        MergeError::Same | MergeError::Trashed | MergeError::OnlyOne(_) => Code::BadRequest,
    };
    let sentence = error.to_string();
    let mut letters = sentence.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    Error::new(code, format!("{first}{}.", letters.as_str()))
}

fn field(field: merge::Field) -> MergeField {
    let keep = match field.keep {
        Keep::A => "a",
        Keep::B => "b",
        Keep::Both => "both",
    };
    MergeField {
        field: field.key,
        name: field.name,
        label: field.label,
        a: field.a,
        b: field.b,
        keep: keep.to_owned(),
        single: field.single,
        differs: field.differs,
    }
}
