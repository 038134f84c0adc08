//! Consent: what people said about what others send them, on which device, knowing what; judged without the product's word
//! (rule 4.1/8).
//!
//! Every policy, answer and undo is a deed. A device knows its own, and those of the own devices that it met. A deed
//! stands until another one about the same thing, made by somebody who knew it, takes its place. From that follows what a
//! device may take by itself, what it must show, and what it must ask.

use super::{PeopleFinding, Wrong, device::Device, oracle::wrong, world::World};
use kith_core::{
    book::SETTINGS,
    id::{PersonId, PropertyId},
    person,
    share::{self, Policy, Publication, Received, Shared},
};
use std::collections::{BTreeMap, BTreeSet};

/// What somebody said.
#[derive(Clone, Debug, PartialEq)]
enum What {
    /// What becomes of updates: of this person or of all, of the one field that cards have here or of all.
    Policy { of: Option<PersonId>, field: bool, word: Option<Policy> },
    /// A value of a property (`None`: gone) was accepted or refused.
    Answer { from: PersonId, property: PropertyId, value: Option<String>, yes: bool },
}

#[derive(Clone, Debug)]
struct Deed {
    person: PersonId,
    what: What,
    /// What the device knew that did it.
    seen: BTreeSet<usize>,
}

/// All that was ever said.
#[derive(Debug, Default)]
pub(super) struct Consent {
    deeds: Vec<Deed>,
}

impl Consent {
    /// What stands of those deeds about one thing that a device knows.
    fn standing(&self, device: &Device, about: impl Fn(&What) -> bool) -> Vec<&What> {
        let known: Vec<usize> = device.deeds.iter().copied().filter(|deed| about(&self.deeds[*deed].what)).collect();
        let replaced = |deed: &usize| known.iter().any(|later| self.deeds[*later].seen.contains(deed));
        known.iter().filter(|deed| !replaced(deed)).map(|deed| &self.deeds[*deed].what).collect()
    }

    /// What a device makes of a value of somebody's by itself.
    fn policy(&self, device: &Device, from: PersonId) -> Policy {
        for (of, field) in [(Some(from), true), (Some(from), false), (None, true), (None, false)] {
            let said = self.said(device, of, field);
            if let Some(word) = said {
                return word;
            }
        }
        Policy::Automatic
    }

    /// What is said at one level. Where own devices disagree, a person is asked.
    fn said(&self, device: &Device, of: Option<PersonId>, field: bool) -> Option<Policy> {
        let about = |what: &What| matches!(what, What::Policy { of: o, field: f, .. } if (*o, *f) == (of, field));
        let words: Vec<Option<Policy>> = self
            .standing(device, about)
            .into_iter()
            .filter_map(|what| if let What::Policy { word, .. } = what { Some(*word) } else { None })
            .collect();
        let first = words.first().copied().flatten();
        if words.iter().any(|word| *word != first) { Some(Policy::Ask) } else { first }
    }

    /// The answers about a property that stand, as far as a device knows: value, and yes or no.
    fn answers(&self, device: &Device, from: PersonId, of: PropertyId) -> Vec<(Option<String>, bool)> {
        let about = |what: &What| matches!(what, What::Answer { from: f, property: p, .. } if (*f, *p) == (from, of));
        let answers = self.standing(device, about).into_iter().filter_map(|what| match what {
            What::Answer { value, yes, .. } => Some((value.clone(), *yes)),
            What::Policy { .. } => None,
        });
        answers.collect()
    }

    /// Whether any own device ever said yes to a value, as far as this one knows.
    fn ever_yes(&self, device: &Device, from: PersonId, of: PropertyId, text: &str) -> bool {
        device.deeds.iter().any(|deed| {
            let what = &self.deeds[*deed].what;
            matches!(what, What::Answer { from: f, property: p, value: Some(v), yes: true }
                if (*f, *p) == (from, of) && v == text)
        })
    }

    fn knows_any_yes(&self, device: &Device, from: PersonId) -> bool {
        let yes = |what: &What| matches!(what, What::Answer { from: f, yes: true, .. } if *f == from);
        device.deeds.iter().any(|deed| yes(&self.deeds[*deed].what))
    }

    /// A device says something.
    fn say(&mut self, device: &mut Device, what: What) {
        let deed = Deed { person: device.person, what, seen: device.deeds.clone() };
        debug_assert_eq!(deed.person, device.person);
        device.deeds.insert(self.deeds.len());
        self.deeds.push(deed);
    }
}

impl World {
    /// Somebody says what becomes of updates.
    pub(super) fn set_policy(&mut self, at: usize) {
        let of = if self.dice.chance(50) { self.dice.pick(&self.persons).copied() } else { None };
        let field = self.dice.chance(30);
        let words = [None, Some(Policy::Automatic), Some(Policy::Ask), Some(Policy::Ask), Some(Policy::Refuse)];
        let word = self.dice.pick(&words).copied().flatten();
        let device = &mut self.devices[at];
        if device.removed || of == Some(device.person) || of.is_some_and(|of| device.link(of).is_none()) {
            return;
        }
        let entity = of.map_or(SETTINGS, person::id);
        device.write([share::set_policy(entity, if field { FIELD } else { "" }, word)]);
        self.consent.say(device, What::Policy { of, field, word });
        self.tally.count("policies");
    }

    /// A publication arrives, by whatever path: what a device may take by itself it takes, and nothing else.
    pub(super) fn take(&mut self, at: usize, from: PersonId, publication: &Publication) -> Result<(), PeopleFinding> {
        let device = &self.devices[at];
        let (link, settings) = (device.link_entity(from), device.entity(SETTINGS));
        let before = shown(device, from);
        let held = offer(device, from).map(|held| held.order);
        let edits = share::take_in(&link, &settings, publication, false);
        self.devices[at].write(edits);
        let known = self.devices[at].link(from).filter(|link| link.is_open());
        let device = &mut self.devices[at];
        let is_news = held.is_none_or(|held| held < publication.order);
        if let Some(link) = known.filter(|_| is_news) {
            let is_said = self.consent.said(device, Some(from), false).is_some();
            let stranger = !self.consent.knows_any_yes(device, from) && !is_said;
            let word = self.consent.policy(device, from);
            for (id, (old, new)) in compared(&before, publication) {
                let answers = self.consent.answers(device, from, id);
                let answered = answers.iter().any(|(value, _)| *value == new);
                if old == new || answered {
                    continue;
                }
                let yes = match word {
                    _ if stranger && link.accepted_theirs() && held.is_none() => Some(word != Policy::Refuse),
                    _ if stranger && !link.accepted_theirs() && !link.is_sure() => None,
                    Policy::Automatic => Some(true),
                    Policy::Refuse => Some(false),
                    Policy::Ask | Policy::Unmetered => None,
                };
                if let Some(yes) = yes {
                    self.tally.count(if yes { "values taken by policy" } else { "values refused by policy" });
                    self.consent.say(device, What::Answer { from, property: id, value: new, yes });
                } else {
                    self.tally.count("values asked about");
                }
            }
        }
        self.holds(at, from)?;
        self.consents(at, from)
    }

    /// Somebody answers some of what is asked.
    pub(super) fn answer(&mut self, at: usize) -> Result<(), PeopleFinding> {
        let asking = self.senders(at, |received| !received.questions().is_empty());
        let Some(from) = self.dice.pick(&asking).copied() else { return Ok(()) };
        let yes = self.dice.chance(60);
        let device = &self.devices[at];
        let (link, item) = (device.link_entity(from), share::card_item(from));
        let Some(received) = Received::of_item(&link, item).filter(|_| !device.removed) else { return Ok(()) };
        let questions = received.questions();
        let meant: BTreeSet<PropertyId> =
            questions.iter().filter(|_| self.dice.chance(70)).map(|question| question.id).collect();
        let edits = share::decide(&link, person::id(from), item, &meant, yes);
        let device = &mut self.devices[at];
        device.write(edits);
        for question in questions.iter().filter(|question| meant.contains(&question.id)) {
            self.tally.count(if question.is_torn { "torn answers settled" } else { "answers" });
            let value = text(question.new.as_ref());
            self.consent.say(device, What::Answer { from, property: question.id, value, yes });
        }
        self.consents(at, from)
    }

    /// Somebody takes back what was accepted of the newest card: those properties ask from then on.
    pub(super) fn take_back(&mut self, at: usize) -> Result<(), PeopleFinding> {
        let settling = self.senders(at, |received| !received.settled().is_empty());
        let Some(from) = self.dice.pick(&settling).copied() else { return Ok(()) };
        let device = &self.devices[at];
        let (link, item) = (device.link_entity(from), share::card_item(from));
        let Some(received) = Received::of_item(&link, item).filter(|_| !device.removed) else { return Ok(()) };
        let settled = received.settled();
        let ids: BTreeSet<PropertyId> = settled.iter().map(|settled| settled.change.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let edits = share::undo(&link, &device.entity(SETTINGS), person::id(from), item, &ids);
        let device = &mut self.devices[at];
        device.write(edits);
        let word = self.consent.policy(device, from);
        for settled in &settled {
            let (property, value) = (settled.change.id, text(settled.change.new.as_ref()));
            self.consent.say(device, What::Answer { from, property, value, yes: false });
        }
        if word != Policy::Refuse && self.consent.said(device, Some(from), true) != Some(Policy::Ask) {
            self.consent.say(device, What::Policy { of: Some(from), field: true, word: Some(Policy::Ask) });
        }
        self.tally.count("acceptances taken back");
        self.consents(at, from)
    }

    /// The persons of whom a device holds a card of this kind.
    fn senders(&self, at: usize, wanted: impl Fn(&Received) -> bool) -> Vec<PersonId> {
        let device = &self.devices[at];
        let held = |from: &PersonId| Received::of_item(&device.link_entity(*from), share::card_item(*from));
        self.persons.iter().copied().filter(|from| held(from).is_some_and(|received| wanted(&received))).collect()
    }

    /// Judges what a device shows of somebody, and what it asks.
    pub(super) fn consents(&self, at: usize, from: PersonId) -> Result<(), PeopleFinding> {
        let device = &self.devices[at];
        let Some(newest) = offer(device, from) else { return Ok(()) };
        let shown = shown(device, from);
        let received = Received::of_item(&device.link_entity(from), share::card_item(from));
        let asked: BTreeSet<PropertyId> =
            received.iter().flat_map(Received::questions).map(|question| question.id).collect();
        for (id, (old, new)) in compared(&shown, &newest) {
            let detail = || format!("{:?} shows {old:?} of {from:?}, who says {new:?}", device.id);
            if let Some(value) = &old
                && !self.consent.ever_yes(device, from, id, value)
            {
                return wrong(Wrong::Unasked, detail());
            }
            let answers = self.consent.answers(device, from, id);
            let about: Vec<bool> = answers.iter().filter(|(value, _)| *value == new).map(|(_, yes)| *yes).collect();
            let (yes, no) = (about.contains(&true), about.contains(&false));
            if yes && !no && old != new {
                return wrong(Wrong::AnswerLost, format!("{} and was told yes", detail()));
            }
            if no && old == new && new.is_some() {
                return wrong(Wrong::Unasked, format!("{} and was told no", detail()));
            }
            let open = old != new && !no || yes && no;
            if open && !asked.contains(&id) {
                return wrong(Wrong::AnswerLost, format!("{} and asks nobody", detail()));
            }
        }
        Ok(())
    }
}

/// The newest publication of a card that a device holds.
fn offer(device: &Device, from: PersonId) -> Option<Publication> {
    Received::of_item(&device.link_entity(from), share::card_item(from)).map(|received| received.newest)
}

/// What a device shows of somebody's card.
fn shown(device: &Device, from: PersonId) -> BTreeMap<PropertyId, String> {
    let received = Received::of_item(&device.link_entity(from), share::card_item(from));
    let all = received.into_iter().flat_map(|received| received.theirs());
    all.filter_map(|shared| Some((shared.id, text(Some(&shared))?))).collect()
}

/// By property: what is shown, and what a publication says.
fn compared(
    shown: &BTreeMap<PropertyId, String>,
    publication: &Publication,
) -> BTreeMap<PropertyId, (Option<String>, Option<String>)> {
    let said = publication.content.iter().flat_map(|content| &content.properties);
    let said: BTreeMap<PropertyId, Option<String>> = said.map(|shared| (shared.id, text(Some(shared)))).collect();
    let ids: BTreeSet<PropertyId> = shown.keys().chain(said.keys()).copied().collect();
    ids.into_iter().map(|id| (id, (shown.get(&id).cloned(), said.get(&id).cloned().flatten()))).collect()
}

fn text(shared: Option<&Shared>) -> Option<String> {
    shared?.property.as_ref().map(|property| property.as_str().to_owned())
}

/// The name of all properties here.
const FIELD: &str = "X-VALUE";
