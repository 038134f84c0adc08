//! What becomes of updates that arrive: by person and field, by person, by field, for everything; the narrowest that was
//! said counts. Unless anything was said they are taken: whoever is linked was let in by an invitation.
//!
//! What is said of a person stands in the link, the rest in the settings, so that all own devices mean the same.

use crate::{
    book::{PRESENT, SETTINGS, read_text, text_value},
    entity::Entity,
    id::EntityId,
    path::{Path, Segment},
    replica::Edit,
};
use std::collections::BTreeMap;

/// What is done with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// It is taken.
    Automatic,
    /// A person is asked.
    Ask,
    /// It is taken on an unmetered network, and waits on others.
    Unmetered,
    /// It is refused.
    Refuse,
}

impl Policy {
    /// Reads the word for it.
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "automatic" => Self::Automatic,
            "ask" => Self::Ask,
            "unmetered" => Self::Unmetered,
            "refuse" => Self::Refuse,
            _ => return None,
        })
    }

    /// The word by which people and scripts know it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Ask => "ask",
            Self::Unmetered => "unmetered",
            Self::Refuse => "refuse",
        }
    }
}

/// The policies that concern one person.
#[derive(Clone, Debug)]
pub struct Policies {
    own: BTreeMap<String, Policy>,
    all: BTreeMap<String, Policy>,
}

impl Policies {
    /// Reads them of the settings and of the link to the person.
    pub fn of(settings: &Entity, link: &Entity) -> Self {
        Self { own: policies_said(link), all: policies_said(settings) }
    }

    /// What becomes of a property of this name.
    pub fn of_field(&self, name: &str) -> Policy {
        let found = [self.own.get(name), self.own.get(""), self.all.get(name), self.all.get("")];
        found.into_iter().flatten().next().copied().unwrap_or(Policy::Automatic)
    }

    /// Whether to ask before this field of this person's changes would be more careful than what is said of just that.
    pub(super) fn may_be_asked_more(&self, name: &str) -> bool {
        self.own.get(name) != Some(&Policy::Ask) && self.of_field(name) != Policy::Refuse
    }

    /// Whether something was said of all that this person sends.
    pub fn is_said_of_person(&self) -> bool {
        self.own.contains_key("")
    }
}

/// What one entity says: of everything under the empty name, and of fields. Where own devices disagree, the careful one
/// counts: asked rather than taken.
pub fn policies_said(entity: &Entity) -> BTreeMap<String, Policy> {
    let mut said = BTreeMap::new();
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
        said.extend(policy.map(|policy| (field.to_ascii_uppercase(), policy)));
    }
    said
}

/// Says what becomes of a field (see [`is_field`]), or of everything (an empty name), in the settings or in a link; `None`: as if nothing
/// had been said.
pub fn set_policy(entity: EntityId, field: &str, policy: Option<Policy>) -> Edit {
    let name = field.to_ascii_lowercase();
    let path = Path::policy(Some(&*name).filter(|name| !name.is_empty()));
    Edit { entity, path, value: policy.map(|policy| text_value(policy.word())) }
}

/// Whether a name is one that a property may have, in upper case.
pub fn is_field(name: &str) -> bool {
    let fits = |char: char| char.is_ascii_uppercase() || char.is_ascii_digit() || char == '-';
    (1..=FIELD_BYTES_MAX).contains(&name.len()) && name.chars().all(fits)
}

/// Says whether those who send hear what became of it.
pub fn set_telling(on: bool) -> Edit {
    Edit { entity: SETTINGS, path: Path::setting("tell"), value: on.then(|| PRESENT.to_vec()) }
}

/// Whether those who send hear what became of it: only if no own device says otherwise.
pub fn is_telling(settings: &Entity) -> bool {
    let Some(register) = settings.register(&Path::setting("tell")) else { return false };
    register.siblings().iter().all(|sibling| sibling.value.is_some())
}

/// Longest name of a field, in bytes.
const FIELD_BYTES_MAX: usize = 63;
