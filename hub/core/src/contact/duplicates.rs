//! Contacts that may be the same, found without taking two people for one.
//!
//! A pair is offered where a name fits and something else does too: a mail address, a telephone number, a birthday. A
//! shared number under different given names is a household: counted, never offered. Whatever says that two are two
//! (different birthdays, middle names or generations, a person's word) outweighs everything that two people can share.
//! Contacts are compared only where they share a key (number, address, name, ...), so that large books take seconds.

mod name;
#[cfg(test)]
mod tests;

use super::{is_organisation, phone};
use crate::{
    book,
    card::{self, Region},
    entity::Entity,
    id::EntityId,
    vcard::{self, PartialDate, Property},
};
use name::{Name, Names};

/// What is compared of a contact.
#[derive(Clone, Debug)]
pub struct Candidate {
    id: EntityId,
    name: Name,
    organisation: bool,
    phones: Vec<String>,
    mails: Vec<String>,
    mailboxes: Vec<String>,
    addresses: Vec<String>,
    employers: Vec<String>,
    birthday: Option<PartialDate>,
    uids: Vec<String>,
    apart: Vec<EntityId>,
    /// How many properties its card has.
    said: usize,
}

/// Two contacts that may be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The one whose card says more; of two alike, the one that came first among those compared.
    pub a: EntityId,
    /// The other.
    pub b: EntityId,
    /// How sure, from 0 to 99.
    pub score: u32,
    /// In words, e.g. "same name and mail address".
    pub why: String,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Surest first, at most [`PAIRS_MAX`].
    pub pairs: Vec<Pair>,
    /// Pairs that share a number or an address under different names.
    pub households: u32,
}

impl Candidate {
    /// Takes from a contact's card what is compared.
    pub fn of(id: EntityId, entity: &Entity, region: Region<'_>) -> Self {
        let properties: Vec<Property> =
            card::properties(entity, region).into_iter().map(|(_, property)| property).collect();
        let mut candidate = Self {
            id,
            name: Name::of(&properties),
            organisation: is_organisation(&properties),
            phones: Vec::new(),
            mails: Vec::new(),
            mailboxes: Vec::new(),
            addresses: Vec::new(),
            employers: Vec::new(),
            birthday: None,
            uids: vcard::uid(&properties).into_iter().collect(),
            apart: Vec::new(),
            said: properties.len(),
        };
        for (path, register) in entity.registers() {
            if let (Some(other), Some(_)) = (path.as_apart(), register.value()) {
                candidate.apart.push(other);
            }
            if path.as_alias().is_some() || path.as_remote().is_some() {
                candidate.uids.extend(register.value().and_then(book::read_text));
            }
        }
        properties.iter().for_each(|property| candidate.take(property, region));
        candidate
    }

    fn take(&mut self, property: &Property, region: Region<'_>) {
        let line = property.parsed();
        match &*line.name {
            "TEL" => {
                let numbers = phone::numbers(&line.text(), region).into_iter();
                self.phones.extend(numbers.map(|number| number.e164 + &number.extension));
            }
            "EMAIL" => {
                let (_, mail) = card::likeness(property, region);
                let local = mail.split('@').next().unwrap_or_default();
                let list = if MAILBOXES.contains(&local) { &mut self.mailboxes } else { &mut self.mails };
                list.push(mail);
            }
            "ADR" => {
                self.addresses.extend(address_key(property));
            }
            "ORG" => {
                let name = vcard::parts(&line).into_iter().flatten().next().unwrap_or_default();
                self.employers.extend(Some(name::words(&name).join(" ")).filter(|name| !name.is_empty()));
            }
            "BDAY" => self.birthday = PartialDate::from_text(&line.text()),
            _ => {}
        }
    }

    /// What it must share with another to be compared with it.
    fn keys(&self) -> Vec<String> {
        let list =
            |mark: char, values: &[String]| values.iter().map(|value| format!("{mark}{value}")).collect::<Vec<_>>();
        let mut keys =
            [list('p', &self.phones), list('m', &self.mails), list('a', &self.addresses), list('u', &self.uids)]
                .concat();
        let names = self.name.keys();
        if let Some(PartialDate { year: Some(year), month: Some(month), day: Some(day) }) = self.birthday {
            keys.extend(names.iter().map(|name| format!("b{year}-{month}-{day}{:?}", name.chars().next())));
        }
        for name in names {
            keys.extend(self.employers.iter().map(|employer| format!("e{name}\n{employer}")));
            keys.extend(self.mailboxes.iter().map(|mailbox| format!("x{name}\n{mailbox}")));
            keys.push(format!("n{name}"));
        }
        keys
    }
}

/// What two spellings of an address have in common: its street with its postal code, else with its town. `None` where it
/// names no house.
pub(super) fn address_key(address: &Property) -> Option<String> {
    let parts = address.parts();
    let part = |index: usize| parts.get(index).map(|texts| name::words(&texts.join(" ")).join(" "));
    let [street, town, code] = [2, 3, 5].map(|index| part(index).unwrap_or_default());
    // Where there is a code, the town may be spelled in many ways.
    let place = if code.is_empty() { town } else { code };
    (!street.is_empty() && !place.is_empty()).then(|| format!("{street} {place}"))
}

/// Finds the pairs among these contacts that may be one contact each.
pub fn find(candidates: &[Candidate]) -> Found {
    let mut keyed: Vec<(String, u32)> = Vec::new();
    for (nth, candidate) in candidates.iter().enumerate() {
        keyed.extend(candidate.keys().into_iter().map(|key| (key, nth as u32)));
    }
    keyed.sort_unstable();
    keyed.dedup();
    // How many bear a name says how much it is worth.
    let mut namesakes = vec![0_usize; candidates.len()];
    let mut met: Vec<(u32, u32)> = Vec::new();
    for block in keyed.chunk_by(|(a, _), (b, _)| a == b) {
        if block[0].0.starts_with('n') {
            block.iter().for_each(|(_, nth)| namesakes[*nth as usize] = namesakes[*nth as usize].max(block.len()));
        }
        if block.len() <= BLOCK_MAX {
            for (at, (_, a)) in block.iter().enumerate() {
                met.extend(block[at + 1..].iter().map(|(_, b)| (*a, *b)));
            }
        }
    }
    drop(keyed);
    met.sort_unstable();
    met.dedup();
    let mut found = Found::default();
    for (a, b) in met {
        let rare = namesakes[a as usize] <= NAMESAKES_MAX;
        match judge(&candidates[a as usize], &candidates[b as usize], rare) {
            Verdict::Pair(pair) => found.pairs.push(pair),
            Verdict::Household => found.households = found.households.saturating_add(1),
            Verdict::Two => {}
        }
    }
    found.pairs.sort_by_key(|pair| std::cmp::Reverse(pair.score));
    found.pairs.truncate(PAIRS_MAX);
    found
}

enum Verdict {
    Pair(Pair),
    Household,
    Two,
}

fn judge(a: &Candidate, b: &Candidate, rare: bool) -> Verdict {
    if a.apart.contains(&b.id) || b.apart.contains(&a.id) || a.organisation != b.organisation {
        return Verdict::Two;
    }
    let shared = |of: fn(&Candidate) -> &[String]| of(a).iter().any(|value| of(b).contains(value));
    let uid = shared(|candidate| &candidate.uids);
    let mail = shared(|candidate| &candidate.mails);
    let phone = shared(|candidate| &candidate.phones);
    let address = shared(|candidate| &candidate.addresses);
    let birthday =
        a.birthday.is_some() && a.birthday == b.birthday && a.birthday.is_some_and(|date| date.year.is_some());
    let names = if a.organisation { a.name.compare_whole(&b.name) } else { a.name.compare(&b.name) };
    let home = if phone || mail || address { Verdict::Household } else { Verdict::Two };
    if !uid && (names == Names::Different || contradict(a.birthday, b.birthday)) {
        return home;
    }
    let evidence = [
        (uid, "UID", [98, 95, 90]),
        (mail, "mail address", [95, 82, 70]),
        (phone, "telephone number", [90, 70, 60]),
        (birthday, "birthday", [85, 70, 0]),
        (address, "address", [80, 0, 0]),
        (shared(|candidate| &candidate.employers), "organisation", [65, 0, 0]),
        (shared(|candidate| &candidate.mailboxes), "shared mailbox", [60, 0, 0]),
    ];
    let column = match names {
        Names::Same => 0,
        Names::Similar(_) | Names::Misspelt => 1,
        Names::Unnamed | Names::Different => 2,
    };
    // Sisters and couples share a number and a name that is nearly the same.
    let counts = |word: &str| names != Names::Misspelt || word != "telephone number";
    let held = evidence.into_iter().filter(|(held, ..)| *held);
    let strong = held.clone().filter(|(_, word, _)| counts(word)).map(|(_, _, scores)| scores[column]).max();
    let alone = names == Names::Same && rare && a.name.is_full();
    let base = strong.unwrap_or(0).max(if alone { NAME_ALONE_SCORE } else { 0 });
    if base == 0 {
        return home;
    }
    let words: Vec<&str> = held.map(|(_, word, _)| word).collect();
    let more = 2 * words.len().saturating_sub(1) as u32;
    let (a, b) = if b.said > a.said { (b, a) } else { (a, b) };
    Verdict::Pair(Pair { a: a.id, b: b.id, score: (base + more).min(SCORE_MAX), why: why(names, &words) })
}

/// Tells whether two birthdays cannot be those of one person.
fn contradict(a: Option<PartialDate>, b: Option<PartialDate>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return false };
    let differ = |a: Option<u16>, b: Option<u16>| matches!((a, b), (Some(a), Some(b)) if a != b);
    differ(a.year, b.year)
        || differ(a.month.map(u16::from), b.month.map(u16::from))
        || differ(a.day.map(u16::from), b.day.map(u16::from))
}

fn why(names: Names, words: &[&str]) -> String {
    let listed = |words: &[&str]| match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    match names {
        Names::Same => format!("same {}", listed(&[&["name"], words].concat())),
        Names::Similar(how) => format!("same {}, and {how}", listed(words)),
        Names::Misspelt => format!("same {}, and a similar name", listed(words)),
        Names::Unnamed => format!("same {}, and one has no name", listed(words)),
        Names::Different => format!("same {} under different names", listed(words)),
    }
}

/// Most pairs that one search returns.
pub const PAIRS_MAX: usize = 2_000;
/// More contacts than this share a number, an address or a name for other reasons than being one: a switchboard, an
/// office block, the name of half a village. They are compared only where they share something else too.
const BLOCK_MAX: usize = 50;
/// A name that more contacts than this bear says nothing alone.
const NAMESAKES_MAX: usize = 6;
/// How sure a full name alone makes.
const NAME_ALONE_SCORE: u32 = 40;
/// Only a person knows for sure.
const SCORE_MAX: u32 = 99;
/// Names of mailboxes that many people read (RFC 2142 and custom).
const MAILBOXES: [&str; 24] = [
    "info",
    "office",
    "contact",
    "kontakt",
    "mail",
    "post",
    "hello",
    "hallo",
    "sales",
    "vertrieb",
    "support",
    "service",
    "help",
    "admin",
    "webmaster",
    "postmaster",
    "team",
    "family",
    "familie",
    "verwaltung",
    "secretary",
    "sekretariat",
    "noreply",
    "no-reply",
];
