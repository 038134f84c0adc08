//! Cutting an item to what one person may see, and what is kept of an item for that.

use super::{Content, Former, ItemKind, Shared, Visibility, content::FORMER_MAX, path, under};
use crate::{
    book::{PRESENT, read_text, text_value},
    card::{self, Region, is_companion},
    entity::Entity,
    id::{EntityId, PropertyId, derived},
    layer::Layer,
    msgpack,
    path::Path,
    replica::Edit,
    vcard::Property,
};
use serde_bytes::ByteBuf;
use std::collections::{BTreeMap, BTreeSet};

/// The person for whom an item is cut, as my book knows them.
#[derive(Clone, Copy, Debug)]
pub struct Viewer<'a> {
    /// Which contact they are.
    pub contact: Option<EntityId>,
    /// The groups that it is in.
    pub groups: &'a BTreeSet<EntityId>,
    /// The tags that it bears.
    pub tags: &'a BTreeSet<EntityId>,
}

/// Returns what a viewer may see of an item. My own layer alone is shared: what others said of me is theirs.
pub fn cut(item: &Entity, viewer: &Viewer<'_>) -> Content {
    let (kind, name) = item_of(item).unwrap_or((ItemKind::Card, String::new()));
    let mut properties: BTreeMap<PropertyId, Shared> = BTreeMap::new();
    for (path, register) in item.registers() {
        if let Some(id) = path.as_mine() {
            let property = register.value().and_then(|value| Property::decode(value).ok());
            shared(&mut properties, id).property = property;
        } else if let Some(&[id, _]) = under(path, "former").as_deref() {
            let former = register.value().and_then(read_former);
            shared(&mut properties, PropertyId(id)).former.extend(former);
        }
    }
    properties.retain(|id, shared| {
        let Some(name) = shared.property.as_ref().or(shared.former.first().map(|f| &f.property)).map(Property::name)
        else {
            return false;
        };
        // A note that was made to be shared is what it is for.
        let alone = kind != ItemKind::Card;
        let admitted = visibilities(item, *id, &name, alone).iter().all(|visibility| visibility.admits(viewer));
        (admitted || mutant!(VisibilityIgnored)) && !never_leaves(&name)
    });
    for shared in properties.values_mut() {
        shared.from_ms = item.register(&path("from", &[shared.id.0])).and_then(|r| msgpack::read(r.value()?).ok());
        shared.former.sort_by_key(|former| std::cmp::Reverse(former.until_ms));
        shared.former.truncate(FORMER_MAX);
    }
    leave_out_companions(&mut properties);
    Content { kind, name, may_pass_on: may_pass_on(item), properties: properties.into_values().collect() }
}

/// Returns what is given away of a contact of mine: its card without what came from its own layer, unless that person
/// allows passing on.
pub fn given(contact: &Entity, region: Region<'_>, may_pass_on: bool) -> Content {
    let fields = card::fields(contact, region).into_iter().filter(|field| !field.hidden);
    let mine = |layer: &Layer| may_pass_on || !matches!(layer, Layer::Theirs(_));
    let mut properties: BTreeMap<PropertyId, Shared> = BTreeMap::new();
    for field in fields {
        let name = field.property.name().into_owned();
        if field.layers.iter().any(mine) && !never_leaves(&name) && name != "NOTE" {
            shared(&mut properties, field.id).property = Some(field.property);
        }
    }
    leave_out_companions(&mut properties);
    let properties = properties.into_values().collect();
    Content { kind: ItemKind::Contact, name: String::new(), may_pass_on: false, properties }
}

/// One property as I know it: its value, from when it holds, and every value that it had, the newest first.
pub fn whole(item: &Entity, id: PropertyId) -> Shared {
    let property = item.register(&Path::mine(id)).and_then(|register| Property::decode(register.value()?).ok());
    let from_ms = item.register(&path("from", &[id.0])).and_then(|register| msgpack::read(register.value()?).ok());
    let all = item.registers().filter(|(path, _)| under(path, "former").is_some_and(|ids| ids.first() == Some(&id.0)));
    let mut former: Vec<Former> = all.filter_map(|(_, register)| register.value().and_then(read_former)).collect();
    former.sort_by_key(|former| std::cmp::Reverse(former.until_ms));
    Shared { id, property, from_ms, former }
}

/// The properties that have former values.
pub fn formerly(item: &Entity) -> BTreeSet<PropertyId> {
    let kept = item.registers().filter(|(_, register)| register.value().is_some());
    kept.filter_map(|(path, _)| under(path, "former")?.first().copied().map(PropertyId)).collect()
}

/// What an item is, and what it is called; a card without a name for my card.
pub fn item_of(item: &Entity) -> Option<(ItemKind, String)> {
    let kind = item.register(&path("item-kind", &[])).and_then(|register| msgpack::read(register.value()?).ok())?;
    let name = item.register(&path("item-name", &[])).and_then(|register| read_text(register.value()?));
    Some((kind, name.unwrap_or_default()))
}

/// Who may see a property: all of these must admit them. Own devices may have said different things at once.
pub fn visibility_of(item: &Entity, id: PropertyId) -> Vec<Visibility> {
    let name = item.register(&Path::mine(id)).and_then(|register| Property::decode(register.value()?).ok());
    let name = name.map(|property| property.name().into_owned()).unwrap_or_default();
    visibilities(item, id, &name, item_of(item).is_some())
}

fn visibilities(item: &Entity, id: PropertyId, name: &str, alone: bool) -> Vec<Visibility> {
    let unsaid = || if alone { Visibility::Everyone } else { Visibility::unsaid(name) };
    let Some(register) = item.register(&path("visible", &[id.0])) else { return vec![unsaid()] };
    let said = register.siblings().iter().map(|s| s.value.as_deref().map_or_else(unsaid, Visibility::decode));
    said.collect()
}

/// Says who may see a property; `None`: as if nobody had said.
pub fn set_visibility(item: EntityId, id: PropertyId, visibility: Option<&Visibility>) -> Edit {
    Edit { entity: item, path: path("visible", &[id.0]), value: visibility.map(Visibility::encode) }
}

/// Says from when a property holds, in milliseconds since 1970.
pub fn set_from(item: EntityId, id: PropertyId, from_ms: Option<i64>) -> Edit {
    Edit { entity: item, path: path("from", &[id.0]), value: from_ms.map(|from_ms| msgpack::write(&from_ms)) }
}

/// Keeps a value that a property had, so that old mail and call logs still match. It is shared with whoever may see
/// the property.
pub fn keep_former(item: EntityId, id: PropertyId, former: &Former) -> Edit {
    let bytes = ByteBuf::from(former.property.encode());
    let key = derived("kith 2026 former value", &[&bytes]);
    Edit { entity: item, path: path("former", &[id.0, key]), value: Some(msgpack::write(&(bytes, former.until_ms))) }
}

/// Takes a property back, with its former values: whoever has it is told that it is gone.
pub fn withdraw(item: EntityId, entity: &Entity, id: PropertyId) -> Vec<Edit> {
    let gone = |path: &Path| {
        path.as_mine() == Some(id)
            || ["former", "from"].iter().any(|word| under(path, word).is_some_and(|ids| ids.first() == Some(&id.0)))
    };
    let registers = entity.registers().filter(|(path, register)| gone(path) && register.value().is_some());
    registers.map(|(path, _)| Edit { entity: item, path: path.clone(), value: None }).collect()
}

/// Says whether those who get an item may give it on. Unless said, they may not.
pub fn set_may_pass_on(item: EntityId, on: bool) -> Edit {
    Edit { entity: item, path: path("pass-on", &[]), value: on.then(|| PRESENT.to_vec()) }
}

/// Own devices may have said different things at once: all of them must allow it.
fn may_pass_on(item: &Entity) -> bool {
    let said = item.register(&path("pass-on", &[]));
    said.is_some_and(|register| register.siblings().iter().all(|sibling| sibling.value.is_some()))
}

/// Makes an entity a shared item, or renames it. My card needs none of it.
pub fn set_item(item: EntityId, kind: ItemKind, name: &str) -> Vec<Edit> {
    vec![
        Edit { entity: item, path: path("item-kind", &[]), value: Some(msgpack::write(&kind)) },
        Edit { entity: item, path: path("item-name", &[]), value: Some(text_value(name)) },
    ]
}

/// Removes a shared item. What was published of it is withdrawn apart, by [`super::withdraw_publication`].
pub fn remove_item(item: EntityId, entity: &Entity) -> Vec<Edit> {
    let living = entity.registers().filter(|(_, register)| register.value().is_some());
    living.map(|(path, _)| Edit { entity: item, path: path.clone(), value: None }).collect()
}

/// Whether an entity is or was a shared item other than my card.
pub(crate) fn is_item(entity: &Entity) -> bool {
    entity.register(&path("item-kind", &[])).is_some()
}

fn shared(properties: &mut BTreeMap<PropertyId, Shared>, id: PropertyId) -> &mut Shared {
    properties.entry(id).or_insert_with(|| Shared { id, property: None, from_ms: None, former: Vec::new() })
}

fn read_former(value: &[u8]) -> Option<Former> {
    let (bytes, until_ms): (ByteBuf, i64) = msgpack::read(value).ok()?;
    Some(Former { property: Property::decode(&bytes).ok()?, until_ms })
}

/// Bookkeeping of one book, or what only I say of a contact.
fn never_leaves(name: &str) -> bool {
    matches!(name, "UID" | "REV" | "PRODID" | "CREATED" | "CATEGORIES" | "MEMBER" | "CLIENTPIDMAP" | "X-ABUID")
}

/// Leaves out labels of which nothing that they speak of may be seen.
fn leave_out_companions(properties: &mut BTreeMap<PropertyId, Shared>) {
    let group = |shared: &Shared| shared.property.as_ref().map(|p| p.parsed().group().to_ascii_lowercase());
    let companion = |shared: &Shared| shared.property.as_ref().is_some_and(|p| is_companion(&p.name()));
    let shown: BTreeSet<String> = properties.values().filter(|shared| !companion(shared)).filter_map(group).collect();
    properties.retain(|_, shared| !companion(shared) || group(shared).is_some_and(|group| shown.contains(&group)));
}
