//! Answers to updates: accept, refuse, later, undo. An answer may come twice, late, or after another device has answered:
//! it says what stands then, and what a person said yes to counts for whatever still says the same.

use super::{giving, inbox, placing, receiving};
use crate::{
    api::{Answer, Code, Decided, Error, InboxAccept, InboxLater, InboxRefuse, InboxUndo},
    clock::{now_ms, rfc3339},
    node::work::{Outcome, Planned},
    store::{self, Connection, StoreError, Writing},
};
use kith_core::{
    book::SETTINGS,
    entity::Entity,
    id::{DeviceId, EntityId, PersonId, PropertyId},
    person::{self, Link},
    replica::{Draft, Edit, Rows},
    share::{self, Content, ItemKind, Publication, Question, Received, Verdict},
};
use std::collections::BTreeSet;

/// An update that was found by the beginning of its name.
struct Found {
    person: PersonId,
    item: EntityId,
    received: Received,
    link: Entity,
    /// It is an older one, whose place a newer one has taken.
    older: Option<Publication>,
}

impl Found {
    /// Whether an answer to the update is one to this question: of an older update, if it said the same.
    fn is_about(&self, question: &Question) -> bool {
        let Some(older) = &self.older else { return true };
        older.content.as_ref().and_then(|content: &Content| content.property(question.id)) == question.new.as_ref()
    }

    fn id(&self) -> String {
        inbox::update_id(self.person, self.item, self.received.newest.order)
    }

    /// What stands, after these edits of the link.
    fn decided(&self, link: &Entity, asked_id: String, count: usize, contact_id: Option<String>) -> Decided {
        let now = Received::of_item(link, self.item);
        let verdict = now.as_ref().map_or(Verdict::Open, Received::verdict);
        let later = now.and_then(|received| received.later_ms).filter(|until| *until > now_ms());
        let is_open = verdict == Verdict::Open;
        let state = match verdict {
            _ if self.older.is_some() && count == 0 => "replaced",
            Verdict::Open if later.is_some() => "later",
            Verdict::Open => "waiting",
            Verdict::Accepted => "accepted",
            Verdict::Refused => "refused",
            Verdict::Mixed => "mixed",
        };
        Decided {
            id: asked_id,
            count: count as u32,
            contact_id,
            state: state.to_owned(),
            until: later.filter(|_| is_open).map(rfc3339),
            newer: self.older.is_some().then(|| self.id()).filter(|_| is_open),
        }
    }
}

fn find(wanted: &str, rows: &Connection) -> Outcome<Found> {
    let wanted = wanted.trim().to_ascii_lowercase();
    let mut found = newest(&wanted, rows)?;
    if found.is_empty() {
        found = older(&wanted, rows)?;
    }
    let several = found.len() > 1;
    Ok(match found.pop() {
        Some(found) if !several => Ok(found),
        Some(_) => Err(Error::new(Code::Ambiguous, format!("Several updates begin with {wanted}."))),
        None => Err(Error::new(Code::NotFound, format!("There is no update {wanted}. See `inbox list`."))),
    })
}

fn is_it(wanted: &str, person: PersonId, publication: &Publication) -> bool {
    !wanted.is_empty() && inbox::update_id(person, publication.item, publication.order).starts_with(wanted)
}

fn newest(wanted: &str, rows: &Connection) -> Result<Vec<Found>, StoreError> {
    let mut found = Vec::new();
    for (_, entity) in store::links(rows)? {
        let Some(link) = Link::of(&entity) else { continue };
        for (item, received) in Received::of(&entity) {
            if is_it(wanted, link.person, &received.newest) {
                found.push(Found { person: link.person, item, received, link: entity.clone(), older: None });
            }
        }
    }
    Ok(found)
}

/// Those in whose place others have come: for answers to what was shown a while ago.
fn older(wanted: &str, rows: &Connection) -> Result<Vec<Found>, StoreError> {
    let mut found = Vec::new();
    for (id, entity) in store::links(rows)? {
        let Some(link) = Link::of(&entity) else { continue };
        let past = store::past(rows, id)?;
        let mut former = past.iter().filter_map(|past| share::former_publication(&past.path, past.value.as_deref()?));
        let Some(older) = former.find(|former| is_it(wanted, link.person, former)) else { continue };
        let Some(received) = Received::of_item(&entity, older.item) else { continue };
        found.push(Found { person: link.person, item: older.item, received, link: entity, older: Some(older) });
    }
    Ok(found)
}

/// Who sent an update, if this is the name of one that waits or did.
pub(super) fn sender_of(wanted: &str, rows: &Connection) -> Result<Option<PersonId>, StoreError> {
    Ok(find(wanted, rows)?.ok().map(|found| found.person))
}

/// `inbox.accept`.
pub(crate) fn accept(request: &InboxAccept, device: DeviceId, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let found = match find(&request.id, rows.connection())? {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    let questions = found.received.questions();
    let named = questions.iter().any(|question| fits(question, &request.fields));
    if !questions.is_empty() && !named {
        let waiting: BTreeSet<String> = questions.iter().map(Question::name).collect();
        let waiting: Vec<String> = waiting.into_iter().collect();
        let message = format!("None of these fields waits for an answer; these do: {}.", waiting.join(", "));
        return Ok(Err(Error::new(Code::BadRequest, message)));
    }
    decide(found, &request.id, &request.fields, true, device, rows, Answer::InboxAccept)
}

/// `inbox.refuse`.
pub(crate) fn refuse(request: &InboxRefuse, device: DeviceId, rows: &mut Writing<'_>) -> Outcome<Planned> {
    match find(&request.id, rows.connection())? {
        Ok(found) => decide(found, &request.id, &[], false, device, rows, Answer::InboxRefuse),
        Err(error) => Ok(Err(error)),
    }
}

fn fits(question: &Question, fields: &[String]) -> bool {
    let (name, id) = (question.name(), question.id.to_string());
    let named = |field: &String| name.eq_ignore_ascii_case(field) || id.starts_with(&field.to_ascii_lowercase());
    fields.is_empty() || fields.iter().any(|field| !field.is_empty() && named(field))
}

fn decide(
    found: Found,
    asked_id: &str,
    fields: &[String],
    accept: bool,
    device: DeviceId,
    rows: &mut Writing<'_>,
    answer: impl FnOnce(Decided) -> Answer,
) -> Outcome<Planned> {
    let questions = found.received.questions();
    let meant = questions.iter().filter(|question| fits(question, fields) && found.is_about(question));
    let ids: BTreeSet<PropertyId> = meant.map(|question| question.id).collect();
    let edits = share::decide(&found.link, person::id(found.person), found.item, &ids, accept);
    finish(&found, asked_id, edits, ids.len(), device, rows, answer)
}

/// `inbox.later`: it waits on, and comes back by itself.
pub(crate) fn later(request: &InboxLater, device: DeviceId, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let found = match find(&request.id, rows.connection())? {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    let Some(wait_ms) = wait_ms(request.wait.as_deref().unwrap_or(A_DAY)) else {
        let message = "Say for how long as a number and s, m, h, d or w, such as 3h or 1d; at most 400 days.";
        return Ok(Err(Error::new(Code::BadRequest, message)));
    };
    let waits = found.older.is_none() && !found.received.questions().is_empty();
    let until = now_ms().saturating_add(wait_ms);
    let edit = share::put_off(&found.link, person::id(found.person), found.item, until).filter(|_| waits);
    let count = if waits { found.received.questions().len() } else { 0 };
    let edits: Vec<Edit> = edit.into_iter().collect();
    let link = placing::after(&found.link, &edits, device, now_ms());
    let contact_id = Link::of(&link).and_then(|link| link.contact).map(|contact| contact.to_string());
    let decided = found.decided(&link, request.id.clone(), count, contact_id);
    let drafts = if edits.is_empty() { Vec::new() } else { vec![Draft { edits, import: None }] };
    Ok(Ok(Planned::new(drafts, Answer::InboxLater(decided), "")))
}

/// Reads `3h` as milliseconds.
fn wait_ms(text: &str) -> Option<i64> {
    let text = text.trim();
    let unit = text.chars().last()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 24 * 3600,
        'w' => 7 * 24 * 3600,
        _ => return None,
    };
    let count: i64 = text[..text.len() - 1].parse().ok()?;
    count.checked_mul(seconds * 1000).filter(|ms| (1..=LATER_MS_MAX).contains(ms))
}

/// `inbox.undo`: what stood before is shown again, until they say something else.
pub(crate) fn undo(request: &InboxUndo, device: DeviceId, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let found = match find(&request.id, rows.connection())? {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    let settings = rows.entity(SETTINGS)?.clone();
    let settled = found.received.settled().into_iter().filter(|settled| found.is_about(&settled.change));
    let ids: BTreeSet<PropertyId> = settled.map(|settled| settled.change.id).collect();
    if ids.is_empty() && found.received.verdict() == Verdict::Open && found.older.is_none() {
        return Ok(Err(Error::new(Code::NothingToUndo, "Nothing of this update was accepted.")));
    }
    let edits = share::undo(&found.link, &settings, person::id(found.person), found.item, &ids);
    finish(&found, &request.id, edits, ids.len(), device, rows, Answer::InboxUndo)
}

/// What was decided shows: in the contact's layer, or, for a card of somebody else, as a contact of mine.
fn finish(
    found: &Found,
    asked_id: &str,
    mut edits: Vec<Edit>,
    count: usize,
    device: DeviceId,
    rows: &mut Writing<'_>,
    answer: impl FnOnce(Decided) -> Answer,
) -> Outcome<Planned> {
    let now = now_ms();
    let link = placing::after(&found.link, &edits, device, now);
    let mut contact_id = Link::of(&link).and_then(|link| link.contact).map(|contact| contact.to_string());
    if found.item == share::card_item(found.person) {
        edits.extend(receiving::show(rows, &link, device, now)?);
    } else if inbox::kind(&found.received) == ItemKind::Contact {
        let (contact, more) = giving::taken(rows, &link, found.person, found.item)?;
        contact_id = contact.map(|contact| contact.to_string());
        edits.extend(more);
    }
    let decided = found.decided(&link, asked_id.to_owned(), count, contact_id);
    // `inbox undo` takes it back.
    Ok(Ok(Planned::new(placing::drafts(edits), answer(decided), "")))
}

/// For how long an update is put off unless somebody says.
const A_DAY: &str = "1d";
/// Longest time for which one is, in milliseconds: 400 days.
const LATER_MS_MAX: i64 = 400 * 24 * 3600 * 1000;

#[cfg(test)]
mod tests {
    use super::wait_ms;

    #[test]
    fn how_long_an_update_waits_is_a_number_and_a_unit() {
        for (text, ms) in
            [("1d", 86_400_000), ("90m", 5_400_000), ("2s", 2000), (" 3h ", 10_800_000), ("1w", 604_800_000)]
        {
            assert_eq!(wait_ms(text), Some(ms), "{text}");
        }
        for text in ["", "d", "0d", "-1d", "1", "1y", "500d", "99999999999999999w", "1.5h", "1ä"] {
            assert_eq!(wait_ms(text), None, "{text}");
        }
    }
}
