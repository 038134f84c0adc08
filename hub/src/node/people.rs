//! The commands that look at contacts as people: favourites, households, relations, birthdays, mail addresses, and where
//! a contact says what was looked for.

use super::{
    contacts::{contact_or_me, same_state},
    settings,
    work::{Outcome, Planned, Scene, contact, contacts, counted},
};
use crate::{
    api::{
        Answer, Around, Birthday, Birthdays, Code, ContactsAround, ContactsBirthdays, ContactsFavourite, ContactsMails,
        ContactsMatches, Counted, Error, Housemate, Mail, Mails, Match, Matches, Piece, Relation,
    },
    clock::now_ms,
    store::{self, ListQuery, Reader, StoreError, Writing},
};
use jiff::civil::Date;
use kith_core::{
    book,
    card::{self, Field, Region},
    contact::{display_name, household::Home, is_organisation, labels, matching::Needles},
    id::EntityId,
    limits::CHANGE_WRITES_MAX,
    path::Path,
    replica::{Draft, Edit, Rows},
    vcard::{PartialDate, Property, uid},
};
use std::{collections::BTreeMap, ops::Range};

/// `contacts.favourite`.
pub(super) fn favourite(request: &ContactsFavourite, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let ids = match contacts(&request.ids, rows.connection())? {
        Ok(ids) => ids,
        Err(error) => return Ok(Err(error)),
    };
    let mut edits = Vec::new();
    for &id in &ids {
        let entity = rows.entity(id)?;
        if book::is_favourite(entity) != request.on {
            let value = request.on.then(|| book::PRESENT.to_vec());
            edits.extend([Edit { entity: id, path: Path::favourite(), value }, same_state(id, entity)]);
        }
    }
    // Two writes a contact, which must stay in one change.
    let drafts = edits.chunks(CHANGE_WRITES_MAX).map(|edits| Draft { edits: edits.to_vec(), import: None }).collect();
    let answer = Answer::ContactsFavourite(Counted { count: ids.len() as u32, held: None });
    let whose = if request.on { "made a favourite of" } else { "took the favourite's star from" };
    Ok(Ok(Planned::new(drafts, answer, format!("{whose} {}", counted(ids.len(), "contact")))))
}

/// A contact's card as it is looked at here.
struct Seen {
    id: EntityId,
    name: String,
    fields: Vec<Field>,
}

impl Seen {
    /// `None` if there is nothing to see of it.
    fn load(id: EntityId, rows: &Reader, region: Region<'_>) -> Result<Option<Self>, StoreError> {
        let Some(entity) = store::entity(rows, id)? else { return Ok(None) };
        let mut fields = card::fields(&entity, region);
        fields.retain(|field| !field.hidden);
        let mut seen = Self { id, name: String::new(), fields };
        seen.name = display_name(&seen.properties());
        Ok(Some(seen))
    }

    fn properties(&self) -> Vec<&Property> {
        self.fields.iter().map(|field| &field.property).collect()
    }

    /// The relations that the card names, with their labels.
    fn relations(&self) -> impl Iterator<Item = (&Field, String)> {
        let labels = labels(&self.properties());
        let is_relation = |field: &Field| RELATIONS.contains(&&*field.property.name());
        self.fields.iter().zip(labels).filter(move |(field, _)| is_relation(field))
    }
}

/// Somebody who shares a home.
pub(super) struct Mate {
    pub(super) id: EntityId,
    name: String,
    why: &'static str,
}

/// Who shares a home with a contact, by name.
pub(super) fn household(id: &str, scene: &Scene, rows: &Reader) -> Outcome<Vec<Mate>> {
    let id = match contact_or_me(id, scene, rows)? {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let settings = settings::read(rows)?;
    let entity = store::entity(rows, id)?.unwrap_or_default();
    let home = Home::of(&entity, settings.region());
    let mut mates: BTreeMap<EntityId, (String, &'static str)> = BTreeMap::new();
    for find in home.searches() {
        let query = ListQuery { find: find.to_owned(), limit: CANDIDATES_MAX, ..ListQuery::default() };
        for found in store::list(rows, &query)?.rows {
            if found.id == id || found.id == scene.me() || mates.contains_key(&found.id) {
                continue;
            }
            let other = store::entity(rows, found.id)?.unwrap_or_default();
            if let Some(why) = home.shared_with(&Home::of(&other, settings.region())) {
                mates.insert(found.id, (found.name, why));
            }
        }
    }
    let mut mates: Vec<Mate> = mates.into_iter().map(|(id, (name, why))| Mate { id, name, why }).collect();
    mates.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(Ok(mates))
}

/// `contacts.around`.
pub(super) fn around(request: &ContactsAround, scene: &Scene, rows: &Reader) -> Outcome<Answer> {
    let mates = match household(&request.id, scene, rows)? {
        Ok(mates) => mates,
        Err(error) => return Ok(Err(error)),
    };
    let household =
        mates.into_iter().map(|Mate { id, name, why }| Housemate { id: id.to_string(), name, why: why.to_owned() });
    let mut around = Around { household: household.collect(), ..Around::default() };
    let id = match contact_or_me(&request.id, scene, rows)? {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let settings = settings::read(rows)?;
    let region = settings.region();
    let Some(seen) = Seen::load(id, rows, region)? else { return Ok(Ok(Answer::ContactsAround(around))) };
    for (field, label) in seen.relations().take(RELATIONS_MAX) {
        if let Some((id, name)) = named(&field.property.text(), rows)?.filter(|(other, _)| *other != seen.id) {
            around.related.push(relation(id, name, field, label));
        }
    }
    let query = ListQuery { find: seen.name.clone(), limit: CANDIDATES_MAX, ..ListQuery::default() };
    let own_uid = uid(&seen.properties());
    for found in store::list(rows, &query)?.rows.into_iter().filter(|found| found.id != seen.id) {
        let Some(other) = Seen::load(found.id, rows, region)? else { continue };
        let names_me = |text: &str| text == seen.name || own_uid.is_some() && own_uid == uid_in(text);
        if let Some((field, label)) = other.relations().find(|(field, _)| names_me(&field.property.text())) {
            around.named_by.push(relation(other.id, other.name.clone(), field, label));
        }
    }
    Ok(Ok(Answer::ContactsAround(around)))
}

fn relation(id: EntityId, name: String, field: &Field, label: String) -> Relation {
    Relation { id: id.to_string(), name, property_id: field.id.to_string(), label }
}

/// The one contact that a relation means: by its UID, or by its name if only one bears it.
fn named(text: &str, rows: &Reader) -> Result<Option<(EntityId, String)>, StoreError> {
    if let Some(uid) = uid_in(text) {
        let Some(id) = store::contact_by_identity(rows, &uid)? else { return Ok(None) };
        return Ok(Seen::load(id, rows, None)?.map(|seen| (id, seen.name)));
    }
    let query = ListQuery { find: text.to_owned(), limit: CANDIDATES_MAX, ..ListQuery::default() };
    let mut bearers = store::list(rows, &query)?.rows.into_iter().filter(|found| found.name == text.trim());
    Ok(match (bearers.next(), bearers.next()) {
        (Some(only), None) => Some((only.id, only.name)),
        _ => None,
    })
}

/// The UID in a relation that is a URI (RFC 6350, 6.6.6).
fn uid_in(text: &str) -> Option<String> {
    let scheme = text.get(..URN.len()).filter(|scheme| scheme.eq_ignore_ascii_case(URN))?;
    Some(text[scheme.len()..].to_ascii_lowercase())
}

/// `contacts.matches`.
pub(super) fn matches(request: &ContactsMatches, rows: &Reader) -> Outcome<Answer> {
    let needles = Needles::of(&request.find);
    let mut matches = Vec::new();
    if needles.is_empty() {
        return Ok(Ok(Answer::ContactsMatches(Matches { matches })));
    }
    let settings = settings::read(rows)?;
    for wanted in request.ids.iter().take(MATCHES_MAX) {
        // One that went meanwhile says nothing.
        let Ok(id) = contact(wanted, rows)? else { continue };
        let Some(seen) = Seen::load(id, rows, settings.region())? else { continue };
        matches.push(match_of(&seen, &needles));
    }
    Ok(Ok(Answer::ContactsMatches(Matches { matches })))
}

fn match_of(seen: &Seen, needles: &Needles) -> Match {
    let (places, all) = needles.within(&seen.name);
    let name = if places.is_empty() { Vec::new() } else { pieces(&seen.name, &places) };
    let mut found = Match { id: seen.id.to_string(), name, ..Match::default() };
    if all {
        return found;
    }
    let rest = needles.missing_in(&seen.name);
    let mut best: Option<(&Field, String, Vec<Range<usize>>)> = None;
    for field in seen.fields.iter().filter(|field| !UNSHOWN.contains(&&*field.property.name())) {
        let text = field.property.text();
        let (places, all) = rest.within(&text);
        if !places.is_empty() && (best.is_none() || all) {
            best = Some((field, text, places));
        }
        if all {
            break;
        }
    }
    if let Some((field, text, places)) = best {
        let label = labels(&seen.properties());
        let at = seen.fields.iter().position(|other| other.id == field.id);
        found.field = field.property.name().into_owned();
        found.label = at.and_then(|at| label.get(at).cloned()).unwrap_or_default();
        found.text = around_place(&text, &places);
    }
    found
}

/// The text around the first place, short enough for a line of the list.
fn around_place(text: &str, places: &[Range<usize>]) -> Vec<Piece> {
    let first = places.first().map_or(0, |place| place.start);
    let start = if first > BEFORE_BYTES { text.ceil_char_boundary(first - BEFORE_BYTES) } else { 0 };
    let end = text.floor_char_boundary(first.saturating_add(AFTER_BYTES).min(text.len()));
    let inside = places.iter().filter(|place| place.start >= start && place.end <= end);
    let inside: Vec<Range<usize>> = inside.map(|place| place.start - start..place.end - start).collect();
    let mut pieces = pieces(&text[start..end], &inside);
    if let (true, Some(piece)) = (start > 0, pieces.first_mut()) {
        piece.text.insert(0, '…');
    }
    pieces
}

fn pieces(text: &str, places: &[Range<usize>]) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(2 * places.len() + 1);
    let mut push = |text: &str, hit| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), hit });
        }
    };
    let mut end = 0;
    for place in places {
        push(&text[end..place.start], false);
        push(&text[place.clone()], true);
        end = place.end;
    }
    push(&text[end..], false);
    pieces
}

/// `contacts.birthdays`.
pub(super) fn birthdays(request: &ContactsBirthdays, rows: &Reader) -> Outcome<Answer> {
    let today = match &request.from {
        Some(text) => match text.parse::<Date>() {
            Ok(date) => date,
            Err(_) => return Ok(Err(Error::new(Code::BadRequest, format!("{text} is no day, e.g. 2026-11-21.")))),
        },
        None => {
            jiff::Timestamp::from_millisecond(now_ms()).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC).date()
        }
    };
    let ahead = request.days.unwrap_or(BIRTHDAY_DAYS).min(YEAR_DAYS);
    let settings = settings::read(rows)?;
    let mut months: Vec<u8> = Vec::new();
    for day in (0..=ahead).step_by(MONTH_DAYS_MIN).chain([ahead]) {
        let month = today.saturating_add(jiff::Span::new().days(i64::from(day))).month().unsigned_abs();
        if !months.contains(&month) {
            months.push(month);
        }
    }
    let mut birthdays = Vec::new();
    for month in months {
        for id in store::dated_in(rows, month, DATED_MAX)? {
            let Some(seen) = Seen::load(id, rows, settings.region())? else { continue };
            let born = seen.fields.iter().find(|field| field.property.name() == "BDAY");
            let Some(born) = born.and_then(|field| field.property.date()) else { continue };
            if born.month != Some(month) {
                continue;
            }
            let Some((date, days)) = next(born, today).filter(|(_, days)| *days <= ahead) else { continue };
            let turns = born.year.and_then(|year| u32::try_from(i32::from(date.year()) - i32::from(year)).ok());
            let organisation = is_organisation(&seen.properties());
            birthdays.push(Birthday {
                id: id.to_string(),
                name: seen.name,
                organisation,
                date: date.to_string(),
                days,
                turns: turns.filter(|turns| *turns > 0),
            });
        }
    }
    birthdays.sort_by(|a, b| (a.days, &a.name, &a.id).cmp(&(b.days, &b.name, &b.id)));
    birthdays.truncate(BIRTHDAYS_MAX);
    Ok(Ok(Answer::ContactsBirthdays(Birthdays { birthdays })))
}

/// When a birthday is next, and in how many days. Who was born on 29 February has it on the 28th in other years.
fn next(born: PartialDate, today: Date) -> Option<(Date, u32)> {
    let (month, day) = (i8::try_from(born.month?).ok()?, i8::try_from(born.day?).ok()?);
    let in_year = |year: i16| Date::new(year, month, day).or_else(|_| Date::new(year, month, day.min(28))).ok();
    let this = in_year(today.year())?;
    let date = if this < today { in_year(today.year().checked_add(1)?)? } else { this };
    let days = today.until(date).ok()?.get_days();
    Some((date, u32::try_from(days).ok()?))
}

/// `contacts.mails`.
pub(super) fn mails(request: &ContactsMails, rows: &Reader) -> Outcome<Answer> {
    let ids = match contacts(&request.ids, rows)? {
        Ok(ids) => ids,
        Err(error) => return Ok(Err(error)),
    };
    let settings = settings::read(rows)?;
    let mut mails = Mails::default();
    for id in ids {
        let Some(seen) = Seen::load(id, rows, settings.region())? else { continue };
        let all = seen.fields.iter().map(|field| &field.property).filter(|property| property.name() == "EMAIL");
        let all: Vec<&Property> = all.collect();
        let best = all.iter().find(|property| is_preferred(property)).or(all.first());
        let mail = best.map(|property| property.text()).unwrap_or_default();
        let mail = mail.strip_prefix("mailto:").unwrap_or(&mail).trim();
        if mail.contains('@') {
            mails.mails.push(Mail { id: id.to_string(), name: seen.name, mail: mail.to_owned() });
        } else {
            mails.without += 1;
        }
    }
    Ok(Ok(Answer::ContactsMails(mails)))
}

/// Whether a property is the preferred of its name: `PREF=1` in 4.0, `TYPE=pref` in 3.0.
fn is_preferred(property: &Property) -> bool {
    let says = |name: &str, value: &str| match name {
        "PREF" => value == "1",
        "TYPE" => value.eq_ignore_ascii_case("pref"),
        _ => false,
    };
    property.line().params.iter().any(|(name, values)| values.iter().any(|value| says(name, value)))
}

/// Properties that name a relation; the second is Apple's.
const RELATIONS: [&str; 2] = ["RELATED", "X-ABRELATEDNAMES"];
/// Before a UID that is a URI.
const URN: &str = "urn:uuid:";
/// Fields that a list does not show.
const UNSHOWN: [&str; 9] = ["N", "FN", "PHOTO", "LOGO", "SOUND", "KEY", "UID", "REV", "X-ABLABEL"];
/// Contacts that are compared for one sign of a home, or one name.
const CANDIDATES_MAX: u32 = 50;
/// Relations of one card that are looked up.
const RELATIONS_MAX: usize = 50;
/// Contacts of one question whose text is looked through.
const MATCHES_MAX: usize = 200;
/// Bytes of a text that are shown before what was found, and from there on.
const BEFORE_BYTES: usize = 24;
const AFTER_BYTES: usize = 160;
/// Days ahead for which birthdays are told unless asked otherwise.
const BIRTHDAY_DAYS: u32 = 60;
const YEAR_DAYS: u32 = 366;
/// No month is shorter.
const MONTH_DAYS_MIN: usize = 28;
/// Contacts with a date in one month that are looked at.
const DATED_MAX: usize = 20_000;
/// Birthdays of one answer.
const BIRTHDAYS_MAX: usize = 500;
