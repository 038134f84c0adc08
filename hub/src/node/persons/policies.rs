//! What becomes of updates that arrive: by person and field, by person, by field, for everything; the narrowest that was
//! said counts. Unless anything was said they are taken: whoever is linked was let in by an invitation.

use super::finding;
use crate::{
    api::{self, Answer, Code, Error, PolicyRow, PolicySet},
    node::work::{Outcome, Planned},
    store::{self, Connection, StoreError, Writing},
};
use kith_core::{
    book::{SETTINGS, read_text, text_value},
    entity::Entity,
    id::{DeviceId, EntityId},
    path::{Path, Segment},
    person::Link,
    replica::{Draft, Edit, Rows},
};
use std::collections::BTreeMap;

/// What is done with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    Automatic,
    Ask,
    Refuse,
}

impl Policy {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "automatic" => Self::Automatic,
            "ask" => Self::Ask,
            "refuse" => Self::Refuse,
            _ => return None,
        })
    }

    fn word(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Ask => "ask",
            Self::Refuse => "refuse",
        }
    }
}

/// The policies that concern one person.
pub(super) struct Policies {
    own: Said,
    all: Said,
}

/// What one entity says: of everything under the empty name, and of fields.
type Said = BTreeMap<String, Policy>;

impl Policies {
    /// Reads them.
    pub(super) fn read(rows: &mut Writing<'_>, link: &Entity) -> Result<Self, StoreError> {
        Ok(Self { own: said(link), all: said(rows.entity(SETTINGS)?) })
    }

    /// Whether a property of this name is taken (`true`), refused (`false`), or asked about.
    pub(super) fn answer(&self, name: &str) -> Option<bool> {
        let found = [self.own.get(name), self.own.get(""), self.all.get(name), self.all.get("")];
        match found.into_iter().flatten().next().copied().unwrap_or(Policy::Automatic) {
            Policy::Automatic => Some(true),
            Policy::Refuse => Some(false),
            Policy::Ask => None,
        }
    }
}

/// Where own devices disagree, the careful one counts: asked rather than taken.
fn said(entity: &Entity) -> Said {
    let mut said = Said::new();
    for (path, register) in entity.registers() {
        let mut segments = path.segments();
        let field = match (segments.next(), segments.next(), segments.next(), segments.next()) {
            (Some(Segment::Name("policy")), None, ..) => "",
            (Some(Segment::Name("policy")), Some(Segment::Name(field)), None, None) => field,
            _ => continue,
        };
        let mut words = register
            .siblings()
            .iter()
            .map(|sibling| sibling.value.as_deref().and_then(read_text).and_then(|word| Policy::of(&word)));
        let first = words.next().flatten();
        let policy = if words.any(|other| other != first) { Some(Policy::Ask) } else { first };
        said.extend(policy.map(|policy| (field.to_owned(), policy)));
    }
    said
}

fn path(field: &str) -> Path {
    Path::policy(Some(field).filter(|field| !field.is_empty()))
}

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
    let mut said = said(&settings);
    said.entry(String::new()).or_insert(Policy::Automatic);
    let mut policies: Vec<PolicyRow> = said.into_iter().map(|said| row(said, None)).collect();
    for (id, entity) in store::links(rows)? {
        let Some(entity) = fresh(id, Some(entity)) else { continue };
        let Some(link) = Link::of(&entity) else { continue };
        policies.extend(self::said(&entity).into_iter().map(|said| row(said, Some(link.person.to_string()))));
    }
    Ok(api::Policies { policies })
}

/// `policy.set`.
pub(crate) fn set(request: &PolicySet, me: DeviceId, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let policy = match request.policy.as_str() {
        "" => None,
        word => match Policy::of(word) {
            Some(policy) => Some(policy),
            None => {
                let message = format!("{word}: a policy is automatic, ask or refuse.");
                return Ok(Err(Error::new(Code::BadRequest, message)));
            }
        },
    };
    let entity = match &request.person {
        Some(wanted) => match finding::link(wanted, rows.connection())? {
            Ok(link) => kith_core::person::id(link.person),
            Err(error) => return Ok(Err(error)),
        },
        None => SETTINGS,
    };
    let field = request.field.as_deref().unwrap_or_default().trim().to_ascii_uppercase();
    if field.len() > FIELD_BYTES_MAX || !field.chars().all(|char| char.is_ascii_alphanumeric() || char == '-') {
        let message = format!("{field}: a field is named as vCard names it, such as TEL.");
        return Ok(Err(Error::new(Code::BadRequest, message)));
    }
    let edit = Edit { entity, path: path(&field), value: policy.map(|policy| text_value(policy.word())) };
    let after = super::placing::after(rows.entity(entity)?, std::slice::from_ref(&edit), me, 0);
    let answer = Answer::PolicySet(all(rows.connection(), Some((entity, &after)))?);
    Ok(Ok(Planned::new(vec![Draft { edits: vec![edit], import: None }], answer, "")))
}

/// Longest name of a field, in bytes.
const FIELD_BYTES_MAX: usize = 63;
