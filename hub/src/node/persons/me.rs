//! My card: what stands in it, who may see what, from when something holds, and what it was before.

use super::{audience, placing};
use crate::{
    api::{
        Answer, Code, ContactsShow, Error, FormerValue, GroupKind, MeEdit, MeFrom, MeShow, MeVisible, MeWithdraw,
        MyCard, SharedField,
    },
    clock::{now_ms, parse_rfc3339, rfc3339},
    node::{
        card::{self, Mentioned},
        edits::Plan,
        groups, settings,
        work::{Outcome, Planned, Scene},
    },
    store::{self, Connection, Writing},
};
use kith_core::{
    book,
    entity::Entity,
    id::{EntityId, PropertyId},
    replica::{Draft, Edit, Rows},
    share::{self, Former, Visibility, When, Who},
    vcard::Property,
};
use std::collections::BTreeSet;

/// `me.show`.
pub(crate) fn show(request: &MeShow, scene: &Scene, rows: &Connection) -> Outcome<Answer> {
    let shown = ContactsShow { id: scene.me().to_string(), history: request.history };
    let card = match crate::node::contacts::show(&shown, scene, rows)? {
        Ok(Answer::ContactsShow(card)) => card,
        Ok(_) => return Ok(Err(Error::new(Code::Internal, "my card was not shown"))),
        Err(error) => return Ok(Err(error)),
    };
    let entity = store::entity(rows, scene.me())?.unwrap_or_default();
    Ok(Ok(Answer::MeShow(MyCard { card, ..said(&entity) })))
}

/// What is said about sharing, without the card.
fn said(entity: &Entity) -> MyCard {
    let mut shared = Vec::new();
    for id in properties(entity) {
        let field = share::whole(entity, id);
        let property = field.property.as_ref().or(field.former.first().map(|former| &former.property));
        let Some(property) = property else { continue };
        shared.push(SharedField {
            property_id: id.to_string(),
            name: property.name().into_owned(),
            visible: share::visibility_of(entity, id).iter().map(words).collect(),
            from: field.from_ms.map(rfc3339),
            former: field.former.iter().map(former).collect(),
        });
    }
    let standing = share::standing(entity);
    let standing = standing.first().map(audience::words);
    let when = when_word(share::when(entity));
    MyCard { shared, standing, when, ..MyCard::default() }
}

fn former(former: &Former) -> FormerValue {
    FormerValue { text: former.property.text(), value: former.property.line().value, until: rfc3339(former.until_ms) }
}

/// The properties of my layer, and those of which only former values are left.
fn properties(entity: &Entity) -> BTreeSet<PropertyId> {
    let mine = entity.registers().filter(|(_, register)| register.value().is_some());
    mine.filter_map(|(path, _)| path.as_mine()).chain(share::formerly(entity)).collect()
}

fn words(visibility: &Visibility) -> Vec<String> {
    match visibility {
        Visibility::Everyone => vec!["everyone".to_owned()],
        Visibility::Nobody => vec!["nobody".to_owned()],
        Visibility::Only(who) => who
            .iter()
            .map(|who| match who {
                Who::Group(id) => format!("group:{id}"),
                Who::Tag(id) => format!("tag:{id}"),
                Who::Contact(id) => format!("contact:{id}"),
            })
            .collect(),
    }
}

/// `me.edit`: what is replaced or removed is kept as former, so that old mail and call logs still match.
pub(crate) fn edit(request: &MeEdit, scene: &Scene, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let (me, now) = (scene.me(), now_ms());
    let settings = settings::of(rows)?;
    let entity = rows.entity(me)?.clone();
    let mut plan = Plan::new(me, Some(&entity)).with_layers(&entity, settings.region());
    let before = plan.name();
    let unset = request.unset.iter().map(|property| plan.unset(property)).collect::<Result<Vec<()>, _>>();
    let set = unset.and_then(|_| request.set.iter().map(|property| plan.set(property)).collect::<Result<Vec<()>, _>>());
    if let Err(error) = set.and_then(|_| plan.follow_name(&before)) {
        return Ok(Err(error));
    }
    let mut edits = plan.finish();
    edits.extend(formers(me, &entity, &edits, now));
    answered(edits, scene, rows, &entity, Answer::MeEdit, "edited my card")
}

/// Former values of what these edits replace: of what people are reached by, and where they live.
fn formers(me: EntityId, entity: &Entity, edits: &[Edit], now: i64) -> Vec<Edit> {
    let mut kept = Vec::new();
    for edit in edits {
        let Some(id) = edit.path.as_mine() else { continue };
        let old = entity.register(&edit.path).and_then(|register| Property::decode(register.value()?).ok());
        let new = edit.value.as_deref().and_then(|value| Property::decode(value).ok());
        let Some(old) = old.filter(|old| is_kept(&old.name())) else { continue };
        if new.is_none_or(|new| new.line().value != old.line().value) {
            kept.push(share::keep_former(me, id, &Former { property: old, until_ms: now }));
        }
    }
    kept
}

fn is_kept(name: &str) -> bool {
    matches!(name, "TEL" | "EMAIL" | "ADR" | "IMPP" | "URL")
}

/// `me.from`: until then the value before it holds.
pub(crate) fn from(request: &MeFrom, scene: &Scene, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let entity = rows.entity(scene.me())?.clone();
    let id = match property(&request.property_id, &entity) {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let date = match date_ms(&request.date) {
        Ok(date) => date,
        Err(error) => return Ok(Err(error)),
    };
    let mut edits = vec![share::set_from(scene.me(), id, date)];
    let before = share::whole(&entity, id).former.into_iter().max_by_key(|former| former.until_ms);
    if let (Some(until_ms), Some(before)) = (date, before) {
        edits.push(share::keep_former(scene.me(), id, &Former { until_ms, ..before }));
    }
    edits.push(book::set_state(scene.me(), book::ALIVE));
    answered(edits, scene, rows, &entity, Answer::MeFrom, "said from when something on my card holds")
}

/// `me.withdraw`.
pub(crate) fn withdraw(request: &MeWithdraw, scene: &Scene, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let entity = rows.entity(scene.me())?.clone();
    let id = match property(&request.property_id, &entity) {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let mut edits = share::withdraw(scene.me(), &entity, id);
    edits.push(book::set_state(scene.me(), book::ALIVE));
    answered(edits, scene, rows, &entity, Answer::MeWithdraw, "withdrew something from my card")
}

/// `me.visible`.
pub(crate) fn visible(request: &MeVisible, scene: &Scene, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let entity = rows.entity(scene.me())?.clone();
    let id = match property(&request.property_id, &entity) {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let visibility = match visibility(&request.who, rows.connection())? {
        Ok(visibility) => visibility,
        Err(error) => return Ok(Err(error)),
    };
    let edits =
        vec![share::set_visibility(scene.me(), id, Some(&visibility)), book::set_state(scene.me(), book::ALIVE)];
    answered(edits, scene, rows, &entity, Answer::MeVisible, "said who sees something on my card")
}

fn visibility(who: &[String], rows: &Connection) -> Outcome<Visibility> {
    match who {
        [one] if one == "everyone" => return Ok(Ok(Visibility::Everyone)),
        [one] if one == "nobody" => return Ok(Ok(Visibility::Nobody)),
        _ => {}
    }
    let mut only = BTreeSet::new();
    for text in who {
        let found = match text.split_once(':') {
            Some(("group", name)) => groups::find(GroupKind::Group, name, rows)?.map(|row| Who::Group(row.id)),
            Some(("tag", name)) => groups::find(GroupKind::Tag, name, rows)?.map(|row| Who::Tag(row.id)),
            Some(("contact", id)) => super::finding::contacts(&[id.to_owned()], rows)?.map(|ids| Who::Contact(ids[0])),
            _ => {
                let message = format!("{text}: say everyone, nobody, group:G, tag:T or contact:ID.");
                Err(Error::new(Code::BadRequest, message))
            }
        };
        match found {
            Ok(found) => drop(only.insert(found)),
            Err(error) => return Ok(Err(error)),
        }
    }
    if only.is_empty() {
        return Ok(Err(Error::new(Code::BadRequest, "Say who may see it: everyone, nobody, or whom.")));
    }
    Ok(Ok(Visibility::Only(only)))
}

/// The one property of mine whose id begins like this.
fn property(prefix: &str, entity: &Entity) -> Result<PropertyId, Error> {
    let prefix = prefix.trim().to_ascii_lowercase();
    let mut found =
        properties(entity).into_iter().filter(|id| !prefix.is_empty() && id.to_string().starts_with(&prefix));
    match (found.next(), found.next()) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => Err(Error::new(Code::Ambiguous, format!("Several properties begin with {prefix}."))),
        _ => Err(Error::new(Code::NotFound, format!("My card has no property {prefix}. `me show` lists them."))),
    }
}

/// A day here, or a time; nothing for nothing.
fn date_ms(text: &str) -> Result<Option<i64>, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let day = || {
        let date: jiff::civil::Date = text.parse().ok()?;
        let zoned = date.to_zoned(jiff::tz::TimeZone::system()).ok()?;
        Some(zoned.timestamp().as_millisecond())
    };
    let found = parse_rfc3339(text).or_else(day);
    found.map(Some).ok_or_else(|| Error::new(Code::BadRequest, format!("{text}: a date is given as 2026-12-01.")))
}

/// The words of a rule for when updates leave.
pub(super) fn when_word(when: When) -> String {
    match when {
        When::Now => "now".to_owned(),
        When::Changes(count) => format!("changes:{count}"),
        When::Minutes(count) => format!("minutes:{count}"),
    }
}

/// The answer is my card as it will be.
fn answered(
    edits: Vec<Edit>,
    scene: &Scene,
    rows: &mut Writing<'_>,
    before: &Entity,
    answer: impl FnOnce(MyCard) -> Answer,
    what: &str,
) -> Outcome<Planned> {
    let me = scene.me();
    let entity = placing::after(before, &edits, scene.device(), now_ms());
    let settings = settings::of(rows)?;
    let rows = rows.connection();
    let mentioned = Mentioned {
        groups: groups::all(GroupKind::Group, rows)?,
        tags: groups::all(GroupKind::Tag, rows)?,
        ..Mentioned::default()
    };
    let card = card::card(me, &entity, true, &scene.names, &mentioned, settings.region());
    let card = MyCard { card, ..said(&entity) };
    let drafts = if edits.is_empty() { Vec::new() } else { vec![Draft { edits, import: None }] };
    let planned = Planned::new(drafts, answer(card), what);
    Ok(Ok(planned))
}
