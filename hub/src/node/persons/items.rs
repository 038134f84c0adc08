//! Shared items other than my card: another card, a note, a picture.

use super::{finding::name_of_person, placing, sending};
use crate::{
    api::{Answer, Code, Error, Item, ItemId, Items, ItemsAdd, ItemsRemove, ItemsSet, ReceivedItem},
    node::{
        edits::Plan,
        work::{Outcome, Planned, Scene},
    },
    store::{self, Connection, StoreError, Writing},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use kith_core::{
    contact::display_name,
    entity::Entity,
    id::EntityId,
    identity::clean_name,
    limits::NAME_CHARS_MAX,
    person::Link,
    replica::{Edit, Rows},
    share::{self, ItemKind, Received, Sent},
    vcard::{self, Property, parts_to_value},
};
use rand_core::OsRng;
use sending::Sender;
use std::{collections::BTreeMap, path::Path};

/// My card, or the item whose id or name this is.
pub(super) fn find(wanted: Option<&str>, scene: &Scene, rows: &Connection) -> Outcome<EntityId> {
    let Some(wanted) = wanted.map(str::trim).filter(|wanted| !wanted.is_empty()) else { return Ok(Ok(scene.me())) };
    let lower = wanted.to_ascii_lowercase();
    let living = living(rows)?;
    let by_name: Vec<EntityId> = living.iter().filter(|(_, _, name)| name == wanted).map(|(id, ..)| *id).collect();
    let by_id = || living.iter().filter(|(id, ..)| id.to_string().starts_with(&lower)).map(|(id, ..)| *id).collect();
    let found: Vec<EntityId> = if by_name.is_empty() { by_id() } else { by_name };
    Ok(match found[..] {
        [id] => Ok(id),
        [] if scene.me().to_string().starts_with(&lower) => Ok(scene.me()),
        [] => Err(Error::new(Code::NotFound, format!("You share no item {wanted}. `items list` shows them."))),
        _ => Err(Error::new(Code::Ambiguous, format!("Several items fit {wanted}. Give more of the id."))),
    })
}

/// What an item is called; nothing for my card.
pub(super) fn name(item: EntityId, scene: &Scene, rows: &Connection) -> Result<String, StoreError> {
    if item == scene.me() {
        return Ok(String::new());
    }
    let entity = store::entity(rows, item)?.unwrap_or_default();
    Ok(share::item_of(&entity).map(|(_, name)| name).unwrap_or_default())
}

fn living(rows: &Connection) -> Result<Vec<(EntityId, ItemKind, String)>, StoreError> {
    let all = store::items(rows)?.into_iter();
    let living = all.filter_map(|(id, entity)| share::item_of(&entity).map(|(kind, name)| (id, kind, name)));
    Ok(living.filter(|(_, kind, _)| *kind != ItemKind::Contact).collect())
}

/// `items.list`.
pub(crate) fn list(rows: &Connection) -> Outcome<Answer> {
    let links = store::links(rows)?;
    let mut items = Vec::new();
    for (id, kind, name) in living(rows)? {
        let entity = store::entity(rows, id)?.unwrap_or_default();
        let sent = links.iter().filter_map(|(_, link)| Sent::of_item(link, id));
        items.push(Item {
            id: id.to_string(),
            name,
            kind: kind.word().to_owned(),
            version: sent.map(|sent| sent.newest.order.number).max().unwrap_or(0),
            text: text(&own(&entity)),
        });
    }
    let mut received = Vec::new();
    for (_, entity) in &links {
        let Some(link) = Link::of(entity).filter(|link| !link.blocked) else { continue };
        for (id, item) in Received::of(entity) {
            let theirs: Vec<Property> = item.theirs().into_iter().filter_map(|shared| shared.property).collect();
            let content = item.newest.content.as_ref().filter(|_| id != share::card_item(link.person));
            let Some(content) = content.filter(|_| !theirs.is_empty()) else { continue };
            received.push(ReceivedItem {
                id: id.to_string(),
                person_id: link.person.to_string(),
                person_name: name_of_person(&link, rows)?,
                name: content.name.clone(),
                kind: content.kind.word().to_owned(),
                version: item.newest.order.number,
                text: text(&theirs),
                picture: picture(&theirs),
            });
        }
    }
    Ok(Ok(Answer::ItemsList(Items { items, received })))
}

fn own(entity: &Entity) -> Vec<Property> {
    kith_core::card::statements(entity).into_iter().map(|said| said.property).collect()
}

/// In a line.
fn text(properties: &[Property]) -> String {
    let note = properties.iter().find(|property| property.name() == "NOTE").map(Property::text);
    let said = note.unwrap_or_else(|| display_name(properties));
    said.lines().next().unwrap_or_default().chars().take(TEXT_CHARS_MAX).collect()
}

fn picture(properties: &[Property]) -> Option<String> {
    let photo = properties.iter().find(|property| property.name() == "PHOTO")?.line().value;
    photo.starts_with("data:image/").then_some(photo)
}

/// A file as the properties of an item, and what that is.
pub(crate) struct ReadFile {
    kind: ItemKind,
    properties: Vec<Property>,
}

/// Reads a file: a vCard, a picture that is made small enough, or a text. `content` is it in base64, where only the window
/// knows it. Blocks.
pub(crate) fn read_file(path: &str, content: Option<&str>) -> Result<ReadFile, Error> {
    let too_large = || Error::new(Code::TooLarge, format!("{path}: an item is made of at most 20 MiB."));
    let bytes = match content {
        Some(content) if content.len() as u64 > FILE_BYTES_MAX * 4 / 3 + 4 => return Err(too_large()),
        Some(content) => BASE64_STANDARD
            .decode(content)
            .map_err(|_| Error::new(Code::BadRequest, format!("What {path} holds is not base64.")))?,
        None => {
            let unreadable = |error: std::io::Error| Error::new(Code::FileUnavailable, format!("{path}: {error}"));
            if std::fs::metadata(path).map_err(unreadable)?.len() > FILE_BYTES_MAX {
                return Err(too_large());
            }
            std::fs::read(path).map_err(unreadable)?
        }
    };
    let malformed = || Error::new(Code::MalformedFile, format!("{path} is no vCard, picture or text."));
    if let Some(format) = image_type(&bytes) {
        let value = format!("data:image/{format};base64,{}", BASE64_STANDARD.encode(&bytes));
        let property = Property::new(0, "PHOTO", &BTreeMap::new(), None, &value).map_err(|_| malformed())?;
        let property = if value.len() > PHOTO_BYTES_MAX {
            let wrong = |error| Error::new(Code::MalformedFile, format!("{path}: {error}."));
            crate::picture::reduce(&property).map_err(wrong)?
        } else {
            property
        };
        return Ok(ReadFile { kind: ItemKind::Picture, properties: vec![property] });
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| malformed())?;
    if Path::new(path).extension().is_some_and(|end| end.eq_ignore_ascii_case("vcf")) || text.starts_with("BEGIN:VCARD")
    {
        let parsed = vcard::parse(text);
        let [card] = &parsed.cards[..] else { return Err(malformed()) };
        return Ok(ReadFile { kind: ItemKind::Card, properties: card.properties.clone() });
    }
    if text.len() > NOTE_BYTES_MAX {
        return Err(Error::new(Code::TooLarge, format!("{path}: a note is at most 64 KiB long.")));
    }
    let value = parts_to_value("NOTE", &[vec![text.trim_end().to_owned()]]);
    let property = Property::new(0, "NOTE", &BTreeMap::new(), None, &value).map_err(|_| malformed())?;
    Ok(ReadFile { kind: ItemKind::Note, properties: vec![property] })
}

fn image_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("png"),
        [0xff, 0xd8, 0xff, ..] => Some("jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("webp"),
        _ => None,
    }
}

/// `items.add`.
pub(crate) fn add(request: &ItemsAdd, file: ReadFile, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let name = clean_name(&request.name, NAME_CHARS_MAX);
    if name.is_empty() {
        return Ok(Err(Error::new(Code::BadRequest, "An item needs a name.")));
    }
    if living(rows.connection())?.len() >= ITEMS_MAX {
        return Ok(Err(Error::new(Code::TooLarge, "You share as many items as can be shared. Remove one first.")));
    }
    let id = EntityId::random(&mut OsRng);
    let mut edits = share::set_item(id, file.kind, &name);
    edits.extend(content(id, None, &file));
    let answer = Answer::ItemsAdd(ItemId { id: id.to_string() });
    Ok(Ok(Planned::new(placing::drafts(edits), answer, "")))
}

/// `items.set`.
pub(crate) fn set(
    request: &ItemsSet,
    file: Option<ReadFile>,
    scene: &Scene,
    rows: &mut Writing<'_>,
) -> Outcome<Planned> {
    let id = match own_item(&request.id, scene, rows.connection())? {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let entity = rows.entity(id)?.clone();
    let (mut kind, mut name) = share::item_of(&entity).unwrap_or((ItemKind::Other, String::new()));
    if let Some(wanted) = &request.name {
        name = clean_name(wanted, NAME_CHARS_MAX);
    }
    if name.is_empty() {
        return Ok(Err(Error::new(Code::BadRequest, "An item needs a name.")));
    }
    let mut edits = Vec::new();
    if let Some(file) = file {
        kind = file.kind;
        edits.extend(content(id, Some(&entity), &file));
    }
    edits.extend(share::set_item(id, kind, &name));
    let answer = Answer::ItemsSet(ItemId { id: id.to_string() });
    Ok(Ok(Planned::new(placing::drafts(edits), answer, "")))
}

/// What a file says, in the registers of an item: a property that stays the same keeps its id.
fn content(id: EntityId, before: Option<&Entity>, file: &ReadFile) -> Vec<Edit> {
    let mut plan = Plan::new(id, before);
    let said: Vec<String> = file.properties.iter().map(|property| property.as_str().to_owned()).collect();
    let gone = before.map(kith_core::card::statements).unwrap_or_default();
    // A note has one text and a picture one photo: what is replaced goes.
    for old in gone.iter().filter(|old| !said.contains(&old.property.as_str().to_owned())) {
        let _unknown = plan.unset(&old.id.to_string());
    }
    let properties = file.properties.clone();
    plan.take_in(&vcard::ParsedCard { version: vcard::Version::V40, line: 1, properties, problems: Vec::new() });
    let mut edits = plan.finish();
    // An item has no `state`: it is no contact.
    edits.retain(|edit| edit.path != kith_core::path::Path::state());
    edits
}

/// `items.remove`.
pub(crate) fn remove(request: &ItemsRemove, scene: &Scene, sender: Sender, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let id = match own_item(&request.id, scene, rows.connection())? {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let mut edits = sending::withdraw_everywhere(rows, id, sender)?;
    edits.extend(share::remove_item(id, rows.entity(id)?));
    let answer = Answer::ItemsRemove(ItemId { id: id.to_string() });
    Ok(Ok(Planned::new(placing::drafts(edits), answer, "")))
}

fn own_item(wanted: &str, scene: &Scene, rows: &Connection) -> Outcome<EntityId> {
    Ok(match find(Some(wanted), scene, rows)? {
        Ok(id) if id == scene.me() => {
            Err(Error::new(Code::BadRequest, "That is my card. It is edited by `me set`, and cannot be removed."))
        }
        other => other,
    })
}

/// Longest text of an item in a list, in characters.
const TEXT_CHARS_MAX: usize = 120;
/// Largest file that an item is made of, in bytes: photos are made smaller.
const FILE_BYTES_MAX: u64 = 20 << 20;
/// A picture that is larger as text is made smaller, in bytes.
const PHOTO_BYTES_MAX: usize = 384 << 10;
/// Longest note, in bytes.
const NOTE_BYTES_MAX: usize = 64 << 10;
/// Most items that one person shares: links carry my card and what is given, too.
const ITEMS_MAX: usize = 64;
