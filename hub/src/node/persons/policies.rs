//! What becomes of updates that arrive: the commands `policy.*`. The policies themselves are the core's.

use super::finding;
use crate::{
    api::{self, Answer, Code, Error, PolicyRow, PolicySet, PolicyTell},
    node::work::{Outcome, Planned},
    store::{self, Connection, StoreError, Writing},
};
use kith_core::{
    book::SETTINGS,
    entity::Entity,
    id::{DeviceId, EntityId},
    person::{self, Link},
    replica::{Draft, Edit, Rows},
    share::{self, Policy},
};

/// `policy.show`.
pub(crate) fn show(rows: &Connection) -> Outcome<Answer> {
    Ok(Ok(Answer::PolicyShow(all(rows, None)?)))
}

/// All of them. `changed` is an entity that is not committed yet.
fn all(rows: &Connection, changed: Option<(EntityId, &Entity)>) -> Result<api::Policies, StoreError> {
    let fresh = |id: EntityId, stored: Option<Entity>| match changed {
        Some((found, entity)) if found == id => Some(entity.clone()),
        _ => stored,
    };
    let row = |(field, policy): (String, Policy), person: Option<String>| PolicyRow {
        policy: policy.word().to_owned(),
        person_id: person,
        field: Some(field).filter(|field| !field.is_empty()),
    };
    let settings = fresh(SETTINGS, store::entity(rows, SETTINGS)?).unwrap_or_default();
    let mut said = share::policies_said(&settings);
    said.entry(String::new()).or_insert(Policy::Automatic);
    let mut policies: Vec<PolicyRow> = said.into_iter().map(|said| row(said, None)).collect();
    for (id, entity) in store::links(rows)? {
        let Some(entity) = fresh(id, Some(entity)) else { continue };
        let Some(link) = Link::of(&entity) else { continue };
        let said = share::policies_said(&entity).into_iter();
        policies.extend(said.map(|said| row(said, Some(link.person.to_string()))));
    }
    Ok(api::Policies { policies, tell: share::is_telling(&settings) })
}

/// `policy.set`.
pub(crate) fn set(request: &PolicySet, me: DeviceId, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let policy = match request.policy.as_str() {
        "" => None,
        word => match Policy::of(word) {
            Some(policy) => Some(policy),
            None => {
                let message = format!("{word}: a policy is automatic, ask, unmetered or refuse.");
                return Ok(Err(Error::new(Code::BadRequest, message)));
            }
        },
    };
    let entity = match &request.person {
        Some(wanted) => match finding::link(wanted, rows.connection())? {
            Ok(link) => person::id(link.person),
            Err(error) => return Ok(Err(error)),
        },
        None => SETTINGS,
    };
    let field = request.field.as_deref().unwrap_or_default().trim().to_ascii_uppercase();
    if !field.is_empty() && !share::is_field(&field) {
        let message = format!("{field}: a field is named as vCard names it, such as TEL.");
        return Ok(Err(Error::new(Code::BadRequest, message)));
    }
    planned(share::set_policy(entity, &field, policy), me, rows, Answer::PolicySet)
}

/// `policy.tell`.
pub(crate) fn tell(request: &PolicyTell, me: DeviceId, rows: &mut Writing<'_>) -> Outcome<Planned> {
    planned(share::set_telling(request.on), me, rows, Answer::PolicyTell)
}

fn planned(
    edit: Edit,
    me: DeviceId,
    rows: &mut Writing<'_>,
    answer: impl FnOnce(api::Policies) -> Answer,
) -> Outcome<Planned> {
    let after = super::placing::after(rows.entity(edit.entity)?, std::slice::from_ref(&edit), me, 0);
    let answer = answer(all(rows.connection(), Some((edit.entity, &after)))?);
    Ok(Ok(Planned::new(vec![Draft { edits: vec![edit], import: None }], answer, "")))
}
