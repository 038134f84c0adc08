//! Which contact a newly linked person is: whom to offer, and whom the name looks like (issue: never doubled).
//!
//! A contact with the same number or mail address is offered and attached. A name alone never is: names are not unique,
//! and whoever wants to be taken for somebody else needs only their name. It is pointed out instead.

use crate::{card::likeness, contact::fold, id::EntityId, vcard::Property};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a contact, as far as it matters here.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Which.
    pub contact: EntityId,
    /// What it is called.
    pub name: &'a str,
    /// What its card says.
    pub properties: &'a [Property],
    /// It is linked to somebody already.
    pub is_linked: bool,
}

/// A contact that the person may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Which.
    pub contact: EntityId,
    /// What the two have in common.
    pub why: Vec<Likeness>,
}

/// What two have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// This telephone number, as the contact has it.
    Number(String),
    /// This mail address, as the contact has it.
    Mail(String),
}

/// Returns the contacts that have a number or mail address in common with what a newly linked person says of
/// themselves, those with most in common first. Contacts that are linked to somebody else are left out.
pub fn candidates(card: &[Property], known: &[Known<'_>], region: Option<&str>) -> Vec<Candidate> {
    let wanted: BTreeSet<(String, String)> = reachable(card).map(|property| likeness(property, region)).collect();
    let mut found: Vec<Candidate> = Vec::new();
    for contact in known.iter().filter(|contact| !contact.is_linked) {
        let same = reachable(contact.properties).filter(|property| wanted.contains(&likeness(property, region)));
        let why: BTreeSet<Likeness> = same
            .map(|property| match &*property.name() {
                "TEL" => Likeness::Number(property.text()),
                _ => Likeness::Mail(property.text()),
            })
            .collect();
        if !why.is_empty() {
            found.push(Candidate { contact: contact.contact, why: why.into_iter().collect() });
        }
    }
    found.sort_by_key(|candidate| (usize::MAX - candidate.why.len(), candidate.contact));
    found
}

/// Returns the contacts whose names could be taken for this one: alike without case, accents, spaces, signs, and letters
/// that look the same in another script.
pub fn lookalikes(name: &str, known: &[Known<'_>]) -> Vec<EntityId> {
    let skeleton = skeleton(name);
    if skeleton.is_empty() {
        return Vec::new();
    }
    known.iter().filter(|contact| self::skeleton(contact.name) == skeleton).map(|contact| contact.contact).collect()
}

/// What names look like, for comparing several with all of a book.
#[derive(Clone, Debug, Default)]
pub struct Looks(BTreeMap<String, Vec<EntityId>>);

impl Looks {
    /// Of these contacts' names.
    pub fn of(names: impl IntoIterator<Item = (EntityId, String)>) -> Self {
        let mut looks = Self::default();
        for (contact, name) in names {
            let skeleton = skeleton(&name);
            if !skeleton.is_empty() {
                looks.0.entry(skeleton).or_default().push(contact);
            }
        }
        looks
    }

    /// The contacts whose names could be taken for this one; see [`lookalikes`].
    pub fn like(&self, name: &str) -> Vec<EntityId> {
        self.0.get(&skeleton(name)).cloned().unwrap_or_default()
    }
}

fn reachable(card: &[Property]) -> impl Iterator<Item = &Property> {
    card.iter().filter(|property| matches!(&*property.name(), "TEL" | "EMAIL"))
}

/// What is left of a name of what the eye tells apart.
fn skeleton(name: &str) -> String {
    let folded = fold(name);
    let mut words: Vec<String> =
        folded.split_whitespace().map(|word| word.chars().filter_map(look).collect()).collect();
    words.retain(|word| !word.is_empty());
    words.sort_unstable();
    words.concat()
}

/// One letter for all that look like it (after folding, so lower case only).
fn look(letter: char) -> Option<char> {
    Some(match letter {
        'а' | 'α' => 'a',
        'е' | 'ε' => 'e',
        'о' | 'ο' | '0' => 'o',
        'р' | 'ρ' => 'p',
        'с' => 'c',
        'у' | 'γ' => 'y',
        'х' | 'χ' => 'x',
        'і' | 'ι' | 'l' | '1' | '|' => 'i',
        'ѕ' | '5' => 's',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' | 'μ' => 'm',
        'т' | 'τ' => 't',
        'в' | 'β' => 'b',
        'н' => 'h',
        'ν' => 'v',
        letter if letter.is_alphanumeric() => letter,
        _ => return None,
    })
}
